//! Checks of one device: facts and knowledge in, results out. One file a check.
//!
//! A check sees facts only, and whether a program saw them or a person declared them. What could not
//! be seen gives `unknown` with the reason; what was seen in part never passes where the unseen part
//! could hide a failure.

mod accounts;
mod advisories;
mod antivirus;
mod automatic_updates;
mod clients;
mod disk_encryption;
mod facts;
mod firewall;
mod knowledge;
mod lines;
mod lists;
mod os_supported;
mod peripherals;
mod restart_done;
mod screen_lock;
mod secure_boot;
mod security_updates;
mod software_allowed;
mod software_denied;
mod support;
mod time_sync;

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::fact::{FactKind, UnseenReason};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::time::Timestamp;

pub use antivirus::SIGNATURES_MAX_AGE;
pub use clients::{CLIENTS_AS, CLIENTS_NEED, Client, DeviceClients, clients_of};
pub use disk_encryption::PLAIN_ALLOWED;
pub use facts::{DeviceFacts, Sight};
pub use knowledge::Knowledge;
pub use lists::{Lists, Tools};
pub use screen_lock::IDLE_MAX;
pub use security_updates::METADATA_MAX_AGE;

/// What a check found, before it is dated.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    outcome: Outcome,
    reason: Reason,
    /// Where the finding itself holds only up to an instant (of the server's clock).
    until: Option<Timestamp>,
}

impl Found {
    const fn pass(reason: Reason) -> Self {
        Self::new(Outcome::Pass, reason)
    }

    const fn fail(reason: Reason) -> Self {
        Self::new(Outcome::Fail, reason)
    }

    const fn unknown(reason: Reason) -> Self {
        Self::new(Outcome::Unknown, reason)
    }

    const fn new(outcome: Outcome, reason: Reason) -> Self {
        Self {
            outcome,
            reason,
            until: None,
        }
    }

    /// Holds no longer than this.
    fn until(mut self, instant: Timestamp) -> Self {
        self.until = Some(self.until.map_or(instant, |known| known.min(instant)));
        self
    }

    /// No pass where something was left unseen that could hide a failure.
    fn unless_hidden(self, partial: Option<&UnseenReason>) -> Self {
        match partial {
            Some(why) if self.outcome == Outcome::Pass => Self::unknown(unseen(why)),
            _ => self,
        }
    }
}

/// What a check looks at.
#[derive(Clone, Copy)]
struct Given<'a, 'k> {
    facts: &'a DeviceFacts<'a>,
    knowledge: &'a Knowledge<'k>,
    now: Timestamp,
}

/// A finding, or what could not be seen.
type Judged = Result<Found, Reason>;

/// One check: the facts it rests on, and how it judges them.
struct Rule {
    needs: &'static [FactKind],
    judge: fn(Given<'_, '_>) -> Judged,
}

const fn rule(check: DeviceCheck) -> Rule {
    let (needs, judge): (&'static [FactKind], fn(Given<'_, '_>) -> Judged) = match check {
        DeviceCheck::OsSupported => (os_supported::NEEDS, os_supported::judge),
        DeviceCheck::SecurityUpdates => (security_updates::NEEDS, security_updates::judge),
        DeviceCheck::RestartDone => (restart_done::NEEDS, restart_done::judge),
        DeviceCheck::Advisories => (advisories::NEEDS, advisories::judge),
        DeviceCheck::DiskEncryption => (disk_encryption::NEEDS, disk_encryption::judge),
        DeviceCheck::ScreenLock => (screen_lock::NEEDS, screen_lock::judge),
        DeviceCheck::Firewall => (firewall::NEEDS, firewall::judge),
        DeviceCheck::AutomaticUpdates => (automatic_updates::NEEDS, automatic_updates::judge),
        DeviceCheck::TimeSync => (time_sync::NEEDS, time_sync::judge),
        DeviceCheck::Antivirus => (antivirus::NEEDS, antivirus::judge),
        DeviceCheck::Accounts => (accounts::NEEDS, accounts::judge),
        DeviceCheck::SecureBoot => (secure_boot::NEEDS, secure_boot::judge),
        DeviceCheck::SoftwareDenied => (software_denied::NEEDS, software_denied::judge),
        DeviceCheck::SoftwareAllowed => (software_allowed::NEEDS, software_allowed::judge),
        DeviceCheck::Peripherals => (peripherals::NEEDS, peripherals::judge),
        DeviceCheck::Lines => (lines::NEEDS, lines::judge),
    };
    Rule { needs, judge }
}

/// Which way of judging this is. Raised whenever any check would judge the same facts in another
/// way, so that stored results are made anew.
pub const EDITION: u32 = 8;

