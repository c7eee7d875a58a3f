//! The access table: who may reach what through one gateway, signed by the server and expiring.
//!
//! A server writes a [`TableContent`] and signs it ([`TableSigner::sign`]). A gateway makes an
//! [`AccessTable`] of the bytes ([`AccessTable::accept`]), which verifies the signature before
//! anything is parsed and takes the whole or nothing. What the table does not name is closed, and
//! so is everything once the lease is over.

mod check;
mod error;
mod signed;

use core::net::IpAddr;

use sekisho_domain::id::{Fresh, GatewayId, SystemId, TunnelSessionId};
use sekisho_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::network::IpNetwork;
use crate::wireguard_key::WireGuardKey;

pub use check::{Expectation, check};
pub use error::TableError;
pub use signed::{SIGNATURE_BYTES, TableSigner, TableVerifier};

/// Largest signed table, in bytes.
pub const TABLE_MAX: usize = 8 * 1024 * 1024;
/// Most peers of one table.
pub const PEERS_MAX: usize = 65_536;
/// Most entries of reach of one peer.
pub const REACH_MAX: usize = 1_024;
/// Shortest and longest lease, in seconds.
pub const LEASE_SECONDS: (u32, u32) = (10, 900);
/// The lease where nothing else is configured, in seconds.
pub const LEASE_DEFAULT_SECONDS: u32 = 60;
/// How far a table may be issued ahead of the gateway's clock.
pub const AHEAD_MAX: Span = Span::minutes(5);
/// The first sequence number that is not allowed (RFC 7493, 2.2).
pub const SEQUENCE_LIMIT: u64 = 1 << 53;

/// What stands in place of a system where several share an address and port: what passes there is counted, and
/// for none of them. No system has this id.
pub const SHARED_PLACE: SystemId = SystemId::new(Fresh([0; 16]));

/// A protocol that reach is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
    /// Echo requests and their replies (RFC 792, RFC 4443), which have no ports.
    Icmp,
}

/// One thing that a peer may reach. Fields stand in the order of canonical JSON (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// The address or network that is reached.
    pub address: IpNetwork,
    /// The first instant at which it is reached no longer, where that may come before the lease
    /// ends; absent where only the lease ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// The port there; absent for any, and for [`Protocol::Icmp`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The protocol.
    pub protocol: Protocol,
    /// The system that stands there: what is counted is counted for it. [`SHARED_PLACE`] where there are several.
    pub system: SystemId,
}

/// One tunnel: a person on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TablePeer {
    /// Its address inside the tunnel network.
    pub address: IpAddr,
    /// The device's key of WireGuard.
    pub key: WireGuardKey,
    /// What may be reached through it. Without any, the tunnel stands and leads nowhere.
    pub reach: Vec<Reach>,
    /// The session.
    pub session: TunnelSessionId,
}

/// What a table says. Anybody can write one; only [`AccessTable`] is known to be sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableContent {
    /// The end of the lease: at most `lease_seconds` after it was issued.
    pub expires_at: Timestamp,
    /// The gateway that it is for.
    pub gateway: GatewayId,
    /// The gateway's own address in the tunnel network.
    pub gateway_address: IpAddr,
    /// When it was issued, by the server's clock.
    pub issued_at: Timestamp,
    /// The length of the lease: what the gateway lets pass after it has heard nothing more.
    pub lease_seconds: u32,
    /// The addresses of tunnels.
    pub network: IpNetwork,
    /// The tunnels.
    pub peers: Vec<TablePeer>,
    /// Strictly growing for one gateway, below [`SEQUENCE_LIMIT`].
    pub sequence: u64,
}

/// A table whose signature held, that is sound in itself, and that a gateway had reason to
/// expect. Nothing else can be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTable(TableContent);

impl AccessTable {
    /// Verifies, parses and checks a signed table. `now` is the gateway's clock.
    ///
    /// # Errors
    /// [`TableError`]; nothing of such a table may be carried out.
    pub fn accept(
        signed: &[u8],
        verifier: &TableVerifier,
        expected: &Expectation,
        now: Timestamp,
    ) -> Result<Self, TableError> {
        let json = verifier.open(signed)?;
        let content: TableContent = serde_json::from_slice(json).map_err(|_| TableError::Json)?;
        let written = serde_json::to_vec(&content).map_err(|_| TableError::Json)?;
        if written != json {
            return Err(TableError::NotCanonical);
        }
        check(&content)?;
        expected.check(&content, now)?;
        Ok(Self(content))
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &TableContent {
        &self.0
    }

    /// The length of the lease.
    #[must_use]
    pub const fn lease(&self) -> Span {
        Span::seconds(self.0.lease_seconds)
    }
}

#[cfg(test)]
mod tests;
