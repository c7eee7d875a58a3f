//! What can be missing: the closed list that prohibitions of the built-in rulebook name.

use std::fmt;
use std::str::FromStr;

use sekisho_domain::permit::PermitKind;

/// Something that is missing for an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// A time that is sure.
    Clock,
    /// A member with an open account.
    Person,
    /// An enrolled device, where none is named.
    DeviceAbsent,
    /// The enrolment of the device that is named.
    DeviceUnknown,
    /// The device is suspended.
    DeviceSuspended,
    /// The device is given up for good.
    DeviceRetired,
    /// The device is somebody else's.
    DeviceNotTheirs,
    /// The system is not in use by the register.
    SystemUnknown,
    /// The system may not be reached from outside.
    SystemNotRemote,
    /// The line is no internal line in use by the register.
    LineUnknown,
    /// An internal line is joined inside the controlled area only.
    PlaceOutside,
    /// The task is not in use by the register.
    TaskUnknown,
    /// The task may not be done by telework.
    TaskStopped,
    /// The task's grade does not cover what would be handled.
    TaskGrade,
    /// The plan of telework refuses the task.
    TaskRefused,
    /// The plan of telework limits the task to others, or to a lower grade.
    TaskBeyondPlan,
    /// A risk assessment in force stops the task (GOV-1-i).
    RiskStopped,
    /// What would be done lies beyond what a risk assessment limits the task to (GOV-1-i).
    RiskLimited,
    /// A technical measure that a risk assessment asks for is not in effect on the device (GOV-1-j).
    RiskMeasure,
    /// A condition that a risk assessment sets is not kept (GOV-1-k).
    RiskCondition,
    /// A set of checks of the device does not pass.
    Posture(CheckSet),
    /// A permit of a kind that covers what is asked.
    Permit(PermitKind),
}

sekisho_domain::choice! {
    /// A named set of checks of a device.
    pub enum CheckSet {
        /// What every device needs.
        Baseline = "baseline",
        /// What confidential information needs besides (7.1.1(4)(a)(ア)).
        Safeguards = "safeguards",
        /// What must not be known to fail.
        Alarm = "alarm",
        /// What is looked at before a device joins the internal line again (8.1.1(3)(i)).
        Inspection = "inspection",
    }
}

sekisho_domain::choice! {
    /// What is to become a check of the inspection (8.1.1(3)(i)) and is not one yet.
    pub enum LaterCheck {
        /// Whether traces of an attack are found on the device.
        TraceScan = "trace_scan",
    }
}

/// What is lacking where neither a permit nor a set of checks is, with its code.
const PLAIN: &[(Lack, &str)] = &[
    (Lack::Clock, "clock"),
    (Lack::Person, "person"),
    (Lack::DeviceAbsent, "device.absent"),
    (Lack::DeviceUnknown, "device.unknown"),
    (Lack::DeviceSuspended, "device.suspended"),
    (Lack::DeviceRetired, "device.retired"),
    (Lack::DeviceNotTheirs, "device.not-theirs"),
    (Lack::SystemUnknown, "system.unknown"),
    (Lack::SystemNotRemote, "system.not-remote"),
    (Lack::LineUnknown, "line.unknown"),
    (Lack::PlaceOutside, "place.outside"),
    (Lack::TaskUnknown, "task.unknown"),
    (Lack::TaskStopped, "task.stopped"),
    (Lack::TaskGrade, "task.grade"),
    (Lack::TaskRefused, "task.refused"),
    (Lack::TaskBeyondPlan, "task.beyond-plan"),
    (Lack::RiskStopped, "risk.stopped"),
    (Lack::RiskLimited, "risk.limited"),
    (Lack::RiskMeasure, "risk.measure"),
    (Lack::RiskCondition, "risk.condition"),
];

impl Lack {
    /// Every lack that the rulebook can name.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let plain = PLAIN.iter().map(|(lack, _)| *lack);
        let sets = CheckSet::ALL.iter().copied().map(Self::Posture);
        let kinds = PermitKind::ALL.iter().copied().map(Self::Permit);
        plain.chain(sets).chain(kinds).collect()
    }
}

impl fmt::Display for Lack {
    /// The stable code, as `@lack` of a policy names it: `permit.pi`, `posture.baseline`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Posture(set) => write!(f, "posture.{}", set.code()),
            Self::Permit(kind) => write!(f, "permit.{}", kind.code()),
            plain => {
                let code = PLAIN.iter().find(|(lack, _)| lack == plain);
                f.write_str(code.map_or("", |(_, code)| code))
            }
        }
    }
}

/// The text names nothing that can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing that can be missing has this code")]
pub struct LackError;

impl FromStr for Lack {
    type Err = LackError;

    fn from_str(text: &str) -> Result<Self, LackError> {
        Self::all()
            .into_iter()
            .find(|lack| lack.to_string() == text)
            .ok_or(LackError)
    }
}
