//! A network of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Neither an address nor an address with a prefix length.
    #[error("not an address or a network such as 10.0.0.0/24")]
    Form,
    /// The prefix is longer than an address.
    #[error("the prefix is longer than an address")]
    Prefix,
    /// Bits behind the prefix are set: it is not clear whether a host or a network is meant.
    #[error("bits behind the prefix are set")]
    HostBits,
}

impl NetworkError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "network.form",
            Self::Prefix => "network.prefix",
            Self::HostBits => "network.host_bits",
        }
    }
}

/// A network: an address whose bits behind the prefix are zero, and the length of the prefix.
///
/// As text `10.1.0.0/16`; a single address stands without its prefix, `10.1.0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpNetwork {
    address: IpAddr,
    prefix: u8,
}

/// Bits of an address of the family.
const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The bits of an address, right-aligned.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

impl IpNetwork {
    /// A network of its first address and the length of its prefix in bits.
    ///
    /// # Errors
    /// [`NetworkError::Prefix`], [`NetworkError::HostBits`].
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, NetworkError> {
        if prefix > width(address) {
            return Err(NetworkError::Prefix);
        }
        let network = Self { address, prefix };
        if bits(address) & network.host_mask() == 0 {
            Ok(network)
        } else {
            Err(NetworkError::HostBits)
        }
    }

    /// The network of one address alone.
    #[must_use]
    pub const fn host(address: IpAddr) -> Self {
        Self {
            address,
            prefix: width(address),
        }
    }

    /// Its first address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// Bits of its prefix.
    #[must_use]
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether it is one address alone.
    #[must_use]
    pub const fn is_host(self) -> bool {
        self.prefix == width(self.address)
    }

    /// Whether it is of IPv4.
    #[must_use]
    pub const fn is_ipv4(self) -> bool {
        self.address.is_ipv4()
    }

    fn host_mask(self) -> u128 {
        let free = u32::from(width(self.address) - self.prefix);
        1_u128.checked_shl(free).map_or(u128::MAX, |bit| bit - 1)
    }

    /// Its last address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        let last = bits(self.address) | self.host_mask();
        match self.address {
            IpAddr::V4(_) => {
                // Only the lower 32 bits are ever set.
                let [.., a, b, c, d] = last.to_be_bytes();
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(last)),
        }
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.is_ipv4() == address.is_ipv4()
            && bits(address) & !self.host_mask() == bits(self.address)
    }

    /// Whether any address lies in both. Networks are nested or apart.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_host() {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.prefix)
        }
    }
}

impl FromStr for IpNetwork {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let Some((address, prefix)) = text.split_once('/') else {
            return text.parse().map(Self::host).map_err(|_| NetworkError::Form);
        };
        let address = address.parse().map_err(|_| NetworkError::Form)?;
        let plain = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        if !plain {
            return Err(NetworkError::Form);
        }
        Self::new(address, prefix.parse().map_err(|_| NetworkError::Prefix)?)
    }
}

impl TryFrom<String> for IpNetwork {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<IpNetwork> for String {
    fn from(network: IpNetwork) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written_alike() {
        for (text, expected) in [
            ("10.1.0.0/16", Ok("10.1.0.0/16")),
            ("10.1.0.5", Ok("10.1.0.5")),
            ("10.1.0.5/32", Ok("10.1.0.5")),
            ("0.0.0.0/0", Ok("0.0.0.0/0")),
            ("::/0", Ok("::/0")),
            ("fd00:1::/64", Ok("fd00:1::/64")),
            ("fd00::1", Ok("fd00::1")),
            ("10.1.0.1/16", Err("network.host_bits")),
            ("fd00::1/64", Err("network.host_bits")),
            ("10.1.0.0/33", Err("network.prefix")),
            ("10.1.0.0/999", Err("network.prefix")),
            ("10.1.0.0/+8", Err("network.form")),
            ("10.1.0.0/", Err("network.form")),
            ("10.1.0/24", Err("network.form")),
            ("", Err("network.form")),
        ] {
            let read = text.parse::<IpNetwork>();
            let shown = read.map(|it| it.to_string()).map_err(NetworkError::code);
            assert_eq!(shown, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_lies_within() {
        let network: IpNetwork = "10.1.0.0/16".parse().unwrap();
        assert_eq!(network.last().to_string(), "10.1.255.255");
        assert!(network.contains("10.1.255.255".parse().unwrap()));
        assert!(!network.contains("10.2.0.0".parse().unwrap()));
        assert!(!network.contains("::a01:0".parse().unwrap()));
        let all: IpNetwork = "::/0".parse().unwrap();
        assert_eq!(
            all.last().to_string(),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        );
        for (a, b, expected) in [
            ("10.0.0.0/8", "10.1.0.0/16", true),
            ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.1.0.0/16", "10.2.0.0/16", false),
            ("0.0.0.0/0", "fd00::/8", false),
            ("10.1.0.1", "10.1.0.1", true),
        ] {
            let (a, b): (IpNetwork, IpNetwork) = (a.parse().unwrap(), b.parse().unwrap());
            assert_eq!(a.overlaps(b), expected, "{a} {b}");
        }
    }
}
