//! The program from outside: a second start on a filled folder, and the overview page.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use sekisho_tests::{Client, Launch, Sekisho, hidden};

use crate::{Outcome, Target};

/// Starts and bare process starts that are measured; the best of each counts.
const STARTS: u32 = 5;
/// Times the page and its baseline are asked for.
const PAGES: u32 = 100;

/// A requirement that every device is judged by.
const REQUIREMENT: &str = "/requirements/GOV-3-1-c";

/// Measures the demonstration's folder. `SEKISHO_BIN` names the binary.
///
/// # Panics
/// Where the binary does not start or the console does not answer.
pub fn run() -> Outcome {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("demo");
    let mut outcome = Outcome::new();
    // The first start fills the folder; it is not measured.
    let filled = start(&data);
    filled.wait_for_log(|said| said.contains("A made-up ministry is ready").then_some(()));
    assert!(filled.stop().success(), "the first start stops");
    starts(&data, &mut outcome);
    let running = start(&data);
    // Every device reports again behind a second start; the pages are measured when that is over.
    running.wait_for_log(|said| said.contains("devices reported").then_some(()));
    pages(&running, &mut outcome);
    assert!(running.stop().success(), "it stops");
    outcome
}

fn start(data: &Path) -> Sekisho {
    let demo = Launch::new("up").argument("--demo").on(data);
    demo.argument("--lang").argument("en").start()
}

/// A start until the console answers, beside the bare start of the process.
fn starts(data: &Path, outcome: &mut Outcome) {
    let (mut bare, mut console) = (f64::MAX, f64::MAX);
    let mut slowest = 0f64;
    for _ in 0..STARTS {
        let began = Instant::now();
        let ended = Command::new(sekisho_tests::binary())
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        assert!(ended.is_ok_and(|it| it.success()), "--version answers");
        bare = bare.min(began.elapsed().as_secs_f64());
        let began = Instant::now();
        let running = start(data);
        let page = running.client().get("/sign-in");
        let answered = began.elapsed().as_secs_f64();
        assert_eq!(page.status, 200, "the console answers");
        console = console.min(answered);
        slowest = slowest.max(answered);
        // Signals are its own to handle from when it says so; how it ends is not measured here.
        running.wait_for_output(|said| said.contains("Ctrl-C").then_some(()));
        let _ = running.stop();
    }
    outcome.figure("bare process start", bare, "s", Target::None);
    let name = "console answers on an existing folder";
    outcome.figure(name, console, "s", Target::AtMost(1.0));
    outcome.figure(
        &format!("{name}, slowest of {STARTS}"),
        slowest,
        "s",
        Target::None,
    );
    let name = "console answers to bare process start";
    outcome.figure(name, console / bare, "", Target::None);
}

/// Signs in by the link that the start prints.
fn signed_in(running: &Sekisho) -> Client {
    let mut client = running.client();
    let link = running.link();
    let page = client.get(&link).with_status(200).text();
    let csrf = hidden(&page, "csrf");
    client
        .post_form(&link, &[("csrf", csrf.as_str())])
        .with_status(303);
    client
}

/// The value of a line of `/metrics` that begins with `line`; 0 where it is not there yet.
fn metric(client: &mut Client, line: &str) -> f64 {
    let text = client.get("/metrics").with_status(200).text();
    let value = text.lines().find_map(|it| it.strip_prefix(line));
    value.and_then(|it| it.trim().parse().ok()).unwrap_or(0.0)
}

/// Milliseconds a request, by the server's own account and by the round trip.
fn asked(client: &mut Client, path: &str, route: &str) -> (f64, f64) {
    let series = |name: &str| format!("{name}{{method=\"GET\",route=\"{route}\",status=\"200\"}}");
    let read = |client: &mut Client| {
        let time = metric(client, &series("sekisho_http_seconds_total"));
        (time, metric(client, &series("sekisho_http_requests_total")))
    };
    client.get(path).with_status(200);
    let (time, count) = read(client);
    let began = Instant::now();
    for _ in 0..PAGES {
        client.get(path).with_status(200);
    }
    let trip = began.elapsed().as_secs_f64() / f64::from(PAGES);
    let (after, all) = read(client);
    assert!(all >= count + f64::from(PAGES), "{route} is counted");
    ((after - time) / (all - count) * 1_000.0, trip * 1_000.0)
}

/// Pages beside the smallest request there is.
fn pages(running: &Sekisho, outcome: &mut Outcome) {
    let mut client = signed_in(running);
    let (_, plain) = asked(&mut client, "/healthz", "/healthz");
    outcome.figure("/healthz round trip", plain, "ms", Target::None);
    for (name, path, route, target) in [
        ("overview page", "/", "/", Target::AtMost(10.0)),
        (
            "requirement page",
            REQUIREMENT,
            "/requirements/{id}",
            Target::None,
        ),
        ("list of devices", "/devices", "/devices", Target::None),
    ] {
        let (server, trip) = asked(&mut client, path, route);
        outcome.figure(&format!("{name}, server time"), server, "ms", target);
        outcome.figure(&format!("{name}, round trip"), trip, "ms", Target::None);
        let ratio = format!("{name} to /healthz, round trip");
        outcome.figure(&ratio, trip / plain, "", Target::None);
    }
}
