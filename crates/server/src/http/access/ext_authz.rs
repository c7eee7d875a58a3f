//! Envoy's external authorization over gRPC (`envoy.service.auth.v3`), on a listener of its own.
//!
//! A check is turned into the request that forward authentication knows, so that both decide by one
//! way. The system stands in the route's context extensions, which only Envoy's configuration sets;
//! the device is that of the client certificate that Envoy passes on, which is verified here once more.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use envoy_types::ext_authz::v3::pb::{
    Authorization, AuthorizationServer, CheckRequest, CheckResponse, HeaderAppendAction,
    HttpStatusCode,
};
use envoy_types::ext_authz::v3::{
    CheckResponseExt, DeniedHttpResponseBuilder, OkHttpResponseBuilder,
};
use envoy_types::pb::envoy::config::core::v3::address::Address;
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::envoy::service::auth::v3::attribute_context::Peer;
use sekisho_domain::access::ProxyDoor;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::{Request as Call, Response as Reply, Status};

use super::ext_authz_door::{self, Guests, Limits};
use super::forward::{self, Asked};
use super::who::{self, Shown};
use crate::http::ctx::Ctx;
use crate::http::options::OptionsError;
use crate::http::routes::beside;
use crate::http::site::Site;
use crate::http::tls::TlsError;

/// Largest check, in bytes: headers, without the body.
const CHECK_MAX: usize = 1024 * 1024;
/// Largest page of a refusal, in bytes.
const PAGE_MAX: usize = 256 * 1024;
/// Longest time for a check; Envoy's own limit is shorter.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Checks at once on one connection.
const CHECKS: usize = 256;

/// Name of the context extension with the system.
const SYSTEM: &str = "sekisho-system";
/// Name of the context extension with its part.
const PART: &str = "sekisho-part";

/// Name of the context extension with the device, where no certificate says it and our configuration leaves
/// it to that Envoy.
const DEVICE: &str = "sekisho-device";

