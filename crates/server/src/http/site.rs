//! What every handler works with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use sekisho_domain::id::{ConcernId, DeviceId, PersonId};
use sekisho_rules::application::Applications;
use sekisho_rules::catalogue::Catalogue;
use tokio::sync::{Semaphore, watch};

use super::access::Prepared;
use super::current::Current;
use super::health::Probe;
use super::metrics::Metrics;
use super::options::Options;
use super::tls::{Keeper, TlsError};
use super::verification::Verifier;
use crate::access::gateway::GatewayPlaces;
use crate::access::what_if::Trials;
use crate::app::App;
use crate::identity::passkey::{DomainError, Passkeys};
use crate::identity::password::PasswordError;
use crate::identity::rate_limit::{Limit, RateLimit};
use crate::identity::sign_in::{Books, SignInDesk};
use crate::identity::tunnel_session::TunnelPlaces;
use crate::tables::desk::Desk;

/// Handlers at work at the same time; more wait.
const HANDLERS: usize = 64;
/// Browsers that follow changes at the same time.
const FOLLOWERS: usize = 256;

/// Lists of accounts that one person may issue at once, and how often there is one more.
const SHEETS: Limit = Limit {
    burst: 5,
    every: 60 * 1000,
};

/// Files that are brought in at the same time.
const UPLOADS: usize = 4;
/// Files that one person may bring in at once, and how often there is one more.
const FILES: Limit = Limit {
    burst: 20,
    every: 15 * 1000,
};

/// Wishes for a tunnel that one device may have at once, and how often there is one more.
const WISHES: Limit = Limit {
    burst: 10,
    every: 30 * 1000,
};
/// Codes that one person may enter at once, and how often there is one more: some 34 bits are not
/// guessed like that in ten minutes.
const CODES: Limit = Limit {
    burst: 10,
    every: 30 * 1000,
};

/// Reports without a name that are taken at once, and how often there is one more: for everybody
/// together, since nothing tells one reporter from another.
const NAMELESS: Limit = Limit {
    burst: 30,
    every: 60 * 1000,
};
/// Words that are added to one report at once, and how often there is one more.
const ADDED: Limit = Limit {
    burst: 5,
    every: 60 * 1000,
};
/// Codes that are tried at once, and how often there is one more, for everybody together.
const RECEIPTS: Limit = Limit {
    burst: 60,
    every: 1000,
};

/// How often the desk of files is looked over while anything lies on it.
const CLEARING: Duration = Duration::from_secs(60);

/// The site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No password could be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The domain of the passkeys cannot be used.
    #[error(transparent)]
    Passkeys(#[from] DomainError),
}

/// The application as the HTTP surface sees it. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

#[doc(hidden)]
pub struct Inner {
    pub(super) app: App,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) current: Current,
    /// The organisation's own applications, for which the decision point answers too.
    pub(super) applications: Applications,
    pub(super) options: Options,
    pub(super) desk: SignInDesk,
    /// Lists of accounts, by who issues them.
    pub(super) sheets: RateLimit<PersonId>,
    /// Table files between being brought in and being stored.
    pub(super) desk_of_files: Arc<Desk>,
    /// Own rules of access that are tried before they are set.
    pub(super) trials: Trials,
    /// What is said of things that are missing, written already.
    pub(super) prepared: Prepared,
    /// Files brought in, by who does.
    pub(super) files: RateLimit<PersonId>,
    pub(super) uploads: Arc<Semaphore>,
    /// Reports without a name.
    pub(super) nameless: RateLimit<()>,
    /// Words that are added to a report without a name: by report, which tells nobody apart.
    pub(super) added: RateLimit<ConcernId>,
    /// Codes of receipts that are tried and not known.
    pub(super) receipts: RateLimit<()>,
    /// Wishes for a tunnel, by device.
    pub(super) tunnel_wishes: RateLimit<DeviceId>,
    /// Codes entered for a tunnel, by who enters them.
    pub(super) tunnel_codes: RateLimit<PersonId>,
    /// Who gives tunnels their place at a gateway.
    tunnel_places: RwLock<Arc<dyn TunnelPlaces>>,
    /// Who keeps the certificate, from when something listens with it.
    certificates: Mutex<Option<Arc<Keeper>>>,
    /// Whether the desk of files is looked after.
    clearing: AtomicBool,
    pub(super) metrics: Metrics,
    pub(super) probe: Probe,
    pub(super) verifier: Arc<Verifier>,
    pub(super) handlers: Arc<Semaphore>,
    pub(super) followers: Arc<Semaphore>,
    /// Turns true when the server stops, so that open streams end.
    pub(super) stopping: watch::Sender<bool>,
}

