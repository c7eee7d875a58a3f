//! Whose an address, device or user of a log is: the organisation's own list.

use core::net::IpAddr;
use std::collections::{BTreeMap, HashMap};

use super::tally::Client;

/// Most lines of a list.
const LINES_MAX: usize = 1_000_000;

/// Whom a client belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// The unit, as the list calls it; empty where it says none.
    pub unit: String,
    /// The person; empty where it says none.
    pub person: String,
}

/// Why a list cannot be used; lines are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientsError {
    /// Not `client,unit,person` without quotes.
    Form {
        /// The line.
        line: usize,
    },
    /// A network that is none: bits beyond its length, or a length that no address has.
    Network {
        /// The line.
        line: usize,
    },
    /// The same client in two lines.
    Twice {
        /// The later line.
        line: usize,
    },
    /// More lines than a list may have.
    Long,
}

/// The list: `client,unit,person`, where a client is an address, a network (`192.0.2.0/24`), the name
/// of a device or of a user.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    names: HashMap<String, Whose>,
    /// By the length of the prefix.
    networks: BTreeMap<u8, HashMap<u128, Whose>>,
}

impl Clients {
    /// Reads a list. A first line whose first word is `client` is a heading; empty lines and lines
    /// that begin with `#` are passed over.
    ///
    /// # Errors
    /// [`ClientsError`] with the line.
    pub fn parse(text: &str) -> Result<Self, ClientsError> {
        let mut made = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            if number == LINES_MAX {
                return Err(ClientsError::Long);
            }
            let line = line.trim();
            let heading = number == 0 && line.split(',').next() == Some("client");
            if line.is_empty() || line.starts_with('#') || heading {
                continue;
            }
            made.add(line, number + 1)?;
        }
        Ok(made)
    }

    fn add(&mut self, text: &str, line: usize) -> Result<(), ClientsError> {
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        let (client, whose) = match fields[..] {
            [client, unit] => (client, (unit, "")),
            [client, unit, person] => (client, (unit, person)),
            _ => return Err(ClientsError::Form { line }),
        };
        if client.is_empty() || text.contains('"') {
            return Err(ClientsError::Form { line });
        }
        let whose = Whose {
            unit: whose.0.to_owned(),
            person: whose.1.to_owned(),
        };
        let before = match network(client) {
            Network::Of(length, bits) => {
                self.networks.entry(length).or_default().insert(bits, whose)
            }
            Network::Bad => return Err(ClientsError::Network { line }),
            Network::None => self.names.insert(client.to_lowercase(), whose),
        };
        before.map_or(Ok(()), |_| Err(ClientsError::Twice { line }))
    }

    /// Whose a client is: by the user where the log knows one, else by the name of the device, else
    /// by the narrowest network.
    #[must_use]
    pub fn whose(&self, client: &Client) -> Option<&Whose> {
        let Client::Known { from, user } = client else {
            return None;
        };
        let named = |name: &str| self.names.get(&name.to_lowercase());
        if let Some(whose) = user.as_deref().and_then(named).or_else(|| named(from)) {
            return Some(whose);
        }
        let address = bits(from.parse().ok()?);
        let mut narrowest = self.networks.iter().rev();
        narrowest.find_map(|(length, of)| of.get(&(address & mask(*length))))
    }
}

enum Network {
    Of(u8, u128),
    Bad,
    None,
}

/// IPv4 stands inside IPv6, mapped (RFC 4291, 2.5.5.2), so that one order holds both.
fn network(text: &str) -> Network {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return if length.is_some() {
            Network::Bad
        } else {
            Network::None
        };
    };
    let (widest, offset) = if address.is_ipv4() {
        (32, 96)
    } else {
        (128, 0)
    };
    let length = match length.map(str::parse::<u8>) {
        None => widest,
        Some(Ok(length)) if length <= widest => length,
        Some(_) => return Network::Bad,
    } + offset;
    let bits = bits(address);
    if bits & !mask(length) != 0 {
        return Network::Bad;
    }
    Network::Of(length, bits)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The first `length` bits, at most 128.
fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_belongs_to_its_user_then_its_name_then_its_narrowest_network() {
        let clients = Clients::parse(
            "client,unit,person\n# the house\n10.0.0.0/8,省,\n10.1.0.0/16,総務課,\n10.1.2.3,総務課,佐藤\nPC-7,会計課,\ntanaka,会計課,田中\n2001:db8::/32,六,\n",
        )
        .unwrap();
        let of = |from: &str, user: Option<&str>| {
            let whose = clients.whose(&Client::of(from, user))?;
            Some(format!("{}/{}", whose.unit, whose.person))
        };
        for (from, user, whose) in [
            ("10.9.9.9", None, Some("省/")),
            ("10.1.9.9", None, Some("総務課/")),
            ("10.1.2.3", None, Some("総務課/佐藤")),
            ("::ffff:10.1.2.3", None, Some("総務課/佐藤")),
            ("10.1.2.3", Some("Tanaka"), Some("会計課/田中")),
            ("10.1.2.3", Some("nobody"), Some("総務課/佐藤")),
            ("pc-7", None, Some("会計課/")),
            ("2001:db8:1::1", None, Some("六/")),
            ("192.0.2.1", None, None),
            ("PC-8", None, None),
        ] {
            assert_eq!(of(from, user).as_deref(), whose, "{from} {user:?}");
        }
        assert_eq!(clients.whose(&Client::Others), None);
    }

    #[test]
    fn a_list_that_cannot_be_meant_names_its_line() {
        for (text, error) in [
            ("a", ClientsError::Form { line: 1 }),
            ("a,b,c,d", ClientsError::Form { line: 1 }),
            (",b", ClientsError::Form { line: 1 }),
            ("a,\"b\"", ClientsError::Form { line: 1 }),
            (
                "client,unit\n10.0.0.1/8,b",
                ClientsError::Network { line: 2 },
            ),
            ("10.0.0.0/33,b", ClientsError::Network { line: 1 }),
            ("house/9,b", ClientsError::Network { line: 1 }),
            ("a,b\nA,c", ClientsError::Twice { line: 2 }),
            ("10.0.0.1,b\n10.0.0.1/32,c", ClientsError::Twice { line: 2 }),
        ] {
            assert_eq!(Clients::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
