//! Tasks (業務) done by telework: the grade of what is handled, and whether they may be (GOV-1-e, -i).

use super::{Fault, RegisterNoun};
use crate::grade::Grade;
use crate::id::SystemId;
use crate::name::Line;

crate::choice! {
    /// Whether a task may be done by telework.
    pub enum TaskState {
        /// It may.
        Allowed = "allowed",
        /// Within limits only.
        Limited = "limited",
        /// It may not, for now.
        Stopped = "stopped",
    }
}

crate::noun! {
    /// A task.
    pub struct Task {
        /// Its name.
        pub name: Line,
        /// The declared grade of what is handled.
        pub grade: Grade,
        /// Whether it may be done by telework.
        pub state: TaskState,
        /// The limits, where there are.
        pub limits: Option<Line>,
        /// The systems it needs.
        pub systems: Vec<SystemId>,
        /// How many people are planned to do it by telework.
        pub planned_people: Option<u32>,
    }
}

impl RegisterNoun for Task {
    const KEYS: &'static [&'static str] = &[];

    fn fault(&self) -> Option<Fault> {
        (self.state == TaskState::Limited && self.limits.is_none())
            .then(|| Fault::new("task.no-limits", "limits"))
    }
}
