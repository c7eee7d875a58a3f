//! The id of an entry of any register.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{
    AdvisoryId, ChecklistItemId, ConcernId, ConferenceToolId, DeviceId, GatewayId, IdError,
    IncidentId, LineId, MediumId, ServiceId, SoftwareId, SystemId, TaskId,
};

/// Defines the enum over the kinds of ids, told apart by their prefixes.
macro_rules! entry_ids {
    ($( $(#[$doc:meta])* $variant:ident($id:ty), )+) => {
        /// The id of an entry of any register.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryId { $( $(#[$doc])* $variant($id) ),+ }

        impl EntryId {
            /// The prefix of its kind of id.
            #[must_use]
            pub const fn prefix(self) -> &'static str {
                match self { $( Self::$variant(_) => <$id>::PREFIX ),+ }
            }
        }

        impl fmt::Display for EntryId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $( Self::$variant(id) => fmt::Display::fmt(id, f) ),+ }
            }
        }

        impl std::str::FromStr for EntryId {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let prefix = text.split_once('_').map_or("", |(prefix, _)| prefix);
                $( if prefix == <$id>::PREFIX {
                    return text.parse().map(Self::$variant);
                } )+
                Err(IdError { expected: "entry" })
            }
        }

        $(
            impl From<$id> for EntryId {
                fn from(id: $id) -> Self {
                    Self::$variant(id)
                }
            }
        )+
    };
}

entry_ids! {
    /// A device, issued or not.
    Device(DeviceId),
    /// A removable medium.
    Medium(MediumId),
    /// An entry of the lists of software.
    Software(SoftwareId),
    /// A line.
    Line(LineId),
    /// A system.
    System(SystemId),
    /// An external service.
    Service(ServiceId),
    /// A conference tool.
    ConferenceTool(ConferenceToolId),
    /// A task.
    Task(TaskId),
    /// An incident.
    Incident(IncidentId),
    /// A report of unease.
    Concern(ConcernId),
    /// A gateway.
    Gateway(GatewayId),
    /// An earlier advisory.
    Advisory(AdvisoryId),
    /// An item of a checklist.
    ChecklistItem(ChecklistItemId),
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EntryId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
