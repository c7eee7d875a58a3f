//! Mail through a relay that is not ours: TLS, signing in, and relays that misbehave.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sekisho_tests::{Launch, Sekisho, SmtpPeer, leave_out};
use tempfile::TempDir;

/// What a configuration says besides relay and sender.
#[derive(Clone, Copy, Default)]
struct Says {
    tls: Option<&'static str>,
    authority: bool,
    password: Option<&'static str>,
}

fn configuration(folder: &Path, peer: &SmtpPeer, says: Says) -> PathBuf {
    let mut lines = vec![
        "[mail]".to_owned(),
        format!("relay = \"{}\"", peer.address()),
        "from = \"sekisho@example.org\"".to_owned(),
    ];
    lines.extend(says.tls.map(|word| format!("tls = \"{word}\"")));
    if says.authority {
        lines.push(format!("authorities = \"{}\"", peer.authority().display()));
    }
    if let Some(password) = says.password {
        let file = folder.join("password");
        std::fs::write(&file, format!("{password}\n")).expect("written");
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&file, mode).expect("closed");
        lines.push("user = \"sekisho\"".to_owned());
        lines.push(format!("password_file = \"{}\"", file.display()));
    }
    let config = folder.join("sekisho.toml");
    std::fs::write(&config, lines.join("\n")).expect("written");
    config
}

fn serving(folder: &TempDir, config: &Path) -> Sekisho {
    let server = Launch::new("serve").on(folder.path().join("data"));
    let server = server.argument("--config").argument(config).start();
    server.found();
    let target = ["ledger", "checkpoint", "--to", "mail:audit@example.org"];
    server.cli().run(target).with_code(0);
    server
}

/// Waits until the log names a failure by code.
fn failed(server: &Sekisho, code: &str) {
    server.wait_for_log(|said| said.contains(code).then_some(()));
}

#[test]
fn checkpoints_leave_under_tls_and_signed_in() {
    for (kind, word) in [("starttls+auth", "starttls"), ("implicit+auth", "implicit")] {
        let Some(mut peer) = SmtpPeer::start(kind) else {
            return leave_out(
                "checkpoints_leave_under_tls_and_signed_in",
                "no Python tools",
            );
        };
        let folder = TempDir::new().expect("a temporary folder");
        let says = Says {
            tls: Some(word),
            authority: true,
            password: Some("open sesame"),
        };
        let server = serving(&folder, &configuration(folder.path(), &peer, says));
        let mail = &peer.mails(1)[0];
        assert!(mail.tls && mail.signed_in, "{mail:?}");
        assert_eq!(mail.to, ["audit@example.org"]);
        assert!(mail.text.contains("sekisho.local/ledger"), "{}", mail.text);
        let log = server.log();
        assert!(!log.contains("open sesame"), "{log}");
    }
}

#[test]
fn a_relay_that_cannot_be_trusted_is_given_nothing() {
    let wrong_password = Says {
        tls: Some("starttls"),
        authority: true,
        password: Some("open barley"),
    };
    let trusting = Says {
        tls: Some("starttls"),
        authority: true,
        password: None,
    };
    let unasked = Says {
        password: Some("open sesame"),
        ..trusting
    };
    let machine_authorities = Says {
        authority: false,
        ..trusting
    };
    let implicit = Says {
        tls: Some("implicit"),
        ..trusting
    };
    for (kind, says, code) in [
        ("starttls+stranger", trusting, "mail.tls"),
        ("implicit+stranger", implicit, "mail.tls"),
        ("starttls", machine_authorities, "mail.tls"),
        ("plain", trusting, "mail.no-starttls"),
        ("starttls+silent", unasked, "mail.no-login"),
        ("starttls+auth", wrong_password, "mail.login"),
        ("starttls+auth", trusting, "mail.login"),
    ] {
        let Some(mut peer) = SmtpPeer::start(kind) else {
            return leave_out(
                "a_relay_that_cannot_be_trusted_is_given_nothing",
                "no Python tools",
            );
        };
        let folder = TempDir::new().expect("a temporary folder");
        let server = serving(&folder, &configuration(folder.path(), &peer, says));
        failed(&server, code);
        assert!(peer.mails_now().is_empty(), "{kind} {code}");
    }
}

#[test]
fn a_relay_that_misbehaves_is_tried_again_and_decisions_go_on() {
    for (how, code) in [
        ("rcpt 451 4.3.2 come again", "mail.busy"),
        ("rcpt 550 5.1.1 nobody here", "mail.refused"),
        ("data 554 5.7.1 no", "mail.refused"),
        ("drop", "mail.unreachable"),
        ("hang", "mail.timed-out"),
    ] {
        let Some(mut peer) = SmtpPeer::start("plain") else {
            let name = "a_relay_that_misbehaves_is_tried_again_and_decisions_go_on";
            return leave_out(name, "no Python tools");
        };
        peer.answer(how);
        let folder = TempDir::new().expect("a temporary folder");
        let config = configuration(folder.path(), &peer, Says::default());
        let server = serving(&folder, &config);
        // Nobody waits for mail.
        let begun = Instant::now();
        let targets = ["mail:audit@example.org", "mail:second@example.org"];
        let args = [
            "ledger",
            "checkpoint",
            "--to",
            targets[0],
            "--to",
            targets[1],
        ];
        server.cli().run(args).with_code(0);
        assert!(begun.elapsed() < Duration::from_secs(30), "{how}");
        failed(&server, code);
        assert!(peer.mails_now().is_empty(), "{how}");
        // The last word at the stop is a delivery; the relay is well again by then.
        peer.answer("ok");
        assert!(server.stop().success(), "{how}");
        let mails = peer.mails(2);
        assert!(mails.iter().all(|mail| !mail.tls && !mail.signed_in));
    }
}

#[test]
fn settings_that_would_give_a_password_away_do_not_start() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "open sesame").expect("written");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    let config = folder.path().join("sekisho.toml");
    let refused = |more: &str| {
        let text = format!(
            "[mail]\nrelay = \"mail.example.org:25\"\nfrom = \"a@example.org\"\nuser = \"sekisho\"\n{more}"
        );
        std::fs::write(&config, text).expect("written");
        let start = Launch::new("serve").on(folder.path().join("data"));
        let start = start.argument("--config").argument(&config);
        let start = start.argument("--lang").argument("en");
        let Err(refused) = start.try_start() else {
            panic!("started with {more}");
        };
        assert_eq!(refused.code, Some(2), "{refused}");
        assert!(!refused.stderr.contains("open sesame"), "{refused}");
        refused.stderr
    };
    let password = format!("password_file = \"{}\"\n", file.display());
    mode(0o644).expect("opened");
    assert!(refused(&password).contains("Others than its owner"));
    mode(0o600).expect("closed");
    let plain = refused(&format!("{password}tls = \"none\"\n"));
    assert!(plain.contains("over an unprotected line"), "{plain}");
    assert!(refused("tls = \"starttls\"\n").contains("no password"));
    assert!(refused(&format!("{password}tls = \"always\"\n")).contains("starttls, implicit"));
    let missing = refused("password_file = \"/nowhere/password\"\n");
    assert!(missing.contains("/nowhere/password"), "{missing}");
    std::fs::write(&file, "\n").expect("written");
    assert!(refused(&password).contains("no password"));
}
