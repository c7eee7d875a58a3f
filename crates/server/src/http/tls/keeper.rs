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
use sekisho_store::keyring::IssuedCertificate;
use sekisho_store::{StoreError, entropy};

use super::files;
use super::issuing::Issuing;
use super::offered::{Offered, key_of};
use crate::acme::{AcmeSettings, Renewer, leaf_of};
use crate::app::App;
use crate::app::certificate::{CertificateSource, CertificateStanding};
use crate::http::options::{Options, TlsSource};
use crate::identity::ca::{Authority, CaError, Chain, Validity};

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
    /// What was issued before cannot be opened.
    #[error(transparent)]
    Kept(#[from] StoreError),
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
            Self::Kept(error) => error.code(),
        }
    }
}

/// When what is in force is to be replaced.
enum Until {
    /// At a time.
    At(Timestamp),
    /// When the files are others.
    Files(Digest),
    /// Nothing is made here: another is handed in.
    HandedIn,
}

/// A certificate with what serves it.
struct Made {
    config: Arc<ServerConfig>,
    until: Until,
    /// From when until when it holds; none where it holds not yet.
    holds: Option<Validity>,
    /// When another is made; none where somebody else sees to that.
    renew_at: Option<Timestamp>,
}

/// Keeps TLS. Cheap to share.
pub(crate) struct Keeper {
    app: App,
    source: TlsSource,
    names: Vec<String>,
    /// The authorities whose certificates devices may present, by their fingerprints.
    trusted: Mutex<Vec<String>>,
    config: RwLock<Arc<ServerConfig>>,
    until: Mutex<Until>,
    /// Where certificates are ordered.
    issuing: Option<Issuing>,
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
        let names = options.certificate_names();
        let issuing = match &source {
            TlsSource::Acme(_) => Some(Issuing::open(&app)?),
            _ => None,
        };
        let trusted = trusted(&app);
        let made = make(&app, &source, &names, issuing.as_ref())?;
        note(&app, &source, &made);
        Ok(Self {
            app,
            source,
            names,
            trusted: Mutex::new(trusted),
            config: RwLock::new(made.config),
            until: Mutex::new(made.until),
            issuing,
        })
    }

    /// Whoever orders certificates, where they are ordered.
    pub(in crate::http) fn renewer(self: &Arc<Self>) -> Option<Renewer> {
        let (issuing, settings) = self.issuing.as_ref().zip(self.acme())?;
        Some(Renewer {
            app: self.app.clone(),
            settings: settings.clone(),
            keys: Arc::clone(&issuing.keys),
            keeper: Arc::clone(self),
            challenges: Arc::clone(&issuing.challenges),
        })
    }

    fn acme(&self) -> Option<&AcmeSettings> {
        match &self.source {
            TlsSource::Acme(settings) => Some(settings),
            _ => None,
        }
    }

    /// What answers the challenge of an order, where certificates are ordered.
    pub(in crate::http) fn for_challenge(&self) -> Option<Arc<ServerConfig>> {
        self.issuing.as_ref().map(|it| Arc::clone(&it.config))
    }

    /// The certificate that was issued and is in force.
    pub(crate) fn offered(&self) -> Option<Offered> {
        self.issuing.as_ref().and_then(Issuing::offered)
    }

    /// Puts a certificate in force that was just issued, unless it cannot be used.
    pub(crate) fn offer(
        &self,
        offered: Offered,
        issued: &IssuedCertificate,
    ) -> Result<(), TlsError> {
        let Some(issuing) = &self.issuing else {
            return Ok(());
        };
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let made = serving(&self.app, &offered, issued)?;
        issuing.set_offered(Some(offered));
        self.put(&mut until, made);
        Ok(())
    }

    fn put(&self, until: &mut Until, made: Made) {
        note(&self.app, &self.source, &made);
        let mut slot = self.config.write().unwrap_or_else(PoisonError::into_inner);
        (*slot, *until) = (made.config, made.until);
    }

    /// What a new connection is served with.
    pub(in crate::http) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same for a connection that speaks HTTP/2.
    pub(in crate::http) fn config_of_http2(&self) -> Arc<ServerConfig> {
        let mut config = ServerConfig::clone(&self.config());
        config.alpn_protocols = vec![b"h2".to_vec()];
        Arc::new(config)
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
            (Until::Files(_), _) => true,
            (Until::HandedIn, _) => false,
        };
        let trusted = trusted(&self.app);
        let known = self.trusted.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        if !due && *known == trusted {
            return;
        }
        let issuing = self.issuing.as_ref();
        if let Some(issuing) = issuing.filter(|_| due) {
            // What is over is not shown any longer; another comes when it is issued.
            issuing.set_offered(None);
            tracing::error!(
                code = "tls.ended",
                "the certificate has ended and there is no other: only the challenge is answered"
            );
        }
        match make(&self.app, &self.source, &self.names, issuing) {
            Ok(made) => {
                self.put(&mut until, made);
                *known = trusted;
                tracing::info!(code = "tls.renewed", "the certificate was replaced");
            }
            Err(error) => {
                tracing::error!(code = error.code(), %error, "the certificate could not be replaced; the one before stays");
            }
        }
    }
}

