//! Particulars of what staff ask for in order to work elsewhere: telework, remote access,
//! conferences and services.

use jiff::civil::Date;

use crate::grade::Grade;
use crate::id::{ConferenceToolId, DeviceId, ServiceId, SystemId, TaskId};
use crate::name::Line;
use crate::permit::Place;
use crate::register::conference_tool::MeetingHost;

crate::choice! {
    /// Where telework is done.
    pub enum TeleworkPlace {
        /// At home.
        Home = "home",
        /// At a satellite office of the organisation.
        SatelliteOffice = "satellite_office",
        /// On the way or on a business trip.
        Travelling = "travelling",
        /// Elsewhere.
        Other = "other",
    }
}

impl TeleworkPlace {
    /// As a place in the sense of the clauses.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::SatelliteOffice => Place::OutsideArea,
            Self::Home | Self::Travelling | Self::Other => Place::OutsideOrganisation,
        }
    }
}

crate::noun! {
    /// PT: a person does a task at a place.
    pub struct Telework {
        /// Which task.
        pub task: TaskId,
        /// Where.
        pub place: TeleworkPlace,
        /// On which device; none for work without one.
        pub device: Option<DeviceId>,
        /// The highest grade handled, where it is above that declared of the task.
        pub grade: Option<Grade>,
        /// On how many days a week at most.
        pub days_per_week: Option<u32>,
    }
}

crate::noun! {
    /// PA: a person reaches a system over an outside line.
    pub struct RemoteAccess {
        /// Which system.
        pub system: SystemId,
        /// Which of its named parts, where it is only one.
        pub part: Option<Line>,
        /// For which task.
        pub task: Option<TaskId>,
        /// From which device.
        pub device: DeviceId,
        /// The highest grade handled, where it is above the declared one.
        pub grade: Option<Grade>,
        /// From which hour of the day in Japan (0 to 23).
        pub from_hour: Option<u32>,
        /// Until which hour of the day in Japan (1 to 24).
        pub until_hour: Option<u32>,
    }
}

crate::noun! {
    /// PC: a person uses a conference tool.
    pub struct Conference {
        /// Which tool.
        pub tool: ConferenceToolId,
        /// Who offers the conference.
        pub host: MeetingHost,
        /// The highest grade of what is said or shown.
        pub grade: Grade,
        /// For which task.
        pub task: Option<TaskId>,
        /// Whether people from outside take part.
        pub outsiders: bool,
        /// Whether it is recorded.
        pub recorded: bool,
    }
}

crate::choice! {
    /// A measure taken when a service is used.
    pub enum ServiceMeasure {
        /// Sign-in with a second factor.
        SecondFactor = "second_factor",
        /// Public sharing is off.
        SharingOff = "sharing_off",
        /// Only accounts of the organisation.
        OwnAccountsOnly = "own_accounts_only",
        /// What was put there is deleted after use.
        DeletedAfterUse = "deleted_after_use",
        /// A second person looks before something is published.
        SecondPerson = "second_person",
    }
}

crate::noun! {
    /// PV: use of a service under its published terms (約款による外部サービス).
    pub struct Service {
        /// Which service.
        pub service: ServiceId,
        /// For which task.
        pub task: Option<TaskId>,
        /// The grade of what is put there; nothing of C2 or C3 can be permitted.
        pub grade: Grade,
        /// Which edition of the terms was read.
        pub terms_edition: Line,
        /// When they were read.
        pub terms_read_on: Date,
        /// Whether the risks of secondary use and disclosure by the provider were judged.
        pub secondary_use_judged: bool,
        /// Whether the risks of where data lies and which law applies were judged.
        pub location_judged: bool,
        /// Whether the risks of loss and of the end of the service were judged.
        pub loss_judged: bool,
        /// The conclusion: the risks are acceptable. Nothing can be applied for without it.
        pub acceptable: bool,
        /// The measures taken in use.
        pub measures: Vec<ServiceMeasure>,
    }
}

impl Service {
    /// The first risk that was not judged: acceptable is what was looked at.
    #[must_use]
    pub fn unjudged(&self) -> Option<&'static str> {
        [
            (self.secondary_use_judged, "secondary_use_judged"),
            (self.location_judged, "location_judged"),
            (self.loss_judged, "loss_judged"),
        ]
        .into_iter()
        .find(|(judged, _)| !judged)
        .map(|(_, field)| field)
    }
}
