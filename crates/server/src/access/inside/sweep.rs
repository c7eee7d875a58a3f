//! Asking again about connections that stand, and ending those whose answer is another one now.
//!
//! Each switch is asked on a thread of its own: one that does not answer keeps nobody waiting but itself, and a
//! connection that it does not end, or says nothing about, keeps none of its others for long: those that were
//! not asked about, or longest ago, come first.

use core::net::Ipv4Addr;
use std::collections::{HashMap, HashSet};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::{Span, Timestamp};

use super::connection::Connection;
use super::disconnect::{self, Done};
use super::judge::Weight;
use super::packet::Reply;
use crate::access::keeper::EVERY;
use crate::access::log::hour_of;
use crate::app::App;
use crate::keeper::{Keeper, Turn};

/// How long it rests for each time that looking took, so that the World stays free for others.
const REST: u32 = 20;
/// At the latest after so long everything is asked about again, since time alone may change an answer.
const AT_LATEST: Duration = Duration::from_secs(5);
/// After how long a switch that said nothing, or did not end a connection, is asked again.
const AGAIN: Span = Span::seconds(30);
/// So many switches are asked at once at most; the next ones wait for one of them.
const SWITCHES_AT_ONCE: usize = 64;
/// After silence about so many connections in a row a switch is taken as one that does not answer. One
/// alone may be silent about what it no longer knows, though it ought to decline (RFC 5176, section 3.5).
const SILENCES: usize = 2;
/// So long it is remembered that a connection was asked about in vain.
const REMEMBERED: Span = Span::hours(1);

/// What it remembers from one time to the next.
#[derive(Default)]
struct Memory {
    number: u8,
    /// Switches that said nothing.
    not_before: HashMap<Ipv4Addr, Timestamp>,
    /// Connections that a switch did not end or was silent about, by their keys.
    in_vain: HashMap<String, InVain>,
    /// Switches that are being asked.
    asking: HashMap<Ipv4Addr, JoinHandle<Asked>>,
    /// Whether something was left for the next time because too many were being asked.
    left: bool,
    /// The hour, and the connections from before of which the log of decisions was told in it that they stand.
    standing: (i64, HashSet<String>),
}

/// That a connection was asked about in vain.
struct InVain {
    /// Since when it stands: one that took its place is another one.
    since: Timestamp,
    /// When that was.
    at: Timestamp,
}

/// What came of asking a switch.
#[derive(Default)]
struct Asked {
    /// Whether it is taken as one that does not answer; then it was asked about no others.
    silent: bool,
    /// What it did not end.
    in_vain: Vec<Connection>,
}

impl Keeper {
    /// Keeps what became of devices at internal lines, asks again about connections that stand, and tells
    /// gateways that wait when the clock is no longer trusted or is so again.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn of_lines(app: App) -> std::io::Result<Self> {
        let moved = app.access().follow();
        let mut seen = *moved.borrow();
        let mut memory = Memory::default();
        let (mut looked, mut rest) = (Instant::now(), Duration::ZERO);
        Self::start("line-keeper", EVERY, move |turn| {
            app.follow_clock();
            memory.reap(app.now(), turn == Turn::Last);
            let now = *moved.borrow();
            let since = looked.elapsed();
            let news = now != seen || memory.left;
            let due = since >= AT_LATEST.max(rest) || (news && since >= rest);
            if turn == Turn::Usual && due {
                seen = now;
                let began = Instant::now();
                sweep(&app, &mut memory);
                looked = Instant::now();
                rest = (looked - began) * REST;
            } else if turn == Turn::Usual {
                sweep_over(&app, &mut memory);
            }
            let kept = match turn {
                Turn::Usual => app.keep_admissions(),
                Turn::Last => app.keep_last_admissions(),
            };
            if let Err(error) = kept {
                tracing::warn!(code = "lines.not-kept", %error, "admissions could not be stored");
            }
            EVERY
        })
    }
}

impl Memory {
    /// Takes note of switches that have been asked; at the end waits for them, so that all is kept.
    fn reap(&mut self, now: Timestamp, all: bool) {
        let done: Vec<Ipv4Addr> = self
            .asking
            .iter()
            .filter(|(_, asked)| all || asked.is_finished())
            .map(|(switch, _)| *switch)
            .collect();
        for switch in done {
            let Some(asked) = self.asking.remove(&switch) else {
                continue;
            };
            // A thread that ended abnormally has done nothing that is known.
            let silent = || Asked {
                silent: true,
                ..Asked::default()
            };
            let asked = asked.join().unwrap_or_else(|_| silent());
            if asked.silent {
                self.not_before.insert(switch, now.after(AGAIN));
            }
            for Connection { place, since, .. } in asked.in_vain {
                self.in_vain.insert(place.key(), InVain { since, at: now });
            }
        }
    }

    /// Forgets what is of no use any more.
    fn forget(&mut self, now: Timestamp) {
        self.not_before.retain(|_, until| now < *until);
        self.in_vain
            .retain(|_, known| now < known.at.after(REMEMBERED));
    }

    /// When a connection was last asked about in vain.
    fn in_vain(&self, known: &Connection) -> Option<Timestamp> {
        let before = self.in_vain.get(&known.place.key())?;
        (before.since == known.since).then_some(before.at)
    }

    /// Whether a connection is left for now.
    fn leaves(&self, known: &Connection, now: Timestamp) -> bool {
        let switch = known.place.switch;
        self.not_before.contains_key(&switch)
            || self.asking.contains_key(&switch)
            || self.in_vain(known).is_some_and(|at| now < at.after(AGAIN))
    }

