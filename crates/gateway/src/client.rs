//! The server over HTTP: enrolment, signed requests for tables, reports.

use std::sync::Arc;
use std::time::Duration;

use sekisho_domain::id::GatewayId;
use sekisho_protocol::access_table::TABLE_MAX;
use sekisho_protocol::agent::{HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME};
use sekisho_protocol::gateway::{
    EnrolRequest, EnrolResponse, GatewayReport, HEADER_GATEWAY, PATH_ENROL, PATH_REPORT,
    ReportReceipt, enrol_signing_input, request_signing_input, table_path,
};
use sekisho_protocol::request_key::RequestKey;
use sekisho_protocol::wireguard_key::WireGuardKey;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::clock::wall;
use crate::controller::Controller;
use crate::error::GatewayError;
use crate::server_url::ServerUrl;
use crate::state::StateDir;

/// Largest answer besides a table, in bytes.
const ANSWER_MAX: usize = 65_536;
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// What a request takes besides the waiting that was asked for.
const WORK_LIMIT: Duration = Duration::from_secs(10);

/// The part of a refusal (RFC 9457) that is read.
#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
}

/// The server of an enrolled gateway.
pub struct Client {
    server: ServerUrl,
    gateway: GatewayId,
    key: RequestKey,
    state: Arc<StateDir>,
    /// Connections are kept: a revocation need not wait for a new one.
    agent: ureq::Agent,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        // A request must reach the server named, and no other.
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_LIMIT))
        .user_agent(concat!("sekisho-gateway/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// Asks for a gateway id for keys made here, proving that they are held here.
pub(crate) fn enrol(
    server: &ServerUrl,
    secret: &str,
    key: &RequestKey,
    wireguard_key: WireGuardKey,
) -> Result<EnrolResponse, GatewayError> {
    let public_key = key.public_key();
    let request = EnrolRequest {
        proof: key.sign(&enrol_signing_input(secret, &public_key, wireguard_key)),
        secret: secret.to_owned(),
        public_key,
        wireguard_key,
    };
    let body = serde_json::to_vec(&request).map_err(|_| GatewayError::ServerAnswer)?;
    let request = agent()
        .post(format!("{server}{PATH_ENROL}"))
        .config()
        .timeout_global(Some(WORK_LIMIT))
        .build()
        .header("content-type", "application/json");
    parsed(&answer(request.send(&body), ANSWER_MAX)?)
}

impl Client {
    pub(crate) fn new(
        server: ServerUrl,
        gateway: GatewayId,
        key: RequestKey,
        state: Arc<StateDir>,
    ) -> Self {
        Self {
            server,
            gateway,
            key,
            state,
            agent: agent(),
        }
    }

    fn headers(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<[(&'static str, String); 4], GatewayError> {
        let now = wall();
        let sequence = self.state.next_request(now)?;
        let digest = hex(&Sha256::digest(body));
        let input = request_signing_input(method, path, self.gateway, now, sequence, &digest);
        Ok([
            (HEADER_GATEWAY, self.gateway.to_string()),
            (HEADER_TIME, now.as_millis().to_string()),
            (HEADER_SEQUENCE, sequence.to_string()),
            (HEADER_SIGNATURE, self.key.sign(&input)),
        ])
    }
}

impl Controller for Client {
    fn table(&self, after: u64, wait: Duration) -> Result<Vec<u8>, GatewayError> {
        let path = table_path(after);
        let mut request = self
            .agent
            .get(format!("{}{path}", self.server))
            .config()
            .timeout_global(Some(wait + WORK_LIMIT))
            .build();
        for (name, value) in self.headers("GET", &path, b"")? {
            request = request.header(name, value);
        }
        // One byte more than a table may have, so that one that is larger is seen to be.
        answer(request.call(), TABLE_MAX + 1)
    }

    fn report(&self, report: &GatewayReport) -> Result<ReportReceipt, GatewayError> {
        let body = serde_json::to_vec(report).map_err(|_| GatewayError::ServerAnswer)?;
        let mut request = self
            .agent
            .post(format!("{}{PATH_REPORT}", self.server))
            .config()
            .timeout_global(Some(WORK_LIMIT))
            .build()
            .header("content-type", "application/json");
        for (name, value) in self.headers("POST", PATH_REPORT, &body)? {
            request = request.header(name, value);
        }
        parsed(&answer(request.send(&body), ANSWER_MAX)?)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(bytes).map_err(|_| GatewayError::ServerAnswer)
}

fn answer(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    limit: usize,
) -> Result<Vec<u8>, GatewayError> {
    let mut response = response.map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    let bytes = response
        .body_mut()
        .with_config()
        .limit(limit as u64)
        .read_to_vec();
    if status == 200 {
        return bytes.map_err(|error| match failed(&error) {
            GatewayError::ServerUnreachable { detail } => {
                GatewayError::ServerUnreachable { detail }
            }
            _ => GatewayError::ServerAnswer,
        });
    }
    let problem = bytes
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
    Err(GatewayError::ServerRefused {
        status,
        code: problem.and_then(|problem| problem.code),
    })
}

fn failed(error: &ureq::Error) -> GatewayError {
    match error {
        ureq::Error::Io(error) => GatewayError::ServerUnreachable {
            detail: error.kind().to_string(),
        },
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyExceedsLimit(_) => {
            GatewayError::ServerAnswer
        }
        other => GatewayError::ServerUnreachable {
            detail: other.to_string(),
        },
    }
}
