//! Requests to the server: one line for each whom it is known by and what is presented to it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use ureq::http::Response;
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};
use zeroize::Zeroizing;

use crate::error::UplinkError;
use crate::server_url::ServerUrl;
use crate::trust::Trust;

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// A certificate that is presented, with its key.
#[derive(Debug)]
pub struct Presented {
    /// The certificate, then that of its authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key (PKCS #8, PEM).
    pub key: Zeroizing<String>,
}

/// How a server is spoken to. Its connections are kept, so that what is urgent need not wait for a
/// handshake.
#[derive(Debug)]
pub struct Line {
    server: ServerUrl,
    agent: Agent,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Path and query.
    pub path: &'a str,
    /// Headers besides the usual ones.
    pub headers: &'a [(&'static str, String)],
    /// What is posted, as JSON; none where something is fetched.
    pub body: Option<&'a [u8]>,
    /// How long it may take as a whole.
    pub limit: Duration,
    /// Largest answer that is read, in bytes.
    pub answer_max: usize,
}

/// The part of a refusal (RFC 9457) that is read.
#[derive(Deserialize)]
struct Problem {
    code: Option<String>,
}

impl Line {
    /// A line to a server that is known by somebody. `program` names who speaks, with its version.
    #[must_use]
    pub fn new(
        server: &ServerUrl,
        trust: &Trust,
        presented: Option<&Presented>,
        program: &str,
    ) -> Self {
        let agent = Agent::config_builder()
            // A request must reach the server named, and no other.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_LIMIT))
            .user_agent(program)
            .tls_config(tls(server, trust, presented))
            .build()
            .new_agent();
        Self {
            server: server.clone(),
            agent,
        }
    }

    /// Asks, and returns the body of the answer.
    ///
    /// # Errors
    /// [`UplinkError`].
    pub fn ask(&self, ask: &Ask<'_>) -> Result<Vec<u8>, UplinkError> {
        let url = format!("{}{}", self.server, ask.path);
        let sent = match ask.body {
            Some(body) => {
                let request = self
                    .agent
                    .post(url)
                    .header("content-type", "application/json");
                let request = request.config().timeout_global(Some(ask.limit)).build();
                with_headers(request, ask.headers).send(body)
            }
            None => {
                let request = self.agent.get(url);
                let request = request.config().timeout_global(Some(ask.limit)).build();
                with_headers(request, ask.headers).call()
            }
        };
        answer(sent, ask.answer_max)
    }
}

fn with_headers<B>(
    mut request: ureq::RequestBuilder<B>,
    headers: &[(&'static str, String)],
) -> ureq::RequestBuilder<B> {
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request
}

fn answer(sent: Result<Response<Body>, Error>, max: usize) -> Result<Vec<u8>, UplinkError> {
    let mut response = sent.map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(max as u64);
    let bytes = body.read_to_vec();
    if (200..300).contains(&status) {
        return bytes.map_err(|error| failed(&error));
    }
    let bytes = bytes.unwrap_or_default();
    let problem = serde_json::from_slice::<Problem>(&bytes).ok();
    Err(UplinkError::Refused {
        status,
        code: problem.and_then(|problem| problem.code),
    })
}

fn tls(server: &ServerUrl, trust: &Trust, presented: Option<&Presented>) -> TlsConfig {
    let roots = match server.tls() {
        Some(_) => trust.roots(),
        None => Vec::new(),
    };
    let roots: Vec<_> = roots.iter().map(|der| owned(der)).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .client_cert(presented.and_then(client))
        .unversioned_rustls_crypto_provider(provider)
        .build()
}

fn client(presented: &Presented) -> Option<ClientCert> {
    let chain: Vec<_> = presented.chain.iter().map(|der| owned(der)).collect();
    let key = PrivateKey::from_pem(presented.key.as_bytes()).ok()?;
    Some(ClientCert::new_with_certs(&chain, key))
}

fn owned(der: &[u8]) -> ureq::tls::Certificate<'static> {
    ureq::tls::Certificate::from_der(der).to_owned()
}

fn failed(error: &Error) -> UplinkError {
    match error {
        Error::Timeout(_) => UplinkError::TimedOut,
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => UplinkError::TimedOut,
        Error::Io(error) => failed_io(error),
        Error::Rustls(error) => failed_tls(error),
        Error::Protocol(_) | Error::Http(_) | Error::BodyExceedsLimit(_) => UplinkError::Answer,
        other => UplinkError::Unreachable {
            detail: other.to_string(),
        },
    }
}

/// What failed below HTTP. The library for TLS tells its own errors inside those of the system.
fn failed_io(error: &io::Error) -> UplinkError {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error) => failed_tls(error),
        None => UplinkError::Unreachable {
            detail: error.kind().to_string(),
        },
    }
}

fn failed_tls(error: &rustls::Error) -> UplinkError {
    let detail = error.to_string();
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            UplinkError::Untrusted { detail }
        }
        rustls::Error::AlertReceived(_) => UplinkError::CertificateRefused { detail },
        _ => UplinkError::Unreachable { detail },
    }
}
