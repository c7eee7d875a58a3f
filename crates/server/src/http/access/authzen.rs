//! The endpoints of the OpenID `AuthZEN` Authorization API 1.0.
//!
//! A denial is an answer (200), a request that cannot be understood is 400, also where its content
//! type is another. `X-Request-ID` comes back with every answer; the guard sees to that.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_protocol::authzen::{
    ActionSearch, Evaluation, Evaluations, Malformed, Metadata, PATH_EVALUATION, REQUEST_MAX,
    ResourceSearch, SubjectSearch,
};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::{answers, search};
use crate::http::ctx::{Answer, Ctx};
use crate::http::fault::Fault;
use crate::http::routes::beside;
use crate::http::site::Site;
use crate::http::upload;

type Handler = fn(&Ctx, &[u8]) -> Answer;

/// `POST /access/v1/evaluation`
pub(in crate::http) async fn evaluation(State(site): State<Site>, request: Request) -> Response {
    take(site, request, |ctx, body| {
        let evaluation = Evaluation::parse(body).map_err(malformed)?;
        Ok(answers::answer(ctx, &evaluation).response())
    })
    .await
}

/// `POST /access/v1/evaluations`
pub(in crate::http) async fn evaluations(State(site): State<Site>, request: Request) -> Response {
    take(site, request, |ctx, body| {
        let (semantic, list) = match Evaluations::parse(body).map_err(malformed)? {
            Evaluations::One(one) => return Ok(answers::answer(ctx, &one).response()),
            Evaluations::Many(semantic, list) => (semantic, list),
        };
        let mut evaluations = Vec::with_capacity(list.len());
        for one in list {
            let answer = match one {
                Ok(one) => answers::answer(ctx, &one),
                Err(why) => answers::of_malformed(&why),
            };
            let ends = semantic.ends_with(answer.allowed);
            evaluations.push(answer);
            if ends {
                break;
            }
        }
        Ok(answers::response(&evaluations))
    })
    .await
}

/// `POST /access/v1/search/subject`
pub(in crate::http) async fn search_subject(
    State(site): State<Site>,
    request: Request,
) -> Response {
    take(site, request, |ctx, body| {
        let sought = SubjectSearch::parse(body).map_err(malformed)?;
        written(&search::subjects(&ctx.site, &sought))
    })
    .await
}

/// `POST /access/v1/search/resource`
pub(in crate::http) async fn search_resource(
    State(site): State<Site>,
    request: Request,
) -> Response {
    take(site, request, |ctx, body| {
        let sought = ResourceSearch::parse(body).map_err(malformed)?;
        written(&search::resources(&ctx.site, &sought))
    })
    .await
}

/// `POST /access/v1/search/action`
pub(in crate::http) async fn search_action(State(site): State<Site>, request: Request) -> Response {
    take(site, request, |ctx, body| {
        let sought = ActionSearch::parse(body).map_err(malformed)?;
        written(&search::actions(&ctx.site, &sought))
    })
    .await
}

/// `GET /.well-known/authzen-configuration`
pub(in crate::http) fn metadata(ctx: &Ctx) -> Answer {
    written(&Metadata::of(&ctx.site.options.url()))
}

async fn take(site: Site, request: Request, handler: Handler) -> Response {
    let (parts, body) = request.into_parts();
    let ctx = match asker(&site, Ctx::of(site.clone(), parts)).await {
        Ok(ctx) => ctx,
        Err(refused) => {
            upload::throw_away(body).await;
            return *refused;
        }
    };
    match to_bytes(body, REQUEST_MAX).await {
        // One question waits for no file, and is answered sooner than it would be handed over.
        Ok(body) if is_short(&ctx.path) => {
            handled(&ctx, handler, &body).unwrap_or_else(|fault| fault.answer(&ctx))
        }
        Ok(body) => beside(&site, ctx, move |ctx| handled(ctx, handler, &body)).await,
        Err(_) => Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "http.too-large").answer(&ctx),
    }
}

/// Who asks, before anything of what he sends is kept. A token that is not at hand is looked for in the
/// accounts, beside the thread that reads; the answer comes back where there is none that may ask.
async fn asker(site: &Site, mut ctx: Ctx) -> Result<Ctx, Box<Response>> {
    if ctx.resume_at_hand() {
        return Ok(ctx);
    }
    let permit = site.handlers.clone().acquire_owned().await;
    let work = spawn_blocking(move || {
        let _permit = permit;
        match ctx.resume().and_then(|()| caller(&ctx)) {
            Ok(()) => Ok(ctx),
            Err(fault) => Err(Box::new(ctx.finish(fault.answer(&ctx)))),
        }
    });
    work.await.unwrap_or_else(|error| {
        tracing::error!(code = "http.internal", %error, "a handler ended abnormally");
        let mut response = Response::default();
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        Err(Box::new(response))
    })
}

fn handled(ctx: &Ctx, handler: Handler, body: &[u8]) -> Answer {
    caller(ctx)?;
    is_json(ctx)?;
    handler(ctx, body)
}

/// Whether what is asked for takes some millionths of a second only.
fn is_short(path: &str) -> bool {
    path == PATH_EVALUATION
}

/// A program with a token whose scope and post allow it to ask. A browser's session does not: another
/// site could have sent the request.
fn caller(ctx: &Ctx) -> Result<(), Fault> {
    if ctx.token.is_none() {
        return Err(Fault::new(StatusCode::UNAUTHORIZED, "api.token-needed"));
    }
    ctx.gate(Action::AskAccess, Subject::Body)
}

/// The certification scenario asks for 400 here, where HTTP knows 415.
fn is_json(ctx: &Ctx) -> Result<(), Fault> {
    let kind = ctx.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Fault::bad("api.content-type"))
    }
}

fn malformed(malformed: Malformed) -> Fault {
    let code = malformed.code();
    Fault::bad(code).at(malformed.at, malformed.flaw.to_string())
}

fn written<T: Serialize>(value: &T) -> Answer {
    let body = serde_json::to_vec(value).map_err(Fault::internal)?;
    Ok(answers::json(body))
}
