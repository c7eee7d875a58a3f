//! Reads a log from its first byte to its last: lines in, uses out, everything counted.

use super::catalogue::Catalogue;
use super::clock::Clock;
use super::form::{Form, Line, Lookup, Subject};
use super::lines::{Cut, Lines};
use super::name::{canonical, counted};
use super::tally::{Client, Tally, Use};

/// How far a line's time may lie before an earlier line's without the clock having been set back:
/// several workers write to one log.
const BACKWARDS: i64 = 5 * 60 * 1000;

/// Why a line, or a use in it, did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// Not a line of the form of this log.
    Malformed,
    /// Longer than what is looked at.
    TooLong,
    /// A name that no host can have.
    Name,
    /// A time that is no time, or lies more than a day ahead. Only lines that concern a service are asked for theirs.
    Time,
    /// A client that is none: the line was cut off, or ran into another. Only lines that concern a service are asked
    /// for theirs.
    Client,
}

impl Skip {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Malformed,
        Self::TooLong,
        Self::Name,
        Self::Time,
        Self::Client,
    ];

    /// The code, as in results.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLong => "too-long",
            Self::Name => "name",
            Self::Time => "time",
            Self::Client => "client",
        }
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that ended.
    pub lines: u64,
    /// Lines of the form that tell of no use.
    pub other: u64,
    /// Lines that other programs wrote to the same log.
    pub foreign: u64,
    /// Uses of any name or program.
    pub lookups: u64,
    /// Uses of services of the catalogue.
    pub matched: u64,
    /// Uses of services whose time lies well before an earlier one's: the clock was set back.
    pub backwards: u64,
    skipped: [u64; Skip::ALL.len()],
}

impl Counts {
    /// What was skipped for a reason.
    #[must_use]
    pub fn skipped(&self, why: Skip) -> u64 {
        self.skipped[why as usize]
    }

    /// What was skipped for any reason.
    #[must_use]
    pub fn skipped_in_all(&self) -> u64 {
        self.skipped.iter().sum()
    }

    /// Whether what was read says anything: most of what its own program wrote, one line at least, and most of the
    /// times and clients of the uses that are looked for. A log of another form than it was read as shows no use and
    /// proves nothing, nor does one whose clock is wrong. Where nothing came, nothing speaks against it.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        let skipped = self.skipped_in_all();
        let own = self.lines.saturating_sub(self.foreign);
        let has_own = self.lines == 0 || self.lookups + self.other > 0;
        let dated = self.skipped(Skip::Time) <= self.matched;
        // One line that was cut off says nothing of the others.
        let told = self.skipped(Skip::Client) <= self.matched.saturating_add(1);
        has_own && dated && told && skipped <= own.saturating_sub(skipped)
    }

    fn skip(&mut self, why: Skip) {
        self.skipped[why as usize] += 1;
    }
}

