//! Forward authentication: a proxy asks for each request whether to let it through.
//!
//! Which system is asked about the proxy says by the address that it calls, which no client can
//! change. 200 lets through and names person, device and permits to the application, and carries the
//! reader's cookies without ours; 401 says where to sign in; 403 says why not. Anything else lets nothing
//! through either.
//!
//! An application is never of the console's origin: its pages could do there whatever the reader can.

use std::net::IpAddr;

use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_rules::decide::{Act, Allowed, Decision, Question};

use super::{cookies, point, refusal_page, who};
use crate::console::layout::percent_encode;
use crate::http::ctx::{Answer, Ctx, local_path};
use crate::http::fault::Fault;
use crate::http::routes::beside;
use crate::http::site::Site;

/// Headers of a permission: the application behind the proxy trusts these and no others. All three
/// are always there, so that a proxy which copies them overwrites whatever a client sent.
pub(super) const PERSON: &str = "sekisho-person";
/// The device, empty without one.
pub(super) const DEVICE: &str = "sekisho-device";
/// The permits that carry it, parted by commas.
pub(super) const PERMITS: &str = "sekisho-permits";

/// Below this stands the path of the client's request, where Envoy puts ours in front of it.
const ENVOY: &str = "/authz/envoy/";

/// What a proxy asks about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The door at which it asks.
    pub(super) door: ProxyDoor,
    /// The system, as the proxy's configuration names it.
    pub(super) system: String,
    /// Its part.
    pub(super) part: Option<String>,
    /// The device, by a certificate that holds, or by a proxy to which the configuration leaves it.
    pub(super) device: Option<DeviceId>,
    /// The client's address, as the proxy tells it.
    pub(super) address: Option<IpAddr>,
    /// The client's path and query, for coming back after signing in.
    pub(super) back: Option<String>,
}

/// `GET /authz/forward/{system}` and `GET /authz/forward?system=…`. The query may say `part` and
/// `device`: the proxy writes it, not the client. A device that is said so counts only where our own
/// configuration leaves it to that proxy.
pub(in crate::http) async fn forward(
    State(site): State<Site>,
    parameters: RawPathParams,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
    beside(&site, ctx, move |ctx| {
        let in_path = Some(ctx.parameter("system")).filter(|it| !it.is_empty());
        let system = in_path.map(str::to_owned).or_else(|| ctx.query("system"));
        let said = ctx.query("device");
        let asked = Asked {
            door: ProxyDoor::ForwardAuth,
            system: system.unwrap_or_default(),
            part: ctx.query("part").filter(|it| !it.is_empty()),
            device: who::device(ctx, who::by_header(&ctx.headers), said.as_deref()),
            address: who::address(ctx),
            back: original(ctx),
        };
        Ok(answer(ctx, &asked))
    })
    .await
}

/// Any method, `/authz/envoy/{system}/{*path}`: path and query below that are the client's. Behind the
/// system may stand `;part=…` and `;device=…`, which Envoy's configuration writes.
pub(in crate::http) async fn envoy(
    State(site): State<Site>,
    parameters: RawPathParams,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, owned(&parameters));
    beside(&site, ctx, move |ctx| {
        let whole = ctx.path_and_query();
        let rest = whole.strip_prefix(ENVOY).unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (words, path) = rest.split_at(end);
        let mut words = words.split(';');
        let system = words.next().unwrap_or_default().to_owned();
        let named: Vec<(&str, &str)> = words.filter_map(|it| it.split_once('=')).collect();
        let word = |name: &str| named.iter().find(|(it, _)| *it == name).map(|(_, it)| *it);
        let asked = Asked {
            door: ProxyDoor::ForwardAuth,
            system,
            part: word("part").map(str::to_owned),
            device: who::device(ctx, who::by_envoy(&ctx.headers), word("device")),
            address: who::address_by_envoy(&ctx.headers),
            back: Some(path.to_owned()).filter(|path| path.starts_with('/')),
        };
        Ok(answer(ctx, &asked))
    })
    .await
}

