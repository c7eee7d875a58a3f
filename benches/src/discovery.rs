//! Discovery of services: logs read line by line on one core, beside `grep -F -f` of all domains of the
//! catalogue over the same file; files of two sizes; a file in which every other line names a service; one with more
//! clients than are kept apart; and one line of a gigabyte.
//!
//! Each file is read by a process of its own ([`read_alone`]): in this one, memory that an earlier file took and gave
//! back would hide what the next one takes.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use sekisho_detect::discovery::{Catalogue, Clock, Counts, Form, KEYS_MAX, Reader, Skip, Tally};

use crate::measure::{peak, reset_peak, resident};
use crate::{Outcome, Target};

/// Lines of a log, and of a smaller one of the same kind.
const LINES: u64 = 2_000_000;
const FEWER: u64 = 400_000;
/// `2026-11-29T07:00:00Z` in seconds.
const AT: u64 = 1_795_935_600;
/// What is read at a time, as `sekisho discover` does.
const CHUNK: usize = 256 << 10;
/// Memory that reading may take, whatever the size of the file.
const MEMORY: Target = Target::AtMost(16.0);
/// Memory that it may take once so many clients have used services that no more of them are kept apart: some 90 bytes
/// for each place of a table that has doubled, their addresses, and the list that is made of them. Names may be up to
/// 255 bytes long; those of addresses are not.
const MEMORY_AT_BOUND: Target = Target::AtMost(256.0);
/// Lines that name a service, of sixty: one in twenty, and every other one.
const FEW: u64 = 3;
const HALF: u64 = 30;
/// What the program is called with to read one log by itself.
pub const ALONE: &str = "--read-alone";

/// Every form, each with one line in twenty that names a service.
///
/// # Panics
/// Where the temporary folder cannot be written, or `grep` finds something else.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let catalogue = Catalogue::built_in().expect("the catalogue that comes along");
    let folder = std::env::temp_dir().join(format!("sekisho-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    for form in Form::ALL {
        measure(form, &folder, &catalogue, &mut outcome);
    }
    every_other(&folder, &mut outcome);
    at_bound(&folder, &mut outcome);
    gigabyte(&catalogue, &mut outcome);
    std::fs::remove_dir_all(&folder).expect("removed");
    outcome
}

fn measure(form: Form, folder: &Path, catalogue: &Catalogue, outcome: &mut Outcome) {
    let code = form.code();
    let log = folder.join(code);
    write(&log, form, (FEWER, FEW));
    let smaller = alone(&log, form).grown;
    let named = write(&log, form, (LINES, FEW));
    let Alone {
        seconds,
        lines,
        matched,
        grown,
    } = alone(&log, form);
    assert_eq!((lines, matched), (LINES, named), "{code}");
    let domains = folder.join("domains");
    std::fs::write(&domains, patterns(form, catalogue)).expect("written");
    let grep = grep(&log, &domains, named);
    std::fs::remove_file(&log).expect("removed");
    let mut figure = |what: &str, value: f64, unit: &'static str, target| {
        outcome.figure(&format!("{code}: {what}"), value, unit, target);
    };
    let rate = LINES as f64 / seconds / 1e6;
    figure("lines", rate, "M/s", Target::AtLeast(1.0));
    let theirs = LINES as f64 / grep / 1e6;
    figure(
        "lines through grep -F -f of all domains",
        theirs,
        "M/s",
        Target::None,
    );
    figure("time of grep", seconds / grep, "x", Target::None);
    figure("memory that it took", grown, "MB", MEMORY);
    figure("memory for a fifth of the lines", smaller, "MB", MEMORY);
}

/// A log in which every other line names a service.
fn every_other(folder: &Path, outcome: &mut Outcome) {
    let form = Form::Dnsmasq;
    let log = folder.join("every-other");
    let named = write(&log, form, (LINES, HALF));
    let read = alone(&log, form);
    std::fs::remove_file(&log).expect("removed");
    assert_eq!((read.lines, read.matched), (LINES, named));
    let rate = LINES as f64 / read.seconds / 1e6;
    let name = "dnsmasq, every other line names a service: lines";
    outcome.figure(name, rate, "M/s", Target::AtLeast(1.0));
    let name = "dnsmasq, every other line names a service: memory that it took";
    outcome.figure(name, read.grown, "MB", MEMORY);
}

