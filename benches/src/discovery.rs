//! Discovery of services: logs read line by line on one core, beside `grep -F` for the same domains
//! over the same file.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use sekisho_detect::discovery::{Catalogue, Clock, Counts, Form, Reader, Tally};

use crate::measure::{peak, reset_peak, resident};
use crate::{Outcome, Target};

/// Lines of a log.
const LINES: u64 = 2_000_000;
/// `2026-11-29T07:00:00Z` in seconds.
const AT: u64 = 1_795_935_600;
/// What is read at a time, as `sekisho discover` does.
const CHUNK: usize = 256 << 10;

/// Three forms, each with one line in twenty that names a service.
///
/// # Panics
/// Where the temporary folder cannot be written, or `grep` finds something else.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let catalogue = Catalogue::built_in().expect("the catalogue that comes along");
    let folder = std::env::temp_dir().join(format!("sekisho-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let domains = folder.join("domains");
    std::fs::write(&domains, "zoom.us\ndropbox.com\nslack.com\n").expect("written");
    for form in [Form::Dnsmasq, Form::Squid, Form::Zeek] {
        let log = folder.join(form.code());
        let named = write(&log, form, LINES);
        reset_peak();
        let before = resident();
        let (seconds, counts) = read(&log, form, &catalogue);
        let grown = peak().saturating_sub(before);
        assert_eq!((counts.lines, counts.matched), (LINES, named));
        let grep = grep(&log, &domains, named);
        let code = form.code();
        let rate = LINES as f64 / seconds / 1e6;
        outcome.figure(&format!("{code}: lines"), rate, "M/s", Target::AtLeast(1.0));
        let theirs = LINES as f64 / grep / 1e6;
        outcome.figure(
            &format!("{code}: lines through grep -F"),
            theirs,
            "M/s",
            Target::None,
        );
        outcome.figure(
            &format!("{code}: time of grep"),
            seconds / grep,
            "x",
            Target::None,
        );
        let grown = grown as f64 / 1e6;
        outcome.figure(
            &format!("{code}: memory that it took"),
            grown,
            "MB",
            Target::AtMost(16.0),
        );
        std::fs::remove_file(&log).expect("removed");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    outcome
}

/// Writes a log. Returns how many of its lines name a service.
fn write(path: &Path, form: Form, lines: u64) -> u64 {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let mut state = 1_u64;
    let mut named = 0;
    for line in 0..lines {
        // xorshift64: the same log in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let host = match state % 60 {
            0 => "us02web.zoom.us".to_owned(),
            1 => "client.dropbox.com".to_owned(),
            2 => "edge.slack.com".to_owned(),
            _ => format!("host{}.cdn{}.example.co.jp", state % 1000, state % 77),
        };
        named += u64::from(state % 60 < 3);
        // Two thousand clients, as many as work in a large office.
        let client = format!("10.1.{}.{}", (state >> 8) % 8, (state >> 16) % 250);
        let (minute, second) = (line / 60 % 60, line % 60);
        let at = AT + line / 1000;
        match form {
            Form::Dnsmasq => writeln!(
                out,
                "Nov 29 16:{minute:02}:{second:02} dnsmasq[812]: query[A] {host} from {client}"
            ),
            Form::Squid => writeln!(
                out,
                "{at}.123    212 {client} TCP_TUNNEL/200 39120 CONNECT {host}:443 - HIER_DIRECT/198.51.100.3 -"
            ),
            _ => writeln!(
                out,
                r#"{{"ts":{at}.123456,"uid":"CAbcdef{line}","id.orig_h":"{client}","id.orig_p":50123,"id.resp_h":"192.0.2.1","id.resp_p":53,"proto":"udp","trans_id":4711,"query":"{host}","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"answers":["198.51.100.3"],"TTLs":[300.0],"rejected":false}}"#
            ),
        }
        .expect("written");
    }
    out.flush().expect("written");
    named
}

fn read(path: &Path, form: Form, catalogue: &Catalogue) -> (f64, Counts) {
    let newest = i64::try_from(AT + 86_400).unwrap_or_default() * 1000;
    let clock = Clock::new(9 * 3600, newest).expect("a clock");
    let mut file = File::open(path).expect("the log");
    let mut buffer = vec![0; CHUNK];
    let mut tally = Tally::default();
    let began = Instant::now();
    let mut reader = Reader::new(form, catalogue, clock);
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

/// Seconds that grep takes to count the lines with one of the domains.
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
