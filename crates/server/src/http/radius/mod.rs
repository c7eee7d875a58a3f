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
use serde_json::json;

use super::agent::with_body;
use super::ctx::{Answer, Ctx};
use super::fault::Fault;
use super::site::Site;
use crate::access::inside::{Answered, Gone};
use attributes::Attributes;

/// Most bytes of a request: a few kilobytes of attributes.
const REQUEST_MAX: usize = 64 * 1024;

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
    let answered = ctx.site.app.ask_to_join(&presented)?;
    Ok(written(&answered))
}

/// `rlm_rest` takes 401 for a reject, and the reply's attributes from whatever comes with 200.
fn written(answered: &Answered) -> Response {
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
