//! Particulars of what is joined to systems and lines: software, lines, systems, equipment; and
//! exceptions.

use jiff::civil::Date;

use crate::device::DeviceClass;
use crate::exception::{CompensatingMeasure, NamedClause};
use crate::grade::Grade;
use crate::id::{DeviceId, LineId, PersonId, SoftwareId, SystemId, TaskId, UnitId};
use crate::name::Line as Text;
use crate::permit::Place;
use crate::plan::Trigger;

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
        /// For which system alone, where it is for one; its officer decides.
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
        /// The organisation's own rule from which it departs, as it is called, where it is one.
        pub policy: Option<Text>,
        /// The clause of the organisation's own rules from which it departs, where it is one.
        pub clause: Option<NamedClause>,
        /// For which unit and those below it.
        pub unit: Option<UnitId>,
        /// For whom beside the applicant; for anybody who meets the rest where there are none.
        pub people: Vec<PersonId>,
        /// With which further devices.
        pub devices: Vec<DeviceId>,
        /// What is done instead.
        pub measures: Vec<CompensatingMeasure>,
        /// Whether it is taken in a hurry (緊急).
        pub urgent: bool,
        /// The kind of change that shall open no case for the unit, or for the whole, while it is in force.
        pub suppresses: Option<Trigger>,
    }
}

impl Exception {
    /// One that says no more than it must.
    #[must_use]
    pub const fn bare(requirement: Text, grade: Grade, place: Place, review_on: Date) -> Self {
        Self {
            requirement,
            grade,
            place,
            task: None,
            device: None,
            system: None,
            review_on,
            policy: None,
            clause: None,
            unit: None,
            people: Vec::new(),
            devices: Vec::new(),
            measures: Vec::new(),
            urgent: false,
            suppresses: None,
        }
    }

    /// Whether another one departs from the same rule for the same things, whatever measures and days it names.
    #[must_use]
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        let devices = |it: &Self| {
            let mut named: Vec<DeviceId> = it.named_devices().collect();
            named.sort_unstable();
            named.dedup();
            named
        };
        self.requirement == other.requirement
            && self.clause == other.clause
            && (self.system, self.task, self.unit) == (other.system, other.task, other.unit)
            && self.suppresses == other.suppresses
            && devices(self) == devices(other)
    }

    /// Whether it names no people, no devices and no system, so that it speaks of its whole task or unit.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        self.is_open() && self.system.is_none()
    }

    /// Whether it names neither people nor devices, so that it is for everybody who meets its other conditions;
    /// whether it was given so, [`Permit::is_for_everybody`](crate::permit::Permit::is_for_everybody) says.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.people.is_empty() && self.named_devices().next().is_none()
    }

    /// Every device that it names.
    pub fn named_devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.device.into_iter().chain(self.devices.iter().copied())
    }

    /// Whether it speaks of a device: of any where it names none.
    #[must_use]
    pub fn covers_device(&self, device: Option<DeviceId>) -> bool {
        let mut named = self.named_devices().peekable();
        named.peek().is_none() || device.is_some_and(|device| named.any(|it| it == device))
    }

    /// Whether it speaks of a person, of one applicant: of anybody where it names no people.
    #[must_use]
    pub fn covers_person(&self, applicant: PersonId, person: PersonId) -> bool {
        self.people.is_empty() || person == applicant || self.people.contains(&person)
    }

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
