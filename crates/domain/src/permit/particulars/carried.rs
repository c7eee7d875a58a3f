//! Particulars of what is carried out of the office and comes back: devices, media, information.

use jiff::civil::Date;

use crate::grade::Grade;
use crate::id::{DeviceId, LineId, MediumId, SystemId, TaskId};
use crate::permit::Place;
use crate::restriction::Restriction;

crate::choice! {
    /// Where something is carried to.
    pub enum Destination {
        /// Home.
        Home = "home",
        /// Another office of the organisation.
        OtherOffice = "other_office",
        /// A business trip in the country.
        DomesticTrip = "domestic_trip",
        /// A business trip abroad.
        TripAbroad = "trip_abroad",
        /// Another organisation.
        OtherOrganisation = "other_organisation",
        /// Elsewhere.
        Other = "other",
    }
}

crate::noun! {
    /// PO: an issued device is taken out of the organisation.
    pub struct TakeOut {
        /// Which device.
        pub device: DeviceId,
        /// Where to.
        pub destination: Destination,
        /// The highest grade of what is on it.
        pub grade: Grade,
    }
}

crate::noun! {
    /// PI: graded information is handled outside the controlled area on an issued device.
    pub struct OffSite {
        /// On which device.
        pub device: DeviceId,
        /// Where.
        pub place: Place,
        /// For which task.
        pub task: Option<TaskId>,
        /// The highest grade handled; that declared of the task counts where it is higher.
        pub grade: Grade,
        /// The handling restrictions of what is handled.
        pub restrictions: Vec<Restriction>,
        /// Whether it is kept on the device, and not only looked at.
        pub kept_on_device: bool,
    }
}

crate::noun! {
    /// PB: a person uses a device of their own. What the officer for such devices must know of
    /// it: grade, restrictions, tasks, lines and systems.
    pub struct Byod {
        /// Which device.
        pub device: DeviceId,
        /// For which tasks.
        pub tasks: Vec<TaskId>,
        /// The highest grade handled; that declared of a task counts where it is higher.
        pub grade: Grade,
        /// The handling restrictions of what is handled.
        pub restrictions: Vec<Restriction>,
        /// Which internal lines it reaches.
        pub lines: Vec<LineId>,
        /// Which systems it reaches.
        pub systems: Vec<SystemId>,
    }
}

crate::noun! {
    /// PR: a device that was joined to an outside line outside the controlled area joins the
    /// internal line inside it.
    pub struct Reconnection {
        /// Which device.
        pub device: DeviceId,
        /// Which internal line.
        pub line: Option<LineId>,
        /// Since when it was outside.
        pub outside_since: Date,
        /// Whether it was lost from sight or lent meanwhile.
        pub out_of_sight: bool,
    }
}

crate::noun! {
    /// PM: an external medium (USB メモリ等) is taken out of the controlled area.
    pub struct Media {
        /// Which medium.
        pub medium: MediumId,
        /// Where to.
        pub destination: Destination,
        /// The highest grade of what is on it.
        pub grade: Grade,
        /// The handling restrictions of what is on it.
        pub restrictions: Vec<Restriction>,
        /// Whether what is on it is encrypted.
        pub encrypted: bool,
    }
}
