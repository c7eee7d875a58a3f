//! How the authority's server is spoken to: over TLS only, by the authorities that the settings name,
//! with bounds on time and size, and to no other server than the one that is asked.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http_body::Body as _;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::crypto::ring;
use ureq::Agent;
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};

use super::error::{AcmeError, said};
use super::settings::{AcmeSettings, is_https, roots};

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a request may take as a whole.
const LIMIT: Duration = Duration::from_secs(30);
/// Largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 1 << 20;

/// The line to one authority.
pub(super) struct Line(Agent);

impl Line {
    pub(super) fn new(settings: &AcmeSettings) -> Self {
        let known = match &settings.roots {
            Some(pem) => roots(pem),
            None => rustls_native_certs::load_native_certs().certs,
        };
        let known: Vec<_> = known
            .iter()
            .map(|der| ureq::tls::Certificate::from_der(der).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&known))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            // What is asked of the authority reaches that one, and no other server.
            .proxy(None)
            .max_redirects(0)
            .https_only(true)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_global(Some(LIMIT))
            .tls_config(tls)
            .build()
            .new_agent();
        Self(agent)
    }
}

impl HttpClient for Line {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let agent = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let mut body = std::pin::pin!(body);
            // It comes whole, in one frame.
            let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
            let frame = frame.and_then(Result::ok);
            let bytes = frame.and_then(|frame| frame.into_data().ok());
            let asked = tokio::task::spawn_blocking(move || {
                let bytes = bytes.map(|bytes| bytes.to_vec());
                ask(&agent, Request::from_parts(parts, bytes))
            });
            let answered = asked.await.map_err(|error| Error::Other(Box::new(error)))?;
            answered.map_err(|error| Error::Other(Box::new(error)))
        })
    }
}

fn ask(agent: &Agent, request: Request<Option<Vec<u8>>>) -> Result<BytesResponse, AcmeError> {
    let url = request.uri().to_string();
    // A directory may name any address; what is not HTTPS is not asked (RFC 8555, 6.1).
    if !is_https(&url) {
        return Err(AcmeError::Answer(said(&url)));
    }
    let (parts, body) = request.into_parts();
    let sent = match body {
        Some(body) => agent.run(Request::from_parts(parts, body)),
        None => agent.run(Request::from_parts(parts, ())),
    };
    let (parts, mut body) = sent.map_err(|error| failed(&error))?.into_parts();
    let read = body.with_config().limit(ANSWER_MAX).read_to_vec();
    let bytes = read.map_err(|error| failed(&error))?;
    let (parts, ()) = Response::from_parts(parts, ()).into_parts();
    Ok(BytesResponse {
        parts,
        body: Box::new(Bytes::from(bytes)),
    })
}

fn failed(error: &ureq::Error) -> AcmeError {
    match error {
        ureq::Error::Timeout(_) => AcmeError::Unreachable("timed out".to_owned()),
        ureq::Error::Io(error) => failed_io(error),
        ureq::Error::Rustls(error) => failed_tls(error),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyExceedsLimit(_) => {
            AcmeError::Answer(said(&error.to_string()))
        }
        other => AcmeError::Unreachable(said(&other.to_string())),
    }
}

/// The library for TLS tells its own errors inside those of the system.
fn failed_io(error: &io::Error) -> AcmeError {
    let inner = error
        .get_ref()
        .map(|inner| inner as &(dyn StdError + 'static));
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error) => failed_tls(error),
        None => AcmeError::Unreachable(error.kind().to_string()),
    }
}

fn failed_tls(error: &rustls::Error) -> AcmeError {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            AcmeError::Untrusted(said(&error.to_string()))
        }
        other => AcmeError::Unreachable(said(&other.to_string())),
    }
}
