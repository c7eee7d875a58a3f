//! What the author of an assessment says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rank::Rank;
use super::scenario::{Answer, Question, Scenario};
use super::subject::RiskSubject;
use super::treatment::Treatment;
use crate::grade::Grade;
use crate::id::{CaseId, PermitId};
use crate::name::Line;
use crate::permit::particulars::TeleworkPlace;
use crate::plan::Conclusion;

/// Most treatments of one assessment.
pub const TREATMENTS_MAX: usize = 20;

/// A weakness that is raised by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// Of which scenario.
    pub scenario: Scenario,
    /// To what. It never lowers.
    pub to: Rank,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub reason: Line,
}

/// A weakness that an exception in force (PE) lowers: there is no other way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// Of which scenario.
    pub scenario: Scenario,
    /// To what. It never raises.
    pub to: Rank,
    /// The exception.
    pub permit: PermitId,
}

/// A case that an assessment answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Which.
    pub case: CaseId,
    /// Its version as it was assessed: what comes to it later was not looked at.
    pub version: u64,
}

/// All that the author says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskContent {
    /// What is assessed.
    pub subject: RiskSubject,
    /// The grade of what is handled: no lower than the register says.
    pub grade: Grade,
    /// Where it is done.
    pub places: Vec<TeleworkPlace>,
    /// The cases that it answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Answered>,
    /// The three answers.
    pub answers: BTreeMap<Question, Answer>,
    /// Weaknesses raised by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<Raised>,
    /// Weaknesses lowered by exceptions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lowered: Vec<Lowered>,
    /// What follows for the plan.
    pub conclusion: Conclusion,
    /// In one sentence. It stands in the ledger as it is, and names nobody.
    pub reason: Line,
    /// What is done about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treatments: Vec<Treatment>,
}
