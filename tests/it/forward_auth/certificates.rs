//! Certificates that Sekisho did not make: the proxy's own, and those of an authority that it does not know.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What makes them.
pub const OPENSSL: &str = "/usr/bin/openssl";

/// A certificate and its key (PEM).
#[derive(Clone, Debug)]
pub struct Certificate {
    pub chain: String,
    pub key: String,
}

impl Certificate {
    /// The certificate itself, without those above it, as it stands in the file.
    pub fn leaf(&self) -> &str {
        let end = "-----END CERTIFICATE-----\n";
        let at = self.chain.find(end).expect("a certificate");
        &self.chain[..at + end.len()]
    }

    /// The certificate itself: DER in base64.
    pub fn base64(&self) -> String {
        let lines = self.leaf().lines();
        lines.filter(|line| !line.starts_with('-')).collect()
    }
}

/// An authority of the test.
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    pub fn made() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=another -keyout ca.key -out ca.pem";
        openssl(folder.path(), new);
        Self { folder }
    }

    pub fn pem(&self) -> String {
        self.read("ca.pem")
    }

    /// A key, and a certificate for it that says what these extensions say, and nothing else.
    pub fn certify(&self, extensions: &str) -> Certificate {
        let folder = self.folder.path();
        std::fs::write(folder.join("extensions"), extensions).expect("a file is written");
        let key = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout end.key -out end.csr";
        openssl(folder, key);
        let sign = "x509 -req -in end.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out end.pem";
        openssl(folder, sign);
        Certificate {
            chain: self.read("end.pem"),
            key: self.read("end.key"),
        }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }
}

fn openssl(folder: &Path, words: &str) {
    let mut command = Command::new(OPENSSL);
    command.current_dir(folder).args(words.split(' '));
    let made = command.output().expect("openssl starts");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
}
