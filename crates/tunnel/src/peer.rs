//! A peer as it should be, and as it is.

use std::net::{IpAddr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use defguard_wireguard_rs as wireguard;

use crate::key::PublicKey;

/// A peer as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its key.
    pub key: PublicKey,
    /// The networks whose packets it may send and is sent: first address and bits of the prefix.
    pub networks: Vec<(IpAddr, u8)>,
    /// Where it is found. Without one it has to begin, and wherever it is then heard from counts.
    pub endpoint: Option<SocketAddr>,
    /// Seconds between packets that keep the line open through address translation; none where
    /// nothing need be kept open.
    pub keepalive_seconds: Option<u16>,
}

/// A peer as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerState {
    /// Its key.
    pub key: PublicKey,
    /// As [`Peer::networks`], sorted.
    pub networks: Vec<(IpAddr, u8)>,
    /// From where it was last heard.
    pub endpoint: Option<SocketAddr>,
    /// As [`Peer::keepalive_seconds`].
    pub keepalive_seconds: Option<u16>,
    /// When the last handshake was completed; none before the first.
    pub handshake_at: Option<SystemTime>,
    /// Bytes received from it since it was added.
    pub received_bytes: u64,
    /// Bytes sent to it since it was added.
    pub sent_bytes: u64,
}

impl Peer {
    /// Whether a peer that is there is as it should be. One that had no endpoint has found its own.
    pub(crate) fn is_met_by(&self, state: &PeerState) -> bool {
        let mut networks = self.networks.clone();
        networks.sort_unstable();
        let endpoint = self.endpoint.is_none() || self.endpoint == state.endpoint;
        let keepalive = self.keepalive_seconds.unwrap_or(0) == state.keepalive_seconds.unwrap_or(0);
        networks == state.networks && endpoint && keepalive
    }

    pub(crate) fn to_library(&self) -> wireguard::peer::Peer {
        let mut peer = wireguard::peer::Peer::new(library_key(self.key));
        peer.endpoint = self.endpoint;
        peer.persistent_keepalive_interval = self.keepalive_seconds;
        peer.allowed_ips = self
            .networks
            .iter()
            .map(|(address, prefix)| wireguard::net::IpAddrMask::new(*address, *prefix))
            .collect();
        peer
    }
}

impl PeerState {
    pub(crate) fn of_library(peer: &wireguard::peer::Peer) -> Self {
        let mut networks: Vec<_> = peer
            .allowed_ips
            .iter()
            .map(|network| (network.address, network.cidr))
            .collect();
        networks.sort_unstable();
        Self {
            key: PublicKey::new(peer.public_key.as_array()),
            networks,
            endpoint: peer.endpoint,
            keepalive_seconds: peer.persistent_keepalive_interval,
            // Where there was none the kernel says zero.
            handshake_at: peer.last_handshake.filter(|at| *at > UNIX_EPOCH),
            received_bytes: peer.rx_bytes,
            sent_bytes: peer.tx_bytes,
        }
    }
}

pub(crate) fn library_key(key: PublicKey) -> wireguard::key::Key {
    wireguard::key::Key::new(key.to_bytes())
}
