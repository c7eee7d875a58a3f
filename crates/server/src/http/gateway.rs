//! Gateways: which one it is whose key stands in the register, its access tables, its reports.
//!
//! Every request after the hello is signed with the gateway's key over method, path with query, id,
//! time, number and body, and the hello over its keys, time and number; a number only grows, and a time
//! far from ours is refused, so that nothing that was heard on the way does anything again.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sekisho_domain::device::DeviceKey;
use sekisho_domain::id::GatewayId;
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::Digest;
use sekisho_protocol::gateway::{
    CODE_HELLO_OLD, EnrolRequest, EnrolResponse, GatewayReport, HEADER_GATEWAY, PATH_REPORT,
    PATH_TABLE, REPORT_MAX, ReportReceipt, TABLE_CONTENT_TYPE, enrol_signing_input,
    request_signing_input,
};

use super::agent::signed::Signed;
use super::agent::with_body;
use super::ctx::{Answer, Ctx, json};
use super::fault::Fault;
use super::routes::beside;
use super::site::Site;
use crate::access::gateway::{TableFault, Unlisted, own_address};
use crate::identity::device_key;

/// Most bytes of a request but a report.
const BODY_MAX: usize = 8 * 1024;
/// How far a gateway's clock may be from ours.
const SKEW_MAX: Span = Span::minutes(5);

/// `POST /gateway/v1/enrol`
pub(super) async fn enrol(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, BODY_MAX, hello).await
}

/// `POST /gateway/v1/report`
pub(super) async fn report(State(site): State<Site>, request: Request) -> Response {
    with_body(site, request, REPORT_MAX, take_report).await
}

fn hello(ctx: &Ctx, body: &Bytes) -> Answer {
    let request: EnrolRequest =
        serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let key =
        device_key::parse_key(&request.public_key).ok_or_else(|| Fault::bad("gateway.key"))?;
    let (Some(time), Some(number)) = (request.time, request.number) else {
        // What an older program signs may have been signed at any time.
        return Err(Fault::bad(CODE_HELLO_OLD));
    };
    let signed = enrol_signing_input(&request.public_key, request.wireguard_key, time, number);
    if !device_key::verify(&key, &signed, &request.proof) {
        return Err(Fault::new(StatusCode::FORBIDDEN, "gateway.proof"));
    }
    let app = &ctx.site.app;
    let found = {
        let world = app.world();
        let mut all = world.registers.nouns::<Gateway>();
        all.find_map(|(entry, gateway)| match entry.id {
            // A key may stand in the entry of one that was given up as well.
            EntryId::Gateway(id)
                if entry.is_active() && gateway.request_key().as_ref() == Some(&key) =>
            {
                Some(id)
            }
            _ => None,
        })
    };
    let gateway = found.ok_or_else(|| Fault::new(StatusCode::FORBIDDEN, "gateway.key-unknown"))?;
    let refused = || Fault::new(StatusCode::UNAUTHORIZED, "gateway.signature");
    let stored = i64::try_from(number).map_err(|_| refused())?;
    // Stored, so that one that was heard before a start of the server does nothing after it.
    let counts = || {
        let accounts = app.accounts();
        accounts.count_gateway_hello(&gateway.to_string(), stored)
    };
    if !is_now(ctx, time) || !counts()? {
        return Err(refused());
    }
    let hello = app.greet_gateway(gateway, request.wireguard_key, number)?;
    let response = EnrolResponse {
        gateway,
        table_key: hello.table_key,
        network: crate::access::gateway::on_the_wire(hello.entry.network),
        address: own_address(hello.entry.network).into(),
        listen_port: hello.entry.endpoint.port(),
        lease_seconds: hello.entry.lease(),
    };
    Ok(json(
        &serde_json::to_value(response).map_err(Fault::internal)?,
    ))
}

/// Whether a time that was signed is near enough to ours.
fn is_now(ctx: &Ctx, time: Timestamp) -> bool {
    time.after(SKEW_MAX) >= ctx.now && ctx.now.after(SKEW_MAX) >= time
}