/// The feeds that a check draws on.
#[must_use]
pub const fn feeds_of(check: DeviceCheck) -> &'static [FeedKind] {
    match check {
        DeviceCheck::OsSupported => &[FeedKind::EndOfLife],
        DeviceCheck::Advisories => &[FeedKind::Debian, FeedKind::Kev],
        _ => &[],
    }
}

/// Whether a check compares a device with registers and permits.
#[must_use]
pub const fn draws_on_lists(check: DeviceCheck) -> bool {
    matches!(
        check,
        DeviceCheck::SoftwareDenied
            | DeviceCheck::SoftwareAllowed
            | DeviceCheck::Peripherals
            | DeviceCheck::Lines
    )
}

/// The facts that a check rests on, for pages that show where a result comes from.
#[must_use]
pub const fn needs(check: DeviceCheck) -> &'static [FactKind] {
    rule(check).needs
}

/// Puts one device to one check. None when not one of the facts it rests on has ever been
/// received: there is nothing to date a result by, and the posture then says "never".
#[must_use]
pub fn run(
    check: DeviceCheck,
    facts: &DeviceFacts<'_>,
    knowledge: &Knowledge<'_>,
    now: Timestamp,
) -> Option<CheckResult> {
    let rule = rule(check);
    let given: Vec<_> = rule
        .needs
        .iter()
        .filter_map(|kind| facts.fact(*kind))
        .collect();
    let observed_at = given
        .iter()
        .map(|fact| fact.observation.observed_at)
        .min()?;
    let received_at = given.iter().map(|fact| fact.received_at).min()?;
    let found = (rule.judge)(Given {
        facts,
        knowledge,
        now,
    })
    .unwrap_or_else(Found::unknown);
    let by_age = received_at.after(check.freshness_of(facts.source()));
    let fresh_until = found.until.map_or(by_age, |until| until.min(by_age));
    let (outcome, reason) = if now >= by_age {
        (Outcome::Unknown, Reason::new(over(facts.source())))
    } else {
        (found.outcome, found.reason)
    };
    Some(CheckResult {
        outcome,
        reason,
        observed_at,
        received_at,
        fresh_until,
    })
}

/// The code of a result whose evidence has expired.
const fn over(source: StateSource) -> &'static str {
    match source {
        StateSource::Observed => "check.stale",
        StateSource::Declared => "check.declaration-over",
    }
}

/// Why nothing is known of a check of a device of which there is no fresh result: `was_known` where
/// there is one that has expired.
#[must_use]
pub const fn lacking(check: DeviceCheck, source: StateSource, was_known: bool) -> &'static str {
    match (source, was_known) {
        _ if !check.is_told_by(source) => NOT_DECLARABLE,
        (_, true) => over(source),
        (StateSource::Observed, false) => "check.never",
        (StateSource::Declared, false) => "check.not-declared",
    }
}

/// The code of what no declaration can tell.
pub(crate) const NOT_DECLARABLE: &str = "check.not-declarable";

/// The code of what could be declared where no declaration is enough.
pub const WORD_NOT_ENOUGH: &str = "check.word-not-enough";

/// Those of some checks by which a device is judged: where some of them can be told in the way in
/// which its state is told, these; where none can, all of them, and they stay unknown.
pub fn put_to(
    checks: &[DeviceCheck],
    source: StateSource,
) -> impl Iterator<Item = DeviceCheck> + Clone + '_ {
    let any = checks.iter().any(|check| check.is_told_by(source));
    let checks = checks.iter().copied();
    checks.filter(move |check| !any || check.is_told_by(source))
}

/// Puts one device to every check.
#[must_use]
pub fn run_all(
    facts: &DeviceFacts<'_>,
    knowledge: &Knowledge<'_>,
    now: Timestamp,
) -> Vec<(DeviceCheck, CheckResult)> {
    DeviceCheck::ALL
        .into_iter()
        .filter_map(|check| Some((check, run(check, facts, knowledge, now)?)))
        .collect()
}

/// Why something was not seen, as a reason.
fn unseen(why: &UnseenReason) -> Reason {
    match why {
        UnseenReason::NeedsPrivilege { what } => {
            Reason::new("unseen.needs-privilege").with("what", what.as_str())
        }
        UnseenReason::SourceMissing { what } => {
            Reason::new("unseen.source-missing").with("what", what.as_str())
        }
        UnseenReason::Unreadable { what, detail } => Reason::new("unseen.unreadable")
            .with("what", what.as_str())
            .with("detail", detail.as_str()),
        UnseenReason::TimedOut { what } => {
            Reason::new("unseen.timed-out").with("what", what.as_str())
        }
        UnseenReason::Hidden { what } => Reason::new("unseen.hidden").with("what", what.as_str()),
    }
}
