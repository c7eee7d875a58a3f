//! What every handler works with.

use std::sync::Arc;

use sekisho_domain::id::PersonId;
use sekisho_rules::catalogue::Catalogue;
use tokio::sync::{Semaphore, watch};

use super::current::Current;
use super::health::Probe;
use super::metrics::Metrics;
use super::options::Options;
use super::verification::Verifier;
use crate::app::App;
use crate::identity::passkey::{DomainError, Passkeys};
use crate::identity::password::PasswordError;
use crate::identity::rate_limit::{Limit, RateLimit};
use crate::identity::sign_in::{Books, SignInDesk};

/// Handlers at work at the same time; more wait.
const HANDLERS: usize = 64;
/// Browsers that follow changes at the same time.
const FOLLOWERS: usize = 256;

/// Lists of accounts that one person may issue at once, and how often there is one more.
const SHEETS: Limit = Limit {
    burst: 5,
    every: 60 * 1000,
};

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
    pub(super) options: Options,
    pub(super) desk: SignInDesk,
    /// Lists of accounts, by who issues them.
    pub(super) sheets: RateLimit<PersonId>,
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
        let passkeys = Passkeys::new(&options)?;
        Ok(Self(Arc::new(Inner {
            app,
            catalogue,
            current: Current::default(),
            options,
            desk: SignInDesk::new(passkeys)?,
            sheets: RateLimit::new(SHEETS),
            metrics: Metrics::default(),
            probe: Probe::default(),
            verifier: Arc::new(Verifier::default()),
            handlers: Arc::new(Semaphore::new(HANDLERS)),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            stopping: watch::Sender::new(false),
        })))
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
