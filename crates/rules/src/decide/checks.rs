//! The sets of checks that the rulebook speaks of, and how a device stands in them.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::time::Timestamp;
use serde::Deserialize;

use super::lack::{CheckSet, LaterCheck};
use crate::check::{WORD_NOT_ENOUGH, lacking};

/// Which checks make up each set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSets {
    observed: Sets,
    declared: Sets,
    later: Vec<LaterCheck>,
}

/// The checks of each set, in the order of [`CheckSet`].
type Sets = [Vec<DeviceCheck>; CheckSet::ALL.len()];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    baseline: Vec<String>,
    safeguards: Vec<String>,
    alarm: Vec<String>,
    inspection: Vec<String>,
    inspection_later: Vec<String>,
    declared: Declared,
}

/// What a person's word is taken for. A set that names nothing is never in order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    baseline: Vec<String>,
    safeguards: Vec<String>,
    alarm: Vec<String>,
    inspection: Vec<String>,
}

/// A device as sets see it.
#[derive(Clone, Copy, Debug)]
pub struct Put {
    /// Which one.
    pub device: DeviceId,
    /// Who tells of its state.
    pub source: StateSource,
    /// Where only evidence counts that was received then or later: from when on.
    pub since: Option<Timestamp>,
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
    /// Nobody can tell of this check.
    #[error("nobody can declare \u{201c}{0}\u{201d}")]
    NotDeclarable(&'static str),
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
        let read = |codes: Vec<String>| {
            let codes = codes.into_iter();
            codes
                .map(|code| DeviceCheck::from_code(&code).ok_or(CheckSetError::Unknown(code)))
                .collect::<Result<Vec<_>, _>>()
        };
        let later = stored.inspection_later.into_iter();
        let later = later
            .map(|code| LaterCheck::from_code(&code).ok_or(CheckSetError::Unknown(code)))
            .collect::<Result<_, _>>()?;
        let observed = [
            read(stored.baseline)?,
            read(stored.safeguards)?,
            read(stored.alarm)?,
            read(stored.inspection)?,
        ];
        let sets = CheckSet::ALL.iter().zip(&observed);
        if let Some((set, _)) = sets.into_iter().find(|(_, checks)| checks.is_empty()) {
            return Err(CheckSetError::Empty(set.code()));
        }
        let told = stored.declared;
        let declared = [
            read(told.baseline)?,
            read(told.safeguards)?,
            read(told.alarm)?,
            read(told.inspection)?,
        ];
        let proving = CheckSet::ALL.iter().zip(&declared);
        let mut proving = proving.filter(|(set, _)| **set != CheckSet::Alarm);
        // A set that asks for what nobody can tell would be never in order, and not say so.
        if let Some(check) = proving.find_map(|(_, all)| all.iter().find(|it| !it.is_declarable()))
        {
            return Err(CheckSetError::NotDeclarable(check.code()));
        }
        Ok(Self {
            observed,
            declared,
            later,
        })
    }

    /// The checks of a set, for a device whose state is told in this way.
    #[must_use]
    pub fn of(&self, set: CheckSet, source: StateSource) -> &[DeviceCheck] {
        let sets = match source {
            StateSource::Observed => &self.observed,
            StateSource::Declared => &self.declared,
        };
        &sets[set as usize]
    }

    /// Whether every check of a set passes by fresh evidence; of [`CheckSet::Alarm`] whether none is
    /// known to fail. Of a set that names nothing nothing is proven.
    #[must_use]
    pub fn pass(&self, set: CheckSet, posture: &Posture, put: Put, now: Timestamp) -> bool {
        let checks = self.of(set, put.source);
        let Some(known) = posture.device(put.device).filter(|_| !checks.is_empty()) else {
            return set == CheckSet::Alarm;
        };
        checks
            .iter()
            .all(|check| !is_missing(set, known.standing(*check, now), put.since))
    }

    /// The checks of a set that do not pass, each with why. Where no word is enough, those that are
    /// asked of a device that is looked at.
    #[must_use]
    pub fn failing(
        &self,
        set: CheckSet,
        posture: &Posture,
        put: Put,
        now: Timestamp,
    ) -> Vec<Counted> {
        let mut all = self.counted(set, posture, put, now);
        all.retain(|it| match set {
            CheckSet::Alarm => it.outcome == Outcome::Fail,
            _ => it.outcome != Outcome::Pass,
        });
        all
    }

    /// What a device is inspected for before it joins the internal line again, as it stands by the
    /// evidence that counts.
    #[must_use]
    pub fn inspection(&self, posture: &Posture, put: Put, now: Timestamp) -> Inspection {
        Inspection {
            since: put.since,
            checks: self.counted(CheckSet::Inspection, posture, put, now),
            later: self.later.clone(),
        }
    }

    fn counted(&self, set: CheckSet, posture: &Posture, put: Put, now: Timestamp) -> Vec<Counted> {
        let checks = self.of(set, put.source);
        if checks.is_empty() && set != CheckSet::Alarm {
            let asked = self.of(set, StateSource::Observed).iter();
            return asked.map(|check| Counted::word(*check)).collect();
        }
        let known = posture.device(put.device);
        let standing = |check| known.map_or(Standing::Absent, |device| device.standing(check, now));
        checks
            .iter()
            .map(|check| Counted::of(*check, put, standing(*check)))
            .collect()
    }

    /// Until when what passes now is proven.
    #[must_use]
    pub fn proven_until(
        &self,
        set: CheckSet,
        posture: &Posture,
        put: Put,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let known = posture.device(put.device)?;
        let ends = self
            .of(set, put.source)
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
    /// A check of a set for which no word is enough, whatever was declared.
    fn word(check: DeviceCheck) -> Self {
        Self {
            check,
            outcome: Outcome::Unknown,
            reason: Reason::new(WORD_NOT_ENOUGH),
            received_at: None,
        }
    }

    fn of(check: DeviceCheck, put: Put, standing: Standing<'_>) -> Self {
        let (outcome, reason, received_at) = match standing {
            // A pass from before the instant from which on evidence counts.
            Standing::Fresh(Outcome::Pass, _, times)
                if put.since.is_some_and(|since| times.received_at < since) =>
            {
                let reason = Reason::new("check.before-return");
                (Outcome::Unknown, reason, Some(times.received_at))
            }
            Standing::Fresh(outcome, reason, times) => {
                (outcome, reason.clone(), Some(times.received_at))
            }
            Standing::Stale(times) => (
                Outcome::Unknown,
                Reason::new(lacking(check, put.source, true)),
                Some(times.received_at),
            ),
            Standing::Absent => {
                let reason = Reason::new(lacking(check, put.source, false));
                (Outcome::Unknown, reason, None)
            }
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
