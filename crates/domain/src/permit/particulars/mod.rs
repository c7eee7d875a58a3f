//! What an application for each kind of permit says: a noun per kind, and one enum over them.

mod carried;
mod staff;
mod technical;

use serde::{Deserialize, Serialize};

pub use carried::{Byod, Destination, Media, OffSite, Reconnection, TakeOut};
pub use staff::{Conference, RemoteAccess, Service, ServiceMeasure, Telework, TeleworkPlace};
pub use technical::{Connection, EquipmentKind, Exception, Line, LineKind, Peripheral, Software};

use super::kind::PermitKind;
use super::setting::{Place, Setting};
use crate::device::DeviceClass;
use crate::field::{Field, FieldErrors, FieldKind, Noun, Value, Values};
use crate::grade::Grade;
use crate::id::{DeviceId, SystemId, TaskId};
use crate::world::World;

/// Makes the enum over the nouns of all kinds.
macro_rules! particulars {
    ($( $(#[$doc:meta])* $kind:ident ),+ $(,)?) => {
        /// The particulars of an application, by kind. Stored as the kind's code and the values.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Particulars { $( $(#[$doc])* $kind($kind) ),+ }

        impl Particulars {
            /// Of which kind.
            #[must_use]
            pub const fn kind(&self) -> PermitKind {
                match self { $( Self::$kind(_) => PermitKind::$kind ),+ }
            }

            /// What they hold, by field.
            #[must_use]
            pub fn values(&self) -> Values {
                match self { $( Self::$kind(noun) => noun.values() ),+ }
            }

            /// Reads them.
            ///
            /// # Errors
            /// [`FieldErrors`] names every field at fault.
            pub fn read(kind: PermitKind, values: &Values) -> Result<Self, FieldErrors> {
                match kind { $( PermitKind::$kind => $kind::read(values).map(Self::$kind) ),+ }
            }
        }

        impl PermitKind {
            /// The fields that an application of this kind asks for, in the order shown.
            #[must_use]
            pub const fn fields(self) -> &'static [Field] {
                match self { $( Self::$kind => $kind::FIELDS ),+ }
            }
        }
    };
}

particulars! {
    /// Telework.
    Telework,
    /// Take-out of an issued device.
    TakeOut,
    /// Graded information outside the controlled area.
    OffSite,
    /// One's own device.
    Byod,
    /// Back on the internal line.
    Reconnection,
    /// External media.
    Media,
    /// Software outside the list.
    Software,
    /// A line.
    Line,
    /// A system on an internal line.
    Connection,
    /// Equipment.
    Peripheral,
    /// A service under its terms.
    Service,
    /// A conference tool.
    Conference,
    /// Remote access.
    RemoteAccess,
    /// An exception.
    Exception,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kind: PermitKind,
    fields: Values,
}

impl Serialize for Particulars {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, fields) = (self.kind(), self.values());
        Stored { kind, fields }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Particulars {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        Self::read(stored.kind, &stored.fields).map_err(serde::de::Error::custom)
    }
}

/// A reference from a field of the particulars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The field's code.
    pub field: &'static str,
    /// The prefix of the kind of id.
    pub prefix: &'static str,
    /// The id as text.
    pub id: String,
}

impl Particulars {
    /// Everything they refer to.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let mut values = self.values();
        let mut found = Vec::new();
        for field in self.kind().fields() {
            let FieldKind::Reference(prefix) = field.kind else {
                continue;
            };
            let ids = match values.remove(field.code) {
                Some(Value::Text(id)) => vec![id],
                Some(Value::Many(ids)) => ids,
                _ => Vec::new(),
            };
            found.extend(ids.into_iter().map(|id| Reference {
                field: field.code,
                prefix,
                id,
            }));
        }
        found
    }

    /// The devices they speak of.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceId> {
        match self {
            Self::TakeOut(it) => vec![it.device],
            Self::OffSite(it) => vec![it.device],
            Self::Byod(it) => vec![it.device],
            Self::Reconnection(it) => vec![it.device],
            Self::RemoteAccess(it) => vec![it.device],
            Self::Software(it) => it.devices.clone(),
            Self::Telework(it) => it.device.into_iter().collect(),
            Self::Line(it) => it.device.into_iter().collect(),
            Self::Connection(it) => it.device.into_iter().collect(),
            Self::Peripheral(it) => it.device.into_iter().collect(),
            Self::Exception(it) => it.named_devices().collect(),
            Self::Media(_) | Self::Service(_) | Self::Conference(_) => Vec::new(),
        }
    }

    /// The systems they speak of.
    #[must_use]
    pub fn systems(&self) -> Vec<SystemId> {
        match self {
            Self::RemoteAccess(it) => vec![it.system],
            Self::Connection(it) => vec![it.system],
            Self::Byod(it) => it.systems.clone(),
            Self::Software(it) => it.system.into_iter().collect(),
            Self::Line(it) => it.system.into_iter().collect(),
            Self::Peripheral(it) => it.system.into_iter().collect(),
            Self::Exception(it) => it.system.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The tasks they speak of.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskId> {
        match self {
            Self::Telework(it) => vec![it.task],
            Self::Byod(it) => it.tasks.clone(),
            Self::RemoteAccess(it) => it.task.into_iter().collect(),
            Self::Conference(it) => it.task.into_iter().collect(),
            Self::Service(it) => it.task.into_iter().collect(),
            Self::OffSite(it) => it.task.into_iter().collect(),
            Self::Exception(it) => it.task.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The grade that the applicant states; none where the kind does not ask or nothing is said.
    #[must_use]
    pub const fn stated_grade(&self) -> Option<Grade> {
        match self {
            Self::Telework(it) => it.grade,
            Self::RemoteAccess(it) => it.grade,
            Self::TakeOut(it) => Some(it.grade),
            Self::OffSite(it) => Some(it.grade),
            Self::Byod(it) => Some(it.grade),
            Self::Media(it) => Some(it.grade),
            Self::Service(it) => Some(it.grade),
            Self::Conference(it) => Some(it.grade),
            Self::Exception(it) => Some(it.grade),
            Self::Reconnection(_)
            | Self::Software(_)
            | Self::Line(_)
            | Self::Connection(_)
            | Self::Peripheral(_) => None,
        }
    }

    /// Where it is done.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Telework(it) => it.place.place(),
            Self::OffSite(it) => it.place,
            Self::Exception(it) => it.place,
            Self::TakeOut(_) | Self::Media(_) | Self::RemoteAccess(_) => Place::OutsideOrganisation,
            Self::Byod(_)
            | Self::Reconnection(_)
            | Self::Software(_)
            | Self::Line(_)
            | Self::Connection(_)
            | Self::Peripheral(_)
            | Self::Service(_)
            | Self::Conference(_) => Place::ControlledArea,
        }
    }

    /// In what setting it is done, for a grade that has been found.
    #[must_use]
    pub fn setting(&self, world: &World, grade: Grade) -> Setting {
        let device = self.devices().first().copied();
        let class: Option<DeviceClass> = technical::class_of(world, device);
        Setting {
            grade,
            place: self.place(),
            device: class,
        }
    }
}
