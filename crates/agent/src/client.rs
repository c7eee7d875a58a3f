//! Enrolment and signed requests over HTTP and, wherever it leaves this machine, mutual TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME,
    PATH_ENROL, enrol_signing_input, signing_input,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::certificate::Certificate;
use crate::error::AgentError;
use crate::identity::{DeviceKey, Enrolment};
use crate::server_url::ServerUrl;
use crate::trust::Trust;

/// Largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 65_536;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const WHOLE_LIMIT: Duration = Duration::from_secs(30);

/// How a server is spoken to.
pub(crate) struct Line<'a> {
    pub(crate) server: &'a ServerUrl,
    pub(crate) trust: &'a Trust,
    /// The certificate that is presented, with its key.
    pub(crate) certificate: Option<(&'a Certificate, &'a DeviceKey)>,
}

/// The part of a refusal (RFC 9457) that the agent reads.
#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
}

impl Line<'_> {
    fn connection(&self) -> ureq::Agent {
        ureq::Agent::config_builder()
            // A report must reach the server named, and no other.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_global(Some(WHOLE_LIMIT))
            .user_agent(concat!("sekisho-agent/", env!("CARGO_PKG_VERSION")))
            .tls_config(self.tls())
            .build()
            .new_agent()
    }

    fn tls(&self) -> TlsConfig {
        let roots = match self.server.tls() {
            Some(_) => self.trust.roots(),
            None => Vec::new(),
        };
        let roots: Vec<_> = roots.iter().map(|der| owned(der)).collect();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .client_cert(self.client())
            .unversioned_rustls_crypto_provider(provider)
            .build()
    }

    fn client(&self) -> Option<ClientCert> {
        let (certificate, key) = self.certificate?;
        let chain: Vec<_> = certificate.chain()?.iter().map(|der| owned(der)).collect();
        let key = key.private_key()?;
        // The library tells kinds of keys apart by their PEM label only: it does not export the type.
        let base64 = zeroize::Zeroizing::new(Base64::encode_string(&key));
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            *base64
        );
        let pem = zeroize::Zeroizing::new(pem);
        let key = PrivateKey::from_pem(pem.as_bytes()).ok()?;
        Some(ClientCert::new_with_certs(&chain, key))
    }
}

fn owned(der: &[u8]) -> ureq::tls::Certificate<'static> {
    ureq::tls::Certificate::from_der(der).to_owned()
}

fn post<T: DeserializeOwned>(
    line: &Line<'_>,
    path: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> Result<T, AgentError> {
    let mut request = line
        .connection()
        .post(format!("{}{path}", line.server))
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
        ureq::Error::Io(error) => failed_io(error),
        ureq::Error::Rustls(error) => failed_tls(error),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) => AgentError::ServerAnswer,
        other => AgentError::ServerUnreachable {
            detail: other.to_string(),
        },
    }
}

/// What failed below HTTP. The library for TLS tells its own errors inside those of the system.
fn failed_io(error: &io::Error) -> AgentError {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error) => failed_tls(error),
        None => AgentError::ServerUnreachable {
            detail: error.kind().to_string(),
        },
    }
}

fn failed_tls(error: &rustls::Error) -> AgentError {
    let detail = error.to_string();
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            AgentError::ServerUntrusted { detail }
        }
        rustls::Error::AlertReceived(_) => AgentError::CertificateRefused { detail },
        _ => AgentError::ServerUnreachable { detail },
    }
}

/// Asks for a device id for a key, proving that the key is held here.
///
/// # Errors
/// [`AgentError`] with codes under `agent.server`.
pub(crate) fn enrol(
    line: &Line<'_>,
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
        let body = serde_json::to_vec(body).map_err(|_| AgentError::ServerAnswer)?;
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
        line: &Line<'_>,
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
