//! The program killed in the midst of writing, again and again: what it has acknowledged stays.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_tests::{Cli, Client, Launch, between, hidden};

const KILLS: u64 = 20;

/// Founds units over HTTP as fast as the program answers, until it is gone.
///
/// Gives the names that were acknowledged.
fn found_units(
    mut officer: Client,
    round: u64,
    stop: &'static AtomicBool,
) -> JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let mut acknowledged = Vec::new();
        for n in 0.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let name = format!("第{round}部{n}課");
            let Some(reply) = found_unit(&mut officer, &name) else {
                break;
            };
            assert_eq!(reply, 303, "{name} was refused");
            acknowledged.push(name);
        }
        acknowledged
    })
}

fn found_unit(officer: &mut Client, name: &str) -> Option<u16> {
    let page = officer.try_get("/organisation").ok()?;
    if page.status == 429 {
        return None;
    }
    let page = page.with_status(200).text();
    let csrf = hidden(&page, "csrf");
    let choices = between(&page, "name=\"parent\"", "</select>").expect("a choice of parents");
    let parent = between(choices, "value=\"unt_", "\"").expect("a unit");
    let body = format!("csrf={csrf}&parent=unt_{parent}&unit_ja={}", percent(name));
    let origin = format!("http://{}", officer.address());
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
    ];
    let reply = officer.try_request("POST", "/organisation/units", &headers, body.as_bytes());
    reply.ok().map(|it| it.status)
}

fn percent(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02X}")).collect()
}

/// Imports a growing list of exploited vulnerabilities until the program is gone.
///
/// Gives the number of entries of the newest list that was acknowledged.
fn import_feeds(
    shell: Cli,
    folder: &Path,
    from: u64,
    stop: &'static AtomicBool,
) -> JoinHandle<u64> {
    let file = folder.join("kev.json");
    std::thread::spawn(move || {
        let mut acknowledged = from;
        while !stop.load(Ordering::SeqCst) {
            let entries = acknowledged + 1;
            std::fs::write(&file, list(entries)).expect("written");
            let words = ["feeds".into(), "import".into(), file.clone()];
            match shell.run(words).code {
                Some(0) => acknowledged = entries,
                _ => break,
            }
        }
        acknowledged
    })
}

fn list(entries: u64) -> String {
    let rows: Vec<String> = (0..entries)
        .map(|n| {
            format!(
                "{{\"cveID\":\"CVE-2026-{}\",\"vendorProject\":\"Example\",\"product\":\"Shell\",\
                 \"vulnerabilityName\":\"Example\",\"dateAdded\":\"2026-11-18\",\
                 \"shortDescription\":\"Example.\",\"requiredAction\":\"Update.\",\
                 \"dueDate\":\"2026-11-25\",\"knownRansomwareCampaignUse\":\"Unknown\",\
                 \"notes\":\"\",\"cwes\":[]}}",
                10_000 + n
            )
        })
        .collect();
    format!(
        "{{\"title\":\"made up\",\"catalogVersion\":\"2026.11.19\",\
         \"dateReleased\":\"2026-11-19T{:02}:{:02}:{:02}Z\",\"count\":{entries},\
         \"vulnerabilities\":[{}]}}",
        entries / 3600,
        entries / 60 % 60,
        entries % 60,
        rows.join(",")
    )
}

fn entries(shell: &Cli) -> u64 {
    let status = shell.run(["feeds", "status", "--format", "json"]).json();
    let feeds = status.as_array().expect("an array");
    let kev = feeds.iter().find(|it| it["kind"] == "kev");
    kev.and_then(|it| it["entries"].as_u64()).unwrap_or(0)
}

#[test]
fn nothing_acknowledged_is_lost_when_killed() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let first = Launch::new("up").on(&data).start();
    let address = first.address();
    let officer = first.found();
    let device = first.device();
    assert!(first.stop().success());

    let mut units = BTreeSet::new();
    let mut newest = 0;
    for round in 0..KILLS {
        let server = Launch::new("up").on(&data).at(address).start();
        let founding = found_units(officer.clone(), round, &STOP);
        let importing = import_feeds(server.cli(), folder.path(), newest, &STOP);
        // Spread over the first second: reports, verdicts and checkpoints are written in it too.
        std::thread::sleep(Duration::from_millis(100 + round * 397 % 1000));
        server.kill();
        STOP.store(true, Ordering::SeqCst);
        units.extend(founding.join().expect("the officer"));
        newest = importing.join().expect("the operator");
        STOP.store(false, Ordering::SeqCst);

        let held = entries(&Cli::on(&data));
        // The one in the making may have come through unanswered.
        assert!(
            (newest..=newest + 1).contains(&held),
            "{held} entries, {newest} acknowledged"
        );
        newest = held;
    }
    let server = Launch::new("up").on(&data).at(address).start();
    assert_eq!(server.device(), device);
    let page = officer
        .clone()
        .get("/organisation/units")
        .with_status(200)
        .text();
    let lost: Vec<_> = units.iter().filter(|name| !page.contains(*name)).collect();
    println!(
        "{KILLS} kills, {} units and {newest} feeds acknowledged",
        units.len()
    );
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(
        units.len() as u64 >= KILLS && newest >= KILLS,
        "too little was written"
    );
    assert!(server.stop().success());
    Cli::on(&data).run(["ledger", "verify"]).with_code(0);
}
