//! Which permits one access needs together.
//!
//! `catalog/access-matrix.csv` states the same by hand, and the tests hold both together.

use super::kind::PermitKind;
use super::need::Need;
use super::setting::{Place, Setting};
use crate::device::DeviceClass;

crate::choice! {
    /// A way to get at information.
    pub enum Access {
        /// On a device, without a line.
        Local = "local",
        /// At a system, over an outside line.
        Remote = "remote",
        /// At the internal line, with a device that was outside.
        Joining = "joining",
        /// In a meeting with a conference tool.
        Conference = "conference",
        /// In a service under its published terms.
        Service = "service",
        /// With an external medium.
        Carrying = "carrying",
    }
}

/// What an access needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// All of these permits, sorted; possibly none.
    Permits(Vec<PermitKind>),
    /// It cannot be permitted.
    Forbidden,
    /// There is no such access: no outside line inside the controlled area, no session without a
    /// device.
    NoSuchAccess,
}

impl Access {
    /// What it needs in a setting. A line that stands in the register with its officer is permitted
    /// by that (8.1.1(3)(b)).
    #[must_use]
    pub fn needed(self, setting: Setting, line_is_listed: bool) -> Needed {
        if !self.is_possible(setting) {
            return Needed::NoSuchAccess;
        }
        let mut permits = Vec::new();
        for kind in self.candidates(setting, line_is_listed) {
            match kind.need(setting).0 {
                Need::None => {}
                Need::Permit => permits.push(kind),
                Need::Forbidden => return Needed::Forbidden,
            }
        }
        permits.sort_unstable();
        Needed::Permits(permits)
    }

    fn is_possible(self, setting: Setting) -> bool {
        let inside = setting.place == Place::ControlledArea;
        match self {
            Self::Local | Self::Carrying => true,
            Self::Remote => !inside && setting.device.is_some(),
            Self::Joining => inside && setting.device.is_some(),
            Self::Conference | Self::Service => setting.device.is_some(),
        }
    }

    /// The kinds that this access can need at all.
    fn candidates(self, setting: Setting, line_is_listed: bool) -> Vec<PermitKind> {
        use PermitKind as K;
        // Being there and working on that device.
        let working = [K::Telework, K::TakeOut, K::OffSite, K::Byod];
        let with = |more: &[K]| working.iter().chain(more).copied().collect();
        match self {
            Self::Local => with(&[]),
            Self::Remote if line_is_listed => with(&[K::RemoteAccess]),
            Self::Remote => with(&[K::RemoteAccess, K::Line]),
            Self::Conference => with(&[K::Conference]),
            Self::Service => with(&[K::Service]),
            // An issued device belongs to a system that stands on its line already.
            Self::Joining if setting.device == Some(DeviceClass::Byod) => {
                vec![K::Reconnection, K::Connection, K::Byod]
            }
            Self::Joining => vec![K::Reconnection],
            Self::Carrying => vec![K::Media],
        }
    }
}
