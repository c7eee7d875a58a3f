//! What an assessment is of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::TaskId;
use crate::plan::{Case, CaseScope};

/// What an assessment is of. As text: the task's id, the unit's id, or `body`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum RiskSubject {
    /// One task.
    Task(TaskId),
    /// All the tasks of a scope.
    Tasks(CaseScope),
}

const BODY: &str = "body";

impl RiskSubject {
    /// Whether an assessment of this answers a case: it is of the case's whole scope, or of the one task
    /// that everything in the case is about. One harmless task never closes a case about many.
    #[must_use]
    pub fn answers(&self, case: &Case) -> bool {
        match self {
            Self::Tasks(scope) => *scope == case.opened.scope,
            Self::Task(task) => {
                let task = task.to_string();
                let about = |subject: &Option<String>| {
                    subject
                        .as_deref()
                        .is_some_and(|subject| subject.starts_with(&task))
                };
                let figures = &case.opened.figures;
                !figures.is_empty() && figures.iter().all(|figure| about(&figure.subject))
            }
        }
    }
}

impl fmt::Display for RiskSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(task) => task.fmt(f),
            Self::Tasks(CaseScope::Unit(unit)) => unit.fmt(f),
            Self::Tasks(CaseScope::Body) => f.write_str(BODY),
        }
    }
}

/// The text names nothing that an assessment can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a task nor a scope")]
pub struct RiskSubjectError;

impl FromStr for RiskSubject {
    type Err = RiskSubjectError;

    fn from_str(text: &str) -> Result<Self, RiskSubjectError> {
        if text == BODY {
            return Ok(Self::Tasks(CaseScope::Body));
        }
        if let Ok(task) = text.parse() {
            return Ok(Self::Task(task));
        }
        text.parse()
            .map(|unit| Self::Tasks(CaseScope::Unit(unit)))
            .map_err(|_| RiskSubjectError)
    }
}

impl From<RiskSubject> for String {
    fn from(subject: RiskSubject) -> Self {
        subject.to_string()
    }
}

impl TryFrom<String> for RiskSubject {
    type Error = RiskSubjectError;

    fn try_from(text: String) -> Result<Self, RiskSubjectError> {
        text.parse()
    }
}
