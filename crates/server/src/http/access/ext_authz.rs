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
use tonic::transport::server::TcpIncoming;
use tonic::{Request as Call, Response as Reply, Status};

use super::ext_authz_door;
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
const FOREIGN: &[&str] = &[
    "sekisho-client-certificate",
    "sekisho-client-address",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-auth-request-user",
    "x-auth-request-email",
    "x-remote-user",
    "remote-user",
    "remote-groups",
    "remote-email",
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
/// machine only.
///
/// # Errors
/// [`ExtAuthzError`].
pub async fn serve(
    site: Site,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ExtAuthzError> {
    site.options.check_grpc(listener.local_addr()?)?;
    let certificates = site.certificates()?;
    let server = Server::builder()
        .timeout(TIME_LIMIT)
        .concurrency_limit_per_connection(CHECKS)
        .add_service(service(site));
    match certificates {
        Some(keeper) => {
            let entered = ext_authz_door::over_tls(listener, keeper);
            server
                .serve_with_incoming_shutdown(entered, shutdown)
                .await?;
        }
        None => {
            let incoming = TcpIncoming::from(listener);
            server
                .serve_with_incoming_shutdown(incoming, shutdown)
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
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, RootCertStore};
    use sekisho_rules::catalogue::Catalogue;
    use sekisho_store::DataFolder;
    use sekisho_store::keyring::MasterSource;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tonic::Code;
    use tonic::codegen::Service;

    use super::*;
    use crate::app::App;
    use crate::app::clock::MachineTime;
    use crate::http::{Options, TlsSource};

    /// The status that answers a message which says that it is so long; of it, nothing follows.
    async fn status(site: &Site, length: usize) -> i32 {
        let mut message = vec![0];
        message.extend(u32::try_from(length).unwrap().to_be_bytes());
        let request = Request::builder()
            .method("POST")
            .uri("/envoy.service.auth.v3.Authorization/Check")
            .header("content-type", "application/grpc")
            .body(Body::from(message))
            .unwrap();
        let response = service(site.clone()).call(request).await.unwrap();
        let status = response.headers()["grpc-status"].to_str().unwrap();
        status.parse().unwrap()
    }

    fn site(folder: &tempfile::TempDir, tls: Option<TlsSource>) -> Site {
        let data = DataFolder::create_or_open(&folder.path().join("data")).unwrap();
        let master = MasterSource::standard(&data, None);
        let app = App::open(data, &master, Box::new(MachineTime::default())).unwrap();
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let mut options = Options::loopback(([127, 0, 0, 1], 8420).into());
        options.tls = tls;
        Site::new(app, catalogue, options).unwrap()
    }

    #[tokio::test]
    async fn beyond_this_machine_it_does_not_listen_without_tls() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(&folder, None);
        let everywhere = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let ended = serve(site, everywhere, std::future::ready(())).await;
        let refused = matches!(
            ended,
            Err(ExtAuthzError::Options(OptionsError::GrpcNoTls { .. }))
        );
        assert!(refused, "{ended:?}");
    }

    /// How HTTP/2 begins, with a frame of settings that says nothing (RFC 9113, 3.4 and 4.1).
    const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    /// The type of such a frame, in its fourth byte.
    const SETTINGS: u8 = 4;

    fn connector(site: &Site) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let pem = site.app.authorities().pem(site.app.now());
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsConnector::from(Arc::new(config))
    }

    #[tokio::test]
    async fn with_tls_of_the_console_nothing_else_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(&folder, Some(TlsSource::BuiltIn));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connector = connector(&site);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(serve(site, listener, async move {
            let _ = stopped.await;
        }));
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = connector.connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        stream.write_all(BEGINNING).await.unwrap();
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await.unwrap();
        assert_eq!(frame[3], SETTINGS);
        // In the clear there is no HTTP/2; how the connection ends is of no account.
        let mut plain = TcpStream::connect(address).await.unwrap();
        let mut said = Vec::new();
        let _ = plain.write_all(BEGINNING).await;
        let _ = plain.read_to_end(&mut said).await;
        assert_ne!(said.get(3), Some(&SETTINGS), "{said:?}");
        drop(stream);
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        // Nobody listens any longer, as soon as whoever took connections has seen it.
        for _ in 0..1_000 {
            if TcpStream::connect(address).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("it still listens");
    }

    #[tokio::test]
    async fn a_huge_check_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let site = site(&folder, None);
        assert_eq!(status(&site, CHECK_MAX + 1).await, Code::OutOfRange as i32);
        // An empty one is read, and names no peer.
        assert_eq!(status(&site, 0).await, Code::PermissionDenied as i32);
    }
}
