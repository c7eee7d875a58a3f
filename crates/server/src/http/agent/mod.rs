//! Agents: enrolment by one-time secret and proof of the key, then signed requests.

mod certificate;
pub(super) mod signed;
mod tunnel;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::device::StateSource;
use sekisho_domain::id::DeviceId;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, REPORT_MAX, Report, enrol_signing_input,
};
use sekisho_protocol::tunnel::TUNNEL_MAX;
use sekisho_store::StoreCode;

use self::signed::Speaker;
use super::ctx::{Answer, Ctx, json};
use super::fault::Fault;
use super::routes::beside;
use super::site::Site;
use crate::app::fresh;
use crate::assessor::{IntakeError, may_take, take_report};
use crate::identity::device_key;
use crate::identity::link::{self, Issuer};

/// Seconds between reports that the server wishes.
const REPORT_EVERY: u32 = 15 * 60;
/// Most bytes of an enrolment.
const ENROL_MAX: usize = 8 * 1024;
/// A difference of the clocks that is noted in the log, in milliseconds. It is no reason to refuse
/// a report: freshness counts from the time of receipt, and the device's clock is a fact.
const SKEW_NOTED: i64 = 10 * 60 * 1000;

/// `POST /agent/v1/enrol`
pub(super) async fn enrol(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, ENROL_MAX, enrol_device).await
}

/// `POST /agent/v1/report`
pub(super) async fn report(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, REPORT_MAX, report_of_device).await
}

/// `POST /agent/v1/certificate`
pub(super) async fn certify(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, ENROL_MAX, certificate::certify).await
}

/// `POST /agent/v1/tunnel`
pub(super) async fn tunnel(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, TUNNEL_MAX, tunnel::request).await
}

/// `POST /agent/v1/tunnel/{id}`
pub(super) async fn tunnel_state(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, TUNNEL_MAX, tunnel::state).await
}

/// `POST /agent/v1/tunnel/{id}/end`
pub(super) async fn tunnel_end(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, TUNNEL_MAX, tunnel::end).await
}

/// The certificate of the authority, for browsers that shall trust this server.
///
/// `GET /certificate-authority.pem`
pub(super) fn authority(ctx: &Ctx) -> Answer {
    certificate::authority(ctx)
}

/// Reads a body of so many bytes at most and hands it to its handler.
pub(super) async fn with_body(
    site: Site,
    request: Request,
    most: usize,
    handler: fn(&Ctx, &Bytes) -> Answer,
) -> Response {
    let (parts, body) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    match to_bytes(body, most).await {
        Ok(body) => beside(&site, ctx, move |ctx| handler(ctx, &body)).await,
        Err(_) => Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "http.too-large").answer(&ctx),
    }
}

fn enrol_device(ctx: &Ctx, body: &Bytes) -> Answer {
    let wrong = || Fault::new(StatusCode::FORBIDDEN, "enrol.refused");
    let request: EnrolRequest =
        serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let key = device_key::parse_key(&request.public_key).ok_or_else(|| Fault::bad("enrol.key"))?;
    let signed = enrol_signing_input(&request.secret, &request.public_key);
    // The proof is checked first, so that a secret is never used up by a request that fails.
    if !device_key::verify(&key, &signed, &request.proof) {
        return Err(Fault::new(StatusCode::FORBIDDEN, "enrol.proof"));
    }
    let app = &ctx.site.app;
    if app.world().device_keys.contains(&key) {
        return Err(Fault::new(StatusCode::CONFLICT, "device.key-in-use"));
    }
    // A secret for a computer makes nobody's word into evidence, and is not used up by trying.
    let declares = link::source_of(&request.secret).map(|it| it == StateSource::Declared);
    if declares.ok_or_else(wrong)? != request.declares {
        return Err(Fault::new(StatusCode::FORBIDDEN, "enrol.other-device"));
    }
    let allowed = link::use_enrolment(app.accounts(), &request.secret, ctx.now)?;
    let allowed = allowed.ok_or_else(wrong)?;
    let actor = match allowed.issuer {
        Issuer::Operator => Actor::Operator,
        Issuer::Person(person) => Actor::person(person),
    };
    let device = DeviceId::new(fresh()?);
    let command = Command::EnrolDevice {
        device,
        key,
        class: allowed.class,
        unit: allowed.unit,
        user: allowed.user,
        source: allowed.source,
    };
    app.command_blocking(actor, command, Vec::new())?;
    let response = EnrolResponse {
        device,
        report_every_seconds: REPORT_EVERY,
        authorities: certificate::to_be_trusted(ctx),
    };
    Ok(json(
        &serde_json::to_value(response).map_err(Fault::internal)?,
    ))
}

fn report_of_device(ctx: &Ctx, body: &Bytes) -> Answer {
    let app = &ctx.site.app;
    let Speaker {
        device,
        time,
        sequence,
        ..
    } = signed::speaker(ctx, body)?;
    app.authorise(
        &Actor::Device { device },
        Action::Report,
        Subject::Device(device),
    )
    .map_err(|denied| Fault::denied(denied, Action::Report))?;
    let skew = time.since(ctx.now).as_millis();
    if skew.abs() > SKEW_NOTED {
        tracing::warn!(code = "report.clock-skew", %device, skew_ms = skew, "a device's clock is off");
    }
    let report: Report = serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let (address, seen) = (ctx.address, &report.observations);
    // One that is refused says nothing of where the device is: whoever has an old one could send it again.
    may_take(app, device, sequence, &report).map_err(intake)?;
    // That it was outside is kept before the report is: a report that is taken does not come again.
    app.locate_outside(device, address, seen, ctx.now)?;
    let receipt =
        take_report(app, device, sequence, body, &report, REPORT_EVERY).map_err(intake)?;
    app.locate_inside(device, address, seen, receipt.received_at)?;
    Ok(json(
        &serde_json::to_value(receipt).map_err(Fault::internal)?,
    ))
}

fn intake(error: IntakeError) -> Fault {
    match error {
        IntakeError::Retired => signed::retired(),
        IntakeError::UnknownDevice => Fault::new(StatusCode::UNAUTHORIZED, "report.signature"),
        IntakeError::Denied(denied) => Fault::denied(denied, Action::Report),
        IntakeError::NotDeclarable => Fault::bad("report.not-declarable"),
        IntakeError::TooMany => Fault::bad("report.too-many-facts"),
        // The count did not rise: the report came before, or the key is used in two places.
        IntakeError::Store(error) if error.kind() == StoreCode::Exists => {
            Fault::new(StatusCode::CONFLICT, "report.replayed")
        }
        IntakeError::Store(error) => error.into(),
    }
}
