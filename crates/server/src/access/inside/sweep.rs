//! Asking again about connections that stand, and ending those whose answer is another one now.

use core::net::Ipv4Addr;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::{Span, Timestamp};

use super::connection::Connection;
use super::disconnect;
use crate::access::keeper::EVERY;
use crate::app::App;
use crate::keeper::{Keeper, Turn};

/// How long it rests for each time that looking took, so that the World stays free for others.
const REST: u32 = 20;
/// At the latest after so long everything is asked about again, since time alone may change an answer.
const AT_LATEST: Duration = Duration::from_secs(5);
/// After how long a switch that did not do it is asked again.
const AGAIN: Span = Span::seconds(30);

/// What it remembers from one time to the next.
#[derive(Default)]
struct Memory {
    number: u8,
    not_before: HashMap<Ipv4Addr, Timestamp>,
}

impl Keeper {
    /// Keeps what became of devices at internal lines, and asks again about connections that stand.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn of_lines(app: App) -> std::io::Result<Self> {
        let moved = app.access().follow();
        let mut seen = *moved.borrow();
        let mut memory = Memory::default();
        let (mut looked, mut rest) = (Instant::now(), Duration::ZERO);
        Self::start("line-keeper", EVERY, move |turn| {
            let now = *moved.borrow();
            let since = looked.elapsed();
            let due = since >= AT_LATEST.max(rest) || (now != seen && since >= rest);
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

fn sweep(app: &App, memory: &mut Memory) {
    let now = app.now();
    for known in app.access().inside().connections() {
        let again = app.judge_again(&known, now);
        if again.outcome == known.outcome {
            continue;
        }
        let waits = memory.not_before.get(&known.place.switch);
        if waits.is_some_and(|until| now < *until) {
            continue;
        }
        end(app, memory, &known, again.missing, now);
    }
    memory.not_before.retain(|_, until| now < *until);
}

fn end(app: &App, memory: &mut Memory, known: &Connection, missing: Vec<String>, now: Timestamp) {
    let switch = known.place.switch;
    let secrets = app.access().inside().secrets();
    memory.number = memory.number.wrapping_add(1);
    let ended = match secrets.of(switch) {
        Some(secret) => disconnect::end(&known.place, secret, memory.number, now),
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
        memory.not_before.insert(switch, now.after(AGAIN));
        AdmissionOutcome::Stuck
    };
    app.note_ended(known, missing, outcome, now);
}