/// Headers that other programs take for an identity, or that only proxies say. Envoy removes them from what it lets through.
/// The configurations of the other proxies in `docs/forward-auth.md` remove the same.
const FOREIGN: &[&str] = &[
    "sekisho-client-certificate",
    "sekisho-client-address",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-auth-request-groups",
    "x-auth-request-preferred-username",
    "x-remote-user",
    "remote-user",
    "remote-groups",
    "remote-email",
    "remote-name",
];

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ExtAuthzError {
    /// It would not be sound to listen like this.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// TLS cannot be offered.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nothing is listened on.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The transport failed.
    #[error(transparent)]
    Transport(#[from] tonic::transport::Error),
}

/// Serves Envoy's checks until `shutdown` comes: over TLS where this server ends it, and otherwise to this
/// machine only. Whoever is no trusted proxy is hung up on before anything is read.
///
/// # Errors
/// [`ExtAuthzError`].
pub async fn serve(
    site: Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ExtAuthzError> {
    serve_with(site, listener, Limits::default(), shutdown).await
}

async fn serve_with(
    site: Site,
    listener: TcpListener,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ExtAuthzError> {
    site.options.check_grpc(listener.local_addr()?)?;
    let certificates = site.certificates()?;
    let guests = Guests(site.options.trusted_proxies.clone());
    let server = Server::builder()
        .timeout(TIME_LIMIT)
        .http2_keepalive_interval(Some(limits.silence))
        .http2_keepalive_timeout(Some(limits.answer))
        .concurrency_limit_per_connection(CHECKS)
        .add_service(service(site));
    match certificates {
        Some(keeper) => {
            let entered = ext_authz_door::over_tls(listener, guests, limits, keeper);
            server
                .serve_with_incoming_shutdown(entered, shutdown)
                .await?;
        }
        None => {
            let entered = ext_authz_door::in_the_clear(listener, guests, limits);
            server
                .serve_with_incoming_shutdown(entered, shutdown)
                .await?;
        }
    }
    Ok(())
}

/// What answers checks; one that is too large is refused before it is read.
fn service(site: Site) -> AuthorizationServer<Checks> {
    AuthorizationServer::new(Checks { site }).max_decoding_message_size(CHECK_MAX)
}

struct Checks {
    site: Site,
}

#[tonic::async_trait]
impl Authorization for Checks {
    async fn check(&self, call: Call<CheckRequest>) -> Result<Reply<CheckResponse>, Status> {
        let peer = call
            .remote_addr()
            .ok_or_else(|| Status::permission_denied("no address"))?;
        let attributes = call.into_inner().attributes;
        let attributes = attributes.ok_or_else(|| Status::invalid_argument("no attributes"))?;
        let (request, mut asked, said) = translated(attributes)?;
        let mut parts = request.into_parts().0;
        parts.extensions.insert(ConnectInfo(peer));
        let ctx = Ctx::new(self.site.clone(), &parts, Vec::new());
        let response = beside(&self.site, ctx, move |ctx| {
            asked.device = who::device(ctx, said.shown, said.stated.as_deref());
            Ok(forward::answer(ctx, &asked))
        })
        .await;
        answer(response).await.map(Reply::new)
    }
}

/// What Envoy says of the client's device.
struct SaidOfDevice {
    /// By the client's certificate.
    shown: Shown,
    /// By Envoy's own configuration.
    stated: Option<String>,
}

/// The request that forward authentication knows, and what is said of the device.
fn translated(attributes: AttributeContext) -> Result<(Request<()>, Asked, SaidOfDevice), Status> {
    let bad = |what: &'static str| Status::invalid_argument(what);
    let http = attributes.request.and_then(|it| it.http);
    let http = http.ok_or_else(|| bad("no HTTP request"))?;
    let source = attributes.source.ok_or_else(|| bad("no source"))?;
    let mut extensions: HashMap<String, String> = attributes.context_extensions;
    let said = SaidOfDevice {
        shown: who::by_peer(&source.certificate, &source.principal),
        stated: extensions.remove(DEVICE),
    };
    let asked = Asked {
        door: ProxyDoor::ExtAuthz,
        address: address(&source),
        system: extensions.remove(SYSTEM).unwrap_or_default(),
        part: extensions.remove(PART).filter(|part| !part.is_empty()),
        device: None,
        back: Some(http.path),
    };
    let mut request = Request::builder()
        .uri("/authz/grpc")
        .body(())
        .map_err(|_| bad("no request"))?;
    let headers = request.headers_mut();
    for (name, value) in &http.headers {
        // Names such as `:path` are no headers.
        let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) else {
            continue;
        };
        headers.append(name, value);
    }
    // What Envoy itself says stands in the place of whatever the client sent under that name.
    headers.remove("x-forwarded-host");
    if let Ok(host) = HeaderValue::try_from(http.host.as_str()) {
        headers.insert(HeaderName::from_static("x-forwarded-host"), host);
    }
    Ok((request, asked, said))
}

/// The client's address, as Envoy's own settings make it out.
fn address(source: &Peer) -> Option<IpAddr> {
    match source.address.as_ref()?.address.as_ref()? {
        Address::SocketAddress(socket) => socket.address.parse().ok(),
        _ => None,
    }
}

/// An answer of forward authentication, as Envoy takes it.
async fn answer(response: Response) -> Result<CheckResponse, Status> {
    let (parts, body) = response.into_parts();
    if parts.status == StatusCode::OK {
        return Ok(let_through(&parts.headers));
    }
    let body = to_bytes(body, PAGE_MAX).await.unwrap_or_default();
    let mut denied = DeniedHttpResponseBuilder::new();
    denied.set_http_status(match parts.status {
        StatusCode::UNAUTHORIZED => HttpStatusCode::Unauthorized,
        StatusCode::FORBIDDEN => HttpStatusCode::Forbidden,
        _ => HttpStatusCode::ServiceUnavailable,
    });
    for name in ["content-type", "location"] {
        if let Some(value) = parts.headers.get(name).and_then(|it| it.to_str().ok()) {
            let replace = Some(HeaderAppendAction::OverwriteIfExistsOrAdd);
            denied.add_header(name, value, replace, false);
        }
    }
    denied.set_body(String::from_utf8_lossy(&body));
    let mut answer = CheckResponse::with_status(Status::permission_denied("not let through"));
    answer.set_http_response(denied);
    Ok(answer)
}

fn let_through(headers: &HeaderMap) -> CheckResponse {
    let mut allowed = OkHttpResponseBuilder::new();
    for name in [forward::PERSON, forward::DEVICE, forward::PERMITS] {
        let value = headers.get(name).and_then(|it| it.to_str().ok());
        let replace = Some(HeaderAppendAction::OverwriteIfExistsOrAdd);
        allowed.add_header(name, value.unwrap_or_default(), replace, true);
    }
    for name in FOREIGN {
        allowed.remove_header(*name);
    }
    // The reader's own never stays: it carries the session.
    let cookies = headers.get(header::COOKIE).and_then(|it| it.to_str().ok());
    match cookies.filter(|it| !it.is_empty()) {
        Some(cookies) => {
            let replace = Some(HeaderAppendAction::OverwriteIfExistsOrAdd);
            allowed.add_header(header::COOKIE.as_str(), cookies, replace, false);
        }
        None => {
            allowed.remove_header(header::COOKIE.as_str());
        }
    }
    let mut answer = CheckResponse::with_status(Status::ok("let through"));
    answer.set_http_response(allowed);
    answer
}

#[cfg(test)]
mod tests;
