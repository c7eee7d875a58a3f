//! The demonstration: filled once, its evidence made fresh at every start.

use std::time::Instant;

use sekisho_tests::Launch;

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
    let reported = |said: &str| {
        let line = said.lines().find(|it| it.contains("devices reported"))?;
        line.split(' ').next()?.replace(',', "").parse::<u32>().ok()
    };
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