    /// Whether the log of decisions is to be told of a connection: it was let on, and stands in another hour than any of
    /// which the log was told. Rules may see the hour.
    fn is_untold(&self, known: &Connection) -> bool {
        let (hour, told) = &self.standing;
        known.outcome == AdmissionOutcome::Admitted
            && hour_of(known.answered_at()) != *hour
            && !told.contains(&known.place.key())
    }

    /// In the order in which a switch is asked.
    fn in_turn(&self, mut ends: Vec<Connection>) -> Vec<Connection> {
        ends.sort_by_cached_key(|known| (self.in_vain(known), known.since, known.place.key()));
        ends
    }
}

/// Connections that are to end, by their switches.
type Ends = HashMap<Ipv4Addr, Vec<Connection>>;

fn sweep(app: &App, memory: &mut Memory) {
    let now = app.now();
    memory.forget(now);
    memory.left = false;
    if memory.standing.0 != hour_of(now) {
        memory.standing = (hour_of(now), HashSet::new());
    }
    let mut room = app.access().log().standing_room();
    let mut ends = Ends::new();
    for known in app.access().inside().connections() {
        if memory.leaves(&known, now) {
            continue;
        }
        let tells = room > 0 && memory.is_untold(&known);
        let weight = if tells {
            Weight::Stands
        } else {
            Weight::Looked
        };
        if !holds_on(app, &known, now, weight) {
            ends.entry(known.place.switch).or_default().push(known);
        } else if tells {
            room -= 1;
            memory.standing.1.insert(known.place.key());
        }
    }
    ask_all(app, memory, ends);
}

/// The same for those alone that something let on that has ended. An end is known beforehand, and nobody is to be on
/// the line past it: it waits neither for the next time that all are looked at nor for the rest until then.
fn sweep_over(app: &App, memory: &mut Memory) {
    let now = app.now();
    let over = app.access().inside().over(now);
    if over.is_empty() {
        return;
    }
    memory.forget(now);
    let mut ends = Ends::new();
    for known in over {
        if !memory.leaves(&known, now) && !holds_on(app, &known, now, Weight::Looked) {
            ends.entry(known.place.switch).or_default().push(known);
        }
    }
    ask_all(app, memory, ends);
}

/// Whether a connection would be answered as it was. Then something else may carry it by now, which ends later.
fn holds_on(app: &App, known: &Connection, now: Timestamp, weight: Weight) -> bool {
    let again = app.judge_again(known, now, weight);
    let holds = again.outcome == known.outcome;
    if holds {
        app.access().inside().note_end(known, again.ends_at);
    }
    holds
}

fn ask_all(app: &App, memory: &mut Memory, ends: Ends) {
    for (switch, ends) in ends {
        if memory.asking.len() >= SWITCHES_AT_ONCE {
            memory.left = true;
            break;
        }
        let ends = memory.in_turn(ends);
        ask(app, memory, switch, ends);
    }
}

fn ask(app: &App, memory: &mut Memory, switch: Ipv4Addr, ends: Vec<Connection>) {
    memory.number = memory.number.wrapping_add(1);
    let (app, number) = (app.clone(), memory.number);
    let thread = std::thread::Builder::new().name("switch".to_owned());
    match thread.spawn(move || end_all(&app, ends, number)) {
        Ok(asked) => {
            memory.asking.insert(switch, asked);
        }
        Err(error) => {
            tracing::warn!(code = "lines.switch", %switch, %error, "a switch could not be asked");
            memory.left = true;
        }
    }
}

/// Ends connections at one switch, as long as it says anything.
fn end_all(app: &App, ends: Vec<Connection>, number: u8) -> Asked {
    let numbers = std::iter::successors(Some(number), |it| Some(it.wrapping_add(1)));
    let mut asked = Asked::default();
    let mut silences = 0;
    for (known, number) in ends.into_iter().zip(numbers) {
        let done = end(app, &known, number);
        silences = if done == Done::Silent {
            silences + 1
        } else {
            0
        };
        if done != Done::Settled {
            asked.in_vain.push(known);
        }
        if silences == SILENCES {
            asked.silent = true;
            break;
        }
    }
    asked
}

/// Ends a connection, where it is still to end: it may be another one by now, and the answer may be what it was.
fn end(app: &App, known: &Connection, number: u8) -> Done {
    let desk = app.access().inside();
    // Before it is looked whether it stands: whatever lets the device in from here on is not taken back.
    let inside_at = desk.inside_at(known.device);
    if !desk.holds(known) {
        return Done::Settled;
    }
    let now = app.now();
    let again = app.judge_again(known, now, Weight::Counts);
    if again.outcome == known.outcome || !desk.begin_ending(known) {
        return Done::Settled;
    }
    let done = asked(app, known, number, now);
    // What let it in is taken back in any case: it must not come in by the same again.
    if known.outcome == AdmissionOutcome::Admitted
        && let Err(error) = app.take_back(known.device, inside_at)
    {
        tracing::warn!(code = error.code(), %error, "where a device was could not be stored");
    }
    app.note_ended(known, again.missing, done, now);
    done
}

/// Asks the switch.
fn asked(app: &App, known: &Connection, number: u8, now: Timestamp) -> Done {
    let switch = known.place.switch;
    let secrets = app.access().inside().secrets();
    let Some(secret) = secrets.of(switch) else {
        return Done::Declined;
    };
    match disconnect::end(&known.place, secret, number, now) {
        Ok(Some(Reply::Ended)) => Done::Settled,
        Ok(Some(Reply::Declined)) => Done::Declined,
        Ok(None) => Done::Silent,
        Err(error) => {
            tracing::warn!(code = "lines.switch", %switch, %error, "a switch could not be asked");
            Done::Silent
        }
    }
}
