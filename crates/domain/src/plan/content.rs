//! What a plan says: its ceilings, and task by task whether, up to which grade, by whom and where.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::baseline::FrozenLine;
use crate::grade::Grade;
use crate::id::{ConferenceToolId, ServiceId, SystemId, TaskId, UnitId};
use crate::name::Line;
use crate::permit::particulars::TeleworkPlace;
use crate::register::Fault;

/// Most lines of a plan: the whole of it is one record.
pub const LINES_MAX: usize = 500;
/// Most people, person-days and hours that a plan names.
const NUMBER_MAX: u32 = 100_000_000;

crate::choice! {
    /// What the plan says of a task.
    pub enum PlanDecision {
        /// It may be done by telework.
        Allow = "allow",
        /// Within limits only.
        Limit = "limit",
        /// It may not.
        Refuse = "refuse",
    }
}

crate::noun! {
    /// A line of the decision table.
    pub struct PlanLine {
        /// Which task.
        pub task: TaskId,
        /// Whether it may be done by telework.
        pub decision: PlanDecision,
        /// Why.
        pub reason: Line,
        /// The highest grade handled.
        pub highest: Option<Grade>,
        /// Who may: people of these units and those below; everyone where none is named.
        pub units: Vec<UnitId>,
        /// Where; anywhere where none is named.
        pub places: Vec<TeleworkPlace>,
        /// By how many people at most.
        pub people: Option<u32>,
        /// How many person-days within 28 days at most.
        pub person_days: Option<u32>,
        /// The systems it reaches.
        pub systems: Vec<SystemId>,
        /// The external services it uses.
        pub services: Vec<ServiceId>,
        /// The conference tools it uses.
        pub tools: Vec<ConferenceToolId>,
    }
}

impl PlanLine {
    /// Whether anybody may do the task by telework.
    #[must_use]
    pub fn admits(&self) -> bool {
        self.decision != PlanDecision::Refuse
    }

    /// What is wrong with the fields taken together.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let amount = self.people.is_some() || self.person_days.is_some();
        let limited = amount || !self.units.is_empty() || !self.places.is_empty();
        let beyond = |number: Option<u32>| number.is_some_and(|number| number > NUMBER_MAX);
        if self.admits() && self.highest.is_none() {
            Some(Fault::new("plan.no-grade", "highest"))
        } else if self.decision == PlanDecision::Limit && !limited {
            Some(Fault::new("plan.no-limit", "units"))
        } else if beyond(self.people) {
            Some(Fault::new("plan.too-many", "people"))
        } else if beyond(self.person_days) {
            Some(Fault::new("plan.too-many", "person_days"))
        } else {
            None
        }
    }
}

crate::noun! {
    /// What a plan says of the whole: the ceilings that its approver chooses.
    pub struct PlanHead {
        /// What it is called.
        pub title: Line,
        /// How many people are planned to telework.
        pub people: u32,
        /// How many person-days within 28 days at most.
        pub person_days: u32,
        /// How many hours at gateways within 28 days at most.
        pub gateway_hours: Option<u32>,
        /// What was thought of in drawing it up.
        pub note: Option<Line>,
    }
}

impl PlanHead {
    /// What is wrong with the fields taken together.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let beyond = |number: u32| number > NUMBER_MAX;
        if beyond(self.people) {
            Some(Fault::new("plan.too-many", "people"))
        } else if beyond(self.person_days) {
            Some(Fault::new("plan.too-many", "person_days"))
        } else if self.gateway_hours.is_some_and(beyond) {
            Some(Fault::new("plan.too-many", "gateway_hours"))
        } else {
            None
        }
    }
}

/// All that a plan says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanContent {
    /// Of the whole.
    pub head: PlanHead,
    /// Task by task.
    pub lines: Vec<PlanLine>,
}

impl PlanContent {
    /// What it says of a task.
    #[must_use]
    pub fn line(&self, task: TaskId) -> Option<&PlanLine> {
        self.lines.iter().find(|line| line.task == task)
    }

    /// Who may and where, for each task of which it says so.
    #[must_use]
    pub fn limits(&self) -> BTreeMap<TaskId, FrozenLine> {
        let lines = self.lines.iter();
        lines
            .map(|line| (line.task, FrozenLine::of(line)))
            .collect()
    }

    /// The units whose people may telework at all; none where everyone may.
    #[must_use]
    pub fn admitted(&self) -> Option<BTreeSet<UnitId>> {
        let admitting = || self.lines.iter().filter(|line| line.admits());
        if admitting().any(|line| line.units.is_empty()) {
            return None;
        }
        Some(
            admitting()
                .flat_map(|line| line.units.iter().copied())
                .collect(),
        )
    }
}