impl std::ops::Deref for Site {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Site {
    /// The site of a running application.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn new(app: App, catalogue: Arc<Catalogue>, options: Options) -> Result<Self, SiteError> {
        Self::with_applications(app, catalogue, options, Applications::default())
    }

    /// The same, answering for the organisation's own applications too.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn with_applications(
        app: App,
        catalogue: Arc<Catalogue>,
        options: Options,
        applications: Applications,
    ) -> Result<Self, SiteError> {
        let passkeys = Passkeys::new(&options)?;
        let places = Arc::new(GatewayPlaces(app.clone()));
        Ok(Self(Arc::new(Inner {
            app,
            catalogue,
            current: Current::default(),
            applications,
            options,
            desk: SignInDesk::new(passkeys)?,
            sheets: RateLimit::new(SHEETS),
            nameless: RateLimit::new(NAMELESS),
            added: RateLimit::new(ADDED),
            receipts: RateLimit::new(RECEIPTS),
            desk_of_files: Arc::new(Desk::default()),
            trials: Trials::default(),
            prepared: Prepared::default(),
            files: RateLimit::new(FILES),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            tunnel_wishes: RateLimit::new(WISHES),
            tunnel_codes: RateLimit::new(CODES),
            tunnel_places: RwLock::new(places),
            certificates: Mutex::default(),
            clearing: AtomicBool::new(false),
            metrics: Metrics::default(),
            probe: Probe::default(),
            verifier: Arc::new(Verifier::default()),
            handlers: Arc::new(Semaphore::new(HANDLERS)),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            stopping: watch::Sender::new(false),
        })))
    }
}

impl Site {
    /// Names another one who gives tunnels their place at a gateway.
    pub fn set_tunnel_places(&self, places: Arc<dyn TunnelPlaces>) {
        let slot = self.0.tunnel_places.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = places;
    }

    /// Who keeps the certificate, the same for everything that listens; none where this server ends no TLS.
    ///
    /// # Errors
    /// Where there is no certificate to begin with.
    pub(super) fn certificates(&self) -> Result<Option<Arc<Keeper>>, TlsError> {
        let Some(source) = self.options.tls.clone() else {
            return Ok(None);
        };
        let slot = self.0.certificates.lock();
        let mut slot = slot.unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = &*slot {
            return Ok(Some(Arc::clone(keeper)));
        }
        let keeper = Arc::new(Keeper::start(self.app.clone(), source, &self.options)?);
        *slot = Some(Arc::clone(&keeper));
        Ok(Some(keeper))
    }

    /// Follows what may change an answer of the decision point.
    pub(super) fn access_moved(&self) -> watch::Receiver<u64> {
        self.app.access().follow()
    }

    pub(super) fn tunnel_places(&self) -> Arc<dyn TunnelPlaces> {
        let slot = self.0.tunnel_places.read();
        Arc::clone(&slot.unwrap_or_else(PoisonError::into_inner))
    }

    /// Sees to it that what is left on the desk of files is cleared away when its time is over,
    /// whether or not anybody comes by.
    pub(super) fn clear_desk_later(&self) {
        if self.clearing.swap(true, Ordering::AcqRel) {
            return;
        }
        let inner = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(CLEARING).await;
                let Some(inner) = inner.upgrade() else { return };
                if !inner.desk_of_files.clear_away(inner.app.now()) {
                    inner.clearing.store(false, Ordering::Release);
                    return;
                }
            }
        });
    }
}

impl Inner {
    pub(super) fn books(&self) -> Books<'_> {
        Books {
            accounts: self.app.accounts(),
            keyring: self.app.keyring(),
            observations: self.app.observations(),
        }
    }
}
