//! Collectors: one file for each kind of fact, all reading through a [`Host`].
//!
//! A collector either sees a value or says why it could not. It never guesses: a value that rests
//! on less than everything says in `partial` what more privilege would add.

mod ini;
mod mounts;
mod users;

mod disk_encryption;
mod firewall;
mod kernel;
mod machine_identity;
mod os_release;
mod packages;
mod pending_updates;
mod screen_lock;

use sekisho_domain::fact::{FactKind, FactValue, Observation, Seen, UnseenReason};
use sekisho_domain::time::Timestamp;

use crate::host::{Host, ReadError, RunError};

/// What a collector saw.
pub(crate) struct Found {
    value: FactValue,
    source: String,
    partial: Option<UnseenReason>,
}

impl Found {
    fn new(value: FactValue, source: impl Into<String>) -> Self {
        Self {
            value,
            source: source.into(),
            partial: None,
        }
    }

    fn lacking(mut self, partial: Option<UnseenReason>) -> Self {
        self.partial = partial;
        self
    }
}

/// Why a collector saw nothing, and where it looked.
pub(crate) struct Missed {
    reason: UnseenReason,
    source: String,
}

impl Missed {
    fn read(path: &str, error: &ReadError) -> Self {
        Self {
            reason: error.reason(path),
            source: path.to_owned(),
        }
    }

    fn run(command: &str, error: &RunError) -> Self {
        Self {
            reason: error.reason(command),
            source: command.to_owned(),
        }
    }

    fn unreadable(what: &str, detail: impl Into<String>) -> Self {
        Self {
            reason: UnseenReason::Unreadable {
                what: what.to_owned(),
                detail: detail.into(),
            },
            source: what.to_owned(),
        }
    }
}

type Outcome = Result<Found, Missed>;
type Collector = fn(&Host, Timestamp) -> Outcome;

/// Every collector. Its place here is the order of a report.
const COLLECTORS: [(FactKind, Collector); 8] = [
    (FactKind::MachineIdentity, |host, _| {
        machine_identity::collect(host)
    }),
    (FactKind::OsRelease, |host, _| os_release::collect(host)),
    (FactKind::Kernel, |host, _| kernel::collect(host)),
    (FactKind::Packages, |host, _| packages::collect(host)),
    (FactKind::PendingUpdates, pending_updates::collect),
    (FactKind::DiskEncryption, |host, _| {
        disk_encryption::collect(host)
    }),
    (FactKind::Firewall, |host, _| firewall::collect(host)),
    (FactKind::ScreenLock, |host, _| screen_lock::collect(host)),
];

fn observe(host: &Host, now: Timestamp, kind: FactKind, collect: Collector) -> Observation {
    match collect(host, now) {
        Ok(found) => Observation {
            seen: Seen::Value(found.value),
            source: found.source,
            partial: found.partial,
            observed_at: now,
        },
        Err(missed) => Observation {
            seen: Seen::Unseen {
                kind,
                reason: missed.reason,
            },
            source: missed.source,
            partial: None,
            observed_at: now,
        },
    }
}

/// Looks for every kind of fact that this program can look for, one observation for each.
#[must_use]
pub fn all(host: &Host, now: Timestamp) -> Vec<Observation> {
    // The package manager's own simulation takes longest and waits for no other collector.
    std::thread::scope(|scope| {
        let threads: Vec<_> = COLLECTORS
            .into_iter()
            .map(|(kind, collect)| {
                let slow = kind == FactKind::PendingUpdates;
                let thread = slow.then(|| scope.spawn(move || observe(host, now, kind, collect)));
                (kind, collect, thread)
            })
            .collect();
        let mut slow = Vec::new();
        let mut done = Vec::with_capacity(threads.len());
        for (kind, collect, thread) in threads {
            match thread {
                Some(thread) => slow.push((done.len() + slow.len(), kind, thread)),
                None => done.push(observe(host, now, kind, collect)),
            }
        }
        for (place, kind, thread) in slow {
            let observation = thread.join().unwrap_or_else(|_| {
                observe(host, now, kind, |_, _| {
                    Err(Missed::unreadable("sekisho", "the collector stopped"))
                })
            });
            done.insert(place, observation);
        }
        done
    })
}

/// Looks for one kind of fact; none when this program has no collector for it.
#[must_use]
pub fn one(host: &Host, now: Timestamp, kind: FactKind) -> Option<Observation> {
    let (kind, collect) = COLLECTORS.into_iter().find(|(k, _)| *k == kind)?;
    Some(observe(host, now, kind, collect))
}
