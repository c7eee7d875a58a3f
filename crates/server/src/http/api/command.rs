//! Carrying out a command that came over the API: once, however often it is asked for.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_ledger::digest::Digest;
use sekisho_store::accounts::{Begun, KeptAnswer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::operation::{Act, Done, Operation, Outcome};
use crate::http::ctx::{Answer, Ctx};
use crate::http::fault::Fault;

/// Most bytes of a body.
pub(super) const BODY_MAX: usize = 256 * 1024;
/// Longest name of a request, in bytes.
const NAME_MAX: usize = 200;

/// An answer in the form in which it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    body: String,
}

/// Carries a command out, or gives the answer that was given before.
pub(in crate::http) fn carry_out(ctx: &Ctx, operation: &Operation, body: &[u8]) -> Answer {
    // A browser's session carries no command here: another site could have sent it.
    if ctx.token.is_none() {
        return Err(Fault::new(StatusCode::UNAUTHORIZED, "api.token-needed"));
    }
    let mut call = Call::new(ctx);
    let (run, name) = match &operation.act {
        Act::Read(_) | Act::Download(_) => {
            return Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, "http.method"));
        }
        Act::Command {
            run,
            versioned,
            body: form,
            ..
        } => {
            call.form = Some(*form);
            is_of(ctx, &["application/json"], "api.content-type")?;
            let name = request_name(ctx)?;
            if *versioned {
                call.expected = if_match(ctx)?;
            }
            call.body = read_json(body)?;
            (run, name)
        }
        Act::Upload { run, media, .. } => {
            is_of(ctx, media, "api.table-type")?;
            call.bytes = body;
            if !operation.is_keyed() {
                let outcome = run(&call)?;
                return response(outcome.status, of_outcome(outcome), false);
            }
            (run, request_name(ctx)?)
        }
    };
    once(&call, *run, &name, digest(ctx, operation, body))
}

/// Carries out what nobody has asked for under this name.
fn once(call: &Call<'_>, run: fn(&Call<'_>) -> Done, name: &str, digest: [u8; 32]) -> Answer {
    let ctx = call.ctx;
    let needed = || Fault::new(StatusCode::UNAUTHORIZED, "api.token-needed");
    let token = ctx.token.as_ref().ok_or_else(needed)?.id.to_string();
    let accounts = ctx.site.app.accounts();
    match accounts.begin_request(&token, name, digest, ctx.now.as_millis())? {
        Begun::Fresh => {}
        Begun::Kept(kept) => return again(&kept),
        Begun::Differs => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(Fault::new(status, "api.key-reused"));
        }
        Begun::Unfinished => return Err(Fault::new(StatusCode::CONFLICT, "api.unfinished")),
        Begun::Full => return Err(Fault::too_many("api.too-many-keys", 3_600_000)),
    }
    let (status, kept) = match run(call) {
        Ok(outcome) => (outcome.status, of_outcome(outcome)),
        // Nothing of it happened, and later it may: the name is free again.
        Err(fault) if is_passing(&fault) => {
            accounts.drop_request(&token, name)?;
            return Err(fault);
        }
        // Whether it happened is not known. The name stays taken, so that it happens once at most.
        Err(fault) if fault.status.is_server_error() => return Err(fault),
        Err(fault) => (fault.status, of_fault(&fault, ctx)),
    };
    let answer = serde_json::to_string(&kept).map_err(Fault::internal)?;
    let kept_answer = KeptAnswer {
        status: status.as_u16(),
        answer,
    };
    accounts.answer_request(&token, name, &kept_answer)?;
    response(status, kept, false)
}

/// The body is of one of these content types.
fn is_of(ctx: &Ctx, media: &[&str], code: &'static str) -> Result<(), Fault> {
    let kind = ctx.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if media.iter().any(|one| kind.eq_ignore_ascii_case(one)) {
        Ok(())
    } else {
        Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code))
    }
}

fn read_json(body: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice::<Value>(body).map_err(|error| {
        let place = format!("{}:{}", error.line(), error.column());
        Fault::bad("api.json").with("detail", &place)
    })
}

/// What stays wrong however often it is tried is kept; what passes is not.
fn is_passing(fault: &Fault) -> bool {
    matches!(
        fault.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) || fault.nothing_happened
}

fn request_name(ctx: &Ctx) -> Result<String, Fault> {
    let mut values = ctx.headers.get_all("idempotency-key").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Fault::bad("api.key-missing"));
    };
    let text = value.to_str().unwrap_or_default();
    let sound = (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    sound
        .then(|| text.to_owned())
        .ok_or_else(|| Fault::bad("api.key-form"))
}

/// The version named by `If-Match`; none where any will do.
fn if_match(ctx: &Ctx) -> Result<Option<u64>, Fault> {
    let missing = || Fault::new(StatusCode::PRECONDITION_REQUIRED, "api.if-match-missing");
    let value = ctx.headers.get(header::IF_MATCH).ok_or_else(missing)?;
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix("\"v").and_then(|it| it.strip_suffix('"'));
    let version = version.and_then(|version| version.parse().ok());
    version
        .map(Some)
        .ok_or_else(|| Fault::bad("api.if-match-form"))
}

fn digest(ctx: &Ctx, operation: &Operation, body: &[u8]) -> [u8; 32] {
    let matched = ctx.headers.get(header::IF_MATCH);
    let matched = matched.map(HeaderValue::as_bytes).unwrap_or_default();
    let (method, asked) = (operation.method(), ctx.path_and_query());
    let head = format!("{method} {asked}\n{}\n", matched.len());
    let all = [head.as_bytes(), matched, body].concat();
    Digest::of(&all).0
}

fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

fn of_outcome(outcome: Outcome) -> Kept {
    Kept {
        kind: "application/json".to_owned(),
        etag: outcome.version.map(etag),
        location: outcome.location,
        body: outcome.body.to_string(),
    }
}

fn of_fault(fault: &Fault, ctx: &Ctx) -> Kept {
    Kept {
        kind: "application/problem+json".to_owned(),
        etag: None,
        location: None,
        body: fault.problem_body(ctx).to_string(),
    }
}

fn again(kept: &KeptAnswer) -> Answer {
    let status = StatusCode::from_u16(kept.status).map_err(Fault::internal)?;
    let kept = serde_json::from_str(&kept.answer).map_err(Fault::internal)?;
    response(status, kept, true)
}

fn response(status: StatusCode, kept: Kept, replayed: bool) -> Answer {
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&kept.kind).map_err(Fault::internal)?;
    headers.insert(header::CONTENT_TYPE, kind);
    for (name, value) in [(header::ETAG, kept.etag), (header::LOCATION, kept.location)] {
        if let Some(value) = value {
            headers.insert(
                name,
                HeaderValue::from_str(&value).map_err(Fault::internal)?,
            );
        }
    }
    if replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The answer to a reading.
pub(in crate::http) fn read(ctx: &Ctx, run: fn(&Call<'_>) -> Done) -> Answer {
    let outcome = run(&Call::new(ctx))?;
    let tag = outcome.version.map(etag);
    let asked = ctx.headers.get(header::IF_NONE_MATCH);
    let asked = asked.and_then(|asked| asked.to_str().ok());
    if tag.is_some() && asked == tag.as_deref() {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    response(outcome.status, of_outcome(outcome), false)
}

/// The answer to a reading that is a file.
pub(in crate::http) fn download(ctx: &Ctx, run: fn(&Call<'_>) -> Answer) -> Answer {
    run(&Call::new(ctx))
}
