//! Gateways (中継装置台帳): where outside lines lead to an internal line (7.3.1(4), GOV-3-3-a).

use super::{Fault, RegisterNoun};
use crate::id::{DeviceId, LineId, PostId};
use crate::name::Line;
use crate::net::{Endpoint, Network};

/// The shortest and the longest lease of an access table, in seconds.
pub const LEASE_SECONDS: std::ops::RangeInclusive<u32> = 10..=900;
/// The lease where none is stated, in seconds.
pub const LEASE_SECONDS_DEFAULT: u32 = 60;
/// The smallest tunnel network: the gateway's own address and a few devices.
const LONGEST_PREFIX: u8 = 28;

crate::noun! {
    /// A gateway.
    pub struct Gateway {
        /// Its name.
        pub name: Line,
        /// The internal line that it leads to.
        pub line: LineId,
        /// The post that answers for it (情報システムセキュリティ責任者).
        pub officer: PostId,
        /// The enrolled device that it runs on; none until that is known, and nothing is open then.
        pub device: Option<DeviceId>,
        /// Where devices reach it: host and UDP port.
        pub endpoint: Endpoint,
        /// The network of addresses inside its tunnels; the first one is its own.
        pub network: Network,
        /// For how many seconds an access table holds without a new one; 60 where nothing is said.
        pub lease_seconds: Option<u32>,
    }
}

impl Gateway {
    /// For how many seconds an access table holds.
    #[must_use]
    pub fn lease(&self) -> u32 {
        self.lease_seconds.unwrap_or(LEASE_SECONDS_DEFAULT)
    }
}

impl RegisterNoun for Gateway {
    const KEYS: &'static [&'static str] = &["name", "device", "network", "endpoint"];

    fn fault(&self) -> Option<Fault> {
        if self.network.prefix() > LONGEST_PREFIX || self.network.prefix() < 8 {
            Some(Fault::new("gateway.network-size", "network"))
        } else if !LEASE_SECONDS.contains(&self.lease()) {
            Some(Fault::new("gateway.lease", "lease_seconds"))
        } else {
            None
        }
    }
}