/// A log of more clients than are kept apart.
fn at_bound(folder: &Path, outcome: &mut Outcome) {
    let form = Form::Dnsmasq;
    let log = folder.join("at-bound");
    let clients = KEYS_MAX as u64 + 100_000;
    let mut out = BufWriter::new(File::create(&log).expect("a file"));
    for line in 0..clients {
        let client = format!("10.{}.{}.{}", line >> 16, line >> 8 & 0xFF, line & 0xFF);
        let told = Told {
            line: 0,
            host: "us02web.zoom.us",
            client: &client,
        };
        one(&mut out, form, &told).expect("written");
    }
    out.flush().expect("written");
    drop(out);
    let read = alone(&log, form);
    std::fs::remove_file(&log).expect("removed");
    assert_eq!((read.lines, read.matched), (clients, clients));
    let name = format!("dnsmasq, {clients} clients of which {KEYS_MAX} are kept apart: memory");
    outcome.figure(&name, read.grown, "MB", MEMORY_AT_BOUND);
}

/// What a process of its own said of a log.
struct Alone {
    seconds: f64,
    lines: u64,
    matched: u64,
    /// Memory that it took, in MB.
    grown: f64,
}

/// Has a log read by a process of its own.
fn alone(log: &Path, form: Form) -> Alone {
    let program = std::env::current_exe().expect("this program");
    let said = Command::new(program)
        .args([ALONE, form.code()])
        .arg(log)
        .stderr(Stdio::inherit())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&said.stdout);
    let mut said = said.split_whitespace();
    let mut next = || said.next().expect("four figures");
    Alone {
        seconds: next().parse().expect("seconds"),
        lines: next().parse().expect("a count"),
        matched: next().parse().expect("a count"),
        grown: next().parse().expect("MB"),
    }
}

/// Reads one log and says how many seconds it took, how many lines there were and how many named a service, and how
/// many MB it took. False where there is no such form.
///
/// # Panics
/// Where the log cannot be read.
#[must_use]
pub fn read_alone(form: &str, log: &Path) -> bool {
    let Some(form) = Form::from_code(form) else {
        return false;
    };
    let catalogue = Catalogue::built_in().expect("the catalogue that comes along");
    let (seconds, counts, grown) = watched(|| read(log, form, &catalogue));
    let Counts { lines, matched, .. } = counts;
    println!("{seconds} {lines} {matched} {grown}");
    true
}

/// A line of a gigabyte, made on the fly, and an ordinary one behind it.
fn gigabyte(catalogue: &Catalogue, outcome: &mut Outcome) {
    const BYTES: usize = 1 << 30;
    let chunk = vec![b'a'; CHUNK];
    let last = b"\nNov 29 16:00:00 dnsmasq[812]: query[A] zoom.us from 10.1.0.1\n";
    let (seconds, counts, grown) = watched(|| {
        let mut tally = Tally::default();
        let began = Instant::now();
        let mut reader = Reader::new(Form::Dnsmasq, catalogue, clock());
        for _ in 0..BYTES / CHUNK {
            reader.feed(&chunk, &mut tally);
        }
        reader.feed(last, &mut tally);
        (began.elapsed().as_secs_f64(), *reader.counts())
    });
    let told = (counts.lines, counts.skipped(Skip::TooLong), counts.matched);
    assert_eq!(told, (2, 1, 1));
    let rate = BYTES as f64 / seconds / 1e6;
    outcome.figure("a line of a gigabyte", rate, "MB/s", Target::None);
    let name = "a line of a gigabyte: memory that it took";
    outcome.figure(name, grown, "MB", MEMORY);
}

/// What came of it, with the memory that it took, in MB.
fn watched(run: impl FnOnce() -> (f64, Counts)) -> (f64, Counts, f64) {
    reset_peak();
    let before = resident();
    let (seconds, counts) = run();
    let grown = peak().saturating_sub(before) as f64 / 1e6;
    (seconds, counts, grown)
}

/// Every domain of the catalogue, a line each, as it stands in a log of this form. Beyond that grep knows nothing of
/// them: it would count `notzoom.us` too, and tells neither services nor clients apart.
fn patterns(form: Form, catalogue: &Catalogue) -> String {
    let services = catalogue.services().iter();
    let domains = services.flat_map(|it| it.domains.iter());
    let mut patterns = String::new();
    for domain in domains {
        match form {
            Form::WindowsDns => {
                for label in domain.split('.') {
                    patterns += &format!("({}){label}", label.len());
                }
                patterns += "(0)";
            }
            _ => patterns += domain,
        }
        patterns.push('\n');
    }
    patterns
}

/// What a line tells.
struct Told<'a> {
    line: u64,
    host: &'a str,
    client: &'a str,
}

