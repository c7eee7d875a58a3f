//! Opinions of the security promotion body (情報セキュリティ対策推進体制), which section 5 of the notices wants
//! to take part in risk assessments, plans, rules, exceptions and conference tools.

use serde::{Deserialize, Serialize};

use crate::id::{ConferenceToolId, PermitId, PlanId, RiskId, RuleId};

/// What an opinion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A draft of a plan.
    Plan(PlanId),
    /// A risk assessment.
    Risk(RiskId),
    /// A draft of the next version of a rule.
    Rule(RuleId),
    /// An exception: a permit of the kind PE.
    Exception(PermitId),
    /// A conference tool, or a change to it.
    Conference(ConferenceToolId),
}
