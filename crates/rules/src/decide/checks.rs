//! The sets of checks that the rulebook speaks of, and how a device stands in them.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::time::Timestamp;
use serde::Deserialize;

use super::lack::CheckSet;

/// Which checks make up each set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSets {
    sets: [Vec<DeviceCheck>; CheckSet::ALL.len()],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    baseline: Vec<String>,
    safeguards: Vec<String>,
    alarm: Vec<String>,
    inspection: Vec<String>,
}

/// Why a list of sets cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckSetError {
    /// Not of the form.
    #[error("the sets of checks cannot be read: {0}")]
    Form(String),
    /// There is no such check.
    #[error("there is no check \u{201c}{0}\u{201d}")]
    Unknown(String),
    /// A set without checks would pass everything.
    #[error("the set \u{201c}{0}\u{201d} names no check")]
    Empty(&'static str),
}

impl CheckSets {
    /// Reads `safeguards.toml`.
    ///
    /// # Errors
    /// [`CheckSetError`] names what is wrong.
    pub fn parse(text: &str) -> Result<Self, CheckSetError> {
        let stored: Stored =
            toml::from_str(text).map_err(|error| CheckSetError::Form(error.to_string()))?;
        let read = |set: CheckSet, codes: Vec<String>| {
            if codes.is_empty() {
                return Err(CheckSetError::Empty(set.code()));
            }
            codes
                .into_iter()
                .map(|code| DeviceCheck::from_code(&code).ok_or(CheckSetError::Unknown(code)))
                .collect()
        };
        Ok(Self {
            sets: [
                read(CheckSet::Baseline, stored.baseline)?,
                read(CheckSet::Safeguards, stored.safeguards)?,
                read(CheckSet::Alarm, stored.alarm)?,
                read(CheckSet::Inspection, stored.inspection)?,
            ],
        })
    }

    /// The checks of a set.
    #[must_use]
    pub fn of(&self, set: CheckSet) -> &[DeviceCheck] {
        &self.sets[set as usize]
    }

    /// Whether every check of a set passes by fresh evidence that was received at `since` or later; of
    /// [`CheckSet::Alarm`] whether none is known to fail.
    #[must_use]
    pub fn pass(
        &self,
        set: CheckSet,
        posture: &Posture,
        device: DeviceId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let Some(known) = posture.device(device) else {
            return set == CheckSet::Alarm;
        };
        self.of(set)
            .iter()
            .all(|check| !is_missing(set, known.standing(*check, now), since))
    }

    /// The checks of a set that do not pass, each with why.
    #[must_use]
    pub fn failing(
        &self,
        set: CheckSet,
        posture: &Posture,
        device: DeviceId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Vec<Failing> {
        let known = posture.device(device);
        let standing = |check| known.map_or(Standing::Absent, |device| device.standing(check, now));
        self.of(set)
            .iter()
            .filter_map(|check| {
                let standing = standing(*check);
                is_missing(set, standing, since).then(|| Failing::of(*check, standing))
            })
            .collect()
    }

    /// Until when what passes now is proven.
    #[must_use]
    pub fn proven_until(
        &self,
        set: CheckSet,
        posture: &Posture,
        device: DeviceId,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let known = posture.device(device)?;
        let ends = self
            .of(set)
            .iter()
            .map(|check| match known.standing(*check, now) {
                Standing::Fresh(_, _, times) => times.fresh_until,
                Standing::Stale(_) | Standing::Absent => now,
            });
        ends.min()
    }
}

/// Whether what is known of a check is less than a set asks for.
fn is_missing(set: CheckSet, standing: Standing<'_>, since: Option<Timestamp>) -> bool {
    match set {
        CheckSet::Alarm => standing.outcome() == Outcome::Fail,
        _ => !is_proven(standing, since),
    }
}

fn is_proven(standing: Standing<'_>, since: Option<Timestamp>) -> bool {
    match standing {
        Standing::Fresh(Outcome::Pass, _, times) => {
            since.is_none_or(|since| times.received_at >= since)
        }
        _ => false,
    }
}

/// A check that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failing {
    /// Which one.
    pub check: DeviceCheck,
    /// Whether it fails, or is not known.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Failing {
    fn of(check: DeviceCheck, standing: Standing<'_>) -> Self {
        let (outcome, reason) = match standing {
            Standing::Fresh(Outcome::Fail, reason, _) => (Outcome::Fail, reason.clone()),
            Standing::Fresh(Outcome::Unknown, reason, _) => (Outcome::Unknown, reason.clone()),
            // A pass from before the instant from which on evidence counts.
            Standing::Fresh(Outcome::Pass, _, _) => {
                (Outcome::Unknown, Reason::new("check.before-return"))
            }
            Standing::Stale(_) => (Outcome::Unknown, Reason::new("check.stale")),
            Standing::Absent => (Outcome::Unknown, Reason::new("check.never")),
        };
        Self {
            check,
            outcome,
            reason,
        }
    }
}