/// Writes a log of so many lines, of sixty of which so many name a service. Returns how many do.
fn write(path: &Path, form: Form, (lines, naming): (u64, u64)) -> u64 {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let mut state = 1_u64;
    let mut named = 0;
    for line in 0..lines {
        // xorshift64: the same log in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let names = state % 60 < naming;
        let host = match (names, state % 3) {
            (true, 0) => "us02web.zoom.us".to_owned(),
            (true, 1) => "client.dropbox.com".to_owned(),
            (true, _) => "edge.slack.com".to_owned(),
            (false, _) => format!("host{}.cdn{}.example.co.jp", state % 1000, state % 77),
        };
        named += u64::from(names);
        // Two thousand clients, as many as work in a large office.
        let client = format!("10.1.{}.{}", (state >> 8) % 8, (state >> 16) % 250);
        let told = Told {
            line,
            host: &host,
            client: &client,
        };
        one(&mut out, form, &told).expect("written");
    }
    out.flush().expect("written");
    named
}

/// Writes one line.
fn one(out: &mut impl Write, form: Form, told: &Told<'_>) -> std::io::Result<()> {
    let Told { line, host, client } = told;
    let (minute, second) = (line / 60 % 60, line % 60);
    let at = AT + line / 1000;
    match form {
        Form::Dnsmasq => writeln!(
            out,
            "Nov 29 16:{minute:02}:{second:02} dnsmasq[812]: query[A] {host} from {client}"
        ),
        Form::Unbound => writeln!(out, "[{at}] unbound[812:0] info: {client} {host}. A IN"),
        Form::Bind => writeln!(
            out,
            "29-Nov-2026 16:{minute:02}:{second:02}.123 queries: info: client @0x7f3c1c0b6d68 {client}#50123 ({host}): query: {host} IN A +E(0)K (192.0.2.53)"
        ),
        Form::Squid => writeln!(
            out,
            "{at}.123    212 {client} TCP_TUNNEL/200 39120 CONNECT {host}:443 - HIER_DIRECT/198.51.100.3 -"
        ),
        Form::Zeek => writeln!(
            out,
            r#"{{"ts":{at}.123456,"uid":"CAbcdef{line}","id.orig_h":"{client}","id.orig_p":50123,"id.resp_h":"192.0.2.1","id.resp_p":53,"proto":"udp","trans_id":4711,"query":"{host}","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"answers":["198.51.100.3"],"TTLs":[300.0],"rejected":false}}"#
        ),
        Form::WindowsDns => {
            write!(
                out,
                "2026/11/29 16:{minute:02}:{second:02} 0A4C PACKET  000001D5F6A3B4C0 UDP Rcv {client:<15} 0002   Q [0001   D   NOERROR] A      "
            )?;
            for label in host.split('.') {
                write!(out, "({}){label}", label.len())?;
            }
            writeln!(out, "(0)")
        }
        Form::Osquery => writeln!(
            out,
            r#"{{"name":"dns_cache","hostIdentifier":"PC-{client}","calendarTime":"Sun Nov 29 07:00:00 2026 UTC","unixTime":{at},"epoch":0,"counter":1,"numerics":false,"columns":{{"flags":"0","name":"{host}","type":"A"}},"action":"added"}}"#
        ),
    }
}

fn clock() -> Clock {
    let newest = i64::try_from(AT + 86_400).unwrap_or_default() * 1000;
    Clock::new(9 * 3600, newest).expect("a clock")
}

fn read(path: &Path, form: Form, catalogue: &Catalogue) -> (f64, Counts) {
    let mut file = File::open(path).expect("the log");
    let mut buffer = vec![0; CHUNK];
    let mut tally = Tally::default();
    let began = Instant::now();
    let mut reader = Reader::new(form, catalogue, clock());
    loop {
        let count = file.read(&mut buffer).expect("read");
        if count == 0 {
            break;
        }
        reader.feed(&buffer[..count], &mut tally);
    }
    reader.finish(&mut tally);
    assert!(!tally.into_sorted().is_empty());
    (began.elapsed().as_secs_f64(), *reader.counts())
}

/// Seconds that grep takes to count the lines with any of the domains.
fn grep(log: &Path, domains: &Path, named: u64) -> f64 {
    let began = Instant::now();
    let said = Command::new("grep")
        .env("LC_ALL", "C")
        .args(["-c", "-F", "-f"])
        .args([domains, log])
        .stderr(Stdio::inherit())
        .output()
        .expect("grep runs");
    let seconds = began.elapsed().as_secs_f64();
    let count = String::from_utf8_lossy(&said.stdout);
    assert_eq!(count.trim(), named.to_string());
    seconds
}
