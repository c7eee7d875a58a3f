//! Cases: use departed from the plan, and somebody has to reassess.

use serde::{Deserialize, Serialize};

use super::figure::{CaseScope, Figure, Trigger};
use crate::actor::Actor;
use crate::id::{CaseId, RiskId};
use crate::name::Line;
use crate::time::Timestamp;

/// Within how many working days a case is to be reassessed.
pub const DUE_DAYS: u32 = 10;
/// The same where the risk may be high.
pub const DUE_DAYS_HIGH: u32 = 3;

crate::choice! {
    /// What came of a reassessment.
    pub enum Conclusion {
        /// The plan stands as it is.
        Unchanged = "unchanged",
        /// Measures or conditions are added beside it.
        Measures = "measures",
        /// The plan is to be changed.
        PlanChange = "plan_change",
    }
}

crate::choice! {
    /// How high the risk was found to be.
    pub enum RiskLevel {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

/// A case was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOpened {
    /// Its id.
    pub case: CaseId,
    /// What fired.
    pub trigger: Trigger,
    /// For whom.
    pub scope: CaseScope,
    /// The version of the plan that use was held against.
    pub version: u32,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// Whether the risk may be high.
    pub high: bool,
    /// The first instant at which the reassessment is late.
    pub due: Timestamp,
}

/// More came to an open case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseGrown {
    /// Which.
    pub case: CaseId,
    /// All that is measured now.
    pub figures: Vec<Figure>,
    /// Whether the risk may be high.
    pub high: bool,
    /// The first instant at which the reassessment is late: never later than before.
    pub due: Timestamp,
    /// Whether none of it is news: numbers moved by less than calls for another look. Closing accepts them as
    /// they are by then; who has the case before them need not read it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
}

/// What fired is gone again: everything measured lies below nine tenths of what it fired at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSubsided {
    /// Which.
    pub case: CaseId,
    /// What is measured now, of what had fired.
    pub figures: Vec<Figure>,
}

/// What was found in reassessing: by an approved risk assessment, or by a dated word alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reassessment {
    /// How high the risk is.
    pub level: RiskLevel,
    /// What follows.
    pub conclusion: Conclusion,
    /// In one sentence. It stands in the ledger as it is, and names nobody.
    pub note: Line,
}

/// A case was reassessed and closed: what it showed is part of the baseline from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClosed {
    /// Which.
    pub case: CaseId,
    /// What was found.
    pub reassessment: Reassessment,
    /// The number that the plan has from now on.
    pub version: u32,
    /// What use is held against from now on, of what had fired.
    pub accepted: Vec<Figure>,
}

/// A case was closed by an approved risk assessment, whose frozen inputs stand behind what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseAssessed {
    /// Which.
    pub case: CaseId,
    /// The assessment.
    pub risk: RiskId,
    /// What it found.
    pub reassessment: Reassessment,
    /// The number that the plan has from now on.
    pub version: u32,
    /// What use is held against from now on, of what had fired.
    pub accepted: Vec<Figure>,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// It waits for a reassessment.
    Open,
    /// What fired is gone again.
    Subsided {
        /// Since when.
        at: Timestamp,
    },
    /// It was reassessed.
    Closed {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Actor,
        /// What was found.
        reassessment: Reassessment,
        /// The risk assessment; none where a word alone closed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        risk: Option<RiskId>,
    },
}

/// A case, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What was found, and more that came to it.
    #[serde(flatten)]
    pub opened: CaseOpened,
    /// The figures as they moved since by less than is news: what is new is held against what was told, so that
    /// small steps add up. Empty where nothing moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latest: Vec<Figure>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Counts what has happened to it.
    pub version: u64,
    /// Where it stands.
    pub state: CaseState,
}

impl Case {
    /// The figures as they are by now, which closing accepts.
    #[must_use]
    pub fn figures(&self) -> &[Figure] {
        if self.latest.is_empty() {
            &self.opened.figures
        } else {
            &self.latest
        }
    }

    /// Whether it waits for a reassessment.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, CaseState::Open)
    }

    /// Whether it waits and is late at an instant.
    #[must_use]
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        self.is_open() && self.opened.due <= at
    }

    /// What was found, where it was reassessed, and when.
    #[must_use]
    pub const fn reassessed(&self) -> Option<(Timestamp, &Reassessment)> {
        match &self.state {
            CaseState::Closed {
                at, reassessment, ..
            } => Some((*at, reassessment)),
            _ => None,
        }
    }

    /// The risk assessment that closed it.
    #[must_use]
    pub const fn assessed_by(&self) -> Option<RiskId> {
        match &self.state {
            CaseState::Closed { risk, .. } => *risk,
            _ => None,
        }
    }
}
