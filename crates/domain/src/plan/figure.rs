//! What is measured, and the kinds of change that call for a reassessment.

use serde::{Deserialize, Serialize};

use crate::id::UnitId;

crate::choice! {
    /// A kind of change that calls for a reassessment (notices, 1; requirements.md 3.2).
    pub enum Trigger {
        /// 取扱業務量: more is handled than the plan says.
        Volume = "volume",
        /// 利用者: more people use it.
        Users = "users",
        /// 対象者の制限範囲: the limits on who may were widened.
        Eligible = "eligible",
        /// 対象業務の制限範囲: the limits on which tasks may were widened.
        Tasks = "tasks",
        /// 機能追加: functions were added.
        Functions = "functions",
        /// 不安: something gave rise to unease.
        Unease = "unease",
        /// 等: use changed otherwise.
        Other = "other",
    }
}

crate::choice! {
    /// What is measured, or found, about use.
    pub enum Measure {
        /// Person-days of telework within 28 days.
        PersonDays = "person_days",
        /// Hours at gateways within 28 days.
        GatewayHours = "gateway_hours",
        /// People who hold a permit to telework for a task; the subject is the task.
        TaskPermits = "task_permits",
        /// Person-days of telework for a task within 28 days; the subject is the task.
        TaskDays = "task_days",
        /// Different people who teleworked within 28 days.
        People = "people",
        /// The plan admits to a task a unit, or everyone, that it did not admit to it before; the subject is task and
        /// unit (`tsk_…/unt_…`) or task and `everyone`; where that is too much for a case, task and plan, or the plan
        /// alone, with how many they are. In cases of before it is the unit, or `everyone`, alone.
        Admitted = "admitted",
        /// The plan admits a task at a place, or anywhere, where it did not before; the subject is task and place, or
        /// names the plan likewise.
        PlaceAdmitted = "place_admitted",
        /// People whom the plan does not admit and who got in all the same, within 28 days; where it admits them to
        /// other tasks, the subject is the task to which it does not.
        OutsideUse = "outside_use",
        /// Attempts of such people that were refused, within 28 days; the subject likewise.
        OutsideAttempts = "outside_attempts",
        /// A task that was not there; the subject is the task.
        TaskAdded = "task_added",
        /// A task's highest grade was raised; the subject is the task.
        GradeRaised = "grade_raised",
        /// A task reaches a system that it did not; the subject is task and system.
        SystemReached = "system_reached",
        /// A function that was not there: a system, service, tool, line, gateway, kind of medium, platform.
        FunctionAdded = "function_added",
        /// Something that is used and stands in no register, for so many days.
        FunctionUnlisted = "function_unlisted",
        /// An officer told of unease; the subject is the report.
        OfficerConcern = "officer_concern",
        /// Reports of unease by staff about one task within 30 days; the subject is the task.
        StaffConcerns = "staff_concerns",
        /// An incident; the subject is it.
        Incident = "incident",
        /// Something that a detection found and nobody has judged yet.
        Detection = "detection",
        /// So many per thousand devices have failed a check for seven days; the subject is the check.
        CheckFailing = "check_failing",
        /// An exception that has run for so many days; the subject is the permit.
        ExceptionLong = "exception_long",
        /// An exception that was made longer so many times; the subject is the permit.
        ExceptionRenewed = "exception_renewed",
        /// Days since the plan was approved.
        PlanAge = "plan_age",
        /// So many per thousand of a unit's people came or went since the baseline.
        Turnover = "turnover",
        /// A text that all of it rests on has another edition; the subject names it.
        Edition = "edition",
        /// A component of remote access with a vulnerability that is being exploited.
        Advisory = "advisory",
        /// Something that cannot be measured; the subject names what is missing.
        Unmeasured = "unmeasured",
    }
}

crate::choice! {
    /// What measures rest on.
    pub enum Feed {
        /// Answers of the decision point and traffic of gateways: who teleworked when.
        Use = "use",
        /// Reports of gateways: for how long.
        Gateways = "gateways",
        /// Discovery of services from logs of resolvers and proxies.
        Discovery = "discovery",
        /// Detections of attacks.
        Detections = "detections",
        /// Results of checks of devices.
        Checks = "checks",
        /// The list of vulnerabilities that are being exploited.
        Exploited = "exploited",
    }
}

/// Most figures that a case names; what is beyond is found again once those are dealt with.
pub const FIGURES_MAX: usize = 200;

/// For whom something is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseScope {
    /// The whole organisation.
    Body,
    /// A unit and those below it.
    Unit(UnitId),
}

impl CaseScope {
    /// The unit, where it is one.
    #[must_use]
    pub const fn unit(self) -> Option<UnitId> {
        match self {
            Self::Body => None,
            Self::Unit(unit) => Some(unit),
        }
    }
}

/// One thing that was measured, against what it is held to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Figure {
    /// What.
    pub measure: Measure,
    /// Of what: an id or a code; none where the scope says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How much.
    pub value: u64,
    /// How much the baseline has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<u64>,
    /// Beyond how much it fires; none where being there is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u64>,
}

impl Figure {
    /// Something whose being there is enough.
    #[must_use]
    pub const fn found(measure: Measure, subject: String) -> Self {
        Self {
            measure,
            subject: Some(subject),
            value: 1,
            base: None,
            level: None,
        }
    }

    /// What cannot be measured.
    #[must_use]
    pub fn unmeasured(feed: Feed) -> Self {
        Self {
            value: 0,
            ..Self::found(Measure::Unmeasured, feed.code().to_owned())
        }
    }

    /// What it is about, whatever was measured of it.
    #[must_use]
    pub fn about(&self) -> (Measure, Option<&str>) {
        (self.measure, self.subject.as_deref())
    }
}
