//! What stands around every answer: host and origin, time limit, headers, log line, counting.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use sekisho_protocol::authzen::{HEADER_REQUEST_ID, PATH_EVALUATION, PATH_EVALUATIONS};

use super::ctx::{Ctx, is_nameless};
use super::fault::Fault;
use super::routes::takes_files;
use super::site::Site;
use super::tls::Peer;
use super::upload;
use crate::console::CONTENT_SECURITY_POLICY;

/// How long a request may take. Streams of changes begin within it and go on.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Where programs ask by `AuthZEN`.
const ACCESS_API: &str = "/access/v1/";
/// Longest address that is read, in bytes.
const URI_MAX: usize = 4096;

/// The number under which the log speaks of a request.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// The headers of every answer.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
];

/// What a browser is told besides.
const OF_BROWSERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
             microphone=(), payment=(), usb=()",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        HeaderValue::from_static("require-corp"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    ),
];

/// What answers to programs that show a token say in place of it: no browser is to make anything of them.
const OF_PROGRAMS: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
);

/// The outermost layer.
pub(super) async fn around(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let nameless = is_nameless(request.uri().path());
    // The pattern, never the path: a one-time token may stand in it.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let named = name_given(&request);
    let refusal = examine(&site, &request);
    let mut response = match refusal {
        Some(fault) => bare(&site, request, fault),
        None => within(&site, request, next, time_limit(&method, route)).await,
    };
    let programs = is_of_programs(route, response.status());
    dress(&site, &mut response, &id, programs);
    if let Some(named) = named {
        response.headers_mut().insert(HEADER_REQUEST_ID, named);
    }
    let took = begun.elapsed();
    let status = response.status().as_u16();
    // Metrics are read by anybody, and a counter that moves says when.
    let counted = if nameless { "unmatched" } else { route };
    site.metrics.request(&method, counted, status, took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if nameless && status < 500 {
        // Not even that somebody asked is told of: beside other lines it would say when.
        return response;
    }
    if status == 200 && is_kept_elsewhere(route) {
        // Every answer is in the log of decisions; beside it a line here would say nothing more.
        tracing::debug!(target: "sekisho::http", request = %id, %method, route, status, micros, "request");
    } else {
        tracing::info!(target: "sekisho::http", request = %id, %method, route, status, micros, "request");
    }
    response
}

/// The name that a program gave its question by `AuthZEN`: it comes back with every answer, and so also with
/// those that are given here, before or instead of the handler's.
fn name_given(request: &Request) -> Option<HeaderValue> {
    let of_authzen = request.uri().path().starts_with(ACCESS_API);
    let named = || request.headers().get(HEADER_REQUEST_ID).cloned();
    of_authzen.then(named).flatten()
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
    let asked = Asked::of(&request);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "http.timeout");
            bare(site, asked.again(), fault)
        }
    }
}

/// Of a request so much as it takes to say that it took too long: to whom, and in which language. Each
/// request is remembered so, and hardly one needs it, so that nothing is copied.
struct Asked {
    uri: Uri,
    id: Option<RequestId>,
    headers: [Option<HeaderValue>; 3],
}

impl Asked {
    const HEADERS: [HeaderName; 3] = [header::HOST, header::ACCEPT_LANGUAGE, header::COOKIE];

    fn of(request: &Request) -> Self {
        Self {
            uri: request.uri().clone(),
            id: request.extensions().get::<RequestId>().cloned(),
            headers: Self::HEADERS.map(|name| request.headers().get(name).cloned()),
        }
    }

    fn again(self) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri;
        if let Some(id) = self.id {
            request.extensions_mut().insert(id);
        }
        for (name, value) in Self::HEADERS.into_iter().zip(self.headers) {
            if let Some(value) = value {
                request.headers_mut().insert(name, value);
            }
        }
        request
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
    if length(request.uri()) > URI_MAX {
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

/// How long an address is, in bytes; the few that stand between its parts are not counted.
fn length(uri: &Uri) -> usize {
    let authority = uri.authority().map_or(0, |it| it.as_str().len());
    authority + uri.path_and_query().map_or(0, |it| it.as_str().len())
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

/// Whether an answer is one of the decision point to a program.
fn is_of_programs(route: &str, status: StatusCode) -> bool {
    is_kept_elsewhere(route) && status == StatusCode::OK
}

/// The headers that every answer carries.
fn dress(site: &Site, response: &mut Response<Body>, id: &str, programs: bool) {
    let headers = response.headers_mut();
    headers.extend(ALWAYS);
    if programs {
        headers.extend([OF_PROGRAMS]);
    } else {
        headers.extend(OF_BROWSERS);
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
