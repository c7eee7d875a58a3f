//! Certificates by ACME, from Caddy's own authority and its ACME server. Everything runs in a network
//! namespace, since the authority looks at port 443.

mod authority;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use sekisho_tests::{Launch, Namespace, Sekisho, leave_out, mark, no_namespaces};
use serde_json::Value;
use tempfile::TempDir;

use authority::{Authority, shown};

/// Where the server listens, and what its certificate is for.
const SERVER: &str = "127.0.0.1:443";
/// How long an order may take in a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

fn address() -> SocketAddr {
    SERVER.parse().expect("an address")
}

fn configuration(folder: &Path, directory: &str, more: &str) -> std::path::PathBuf {
    let path = folder.join("sekisho.toml");
    let text = format!(
        "names = [\"localhost\"]\n[tls.acme]\ndirectory = \"{directory}\"\n\
         contact = [\"telework@example.go.jp\"]\nnames = [\"localhost\", \"127.0.0.1\"]\n{more}"
    );
    std::fs::write(&path, text).expect("a file is written");
    path
}

/// Starts the server, and waits until it listens: without a certificate it is not to be asked more.
fn start(folder: &Path, config: &Path) -> Sekisho {
    let launch = Launch::new("serve").argument("--config").argument(config);
    let launch = launch.argument("--lang").argument("ja");
    let server = launch.at(address()).on(folder.join("data")).begin();
    server.wait_for_output(|said| said.contains("https://localhost").then_some(()));
    server
}

fn status(server: &Sekisho) -> (Option<i32>, Value) {
    let told = server
        .cli()
        .run(["certificate", "status", "--format", "json"]);
    let value = serde_json::from_str(&told.stdout).unwrap_or(Value::Null);
    (told.code, value)
}