/// Writes down for everybody how it stands with the certificate.
fn note(app: &App, source: &TlsSource, made: &Made) {
    let source = match source {
        TlsSource::BuiltIn => CertificateSource::BuiltIn,
        TlsSource::Files { .. } => CertificateSource::Files,
        TlsSource::Acme(_) => CertificateSource::Acme,
    };
    app.set_certificate(|standing| {
        let standing = standing.get_or_insert_with(|| CertificateStanding::of(source));
        standing.holds = made.holds;
        if source != CertificateSource::Acme {
            standing.renew_at = made.renew_at;
        }
    });
}

fn make(
    app: &App,
    source: &TlsSource,
    names: &[String],
    issuing: Option<&Issuing>,
) -> Result<Made, TlsError> {
    let (certificates, key, until, renew_at) = match source {
        TlsSource::BuiltIn => {
            let random = entropy::bytes().map_err(CaError::from)?;
            let (authorities, now) = (app.authorities(), app.now());
            let authority = authorities.serving(now);
            let made = authority.certify_server(names, now, random)?;
            let renew_at = made.validity.renew_at();
            (made.chain, made.key, Until::At(renew_at), Some(renew_at))
        }
        TlsSource::Files { certificate, key } => {
            let read = files::read(certificate, key)?;
            (read.chain, read.key, Until::Files(read.digest), None)
        }
        TlsSource::Acme(_) => return kept(app, issuing),
    };
    let holds = leaf_of(&certificates);
    let config = config(app, certificates, key)?;
    Ok(Made {
        config: Arc::new(config),
        until,
        holds,
        renew_at,
    })
}

/// The certificate that was kept, while it holds; else nothing but the answer to a challenge.
fn kept(app: &App, issuing: Option<&Issuing>) -> Result<Made, TlsError> {
    // The keeper of this source has it from its start.
    let issuing = issuing.ok_or(TlsError::Pair(rustls::Error::General(String::new())))?;
    if let Some((offered, issued)) = issuing.kept(app.now())? {
        let made = serving(app, &offered, &issued)?;
        issuing.set_offered(Some(offered));
        return Ok(made);
    }
    Ok(Made {
        config: Arc::clone(&issuing.config),
        until: Until::HandedIn,
        holds: None,
        renew_at: None,
    })
}

fn serving(app: &App, offered: &Offered, issued: &IssuedCertificate) -> Result<Made, TlsError> {
    let config = config(app, offered.chain.clone(), key_of(issued))?;
    Ok(Made {
        config: Arc::new(config),
        until: Until::At(offered.validity.until),
        holds: Some(offered.validity),
        renew_at: None,
    })
}

/// The authorities whose certificates devices may present now.
fn trusted(app: &App) -> Vec<String> {
    let authorities = app.authorities();
    let all = authorities.trusted(app.now());
    all.map(Authority::fingerprint).collect()
}

fn config(
    app: &App,
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let chain = Chain::new(&app.authorities(), app.now())?;
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_client_cert_verifier(chain.verifier())
        .with_single_cert(certificates, key)
        .map_err(TlsError::Pair)?;
    config.time_provider = Arc::new(Clock(app.clone()));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
