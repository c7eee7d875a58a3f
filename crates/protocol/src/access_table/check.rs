//! Whether a table is sound in itself, and whether it is the one that a gateway expects.

use core::net::IpAddr;
use std::collections::BTreeSet;

use sekisho_domain::id::GatewayId;
use sekisho_domain::time::Timestamp;

use super::{
    AHEAD_MAX, LEASE_SECONDS, PEERS_MAX, Protocol, REACH_MAX, SEQUENCE_LIMIT, TableContent,
    TableError, TablePeer,
};
use crate::network::IpNetwork;

/// What a gateway knows before a table comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The gateway's own id.
    pub gateway: GatewayId,
    /// The tunnel network that it was enrolled with.
    pub network: IpNetwork,
    /// Its own address there.
    pub address: IpAddr,
    /// The last sequence that it accepted; 0 before the first.
    pub after: u64,
}

impl Expectation {
    /// Compares a table with what is known.
    ///
    /// # Errors
    /// [`TableError`].
    pub(super) fn check(&self, content: &TableContent, now: Timestamp) -> Result<(), TableError> {
        if content.gateway != self.gateway {
            return Err(TableError::OtherGateway {
                gateway: content.gateway,
            });
        }
        if content.sequence <= self.after {
            return Err(TableError::NotNewer {
                sequence: content.sequence,
                after: self.after,
            });
        }
        if content.expires_at <= now {
            return Err(TableError::Expired);
        }
        if content.issued_at > now.after(AHEAD_MAX) {
            return Err(TableError::IssuedAhead);
        }
        let network = content.network;
        if network != self.network || content.gateway_address != self.address {
            return Err(TableError::OtherNetwork { network });
        }
        Ok(())
    }
}

/// Whether a table is sound in itself.
///
/// # Errors
/// [`TableError`].
pub fn check(content: &TableContent) -> Result<(), TableError> {
    let sequence = content.sequence;
    if sequence == 0 || sequence >= SEQUENCE_LIMIT {
        return Err(TableError::SequenceRange { sequence });
    }
    check_lease(content)?;
    check_network(content.network)?;
    check_address(content.gateway_address, content.network)?;
    if content.peers.len() > PEERS_MAX {
        return Err(TableError::TooManyPeers {
            count: content.peers.len(),
        });
    }
    let mut sessions = BTreeSet::new();
    let mut keys = BTreeSet::new();
    let mut addresses = BTreeSet::from([content.gateway_address]);
    for peer in &content.peers {
        let (session, key, address) = (peer.session, peer.key, peer.address);
        if !sessions.insert(session) {
            return Err(TableError::DuplicateSession { session });
        }
        if !keys.insert(key) {
            return Err(TableError::DuplicateKey { key });
        }
        if !addresses.insert(address) {
            return Err(TableError::DuplicateAddress { address });
        }
        check_peer(peer, content)?;
    }
    Ok(())
}

fn check_lease(content: &TableContent) -> Result<(), TableError> {
    let (shortest, longest) = LEASE_SECONDS;
    let length = content
        .expires_at
        .as_millis()
        .checked_sub(content.issued_at.as_millis());
    let within = length.is_some_and(|ms| 0 < ms && ms <= i64::from(content.lease_seconds) * 1000);
    if within && (shortest..=longest).contains(&content.lease_seconds) {
        Ok(())
    } else {
        Err(TableError::Lease)
    }
}

/// Whether an address can be that of a host at all.
fn is_host_address(address: IpAddr) -> bool {
    !address.is_unspecified() && !address.is_multicast() && !address.is_loopback()
}

fn check_network(network: IpNetwork) -> Result<(), TableError> {
    // The gateway and at least one peer, between the first and the last address.
    let width = if network.is_ipv4() { 32 } else { 128 };
    let fits = (8..=width - 2).contains(&network.prefix());
    if fits && is_host_address(network.address()) {
        Ok(())
    } else {
        Err(TableError::Network { network })
    }
}

/// Whether an address can be that of one end of a tunnel.
fn check_address(address: IpAddr, network: IpNetwork) -> Result<(), TableError> {
    let reserved = address == network.address() || address == network.last();
    if network.contains(address) && !reserved {
        Ok(())
    } else {
        Err(TableError::AddressOutside { address })
    }
}

fn check_peer(peer: &TablePeer, content: &TableContent) -> Result<(), TableError> {
    let network = content.network;
    check_address(peer.address, network)?;
    let session = peer.session;
    if peer.reach.len() > REACH_MAX {
        return Err(TableError::TooMuchReach { session });
    }
    for reach in &peer.reach {
        let address = reach.address;
        if address.is_ipv4() != network.is_ipv4() || !is_reachable(address) {
            return Err(TableError::ReachAddress { address });
        }
        // Peers never reach each other; they may reach the gateway itself.
        if address.overlaps(network) && address != IpNetwork::host(content.gateway_address) {
            return Err(TableError::ReachOverlap { address });
        }
        let possible = match reach.protocol {
            Protocol::Icmp => reach.port.is_none(),
            Protocol::Tcp | Protocol::Udp => reach.port != Some(0),
        };
        if !possible {
            return Err(TableError::ReachPort { session });
        }
    }
    Ok(())
}

/// Wide networks are allowed (a whole site), those of no hosts are not.
fn is_reachable(network: IpNetwork) -> bool {
    network.prefix() > 0 && is_host_address(network.address())
}
