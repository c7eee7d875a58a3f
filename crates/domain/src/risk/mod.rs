//! Risk assessments (リスク評価, notices 1; requirements.md 3.1): of a task, or of the tasks of a case's
//! scope. Importance follows from the grade, threat from a table raised by what was measured, weakness
//! from checks; what nobody measures counts as the weakest.
//!
//! An assessment is drafted, proposed and approved. Each draft freezes its [`Inputs`]: whoever puts them
//! to the method again finds the same number. A high risk carries [`Treatment`]s, which decisions about
//! access take in from the moment of approval.

mod content;
mod inputs;
mod rank;
mod result;
mod scenario;
mod subject;
mod table;
mod treatment;
mod version;

pub use content::{Answered, Lowered, Raised, RiskContent, TREATMENTS_MAX};
pub use inputs::{
    Bind, Bound, FactKind, Inputs, ThreatFact, decode_inputs, encode_inputs, inputs_edition,
};
pub use rank::Rank;
pub use result::{RiskResult, ScenarioResult};
pub use scenario::{Answer, Question, Scenario};
pub use subject::RiskSubject;
pub use table::{RiskTable, ScenarioRow};
pub use treatment::{ACCEPTED_DAYS, Condition, TaskLimit, Treatment, may_be};
pub use version::{
    INPUTS_DAYS, RiskApproved, RiskDrafted, RiskProposed, RiskSentBack, RiskVersion, RiskWork,
};
