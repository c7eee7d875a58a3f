//! Asking about the past.

use std::time::{Duration, Instant};

use sekisho_tests::{Cli, Launch, Sekisho};
use serde_json::Value;

/// Id, verdict and the code of the reason of every row.
fn verdicts(assessed: &Value) -> Vec<[String; 3]> {
    let rows = assessed["rows"].as_array().expect("rows");
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| {
            [
                text(&row["id"]),
                text(&row["verdict"]),
                text(&row["reason"]["code"]),
            ]
        })
        .collect()
}

fn now(shell: &Cli) -> Value {
    shell
        .run(["assess", "--format", "json"])
        .with_code(1)
        .json()
}

fn at(shell: &Cli, time: &str) -> Value {
    shell
        .run(["assess", "--format", "json", "--at", time])
        .with_code(1)
        .json()
}

/// Waits until the second of a time has passed, as what follows could bear the same time.
fn wait_beyond(shell: &Cli, time: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while now(shell)["at"] == time {
        assert!(
            Instant::now() < deadline,
            "the clock stands still at {time}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_past_is_what_was_known_then() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let server = Launch::new("up").on(folder.path().join("data")).start();
    server.found();
    server.judged();
    let shell = server.cli();

    // An answer about the past rests on an assessment recorded by then: wait for the first.
    let deadline = Instant::now() + Duration::from_secs(60);
    let (before, time) = loop {
        let before = now(&shell);
        let time = before["at"].as_str().expect("a time").to_owned();
        wait_beyond(&shell, &time);
        let past = verdicts(&at(&shell, &time));
        if past == verdicts(&before) {
            break (before, time);
        }
        // Not yet assessed, or a report came since and is judged and not recorded yet.
        assert!(
            Instant::now() < deadline,
            "not recorded: {past:?}\nnow: {:?}",
            verdicts(&before)
        );
    };

    // Something becomes known: the advisories have feeds now.
    let feeds = sekisho_tests::root().join("fixtures/feeds");
    for name in ["kev.json", "epss.csv", "changelogs.jsonl", "endoflife.json"] {
        let words = ["feeds".into(), "import".into(), feeds.join(name)];
        shell.run(words).with_code(0);
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    let after = loop {
        let after = now(&shell);
        if verdicts(&after) != verdicts(&before) {
            break after;
        }
        assert!(Instant::now() < deadline, "the feeds changed nothing");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(verdicts(&at(&shell, &time)), verdicts(&before));

    // Once it is recorded, a moment ago is what is so now.
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut after = after;
    let later = loop {
        let later = after["at"].as_str().expect("a time").to_owned();
        wait_beyond(&shell, &later);
        if verdicts(&at(&shell, &later)) == verdicts(&after) {
            break later;
        }
        assert!(Instant::now() < deadline, "what is so now was not recorded");
        after = now(&shell);
    };

    // The same answers without the server.
    let data = server.data().to_owned();
    assert!(server.stop().success());
    assert_eq!(verdicts(&at(&Cli::on(&data), &time)), verdicts(&before));
    assert_eq!(verdicts(&at(&Cli::on(&data), &later)), verdicts(&after));
}

#[test]
fn a_time_before_the_founding_is_refused() {
    let server = Sekisho::up();
    server.found();
    for (language, time) in [("ja", "2020-01-01"), ("en", "2001-01-01T00:00:00Z")] {
        let words = ["assess", "--at", time, "--lang", language];
        server.cli().run(words).with_code(1).said_for_people();
    }
}

#[test]
fn what_is_no_time_is_a_usage_error() {
    let server = Sekisho::up();
    server.found();
    for time in ["yesterday", "2026-13-01", "2026-02-30", "R0.1.1", ""] {
        let said = server.cli().run(["assess", "--lang", "en", "--at", time]);
        said.with_code(2).said_for_people();
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let missing = folder.path().join("missing");
    let said = Cli::on(&missing)
        .run(["assess", "--lang", "en"])
        .with_code(2);
    assert!(said.stderr.contains("missing"), "{}", said.stderr);
    said.said_for_people();
    assert!(!missing.exists(), "asking made the folder");
}
