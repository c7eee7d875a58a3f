//! What every way of signing in has in common.
//!
//! A way shows something on the sign-in page, may begin with a challenge or lead elsewhere, and
//! takes what the browser brings back. The pages ask for nothing else, so that a provider of
//! identities (OpenID Connect) or a certificate of the client becomes one more implementation.

use std::net::IpAddr;

use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::TokenHash;
use sekisho_store::keyring::Keyring;
use sekisho_store::{Accounts, Observations, StoreError};

use super::counter::Counter;
use super::passkey::PasskeyError;
use super::password::PasswordError;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Login, password or code is wrong, or the account waits after failures.
    #[error("refused")]
    Wrong,
    /// The step before was too long ago: the first step is asked for again.
    #[error("the second step was not taken in time")]
    CodeLate,
    /// This address failed too often.
    #[error("too many attempts")]
    TooMany {
        /// Milliseconds until the next attempt.
        wait: i64,
    },
    /// Nobody signs in this way here.
    #[error("no such way of signing in")]
    NoSuchWay,
    /// The passkey does not stand for anybody.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// Too many passwords are being compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refused {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "sign-in.wrong",
            Self::CodeLate => "sign-in.code-late",
            Self::TooMany { .. } => "sign-in.too-many",
            Self::NoSuchWay => "sign-in.no-such-way",
            Self::Passkey(error) => error.code(),
            Self::Password(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// What follows on what the browser brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The account is signed in.
    Done(AccountId),
    /// A second factor is wanted.
    Second,
}

/// Where an attempt comes from and when.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The address; none where the way in has none.
    pub address: Option<IpAddr>,
    /// When.
    pub now: Timestamp,
}

/// Where accounts, their keys and the record of attempts are.
#[derive(Clone, Copy)]
pub struct Books<'a> {
    /// The accounts.
    pub accounts: &'a Accounts,
    /// The system keys.
    pub keyring: &'a Keyring,
    /// The record of attempts.
    pub observations: &'a Observations,
}

/// A browser at the sign-in.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// Where accounts are.
    pub books: Books<'a>,
    /// Whether an account is one of the World and not closed.
    pub open: &'a dyn Fn(AccountId) -> bool,
    /// The token of the browser, which every step must come from.
    pub browser: TokenHash,
    /// The host that the browser asked.
    pub host: &'a str,
    /// Where from and when.
    pub attempt: Attempt,
}

/// The fields of a form by name; empty where there is none.
pub type Brought<'f> = dyn Fn(&str) -> &'f str + 'f;

/// What the sign-in page shows for a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Nothing now: it is no way for this step.
    Nothing,
    /// Fields for login and password.
    Password,
    /// A field for a one-time code.
    Code,
    /// A button: the browser's authenticator answers the challenge of [`Way::begin`].
    Authenticator,
    /// It works at another address of this server only.
    Elsewhere(String),
    /// A link to a path of this server, from which the browser is led on to another one.
    Leads {
        /// The path.
        path: String,
        /// What the other server is called.
        name: String,
    },
}

/// A way of signing in.
pub trait Way: std::fmt::Debug + Send + Sync {
    /// Its stable code: the field `way` of the form and a part of the path of [`Way::begin`].
    fn code(&self) -> &'static str;

    /// What the page shows for it. `second` is the account that has taken the first step.
    ///
    /// # Errors
    /// [`Refused::Store`].
    fn offer(
        &self,
        desk: &Counter,
        visit: &Visit<'_>,
        second: Option<AccountId>,
    ) -> Result<Offer, Refused>;

    /// A fresh challenge for the browser's authenticator, as JSON.
    ///
    /// # Errors
    /// [`Refused`]; [`Refused::NoSuchWay`] for a way that has none.
    fn begin(&self, _desk: &Counter, _visit: &Visit<'_>) -> Result<serde_json::Value, Refused> {
        Err(Refused::NoSuchWay)
    }

    /// Takes what the browser brought back.
    ///
    /// # Errors
    /// [`Refused`].
    fn take(
        &self,
        desk: &Counter,
        visit: &Visit<'_>,
        brought: &Brought<'_>,
    ) -> Result<Step, Refused>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_said() {
        for refused in [
            Refused::Wrong,
            Refused::CodeLate,
            Refused::TooMany { wait: 1 },
            Refused::NoSuchWay,
        ] {
            let key = format!("error.{}.what", refused.code());
            assert!(sekisho_messages::contains(&key), "{key}");
        }
        for error in PasskeyError::ALL {
            let key = format!("error.{}.what", error.code());
            assert!(sekisho_messages::contains(&key), "{key}");
        }
    }
}
