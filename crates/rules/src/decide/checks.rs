//! The sets of checks that the rulebook speaks of, and how a device stands in them.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::time::Timestamp;
use serde::Deserialize;

use super::lack::{CheckSet, LaterCheck};

/// Which checks make up each set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSets {
    sets: [Vec<DeviceCheck>; CheckSet::ALL.len()],
    later: Vec<LaterCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    baseline: Vec<String>,
    safeguards: Vec<String>,
    alarm: Vec<String>,
    inspection: Vec<String>,
    inspection_later: Vec<String>,
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
        let later = stored.inspection_later.into_iter();
        let later = later
            .map(|code| LaterCheck::from_code(&code).ok_or(CheckSetError::Unknown(code)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            later,
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
    ) -> Vec<Counted> {
        let mut all = self.counted(set, posture, device, since, now);
        all.retain(|it| match set {
            CheckSet::Alarm => it.outcome == Outcome::Fail,
            _ => it.outcome != Outcome::Pass,
        });
        all
    }

    /// What a device is inspected for before it joins the internal line again, as it stands by evidence
    /// that was received at `since` or later.
    #[must_use]
    pub fn inspection(
        &self,
        posture: &Posture,
        device: DeviceId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Inspection {
        Inspection {
            since,
            checks: self.counted(CheckSet::Inspection, posture, device, since, now),
            later: self.later.clone(),
        }
    }

    fn counted(
        &self,
        set: CheckSet,
        posture: &Posture,
        device: DeviceId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Vec<Counted> {
        let known = posture.device(device);
        let standing = |check| known.map_or(Standing::Absent, |device| device.standing(check, now));
        let all = self.of(set).iter();
        all.map(|check| Counted::of(*check, standing(*check), since))
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

/// A check of a set, as it counts there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    /// Which one.
    pub check: DeviceCheck,
    /// Whether it passes, fails, or is not known.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// When the evidence came that it rests on; none without a result.
    pub received_at: Option<Timestamp>,
}

impl Counted {
    fn of(check: DeviceCheck, standing: Standing<'_>, since: Option<Timestamp>) -> Self {
        let (outcome, reason, received_at) = match standing {
            // A pass from before the instant from which on evidence counts.
            Standing::Fresh(Outcome::Pass, _, times)
                if since.is_some_and(|since| times.received_at < since) =>
            {
                let reason = Reason::new("check.before-return");
                (Outcome::Unknown, reason, Some(times.received_at))
            }
            Standing::Fresh(outcome, reason, times) => {
                (outcome, reason.clone(), Some(times.received_at))
            }
            Standing::Stale(times) => (
                Outcome::Unknown,
                Reason::new("check.stale"),
                Some(times.received_at),
            ),
            Standing::Absent => (Outcome::Unknown, Reason::new("check.never"), None),
        };
        Self {
            check,
            outcome,
            reason,
            received_at,
        }
    }
}

/// What a device is inspected for (8.1.1(3)(i)), with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inspection {
    /// From when on evidence counts: when the device came back. None where it was not outside.
    pub since: Option<Timestamp>,
    /// The list.
    pub checks: Vec<Counted>,
    /// What is not part of the list yet.
    pub later: Vec<LaterCheck>,
}