/// The gateway that signed a request with `body`; `path` is the one that numbers are counted for.
fn speaker(ctx: &Ctx, method: &str, path: &'static str, body: &[u8]) -> Result<GatewayId, Fault> {
    // One answer for an unknown gateway and for a wrong signature.
    let refused = || Fault::new(StatusCode::UNAUTHORIZED, "gateway.signature");
    let signed = Signed::<GatewayId>::read(&ctx.headers, HEADER_GATEWAY).ok_or_else(refused)?;
    let key: DeviceKey = {
        let world = ctx.site.app.world();
        let known = world.registers.get::<Gateway>(signed.id);
        let known = known.filter(|(entry, _)| entry.is_active());
        known
            .and_then(|(_, gateway)| gateway.request_key())
            .ok_or_else(refused)?
    };
    let asked = if ctx.query.is_empty() {
        ctx.path.clone()
    } else {
        format!("{}?{}", ctx.path, ctx.query)
    };
    let digest = Digest::of(body).to_string();
    let input = request_signing_input(
        method,
        &asked,
        signed.id,
        signed.time,
        signed.sequence,
        &digest,
    );
    if !device_key::verify(&key, &input, &signed.signature) {
        return Err(refused());
    }
    let desk = ctx.site.app.access().gateways();
    if !is_now(ctx, signed.time) || !desk.count(signed.id, path, signed.sequence) {
        return Err(refused());
    }
    Ok(signed.id)
}

fn take_report(ctx: &Ctx, body: &Bytes) -> Answer {
    let gateway = speaker(ctx, "POST", PATH_REPORT, body)?;
    let report: GatewayReport =
        serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    ctx.site.app.take_gateway_report(gateway, report)?;
    let receipt = ReportReceipt {
        received_at: ctx.now,
    };
    Ok(json(
        &serde_json::to_value(receipt).map_err(Fault::internal)?,
    ))
}

/// The next table: at once where there is news, else when there is, or when the lease is to be
/// renewed.
///
/// `GET /gateway/v1/table?after=N`
pub(super) async fn table(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    let Some(after) = after(&ctx.query) else {
        return Fault::bad("agent.form").answer(&ctx);
    };
    // Followed from before the first look, so that nothing is missed between looks.
    let mut moved = site.access_moved();
    let mut stopping = site.stopping.subscribe();
    let (told, asked) = tokio::sync::oneshot::channel();
    let checked = beside(&site, ctx, move |ctx| {
        let gateway = speaker(ctx, "GET", PATH_TABLE, b"")?;
        let hold = ctx.site.app.table_hold(gateway)?;
        let made = look(ctx.site.clone(), gateway, after)?;
        // Nobody listens any more where the gateway has gone.
        let _ = told.send((gateway, hold));
        Ok(made.unwrap_or_else(|| Response::new(Body::empty())))
    })
    .await;
    let is_table = checked.headers().contains_key(header::CONTENT_TYPE);
    let Ok((gateway, hold)) = asked.await else {
        return checked;
    };
    if is_table {
        return checked;
    }
    let hold = std::time::Duration::from_millis(hold.as_millis().unsigned_abs());
    let deadline = tokio::time::Instant::now() + hold;
    loop {
        let waited = tokio::time::timeout_at(deadline, moved.changed()).await;
        if *stopping.borrow_and_update() || matches!(waited, Ok(Err(_))) {
            return unavailable();
        }
        let begun = tokio::time::Instant::now();
        let (site, last) = (site.clone(), deadline <= tokio::time::Instant::now());
        let looked =
            tokio::task::spawn_blocking(move || look(site, gateway, if last { 0 } else { after }));
        match looked.await {
            Ok(Ok(Some(response))) => return response,
            // Reports of many devices move the posture all the time: rests as long as it looked.
            Ok(Ok(None)) => tokio::time::sleep(begun.elapsed()).await,
            Ok(Err(_)) | Err(_) => return unavailable(),
        }
    }
}

fn unavailable() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn look(site: Site, gateway: GatewayId, after: u64) -> Result<Option<Response>, Fault> {
    let Some(signed) = site.app.next_table(gateway, after)? else {
        return Ok(None);
    };
    let mut response = Response::new(Body::from(signed));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(TABLE_CONTENT_TYPE),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(Some(response))
}

fn after(query: &str) -> Option<u64> {
    let text = query.strip_prefix("after=")?;
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl From<TableFault> for Fault {
    fn from(fault: TableFault) -> Self {
        match fault {
            TableFault::Unlisted(unlisted) => unlisted.into(),
            TableFault::Store(error) => error.into(),
            TableFault::Table(error) => {
                let fault = Self::new(StatusCode::CONFLICT, error.code());
                fault.with("detail", &error.to_string())
            }
        }
    }
}

impl From<Unlisted> for Fault {
    fn from(unlisted: Unlisted) -> Self {
        let fault = Self::new(StatusCode::CONFLICT, unlisted.code());
        match unlisted {
            Unlisted::Overlaps(network) => fault.with("network", &network.to_string()),
            Unlisted::Unknown | Unlisted::NotGreeted => fault,
        }
    }
}
