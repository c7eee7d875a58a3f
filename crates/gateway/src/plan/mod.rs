//! What a table means at an instant: the peers that should be, and the elements of the packet
//! filter's sets. Pure.

mod disjoint;

use std::collections::BTreeMap;
use std::net::IpAddr;

use sekisho_domain::id::{SystemId, TunnelSessionId};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::access_table::{AccessTable, Protocol, Reach, TablePeer};
use sekisho_protocol::wireguard_key::WireGuardKey;

/// A stretch of addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    /// The first.
    pub first: IpAddr,
    /// The last.
    pub last: IpAddr,
}

/// A stretch of ports, both ends included. ICMP has none, which is written as 0 to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl Ports {
    /// Those of a protocol without ports.
    pub const NONE: Self = Self { first: 0, last: 0 };
    /// All.
    pub const ANY: Self = Self {
        first: 0,
        last: u16::MAX,
    };
}

/// One element of the filter's sets: packets from a peer to these addresses and ports, and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    /// The peer's address in the tunnel.
    pub peer: IpAddr,
    /// The protocol.
    pub protocol: Protocol,
    /// What is reached.
    pub addresses: Addresses,
    /// The ports there.
    pub ports: Ports,
}

impl Element {
    /// Whether it is one address and one port: such are looked up by hash.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.protocol != Protocol::Icmp
            && self.addresses.first == self.addresses.last
            && self.ports.first == self.ports.last
    }
}

/// For whom an element stands, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The session.
    pub session: TunnelSessionId,
    /// The system: what passes is counted for it.
    pub system: SystemId,
    /// When it ends before the lease does; none where only the lease ends it.
    pub ends_at: Option<Timestamp>,
}

/// A peer that should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedPeer {
    /// The session.
    pub session: TunnelSessionId,
    /// Its address in the tunnel.
    pub address: IpAddr,
}

/// What should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The peers by their keys.
    pub peers: BTreeMap<WireGuardKey, PlannedPeer>,
    /// The elements. No two of them let the same packet through, except that an exact one may lie
    /// within a wider one.
    pub elements: BTreeMap<Element, Entry>,
}

/// Whether the first end is later. Without an end it is the lease that ends it.
fn ends_later(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(one), Some(other)) => one > other,
    }
}

/// What a table means at an instant.
#[must_use]
pub fn plan(table: &AccessTable, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    for peer in &table.content().peers {
        let planned = PlannedPeer {
            session: peer.session,
            address: peer.address,
        };
        plan.peers.insert(peer.key, planned);
        plan.elements.extend(elements(peer, now));
    }
    plan
}

fn elements(peer: &TablePeer, now: Timestamp) -> BTreeMap<Element, Entry> {
    let mut exact: BTreeMap<Element, Entry> = BTreeMap::new();
    let mut wide: BTreeMap<Element, Entry> = BTreeMap::new();
    let lasting = |reach: &&Reach| reach.ends_at.is_none_or(|end| end > now);
    for reach in peer.reach.iter().filter(lasting) {
        let element = element(peer.address, reach);
        let entry = Entry {
            session: peer.session,
            system: reach.system,
            ends_at: reach.ends_at,
        };
        let into = if element.is_exact() {
            &mut exact
        } else {
            &mut wide
        };
        into.entry(element)
            .and_modify(|had| {
                if ends_later(entry.ends_at, had.ends_at) {
                    *had = entry;
                }
            })
            .or_insert(entry);
    }
    exact.extend(disjoint::disjoint(wide));
    exact
}

fn element(peer: IpAddr, reach: &Reach) -> Element {
    let ports = match (reach.protocol, reach.port) {
        (Protocol::Icmp, _) => Ports::NONE,
        (_, Some(port)) => Ports {
            first: port,
            last: port,
        },
        (_, None) => Ports::ANY,
    };
    Element {
        peer,
        protocol: reach.protocol,
        addresses: Addresses {
            first: reach.address.address(),
            last: reach.address.last(),
        },
        ports,
    }
}

#[cfg(test)]
pub(crate) mod tests;
