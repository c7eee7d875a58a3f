//! What stands around every answer: host and origin, time limit, headers, log line, counting.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use sekisho_protocol::authzen::{PATH_EVALUATION, PATH_EVALUATIONS};

use super::ctx::{Ctx, is_nameless};
use super::fault::Fault;
use super::routes::takes_files;
use super::site::Site;
use super::tls::Peer;
use super::upload;
use crate::console::CONTENT_SECURITY_POLICY;

/// How long a request may take. Streams of changes begin within it and go on.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Longest address that is read, in bytes.
const URI_MAX: usize = 4096;

/// The number under which the log speaks of a request.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         microphone=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// The outermost layer.
pub(super) async fn around(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let nameless = is_nameless(request.uri().path());
    // The pattern, never the path: a one-time token may stand in it.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let refusal = examine(&site, &request);
    let mut response = match refusal {
        Some(fault) => bare(&site, request, fault),
        None => within(&site, request, next, time_limit(&method, &route)).await,
    };
    dress(&site, &mut response, &id);
    let took = begun.elapsed();
    let status = response.status().as_u16();
    site.metrics.request(&method, &route, status, took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if nameless && status < 500 {
        // Not even that somebody asked is told of: beside other lines it would say when.
        return response;
    }
    if status == 200 && is_kept_elsewhere(&route) {
        // Every answer is in the log of decisions; beside it a line here would say nothing more.
        tracing::debug!(target: "sekisho::http", request = %id, %method, route, status, micros, "request");
    } else {
        tracing::info!(target: "sekisho::http", request = %id, %method, route, status, micros, "request");
    }
    response
}

/// Questions to the decision point, of which enforcement points ask thousands a second.
fn is_kept_elsewhere(route: &str) -> bool {
    matches!(route, PATH_EVALUATION | PATH_EVALUATIONS)
}

/// A file may take longer than what people type.
fn time_limit(method: &Method, route: &str) -> Duration {
    if takes_files(method, route) {
        upload::TIME_LIMIT
    } else {
        TIME_LIMIT
    }
}

async fn within(site: &Site, request: Request, next: Next, limit: Duration) -> Response {
    let (parts, body) = request.into_parts();
    let ctx = Ctx::new(site.clone(), &parts, Vec::new());
    let answer = next.run(Request::from_parts(parts, body));
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => Fault::new(StatusCode::SERVICE_UNAVAILABLE, "http.timeout").answer(&ctx),
    }
}

fn bare(site: &Site, request: Request, fault: Fault) -> Response {
    let (parts, _) = request.into_parts();
    fault.answer(&Ctx::new(site.clone(), &parts, Vec::new()))
}

fn request_id() -> String {
    let bytes: [u8; 8] = sekisho_store::entropy::bytes().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// What is wrong with a request before anyone looks at what it asks.
fn examine(site: &Site, request: &Request) -> Option<Fault> {
    let headers = request.headers();
    if request.uri().to_string().len() > URI_MAX {
        return Some(Fault::new(
            StatusCode::URI_TOO_LONG,
            "http.address-too-long",
        ));
    }
    if let Some(Peer::Refused(unfit)) = request.extensions().get::<Peer>() {
        return Some(Fault::new(StatusCode::FORBIDDEN, unfit.code()));
    }
    // Proxies ask there with the host and the method of the client's request. It changes nothing, and
    // is answered to trusted addresses only.
    if request.uri().path().starts_with("/authz/") {
        return None;
    }
    let Some(host) = host(request.uri(), headers).filter(|host| site.options.knows_host(host))
    else {
        return Some(Fault::new(StatusCode::MISDIRECTED_REQUEST, "http.host"));
    };
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !safe && !comes_from_here(site, headers, host) {
        return Some(Fault::new(StatusCode::FORBIDDEN, "http.origin"));
    }
    None
}

/// The one host that the request names.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() {
        return None;
    }
    match (uri.authority(), named) {
        (Some(authority), Some(named)) if authority.as_str() != named => None,
        (Some(authority), _) => Some(authority.as_str()),
        (None, named) => named,
    }
}

/// Whether a change was asked for by a page of this server, or by a program that is no browser.
///
/// Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with a form of the very same
/// page, so that `Sec-Fetch-Site` decides there.
fn comes_from_here(site: &Site, headers: &HeaderMap, host: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetch = text(HeaderName::from_static("sec-fetch-site"));
    let origin = text(header::ORIGIN);
    match (origin, fetch) {
        (_, Some(fetch)) if !matches!(fetch, "same-origin" | "none") => false,
        (Some("null"), fetch) => fetch.is_some(),
        (Some(origin), _) => site.options.is_own_origin(origin, host),
        (None, _) => true,
    }
}

/// The headers that every answer carries.
fn dress(site: &Site, response: &mut Response<Body>, id: &str) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if site.options.https {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("sekisho-request"), value);
    }
}
