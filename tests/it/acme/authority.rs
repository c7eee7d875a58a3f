//! An authority that speaks ACME: Caddy, with the root that it makes for itself.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use sekisho_tests::Running;

/// Its directory.
pub const DIRECTORY: &str = "https://localhost:14000/acme/local/directory";
/// A page beside it.
pub const NO_DIRECTORY: &str = "https://localhost:14000/hello";
/// The directory by another name, which is another directory to whoever compares addresses.
pub const OTHER_DIRECTORY: &str = "https://127.0.0.1:14000/acme/local/directory";

const ADDRESS: &str = "127.0.0.1:14000";
const LIMIT: Duration = Duration::from_secs(30);

/// As its documentation has it: a local authority, and an ACME server that asks for this one challenge.
const CADDYFILE: &str = "{
    admin off
    skip_install_trust
    auto_https disable_redirects
    default_bind 127.0.0.1
}
https://localhost:14000, https://127.0.0.1:14000 {
    tls internal
    acme_server {
        challenges tls-alpn-01
    }
    respond /hello hello
}
";

/// The program, where the test command has installed it.
pub fn binary() -> Option<PathBuf> {
    let python = sekisho_tests::python()?;
    let beside = python.parent()?.join("caddy");
    beside.exists().then_some(beside)
}

pub struct Authority {
    binary: PathBuf,
    folder: PathBuf,
    running: Option<Running>,
}

impl Authority {
    pub fn start(binary: &Path, folder: &Path) -> Self {
        let folder = folder.join("authority");
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("Caddyfile"), CADDYFILE).expect("a file is written");
        let mut authority = Self {
            binary: binary.to_owned(),
            folder,
            running: None,
        };
        authority.begin_again();
        authority
    }

    pub fn begin_again(&mut self) {
        let mut command = Command::new(&self.binary);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(self.folder.join("Caddyfile"))
            .env("XDG_DATA_HOME", &self.folder)
            .env("XDG_CONFIG_HOME", &self.folder)
            .env("HOME", &self.folder);
        let running = Running::start(command);
        let address = ADDRESS.parse().expect("an address");
        let begun = Instant::now();
        while shown(address, &self.root()).is_err() {
            assert!(begun.elapsed() < LIMIT, "{}", running.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        self.running = Some(running);
    }

    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill();
        }
    }

    pub fn root_file(&self) -> PathBuf {
        self.folder.join("caddy/pki/authorities/local/root.crt")
    }

    /// Its root (PEM); empty while it has none.
    pub fn root(&self) -> String {
        std::fs::read_to_string(self.root_file()).unwrap_or_default()
    }
}

/// The certificate that a server at an address shows to who knows this root and no other.
pub fn shown(address: SocketAddr, root: &str) -> Result<Vec<u8>, String> {
    let mut roots = RootCertStore::empty();
    for read in CertificateDer::pem_slice_iter(root.as_bytes()) {
        let read = read.map_err(|error| error.to_string())?;
        roots.add(read).map_err(|error| error.to_string())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // By its name, and in the client of the tests by its address: the certificate is for both.
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name);
    let mut client = client.map_err(|error| error.to_string())?;
    let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    let limit = stream.set_read_timeout(Some(LIMIT));
    limit.map_err(|error| error.to_string())?;
    while client.is_handshaking() {
        client
            .complete_io(&mut stream)
            .map_err(|error| error.to_string())?;
    }
    let certificates = client.peer_certificates().unwrap_or_default();
    let leaf = certificates.first().ok_or("no certificate")?.to_vec();
    Ok(leaf)
}
