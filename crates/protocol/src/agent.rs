//! Agent to server: enrolment, reports, certificates (`/agent/v1/…`). Tunnels: [`crate::tunnel`].
//!
//! Every request after enrolment is signed with the device's own P-256 key, made on the device.
//! The signature covers method, path, device id, time, sequence and body digest, so that a
//! request can be neither altered nor sent twice ([`signing_input`]).

use sekisho_domain::fact::Observation;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Largest body of a report that a server reads, in bytes.
pub const REPORT_MAX: usize = 8 * 1024 * 1024;

/// Largest number of facts in one report.
pub const FACTS_MAX: usize = 64;

/// Header that carries the device id.
pub const HEADER_DEVICE: &str = "sekisho-device";
/// Header that carries the time of sending, in milliseconds since the epoch.
pub const HEADER_TIME: &str = "sekisho-time";
/// Header that carries the sequence number of the request, ever increasing per device.
pub const HEADER_SEQUENCE: &str = "sekisho-sequence";
/// Header that carries the signature: base64url of the fixed 64-byte P-256 ECDSA form.
pub const HEADER_SIGNATURE: &str = "sekisho-signature";

/// Path of enrolment.
pub const PATH_ENROL: &str = "/agent/v1/enrol";
/// Path of reports.
pub const PATH_REPORT: &str = "/agent/v1/report";

/// Path of certificates.
pub const PATH_CERTIFICATE: &str = "/agent/v1/certificate";

/// Asks for a device id for a key made on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time secret that an officer handed out.
    pub secret: String,
    /// The device's public key: base64url of the SEC1 compressed point (33 bytes).
    pub public_key: String,
    /// base64url signature over [`enrol_signing_input`] with that key: proof of possession.
    pub proof: String,
    /// Whether the person who uses the device declares its state, as on a telephone: so that a secret
    /// for the one is not used up by the other.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub declares: bool,
}

/// Grants the device id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The random id of the device.
    pub device: DeviceId,
    /// Seconds between reports that the server wishes.
    pub report_every_seconds: u32,
    /// Where the server speaks TLS with a certificate of its own authority: the certificates of
    /// that authority (PEM). From here on the agent trusts these and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorities: Option<String>,
}

/// Asks for a certificate for the device's own key. What is certified follows from who signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {}

/// A certificate for the device's own key, which names the device as `sekisho:device/<id>` and
/// nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateResponse {
    /// The certificate, then that of the authority which signed it (PEM).
    pub chain: String,
    /// As in [`EnrolResponse::authorities`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorities: Option<String>,
    /// From when on it holds.
    pub not_before: Timestamp,
    /// When it no longer holds.
    pub not_after: Timestamp,
    /// When to ask for the next one.
    pub renew_at: Timestamp,
}

/// What an agent saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of the agent's program.
    pub agent: String,
    /// When the collection began, by the device's clock.
    pub observed_at: Timestamp,
    /// One observation for each kind of fact that was looked for.
    pub observations: Vec<Observation>,
}

/// The server's answer to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReceipt {
    /// When the server received it.
    pub received_at: Timestamp,
    /// Seconds until the next report that the server wishes.
    pub report_every_seconds: u32,
}

/// The bytes that an enrolment's proof of possession signs.
#[must_use]
pub fn enrol_signing_input(secret: &str, public_key: &str) -> Vec<u8> {
    format!("sekisho-enrol-v1\n{public_key}\n{secret}").into_bytes()
}

/// The bytes that a request's signature signs. `body_sha256` is the lower-case hex digest.
#[must_use]
pub fn signing_input(
    method: &str,
    path: &str,
    device: DeviceId,
    time: Timestamp,
    sequence: u64,
    body_sha256: &str,
) -> Vec<u8> {
    let millis = time.as_millis();
    format!("sekisho-request-v1\n{method}\n{path}\n{device}\n{millis}\n{sequence}\n{body_sha256}")
        .into_bytes()
}
