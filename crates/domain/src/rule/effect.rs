//! Whether a rule works in practice, clause by clause (GOV-2-a), and what was concluded from it.

use serde::{Deserialize, Serialize};

use super::ClauseNumber;
use crate::actor::Actor;
use crate::event::BlobRef;
use crate::id::RuleId;
use crate::name::Line;
use crate::time::Timestamp;

/// Within how many days it is looked at again whether a rule works. Our own choice: once a year.
pub const RULE_CHECK_DAYS: u32 = 366;
/// Within how many days a rule that was found wanting is to be revised. Our own choice.
pub const RULE_REVISE_DAYS: u32 = 90;

crate::choice! {
    /// What was found in looking whether a rule works.
    pub enum Finding {
        /// It works.
        Works = "works",
        /// It is wanting and has to be revised.
        Wanting = "wanting",
    }
}

/// What happened under a clause within a period. What could not be counted is none and never nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseEffect {
    /// Permits of its kinds that were given.
    pub given: u64,
    /// Applications of its kinds that were refused.
    pub refused: u64,
    /// Permits of its kinds that ended.
    pub ended: u64,
    /// Refusals of the decision point by its policies.
    pub forbidden: Option<u64>,
    /// Exceptions that depart from a row that it answers, and were given.
    pub exceptions: u64,
    /// Devices that fail one of its checks now; none where it has no check of devices, or none was seen.
    pub failing: Option<u64>,
    /// Incidents in which a rule was broken, of its task. They count where the clause names a task.
    pub breaches: u64,
    /// Whether anything can show that it was used: it is bound to a permit, a policy or a check that
    /// devices have reported.
    pub countable: bool,
}

impl ClauseEffect {
    /// Whether nothing ever happened under it within the period; none where that cannot be told.
    #[must_use]
    pub fn is_unused(&self) -> Option<bool> {
        let counted = self.given + self.refused + self.ended + self.exceptions + self.breaches;
        if counted + self.forbidden.unwrap_or(0) > 0 || self.failing.is_some() {
            return Some(false);
        }
        (self.countable && self.forbidden.is_some()).then_some(true)
    }
}

/// What was counted of a rule: the document that a conclusion rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectReport {
    /// Of which rule.
    pub rule: RuleId,
    /// Of which version.
    pub version: u32,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// By clause, in the order printed.
    pub clauses: Vec<(ClauseNumber, ClauseEffect)>,
}

/// Writes a report as a document.
#[must_use]
pub fn encode_effect(report: &EffectReport) -> Vec<u8> {
    // Plain data with string keys always serialises.
    serde_json::to_vec(report).unwrap_or_default()
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_effect(document: &[u8]) -> Option<EffectReport> {
    serde_json::from_slice(document).ok()
}

/// It was looked at whether a rule works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChecked {
    /// Which.
    pub rule: RuleId,
    /// The version that was in force.
    pub version: u32,
    /// What was found.
    pub finding: Finding,
    /// In one sentence. It stands in the ledger as it is, and names nobody.
    pub note: Line,
    /// The [`EffectReport`] that was looked at.
    pub report: BlobRef,
    /// The first instant at which a revision is late; none where none is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// The same, as the World keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRule {
    /// What was found.
    #[serde(flatten)]
    pub checked: RuleChecked,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}
