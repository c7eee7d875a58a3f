//! What a gateway says on its line to the server: enrolment, signed requests for tables, reports.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sekisho_domain::id::GatewayId;
use sekisho_protocol::access_table::TABLE_MAX;
use sekisho_protocol::agent::{HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME};
use sekisho_protocol::gateway::{
    CODE_HELLO_WANTED, EnrolRequest, EnrolResponse, GatewayReport, HEADER_GATEWAY, PATH_ENROL,
    PATH_REPORT, ReportReceipt, enrol_signing_input, request_signing_input, table_path,
};
use sekisho_protocol::request_key::RequestKey;
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_tunnel::TunnelError;
use sekisho_uplink::{Ask, Line, ServerUrl, Trust, UplinkError};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::clock::wall;
use crate::controller::Controller;
use crate::error::GatewayError;
use crate::state::StateDir;

/// Largest answer besides a table, in bytes.
const ANSWER_MAX: usize = 65_536;
/// What a request takes besides the waiting that was asked for.
const WORK_LIMIT: Duration = Duration::from_secs(10);
const PROGRAM: &str = concat!("sekisho-gateway/", env!("CARGO_PKG_VERSION"));

/// The line to a server.
pub(crate) fn line(server: &ServerUrl, trust: &Trust) -> Line {
    Line::new(server, trust, None, PROGRAM)
}

/// The server of an enrolled gateway.
pub struct Client {
    line: Line,
    gateway: GatewayId,
    key: RequestKey,
    state: Arc<StateDir>,
    /// Whether the server has been told in this run which key the tunnels have.
    greeted: AtomicBool,
}

/// Asks which gateway this is, proving that its keys are held here, and tells the key of its tunnels.
pub(crate) fn hello(
    line: &Line,
    key: &RequestKey,
    state: &StateDir,
) -> Result<EnrolResponse, GatewayError> {
    let wireguard_key = state.tunnel_key()?.public().to_bytes();
    let wireguard_key = WireGuardKey::new(wireguard_key).map_err(|_| TunnelError::NoRandomness)?;
    let public_key = key.public_key();
    let time = wall();
    let number = state.next_request(time)?;
    let request = EnrolRequest {
        proof: key.sign(&enrol_signing_input(
            &public_key,
            wireguard_key,
            time,
            number,
        )),
        public_key,
        wireguard_key,
        time: Some(time),
        number: Some(number),
    };
    let body = serde_json::to_vec(&request).map_err(|_| UplinkError::Answer)?;
    let answer = line.ask(&Ask {
        path: PATH_ENROL,
        headers: &[],
        body: Some(&body),
        limit: WORK_LIMIT,
        answer_max: ANSWER_MAX,
    })?;
    parsed(&answer)
}

impl Client {
    pub(crate) const fn new(
        line: Line,
        gateway: GatewayId,
        key: RequestKey,
        state: Arc<StateDir>,
    ) -> Self {
        Self {
            line,
            gateway,
            key,
            state,
            greeted: AtomicBool::new(false),
        }
    }

    /// Says hello, and what is granted now. It stands in the data folder already, and tables are held against that.
    pub(crate) fn greet(&self) -> Result<EnrolResponse, GatewayError> {
        let granted = hello(&self.line, &self.key, &self.state)?;
        self.greeted.store(true, Ordering::Relaxed);
        Ok(granted)
    }

    fn ask_for_table(&self, after: u64, wait: Duration) -> Result<Vec<u8>, GatewayError> {
        let path = table_path(after);
        let answer = self.line.ask(&Ask {
            path: &path,
            headers: &self.headers("GET", &path, b"")?,
            body: None,
            limit: wait + WORK_LIMIT,
            // One byte more than a table may have, so that one that is larger is seen to be.
            answer_max: TABLE_MAX + 1,
        });
        Ok(answer?)
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
        if !self.greeted.load(Ordering::Relaxed) {
            self.greet()?;
        }
        match self.ask_for_table(after, wait) {
            Err(error) if wants_hello(&error) => {
                // The server began anew, and knows only what the register says.
                self.greet()?;
                self.ask_for_table(after, wait)
            }
            answer => answer,
        }
    }

    fn report(&self, report: &GatewayReport) -> Result<ReportReceipt, GatewayError> {
        let body = serde_json::to_vec(report).map_err(|_| UplinkError::Answer)?;
        let answer = self.line.ask(&Ask {
            path: PATH_REPORT,
            headers: &self.headers("POST", PATH_REPORT, &body)?,
            body: Some(&body),
            limit: WORK_LIMIT,
            answer_max: ANSWER_MAX,
        });
        parsed(&answer?)
    }
}

fn wants_hello(error: &GatewayError) -> bool {
    let GatewayError::Uplink(UplinkError::Refused { code, .. }) = error else {
        return false;
    };
    code.as_deref() == Some(CODE_HELLO_WANTED)
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
    Ok(serde_json::from_slice(bytes).map_err(|_| UplinkError::Answer)?)
}
