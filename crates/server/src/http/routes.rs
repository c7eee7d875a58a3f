//! Every way in, who may take it, and the way from a request to its handler.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};

use super::ctx::{Answer, Ctx};
use super::fault::Fault;
use super::form::{FORM_MAX, Form, LONG_FORM_MAX};
use super::multipart::Multipart;
use super::site::Site;
use super::{
    access, agent, api, assets, events, gateway, guard, health, language, ledger_files, metrics,
    pages, radius, upload,
};

/// Who may take a way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone who is signed in.
    SignedIn,
    /// Whoever the gate lets through for what the request is about.
    Gate,
    /// The holder of a one-time link or secret.
    Link,
    /// A device, by its signature.
    Device,
    /// A program, by a token that lets it ask the decision point.
    Token,
    /// A proxy, by its address.
    Proxy,
}

/// One way in.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET`, `POST` or `ANY`.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may take it.
    pub access: Access,
}

type Submit = fn(&Ctx, &Form) -> Answer;

/// How a form with a file is handled: whether its sender may send it at all, asked before a byte of the
/// file is taken, and what is done with it.
#[derive(Clone, Copy)]
struct Take {
    may: fn(&Ctx) -> Result<(), Fault>,
    take: fn(&Ctx, &Multipart<'_>) -> Answer,
}

const TAKE_TABLE: Take = Take {
    may: pages::register::import::gated,
    take: pages::register::import::take,
};

/// The decision table of a plan, brought into its draft.
const TAKE_PLAN: Take = Take {
    may: pages::plan::table::may_bring,
    take: pages::plan::table::bring,
};

/// The clauses of a rule, brought into its draft.
const TAKE_RULE: Take = Take {
    may: pages::rules::file::may_bring,
    take: pages::rules::file::bring,
};

macro_rules! routes {
    ($($method:ident $path:literal $access:ident $handler:expr;)*) => {
        /// Every way in, as printed in the documentation and tried by the tests.
        pub const ROUTES: &[Route] = &[$( Route {
            method: routes!(# $method),
            path: $path,
            access: Access::$access,
        } ),*];

        fn table() -> Router<Site> {
            Router::new()$( .route($path, routes!(@ $method $handler)) )*
        }
    };
    (# GET) => { "GET" };
    (# POST) => { "POST" };
    (# STREAM) => { "GET" };
    (# BODY) => { "POST" };
    (# LONG) => { "POST" };
    (# UPLOAD) => { "POST" };
    (# TELL) => { "POST" };
    (# ANY) => { "ANY" };
    (@ GET $handler:expr) => { show($handler) };
    (@ POST $handler:expr) => { submit($handler) };
    (@ STREAM $handler:expr) => { get($handler) };
    (@ BODY $handler:expr) => { post($handler) };
    (@ LONG $handler:expr) => { submit_long($handler) };
    (@ UPLOAD $handler:expr) => { take($handler) };
    (@ TELL $handler:expr) => { tell($handler) };
    (@ ANY $handler:expr) => { any($handler) };
}

routes! {
    GET "/" Gate pages::overview::show;
    GET "/requirements" Gate pages::requirements::show;
    GET "/requirements/{id}" Gate pages::requirement::show;
    POST "/requirements/{id}/attestations" Gate pages::attestation::attest;
    GET "/devices" Gate pages::devices::show;
    GET "/devices/{id}" Gate pages::device::show;
    POST "/devices/{id}/personal" Gate pages::personal::read;
    POST "/devices/{id}/suspend" Gate pages::device_life::suspend;
    POST "/devices/{id}/resume" Gate pages::device_life::resume;
    POST "/devices/{id}/retire" Gate pages::device_life::retire;
    POST "/break-glass/close" Gate pages::break_glass::close;
    GET "/ledger" Gate pages::ledger::show;
    POST "/ledger/verify" Gate pages::ledger::verify;
    GET "/registers" SignedIn pages::register::index::show;
    GET "/registers/{register}" Gate pages::register::list::show;
    POST "/registers/{register}" Gate pages::register::change::create;
    GET "/registers/{register}/new" Gate pages::register::change::new;
    GET "/registers/{register}/export" Gate pages::register::export::show;
    GET "/registers/{register}/import" Gate pages::register::import::ask;
    UPLOAD "/registers/{register}/import" Gate TAKE_TABLE;
    POST "/registers/{register}/import/profiles/remove" Gate pages::register::import::profiles::remove;
    GET "/registers/{register}/import/{upload}" Gate pages::register::import::status;
    GET "/registers/{register}/import/{upload}/result" Gate pages::register::import::result::show;
    POST "/registers/{register}/import/{upload}/mapping" Gate pages::register::import::look_again;
    POST "/registers/{register}/import/{upload}/confirm" Gate pages::register::import::confirm;
    POST "/registers/{register}/import/{upload}/discard" Gate pages::register::import::discard;
    GET "/registers/{register}/import/{upload}/faults" Gate pages::register::import::lists::faults;
    GET "/registers/{register}/import/{upload}/rows" Gate pages::register::import::lists::rows;
    GET "/registers/{register}/empty" Gate pages::register::state::ask_empty;
    POST "/registers/{register}/empty" Gate pages::register::state::declare_empty;
    GET "/registers/{register}/{id}" Gate pages::register::entry::show;
    GET "/registers/service/{id}/terms" Gate pages::services::terms::ask;
    POST "/registers/service/{id}/terms" Gate pages::services::terms::judge;
    GET "/service-catalogue" Gate pages::services::catalogue::show;
    POST "/service-catalogue" Gate pages::services::catalogue::save;
    POST "/service-catalogue/remove" Gate pages::services::catalogue::remove;
    GET "/services" Gate pages::services::list::show;
    POST "/services/sources/retire" Gate pages::services::list::retire;
    GET "/services/table" Gate pages::listed::services;
    GET "/services/{id}" Gate pages::services::show::show;
    POST "/services/{id}/not-ours" Gate pages::services::show::disown;
    POST "/services/{id}/people" Gate pages::services::people::read;
    GET "/conferences" Gate pages::services::matrix::show;
    GET "/conferences/table" Gate pages::listed::matrix;
    GET "/registers/{register}/{id}/change" Gate pages::register::change::edit;
    POST "/registers/{register}/{id}/change" Gate pages::register::change::change;
    GET "/registers/{register}/{id}/retire" Gate pages::register::state::ask_retire;
    POST "/registers/{register}/{id}/retire" Gate pages::register::state::retire;
    GET "/registers/{register}/{id}/restore" Gate pages::register::state::ask_restore;
    POST "/registers/{register}/{id}/restore" Gate pages::register::state::restore;
    GET "/permits" SignedIn pages::permits::mine::show;
    GET "/permits/new" SignedIn pages::permits::kinds::show;
    GET "/permits/new/{kind}" Gate pages::permits::apply::new;
    POST "/permits/new/{kind}" Gate pages::permits::apply::create;
    GET "/permits/waiting" SignedIn pages::permits::waiting::show;
    POST "/permits/waiting" Gate pages::permits::waiting::approve;
    GET "/permits/all" Gate pages::permits::all::show;
    GET "/permits/owed" Gate pages::permits::owed::show;
    GET "/permits/deputies" Gate pages::permits::deputies::show;
    POST "/permits/stand-ins" Gate pages::permits::deputies::name_stand_in;
    POST "/permits/stand-ins/{id}/end" Gate pages::permits::deputies::end_stand_in;
    GET "/permits/delegations/new" Gate pages::permits::deputies::new_delegation;
    POST "/permits/delegations" Gate pages::permits::deputies::delegate;
    POST "/permits/delegations/{id}/end" Gate pages::permits::deputies::end_delegation;
    GET "/permits/rules" Gate pages::permits::rules::show;
    POST "/permits/rules" Gate pages::permits::rules::set;
    GET "/plan" Gate pages::plan::show;
    POST "/plan/evaluate" Gate pages::plan::evaluate;
    GET "/plan/table" Gate pages::plan::table::of_plan;
    GET "/plan/versions/{version}" Gate pages::plan::version;
    GET "/plan/draft" Gate pages::plan::draft::show;
    GET "/plan/draft/head" Gate pages::plan::form::head;
    POST "/plan/draft/head" Gate pages::plan::form::set_head;
    GET "/plan/draft/lines/{task}" Gate pages::plan::form::line;
    POST "/plan/draft/lines/{task}" Gate pages::plan::form::set_line;
    POST "/plan/draft/lines/{task}/remove" Gate pages::plan::form::remove_line;
    GET "/plan/draft/table" Gate pages::plan::table::of_draft;
    UPLOAD "/plan/draft/table" Gate TAKE_PLAN;
    POST "/plan/draft/{act}" Gate pages::plan::draft::act;
    GET "/rules" Gate pages::rules::list;
    GET "/rules/new" Gate pages::rules::form::new;
    POST "/rules/new" Gate pages::rules::form::begin;
    GET "/rules/conflicts" Gate pages::rules::conflicts;
    GET "/rules/conflicts/file" Gate pages::rules::export_conflicts;
    GET "/rules/{id}" Gate pages::rules::show;
    POST "/rules/{id}/acknowledge" Gate pages::rules::acknowledge;
    GET "/rules/{id}/versions/{version}" Gate pages::rules::version;
    GET "/rules/{id}/changes" Gate pages::rules::changes;
    GET "/rules/{id}/file" Gate pages::rules::file::save;
    GET "/rules/{id}/effect" Gate pages::rules::effect::show;
    POST "/rules/{id}/effect" Gate pages::rules::effect::conclude;
    GET "/rules/{id}/effect/file" Gate pages::rules::effect::export;
    GET "/rules/{id}/draft" Gate pages::rules::draft::show;
    GET "/rules/{id}/draft/head" Gate pages::rules::form::head;
    POST "/rules/{id}/draft/head" Gate pages::rules::form::set_head;
    GET "/rules/{id}/draft/clauses/{clause}" Gate pages::rules::form::clause;
    POST "/rules/{id}/draft/clauses/{clause}" Gate pages::rules::form::set_clause;
    POST "/rules/{id}/draft/clauses/{clause}/remove" Gate pages::rules::form::remove_clause;
    UPLOAD "/rules/{id}/draft/file" Gate TAKE_RULE;
    POST "/rules/{id}/draft/{act}" Gate pages::rules::draft::act;
    GET "/opinions" Gate pages::opinions::list;
    POST "/opinions/gate" Gate pages::opinions::gate;
    GET "/opinions/table" Gate pages::listed::opinions;
    GET "/opinions/{subject}" Gate pages::opinions::show;
    POST "/opinions/{subject}" Gate pages::opinions::give;
    GET "/exceptions" Gate pages::exceptions::list;
    GET "/exceptions/table" Gate pages::exceptions::table;
    GET "/exceptions/{id}" Gate pages::exceptions::show::show;
    GET "/exceptions/{id}/{act}" Gate pages::exceptions::act::ask;
    POST "/exceptions/{id}/{act}" Gate pages::exceptions::act::act;
    GET "/cases" Gate pages::plan::cases::list;
    GET "/cases/table" Gate pages::listed::cases;
    GET "/cases/{id}" Gate pages::plan::cases::show;
    POST "/cases/{id}" Gate pages::plan::cases::reassess;
    GET "/risks" Gate pages::risk::list;
    GET "/risks/table" Gate pages::risk::of_list;
    GET "/risks/annex" Gate pages::risk::annex::show;
    GET "/risks/new" Gate pages::risk::form::new;
    POST "/risks/new" Gate pages::risk::form::begin;
    GET "/risks/{id}" Gate pages::risk::show::show;
    GET "/risks/{id}/edit" Gate pages::risk::form::edit;
    POST "/risks/{id}/write" Gate pages::risk::form::change;
    POST "/risks/{id}/treatments" Gate pages::risk::treat::treat;
    POST "/risks/{id}/{act}" Gate pages::risk::show::act;
    GET "/unease" Public pages::unease::nameless::ask;
    TELL "/unease" Public pages::unease::nameless::tell;
    GET "/unease/answer" Public pages::unease::nameless::ask_answer;
    TELL "/unease/answer" Public pages::unease::nameless::answer;
    GET "/concerns" SignedIn pages::unease::list::show;
    POST "/concerns" Gate pages::unease::tell::tell;
    GET "/concerns/new" SignedIn pages::unease::tell::ask;
    POST "/concerns/rules" Gate pages::unease::list::set_rules;
    GET "/concerns/{id}" Gate pages::unease::show::show;
    POST "/concerns/{id}/{act}" Gate pages::unease::act::act;
    GET "/incidents" SignedIn pages::unease::incidents::list;
    GET "/incidents/new" SignedIn pages::unease::incidents::ask;
    POST "/incidents" Gate pages::unease::incidents::report;
    GET "/incidents/{id}" Gate pages::unease::incidents::show;
    POST "/incidents/{id}" Gate pages::unease::incidents::step;
    GET "/checklists" Gate pages::checklist::show;
    GET "/checklists/answers" Gate pages::checklist::export;
    GET "/checklists/{id}" Gate pages::checklist::item;
    POST "/checklists/{id}" Gate pages::checklist::answer;
    GET "/access/rules" Gate pages::access_rules::show;
    LONG "/access/rules" Gate pages::access_rules::enter;
    GET "/access/rules/versions/{version}" Gate pages::access_rules::version;
    GET "/access/rules/trials/{trial}" Gate pages::access_rules::trial::show;
    POST "/access/rules/trials/{trial}" Gate pages::access_rules::trial::set;
    POST "/access/rules/trials/{trial}/people" Gate pages::access_rules::trial::people;
    GET "/permits/{id}" Gate pages::permits::show::show;
    POST "/permits/{id}/decide" Gate pages::permits::decide::decide;
    GET "/permits/{id}/form" Gate pages::permits::paper::show;
    GET "/permits/{id}/change" Gate pages::permits::apply::edit;
    POST "/permits/{id}/change" Gate pages::permits::apply::change;
    GET "/permits/{id}/{act}" Gate pages::permits::act::ask;
    POST "/permits/{id}/{act}" Gate pages::permits::act::act;
    GET "/organisation" Gate pages::organisation::show;
    POST "/organisation/units" Gate pages::organisation::found_unit;
    POST "/organisation/posts" Gate pages::organisation::create_post;
    POST "/organisation/people" Gate pages::organisation::register_person;
    GET "/organisation/people" Gate pages::people::show;
    GET "/organisation/people/{id}" Gate pages::person::show;
    GET "/organisation/units" Gate pages::structure::units::show;
    GET "/organisation/units/{id}" Gate pages::structure::unit::show;
    GET "/organisation/units/{id}/{act}" Gate pages::structure::unit::ask;
    POST "/organisation/units/{id}/{act}" Gate pages::structure::unit::carry_out;
    GET "/organisation/posts/{id}" Gate pages::structure::post::show;
    GET "/organisation/posts/{id}/{act}" Gate pages::structure::post::ask;
    POST "/organisation/posts/{id}/{act}" Gate pages::structure::post::carry_out;
    GET "/organisation/people/{id}/details/{act}" Gate pages::structure::person::ask;
    POST "/organisation/people/{id}/details/{act}" Gate pages::structure::person::carry_out;
    POST "/organisation/people/{id}/account" Gate pages::person::issue;
    POST "/organisation/people/{id}/close" Gate pages::person::close;
    GET "/organisation/people/{id}/forget" Gate pages::forget::show;
    POST "/organisation/people/{id}/forget" Gate pages::forget::forget;
    GET "/organisation/appointments/{id}" Gate pages::appointment::show;
    POST "/organisation/appointments/{id}" Gate pages::appointment::end;
    POST "/organisation/appointments" Gate pages::organisation::appoint;
    GET "/organisation/moves" Gate pages::structure::moves::show;
    POST "/organisation/moves/{id}/withdraw" Gate pages::structure::moves::withdraw;
    GET "/organisation/accounts" Gate pages::issue_list::show;
    POST "/organisation/accounts" Gate pages::issue_list::issue;
    POST "/organisation/enrolments" Gate pages::organisation::hand_out_enrolment;
    GET "/account" SignedIn pages::account::show;
    POST "/account/password" SignedIn pages::account::change_password;
    POST "/account/passkeys" SignedIn pages::passkeys::add;
    POST "/account/passkeys/challenge" SignedIn pages::passkeys::challenge;
    POST "/account/passkeys/remove" SignedIn pages::passkeys::remove;
    POST "/account/language" SignedIn language::choose_own;
    POST "/account/second-factor/remove" SignedIn pages::account::remove_second_factor;
    GET "/set-up/second-factor" SignedIn pages::second_factor::show;
    POST "/set-up/second-factor" SignedIn pages::second_factor::confirm;
    POST "/set-up/second-factor/skip" SignedIn pages::second_factor::skip;
    GET "/link/{token}" Link pages::link::show;
    POST "/link/{token}" Link pages::link::take;
    POST "/link/{token}/challenge" Link pages::link::challenge;
    POST "/set-up" Link pages::set_up::found;
    GET "/set-up" Public pages::set_up::waiting;
    GET "/sign-in" Public pages::sign_in::show;
    POST "/sign-in" Public pages::sign_in::sign_in;
    POST "/sign-in/{way}/challenge" Public pages::sign_in::challenge;
    POST "/sign-out" Public pages::sign_in::sign_out;
    GET "/language/{tag}" Public language::choose;
    GET "/telephone" Public pages::telephone::show;
    GET "/assets/{name}" Public assets::show;
    STREAM "/events" SignedIn events::follow;
    GET "/mail" Gate pages::mail::show;
    POST "/mail/{id}/again" Gate pages::mail::again;
    GET "/tokens" Gate pages::tokens::show;
    POST "/tokens" Gate pages::tokens::issue;
    POST "/tokens/{id}/revoke" Gate pages::tokens::revoke;
    GET "/api/v1/openapi.json" Public api::openapi;
    GET "/ledger/checkpoint" Public ledger_files::checkpoint;
    GET "/ledger/tile/{*path}" Public ledger_files::tile;
    GET "/ledger/records/{name}" Gate ledger_files::record;
    BODY "/agent/v1/enrol" Link agent::enrol;
    BODY "/agent/v1/report" Device agent::report;
    BODY "/access/v1/evaluation" Token access::evaluation;
    BODY "/access/v1/evaluations" Token access::evaluations;
    BODY "/access/v1/search/subject" Token access::search_subject;
    BODY "/access/v1/search/resource" Token access::search_resource;
    BODY "/access/v1/search/action" Token access::search_action;
    GET "/.well-known/authzen-configuration" Public access::metadata;
    BODY "/radius/v1/authorize" Token radius::authorize;
    BODY "/radius/v1/accounting" Token radius::accounting;
    STREAM "/authz/forward" Proxy access::forward;
    STREAM "/authz/forward/{system}" Proxy access::forward;
    ANY "/authz/envoy/{system}" Proxy access::envoy;
    ANY "/authz/envoy/{system}/{*path}" Proxy access::envoy;
    BODY "/gateway/v1/enrol" Link gateway::enrol;
    STREAM "/gateway/v1/table" Device gateway::table;
    BODY "/gateway/v1/report" Device gateway::report;
    BODY "/agent/v1/certificate" Device agent::certify;
    BODY "/agent/v1/tunnel" Device agent::tunnel;
    BODY "/agent/v1/tunnel/{id}" Device agent::tunnel_state;
    BODY "/agent/v1/tunnel/{id}/end" Device agent::tunnel_end;
    GET "/access/connect" SignedIn pages::connect::show;
    POST "/access/connect" SignedIn pages::connect::answer;
    GET "/access" Gate pages::access::overview::show;
    GET "/access/people" Gate pages::access::people::list;
    GET "/access/people/{id}" Gate pages::access::people::show;
    GET "/access/systems" Gate pages::access::systems::list;
    GET "/access/systems/{id}" Gate pages::access::systems::show;
    POST "/access/refused" Gate pages::access::refused::read;
    GET "/access/cut/{scope}/{id}" Gate pages::access::cut::ask;
    POST "/access/cut/{scope}/{id}" Gate pages::access::cut::carry_out;
    GET "/access/mine" SignedIn pages::access::mine::show;
    POST "/access/mine/end" SignedIn pages::access::mine::end;
    GET "/certificate-authority.pem" Public agent::authority;
    GET "/healthz" Public health::alive;
    GET "/readyz" Public health::ready;
    GET "/metrics" Public metrics::show;
}

/// The router of a site, with everything that stands around it.
pub fn router(site: Site) -> Router {
    let mut table = table();
    for operation in api::OPERATIONS {
        table = table.route(operation.path(), asked(operation));
    }
    table
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(site.clone(), guard::around))
        .with_state(site)
}

fn show(page: impl Fn(&Ctx) -> Answer + Clone + Send + Sync + 'static) -> MethodRouter<Site> {
    get(
        move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
            let (parts, _) = request.into_parts();
            let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
            beside(&site, ctx, page).await
        },
    )
}

fn submit(handler: Submit) -> MethodRouter<Site> {
    post(
        move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
            let (parts, body) = request.into_parts();
            let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
            submitted(&site, ctx, (body, FORM_MAX), handler).await
        },
    )
}

/// A form with a text that may be long: only who is signed in sends so much.
fn submit_long(handler: Submit) -> MethodRouter<Site> {
    post(
        move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
            let (parts, body) = request.into_parts();
            let ctx = || Ctx::new(site.clone(), &parts, owned(&parameters));
            let asked = beside(&site, ctx(), |ctx| ctx.live().map(|_| Response::default()));
            let asked = asked.await;
            if asked.status() != StatusCode::OK {
                upload::throw_away(body).await;
                return asked;
            }
            submitted(&site, ctx(), (body, LONG_FORM_MAX), handler).await
        },
    )
}

/// Reads a form of so many bytes at most, and has it handled where it comes from a page of the session's.
async fn submitted(
    site: &Site,
    ctx: Ctx,
    (body, most): (Body, usize),
    handler: Submit,
) -> Response {
    let Ok(body) = to_bytes(body, most).await else {
        let fault = Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "http.too-large");
        return fault.answer(&ctx);
    };
    beside(site, ctx, move |ctx| {
        let form = Form::parse(&body);
        if !ctx.csrf_is(form.get("csrf"))? {
            return Err(Fault::new(StatusCode::FORBIDDEN, "http.csrf"));
        }
        handler(ctx, &form)
    })
    .await
}

/// A form of nobody. There is no session whose power a forged request could use, and so no token: that it
/// comes from a page of this server is seen by its origin.
fn tell(handler: Submit) -> MethodRouter<Site> {
    post(
        move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
            let (parts, body) = request.into_parts();
            let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
            let Ok(body) = to_bytes(body, FORM_MAX).await else {
                let fault = Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "http.too-large");
                return fault.answer(&ctx);
            };
            beside(&site, ctx, move |ctx| handler(ctx, &Form::parse(&body))).await
        },
    )
}

fn take(handler: Take) -> MethodRouter<Site> {
    post(
        move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
            let (parts, body) = request.into_parts();
            let ctx = || Ctx::new(site.clone(), &parts, owned(&parameters));
            let may = handler.may;
            let asked = beside(&site, ctx(), move |ctx| {
                may(ctx).map(|()| Response::default())
            });
            let asked = asked.await;
            if asked.status() != StatusCode::OK {
                upload::throw_away(body).await;
                return asked;
            }
            let Ok(_place) = site.uploads.clone().try_acquire_owned() else {
                upload::throw_away(body).await;
                return Fault::too_many("http.busy", 30_000).answer(&ctx());
            };
            let body = match upload::read(body, upload::UPLOAD_MAX).await {
                Ok(body) => body,
                Err(why) => return Fault::from(why).answer(&ctx()),
            };
            beside(&site, ctx(), move |ctx| {
                let kind = ctx.headers.get(header::CONTENT_TYPE);
                let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
                let form = upload::form(kind, &body)?;
                if !ctx.csrf_is(form.get("csrf"))? {
                    return Err(Fault::new(StatusCode::FORBIDDEN, "http.csrf"));
                }
                (handler.take)(ctx, &form)
            })
            .await
        },
    )
}

/// Whether a file is brought in by this way, which may take longer.
pub(super) fn takes_files(method: &Method, pattern: &str) -> bool {
    method == Method::POST && pattern == "/registers/{register}/import"
}

/// An operation of the API. What it may do its handler asks the gate.
fn asked(operation: &'static api::Operation) -> MethodRouter<Site> {
    match operation.act() {
        api::Act::Read(run) => {
            let run = *run;
            show(move |ctx: &Ctx| api::read(ctx, run))
        }
        api::Act::Download(run) => {
            let run = *run;
            show(move |ctx: &Ctx| api::download(ctx, run))
        }
        api::Act::Command { .. } | api::Act::Upload { .. } => post(
            move |State(site): State<Site>, parameters: RawPathParams, request: Request| async move {
                let (parts, body) = request.into_parts();
                let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
                let Ok(body) = to_bytes(body, operation.most()).await else {
                    let fault = Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "http.too-large");
                    return fault.answer(&ctx);
                };
                beside(&site, ctx, move |ctx| api::carry_out(ctx, operation, &body)).await
            },
        ),
    }
}

fn owned(parameters: &RawPathParams) -> Vec<(String, String)> {
    parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Runs a handler on a thread where it may wait for files, so many at a time.
pub(super) async fn beside(
    site: &Site,
    mut ctx: Ctx,
    handler: impl FnOnce(&Ctx) -> Answer + Send + 'static,
) -> Response {
    let permit = site.handlers.clone().acquire_owned().await;
    let request = ctx.request_id.clone();
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let answer = match ctx.resume() {
            Ok(()) => handler(&ctx),
            Err(fault) => Err(fault),
        };
        let response = answer.unwrap_or_else(|fault| fault.answer(&ctx));
        ctx.finish(response)
    });
    work.await.unwrap_or_else(|error| {
        tracing::error!(code = "http.internal", %request, %error, "a handler ended abnormally");
        let mut response = Response::default();
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

async fn nowhere(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    beside(&site, ctx, |_| Err(Fault::not_found())).await
}

async fn wrong_method(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    let fault = || Fault::new(StatusCode::METHOD_NOT_ALLOWED, "http.method");
    beside(&site, ctx, move |_| Err(fault())).await
}
