//! What there is beside the certificate where it is ordered: what was kept, what is in force, and what
//! answers the challenge of an order.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{ServerConfig, crypto};
use sekisho_domain::time::Timestamp;
use sekisho_store::keyring::{AcmeKeys, IssuedCertificate};

use super::keeper::TlsError;
use super::offered::Offered;
use crate::acme::{ACME_TLS, Challenges};
use crate::app::App;

/// The side of orders.
pub(super) struct Issuing {
    pub(super) keys: Arc<Mutex<AcmeKeys>>,
    pub(super) challenges: Arc<Challenges>,
    /// Completes a handshake for the challenge alone. Every other one fails by an alert, so that this
    /// also serves while there is no certificate.
    pub(super) config: Arc<ServerConfig>,
    offered: Mutex<Option<Offered>>,
}

impl Issuing {
    pub(super) fn open(app: &App) -> Result<Self, TlsError> {
        let now = app.now().as_millis();
        let (keys, _) = app.change_keyring(|ring| AcmeKeys::open(app.folder(), ring, now))?;
        let challenges = Arc::new(Challenges::default());
        Ok(Self {
            keys: Arc::new(Mutex::new(keys)),
            config: Arc::new(answering(Arc::clone(&challenges)).map_err(TlsError::Pair)?),
            challenges,
            offered: Mutex::default(),
        })
    }

    /// The certificate that was kept, where it holds.
    pub(super) fn kept(
        &self,
        now: Timestamp,
    ) -> Result<Option<(Offered, IssuedCertificate)>, TlsError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(issued) = keys.certificate()? else {
            return Ok(None);
        };
        let offered = Offered::read(&issued).filter(|it| it.validity.holds(now));
        Ok(offered.map(|offered| (offered, issued)))
    }

    pub(super) fn offered(&self) -> Option<Offered> {
        let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        offered.clone()
    }

    pub(super) fn set_offered(&self, offered: Option<Offered>) {
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = offered;
    }
}

fn answering(challenges: Arc<Challenges>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(challenges);
    config.alpn_protocols = vec![ACME_TLS.to_vec()];
    Ok(config)
}
