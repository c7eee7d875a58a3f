//! The sign-in: every way there is, over one counter.

use hmac::{Hmac, KeyInit, Mac};
use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::StoreError;
use sekisho_store::accounts::{Account, TokenHash};
use sekisho_store::keyring::{Keyring, Purpose};
use sha2::Sha256;

pub use super::way::{Attempt, Books, Brought, Offer, Refused, Step, Visit};

use super::counter::{Counter, has_second_factor};
use super::passkey::{PasskeyWay, Passkeys};
use super::password::{PasswordError, Passwords};
use super::password_way::PasswordWay;
use super::pending::Pending;
use super::totp::TotpSecret;
use super::way::Way;

/// The context under which TOTP secrets are sealed; the account is added.
const TOTP_CONTEXT: &str = "account.totp:";
/// How long an offered secret waits for its confirmation, in milliseconds.
const OFFER_WITHIN: i64 = 15 * 60 * 1000;

/// The sign-in, with everything it remembers.
#[derive(Debug)]
pub struct SignInDesk {
    counter: Counter,
    password: PasswordWay,
    passkey: PasskeyWay,
    /// TOTP secrets that were offered and not yet confirmed, by session.
    pub offers: Pending<TotpSecret>,
}

impl SignInDesk {
    /// Opens the desk, where passkeys work at the addresses that `passkeys` knows.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] without randomness.
    pub fn new(passkeys: Passkeys) -> Result<Self, PasswordError> {
        Ok(Self {
            counter: Counter::default(),
            password: PasswordWay {
                passwords: Passwords::new()?,
            },
            passkey: PasskeyWay::new(passkeys),
            offers: Pending::new(OFFER_WITHIN),
        })
    }

    /// Every way of signing in, in the order in which the page shows them.
    fn ways(&self) -> [&dyn Way; 2] {
        [&self.password, &self.passkey]
    }

    fn way(&self, code: &str) -> Result<&dyn Way, Refused> {
        let mut ways = self.ways().into_iter();
        ways.find(|way| way.code() == code)
            .ok_or(Refused::NoSuchWay)
    }

    /// What the page shows for the step that this browser has come to, by the code of the way.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub fn page(&self, visit: &Visit<'_>) -> Result<Vec<(&'static str, Offer)>, Refused> {
        let second = self.counter.second(visit.browser, visit.attempt.now);
        let mut offers = Vec::new();
        for way in self.ways() {
            offers.push((way.code(), way.offer(&self.counter, visit, second)?));
        }
        Ok(offers)
    }

    /// A challenge of a way for this browser's authenticator.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn begin(&self, way: &str, visit: &Visit<'_>) -> Result<serde_json::Value, Refused> {
        let way = self.way(way)?;
        self.counter.admit_challenge(visit.attempt)?;
        way.begin(&self.counter, visit)
    }

    /// Takes what the browser brought by a way.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn take(
        &self,
        way: &str,
        visit: &Visit<'_>,
        brought: &Brought<'_>,
    ) -> Result<Step, Refused> {
        self.way(way)?.take(&self.counter, visit, brought)
    }

    /// Asks this browser for the second factor of an account that something else than its password
    /// has stood for. `false` where the account has none.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn ask_second(
        &self,
        books: Books<'_>,
        browser: TokenHash,
        account: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let known = books.accounts.get(&account.to_string())?;
        let asks = match &known {
            Some(known) => has_second_factor(books.accounts, known)?,
            None => false,
        };
        if asks {
            self.counter.ask_second(browser, account, now);
        }
        Ok(asks)
    }

    /// This browser begins anew, without what its first step has come to.
    pub fn begin_anew(&self, browser: TokenHash) {
        self.counter.end_second(browser);
    }

    /// Whether a second factor is wanted from this browser.
    #[must_use]
    pub fn second_is_wanted(&self, browser: TokenHash, now: Timestamp) -> bool {
        self.counter.second(browser, now).is_some()
    }

    /// Whether a signed-in person's password is right, counted like a sign-in.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn confirm(
        &self,
        books: Books<'_>,
        account: AccountId,
        password: &str,
        attempt: Attempt,
    ) -> Result<(), Refused> {
        self.password
            .confirm(&self.counter, books, account, password, attempt)
    }

    /// Lets an address have a challenge for registering a passkey.
    ///
    /// # Errors
    /// [`Refused::TooMany`].
    pub fn admit_challenge(&self, attempt: Attempt) -> Result<(), Refused> {
        self.counter.admit_challenge(attempt)
    }

    /// The hasher of passwords.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.password.passwords
    }

    /// Where passkeys are registered.
    #[must_use]
    pub fn passkeys(&self) -> &Passkeys {
        self.passkey.passkeys()
    }
}

/// The account's TOTP secret, opened.
///
/// # Errors
/// `unsealable` when the stored bytes were changed.
pub fn totp_secret(keyring: &Keyring, account: &Account) -> Result<Option<TotpSecret>, StoreError> {
    let Some(sealed) = &account.totp else {
        return Ok(None);
    };
    let context = format!("{TOTP_CONTEXT}{}", account.account);
    let keys = keyring
        .all()
        .iter()
        .filter(|key| key.purpose == Purpose::AccountSecrets);
    let mut failed = None;
    for key in keys {
        match key.open(&context, sealed) {
            Ok(bytes) => return Ok(TotpSecret::from_bytes(&bytes)),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(None), Err)
}

/// Sets or removes the account's TOTP secret.
///
/// # Errors
/// The codes of the store.
pub fn set_totp(
    books: Books<'_>,
    account: AccountId,
    secret: Option<&TotpSecret>,
) -> Result<(), StoreError> {
    let id = account.to_string();
    let Some(secret) = secret else {
        return books.accounts.set_totp(&id, None);
    };
    let key = books.keyring.active(Purpose::AccountSecrets)?;
    let sealed = key.seal(&format!("{TOTP_CONTEXT}{id}"), secret.bytes())?;
    books.accounts.set_totp(&id, Some(&sealed))
}

/// HMAC-SHA-256 over parts that cannot run into each other.
#[must_use]
pub fn keyed(key: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    // HMAC fills a shorter key up with zeros to the block of 64 bytes itself (RFC 2104).
    let mut block = zeroize::Zeroizing::new([0_u8; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Whether an account is one of this World and not closed.
#[must_use]
pub fn is_open(world: &World, account: AccountId) -> bool {
    world.person_of_account(account).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(keyed(&[1; 32], &["ab", "c"]), keyed(&[1; 32], &["a", "bc"]));
        assert_ne!(keyed(&[1; 32], &["ab"]), keyed(&[2; 32], &["ab"]));
    }
}
