//! Agent to server: a tunnel for a person on a device (`/agent/v1/tunnel…`).
//!
//! The device asks with the WireGuard key that it made, and shows a short code. A person who is
//! signed in enters that code in the console and says yes (the flow of RFC 8628, with a signature
//! of the device in place of a client secret). The device asks again until it hears the answer.
//! Requests are signed as reports are.

use core::net::IpAddr;

use sekisho_domain::id::{SystemId, TunnelSessionId};
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Path under which a tunnel is asked for. `PATH_TUNNEL/<id>` is asked for its state, and
/// `PATH_TUNNEL/<id>/end` ends it.
pub const PATH_TUNNEL: &str = "/agent/v1/tunnel";

/// Largest body of such a request that a server reads, in bytes.
pub const TUNNEL_MAX: usize = 4096;

/// Asks for a tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelRequest {
    /// The WireGuard public key made on the device: base64 of 32 bytes, as `wg pubkey` writes it.
    pub wireguard_key: String,
}

/// A person has to say yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelResponse {
    /// The session.
    pub session: TunnelSessionId,
    /// What the person enters in the console, as it is shown.
    pub user_code: String,
    /// The page of the console where it is entered; the code stands in it.
    pub url: String,
    /// Until when it can be entered.
    pub code_until: Timestamp,
    /// Seconds between two questions for the answer.
    pub poll_every_seconds: u32,
}

/// Asks for the state of a session, or ends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelQuestion {}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum TunnelState {
    /// Nobody has said yes yet.
    Waiting {
        /// Until when somebody can.
        code_until: Timestamp,
        /// Seconds until the next question.
        poll_every_seconds: u32,
    },
    /// The tunnel may be up.
    Open(TunnelGrant),
    /// The session is over. Another one has to be asked for.
    Ended {
        /// Why: a stable code below `tunnel.ended` of the messages.
        why: String,
    },
}

/// How the tunnel is brought up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelGrant {
    /// When the session ends, whatever happens. It may end before.
    pub expires_at: Timestamp,
    /// Seconds until the next question for its state.
    pub poll_every_seconds: u32,
    /// Where the device meets the gateway.
    #[serde(flatten)]
    pub place: TunnelPlace,
    /// The systems that permits for remote access name, and whether each is reached now.
    #[serde(default)]
    pub systems: Vec<TunnelSystem>,
    /// How many more there are than are told of; none where that is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_systems: Option<usize>,
}

/// Most systems that a grant tells of; those that are reached come first.
pub const SYSTEMS_MAX: usize = 32;

/// A system, as the person on the device is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelSystem {
    /// The system.
    pub system: SystemId,
    /// What it is called.
    pub name: String,
    /// Whether it is reached.
    pub reached: bool,
    /// What is missing, where it is not, and that it is so in part only, where it is; nothing where the register lacks its address or ports.
    pub why: Vec<BothWords>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BothWords {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A device's place at a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelPlace {
    /// The device's own address in the tunnel.
    pub address: IpAddr,
    /// Where the gateway listens: `host:port`.
    pub endpoint: String,
    /// The gateway's WireGuard public key (base64).
    pub public_key: String,
    /// Networks that lie behind it, in CIDR form. What of them is reached the gateway decides,
    /// packet by packet.
    pub networks: Vec<String>,
}