fn owned(parameters: &RawPathParams) -> Vec<(String, String)> {
    let pairs = parameters.iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Answers a proxy. A fault of ours is an answer too, and lets nothing through.
pub(super) fn answer(ctx: &Ctx, asked: &Asked) -> Response {
    decide(ctx, asked).unwrap_or_else(|fault| refusal_page::fault(ctx, fault))
}

fn decide(ctx: &Ctx, asked: &Asked) -> Answer {
    let forbidden = |code: &str| Fault::new(StatusCode::FORBIDDEN, code);
    if !ctx.peer_is_trusted {
        return Err(forbidden("access.proxy-unknown"));
    }
    let address = asked.address;
    let address = address.ok_or_else(|| forbidden("access.no-client-address"))?;
    let system: SystemId = asked
        .system
        .parse()
        .map_err(|_| forbidden("access.no-system"))?;
    let host = asked_host(ctx);
    if host.is_empty() || ctx.site.options.knows_host(host) {
        return Err(forbidden("access.application-at-console"));
    }
    let Some(live) = &ctx.session else {
        return sign_in(ctx, asked);
    };
    let question = Question {
        person: Some(live.person),
        device: asked.device,
        act: Act::Reach {
            system,
            part: asked.part.clone(),
        },
        origin: point::origin(&ctx.site, Some(address)),
        task: None,
        grade: None,
    };
    match point::ask(&ctx.site, Some(Asker::Proxy(asked.door)), &question) {
        Decision::Allow(allowed) => let_through(ctx, live.person, asked.device, &allowed),
        Decision::Deny(denied) => Ok(refusal_page::denied(ctx, denied)),
    }
}

fn let_through(ctx: &Ctx, person: PersonId, device: Option<DeviceId>, allowed: &Allowed) -> Answer {
    let permits: Vec<String> = allowed.permits.iter().map(ToString::to_string).collect();
    let mut response = StatusCode::OK.into_response();
    for (name, value) in [
        (PERSON, person.to_string()),
        (DEVICE, device.map(|it| it.to_string()).unwrap_or_default()),
        (PERMITS, permits.join(",")),
    ] {
        let value = HeaderValue::from_str(&value).map_err(Fault::internal)?;
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    // Always there, as the others are: what a proxy copies stands in the place of the reader's own.
    let cookies = cookies::without_ours(&ctx.headers);
    response.headers_mut().insert(header::COOKIE, cookies);
    Ok(response)
}

/// Leads to the sign-in of this server, and back to an application that the configuration names: to nowhere
/// else.
fn sign_in(ctx: &Ctx, asked: &Asked) -> Answer {
    let mut location = format!("{}/sign-in", ctx.site.options.url());
    let host = asked_host(ctx);
    if let Some(path) = asked.back.as_deref().and_then(local_path)
        && ctx.site.options.is_application(host)
    {
        let back = percent_encode(&format!("https://{host}{path}"));
        location = format!("{location}?next={back}");
    }
    let mut response = refusal_page::sign_in(ctx, &location);
    let value = HeaderValue::from_str(&location).map_err(Fault::internal)?;
    response.headers_mut().insert(header::LOCATION, value);
    Ok(response)
}

/// The host that the client's request was for, as the proxy tells it; empty where it is none.
fn asked_host(ctx: &Ctx) -> &str {
    match ctx.headers.get("x-forwarded-host") {
        Some(said) => said.to_str().unwrap_or_default(),
        None => ctx.host.as_str(),
    }
}

/// The client's path and query, as proxies tell it.
fn original(ctx: &Ctx) -> Option<String> {
    let said = ["x-original-uri", "x-forwarded-uri"]
        .iter()
        .find_map(|name| ctx.headers.get(*name))?;
    said.to_str().ok().map(str::to_owned)
}
