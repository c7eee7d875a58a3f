//! Asking again about connections that stand, and ending those whose answer is another one now.
//!
//! Each switch is asked on a thread of its own: one that does not answer keeps nobody waiting but itself.

use core::net::Ipv4Addr;
use std::collections::HashMap;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::{Span, Timestamp};

use super::connection::Connection;
use super::disconnect;
use super::judge::Weight;
use crate::access::keeper::EVERY;
use crate::app::App;
use crate::keeper::{Keeper, Turn};

/// How long it rests for each time that looking took, so that the World stays free for others.
const REST: u32 = 20;
/// At the latest after so long everything is asked about again, since time alone may change an answer.
const AT_LATEST: Duration = Duration::from_secs(5);
/// After how long a switch that did not do it is asked again.
const AGAIN: Span = Span::seconds(30);
/// So many switches are asked at once at most; the next ones wait for one of them.
const SWITCHES_AT_ONCE: usize = 64;

/// What it remembers from one time to the next.
#[derive(Default)]
struct Memory {
    number: u8,
    not_before: HashMap<Ipv4Addr, Timestamp>,
    /// Switches that are being asked, each with whether it has done all of it.
    asking: HashMap<Ipv4Addr, JoinHandle<bool>>,
    /// Whether something was left for the next time because too many were being asked.
    left: bool,
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
            let asked = self.asking.remove(&switch);
            // A thread that ended abnormally has done nothing that is known.
            let did_all = asked.is_some_and(|it| it.join().unwrap_or(false));
            if !did_all {
                self.not_before.insert(switch, now.after(AGAIN));
            }
        }
    }
}

fn sweep(app: &App, memory: &mut Memory) {
    let now = app.now();
    memory.not_before.retain(|_, until| now < *until);
    memory.left = false;
    let mut ends: HashMap<Ipv4Addr, Vec<Connection>> = HashMap::new();
    for known in app.access().inside().connections() {
        let switch = known.place.switch;
        if memory.not_before.contains_key(&switch) || memory.asking.contains_key(&switch) {
            continue;
        }
        if app.judge_again(&known, now, Weight::Looked).outcome != known.outcome {
            ends.entry(switch).or_default().push(known);
        }
    }
    for (switch, ends) in ends {
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

/// Ends connections at one switch, until it fails to end one. Whether all were ended.
fn end_all(app: &App, ends: Vec<Connection>, number: u8) -> bool {
    let numbers = std::iter::successors(Some(number), |it| Some(it.wrapping_add(1)));
    ends.into_iter()
        .zip(numbers)
        .all(|(known, number)| end(app, &known, number))
}

/// Whether it was ended, or need not be: the answer may be what it was by now.
fn end(app: &App, known: &Connection, number: u8) -> bool {
    let now = app.now();
    let again = app.judge_again(known, now, Weight::Counts);
    if again.outcome == known.outcome {
        return true;
    }
    let switch = known.place.switch;
    let secrets = app.access().inside().secrets();
    let ended = match secrets.of(switch) {
        Some(secret) => disconnect::end(&known.place, secret, number, now),
        None => Ok(false),
    };
    let ended = ended.unwrap_or_else(|error| {
        tracing::warn!(code = "lines.switch", %switch, %error, "a switch could not be asked");
        false
    });
    // What let it in is taken back in any case: it must not come in by the same again.
    if known.outcome == AdmissionOutcome::Admitted {
        let reopened = app.change_whereabouts(known.device, |it| {
            let rested = it.rests_on.is_some();
            if rested {
                it.reopen();
            }
            rested
        });
        if let Err(error) = reopened {
            tracing::warn!(code = error.code(), %error, "where a device was could not be stored");
        }
    }
    let outcome = if ended {
        AdmissionOutcome::Disconnected
    } else {
        AdmissionOutcome::Stuck
    };
    app.note_ended(known, again.missing, outcome, now);
    ended
}