/// Reads one log.
pub struct Reader<'a> {
    form: Form,
    catalogue: &'a Catalogue,
    clock: Clock,
    lines: Lines,
    counts: Counts,
    newest: i64,
    /// The name under way, in its one form; kept so that no line allocates.
    name: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// A reader of a log of this form.
    #[must_use]
    pub fn new(form: Form, catalogue: &'a Catalogue, clock: Clock) -> Self {
        Self {
            form,
            catalogue,
            clock,
            lines: Lines::default(),
            counts: Counts::default(),
            newest: i64::MIN,
            name: Vec::with_capacity(256),
        }
    }

    /// Takes the next bytes of the log.
    pub fn feed(&mut self, chunk: &[u8], tally: &mut Tally) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.feed(chunk, |cut| self.take(cut, tally));
        self.lines = lines;
    }

    /// Takes what stands after the last newline, where the log is not written to any more.
    pub fn finish(&mut self, tally: &mut Tally) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.finish(|cut| self.take(cut, tally));
        self.lines = lines;
    }

    /// Bytes of whole lines that were read: from there reading can go on when more was written.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.lines.done()
    }

    /// What was read.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    fn take(&mut self, cut: Cut<'_>, tally: &mut Tally) {
        self.counts.lines += 1;
        let Cut::Line(line) = cut else {
            return self.counts.skip(Skip::TooLong);
        };
        let form = self.form;
        form.read(line, &mut |line| match line {
            Line::Lookup(lookup) => self.count(&lookup, tally),
            Line::Other => self.counts.other += 1,
            Line::Foreign => self.counts.foreign += 1,
            Line::Malformed => self.counts.skip(Skip::Malformed),
        });
    }

    fn count(&mut self, lookup: &Lookup<'_>, tally: &mut Tally) {
        self.counts.lookups += 1;
        let service = match &lookup.subject {
            Subject::Program(program) => self.catalogue.find_program(program),
            subject => {
                let read = match subject {
                    Subject::Counted(name) => counted(name, &mut self.name),
                    Subject::Name(name) => canonical(name, &mut self.name),
                    Subject::Program(_) => return,
                };
                if read.is_err() {
                    return self.counts.skip(Skip::Name);
                }
                self.catalogue.find(&self.name)
            }
        };
        let Some(service) = service else { return };
        if !self.form.is_client(lookup.client) {
            return self.counts.skip(Skip::Client);
        }
        let dated = self.clock.read(lookup.at);
        let Some((at, day)) = dated.and_then(|at| Some((at, self.clock.day(at)?))) else {
            return self.counts.skip(Skip::Time);
        };
        self.counts.matched += 1;
        if at < self.newest.saturating_sub(BACKWARDS) {
            self.counts.backwards += 1;
        }
        self.newest = self.newest.max(at);
        let one = Use {
            asked: u64::from(!lookup.answer),
            answered: u64::from(lookup.answer),
            bytes: lookup.bytes,
            first: at,
            last: at,
        };
        tally.add(service, day, Client::of(lookup.client, lookup.user), &one);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::Used;
    use super::*;

    const AT: i64 = 1_795_935_600_000;

    fn read(form: Form, chunks: &[&[u8]]) -> (Counts, u64, Vec<Used>) {
        let catalogue = Catalogue::built_in().unwrap();
        let clock = Clock::new(9 * 3600, AT + 1000).unwrap();
        let mut tally = Tally::default();
        let mut reader = Reader::new(form, &catalogue, clock);
        for chunk in chunks {
            reader.feed(chunk, &mut tally);
        }
        let done = reader.done();
        reader.finish(&mut tally);
        (*reader.counts(), done, tally.into_sorted())
    }

    #[test]
    fn every_line_is_counted_once_for_what_it_is() {
        let log = b"Nov 29 16:00:00 dnsmasq[1]: query[A] us02web.zoom.us from 192.0.2.7\r\n\
            Nov 29 16:00:01 dnsmasq[1]: query[A] notzoom.us from 192.0.2.7\n\
            Nov 29 16:00:01 dnsmasq[1]: query[A] zoom.us.evil.example from 192.0.2.7\n\
            Nov 29 16:00:02 dnsmasq[1]: reply zoom.us is 198.51.100.1\n\
            \xff\xfe\x00 rubbish\n\
            Nov 29 16:00:03 dnsmasq[1]: query[A] a..zoom.us from 192.0.2.7\n\
            Nov 99 16:00:03 dnsmasq[1]: query[A] zoom.us from 192.0.2.7\n\
            Nov 29 15:00:00 dnsmasq[1]: query[AAAA] ZOOM.US from 192.0.2.7\n\
            Nov 29 16:00:04 dnsmasq[1]: query[A] zo";
        let (counts, done, used) = read(Form::Dnsmasq, &[log]);
        assert_eq!(counts.lines, 9);
        assert_eq!((counts.lookups, counts.matched, counts.other), (6, 2, 1));
        assert_eq!(counts.backwards, 1);
        let skipped = Skip::ALL.map(|why| counts.skipped(why));
        // The last line has no end and is cut in its middle.
        assert_eq!(skipped, [2, 0, 1, 1, 0]);
        assert_eq!(
            counts.matched + counts.skipped(Skip::Name) + counts.skipped(Skip::Time) + 2,
            counts.lookups
        );
        assert_eq!(
            done,
            (log.len() - "Nov 29 16:00:04 dnsmasq[1]: query[A] zo".len()) as u64
        );
        assert_eq!(used.len(), 1);
        assert_eq!(
            (used[0].use_.times(), used[0].day.to_string()),
            (2, "2026-11-29".into())
        );
    }

    #[test]
    fn a_use_more_than_a_day_ahead_is_skipped_and_counted() {
        let now = AT / 1000 + 1;
        let line = |at: i64| format!("[{at}] unbound[9:0] info: 192.0.2.7 zoom.us. A IN\n");
        let log = [
            line(now),
            line(now + 86_400),
            line(now + 86_401),
            line(1_893_456_000),
        ]
        .concat();
        let (counts, _, used) = read(Form::Unbound, &[log.as_bytes()]);
        assert_eq!((counts.matched, counts.skipped(Skip::Time)), (2, 2));
        let last = used.iter().map(|it| it.use_.last).max();
        assert_eq!(last, Some((now + 86_400) * 1000));
        // More uses are told with wrong times than with right ones: however many names of no service were asked
        // for, nobody knows what was used.
        assert!(counts.is_understood());
        let other = line(now).replace("zoom.us", "a.example").repeat(9);
        let log = [other, line(now), line(1_893_456_000).repeat(2)].concat();
        let (counts, ..) = read(Form::Unbound, &[log.as_bytes()]);
        assert_eq!((counts.matched, counts.skipped_in_all()), (1, 2));
        assert!(!counts.is_understood());
    }

    /// A client of `192.0.` counted as one more.
    #[test]
    fn a_line_whose_client_was_cut_off_or_ran_into_another_is_skipped_and_counted() {
        let whole = "Nov 29 16:00:00 dnsmasq[1]: query[A] zoom.us from 192.0.2.7";
        let cut = "Nov 29 16:00:00 dnsmasq[1]: query[A] zoom.us from 192.0.";
        let log = format!("{whole}\n{cut}\n{cut}{whole}\n{whole}\n");
        let (counts, _, used) = read(Form::Dnsmasq, &[log.as_bytes()]);
        assert_eq!((counts.matched, counts.skipped(Skip::Client)), (2, 2));
        assert_eq!((counts.lookups, used.len()), (4, 1));
        assert!(counts.is_understood());
        let (counts, ..) = read(Form::Dnsmasq, &[format!("{cut}\n").repeat(3).as_bytes()]);
        assert!(!counts.is_understood());
        // An address of one link may name its interface.
        let lines = [
            (Form::Dnsmasq, whole.replace("192.0.2.7", "fe80::7%eth0")),
            (
                Form::Bind,
                "29-Nov-2026 16:00:00.000 client @0x7f fe80::7%2#5 (zoom.us): query: zoom.us IN A + (::1)".to_owned(),
            ),
        ];
        for (form, line) in lines {
            let (counts, ..) = read(form, &[line.as_bytes(), b"\n"]);
            assert_eq!((counts.matched, counts.skipped_in_all()), (1, 0), "{line}");
        }
    }

    /// A resolver writes to the same log as everything else on its machine.
    #[test]
    fn a_shared_log_is_understood_by_the_lines_of_its_own_program() {
        let others = "Nov 29 16:00:00 ns1 systemd[1]: Started Session 3.\n\
            Nov 29 16:00:00 ns1 CRON[7]: (root) CMD (true)\n\
            Nov 29 16:00:00 ns1 kernel: [12.3] up\n"
            .repeat(20);
        let others = others.as_str();
        let own = "Nov 29 16:00:00 ns1 dnsmasq[8]: query[A] zoom.us from 192.0.2.7\n";
        let cut = "Nov 29 16:00:00 ns1 dnsm\n";
        let of = |form: Form, lines: &[&str]| read(form, &[lines.concat().as_bytes()]).0;
        let shared = of(Form::Dnsmasq, &[others, own]);
        assert_eq!((shared.lines, shared.foreign, shared.matched), (61, 60, 1));
        assert!(shared.is_understood() && shared.skipped_in_all() == 0);
        // Of the wrong form, not one line is its program's.
        assert!(!of(Form::Unbound, &[others, own]).is_understood());
        assert!(!of(Form::Bind, &[others, own]).is_understood());
        assert!(!of(Form::Dnsmasq, &[others]).is_understood());
        // Lines of others do not make up for what is not understood.
        assert!(!of(Form::Dnsmasq, &[others, own, cut, cut]).is_understood());
        assert!(of(Form::Dnsmasq, &[others, own, cut]).is_understood());
        assert!(of(Form::Dnsmasq, &[]).is_understood());
    }

    #[test]
    fn a_line_that_comes_in_two_halves_counts_once() {
        let log: &[u8] = b"[1795935600] unbound[9:0] info: 192.0.2.7 zoom.us. A IN\n\
            [1795935600] unbound[9:0] info: 192.0.2.7 zoom.us. A IN NOERROR 0.1 0 57\n";
        let whole = read(Form::Unbound, &[log]);
        for at in 0..log.len() {
            assert_eq!(
                read(Form::Unbound, &[&log[..at], &log[at..]]),
                whole,
                "{at}"
            );
        }
        // A question and its answer are one use.
        assert_eq!(whole.2[0].use_.times(), 1);
    }

    #[test]
    fn programs_that_hold_connections_count_for_their_service() {
        let log = br#"{"hostIdentifier":"PC-7","unixTime":1795935600,"action":"added","columns":{"path":"C:\\Zoom\\bin\\Zoom.exe","remote_address":"198.51.100.3"}}"#;
        let (counts, _, used) = read(Form::Osquery, &[log]);
        assert_eq!((counts.lines, counts.matched, used.len()), (1, 1, 1));
    }
}
