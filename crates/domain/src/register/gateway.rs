//! Gateways (ゲートウェイ台帳): where outside lines lead to an internal line (7.3.1(4), GOV-3-3-a).

use core::net::Ipv4Addr;

use super::{Fault, RegisterNoun};
use crate::device::DeviceKey;
use crate::id::{DeviceId, LineId, PostId};
use crate::name::Line;
use crate::net::{Endpoint, Network};

/// The shortest and the longest lease of an access table, in seconds.
pub const LEASE_SECONDS: std::ops::RangeInclusive<u32> = 10..=900;
/// The lease where none is stated, in seconds.
pub const LEASE_SECONDS_DEFAULT: u32 = 60;
/// The smallest tunnel network: the gateway's own address and a few devices.
const LONGEST_PREFIX: u8 = 28;
/// The widest network of its own addresses at the inside: four of them. A wider one is a line, not a machine.
const SHORTEST_INSIDE: u8 = 30;
/// The most of its own addresses at the inside.
const INSIDE_MAX: u64 = 16;

crate::noun! {
    /// A gateway.
    pub struct Gateway {
        /// Its name.
        pub name: Line,
        /// The internal line that it leads to.
        pub line: LineId,
        /// The post that answers for it (情報システムセキュリティ責任者).
        pub officer: PostId,
        /// The public key of its requests, as `sekisho gateway enrol` prints it; nothing is open before
        /// it is known.
        pub key: Option<Line>,
        /// The enrolled device that it runs on, whose checks say whether it is kept in order.
        pub device: Option<DeviceId>,
        /// Where devices reach it: host and UDP port.
        pub endpoint: Endpoint,
        /// The network of addresses inside its tunnels; the first one is its own.
        pub network: Network,
        /// For how many seconds an access table holds without a new one; 60 where nothing is said.
        pub lease_seconds: Option<u32>,
        /// Its own addresses at the inside, sixteen at most: whatever comes from there is somebody who came
        /// through it, and is from outside.
        pub inside: Vec<Network>,
    }
}

impl Gateway {
    /// Whether what comes from an address has come through it: in the name of a tunnel, or of the gateway itself,
    /// where something masquerades.
    #[must_use]
    pub fn brings(&self, address: Ipv4Addr) -> bool {
        self.network.contains(address) || self.is_own(address)
    }

    /// Whether an address is one of its own at the inside.
    #[must_use]
    pub fn is_own(&self, address: Ipv4Addr) -> bool {
        self.inside.iter().any(|own| own.contains(address))
    }

    /// Whether its own addresses at the inside are more than those of one machine.
    pub(super) fn is_wide_inside(&self) -> bool {
        let all: u64 = self.inside.iter().map(|own| own.size()).sum();
        let wide = |own: &Network| own.prefix() < SHORTEST_INSIDE;
        self.inside.iter().any(wide) || all > INSIDE_MAX
    }

    /// The public key of its requests; none where none is known.
    #[must_use]
    pub fn request_key(&self) -> Option<DeviceKey> {
        DeviceKey::try_from(self.key.as_ref()?.as_str().to_owned()).ok()
    }

    /// For how many seconds an access table holds.
    #[must_use]
    pub fn lease(&self) -> u32 {
        self.lease_seconds.unwrap_or(LEASE_SECONDS_DEFAULT)
    }
}

impl RegisterNoun for Gateway {
    const KEYS: &'static [&'static str] = &["name", "key", "network", "endpoint"];

    fn fault(&self) -> Option<Fault> {
        if self.network.prefix() > LONGEST_PREFIX || self.network.prefix() < 8 {
            Some(Fault::new("gateway.network-size", "network"))
        } else if self.key.is_some() && self.request_key().is_none() {
            Some(Fault::new("gateway.key", "key"))
        } else if !LEASE_SECONDS.contains(&self.lease()) {
            Some(Fault::new("gateway.lease", "lease_seconds"))
        } else if self.is_wide_inside() {
            Some(Fault::new("gateway.inside-wide", "inside"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fresh;

    fn gateway() -> Gateway {
        Gateway {
            name: Line::parse("g").unwrap(),
            line: LineId::new(Fresh([1; 16])),
            officer: PostId::new(Fresh([2; 16])),
            key: None,
            device: None,
            endpoint: "gate.example.jp:51820".parse().unwrap(),
            network: "10.90.0.0/24".parse().unwrap(),
            lease_seconds: None,
            inside: Vec::new(),
        }
    }

    #[test]
    fn its_own_addresses_inside_are_few() {
        let fault = |inside: &[String]| {
            let inside = inside.iter().map(|it| it.parse().unwrap()).collect();
            let gateway = Gateway {
                inside,
                ..gateway()
            };
            gateway.fault().map(|it| (it.code, it.field))
        };
        let refused = Some(("gateway.inside-wide", "inside"));
        for wide in [
            "0.0.0.0/0",
            "10.0.0.0/8",
            "192.0.2.0/24",
            "192.0.2.0/28",
            "192.0.2.8/29",
        ] {
            assert_eq!(fault(&[wide.to_owned()]), refused, "{wide}");
        }
        for few in ["192.0.2.9", "192.0.2.8/31", "192.0.2.8/30"] {
            assert_eq!(fault(&[few.to_owned()]), None, "{few}");
        }
        let single = |count: u8| -> Vec<String> {
            (0..count).map(|last| format!("192.0.2.{last}")).collect()
        };
        assert_eq!(fault(&single(16)), None);
        assert_eq!(fault(&single(17)), refused);
    }

    #[test]
    fn what_comes_from_its_tunnels_or_in_its_own_name_has_come_through_it() {
        let mut gateway = gateway();
        let brings = |gateway: &Gateway| {
            let all = [
                "10.90.0.7",
                "10.90.1.7",
                "192.0.2.9",
                "192.0.2.8",
                "198.51.100.3",
            ];
            all.map(|it| gateway.brings(it.parse().unwrap()))
        };
        assert_eq!(brings(&gateway), [true, false, false, false, false]);
        gateway.inside = ["192.0.2.9", "198.51.100.0/30"]
            .map(|it| it.parse().unwrap())
            .to_vec();
        assert_eq!(brings(&gateway), [true, false, true, false, true]);
    }
}
