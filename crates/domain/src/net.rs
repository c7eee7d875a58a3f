//! Addresses, ports and networks as registers hold them: checked, and each in one form only.

use core::net::Ipv4Addr;
use std::fmt;
use std::str::FromStr;

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::name::Line;

crate::choice! {
    /// What carries a connection.
    pub enum Transport {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

/// A port of a system, written `443/tcp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// Its number, from 1.
    pub number: u16,
    /// What carries it.
    pub transport: Transport,
}

/// The text is not of the form asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address, port or network of the form asked for")]
pub struct NetError;

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.transport.code())
    }
}

impl FromStr for Port {
    type Err = NetError;

    /// Reads `443/tcp`; a number alone means TCP.
    fn from_str(text: &str) -> Result<Self, NetError> {
        let (number, transport) = text.split_once('/').unwrap_or((text, "tcp"));
        let number = port_number(number)?;
        let transport = Transport::from_code(&transport.to_ascii_lowercase()).ok_or(NetError)?;
        Ok(Self { number, transport })
    }
}

/// A network of IPv4 addresses, written `10.90.0.0/16`. No bit is set below the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: u32,
    prefix: u8,
}

impl Network {
    /// How many bits are the network's.
    #[must_use]
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Its first address.
    #[must_use]
    pub const fn first(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address)
    }

    /// How many addresses it has.
    #[must_use]
    pub const fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    /// The address at a place in it, from 0; none past its end.
    #[must_use]
    pub fn at(self, place: u32) -> Option<Ipv4Addr> {
        (u64::from(place) < self.size()).then(|| Ipv4Addr::from_bits(self.address + place))
    }

    /// Whether an address is in it.
    #[must_use]
    pub const fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask() == self.address
    }

    /// Whether it and another have an address in common.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        let wider = if self.prefix < other.prefix {
            self
        } else {
            other
        };
        self.address & wider.mask() == other.address & wider.mask()
    }

    /// Whether every address of another is in it.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && other.address & self.mask() == self.address
    }

    /// What is left of it without others, in as few networks as that takes, by their addresses.
    #[must_use]
    pub fn without(self, others: &[Self]) -> Vec<Self> {
        if others.iter().any(|it| it.covers(self)) {
            return Vec::new();
        }
        let within: Vec<Self> = others
            .iter()
            .copied()
            .filter(|it| self.covers(*it))
            .collect();
        if within.is_empty() {
            return vec![self];
        }
        // What is within it and is not all of it is longer, so that there are halves.
        let prefix = self.prefix + 1;
        let upper = self.address | (1_u32 << (32 - prefix));
        let halves = [self.address, upper].map(|address| Self { address, prefix });
        let left = halves.into_iter().flat_map(|half| half.without(&within));
        left.collect()
    }

    const fn mask(self) -> u32 {
        if self.prefix == 0 {
            0
        } else {
            u32::MAX << (32 - self.prefix)
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.prefix)
    }
}

impl FromStr for Network {
    type Err = NetError;

    /// Reads `10.90.0.0/16`; an address alone is a network of one.
    fn from_str(text: &str) -> Result<Self, NetError> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
        let address: Ipv4Addr = address.parse().map_err(|_| NetError)?;
        let shortest = !prefix.is_empty() && (prefix == "0" || !prefix.starts_with(['0', '+']));
        let prefix: u8 = prefix.parse().map_err(|_| NetError)?;
        let network = Self {
            address: address.to_bits(),
            prefix,
        };
        let sound = prefix <= 32 && shortest && network.address & network.mask() == network.address;
        sound.then_some(network).ok_or(NetError)
    }
}

/// Where a service is reached from outside: a host name or an IPv4 address, and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Endpoint {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let (host, port) = text.rsplit_once(':').ok_or(NetError)?;
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        let named = !host.is_empty() && host.len() <= 253 && host.bytes().all(sound);
        let edges = host.starts_with(['.', '-']) || host.ends_with(['.', '-']);
        if !named || edges {
            return Err(NetError);
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port: port_number(port)?,
        })
    }
}

fn port_number(text: &str) -> Result<u16, NetError> {
    let number: u16 = text.parse().map_err(|_| NetError)?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    (number > 0 && plain).then_some(number).ok_or(NetError)
}

