//! Collectors: one file for each kind of fact, all reading through a [`Host`].
//!
//! A collector either sees a value or says why it could not. It never guesses: a value that rests
//! on less than everything says in `partial` what more privilege would add.

mod ini;
mod mounts;
mod processes;
mod users;

mod accounts;
mod antivirus;
mod automatic_updates;
mod disk_encryption;
mod firewall;
mod firmware_security;
mod kernel;
mod listening;
mod machine_identity;
mod networks;
mod os_release;
mod packages;
mod pending_updates;
mod reboot_needed;
mod recent_logins;
mod screen_lock;
mod ssh_daemon;
mod time_sync;
mod usb_history;

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

/// The collector of a kind. A kind without one does not compile.
fn collector(kind: FactKind) -> Collector {
    match kind {
        FactKind::MachineIdentity => |host, _| machine_identity::collect(host),
        FactKind::OsRelease => |host, _| os_release::collect(host),
        FactKind::Kernel => |host, _| kernel::collect(host),
        FactKind::Packages => |host, _| packages::collect(host),
        FactKind::PendingUpdates => pending_updates::collect,
        FactKind::RebootNeeded => |host, _| reboot_needed::collect(host),
        FactKind::DiskEncryption => |host, _| disk_encryption::collect(host),
        FactKind::Firewall => |host, _| firewall::collect(host),
        FactKind::Listening => |host, _| listening::collect(host),
        FactKind::ScreenLock => |host, _| screen_lock::collect(host),
        FactKind::Accounts => |host, _| accounts::collect(host),
        FactKind::SshDaemon => |host, _| ssh_daemon::collect(host),
        FactKind::AutomaticUpdates => |host, _| automatic_updates::collect(host),
        FactKind::TimeSync => |host, _| time_sync::collect(host),
        FactKind::Antivirus => antivirus::collect,
        FactKind::UsbHistory => |host, _| usb_history::collect(host),
        FactKind::Networks => |host, _| networks::collect(host),
        FactKind::FirmwareSecurity => |host, _| firmware_security::collect(host),
        FactKind::RecentLogins => |host, _| recent_logins::collect(host),
    }
}

/// Kinds whose collectors wait for slow commands, and are run beside the others.
const SLOW: [FactKind; 2] = [FactKind::PendingUpdates, FactKind::UsbHistory];

fn observe(host: &Host, now: Timestamp, kind: FactKind) -> Observation {
    match collector(kind)(host, now) {
        Ok(found) => Observation {
            seen: Seen::Value(found.value),
            source: found.source,
            partial: found.partial,
            observed_at: now,
        },
        Err(missed) => unseen(kind, now, missed),
    }
}

fn unseen(kind: FactKind, now: Timestamp, missed: Missed) -> Observation {
    Observation {
        seen: Seen::Unseen {
            kind,
            reason: missed.reason,
        },
        source: missed.source,
        partial: None,
        observed_at: now,
    }
}

/// Looks for every kind of fact, one observation for each, in the order of [`FactKind::ALL`].
#[must_use]
pub fn all(host: &Host, now: Timestamp) -> Vec<Observation> {
    std::thread::scope(|scope| {
        let mut slow = SLOW.map(|kind| (kind, Some(scope.spawn(move || observe(host, now, kind)))));
        let quick: Vec<Option<Observation>> = FactKind::ALL
            .into_iter()
            .map(|kind| (!SLOW.contains(&kind)).then(|| observe(host, now, kind)))
            .collect();
        let mut late = |kind: FactKind| {
            let thread = slow.iter_mut().find(|(k, _)| *k == kind);
            let thread = thread.and_then(|(_, thread)| thread.take());
            // A collector that stopped saw nothing; the others are none the worse.
            let stopped = || {
                unseen(
                    kind,
                    now,
                    Missed::unreadable("sekisho", "collector stopped"),
                )
            };
            thread
                .and_then(|thread| thread.join().ok())
                .unwrap_or_else(stopped)
        };
        FactKind::ALL
            .into_iter()
            .zip(quick)
            .map(|(kind, quick)| quick.unwrap_or_else(|| late(kind)))
            .collect()
    })
}

/// Looks for one kind of fact.
#[must_use]
pub fn one(host: &Host, now: Timestamp, kind: FactKind) -> Observation {
    observe(host, now, kind)
}
