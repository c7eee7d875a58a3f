//! Asking again about connections that stand, and ending those whose answer is another one now.
//!
//! Each switch is asked on a thread of its own: one that does not answer keeps nobody waiting but itself, and a
//! connection that it does not end keeps none of its others.

use core::net::Ipv4Addr;
use std::collections::HashMap;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::{Span, Timestamp};

use super::connection::Connection;
use super::disconnect;
use super::judge::Weight;
use super::packet::Reply;
use crate::access::keeper::EVERY;
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

/// What it remembers from one time to the next.
#[derive(Default)]
struct Memory {
    number: u8,
    /// Switches that said nothing.
    not_before: HashMap<Ipv4Addr, Timestamp>,
    /// Connections that a switch did not end, by their keys: since when each stands, and until when it is left.
    declined: HashMap<String, (Timestamp, Timestamp)>,
    /// Switches that are being asked.
    asking: HashMap<Ipv4Addr, JoinHandle<Asked>>,
    /// Whether something was left for the next time because too many were being asked.
    left: bool,
}

/// What came of asking a switch.
#[derive(Default)]
struct Asked {
    /// Whether it said nothing; then it was asked about no others.
    silent: bool,
    /// What it did not end.
    declined: Vec<Connection>,
}

/// What became of a connection that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// It was ended, or need not be.
    Settled,
    /// The switch did not do it, or nobody knows the secret by which it is asked.
    Declined,
    /// The switch said nothing.
    Silent,
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
            }
            if let Err(error) = app.keep_admissions() {
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
            let until = now.after(AGAIN);
            if asked.silent {
                self.not_before.insert(switch, until);
            }
            for known in asked.declined {
                self.declined
                    .insert(known.place.key(), (known.since, until));
            }
        }
    }

    /// Whether a connection is left for now. One that took its place is another one.
    fn leaves(&self, known: &Connection) -> bool {
        let switch = known.place.switch;
        let declined = self.declined.get(&known.place.key());
        self.not_before.contains_key(&switch)
            || self.asking.contains_key(&switch)
            || declined.is_some_and(|(since, _)| *since == known.since)
    }
}

fn sweep(app: &App, memory: &mut Memory) {
    let now = app.now();
    memory.not_before.retain(|_, until| now < *until);
    memory.declined.retain(|_, (_, until)| now < *until);
    memory.left = false;
    let mut ends: HashMap<Ipv4Addr, Vec<Connection>> = HashMap::new();
    for known in app.access().inside().connections() {
        if memory.leaves(&known) {
            continue;
        }
        if app.judge_again(&known, now, Weight::Looked).outcome != known.outcome {
            ends.entry(known.place.switch).or_default().push(known);
        }
    }
    for (switch, mut ends) in ends {
        ends.sort_by_cached_key(|known| (known.since, known.place.key()));
        if memory.asking.len() >= SWITCHES_AT_ONCE {
            memory.left = true;
            break;
        }
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
    for (known, number) in ends.into_iter().zip(numbers) {
        match end(app, &known, number) {
            Done::Settled => {}
            Done::Declined => asked.declined.push(known),
            Done::Silent => {
                asked.silent = true;
                break;
            }
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
    if again.outcome == known.outcome {
        return Done::Settled;
    }
    let done = asked(app, known, number, now);
    // What let it in is taken back in any case: it must not come in by the same again.
    if known.outcome == AdmissionOutcome::Admitted {
        let reopened = app.change_whereabouts(known.device, |it| {
            let rested = it.rests_on.is_some() && it.inside_at == inside_at;
            if rested {
                it.reopen();
            }
            rested
        });
        if let Err(error) = reopened {
            tracing::warn!(code = error.code(), %error, "where a device was could not be stored");
        }
    }
    let outcome = if done == Done::Settled {
        AdmissionOutcome::Disconnected
    } else {
        AdmissionOutcome::Stuck
    };
    app.note_ended(known, again.missing, outcome, now);
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