/// Waits until the last order is said to have failed by a code.
fn until_failing(server: &Sekisho, code: &str) -> (Option<i32>, Value) {
    let begun = Instant::now();
    loop {
        let told = status(server);
        if told.1["failing"]["code"] == code {
            return told;
        }
        assert!(begun.elapsed() < LIMIT, "{code}: {told:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_certificate_is_ordered_renewed_kept_and_outlives_its_authority() {
    let name = "a_certificate_is_ordered_renewed_kept_and_outlives_its_authority";
    let Some(caddy) = authority::binary() else {
        return leave_out(name, "Caddy is not installed");
    };
    if let Some(reason) = no_namespaces(&["ip"]) {
        return leave_out(name, &reason);
    }
    let space = Namespace::new("acme", &mark());
    space.enter();
    let folder = TempDir::new().expect("a temporary folder");
    let mut authority = Authority::start(&caddy, folder.path());
    let root = authority.root();
    authority.stop();

    let own_root = format!(
        "terms_agreed = true\nauthorities = \"{}\"\n",
        authority.root_file().display()
    );
    let config = configuration(folder.path(), authority::DIRECTORY, &own_root);
    let mut server = start(folder.path(), &config);
    server.known_by(root.clone());
    nothing_is_served_without_a_certificate(&server, &root);

    // The authority comes up: the first certificate, for all names, by its root alone.
    authority.begin_again();
    let cli = server.cli();
    let text = cli.run(["certificate", "renew", "--lang", "en"]);
    let text = text.with_code(0).stdout;
    assert!(text.contains("ordered by ACME"), "{text}");
    let first = shown(address(), &root).expect("a certificate of the authority");
    server.client().get("/readyz").with_status(200);
    let officer = server.found();
    let (code, told) = status(&server);
    assert_eq!((code, &told["failing"]), (Some(0), &Value::Null));
    assert_eq!(told["source"], "acme");
    two_thirds(&told);

    // Another one, with another key; then the authority is gone and the old one stays.
    cli.run(["certificate", "renew"]).with_code(0);
    let second = shown(address(), &root).expect("another one");
    assert_ne!(first, second);
    authority.stop();
    let failed = cli.run(["certificate", "renew", "--lang", "en"]);
    let failed = failed.with_code(2).stderr;
    assert!(failed.contains("cannot be reached"), "{failed}");
    assert_eq!(shown(address(), &root).as_ref(), Ok(&second));
    let metrics = server.client().get("/metrics").with_status(200).text();
    assert!(metrics.contains("sekisho_certificate_orders_failed 1"));
    assert!(!metrics.contains("sekisho_certificate_expires_seconds 0"));
    server.client().get("/readyz").with_status(200);
    // Everybody is told, and what is the matter those who are signed in.
    for (mut reader, page) in [(officer, "/"), (server.client(), "/sign-in")] {
        let page = reader.get(page).with_status(200).text();
        let told = page.contains("サーバーの証明書を更新できていません");
        assert!(told, "{page}");
    }
    assert!(server.stop().success());

    a_restart_asks_nobody(folder.path(), &config, (&root, &second));

    authority.begin_again();
    other_directories_are_asked(folder.path(), &own_root, (&root, &second));
}

/// Nobody is there to ask: it listens, serves nothing, and says so.
fn nothing_is_served_without_a_certificate(server: &Sekisho, root: &str) {
    let (code, told) = until_failing(server, "acme.unreachable");
    assert_eq!((code, &told["until"]), (Some(1), &Value::Null));
    assert!(shown(address(), root).is_err());
    assert!(server.client().try_get("/readyz").is_err());
    server.wait_for_log(|said| said.contains("有効な証明書がありません").then_some(()));
}

/// Another directory is asked at once; what is no ACME server, or not known, is told as that.
fn other_directories_are_asked(folder: &Path, own_root: &str, (root, kept): (&str, &Vec<u8>)) {
    for (directory, more, code) in [
        (authority::NO_DIRECTORY, own_root, "acme.answer"),
        (
            authority::OTHER_DIRECTORY,
            "terms_agreed = true\n",
            "acme.untrusted",
        ),
    ] {
        let config = configuration(folder, directory, more);
        let server = start(folder, &config);
        until_failing(&server, code);
        assert_eq!(shown(address(), root).as_ref(), Ok(kept), "{code}");
        assert!(server.stop().success());
    }
}

/// Nobody is there: what was kept is shown.
fn a_restart_asks_nobody(folder: &Path, config: &Path, (root, kept): (&str, &Vec<u8>)) {
    let server = start(folder, config);
    assert_eq!(shown(address(), root).as_ref(), Ok(kept));
    let (code, told) = status(&server);
    assert_eq!((code, &told["failing"]), (Some(0), &Value::Null));
    let kept = std::fs::read_to_string(folder.join("data/keys/acme.json"));
    let kept = kept.expect("what was kept");
    assert!(!kept.contains("PRIVATE KEY"), "{kept}");
    assert!(server.stop().success());
}

/// Another one is due when two thirds of the time are over.
fn two_thirds(told: &Value) {
    let millis = |key: &str| {
        told[key]
            .as_i64()
            .unwrap_or_else(|| panic!("{key}: {told}"))
    };
    let (from, until) = (millis("from"), millis("until"));
    // Whole milliseconds, downwards.
    assert_eq!(millis("renew_at") - from, (until - from) * 2 / 3, "{told}");
}

#[test]
fn without_agreed_terms_nothing_is_ordered() {
    let folder = TempDir::new().expect("a temporary folder");
    let config = configuration(folder.path(), authority::DIRECTORY, "");
    let launch = Launch::new("serve").argument("--config").argument(&config);
    let launch = launch.argument("--lang").argument("en");
    let failure = launch.on(folder.path().join("data")).try_start();
    let failure = failure.err().expect("no start");
    assert_eq!(failure.code, Some(2), "{failure}");
    assert!(failure.stderr.contains("terms_agreed = true"), "{failure}");
    assert!(!folder.path().join("data").exists());
}
