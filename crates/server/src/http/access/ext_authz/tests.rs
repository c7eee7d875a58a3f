//! What the door of Envoy takes, and from whom.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use sekisho_rules::catalogue::Catalogue;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
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
    site_behind(folder, tls, Vec::new())
}

fn site_behind(
    folder: &tempfile::TempDir,
    tls: Option<TlsSource>,
    trusted_proxies: Vec<IpAddr>,
) -> Site {
    let data = DataFolder::create_or_open(&folder.path().join("data")).unwrap();
    let master = MasterSource::standard(&data, None);
    let app = App::open(data, &master, Box::new(MachineTime::default())).unwrap();
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    let mut options = Options::loopback(([127, 0, 0, 1], 8420).into());
    options.tls = tls;
    options.trusted_proxies = trusted_proxies;
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
/// That of one that asks for a sign of life.
const PING: u8 = 6;
/// A limit that is over soon.
const SOON: Duration = Duration::from_millis(50);
/// Longer than anything here takes, and shorter than the limits of every day.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// A door that is open.
struct Open {
    site: Site,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ExtAuthzError>>,
}

impl Open {
    async fn new(site: Site, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let until = async move {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(serve_with(site.clone(), listener, limits, until));
        Self {
            site,
            address,
            stop,
            serving,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        let ended = timeout(PATIENCE, self.serving).await;
        ended.expect("it does not stop").unwrap().unwrap();
    }
}

/// What is said on a connection until it is hung up on.
async fn heard(mut stream: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut said = Vec::new();
    // How it ends is of no account.
    let ended = timeout(PATIENCE, stream.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the connection is still open");
    said
}

/// The types of the frames in what was said.
fn types(mut said: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let [a, b, c, kind, _, _, _, _, _, rest @ ..] = said {
        types.push(*kind);
        let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap();
        said = rest.get(length..).unwrap_or_default();
    }
    types
}

#[tokio::test]
async fn whoever_begins_nothing_is_hung_up_on() {
    let mut limits = Limits::default();
    limits.patience.headers = SOON;
    let folder = tempfile::tempdir().unwrap();
    let door = Open::new(site(&folder, None), limits).await;
    heard(door.connect().await).await;
    // Nor does it help to begin and not to end.
    let mut halting = door.connect().await;
    halting.write_all(&BEGINNING[..10]).await.unwrap();
    heard(halting).await;
    door.close().await;
    let folder = tempfile::tempdir().unwrap();
    let door = Open::new(site(&folder, Some(TlsSource::BuiltIn)), limits).await;
    let name = ServerName::try_from("localhost").unwrap();
    let connector = connector(&door.site);
    let stream = connector.connect(name, door.connect().await).await;
    heard(stream.unwrap()).await;
    door.close().await;
}

#[tokio::test]
async fn whoever_gives_no_sign_of_life_is_hung_up_on() {
    let limits = Limits {
        silence: SOON,
        answer: SOON,
        ..Limits::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let door = Open::new(site(&folder, None), limits).await;
    let mut stream = door.connect().await;
    stream.write_all(BEGINNING).await.unwrap();
    let said = types(&heard(stream).await);
    assert_eq!(said.first(), Some(&SETTINGS), "{said:?}");
    assert!(said.contains(&PING), "{said:?}");
    door.close().await;
}

#[tokio::test]
async fn in_the_clear_too_so_many_are_served_at_once_and_no_more() {
    let mut limits = Limits::default();
    limits.patience.connections = 1;
    let folder = tempfile::tempdir().unwrap();
    let door = Open::new(site(&folder, None), limits).await;
    let mut frame = [0; 9];
    let mut first = door.connect().await;
    first.write_all(BEGINNING).await.unwrap();
    first.read_exact(&mut frame).await.unwrap();
    let mut second = door.connect().await;
    second.write_all(BEGINNING).await.unwrap();
    let early = timeout(SOON, second.read_exact(&mut frame)).await;
    assert!(early.is_err(), "{frame:?}");
    drop(first);
    let served = timeout(PATIENCE, second.read_exact(&mut frame)).await;
    served.expect("nobody is served").unwrap();
    assert_eq!(frame[3], SETTINGS);
    drop(second);
    door.close().await;
}

#[tokio::test]
async fn whoever_is_no_trusted_proxy_hears_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = site_behind(&folder, None, vec![[192, 0, 2, 1].into()]);
    let door = Open::new(site, Limits::default()).await;
    let mut stranger = door.connect().await;
    // It may be hung up on before it is done.
    let _ = stranger.write_all(BEGINNING).await;
    assert!(heard(stranger).await.is_empty());
    door.close().await;
}
