//! Enrolment and signed requests: what the agent says on its line to the server.

use std::time::Duration;

use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME,
    PATH_ENROL, enrol_signing_input, signing_input,
};
use sekisho_uplink::{Ask, Line, Presented, ServerUrl, Trust, UplinkError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::error::AgentError;
use crate::identity::{DeviceKey, Enrolment};

/// Largest answer that is read, in bytes.
const ANSWER_MAX: usize = 65_536;
const WHOLE_LIMIT: Duration = Duration::from_secs(30);
const PROGRAM: &str = concat!("sekisho-agent/", env!("CARGO_PKG_VERSION"));

/// The line to a server.
pub(crate) fn line(server: &ServerUrl, trust: &Trust, presented: Option<&Presented>) -> Line {
    Line::new(server, trust, presented, PROGRAM)
}

fn post<T: DeserializeOwned>(
    line: &Line,
    path: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
) -> Result<T, AgentError> {
    let answer = line.ask(&Ask {
        path,
        headers,
        body: Some(body),
        limit: WHOLE_LIMIT,
        answer_max: ANSWER_MAX,
    });
    match answer {
        Ok(answer) => Ok(serde_json::from_slice(&answer).map_err(|_| UplinkError::Answer)?),
        Err(UplinkError::Refused { code, .. }) if code.as_deref() == Some("device.retired") => {
            Err(AgentError::Retired)
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks for a device id for a key, proving that the key is held here.
///
/// # Errors
/// [`AgentError`] with codes under `uplink`.
pub(crate) fn enrol(
    line: &Line,
    secret: &str,
    key: &DeviceKey,
) -> Result<EnrolResponse, AgentError> {
    let public_key = key.public_key();
    let request = EnrolRequest {
        proof: key.sign(&enrol_signing_input(secret, &public_key)),
        secret: secret.to_owned(),
        public_key,
        declares: false,
    };
    let body = serde_json::to_vec(&request).map_err(|_| UplinkError::Answer)?;
    post(line, PATH_ENROL, &[], &body)
}

/// A request that the device signs.
pub(crate) struct Signed<'a> {
    pub(crate) path: &'a str,
    pub(crate) sequence: u64,
    pub(crate) now: Timestamp,
    pub(crate) body: Vec<u8>,
}

impl<'a> Signed<'a> {
    /// A request with a body of at most `max` bytes.
    pub(crate) fn new(
        path: &'a str,
        (sequence, now): (u64, Timestamp),
        body: &impl Serialize,
        max: usize,
    ) -> Result<Self, AgentError> {
        let body = serde_json::to_vec(body).map_err(|_| UplinkError::Answer)?;
        if body.len() > max {
            return Err(AgentError::ReportTooLarge { bytes: body.len() });
        }
        Ok(Self {
            path,
            sequence,
            now,
            body,
        })
    }

    /// Signs it and sends it.
    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        line: &Line,
        enrolment: &Enrolment,
        key: &DeviceKey,
    ) -> Result<T, AgentError> {
        let digest = crate::hex(&Sha256::digest(&self.body));
        let (device, now, sequence) = (enrolment.device, self.now, self.sequence);
        let input = signing_input("POST", self.path, device, now, sequence, &digest);
        let headers = [
            (HEADER_DEVICE, device.to_string()),
            (HEADER_TIME, now.as_millis().to_string()),
            (HEADER_SEQUENCE, sequence.to_string()),
            (HEADER_SIGNATURE, key.sign(&input)),
        ];
        post(line, self.path, &headers, &self.body)
    }
}
