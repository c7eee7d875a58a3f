//! Gateway to server: enrolment, access tables and reports (`/gateway/v1/…`).
//!
//! Every request after the hello is signed with the gateway's own P-256 key, as an agent signs
//! its own: over method, path with query, gateway id, time, sequence and body digest
//! ([`request_signing_input`]). The hello, which cannot name an id yet, signs its time and number
//! beside the keys ([`enrol_signing_input`]); its number is of the same row as those of requests.
//! The form before that ("v1") named neither: a server refuses it with
//! [`CODE_HELLO_OLD`]. The headers of time, sequence and signature are the agent's
//! ([`crate::agent`]).

use core::net::{IpAddr, SocketAddr};

use sekisho_domain::id::{GatewayId, SystemId, TunnelSessionId};
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::network::IpNetwork;
use crate::wireguard_key::WireGuardKey;

/// Header that carries the gateway id.
pub const HEADER_GATEWAY: &str = "sekisho-gateway";
/// Path of enrolment (POST).
pub const PATH_ENROL: &str = "/gateway/v1/enrol";
/// Path of the access table (GET, with `after`). See [`table_path`].
pub const PATH_TABLE: &str = "/gateway/v1/table";
/// Path of reports (POST).
pub const PATH_REPORT: &str = "/gateway/v1/report";
/// The code of a hello that names no time and number: the gateway's program is too old.
pub const CODE_HELLO_OLD: &str = "gateway.hello-old";
/// The code of a request for a table by a gateway that has not said hello since the server's start:
/// it says hello and asks again.
pub const CODE_HELLO_WANTED: &str = "gateway.hello-wanted";
/// Content type of a signed access table.
pub const TABLE_CONTENT_TYPE: &str = "application/vnd.sekisho.access-table";
/// Largest body of a report that a server reads, in bytes.
pub const REPORT_MAX: usize = 32 * 1024 * 1024;
/// The part of a lease for which a server holds a request for a table open: one third. Then it
/// answers with a table of the same content, a later sequence and a new lease.
pub const HOLD_DIVISOR: u32 = 3;
/// For how many seconds a server holds a request for a table at most, however long the lease is.
pub const HOLD_MAX_SECONDS: u32 = 20;

/// Asks which gateway it is whose key stands in the register, and tells the key of its tunnels. Trust
/// comes from there: an officer has entered the key that the gateway printed. Said at enrolment, at
/// each start of the gateway, and whenever a server answers with [`CODE_HELLO_WANTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The public key of requests: base64url of the SEC1 compressed point (33 bytes).
    pub public_key: String,
    /// The public key of the tunnel, which devices are told.
    pub wireguard_key: WireGuardKey,
    /// When it is said, by the gateway's clock. Gateways before that was signed do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Larger than that of any hello before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// base64url signature over [`enrol_signing_input`] with the key of requests.
    pub proof: String,
}

/// Grants the gateway id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The random id of the gateway.
    pub gateway: GatewayId,
    /// The Ed25519 key that signs access tables: base64url of 32 bytes
    /// ([`crate::access_table::TableVerifier::parse`]).
    pub table_key: String,
    /// The addresses of tunnels.
    pub network: IpNetwork,
    /// The gateway's own address there.
    pub address: IpAddr,
    /// The UDP port on which it listens for WireGuard.
    pub listen_port: u16,
    /// The length of leases in seconds.
    pub lease_seconds: u32,
}

/// What a gateway saw since its run began. Numbers only grow within one run, except that a
/// session that begins anew counts from nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayReport {
    /// Version of the gateway's program.
    pub version: String,
    /// When this run of the gateway began, by its clock: names the run.
    pub run_began_at: Timestamp,
    /// When it was observed, by the gateway's clock.
    pub observed_at: Timestamp,
    /// The sequence of the table in force; none while closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// When everything closes if nothing more is heard; none while closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<Timestamp>,
    /// The code of the last table that was refused, since the last one that was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The code of what keeps the last accepted table from being carried out, and then it stays closed; or of what
    /// keeps it from being counted what passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
    /// When the packet filter was last found taken away or changed by something else in this run. It was closed and
    /// put back, unless `failing` says otherwise; what passed until then nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_gone_at: Option<Timestamp>,
    /// Whether the machine may forward packets past the tunnel, as its own rules say. Gateways before that was
    /// told do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwards_others: Option<bool>,
    /// The UDP port of its tunnels, where it is the one that the server named; none where the gateway was started with
    /// another (address translation may lead to it), and of gateways before that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_port: Option<u16>,
    /// Packets that the filter dropped: from or to the tunnel, past it, and in the name of a peer.
    pub dropped_packets: u64,
    /// The sessions: those that are, and those that ended since the last report that was
    /// received.
    pub sessions: Vec<SessionReport>,
}

/// One tunnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionReport {
    /// The session.
    pub session: TunnelSessionId,
    /// When the gateway ended it; none while it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The last handshake (WireGuard makes one every two minutes while there is traffic); none
    /// when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake_at: Option<Timestamp>,
    /// From where the device comes, outside the tunnel: the line that it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<SocketAddr>,
    /// Bytes received from the device, as WireGuard counts them.
    pub received_bytes: u64,
    /// Bytes sent to the device.
    pub sent_bytes: u64,
    /// What passed between the device and each system. A session without traffic has none.
    pub systems: Vec<SystemUse>,
}

/// What passed between one device and one system, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemUse {
    /// The system.
    pub system: SystemId,
    /// Bytes of IP packets.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
}

/// The server's answer to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReceipt {
    /// When the server received it.
    pub received_at: Timestamp,
}

/// Path and query of the table after the one in force, as they are sent and signed. `after` is 0
/// while the gateway is closed: such a request is always answered at once, with a table of a later
/// sequence than any before.
#[must_use]
pub fn table_path(after: u64) -> String {
    format!("{PATH_TABLE}?after={after}")
}

/// The bytes that a hello's proof of possession signs.
#[must_use]
pub fn enrol_signing_input(
    public_key: &str,
    wireguard_key: WireGuardKey,
    time: Timestamp,
    number: u64,
) -> Vec<u8> {
    let millis = time.as_millis();
    format!("sekisho-gateway-enrol-v2\n{public_key}\n{wireguard_key}\n{millis}\n{number}")
        .into_bytes()
}

/// The bytes that a request's signature signs. `path` holds the query; `body_sha256` is the
/// lower-case hex digest, of no bytes for a GET.
#[must_use]
pub fn request_signing_input(
    method: &str,
    path: &str,
    gateway: GatewayId,
    time: Timestamp,
    sequence: u64,
    body_sha256: &str,
) -> Vec<u8> {
    let millis = time.as_millis();
    format!(
        "sekisho-gateway-request-v1\n{method}\n{path}\n{gateway}\n{millis}\n{sequence}\n{body_sha256}"
    )
    .into_bytes()
}
