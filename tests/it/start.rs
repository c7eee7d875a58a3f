//! Starting again, twice, and stopping.

use std::time::{Duration, Instant};

use sekisho_tests::{Cli, Launch, Sekisho};

/// What a person would call broken. The goal of one second is held by `cargo xtask bench`.
const BOUND: Duration = Duration::from_secs(10);

#[test]
fn a_second_start_is_quick_and_knows_the_organisation() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let first = Launch::new("up").on(folder.path().join("data")).start();
    first.found();
    let device = first.device();
    let (data, address) = (first.data().to_owned(), first.address());
    assert!(first.stop().success());

    let began = Instant::now();
    let second = Launch::new("up").on(&data).at(address).start();
    let took = began.elapsed();
    println!("second start ready after {} ms", took.as_millis());
    assert!(took < BOUND, "{took:?}");
    // The same device, not a second one, and the page to sign in, not to set up.
    assert_eq!(second.device(), device);
    let page = second.client().get("/sign-in").with_status(200).text();
    assert!(!page.contains("organisation_ja"), "asks to be set up again");
    assert!(second.judged()["checks"].is_array());
}

#[test]
fn a_second_process_on_the_same_folder_is_told_who_holds_it() {
    let server = Sekisho::up();
    server.found();
    for language in ["ja", "en"] {
        let second = Launch::new("up").on(server.data());
        let Err(refused) = second.argument("--lang").argument(language).try_start() else {
            panic!("two processes on one folder");
        };
        assert_eq!(refused.code, Some(2), "{refused}");
        sekisho_tests::said_for_people(&refused.stderr);
        let holder = server.id().to_string();
        assert!(refused.stderr.contains(&holder), "{refused}");
    }
    // The first one is none the worse.
    server.client().get("/readyz").with_status(200);
    server.cli().run(["assess"]).with_code(1);
}

#[test]
fn a_taken_port_is_named_and_nothing_changes() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let first = Launch::new("up").on(&data).start();
    first.found();
    first.device();
    assert!(first.stop().success());
    let tree = || Cli::on(&data).run(["ledger", "checkpoint", "--format", "json"]);
    let before = tree().with_code(0).stdout;

    let other = Sekisho::up();
    let Err(refused) = Launch::new("up").on(&data).at(other.address()).try_start() else {
        panic!("two processes on one port");
    };
    assert_eq!(refused.code, Some(2), "{refused}");
    sekisho_tests::said_for_people(&refused.stderr);
    let port = other.address().port().to_string();
    assert!(refused.stderr.contains(&port), "{refused}");
    assert_eq!(tree().with_code(0).stdout, before);
    // Nor is the folder left locked.
    Launch::new("up").on(&data).start().device();
}

#[test]
fn interrupt_and_terminate_end_cleanly() {
    use rustix::process::Signal;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let first = Launch::new("up").on(&data).start();
    first.found();
    assert!(first.stop().success());
    for signal in [Signal::INT, Signal::TERM] {
        let server = Launch::new("up").on(&data).start();
        server.device();
        assert!(data.join("admin.sock").exists());
        let began = Instant::now();
        let status = server.end_by(signal);
        println!("ended {} ms after {signal:?}", began.elapsed().as_millis());
        assert!(status.success(), "{signal:?}: {status}");
        assert!(
            !data.join("admin.sock").exists(),
            "the socket is left behind"
        );
        // A backup by copying files misses nothing: what was written is in the database itself.
        let left = std::fs::metadata(data.join("ledger.sqlite-wal")).map_or(0, |it| it.len());
        assert_eq!(
            left, 0,
            "{left} bytes are left in the ledger's write-ahead log"
        );
    }
    Cli::on(&data).run(["ledger", "verify"]).with_code(0);
}
