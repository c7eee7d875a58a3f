//! The address of a system as a value: a name, or a network that packets can be held against.

use super::System;
use crate::net::Network;

/// The shortest prefix: of ten-dot, the widest block that an organisation has to itself (RFC 1918). A wider
/// one would lead a device's own way to the internet into the tunnel.
pub const SHORTEST_PREFIX: u8 = 8;

/// Blocks in which no system is: "this network", loopback, link-local, multicast, and the reserved ones with
/// the broadcast address (RFC 6890).
const NO_SYSTEMS: [&str; 5] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Why a network is not that of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Its prefix is shorter than [`SHORTEST_PREFIX`].
    #[error("the network is too wide to be that of a system")]
    Wide,
    /// It has addresses that no system can have.
    #[error("no system can have such an address")]
    Special,
}

impl AddressFault {
    /// The stable code, which is also the key of its message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wide => "system.address-wide",
            Self::Special => "system.address-special",
        }
    }
}

/// Where a system is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemAddress<'a> {
    /// By a name: gateways hold packets against none, and open nothing.
    Named(&'a str),
    /// At addresses of hosts.
    At(Network),
}

impl<'a> SystemAddress<'a> {
    /// Reads what the register holds.
    ///
    /// # Errors
    /// [`AddressFault`]: a network that is not that of a system.
    pub fn parse(text: &'a str) -> Result<Self, AddressFault> {
        let Ok(network) = text.parse::<Network>() else {
            return Ok(Self::Named(text));
        };
        if network.prefix() < SHORTEST_PREFIX {
            return Err(AddressFault::Wide);
        }
        let special = |block: &str| {
            let block = block.parse::<Network>();
            block.is_ok_and(|it| it.overlaps(network))
        };
        if NO_SYSTEMS.into_iter().any(special) {
            return Err(AddressFault::Special);
        }
        Ok(Self::At(network))
    }
}

impl System {
    /// Where it is; none where the register does not say. What was entered before addresses were looked at
    /// is read as well, and may be no address of a system.
    ///
    /// # Errors
    /// [`AddressFault`].
    pub fn place(&self) -> Result<Option<SystemAddress<'_>>, AddressFault> {
        let address = self.address.as_ref();
        address
            .map(|it| SystemAddress::parse(it.as_str()))
            .transpose()
    }

    /// Its network, where the register names one that packets can be held against.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        match self.place() {
            Ok(Some(SystemAddress::At(network))) => Some(network),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_systems_is_its_address() {
        let read = |text: &'static str| {
            let read = SystemAddress::parse(text);
            read.map_err(AddressFault::code)
        };
        for text in ["docs.example.jp", "fd00::1", "192.0.2.10:443", "10.1.2/24"] {
            assert_eq!(read(text), Ok(SystemAddress::Named(text)));
        }
        for text in [
            "192.0.2.10",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "223.255.255.255",
        ] {
            let network = text.parse().unwrap();
            assert_eq!(read(text), Ok(SystemAddress::At(network)), "{text}");
        }
        for text in ["0.0.0.0/0", "10.0.0.0/7", "128.0.0.0/1"] {
            assert_eq!(read(text), Err("system.address-wide"), "{text}");
        }
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "127.8.0.0/16",
            "169.254.1.1",
            "169.0.0.0/8",
            "224.0.0.1",
            "239.255.0.0/16",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert_eq!(read(text), Err("system.address-special"), "{text}");
        }
    }
}
