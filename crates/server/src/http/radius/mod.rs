//! What a RADIUS server asks and tells (`rlm_rest` of FreeRADIUS): whether a device may join, and that a
//! connection began or ended.
//!
//! It shows an API token with the scope `network`. Nobody is identified by a name that the device chose:
//! only what FreeRADIUS verified of the certificate is read.

mod attributes;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::time::{Span, Timestamp};
use serde_json::json;

use super::agent::with_body;
use super::ctx::{Answer, Ctx};
use super::fault::Fault;
use super::site::Site;
use crate::access::inside::{Answered, Gone};
use attributes::Attributes;

/// Most bytes of a request: a few kilobytes of attributes.
const REQUEST_MAX: usize = 64 * 1024;
/// A switch is told of no end that is further away: not every one counts so far.
const END_MAX: Span = Span::days(400);

/// `POST /radius/v1/authorize`
pub(super) async fn authorize(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, REQUEST_MAX, join).await
}

/// `POST /radius/v1/accounting`
pub(super) async fn accounting(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, REQUEST_MAX, tell).await
}

fn caller(ctx: &Ctx) -> Result<(), Fault> {
    if ctx.token.is_none() {
        return Err(Fault::new(StatusCode::UNAUTHORIZED, "api.token-needed"));
    }
    ctx.gate(Action::AskAdmission, Subject::Body)
}

fn read(body: &Bytes) -> Result<Attributes, Fault> {
    Attributes::read(body).map_err(|at| Fault::bad("radius.form").at(at.to_owned(), at.to_owned()))
}

fn join(ctx: &Ctx, body: &Bytes) -> Answer {
    caller(ctx)?;
    let attributes = read(body)?;
    let presented = attributes
        .presented()
        .map_err(|at| Fault::bad("radius.form").at(at.to_owned(), at.to_owned()))?;
    let app = &ctx.site.app;
    let answered = app.ask_to_join(&presented)?;
    // The switch counts from when it is told, and not from when it asked.
    Ok(written(&answered, app.now()))
}

/// How long a connection may last, in whole seconds (RFC 2865, section 5.27); none where nothing that it was let on by
/// ends by itself.
fn session_timeout(ends_at: Option<Timestamp>, now: Timestamp) -> Option<u32> {
    let left = ends_at?.since(now);
    if left > END_MAX {
        return None;
    }
    // Nought is no limit to some switches. What is left of the last second is seen to by the sweep.
    u32::try_from((left.as_millis() / 1_000).max(1)).ok()
}

/// `rlm_rest` takes 401 for a reject, and the reply's attributes from whatever comes with 200.
fn written(answered: &Answered, now: Timestamp) -> Response {
    let status = match answered.outcome {
        AdmissionOutcome::Admitted | AdmissionOutcome::Quarantined => StatusCode::OK,
        _ => StatusCode::UNAUTHORIZED,
    };
    let set = |value: &str| json!({ "op": ":=", "value": [value] });
    let mut reply = serde_json::Map::new();
    if status == StatusCode::OK
        && let Some(vlan) = answered.vlan
    {
        reply.insert("reply:Tunnel-Type".to_owned(), set("VLAN"));
        reply.insert("reply:Tunnel-Medium-Type".to_owned(), set("IEEE-802"));
        reply.insert(
            "reply:Tunnel-Private-Group-Id".to_owned(),
            set(&vlan.to_string()),
        );
    }
    if status == StatusCode::OK
        && let Some(seconds) = session_timeout(answered.ends_at, now)
    {
        // The switch ends it then by itself (RFC 3580, section 3.17), also while nobody here could ask it to.
        reply.insert(
            "reply:Session-Timeout".to_owned(),
            set(&seconds.to_string()),
        );
        reply.insert("reply:Termination-Action".to_owned(), set("Default"));
    }
    if !answered.missing.is_empty() {
        reply.insert(
            "reply:Reply-Message".to_owned(),
            set(&answered.missing.join(" ")),
        );
    }
    let body = serde_json::Value::Object(reply).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn tell(ctx: &Ctx, body: &Bytes) -> Answer {
    caller(ctx)?;
    let attributes = read(body)?;
    let place = attributes
        .place()
        .map_err(|at| Fault::bad("radius.form").at(at.to_owned(), at.to_owned()))?;
    match attributes.text("Acct-Status-Type") {
        Some("Stop" | "2") => ctx.site.app.note_gone(&Gone {
            place,
            lasted: attributes.lasted(),
        }),
        Some("Start" | "1" | "Interim-Update" | "Alive" | "3") => {
            ctx.site.app.note_session(&place)?;
        }
        // Of switches as a whole: that names no connection.
        _ => {}
    }
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_told_whole_seconds_and_neither_nought_nor_what_is_too_far_away() {
        let now = Timestamp::from_millis(1_000_000_000);
        let told = |left: Span| session_timeout(Some(now.after(left)), now);
        assert_eq!(told(Span::millis(90_999)), Some(90));
        assert_eq!(told(Span::millis(999)), Some(1));
        assert_eq!(told(END_MAX), Some(400 * 86_400));
        assert_eq!(told(Span::days(401)), None);
        assert_eq!(session_timeout(None, now), None);
        // What is over already is so by a moment.
        let over = now.before(Span::millis(1));
        assert_eq!(session_timeout(Some(over), now), Some(1));
    }
}