macro_rules! field_of_text {
    ($($name:ident),+) => { $(
        impl FieldType for $name {
            const KIND: FieldKind = FieldKind::Line;
            const REQUIRED: bool = true;
            const MANY: bool = false;

            fn value(&self) -> Value {
                Value::Text(self.to_string())
            }

            fn read(value: &Value) -> Result<Self, FieldFault> {
                Line::read(value)?.as_str().parse().map_err(|_| FieldFault::Form)
            }
        }
    )+ };
}

field_of_text!(Port, Network, Endpoint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_networks_and_endpoints_have_one_form() {
        for text in ["1/tcp", "443/tcp", "65535/udp"] {
            assert_eq!(text.parse::<Port>().unwrap().to_string(), text);
        }
        assert_eq!("8443".parse::<Port>().unwrap().to_string(), "8443/tcp");
        for text in [
            "0/tcp",
            "65536/tcp",
            "443/sctp",
            "+443/tcp",
            "443/",
            "/tcp",
            "",
        ] {
            assert_eq!(text.parse::<Port>(), Err(NetError), "{text}");
        }
        for text in ["0.0.0.0/0", "10.90.0.0/16", "192.0.2.7/32"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        for text in [
            "10.90.0.1/16",
            "10.90.0.0/33",
            "10.90.0.0/016",
            "10.90.0/16",
            "x",
            "::/0",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NetError), "{text}");
        }
        let endpoint: Endpoint = "Gate.Example.jp:51820".parse().unwrap();
        assert_eq!(endpoint.to_string(), "gate.example.jp:51820");
        for text in ["gate", "gate:0", ":51820", "-gate:1", "ga te:1", "[::1]:1"] {
            assert_eq!(text.parse::<Endpoint>(), Err(NetError), "{text}");
        }
    }

    #[test]
    fn networks_know_what_is_in_them() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        let wide = network("10.90.0.0/16");
        assert!(wide.contains(Ipv4Addr::new(10, 90, 255, 255)));
        assert!(!wide.contains(Ipv4Addr::new(10, 91, 0, 0)));
        assert_eq!(wide.at(1), Some(Ipv4Addr::new(10, 90, 0, 1)));
        assert_eq!(wide.at(65_536), None);
        assert!(wide.overlaps(network("10.90.4.0/24")));
        assert!(network("10.90.4.0/24").overlaps(wide));
        assert!(!wide.overlaps(network("10.91.0.0/16")));
        assert!(network("0.0.0.0/0").overlaps(wide));
        assert!(wide.covers(wide) && wide.covers(network("10.90.4.0/24")));
        assert!(!network("10.90.4.0/24").covers(wide) && !wide.covers(network("10.91.0.0/16")));
    }

    #[test]
    fn what_is_left_of_a_network_is_all_of_it_but_the_others() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        let left = |of: &str, others: &[&str]| {
            let others: Vec<Network> = others.iter().map(|it| network(it)).collect();
            let left = network(of).without(&others);
            let left: Vec<String> = left.iter().map(ToString::to_string).collect();
            left.join(" ")
        };
        let of = "10.1.0.0/30";
        assert_eq!(left(of, &[]), of);
        assert_eq!(left(of, &["10.2.0.0/16", "10.1.0.4/32"]), of);
        assert_eq!(left(of, &["10.1.0.1/32"]), "10.1.0.0/32 10.1.0.2/31");
        assert_eq!(left(of, &["10.1.0.0/31", "10.1.0.3/32"]), "10.1.0.2/32");
        assert_eq!(left(of, &["10.1.0.0/31", "10.1.0.2/31"]), "");
        assert_eq!(left(of, &["10.0.0.0/8"]), "");
        // Every address of a wide one is on exactly one side.
        let (wide, holes) = (
            "10.0.0.0/8",
            ["10.7.3.1/32", "10.7.3.0/24", "10.200.0.0/13"],
        );
        let holes = holes.map(network);
        let left = network(wide).without(&holes);
        let size: u64 = left.iter().map(|it| it.size()).sum();
        assert_eq!(size, (1 << 24) - (1 << 8) - (1 << 19));
        assert!(
            left.iter()
                .all(|it| !holes.iter().any(|hole| hole.overlaps(*it)))
        );
    }
}
