//! An unregistered conference tool in the log of a real resolver: Debian's dnsmasq on loopback, asked once, its
//! log read as `sekisho discover --into-server` reads it.

use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_detect::discovery::{Catalogue, Client, Clock, Form, Reader, Tally, Used};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::admin::{Answer, Request};
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun, ServiceRunTaken};

use super::office::Office;

const BINARY: &str = "/usr/sbin/dnsmasq";
const NAME: &str = "us02web.zoom.us";
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds east of UTC: Japan.
const OFFSET: i32 = 9 * 3600;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// How long the stamp of a line is.
const STAMP: usize = "Nov 29 16:00:00".len();
/// What dnsmasq writes, where it is not installed.
const WRITTEN: &str = "Nov 29 16:00:00 dnsmasq[1]: started, version 2.91 cachesize 150\n\
     Nov 29 16:00:00 dnsmasq[1]: query[A] us02web.zoom.us from 127.0.0.1\n\
     Nov 29 16:00:00 dnsmasq[1]: config us02web.zoom.us is 198.51.100.1\n";

/// Ended when it goes out of sight.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait(for_what: &str, mut happened: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !happened() {
        assert!(Instant::now() < until, "waited in vain: {for_what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Asks for the name until it is answered.
fn ask(resolver: SocketAddr) {
    let mut question = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in NAME.split('.') {
        question.push(u8::try_from(label.len()).unwrap());
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(&[0, 0, 1, 0, 1]);
    wait("the resolver answers", || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // Connected, so that a port on which nobody listens is told at once.
        socket.connect(resolver).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = [0; 512];
        socket.send(&question).is_ok() && socket.recv(&mut answer).is_ok()
    });
}

/// The log of a resolver that was asked for the name once; in its form where the resolver is not installed,
/// which is told.
pub(super) fn used_once() -> String {
    if !Path::new(BINARY).exists() {
        // Past the capture, so that it is seen where the test passes.
        let told = "a_year_is_lived_through: dnsmasq is not installed, its log is read as it once was written";
        let _ = writeln!(std::io::stderr(), "{told}");
        return WRITTEN.to_owned();
    }
    let folder = tempfile::tempdir().unwrap();
    let address = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let log = folder.path().join("used.log");
    let settings = folder.path().join("dnsmasq.conf");
    let text = format!(
        "port={}\nlisten-address={}\nbind-interfaces\nno-resolv\nno-hosts\nlog-queries\n\
         log-facility={}\naddress=/zoom.us/198.51.100.1\npid-file=\nuser=root\n",
        address.port(),
        address.ip(),
        log.display()
    );
    std::fs::write(&settings, text).unwrap();
    let mut command = Command::new(BINARY);
    command.arg("--keep-in-foreground").arg("-C").arg(&settings);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = Running(command.spawn().unwrap());
    ask(address);
    let mut text = String::new();
    wait("the log tells of it", || {
        text = std::fs::read_to_string(&log).unwrap_or_default();
        text.contains(NAME)
    });
    drop(running);
    text
}

/// The log with the clock of its machine on the day before one in the year that is told.
fn on_the_day_before(log: &str, now: Timestamp) -> String {
    let day = now.before(Span::days(1)).jst_date();
    let month = MONTHS[usize::try_from(day.month() - 1).unwrap()];
    let stamp = format!("{month} {:>2} 10:00:00", day.day());
    let lines = log.lines().filter_map(|line| line.get(STAMP..));
    lines.map(|rest| format!("{stamp}{rest}\n")).collect()
}

/// Reads the log as it stood yesterday into the server; which services were found.
pub(super) fn read(office: &Office, log: &str) -> ServiceRunTaken {
    let now = office.app().now();
    let log = on_the_day_before(log, now);
    let catalogue = Catalogue::built_in().unwrap();
    let lines: Vec<&[u8]> = log.lines().map(str::as_bytes).collect();
    let form = Form::recognise(&lines).unwrap();
    let clock = Clock::new(OFFSET, now.as_millis()).unwrap();
    let mut tally = Tally::default();
    let mut reader = Reader::new(form, &catalogue, clock);
    reader.feed(log.as_bytes(), &mut tally);
    reader.finish(&mut tally);
    let counts = *reader.counts();
    let source = "dns-honsho".to_owned();
    let asked = Request::ServiceMarks {
        source: source.clone(),
    };
    let Answer::ServiceMarks(known) = office.answer(&asked, &[]) else {
        panic!("the server does not say how far it has read");
    };
    let run = ServiceRun {
        after: known.batch,
        marks: String::new(),
        through: Some(now.before(Span::hours(1))),
        gap: false,
        lines: counts.lines,
        matched: counts.matched,
        skipped: 0,
        services: Vec::new(),
        uses: Vec::new(),
    };
    let run = filled(run, &tally.into_sorted(), &catalogue);
    let document = serde_json::to_vec(&run).unwrap();
    let size = document.len() as u64;
    let request = Request::TakeServiceRun { source, size };
    match office.answer(&request, &document) {
        Answer::ServiceRunTaken(taken) => taken,
        other => panic!("{other:?}"),
    }
}

/// The run with its uses. Here all of them are of one service.
fn filled(mut run: ServiceRun, used: &[Used], catalogue: &Catalogue) -> ServiceRun {
    for it in used {
        let service = catalogue.service(it.service).unwrap();
        let from = match &it.client {
            Client::Known { from, .. } => Some(from.to_string()),
            Client::Others => None,
        };
        run.services.push(SeenService {
            id: service.id.as_str().to_owned(),
            ja: service.name.ja.clone(),
            en: service.name.en.clone(),
            kind: service.kind.code().to_owned(),
            domains: service.domains.clone(),
        });
        run.uses.push(SeenUse {
            service: run.services.len() - 1,
            day: it.day.to_string(),
            from,
            user: None,
            unit: None,
            person: None,
            times: it.use_.times(),
            bytes: it.use_.bytes,
            first: Timestamp::from_millis(it.use_.first),
            last: Timestamp::from_millis(it.use_.last),
        });
    }
    run
}
