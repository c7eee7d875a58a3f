//! Why a table is refused.

use core::net::IpAddr;

use sekisho_domain::id::{GatewayId, TunnelSessionId};

use crate::network::IpNetwork;
use crate::wireguard_key::WireGuardKey;

/// Why an access table is refused. Nothing of a refused table is carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Larger than [`super::TABLE_MAX`].
    #[error("larger than allowed: {bytes} bytes")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// Not a signed table of a version that is known.
    #[error("not a signed access table")]
    Form,
    /// The signature is not that of the server.
    #[error("the signature does not hold")]
    Signature,
    /// The key of the server is no Ed25519 key.
    #[error("not an Ed25519 public key")]
    VerifierKey,
    /// Signed, and not the JSON of a table.
    #[error("the content is not that of a table")]
    Json,
    /// Signed, and written in another than the canonical way.
    #[error("the content is not canonical JSON")]
    NotCanonical,
    /// For another gateway.
    #[error("for another gateway: {gateway}")]
    OtherGateway {
        /// The gateway that it is for.
        gateway: GatewayId,
    },
    /// Not newer than the last one: sent twice, or too late.
    #[error("sequence {sequence} is not after {after}")]
    NotNewer {
        /// Its sequence.
        sequence: u64,
        /// The last accepted sequence.
        after: u64,
    },
    /// A sequence of 2^53 or more.
    #[error("sequence {sequence} is out of range")]
    SequenceRange {
        /// Its sequence.
        sequence: u64,
    },
    /// Its lease is over, by the gateway's clock.
    #[error("its lease is over")]
    Expired,
    /// Issued later than the gateway's clock can explain.
    #[error("issued in the future")]
    IssuedAhead,
    /// A lease outside the bounds, or an end that is not within the lease.
    #[error("the lease is out of bounds")]
    Lease,
    /// The tunnel network is too small or not a network of hosts.
    #[error("{network} cannot be a tunnel network")]
    Network {
        /// The network.
        network: IpNetwork,
    },
    /// Another tunnel network than the gateway was enrolled with.
    #[error("another tunnel network: {network}")]
    OtherNetwork {
        /// The network.
        network: IpNetwork,
    },
    /// More peers than [`super::PEERS_MAX`].
    #[error("{count} peers are more than allowed")]
    TooManyPeers {
        /// How many there are.
        count: usize,
    },
    /// Two peers of one session.
    #[error("session {session} stands twice")]
    DuplicateSession {
        /// The session.
        session: TunnelSessionId,
    },
    /// Two peers with one key.
    #[error("key {key} stands twice")]
    DuplicateKey {
        /// The key.
        key: WireGuardKey,
    },
    /// Two peers with one address, or one with the gateway's own.
    #[error("address {address} stands twice")]
    DuplicateAddress {
        /// The address.
        address: IpAddr,
    },
    /// A peer's address is outside the tunnel network, or is its first or last.
    #[error("address {address} is not one of the tunnel network")]
    AddressOutside {
        /// The address.
        address: IpAddr,
    },
    /// More reach of one peer than [`super::REACH_MAX`].
    #[error("session {session} reaches more than allowed")]
    TooMuchReach {
        /// The session.
        session: TunnelSessionId,
    },
    /// Reach that lies in the tunnel network: peers never reach each other.
    #[error("{address} overlaps with the tunnel network")]
    ReachOverlap {
        /// What would be reached.
        address: IpNetwork,
    },
    /// Reach of the other family than the tunnel's addresses, or of no hosts.
    #[error("{address} cannot be reached through this tunnel")]
    ReachAddress {
        /// What would be reached.
        address: IpNetwork,
    },
    /// Port 0, or a port for a protocol that has none.
    #[error("session {session} has reach with a port that cannot be")]
    ReachPort {
        /// The session.
        session: TunnelSessionId,
    },
}

impl TableError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "access_table.too_large",
            Self::Form => "access_table.form",
            Self::Signature => "access_table.signature",
            Self::VerifierKey => "access_table.verifier_key",
            Self::Json => "access_table.json",
            Self::NotCanonical => "access_table.not_canonical",
            Self::OtherGateway { .. } => "access_table.other_gateway",
            Self::NotNewer { .. } => "access_table.not_newer",
            Self::SequenceRange { .. } => "access_table.sequence_range",
            Self::Expired => "access_table.expired",
            Self::IssuedAhead => "access_table.issued_ahead",
            Self::Lease => "access_table.lease",
            Self::Network { .. } => "access_table.network",
            Self::OtherNetwork { .. } => "access_table.other_network",
            Self::TooManyPeers { .. } => "access_table.too_many_peers",
            Self::DuplicateSession { .. } => "access_table.duplicate_session",
            Self::DuplicateKey { .. } => "access_table.duplicate_key",
            Self::DuplicateAddress { .. } => "access_table.duplicate_address",
            Self::AddressOutside { .. } => "access_table.address_outside",
            Self::TooMuchReach { .. } => "access_table.too_much_reach",
            Self::ReachOverlap { .. } => "access_table.reach_overlap",
            Self::ReachAddress { .. } => "access_table.reach_address",
            Self::ReachPort { .. } => "access_table.reach_port",
        }
    }
}
