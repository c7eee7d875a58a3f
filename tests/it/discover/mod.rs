//! Service use found in the logs that real resolvers and a real proxy write, and in files by hand.

pub mod peers;

use std::path::Path;

use sekisho_tests::{Cli, Finished, leave_out};
use serde_json::Value;
use tempfile::TempDir;

use peers::Peer;

/// The lines of a run: uses, then summaries.
fn lines(said: &Finished) -> (Vec<Value>, Vec<Value>) {
    let lines = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    lines.partition(|line: &Value| line.get("service").is_some())
}

fn discover(arguments: &[&str]) -> Finished {
    let words = ["discover", "--lang", "en"].iter().chain(arguments);
    Cli::new().run(words)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Each program answers one use of `us02web.zoom.us`, and its log says so.
#[test]
fn a_conference_tool_is_found_in_the_log_of_a_real_resolver_and_a_real_proxy() {
    let peers = Peer::all().into_iter().chain([Peer::tagged_unbound()]);
    for peer in peers {
        if !peer.is_there() {
            leave_out("discover", &format!("{} is not installed", peer.form));
            continue;
        }
        let folder = TempDir::new().expect("a temporary folder");
        let log = peer.used_once(folder.path());
        let (used, summaries) = lines(&discover(&[path(&log)]).with_code(0));
        assert_eq!(summaries.len(), 1);
        let skipped = &summaries[0]["skipped"];
        assert_eq!(summaries[0]["form"], peer.form, "{summaries:?}");
        assert_eq!(skipped["malformed"], 0, "{}: {summaries:?}", peer.form);
        assert_eq!(used.len(), 1, "{}: {used:?}", peer.form);
        let used = &used[0];
        assert_eq!(
            (&used["service"], &used["client"]),
            (&"zoom".into(), &"127.0.0.1".into())
        );
        assert_eq!(
            (&used["kind"], &used["times"]),
            (&"conference".into(), &1.into())
        );
        assert_eq!(used["bytes"].as_u64() > Some(0), peer.form == "squid");
    }
}

const LOG: &str = "\
Nov 29 16:00:00 dnsmasq[1]: query[A] us02web.zoom.us from 192.0.2.7\n\
Nov 29 16:00:01 dnsmasq[1]: query[A] notzoom.us from 192.0.2.7\n\
Nov 29 16:00:01 dnsmasq[1]: query[A] zoom.us.evil.example from 192.0.2.7\n\
Nov 29 16:00:02 dnsmasq[1]: query[A] dropbox.com from 192.0.2.8\n";

#[test]
fn reading_goes_on_where_it_was_left_whatever_the_log_is_called_by_then() {
    let folder = TempDir::new().expect("a temporary folder");
    let [log, old, marks] = ["dns.log", "dns.log.1", "marks.json"].map(|it| folder.path().join(it));
    let run = |logs: &[&Path]| {
        let mut words = vec!["--resume", path(&marks)];
        words.extend(logs.iter().map(|log| path(log)));
        let (used, summaries) = lines(&discover(&words).with_code(0));
        let read: u64 = summaries.iter().filter_map(|it| it["lines"].as_u64()).sum();
        (used.len(), read)
    };
    // The last line is being written.
    std::fs::write(
        &log,
        format!("{LOG}Nov 29 16:00:03 dnsmasq[1]: query[A] zo"),
    )
    .expect("written");
    assert_eq!(run(&[&log]), (2, 4));
    assert_eq!(run(&[&log]), (0, 0));
    let rest = "om.us from 192.0.2.9\n";
    std::fs::write(
        &log,
        format!("{LOG}Nov 29 16:00:03 dnsmasq[1]: query[A] zo{rest}"),
    )
    .expect("written");
    std::fs::rename(&log, &old).expect("renamed");
    std::fs::write(
        &log,
        "Nov 29 16:00:09 dnsmasq[1]: query[A] zoom.us from 192.0.2.10\n",
    )
    .expect("written");
    assert_eq!(run(&[&log, &old]), (2, 2));
    assert_eq!(run(&[&log, &old]), (0, 0));
    // Without it everything is read, a last line without its end too.
    std::fs::write(
        &log,
        "Nov 29 16:00:09 dnsmasq[1]: query[A] zoom.us from 192.0.2.10",
    )
    .expect("written");
    let (used, _) = lines(&discover(&[path(&log)]).with_code(0));
    assert_eq!(used.len(), 1);
}

#[test]
fn uses_are_told_by_unit_and_person_and_from_packed_logs_and_standard_input() {
    let folder = TempDir::new().expect("a temporary folder");
    let clients = folder.path().join("clients.csv");
    std::fs::write(
        &clients,
        "client,unit,person\n192.0.2.0/24,総務課,\n192.0.2.8,会計課,佐藤\n",
    )
    .expect("written");
    let words = ["discover", "--clients", path(&clients), "-"];
    let said = Cli::new()
        .run_with_input(words, LOG.as_bytes())
        .with_code(0);
    let (used, summaries) = lines(&said);
    let whose = |service: &str| {
        let used = used
            .iter()
            .find(|it| it["service"] == service)
            .expect("a use");
        (
            used["unit"].as_str().map(str::to_owned),
            used["person"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(whose("zoom"), (Some("総務課".into()), None));
    assert_eq!(
        whose("dropbox"),
        (Some("会計課".into()), Some("佐藤".into()))
    );
    assert_eq!(summaries[0]["lookups"], 4);
}

#[test]
fn what_cannot_be_used_is_said_in_both_languages_with_what_to_do() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        path(&file).to_owned()
    };
    let good = file("good.log", LOG.as_bytes());
    let rubbish = file("rubbish.log", b"\xff\xfe\x00\x01 nothing\n");
    let bad_list = file("list.csv", b"client,unit\n10.0.0.1/8,a\n");
    let bad_catalogue = file("services.toml", b"[[service]]\nid = \"a\"\nname = { ja = \"a\", en = \"a\" }\nkind = \"mail\"\ndomains = [\"jp\"]\n");
    for arguments in [
        &["/nowhere/dns.log"][..],
        &[&rubbish],
        &["--clients", &bad_list, &good],
        &["--catalogue", &bad_catalogue, &good],
        &["--offset", "9", &good],
        &["--resume", &rubbish, &good],
        &["--form", "syslog", &good],
    ] {
        for language in ["ja", "en"] {
            let words = ["discover", "--lang", language];
            let said = Cli::new().run(words.iter().chain(arguments));
            said.with_code(2).said_for_people();
        }
    }
    // One log that is none does not take the others with it.
    let (used, summaries) = lines(&discover(&[&rubbish, &good]).with_code(2));
    assert_eq!((used.len(), summaries.len()), (2, 1));
}
