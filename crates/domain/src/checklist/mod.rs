//! Answers to the items of checklists: dated by the record, given by the holder of a post, with links to
//! what shows them (PUB-3, CI-6).

mod evidence;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::ChecklistItemId;
use crate::name::Line;
use crate::plan::in_months;
use crate::time::Timestamp;

pub use evidence::EvidenceLink;

/// For how many months an answer is good.
pub const ANSWER_MONTHS: u32 = 12;
/// Most links of one answer.
pub const LINKS_MAX: usize = 20;

crate::choice! {
    /// How an item is answered.
    pub enum Answer {
        /// It is done.
        Yes = "yes",
        /// A part of it is.
        Partly = "partly",
        /// It is not done.
        No = "no",
        /// It does not concern the organisation.
        NotApplicable = "not_applicable",
    }
}

impl Answer {
    /// Whether it says that something was done, which has to be shown.
    #[must_use]
    pub const fn needs_evidence(self) -> bool {
        matches!(self, Self::Yes | Self::Partly)
    }
}

/// An item was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistAnswered {
    /// Which.
    pub item: ChecklistItemId,
    /// The version of the entry that was answered: another text asks something else.
    pub version: u64,
    /// How.
    pub answer: Answer,
    /// In one sentence. It stands in the ledger as it is, and names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceLink>,
}

/// An answer, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// What was answered.
    #[serde(flatten)]
    pub answered: ChecklistAnswered,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The number of the record.
    pub record: u64,
}

/// What an answer is worth at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was never answered.
    Unanswered,
    /// What was answered is older than a year.
    Stale,
    /// The item says something else than when it was answered.
    Reworded,
    /// What is said to be done is shown by nothing.
    Unshown,
    /// It is answered.
    Answered(Answer),
}

impl Standing {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Stale => "stale",
            Self::Reworded => "reworded",
            Self::Unshown => "unshown",
            Self::Answered(answer) => answer.code(),
        }
    }

    /// What the newest answer to an item is worth, whose entry is at a version.
    #[must_use]
    pub fn of(newest: Option<&Given>, version: u64, at: Timestamp) -> Self {
        let Some(given) = newest else {
            return Self::Unanswered;
        };
        let answered = &given.answered;
        if in_months(given.at, ANSWER_MONTHS).is_none_or(|until| until <= at) {
            Self::Stale
        } else if answered.version != version {
            Self::Reworded
        } else if answered.answer.needs_evidence() && answered.evidence.is_empty() {
            Self::Unshown
        } else {
            Self::Answered(answered.answer)
        }
    }
}
