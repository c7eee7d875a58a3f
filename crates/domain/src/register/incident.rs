//! Security incidents: what happened, to what, and how far it is dealt with. What is told in words is
//! sealed beside the record.

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::id::{ConcernId, DeviceId, MediumId, PermitId, SystemId, TaskId};

crate::choice! {
    /// What happened.
    pub enum IncidentKind {
        /// A device or medium was lost.
        Loss = "loss",
        /// A device or medium was stolen.
        Theft = "theft",
        /// Malware.
        Malware = "malware",
        /// Something was sent or shown to the wrong people.
        WrongSharing = "wrong_sharing",
        /// Someone got in without authority.
        Intrusion = "intrusion",
        /// An account or password was stolen.
        AccountTheft = "account_theft",
        /// A rule was broken.
        Misuse = "misuse",
        /// A service failed.
        Failure = "failure",
        /// Something else.
        Other = "other",
    }
}

crate::choice! {
    /// How far an incident is dealt with.
    pub enum IncidentState {
        /// Reported.
        Open = "open",
        /// It does not spread any more.
        Contained = "contained",
        /// Dealt with.
        Closed = "closed",
    }
}

crate::choice! {
    /// How grave.
    pub enum Severity {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
}

crate::noun! {
    /// An incident.
    pub struct Incident {
        /// What happened.
        pub kind: IncidentKind,
        /// When it was found.
        pub found: Date,
        /// When it happened, where that is known.
        pub happened: Option<Date>,
        /// How grave.
        pub severity: Severity,
        /// How far it is dealt with.
        pub state: IncidentState,
        /// Whether information got out.
        pub leaked: bool,
        /// The tasks it touches.
        pub tasks: Vec<TaskId>,
        /// The systems it touches.
        pub systems: Vec<SystemId>,
        /// The devices it touches.
        pub devices: Vec<DeviceId>,
        /// The media it touches.
        pub media: Vec<MediumId>,
        /// The reports of unease that it came of.
        pub concerns: Vec<ConcernId>,
        /// The permits under which it happened.
        pub permits: Vec<PermitId>,
    }
}

impl RegisterNoun for Incident {
    const KEYS: &'static [&'static str] = &[];

    fn fault(&self) -> Option<Fault> {
        self.happened
            .is_some_and(|day| day > self.found)
            .then(|| Fault::new("incident.found-before", "happened"))
    }
}
