//! Passkeys (WebAuthn Level 3): keys that an authenticator keeps for this server's domain and uses
//! only after it has verified its user.
//!
//! A challenge is kept in memory, works once, for minutes, and only in the browser or session it
//! was made for. Keys are made discoverable, so that nobody types a login and nobody can ask
//! whether one exists.

mod place;
mod register;
mod way;

use sekisho_store::StoreError;
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{Url, WebauthnBuilder, WebauthnError};

use super::pending::Pending;
use crate::http::Options;

pub use place::{Place, Standing};
pub use register::{For, NewPasskey};
pub use way::PasskeyWay;

use register::Registration;

/// How long a challenge can be answered, in milliseconds.
pub(super) const ANSWER_WITHIN: i64 = 5 * 60 * 1000;

/// Longest answer of an authenticator that is read, in bytes of JSON.
const ANSWER_MAX: usize = 16 * 1024;

/// Why a passkey was not registered, not removed, or signs nobody in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Passkeys do not work at this address.
    #[error("passkeys do not work at this address")]
    Elsewhere,
    /// No challenge waits: it was answered before, or too long ago.
    #[error("no challenge waits")]
    Late,
    /// The answer does not hold, or the key is not known.
    #[error("the answer does not hold")]
    Wrong,
    /// The key's counter went back: there is a copy of it.
    #[error("the counter went back")]
    Copied,
    /// The key was registered before.
    #[error("registered before")]
    Known,
    /// The account holds as many keys as it may.
    #[error("too many passkeys")]
    Full,
    /// The name is empty or too long.
    #[error("not a name")]
    Name,
    /// It is the last means of signing in.
    #[error("the last means of signing in")]
    Last,
    /// The sign-in is too long ago for this.
    #[error("the sign-in is too long ago")]
    NotFresh,
    /// The authenticator could not be asked.
    #[error("no challenge could be made")]
    NoChallenge,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PasskeyError {
    /// Every error of passkeys themselves, for the test that each has a message.
    pub const ALL: [Self; 10] = [
        Self::Elsewhere,
        Self::Late,
        Self::Wrong,
        Self::Copied,
        Self::Known,
        Self::Full,
        Self::Name,
        Self::Last,
        Self::NotFresh,
        Self::NoChallenge,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Elsewhere => "passkey.elsewhere",
            Self::Late => "passkey.late",
            Self::Wrong => "passkey.wrong",
            Self::Copied => "passkey.copied",
            Self::Known => "passkey.known",
            Self::Full => "passkey.full",
            Self::Name => "passkey.name",
            Self::Last => "passkey.last",
            Self::NotFresh => "passkey.not-fresh",
            Self::NoChallenge => "passkey.no-challenge",
            Self::Store(error) => error.code(),
        }
    }
}

/// The domain of the passkeys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the domain of the passkeys cannot be used")]
pub struct DomainError;

/// Passkeys of this server: where they work, and what is being registered.
#[derive(Debug)]
pub struct Passkeys {
    https: bool,
    place: Option<Place>,
    webauthn: Option<Webauthn>,
    registrations: Pending<Registration>,
}

impl Passkeys {
    /// The passkeys of a server that is reached like this.
    ///
    /// # Errors
    /// [`DomainError`].
    pub fn new(options: &Options) -> Result<Self, DomainError> {
        let place = Place::of(options);
        let webauthn = place.as_ref().map(webauthn).transpose();
        Ok(Self {
            https: options.https,
            webauthn: webauthn.map_err(|_| DomainError)?,
            place,
            registrations: Pending::new(ANSWER_WITHIN),
        })
    }

    /// How they stand at a host.
    #[must_use]
    pub fn standing(&self, host: &str) -> Standing<'_> {
        Place::standing(self.place.as_ref(), self.https, host)
    }

    /// The verifier, for pages of the right address.
    fn at(&self, host: &str) -> Result<&Webauthn, PasskeyError> {
        match (self.standing(host), &self.webauthn) {
            (Standing::Here, Some(webauthn)) => Ok(webauthn),
            _ => Err(PasskeyError::Elsewhere),
        }
    }
}

fn webauthn(place: &Place) -> Result<Webauthn, WebauthnError> {
    let origin = |text: &String| Url::parse(text).map_err(|_| WebauthnError::Configuration);
    let origins: Vec<Url> = place.origins.iter().map(origin).collect::<Result<_, _>>()?;
    let (first, more) = origins.split_first().ok_or(WebauthnError::Configuration)?;
    let mut builder = WebauthnBuilder::new(&place.domain, first)?
        .rp_name("Sekisho")
        .timeout(std::time::Duration::from_millis(
            ANSWER_WITHIN.unsigned_abs(),
        ));
    for origin in more {
        builder = builder.append_allowed_origin(origin);
    }
    builder.build()
}

/// What an authenticator answered, read with a bound.
fn answer<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, PasskeyError> {
    if text.len() > ANSWER_MAX {
        return Err(PasskeyError::Wrong);
    }
    serde_json::from_str(text).map_err(|_| PasskeyError::Wrong)
}
