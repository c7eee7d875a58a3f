//! Agents: enrolment by one-time secret and proof of the key, then signed reports.

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::Digest;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME,
    PATH_REPORT, REPORT_MAX, Report, enrol_signing_input, signing_input,
};
use sekisho_store::StoreCode;

use super::ctx::{Answer, Ctx, json};
use super::fault::Fault;
use super::routes::beside;
use super::site::Site;
use crate::app::fresh;
use crate::assessor::{IntakeError, take_report};
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

async fn with_body(
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
    };
    app.command_blocking(actor, command, Vec::new())?;
    let response = EnrolResponse {
        device,
        report_every_seconds: REPORT_EVERY,
    };
    Ok(json(
        &serde_json::to_value(response).map_err(Fault::internal)?,
    ))
}

/// What a report's headers say.
struct Signed {
    device: DeviceId,
    time: Timestamp,
    sequence: u64,
    signature: String,
}

impl Signed {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            let value = values.next()?.to_str().ok()?;
            values.next().is_none().then_some(value)
        };
        // Only the shortest form of a number: what is signed is its text.
        let number = |text: &str| {
            let number: i64 = text.parse().ok()?;
            (number >= 0 && number.to_string() == text).then_some(number)
        };
        Some(Self {
            device: one(HEADER_DEVICE)?.parse().ok()?,
            time: Timestamp::from_millis(number(one(HEADER_TIME)?)?),
            sequence: u64::try_from(number(one(HEADER_SEQUENCE)?)?).ok()?,
            signature: one(HEADER_SIGNATURE)?.to_owned(),
        })
    }
}

fn report_of_device(ctx: &Ctx, body: &Bytes) -> Answer {
    // One answer for an unknown device and for a wrong signature: nobody learns which ids exist.
    let refused = || Fault::new(StatusCode::UNAUTHORIZED, "report.signature");
    let signed = Signed::read(&ctx.headers).ok_or_else(|| Fault::bad("report.headers"))?;
    let app = &ctx.site.app;
    let known = app
        .world()
        .device(signed.device)
        .map(|device| (device.key.clone(), device.state));
    let (key, state) = known.ok_or_else(refused)?;
    let digest = Digest::of(body).to_string();
    let Signed {
        device,
        time,
        sequence,
        signature,
    } = signed;
    let input = signing_input("POST", PATH_REPORT, device, time, sequence, &digest);
    if !device_key::verify(&key, &input, &signature) {
        return Err(refused());
    }
    // Said only to the holder of the key.
    if state == DeviceState::Retired {
        return Err(retired());
    }
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
    let receipt =
        take_report(app, device, sequence, body, &report, REPORT_EVERY).map_err(intake)?;
    Ok(json(
        &serde_json::to_value(receipt).map_err(Fault::internal)?,
    ))
}

/// The device was given up for good: no later report of it is taken.
fn retired() -> Fault {
    Fault::new(StatusCode::GONE, "device.retired")
}

fn intake(error: IntakeError) -> Fault {
    match error {
        IntakeError::Retired => retired(),
        IntakeError::UnknownDevice => Fault::new(StatusCode::UNAUTHORIZED, "report.signature"),
        IntakeError::Denied(denied) => Fault::denied(denied, Action::Report),
        IntakeError::TooMany => Fault::bad("report.too-many-facts"),
        // The count did not rise: the report came before, or the key is used in two places.
        IntakeError::Store(error) if error.kind() == StoreCode::Exists => {
            Fault::new(StatusCode::CONFLICT, "report.replayed")
        }
        IntakeError::Store(error) => error.into(),
    }
}
