//! The built-in authority at the shell: by whom whoever enrols knows the server, and its rotation.

use std::path::Path;

use sekisho_tests::{Cli, Launch, Sekisho};
use serde_json::Value;
use tempfile::TempDir;

fn start(folder: &Path) -> (Sekisho, String) {
    let config = folder.join("sekisho.toml");
    std::fs::write(&config, "tls = \"built-in\"\n").expect("a file is written");
    let launch = Launch::new("up").argument("--config").argument(&config);
    let launch = launch.argument("--lang").argument("en");
    let server = launch.on(folder.join("data")).begin();
    let fingerprint = server.wait_for_log(|said| {
        let rest = said.split_once("(SHA-256):")?.1.split_once('\n')?.0;
        Some(rest.trim().to_owned())
    });
    (server, fingerprint)
}

fn json(cli: &Cli, words: &[&str]) -> Value {
    let words = [words, &["--format", "json"]].concat();
    cli.run(words).with_code(0).json()
}

#[test]
fn an_invitation_names_the_authority_and_a_new_one_is_introduced_first() {
    let folder = TempDir::new().expect("a temporary folder");
    let (mut server, fingerprint) = start(folder.path());
    let cli = server.cli();
    let authorities = json(&cli, &["certificate", "authority"]);
    assert_eq!(authorities["authorities"][0]["fingerprint"], *fingerprint);
    let pem = std::process::Command::new("curl")
        .args([
            "-sk",
            &format!("https://{}/certificate-authority.pem", server.address()),
        ])
        .output()
        .expect("curl starts");
    server.known_by(String::from_utf8(pem.stdout).expect("text"));
    server.found();

    // Whoever enrols knows the server by what the invitation says, and by nothing else.
    let invited = json(&cli, &["device", "invite"]);
    assert_eq!(invited["ca_sha256"], *fingerprint);
    let told = cli.run(["device", "invite", "--lang", "en"]).with_code(0);
    assert!(told.stderr.contains(&fingerprint), "{}", told.stderr);
    assert!(!told.stdout.contains(&fingerprint), "{}", told.stdout);
    let url = format!("https://{}", server.address());
    let secret = invited["secret"].as_str().expect("a secret");
    let enrol = |known: &str, state: &str| {
        let state = folder.path().join(state);
        let state = state.to_str().expect("a plain path");
        let words = ["agent", "enrol", "--server", &url, "--ca-sha256", known];
        let words = [&words[..], &["--state", state]].concat();
        Cli::new().run_with_input(words, secret.as_bytes())
    };
    let wrong = enrol(&"0".repeat(64), "wrong");
    assert_ne!(wrong.code, Some(0), "{}", wrong.stdout);
    enrol(&fingerprint, "right").with_code(0);

    // A new authority certifies devices at once, and the server only when it is known.
    let rotated = json(&cli, &["certificate", "authority", "--rotate"]);
    let all = rotated["authorities"].as_array().expect("authorities");
    let stands = |at: usize| (&all[at]["certifies_devices"], &all[at]["certifies_server"]);
    assert_eq!(all.len(), 2, "{rotated}");
    assert_eq!(all[1]["fingerprint"], *fingerprint, "{rotated}");
    assert_eq!(stands(0), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(stands(1), (&Value::Bool(false), &Value::Bool(true)));
    let invited = json(&cli, &["device", "invite"]);
    assert_eq!(invited["ca_sha256"], *fingerprint);
    let text = cli.run(["certificate", "authority", "--lang", "en"]);
    let text = text.with_code(0).stdout;
    assert!(text.contains("Certifies devices"), "{text}");
    // The agent renews its certificate with the new authority, and knows both from then on.
    let state = folder.path().join("right");
    let run = ["agent", "run", "--once", "--state"];
    let state_text = state.to_str().expect("a plain path");
    let ran = Cli::new().run([&run[..], &[state_text]].concat());
    ran.with_code(0);
    // A restart finds both again, the old one still before the new one for the server.
    assert!(server.stop().success());
    let (server, again) = start(folder.path());
    assert_eq!(again, fingerprint);
    let after = json(&server.cli(), &["certificate", "authority"]);
    assert_eq!(after["authorities"], rotated["authorities"]);
}

#[test]
fn without_its_own_authority_an_invitation_names_none() {
    let server = Sekisho::up();
    server.found();
    let invited = json(&server.cli(), &["device", "invite"]);
    assert_eq!(invited["ca_sha256"], Value::Null);
    let status = server.cli().run(["certificate", "status"]);
    assert_eq!(status.code, Some(1));
    status.said_for_people();
}
