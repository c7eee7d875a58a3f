//! FreeRADIUS with the configuration that `docs/network-access.md` prints: names, places and secrets are
//! put in, everything else is as it is printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_tests::Running;

use super::printed::printed;
use super::stage::{SECRET, SERVER, Stage};

/// The name that devices know it by.
pub const NAME: &str = "radius.example.go.jp";

/// The server, ended when this is dropped.
pub struct Radius {
    process: Running,
    folder: PathBuf,
}

impl Radius {
    /// Starts it beside Sekisho, with a token to ask by.
    pub fn start(stage: &Stage, token: &str) -> Self {
        let folder = stage.folder().join("radius");
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("ca.pem"), &stage.authority).expect("written");
        certificate(&folder, "server", NAME);
        let config = configuration(&folder, token);
        std::fs::write(folder.join("radiusd.conf"), config).expect("written");
        let mut command = stage.beside_server("freeradius");
        command.args(["-f", "-n", "radiusd", "-d"]).arg(&folder);
        let process = Running::start(command);
        process.wait_for("the start", |said| {
            said.contains("Ready to process requests").then_some(())
        });
        Self { process, folder }
    }

    /// Whom devices trust when they sign in (PEM).
    pub fn authority(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    pub fn said(&self) -> String {
        self.process.said()
    }
}

/// A key and a certificate that it signs itself.
pub fn certificate(folder: &Path, file: &str, name: &str) {
    let (key, pem) = (format!("{file}.key"), format!("{file}.pem"));
    let (subject, other) = (format!("/CN={name}"), format!("subjectAltName=DNS:{name}"));
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-keyout", &key, "-out", &pem, "-subj", &subject])
        .args(["-addext", &other])
        .args(["-addext", "extendedKeyUsage=serverAuth,clientAuth"])
        .output()
        .expect("openssl starts");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
}

fn configuration(folder: &Path, token: &str) -> String {
    let (here, server) = (folder.display().to_string(), format!("https://{SERVER}"));
    printed(
        "name = freeradius",
        &[
            ("/etc/freeradius/sekisho", here.as_str()),
            ("/var/log/freeradius", &here),
            ("/run/freeradius", &here),
            ("https://sekisho.example.go.jp:8443", &server),
            ("SECRET-OF-THE-SWITCHES", SECRET),
            ("Bearer TOKEN", &format!("Bearer {token}")),
        ],
    )
}
