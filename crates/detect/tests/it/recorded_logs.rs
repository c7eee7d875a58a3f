//! Logs in the form in which Zeek, the DNS server of Windows and osquery write them, read whole.

use sekisho_detect::discovery::{Catalogue, Client, Clock, Counts, Form, Reader, Skip, Tally};

use crate::common::root;

/// `2026-11-29T07:10:00Z`: ten minutes after the logs begin.
const NEWEST: i64 = 1_795_936_200_000;

fn log(name: &str) -> Vec<u8> {
    let path = root().join("fixtures/logs").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What was counted, and who used what how often.
fn read(form: Form, log: &[u8]) -> (Counts, Vec<(String, String, u64)>) {
    let catalogue = Catalogue::built_in().unwrap();
    let clock = Clock::new(9 * 3600, NEWEST).unwrap();
    let mut tally = Tally::default();
    let mut reader = Reader::new(form, &catalogue, clock);
    reader.feed(log, &mut tally);
    reader.finish(&mut tally);
    let used = tally.into_sorted().into_iter().map(|it| {
        assert_eq!(it.day.to_string(), "2026-11-29");
        let Client::Known { from, .. } = it.client else {
            panic!("few clients");
        };
        let service = catalogue.service(it.service).unwrap();
        (
            service.id.as_str().to_owned(),
            from.into_string(),
            it.use_.times(),
        )
    });
    let mut used: Vec<_> = used.collect();
    used.sort();
    (*reader.counts(), used)
}

fn uses(list: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    let all = list.iter();
    all.map(|(service, from, times)| ((*service).to_owned(), (*from).to_owned(), *times))
        .collect()
}

/// Lines, uses of any name, uses of services, lines of something else, and lines that are none.
fn counted(counts: &Counts) -> [u64; 5] {
    let malformed = counts.skipped(Skip::Malformed);
    [
        counts.lines,
        counts.lookups,
        counts.matched,
        counts.other,
        malformed,
    ]
}

#[test]
fn each_log_is_recognised_by_its_first_lines() {
    for (name, form) in [
        ("zeek-dns.json", Form::Zeek),
        ("zeek-ssl.json", Form::Zeek),
        ("windows-dns.log", Form::WindowsDns),
        ("osquery.json", Form::Osquery),
    ] {
        let log = log(name);
        let lines: Vec<&[u8]> = log.split(|byte| *byte == b'\n').collect();
        assert_eq!(Form::recognise(&lines), Some(form), "{name}");
    }
}

#[test]
fn zeeks_logs_tell_of_names_asked_for_and_of_servers_named_in_tls() {
    let (counts, used) = read(Form::Zeek, &log("zeek-dns.json"));
    assert_eq!(counted(&counts), [7, 5, 3, 1, 1]);
    let expected = [("dropbox", "2001:db8::21", 1), ("zoom", "192.0.2.21", 2)];
    assert_eq!(used, uses(&expected));
    let (counts, used) = read(Form::Zeek, &log("zeek-ssl.json"));
    assert_eq!(counted(&counts), [4, 3, 2, 1, 0]);
    let expected = [("slack", "192.0.2.24", 1), ("zoom", "192.0.2.21", 1)];
    assert_eq!(used, uses(&expected));
}

#[test]
fn of_the_log_of_windows_only_questions_of_clients_count() {
    let (counts, used) = read(Form::WindowsDns, &log("windows-dns.log"));
    // What a resolver asks further on, and answers either way, are no uses of their own; the heading is none.
    assert_eq!((counts.lookups, counts.matched), (4, 2));
    // A name that is cut in its middle names no host.
    assert_eq!(counts.skipped(Skip::Name), 1);
    let expected = [("deepl", "2001:db8::22", 1), ("zoom", "192.0.2.21", 1)];
    assert_eq!(used, uses(&expected));
}

#[test]
fn osquerys_rows_tell_of_lookups_and_of_processes_with_connections() {
    let (counts, used) = read(Form::Osquery, &log("osquery.json"));
    // A row that went away, and a process without a connection that is called like a domain, tell nothing.
    assert_eq!(counted(&counts), [6, 4, 3, 2, 1]);
    let expected = [
        ("slack", "PC-7", 1),
        ("zoom", "MAC-3", 1),
        ("zoom", "PC-7", 1),
    ];
    assert_eq!(used, uses(&expected));
}
