//! TLS over real connections: certificates right, absent, foreign, expired, of retired devices.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use p256::ecdsa::SigningKey;
use p256::pkcs8::EncodePrivateKey;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sekisho_domain::actor::Actor;
use sekisho_domain::code::Reason;
use sekisho_domain::command::Command;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{PATH_CERTIFICATE, PATH_REPORT};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::http::{Options, Patience, Site, TlsSource, serve_with};
use tokio::sync::oneshot;

use super::agents::{headers, key, signed};
use super::house::House;

/// Long enough for the busiest machine; nothing waits for it that goes well.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct At(Timestamp);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.as_millis()).unwrap();
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

/// A server on a thread of its own: the tests wait for connections where they may not block.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl Served {
    fn start(house: &House, source: TlsSource) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut options = Options::loopback(address);
        options.tls = Some(source);
        options.https = true;
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let site = Site::new(house.app.clone(), catalogue, options).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let patience = Patience {
            handshake: Duration::from_millis(300),
            look: Duration::from_millis(10),
            ..Patience::default()
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let until = async {
                    // Ends as well when a test fails before it stops the server.
                    let _ = stopped.await;
                };
                serve_with(site, listener, patience, until).await.unwrap();
            });
        });
        Self {
            address,
            stop,
            thread,
        }
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// A certificate of a device, with the key it is presented with.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Shown {
    fn new(pem: &str, key: &SigningKey) -> Self {
        let chain: Result<_, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let der = key.to_pkcs8_der().unwrap().as_bytes().to_vec();
        Self {
            chain: chain.unwrap(),
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)),
        }
    }
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Completes a handshake, or says why not. With TLS 1.3 a client hears of a certificate that was
/// refused only when it reads.
fn connect(
    (house, served): (&House, &Served),
    roots: &str,
    shown: Option<&Shown>,
) -> std::io::Result<Stream> {
    let mut known = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(roots.as_bytes()) {
        known.add(root.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(known);
    let mut config = match shown {
        None => builder.with_no_client_auth(),
        // Shown as they are given, also where key and certificate do not belong together.
        Some(shown) => {
            let key = rustls::crypto::ring::sign::any_supported_type(&shown.key).unwrap();
            let certified = CertifiedKey::new(shown.chain.clone(), key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
    };
    config.time_provider = Arc::new(At(house.app.now()));
    let name = ServerName::from(served.address.ip());
    let mut shake = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(served.address)?;
    socket.set_read_timeout(Some(LIMIT))?;
    while shake.is_handshaking() {
        shake.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(shake, socket))
}

/// One request on a connection that stays open, and its answer.
fn ask(
    stream: &mut impl ReadWrite,
    host: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, String)],
    body: &[u8],
) -> std::io::Result<(u16, String)> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let mut text = String::from_utf8(answer).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    text.push_str(&String::from_utf8(body).unwrap());
    Ok((status, text))
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// A report of a device over a connection.
fn report(
    (house, served): (&House, &Served),
    stream: &mut Stream,
    who: (DeviceId, &SigningKey),
    sequence: u64,
) -> std::io::Result<(u16, String)> {
    let now = house.app.now();
    let report = serde_json::json!({
        "agent": "0.1.0", "observed_at": now, "observations": []
    });
    let body = serde_json::to_vec(&report).unwrap();
    let headers = headers(who, PATH_REPORT, (now, sequence), &body);
    ask(
        stream,
        served.address,
        ("POST", PATH_REPORT),
        &headers,
        &body,
    )
}

/// A device that is enrolled, with its certificate as the server issues it.
async fn device(house: &House, seed: u8) -> (DeviceId, SigningKey, Shown) {
    let (signing, public) = key(seed);
    let device = house.device(house.root(), None, public).await;
    let shown = certificate(house, (device, &signing), 1).await;
    (device, signing, shown)
}

async fn certificate(house: &House, who: (DeviceId, &SigningKey), sequence: u64) -> Shown {
    let empty = serde_json::json!({});
    let reply = signed(house, who, PATH_CERTIFICATE, sequence, &empty).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    let json = reply.json();
    let (after, renew) = (&json["not_after"], &json["renew_at"]);
    assert!(after.is_number() || after.is_string(), "{json}");
    assert_ne!(after, renew);
    Shown::new(json["chain"].as_str().unwrap(), who.1)
}

async fn change(house: &House, officer: PersonId, device: DeviceId, state: DeviceState) {
    let reason = Reason::new("device.by-officer").with("why", "lost");
    let command = Command::ChangeDevice {
        device,
        state,
        reason,
    };
    let actor = Actor::person(officer);
    house.app.command(actor, command).await.unwrap();
}

fn roots(house: &House) -> String {
    house.app.authorities().pem(house.app.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_need_no_certificate_and_get_secure_cookies() {
    let house = House::founded().await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let mut stream = connect((&house, &served), &roots(&house), None).unwrap();
    let (status, text) = ask(&mut stream, served.address, ("GET", "/sign-in"), &[], b"").unwrap();
    assert_eq!(status, 200);
    let cookie = text.lines().find(|line| line.starts_with("set-cookie: "));
    let cookie = cookie.unwrap();
    assert!(cookie.contains("__Host-sekisho-browser="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(text.contains("strict-transport-security: "));
    let path = ("GET", "/certificate-authority.pem");
    let (_, text) = ask(&mut stream, served.address, path, &[], b"").unwrap();
    assert!(text.ends_with(&house.app.authorities().active().pem()));
    // Whoever knows another authority is not taken in.
    let other = House::new();
    let error = connect((&house, &served), &roots(&other), None).err();
    assert!(error.unwrap().to_string().contains("UnknownIssuer"));
    drop(stream);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_asked_at_each_request() {
    let house = House::founded().await;
    let (officer, _) = house.officer("isso", house.root(), Role::Isso).await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let both = (&house, &served);
    let (id, signing, shown) = device(&house, 1).await;
    let mut stream = connect(both, &roots(&house), Some(&shown)).unwrap();
    let (status, text) = report(both, &mut stream, (id, &signing), 1).unwrap();
    assert_eq!(status, 200, "{text}");
    change(&house, officer, id, DeviceState::Suspended).await;
    let (status, text) = report(both, &mut stream, (id, &signing), 2).unwrap();
    assert_eq!(
        status, 200,
        "reports of a suspended device are kept: {text}"
    );
    change(&house, officer, id, DeviceState::Retired).await;
    // On the very same connection.
    let (status, text) = report(both, &mut stream, (id, &signing), 3).unwrap();
    assert_eq!(status, 403);
    assert!(text.contains("device.retired"), "{text}");
    drop(stream);
    // Refused before its report was read, that connection is at its end; on a new one nothing is open.
    let mut stream = connect(both, &roots(&house), Some(&shown)).unwrap();
    let (status, _) = ask(&mut stream, served.address, ("GET", "/healthz"), &[], b"").unwrap();
    assert_eq!(status, 403, "nothing is open to it");
    drop(stream);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_devices_certificate_does_not_carry_anothers_signature() {
    let house = House::founded().await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let both = (&house, &served);
    let (_, _, shown) = device(&house, 1).await;
    let (other, signing, own) = device(&house, 2).await;
    let mut stream = connect(both, &roots(&house), Some(&shown)).unwrap();
    let (status, text) = report(both, &mut stream, (other, &signing), 1).unwrap();
    assert_eq!(status, 403);
    assert!(text.contains("report.certificate"), "{text}");
    let mut stream = connect(both, &roots(&house), Some(&own)).unwrap();
    let (status, _) = report(both, &mut stream, (other, &signing), 1).unwrap();
    assert_eq!(status, 200, "the number was not used up");
    let mut stream = connect(both, &roots(&house), None).unwrap();
    let (status, _) = report(both, &mut stream, (other, &signing), 2).unwrap();
    assert_eq!(status, 200, "the signature counts without a certificate");
    drop(stream);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_forged_and_expired_certificates_end_the_handshake() {
    let (house, stranger) = (House::founded().await, House::founded().await);
    let served = Served::start(&house, TlsSource::BuiltIn);
    let both = (&house, &served);
    let (id, signing, shown) = device(&house, 1).await;
    // The right name and key, signed by another authority.
    let public = house.app.world().device(id).unwrap().key.clone();
    let authorities = stranger.app.authorities();
    let authority = authorities.active();
    let forged = authority.certify_device(id, &public, house.app.now(), [9; 16]);
    let foreign = Shown::new(&forged.unwrap().chain, &signing);
    // The right certificate with another key than its own.
    let (thief, _) = key(7);
    let stolen = Shown {
        key: Shown::new("", &thief).key,
        chain: shown.chain.clone(),
    };
    for wrong in [&foreign, &stolen] {
        let tried = connect(both, &roots(&house), Some(wrong))
            .and_then(|mut stream| report(both, &mut stream, (id, &signing), 1));
        assert!(tried.is_err(), "{tried:?}");
    }
    house.pass(25 * 3_600_000);
    let tried = connect(both, &roots(&house), Some(&shown))
        .and_then(|mut stream| report(both, &mut stream, (id, &signing), 1));
    assert!(tried.is_err(), "an expired certificate: {tried:?}");
    // Renewal needs no certificate.
    let renewed = certificate(&house, (id, &signing), 2).await;
    let mut stream = connect(both, &roots(&house), Some(&renewed)).unwrap();
    let (status, text) = report(both, &mut stream, (id, &signing), 1).unwrap();
    assert_eq!(status, 200, "{text}");
    drop(stream);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_certificate_is_replaced_before_it_ends() {
    let house = House::founded().await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let leaf = || {
        let stream = connect((&house, &served), &roots(&house), None).unwrap();
        stream.conn.peer_certificates().unwrap()[0].clone()
    };
    let first = leaf();
    house.pass(8 * 24 * 3_600_000);
    house.app.clock().confirm();
    let begun = Instant::now();
    while leaf() == first {
        assert!(begun.elapsed() < LIMIT, "it is never replaced");
        std::thread::sleep(Duration::from_millis(10));
    }
    served.stop();
}

/// Writes a self-signed certificate and its key, and returns the certificate.
fn write(folder: &std::path::Path) -> (TlsSource, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("tls.pem"), folder.join("tls.key"));
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&key, private).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    (TlsSource::Files { certificate, key }, made.cert.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_again_when_they_change_and_kept_when_they_are_wrong() {
    let house = House::founded().await;
    let folder = tempfile::tempdir().unwrap();
    let (source, first) = write(folder.path());
    let served = Served::start(&house, source);
    assert!(connect((&house, &served), &first, None).is_ok());
    std::fs::write(folder.path().join("tls.key"), "nonsense").unwrap();
    for _ in 0..20 {
        let tried = connect((&house, &served), &first, None);
        assert!(tried.is_ok(), "the old one stays");
    }
    let (_, second) = write(folder.path());
    let begun = Instant::now();
    while connect((&house, &served), &second, None).is_err() {
        assert!(begun.elapsed() < LIMIT, "it is never read again");
        std::thread::sleep(Duration::from_millis(10));
    }
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_the_server_stays_known_and_old_and_new_certificates_count() {
    let house = House::founded().await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let both = (&house, &served);
    let before = roots(&house);
    let (first, signing, shown) = device(&house, 1).await;
    house.app.rotate_authority().unwrap();
    assert_eq!(roots(&house).matches("BEGIN CERTIFICATE").count(), 2);
    // Of the new authority, which the listener takes to within moments. Whoever knows the old one
    // alone still knows the server.
    let (second, fresh, new) = device(&house, 2).await;
    let begun = std::time::Instant::now();
    let mut sequence = 2;
    loop {
        let connected = connect(both, &before, Some(&new));
        let asked = connected.and_then(|mut stream| {
            let who = (second, &fresh);
            report(both, &mut stream, who, sequence)
        });
        match asked {
            Ok((200, _)) => break,
            told => assert!(begun.elapsed() < LIMIT, "{told:?}"),
        }
        sequence += 1;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut stream = connect(both, &before, Some(&shown)).unwrap();
    let (status, text) = report(both, &mut stream, (first, &signing), 2).unwrap();
    assert_eq!(status, 200, "{text}");
    drop(stream);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_speak_tls_is_told_or_cut_off() {
    let house = House::founded().await;
    let served = Served::start(&house, TlsSource::BuiltIn);
    let mut plain = TcpStream::connect(served.address).unwrap();
    plain.set_read_timeout(Some(LIMIT)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut said = String::new();
    let _ = plain.read_to_string(&mut said);
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    assert!(said.contains("https://"), "{said}");
    let mut silent = TcpStream::connect(served.address).unwrap();
    silent.set_read_timeout(Some(LIMIT)).unwrap();
    assert_eq!(silent.read(&mut [0; 16]).unwrap_or(0), 0, "it is cut");
    let mut nonsense = TcpStream::connect(served.address).unwrap();
    nonsense.set_read_timeout(Some(LIMIT)).unwrap();
    nonsense.write_all(&[22; 4096]).unwrap();
    let mut rest = Vec::new();
    let _ = nonsense.read_to_end(&mut rest);
    assert!(connect((&house, &served), &roots(&house), None).is_ok());
    served.stop();
}
