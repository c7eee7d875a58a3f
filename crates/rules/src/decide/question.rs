//! What is asked: who, with which device, from where, wants to reach or join what.

use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DeviceId, LineId, PersonId, SystemId, TaskId};
use sekisho_domain::permit::Place;
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One question to the decision point.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    /// Who asks; none where a shared device joins a line by itself, in nobody's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// With which device, where one is known by its key or certificate.
    pub device: Option<DeviceId>,
    /// What is wanted.
    #[serde(flatten)]
    pub act: Act,
    /// From where.
    pub origin: Origin,
    /// For which task, where it is said.
    pub task: Option<TaskId>,
    /// A grade that the enforcement point knows of. It can only raise what the register says.
    pub grade: Option<Grade>,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// To reach a system.
    Reach {
        /// Which one.
        system: SystemId,
        /// Which of its named parts, as the enforcement point knows; none for the whole.
        part: Option<String>,
    },
    /// To join an internal line.
    Join {
        /// Which line.
        line: LineId,
        /// What is known of the device's time outside.
        #[serde(flatten)]
        outing: Outing,
    },
}

/// From where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The place in the sense of the clauses.
    pub place: Place,
    /// The registered line, where it is one.
    pub line: Option<LineId>,
}

/// What is known of a device's time at lines outside the controlled area (8.1.1(3)(i), (j)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outing", rename_all = "snake_case")]
pub enum Outing {
    /// It was at no outside line since it was last let onto the internal line.
    None,
    /// It was, or nobody knows.
    Back {
        /// When it was last let onto the internal line, where it ever was.
        last_inside: Option<Timestamp>,
        /// When it came back: evidence from before proves nothing.
        since: Timestamp,
    },
}

impl Outing {
    /// When the device came back, from when on evidence counts; none where it was not outside.
    #[must_use]
    pub const fn back_since(self) -> Option<Timestamp> {
        match self {
            Self::Back { since, .. } => Some(since),
            Self::None => None,
        }
    }
}
