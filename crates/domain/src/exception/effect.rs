//! What was measured of an exception over its life, frozen with whatever was decided on it.

use serde::{Deserialize, Serialize};

use crate::check::DeviceCheck;
use crate::id::{IncidentId, PermitId};
use crate::time::{Span, Timestamp};

/// How old figures may be when they are decided on: what is decided was seen.
pub const FIGURES_STAND: Span = Span::minutes(10);

crate::choice! {
    /// Whether a compensating measure is in effect.
    pub enum MeasureStanding {
        /// All its checks pass with fresh evidence on every device concerned; or a dated word says so.
        Holds = "holds",
        /// A check of it fails on a device.
        Fails = "fails",
        /// Nothing fails, and not everything is known. Never taken for good.
        Unknown = "unknown",
    }
}

/// Answers of the decision point, by which somebody was let through within an exception's scope and time. What
/// answers rested on is not kept with them: an answer counts where the exception spoke of what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// From when on answers are still kept; the beginning of the exception, or later.
    pub since: Timestamp,
    /// How many.
    pub answers: u64,
    /// On how many days.
    pub days: u32,
    /// To how many people.
    pub people: u32,
    /// Whether there was more than is looked at: of the rest nothing is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Uses {
    /// How many answers, and on how many days, where they are of two or more people: of one they would tell what
    /// that one did.
    #[must_use]
    pub fn told(&self) -> Option<(u64, u32)> {
        (self.people >= 2).then_some((self.answers, self.days))
    }
}

/// How a check comes out on the devices concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckEffect {
    /// Which.
    pub check: DeviceCheck,
    /// On how many it passes, with fresh evidence.
    pub pass: u32,
    /// On how many it fails.
    pub fail: u32,
    /// On how many it is not known.
    pub unknown: u32,
    /// On how many the ledger has it as failing at any time since the exception began.
    pub failed: u32,
}

/// How a measure stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureEffect {
    /// Its place among those of the exception, from 0.
    pub measure: u32,
    /// How it stands.
    pub standing: MeasureStanding,
    /// When somebody last said that it is done, where no sensor sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_at: Option<Timestamp>,
}

/// What was measured of an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Which.
    pub permit: PermitId,
    /// When.
    pub at: Timestamp,
    /// Since when it holds, or held.
    pub from: Timestamp,
    /// Until when it held, at the latest until it was measured.
    pub until: Timestamp,
    /// How often its end was put off.
    pub renewed: u32,
    /// On how many devices its measures are looked at.
    pub devices: u32,
    /// How it was used; none where nobody asked the decision point anything in its time, or where no built-in rule rests
    /// on the row from which it departs, so that no answer tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<Uses>,
    /// Incidents that touch what it is about, in its time.
    pub incidents: Vec<IncidentId>,
    /// The checks to which its measures are bound.
    pub checks: Vec<CheckEffect>,
    /// Its measures, in their order.
    pub measures: Vec<MeasureEffect>,
}

impl Effect {
    /// For how many whole days it has run.
    #[must_use]
    pub fn days(&self) -> i64 {
        self.until.since(self.from).whole_days().max(0)
    }

    /// Whether there are measures and every one of them is in effect: nothing less makes ordinary operation
    /// of an exception.
    #[must_use]
    pub fn measures_hold(&self) -> bool {
        let mut all = self.measures.iter();
        !self.measures.is_empty() && all.all(|it| it.standing == MeasureStanding::Holds)
    }
}

/// The document, as it is stored and hashed.
#[must_use]
pub fn encode_effect(effect: &Effect) -> Vec<u8> {
    // Plain data with string keys always serialises.
    serde_json::to_vec(effect).unwrap_or_default()
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_effect(document: &[u8]) -> Option<Effect> {
    serde_json::from_slice(document).ok()
}
