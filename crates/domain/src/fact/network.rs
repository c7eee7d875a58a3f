//! Facts about what the machine listens on and what it has joined.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port on which something listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListeningPort {
    /// Protocol.
    pub transport: Transport,
    /// Address it is bound to.
    pub address: String,
    /// Port number.
    pub port: u16,
    /// Whether only the machine itself can reach it.
    pub loopback: bool,
    /// Name of the process; none where it cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// Ports on which something listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// The ports, by protocol, number and address.
    pub ports: Vec<ListeningPort>,
}

/// What carries a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkMedium {
    /// Cable.
    Wired,
    /// Wireless LAN.
    Wifi,
    /// Mobile telephony.
    Mobile,
    /// A tunnel.
    Vpn,
}

/// One network joined now or earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedNetwork {
    /// What carries it.
    pub medium: NetworkMedium,
    /// SSID or connection name.
    pub name: String,
    /// Hardware address of the gateway, where it is joined now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_mac: Option<String>,
    /// Whether a wireless network is open (no key).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// When it was last joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_joined: Option<Timestamp>,
    /// Whether it is joined now.
    pub joined: bool,
}

/// Networks joined so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networks {
    /// The networks.
    pub networks: Vec<JoinedNetwork>,
}
