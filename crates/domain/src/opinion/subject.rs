//! What opinions are about.

use std::fmt;
use std::str::FromStr;

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

impl Subject {
    /// The codes of the kinds.
    pub const KINDS: [&'static str; 5] = ["plan", "risk", "rule", "exception", "conference"];

    /// The code of its kind.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Risk(_) => "risk",
            Self::Rule(_) => "rule",
            Self::Exception(_) => "exception",
            Self::Conference(_) => "conference",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(id) => write!(f, "{id}"),
            Self::Risk(id) => write!(f, "{id}"),
            Self::Rule(id) => write!(f, "{id}"),
            Self::Exception(id) => write!(f, "{id}"),
            Self::Conference(id) => write!(f, "{id}"),
        }
    }
}

/// The text names nothing that opinions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing that opinions are about")]
pub struct SubjectError;

/// By its id, whose prefix tells the kind.
impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let prefix = text.split_once('_').map_or("", |(prefix, _)| prefix);
        let found = match prefix {
            PlanId::PREFIX => text.parse().ok().map(Self::Plan),
            RiskId::PREFIX => text.parse().ok().map(Self::Risk),
            RuleId::PREFIX => text.parse().ok().map(Self::Rule),
            PermitId::PREFIX => text.parse().ok().map(Self::Exception),
            ConferenceToolId::PREFIX => text.parse().ok().map(Self::Conference),
            _ => None,
        };
        found.ok_or(SubjectError)
    }
}

/// A thing at a definite state: the revision of a draft, the version of a permit or an entry. Whatever
/// happens to the thing gives it another number, so that no opinion is taken for one on something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub subject: Subject,
    /// At which state.
    pub state: u64,
}
