//! Communication lines (通信回線), for 8.1.1(3)(b), (c) and (i): which lines there are, and which are
//! internal.

use super::{Fault, RegisterNoun};
use crate::id::PostId;
use crate::name::Line;
use crate::net::Network;

/// The numbers that a VLAN can have (IEEE 802.1Q).
const VLANS: std::ops::RangeInclusive<u32> = 1..=4094;

crate::choice! {
    /// What a line is to the organisation.
    pub enum LineKind {
        /// 組織内通信回線.
        Internal = "internal",
        /// An encrypted way from outside to an internal line (VPN).
        RemoteAccess = "remote_access",
        /// A dedicated line between organisations.
        Dedicated = "dedicated",
        /// The internet line of an office.
        OfficeInternet = "office_internet",
        /// A line at a home.
        Home = "home",
        /// A line of a mobile network.
        Mobile = "mobile",
        /// A line open to the public: station, hotel, café.
        Public = "public",
    }
}

impl LineKind {
    /// Whether it is an internal line (組織内通信回線) or leads to one.
    #[must_use]
    pub const fn is_internal(self) -> bool {
        matches!(self, Self::Internal | Self::RemoteAccess)
    }
}

crate::noun! {
    /// A communication line or network.
    pub struct NetworkLine {
        /// Its name.
        pub name: Line,
        /// What it is.
        pub kind: LineKind,
        /// Who provides it.
        pub provider: Option<Line>,
        /// By what devices see it: SSIDs, address ranges, the gateway's hardware address.
        pub seen_as: Vec<Line>,
        /// Whether what goes over it is encrypted by the line itself.
        pub encrypted: bool,
        /// The post that answers for it (情報システムセキュリティ責任者).
        pub officer: Option<PostId>,
        /// The switches and access points that ask before they let a device onto it (802.1X): their
        /// addresses.
        pub switches: Vec<Network>,
        /// The VLAN of devices that are let onto it.
        pub vlan: Option<u32>,
        /// The VLAN of devices that are inspected and put in order first.
        pub quarantine_vlan: Option<u32>,
        /// The addresses of devices there, so that a report from there is no sign of being outside.
        pub quarantine_network: Option<Network>,
    }
}

impl RegisterNoun for NetworkLine {
    const KEYS: &'static [&'static str] = &["name"];

    fn fault(&self) -> Option<Fault> {
        let no_vlan = |vlan: Option<u32>| vlan.is_some_and(|vlan| !VLANS.contains(&vlan));
        if self.kind.is_internal() && self.officer.is_none() {
            Some(Fault::new("line.no-officer", "officer"))
        } else if !self.switches.is_empty() && self.kind != LineKind::Internal {
            Some(Fault::new("line.switches", "switches"))
        } else if no_vlan(self.vlan) {
            Some(Fault::new("line.vlan", "vlan"))
        } else if no_vlan(self.quarantine_vlan)
            || (self.quarantine_vlan.is_some() && self.quarantine_vlan == self.vlan)
        {
            Some(Fault::new("line.vlan", "quarantine_vlan"))
        } else {
            None
        }
    }
}
