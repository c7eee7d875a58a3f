//! Keeps the configuration of TLS in force: made at the start, made anew before it ends or when
//! its files change, and never replaced by one that does not work.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ServerConfig, crypto};
use sekisho_domain::time::Timestamp;
use sekisho_ledger::Digest;
use sekisho_store::entropy;

use super::files;
use crate::app::App;
use crate::http::options::{Options, TlsSource};
use crate::identity::ca::{CaError, Chain};

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate could not be made.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(PathBuf),
    /// A file holds no certificate or no key (PEM), or is too large.
    #[error("{0} holds nothing of the kind")]
    File(PathBuf),
    /// The key can be read by everyone on the machine.
    #[error("{0} can be read by others")]
    Exposed(PathBuf),
    /// Certificate and key do not belong together, or cannot be used.
    #[error("certificate and key cannot be used: {0}")]
    Pair(rustls::Error),
}

impl TlsError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ca(error) => error.code(),
            Self::Unreadable(_) => "tls.unreadable",
            Self::File(_) => "tls.file",
            Self::Exposed(_) => "tls.exposed",
            Self::Pair(_) => "tls.pair",
        }
    }
}

/// When what is in force is to be replaced.
enum Until {
    /// At a time.
    At(Timestamp),
    /// When the files are others.
    Files(Digest),
}

/// Keeps TLS. Cheap to share.
pub(in crate::http) struct Keeper {
    app: App,
    source: TlsSource,
    names: Vec<String>,
    chain: Chain,
    config: RwLock<Arc<ServerConfig>>,
    until: Mutex<Until>,
}

/// The writer's trusted clock, for the judging of certificates.
struct Clock(App);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().as_millis()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

impl Keeper {
    /// Makes what is needed to begin.
    pub(in crate::http) fn start(
        app: App,
        source: TlsSource,
        options: &Options,
    ) -> Result<Self, TlsError> {
        let chain = Chain::new(app.authorities())?;
        let names = options.certificate_names();
        let (config, until) = make(&app, &source, &names, &chain)?;
        Ok(Self {
            app,
            source,
            names,
            chain,
            config: RwLock::new(config),
            until: Mutex::new(until),
        })
    }

    /// What a new connection is served with.
    pub(in crate::http) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the certificate where that is due. What is in force stays where that fails, and
    /// it is tried again at the next look. Reads files: call it where blocking is allowed.
    pub(in crate::http) fn look(&self) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let due = match (&*until, &self.source) {
            (Until::At(at), _) => *at <= self.app.now(),
            (Until::Files(known), TlsSource::Files { certificate, key }) => {
                files::read(certificate, key).map_or(true, |found| found.digest != *known)
            }
            (Until::Files(_), TlsSource::BuiltIn) => true,
        };
        if !due {
            return;
        }
        match make(&self.app, &self.source, &self.names, &self.chain) {
            Ok((config, next)) => {
                let mut slot = self.config.write().unwrap_or_else(PoisonError::into_inner);
                *slot = config;
                *until = next;
                tracing::info!(code = "tls.renewed", "the certificate was replaced");
            }
            Err(error) => {
                tracing::error!(code = error.code(), %error, "the certificate could not be replaced; the one before stays");
            }
        }
    }
}

fn make(
    app: &App,
    source: &TlsSource,
    names: &[String],
    chain: &Chain,
) -> Result<(Arc<ServerConfig>, Until), TlsError> {
    let (certificates, key, until) = match source {
        TlsSource::BuiltIn => {
            let random = entropy::bytes().map_err(CaError::from)?;
            let authority = app.authorities().active();
            let made = authority.certify_server(names, app.now(), random)?;
            let until = Until::At(made.validity.renew_at());
            (made.chain, made.key, until)
        }
        TlsSource::Files { certificate, key } => {
            let read = files::read(certificate, key)?;
            (read.chain, read.key, Until::Files(read.digest))
        }
    };
    let config = config(app, chain, certificates, key).map_err(TlsError::Pair)?;
    Ok((Arc::new(config), until))
}

fn config(
    app: &App,
    chain: &Chain,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(chain.verifier())
        .with_single_cert(certificates, key)?;
    config.time_provider = Arc::new(Clock(app.clone()));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
