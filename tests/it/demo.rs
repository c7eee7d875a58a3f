//! The demonstration: filled once, its evidence made fresh at every start.

use std::time::Instant;

use rustix::process::Signal;
use sekisho_tests::{Cli, Launch};

/// How many devices reported again, as it is told on the terminal.
fn reported(said: &str) -> Option<u32> {
    let line = said.lines().find(|it| it.contains("devices reported"))?;
    line.split(' ').next()?.replace(',', "").parse().ok()
}

#[test]
fn a_second_start_answers_first_and_has_every_device_report_again() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let launch = || {
        let demo = Launch::new("up").on(folder.path().join("data"));
        demo.argument("--demo").argument("--lang").argument("en")
    };
    let first = launch().start();
    first.wait_for_log(|said| said.contains("A made-up ministry is ready").then_some(()));
    let feeds = first.cli().run(["feeds", "status", "--format", "json"]);
    let feeds = feeds.with_code(0).json();
    let feeds = feeds.as_array().expect("an array");
    for kind in ["kev", "debian", "epss", "end_of_life"] {
        let held = feeds.iter().find(|it| it["kind"] == kind);
        assert!(
            held.is_some_and(|it| it["fresh"] == true),
            "{kind}: {feeds:?}"
        );
    }
    assert!(first.stop().success());

    let began = Instant::now();
    let second = launch().start();
    println!(
        "second start of the demonstration: {} ms",
        began.elapsed().as_millis()
    );
    let count = second.wait_for_log(reported);
    assert!(count > 1_000, "{count} devices reported again");
    let log = second.log();
    assert!(!log.contains("A made-up ministry is ready"), "{log}");
    assert!(second.stop().success());
}

/// The console answered already, but until the line "Press Ctrl-C" a signal ended the process with
/// 143.
#[test]
fn asked_to_stop_while_it_fills_the_demonstration_ends_in_order_and_goes_on_later() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let launch = || {
        let demo = Launch::new("up").on(&data).argument("--demo");
        demo.argument("--lang").argument("en")
    };
    for (said, signal) in [
        ("Data folder", Signal::TERM),
        ("Registering people", Signal::INT),
        ("Taking reports in", Signal::TERM),
    ] {
        let filling = launch().begin();
        filling.wait_for_log(|log| log.contains(said).then_some(()));
        let ended = filling.end_by(signal);
        assert!(ended.success(), "{said}: {ended}");
        let sound = Cli::on(&data).run(["ledger", "verify", "--lang", "en"]);
        // Told before there is a ledger, it has none.
        assert!(
            sound.code == Some(0) || said == "Data folder",
            "{said}: {}",
            sound.stderr
        );
    }
    // Where the third was told so late that all was done, the devices report again instead.
    let whole = launch().start();
    let count = whole.wait_for_log(|said| {
        let ready = said.contains("ministry is ready (2,000 people, 2,000 devices)");
        ready.then_some(2_000).or_else(|| reported(said))
    });
    assert!(count > 1_000, "{count} devices reported");
    assert!(whole.stop().success());
}
