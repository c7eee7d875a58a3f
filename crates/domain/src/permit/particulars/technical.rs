//! Particulars of what is joined to systems and lines: software, lines, systems, equipment; and
//! exceptions.

use jiff::civil::Date;

use crate::device::DeviceClass;
use crate::grade::Grade;
use crate::id::{DeviceId, LineId, SoftwareId, SystemId, TaskId};
use crate::name::Line as Text;
use crate::permit::Place;

crate::noun! {
    /// PS: software outside the list is used because duty needs it.
    pub struct Software {
        /// Its name.
        pub name: Text,
        /// Who makes it.
        pub publisher: Option<Text>,
        /// Its version.
        pub version: Option<Text>,
        /// The entry of the list of software that is allowed under conditions only.
        pub listed: Option<SoftwareId>,
        /// On which devices.
        pub devices: Vec<DeviceId>,
        /// In which system; its officer decides.
        pub system: Option<SystemId>,
    }
}

crate::choice! {
    /// What kind of line it is.
    pub enum LineKind {
        /// A fixed line at home.
        Home = "home",
        /// A mobile line of the organisation.
        OwnMobile = "own_mobile",
        /// A mobile line of the person.
        PersonalMobile = "personal_mobile",
        /// A line of a hotel or conference site.
        Lodging = "lodging",
        /// A public wireless line.
        PublicWireless = "public_wireless",
        /// A line of another organisation.
        OtherOrganisation = "other_organisation",
        /// A line of the organisation.
        Own = "own",
    }
}

crate::noun! {
    /// PL: a system of the organisation may join a line.
    pub struct Line {
        /// What kind of line.
        pub kind: LineKind,
        /// The line, where it is registered.
        pub line: Option<LineId>,
        /// With which device.
        pub device: Option<DeviceId>,
        /// Which system; its officer decides.
        pub system: Option<SystemId>,
        /// Whether the line is encrypted (WPA2 or better, VPN).
        pub encrypted: bool,
    }
}

crate::noun! {
    /// PX: a system joins an internal line.
    pub struct Connection {
        /// Which system.
        pub system: SystemId,
        /// Which line.
        pub line: LineId,
        /// With which device, where it is one.
        pub device: Option<DeviceId>,
    }
}

crate::choice! {
    /// What kind of equipment it is.
    pub enum EquipmentKind {
        /// A memory that is attached.
        Storage = "storage",
        /// A printer or scanner.
        Printer = "printer",
        /// A display or projector.
        Display = "display",
        /// A camera.
        Camera = "camera",
        /// A headset, microphone or speaker.
        Audio = "audio",
        /// A keyboard, mouse or other input.
        Input = "input",
        /// A telephone or tablet.
        Handheld = "handheld",
        /// A network adapter or hub.
        Network = "network",
        /// Other equipment.
        Other = "other",
    }
}

crate::noun! {
    /// PP: equipment is attached to a system.
    pub struct Peripheral {
        /// What kind.
        pub kind: EquipmentKind,
        /// Its model.
        pub model: Text,
        /// Its serial or asset number.
        pub serial: Option<Text>,
        /// To which device.
        pub device: Option<DeviceId>,
        /// To which system; its officer decides.
        pub system: Option<SystemId>,
        /// Whether it belongs to the person.
        pub own: bool,
    }
}

crate::noun! {
    /// PE: an exception to a rule (例外措置).
    pub struct Exception {
        /// The row of the catalogue from which it departs, such as `US-8.1.1-3-e`.
        pub requirement: Text,
        /// The highest grade concerned.
        pub grade: Grade,
        /// Where.
        pub place: Place,
        /// For which task.
        pub task: Option<TaskId>,
        /// With which device.
        pub device: Option<DeviceId>,
        /// In which system.
        pub system: Option<SystemId>,
        /// When it is to be looked at again.
        pub review_on: Date,
    }
}

impl Exception {
    /// Whether the requirement is named as the catalogue names rows.
    #[must_use]
    pub fn names_a_requirement(&self) -> bool {
        let text = self.requirement.as_str();
        text.parse::<crate::requirement::RequirementId>().is_ok()
    }
}

/// The class of a device, where one is named and known.
pub(super) fn class_of(
    world: &crate::world::World,
    device: Option<DeviceId>,
) -> Option<DeviceClass> {
    world.device(device?).map(|known| known.class)
}
