//! The authority that signs and those before it: who certifies what, and until when each is trusted.

use std::sync::Arc;

use sekisho_domain::time::{Span, Timestamp};
use sekisho_store::keyring::{Keyring, Purpose};

use super::authority::{Authority, CaError};
use super::lifetime::{Lifetime, Validity};

/// How long a new authority is made known before this server shows a certificate of it: agents learn
/// of it whenever they renew their own, and those that were away for longer have to be told anew.
pub const INTRODUCTION: Span = Span::days(30);

/// The authority that signs, and those before it, which are trusted until their certificates are over.
#[derive(Clone, Debug)]
pub struct Authorities {
    active: Arc<Authority>,
    /// The newest first.
    retired: Vec<Retired>,
}

/// An authority that signs no device any more.
#[derive(Clone, Debug)]
struct Retired {
    authority: Arc<Authority>,
    at: Timestamp,
}

impl Retired {
    /// Until when it is trusted: it may certify this server for as long as its successor is made
    /// known, and that certificate lasts. Those of devices are over long before.
    fn trusted_until(&self) -> Timestamp {
        let last = Validity::starting(self.at.after(INTRODUCTION), Lifetime::SERVER);
        last.until
    }
}

/// An authority as the shell and pages tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityStands {
    /// SHA-256 of its certificate.
    pub fingerprint: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is trusted.
    pub trusted_until: Timestamp,
    /// Whether it certifies devices.
    pub certifies_devices: bool,
    /// Whether it certifies this server.
    pub certifies_server: bool,
}

impl Authorities {
    /// Those of a keyring; the key is made where there is none.
    ///
    /// # Errors
    /// [`CaError`].
    pub fn of(keyring: &mut Keyring, now: Timestamp) -> Result<Self, CaError> {
        let key = keyring.ensure(Purpose::CertificateAuthority, now.as_millis())?;
        let mut retired = Vec::new();
        for old in keyring.all() {
            let (true, Some(at)) = (old.purpose == Purpose::CertificateAuthority, old.retired_at)
            else {
                continue;
            };
            retired.push(Retired {
                authority: Arc::new(Authority::of(old)?),
                at: Timestamp::from_millis(at),
            });
        }
        retired.sort_by_key(|it| std::cmp::Reverse(it.at));
        Ok(Self {
            active: Arc::new(Authority::of(&key)?),
            retired,
        })
    }

    /// The one that certifies devices.
    #[must_use]
    pub fn active(&self) -> &Authority {
        &self.active
    }

    /// The one that certifies this server: the newest that has been made known for long enough, else
    /// the oldest that is trusted.
    #[must_use]
    pub fn serving(&self, now: Timestamp) -> &Authority {
        let known = |it: &&Authority| it.made.after(INTRODUCTION) <= now;
        let found = self.trusted(now).find(known);
        found.unwrap_or_else(|| self.trusted(now).last().unwrap_or(&self.active))
    }

    /// All that are trusted, the one that certifies devices first.
    pub fn trusted(&self, now: Timestamp) -> impl Iterator<Item = &Authority> {
        let old = self.retired.iter();
        let old = old.filter(move |it| now < it.trusted_until());
        std::iter::once(&self.active)
            .chain(old.map(|it| &it.authority))
            .map(AsRef::as_ref)
    }

    /// The certificates of all that are trusted, in PEM: that of this server's own first.
    #[must_use]
    pub fn pem(&self, now: Timestamp) -> String {
        let serving = self.serving(now);
        let others = self.trusted(now);
        let others = others.filter(|it| it.fingerprint() != serving.fingerprint());
        let all = std::iter::once(serving).chain(others);
        all.map(Authority::pem).collect()
    }

    /// How each that is trusted stands, the one that certifies devices first.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> Vec<AuthorityStands> {
        let serving = self.serving(now).fingerprint();
        let stands = |it: &Authority, until, certifies_devices| AuthorityStands {
            certifies_server: it.fingerprint() == serving,
            fingerprint: it.fingerprint(),
            made_at: it.made,
            trusted_until: until,
            certifies_devices,
        };
        let mut all = vec![stands(&self.active, self.active.validity.until, true)];
        for old in &self.retired {
            let until = old.trusted_until().min(old.authority.validity.until);
            if now < until {
                all.push(stands(&old.authority, until, false));
            }
        }
        all
    }
}
