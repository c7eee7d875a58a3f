//! What tells early that a permit is not what a decision looks for: short enough to stand beside its place in lists, so
//! that nobody has to go to where the permit itself lies in memory.

use std::num::NonZeroU16;

use super::{Particulars, Permit, PermitKind};
use crate::id::{DeviceId, SystemId};

/// Of which kind a permit is, and in short for which device and which system alone, where it is for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    kind: PermitKind,
    /// Of the device without which it says nothing.
    device: Option<NonZeroU16>,
    /// The same of the system.
    system: Option<NonZeroU16>,
}

impl Mark {
    /// That of a permit. What names several, or may be for any, is told by the permit alone.
    #[must_use]
    pub fn of(permit: &Permit) -> Self {
        let (device, system) = match permit.particulars.as_ref() {
            Particulars::RemoteAccess(it) => (Some(it.device), Some(it.system)),
            Particulars::TakeOut(it) => (Some(it.device), None),
            Particulars::OffSite(it) => (Some(it.device), None),
            Particulars::Byod(it) => (Some(it.device), None),
            Particulars::Reconnection(it) => (Some(it.device), None),
            Particulars::Telework(it) => (it.device, None),
            Particulars::Line(it) => (it.device, None),
            Particulars::Connection(it) => (it.device, None),
            _ => (None, None),
        };
        Self {
            kind: permit.kind(),
            device: device.map(|it| short(it.to_bytes())),
            system: system.map(|it| short(it.to_bytes())),
        }
    }

    /// Of which kind it is.
    #[must_use]
    pub const fn kind(self) -> PermitKind {
        self.kind
    }

    /// Whether it may speak of a question about a device and a system. Where it may, the permit itself has to be asked;
    /// where it may not, it is for another device or system alone.
    #[must_use]
    pub fn may_concern(self, device: Option<DeviceId>, system: Option<SystemId>) -> bool {
        let is = |named: Option<NonZeroU16>, asked: Option<[u8; 16]>| {
            named.is_none_or(|named| asked.is_some_and(|it| short(it) == named))
        };
        is(self.device, device.map(DeviceId::to_bytes))
            && is(self.system, system.map(SystemId::to_bytes))
    }
}

/// The end of an id, which is as random as the rest of it: two may share one, and one never has two.
fn short(id: [u8; 16]) -> NonZeroU16 {
    let end = u16::from_be_bytes([id[14], id[15]]);
    NonZeroU16::new(end).unwrap_or(NonZeroU16::MIN)
}
