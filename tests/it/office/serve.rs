//! A server with TLS by its own authority, whose certificate is taken by its fingerprint.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sekisho_tests::{Launch, Sekisho};

/// The server and whom it is known by.
pub struct Served {
    pub server: Sekisho,
    pub authority: String,
    pub fingerprint: String,
}

fn launch(folder: &Path, address: &str) -> Launch {
    Launch::new("up")
        .argument("--config")
        .argument(folder.join("sekisho.toml"))
        .argument("--lang")
        .argument("en")
        .at(address.parse().expect("an address"))
        .on(folder.join("data"))
}

/// Starts it for the first time, on a folder of its own, with lines of configuration besides.
pub fn serve(folder: &Path, address: &str, config: &str) -> Served {
    let text = format!("tls = \"built-in\"\n{config}");
    std::fs::write(folder.join("sekisho.toml"), text).expect("a file is written");
    let mut server = launch(folder, address).begin();
    // The last line of a start: from here on it listens.
    server.link();
    let fingerprint = server.wait_for_log(|said| {
        let rest = said.split_once("(SHA-256):")?.1.split_once('\n')?.0;
        Some(rest.trim().to_owned())
    });
    let url = format!("https://{address}/certificate-authority.pem");
    let fetched = Command::new("curl").args(["-sk", &url]).output();
    let authority = String::from_utf8(fetched.expect("curl starts").stdout).expect("text");
    server.known_by(authority.clone());
    Served {
        server,
        authority,
        fingerprint,
    }
}

/// Starts it again, after its end.
pub fn serve_again(folder: &Path, address: &str, authority: &str) -> Sekisho {
    let mut server = launch(folder, address).begin();
    server.known_by(authority.to_owned());
    let deadline = Instant::now() + Duration::from_secs(60);
    let ready = |server: &Sekisho| {
        let answer = server.client().try_get("/readyz");
        answer.is_ok_and(|answer| answer.status == 200)
    };
    while !ready(&server) {
        assert!(Instant::now() < deadline, "not ready: {}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    server
}
