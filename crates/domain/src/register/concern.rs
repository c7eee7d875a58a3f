//! Reports of unease (不安): anyone may tell one (GOV-1-a). What is told is sealed under the key of the
//! one who tells it.

use super::{Fault, RegisterNoun};
use crate::id::TaskId;

crate::choice! {
    /// What the unease is about: the changes that the notices name, and what else there is.
    pub enum ConcernKind {
        /// More work is handled than planned.
        Volume = "volume",
        /// More people use it than planned.
        Users = "users",
        /// People may who should not.
        Eligibility = "eligibility",
        /// Tasks may be done that should not.
        Tasks = "tasks",
        /// Something new was added.
        Functions = "functions",
        /// A device.
        Device = "device",
        /// A line.
        Line = "line",
        /// The place of work.
        Place = "place",
        /// A rule that does not work.
        Rule = "rule",
        /// Somebody may be attacking: a strange mail, a call, a program that behaves oddly.
        Attack = "attack",
        /// Something else.
        Other = "other",
    }
}

crate::choice! {
    /// Whether a report was answered.
    pub enum ConcernState {
        /// Not yet.
        Open = "open",
        /// Under examination.
        Examined = "examined",
        /// Answered.
        Answered = "answered",
    }
}

crate::noun! {
    /// A report of unease.
    pub struct Concern {
        /// What it is about.
        pub kind: ConcernKind,
        /// The task at which it arose.
        pub task: Option<TaskId>,
        /// Whether the section chief is not shown who told it.
        pub anonymous: bool,
        /// Whether it was answered.
        pub state: ConcernState,
    }
}

impl RegisterNoun for Concern {
    const KEYS: &'static [&'static str] = &[];

    fn fault(&self) -> Option<Fault> {
        None
    }
}
