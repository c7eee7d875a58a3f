//! Enrolment and signed reports over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME,
    PATH_ENROL, PATH_REPORT, REPORT_MAX, Report, ReportReceipt, enrol_signing_input, signing_input,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::AgentError;
use crate::identity::{DeviceKey, Enrolment};

/// Largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 65_536;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const WHOLE_LIMIT: Duration = Duration::from_secs(30);

/// The address of a server: for now plain HTTP on this machine itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl(SocketAddr);

impl ServerUrl {
    /// Reads `http://127.0.0.1:8080`, `http://[::1]:8080` or `http://localhost:8080`.
    ///
    /// # Errors
    /// [`AgentError::ServerNotLoopback`] for any other host, [`AgentError::ServerTls`] for HTTPS,
    /// [`AgentError::ServerAddress`] for other texts.
    pub fn parse(text: &str) -> Result<Self, AgentError> {
        let wrong = || AgentError::ServerAddress {
            address: text.to_owned(),
        };
        if text.starts_with("https://") {
            return Err(AgentError::ServerTls);
        }
        let authority = text.strip_prefix("http://").ok_or_else(wrong)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(wrong());
        }
        // The name is never looked up: whoever answers for it may not be this machine.
        let numeric = match authority.strip_prefix("localhost") {
            Some("") => "127.0.0.1:80".to_owned(),
            Some(port) if port.starts_with(':') => format!("127.0.0.1{port}"),
            _ => authority.to_owned(),
        };
        let address = numeric
            .parse::<SocketAddr>()
            .or_else(|_| format!("{numeric}:80").parse::<SocketAddr>());
        match address {
            Ok(address) if address.ip().is_loopback() => Ok(Self(address)),
            Ok(_) => Err(AgentError::ServerNotLoopback {
                address: text.to_owned(),
            }),
            Err(_) => Err(not_numeric(text, &numeric)),
        }
    }
}

/// A name with a port is an address, but not one of this machine itself.
fn not_numeric(text: &str, authority: &str) -> AgentError {
    let host = authority.split(':').next().unwrap_or_default();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let address = text.to_owned();
    if !host.is_empty() && host.chars().all(name) {
        AgentError::ServerNotLoopback { address }
    } else {
        AgentError::ServerAddress { address }
    }
}

impl std::fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = AgentError;

    fn try_from(text: String) -> Result<Self, AgentError> {
        Self::parse(&text)
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.to_string()
    }
}

/// The part of a refusal (RFC 9457) that the agent reads.
#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
}

fn connection() -> ureq::Agent {
    ureq::Agent::config_builder()
        // A report must reach the server named, and no other.
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_global(Some(WHOLE_LIMIT))
        .user_agent(concat!("sekisho-agent/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn post<T: DeserializeOwned>(
    server: &ServerUrl,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> Result<T, AgentError> {
    let mut request = connection()
        .post(format!("{server}{path}"))
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut response = request.send(body).map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    let answer = response
        .body_mut()
        .with_config()
        .limit(ANSWER_MAX)
        .read_to_vec();
    if !(200..300).contains(&status) {
        let problem = answer
            .ok()
            .and_then(|a| serde_json::from_slice::<Problem>(&a).ok());
        let code = problem.and_then(|problem| problem.code);
        return Err(match code.as_deref() {
            Some("device.retired") => AgentError::Retired,
            _ => AgentError::ServerRefused { status, code },
        });
    }
    let answer = answer.map_err(|error| match failed(&error) {
        AgentError::ServerTimedOut => AgentError::ServerTimedOut,
        _ => AgentError::ServerAnswer,
    })?;
    serde_json::from_slice(&answer).map_err(|_| AgentError::ServerAnswer)
}

fn failed(error: &ureq::Error) -> AgentError {
    match error {
        ureq::Error::Timeout(_) => AgentError::ServerTimedOut,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            AgentError::ServerTimedOut
        }
        ureq::Error::Io(error) => AgentError::ServerUnreachable {
            detail: error.kind().to_string(),
        },
        ureq::Error::Protocol(_) | ureq::Error::Http(_) => AgentError::ServerAnswer,
        other => AgentError::ServerUnreachable {
            detail: other.to_string(),
        },
    }
}

/// Asks for a device id for a key, proving that the key is held here.
///
/// # Errors
/// [`AgentError`] with codes under `agent.server`.
pub fn enrol(
    server: &ServerUrl,
    secret: &str,
    key: &DeviceKey,
) -> Result<EnrolResponse, AgentError> {
    let public_key = key.public_key();
    let request = EnrolRequest {
        proof: key.sign(&enrol_signing_input(secret, &public_key)),
        secret: secret.to_owned(),
        public_key,
    };
    let body = serde_json::to_vec(&request).map_err(|_| AgentError::ServerAnswer)?;
    post(server, PATH_ENROL, &[], &body)
}

/// Sends a signed report.
///
/// # Errors
/// [`AgentError::ReportTooLarge`], or codes under `agent.server`.
pub fn report(
    enrolment: &Enrolment,
    key: &DeviceKey,
    sequence: u64,
    now: Timestamp,
    report: &Report,
) -> Result<ReportReceipt, AgentError> {
    let body = serde_json::to_vec(report).map_err(|_| AgentError::ServerAnswer)?;
    if body.len() > REPORT_MAX {
        return Err(AgentError::ReportTooLarge { bytes: body.len() });
    }
    let digest = crate::hex(&Sha256::digest(&body));
    let device = enrolment.device;
    let input = signing_input("POST", PATH_REPORT, device, now, sequence, &digest);
    let headers = [
        (HEADER_DEVICE, device.to_string()),
        (HEADER_TIME, now.as_millis().to_string()),
        (HEADER_SEQUENCE, sequence.to_string()),
        (HEADER_SIGNATURE, key.sign(&input)),
    ];
    post(&enrolment.server, PATH_REPORT, &headers, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for (text, expected) in [
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080")),
            ("http://127.0.0.1:8080/", Ok("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Ok("http://[::1]:8080")),
            ("http://localhost:8080", Ok("http://127.0.0.1:8080")),
            ("http://localhost", Ok("http://127.0.0.1:80")),
            ("http://127.0.0.1", Ok("http://127.0.0.1:80")),
            (
                "http://localhost.example:80",
                Err("agent.server.not_loopback"),
            ),
            ("http://192.0.2.1:80", Err("agent.server.not_loopback")),
            ("http://0.0.0.0:80", Err("agent.server.not_loopback")),
            ("http://sekisho.example", Err("agent.server.not_loopback")),
            ("http://127.0.0.1@192.0.2.1:80", Err("agent.server.address")),
            ("http://127.0.0.1:80/path", Err("agent.server.address")),
            ("http://127.0.0.1:99999", Err("agent.server.not_loopback")),
            ("https://sekisho.example", Err("agent.server.tls")),
            ("ftp://127.0.0.1", Err("agent.server.address")),
            ("", Err("agent.server.address")),
        ] {
            let url = ServerUrl::parse(text);
            let shown = url
                .as_ref()
                .map(ToString::to_string)
                .map_err(AgentError::code);
            assert_eq!(shown, expected.map(str::to_owned), "{text}");
        }
    }
}
