//! Signing in: password, then a code where the account has an app, with limits on both.
//!
//! A failure is counted before the password is compared and taken back when it was right, so that
//! guesses sent side by side count like guesses in a row. What is answered never tells whether a
//! login exists, is locked or had a wrong password.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::accounts::{Account, TokenHash};
use sekisho_store::keyring::{Keyring, Purpose};
use sekisho_store::observations::SignIn;
use sekisho_store::{Accounts, Observations, StoreError};
use sha2::Sha256;

use super::password::{PasswordError, Passwords};
use super::pending::Pending;
use super::rate_limit::{Limit, RateLimit};
use super::totp::TotpSecret;

/// Failures after which an account waits.
const FREE_FAILURES: i64 = 5;
/// The first waiting time in milliseconds; it doubles with every failure.
const FIRST_WAIT: i64 = 30 * 1000;
/// The longest waiting time in milliseconds: an attacker must not be able to shut an officer out
/// for long.
const LONGEST_WAIT: i64 = 15 * 60 * 1000;
/// Failures that one address has free, and how often there is one more.
const PER_ADDRESS: Limit = Limit {
    burst: 20,
    every: 6000,
};
/// How long a right password waits for its code, in milliseconds.
const CODE_WITHIN: i64 = 5 * 60 * 1000;
/// The context under which TOTP secrets are sealed; the account is added.
const TOTP_CONTEXT: &str = "account.totp:";

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Login, password or code is wrong, or the account waits after failures.
    #[error("refused")]
    Wrong,
    /// The step before was too long ago: the password is asked for again.
    #[error("the code was not given in time")]
    CodeLate,
    /// This address failed too often.
    #[error("too many attempts")]
    TooMany {
        /// Milliseconds until the next attempt.
        wait: i64,
    },
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
            Self::Password(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// What follows on a right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The account is signed in.
    Done(AccountId),
    /// A code is wanted.
    Code,
}

/// Where an attempt comes from and when.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The address; none where the way in has none.
    pub address: Option<IpAddr>,
    /// When.
    pub now: Timestamp,
}

/// The sign-in, with everything it remembers.
#[derive(Debug)]
pub struct SignInDesk {
    /// The hasher of passwords.
    pub passwords: Passwords,
    by_address: RateLimit<Option<IpAddr>>,
    codes: Pending<AccountId>,
    /// TOTP secrets that were offered and not yet confirmed, by session.
    pub offers: Pending<TotpSecret>,
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

impl SignInDesk {
    /// Opens the desk.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] without randomness.
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            passwords: Passwords::new()?,
            by_address: RateLimit::new(PER_ADDRESS),
            codes: Pending::new(CODE_WITHIN),
            offers: Pending::new(15 * 60 * 1000),
        })
    }

    /// The first step. `browser` is the token of the browser that the next step must come from.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn password(
        &self,
        books: Books<'_>,
        world: &dyn Fn(AccountId) -> bool,
        (login, password): (&str, &str),
        browser: TokenHash,
        attempt: Attempt,
    ) -> Result<Step, Refused> {
        let now = attempt.now.as_millis();
        self.by_address
            .take(attempt.address, now)
            .map_err(|wait| Refused::TooMany { wait })?;
        let login = login.trim();
        let found = if login.is_empty()
            || login.len() > 254
            || password.len() > super::policy::PASSWORD_MAX
        {
            None
        } else {
            books.accounts.by_login(login)?
        };
        let id = found
            .as_ref()
            .and_then(|account| account.account.parse::<AccountId>().ok());
        let open = found
            .as_ref()
            .is_some_and(|account| !is_locked(account, now))
            && id.is_some_and(world);
        let account = found.as_ref().filter(|_| open);
        if let Some(account) = account {
            charge(books.accounts, &account.account, now)?;
        }
        let phc = account.and_then(|account| account.password.as_deref());
        let right = self.passwords.verify(password, phc)?;
        let (Some(account), Some(id), true) = (account, id, right) else {
            let outcome = if found.is_some() && !open {
                "locked"
            } else {
                "wrong-password"
            };
            record(
                books,
                found.as_ref().map(|a| a.account.as_str()),
                outcome,
                attempt,
            )?;
            return Err(Refused::Wrong);
        };
        self.by_address.give_back(attempt.address);
        if phc.is_some_and(|phc| !self.passwords.is_current(phc)) {
            books
                .accounts
                .rehash_password(&account.account, &self.passwords.hash(password)?)?;
        }
        if account.totp.is_some() {
            self.codes.put(browser, id, now);
            return Ok(Step::Code);
        }
        books.accounts.clear_failures(&account.account)?;
        record(books, Some(&account.account), "signed-in", attempt)?;
        Ok(Step::Done(id))
    }

    /// The second step: the code, from the browser of the first.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn code(
        &self,
        books: Books<'_>,
        code: &str,
        browser: TokenHash,
        attempt: Attempt,
    ) -> Result<AccountId, Refused> {
        let now = attempt.now.as_millis();
        let id = self.codes.get(browser, now).ok_or(Refused::CodeLate)?;
        self.by_address
            .take(attempt.address, now)
            .map_err(|wait| Refused::TooMany { wait })?;
        let account = books
            .accounts
            .get(&id.to_string())?
            .ok_or(Refused::CodeLate)?;
        if is_locked(&account, now) {
            self.codes.end(browser);
            record(books, Some(&account.account), "locked", attempt)?;
            return Err(Refused::CodeLate);
        }
        charge(books.accounts, &account.account, now)?;
        if !code_passes(books, &account, code, attempt.now)? {
            record(books, Some(&account.account), "wrong-code", attempt)?;
            return Err(Refused::Wrong);
        }
        self.codes.end(browser);
        self.by_address.give_back(attempt.address);
        books.accounts.clear_failures(&account.account)?;
        record(books, Some(&account.account), "signed-in", attempt)?;
        Ok(id)
    }

    /// Asks this browser for the code of an account that something else than its password has
    /// stood for.
    pub fn ask_code(&self, browser: TokenHash, account: AccountId, now: Timestamp) {
        self.codes.put(browser, account, now.as_millis());
    }

    /// Whether a code is wanted from this browser.
    #[must_use]
    pub fn code_is_wanted(&self, browser: TokenHash, now: Timestamp) -> bool {
        self.codes.get(browser, now.as_millis()).is_some()
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
        let now = attempt.now.as_millis();
        self.by_address
            .take(attempt.address, now)
            .map_err(|wait| Refused::TooMany { wait })?;
        let account = books
            .accounts
            .get(&account.to_string())?
            .ok_or(Refused::Wrong)?;
        if is_locked(&account, now) || password.len() > super::policy::PASSWORD_MAX {
            return Err(Refused::Wrong);
        }
        charge(books.accounts, &account.account, now)?;
        if !self
            .passwords
            .verify(password, account.password.as_deref())?
        {
            record(books, Some(&account.account), "wrong-password", attempt)?;
            return Err(Refused::Wrong);
        }
        self.by_address.give_back(attempt.address);
        Ok(books.accounts.clear_failures(&account.account)?)
    }
}

fn is_locked(account: &Account, now: i64) -> bool {
    account.locked_until.is_some_and(|until| until > now)
}

/// Counts a failure before it is known to be one, and sets the waiting time.
fn charge(accounts: &Accounts, account: &str, now: i64) -> Result<(), StoreError> {
    let failures = accounts.count_failure(account)?;
    if let Some(wait) = wait_after(failures) {
        accounts.lock_until(account, now.saturating_add(wait))?;
    }
    Ok(())
}

/// The waiting time after so many failures in a row.
fn wait_after(failures: i64) -> Option<i64> {
    let beyond = failures - FREE_FAILURES;
    (beyond >= 0).then(|| {
        FIRST_WAIT
            .saturating_mul(1 << beyond.min(20))
            .min(LONGEST_WAIT)
    })
}

fn code_passes(
    books: Books<'_>,
    account: &Account,
    code: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(secret) = totp_secret(books.keyring, account)? else {
        return Ok(false);
    };
    let seconds = u64::try_from(now.as_millis() / 1000).unwrap_or_default();
    match secret.step_of(code, seconds) {
        Some(step) => books.accounts.use_totp_step(&account.account, step),
        None => Ok(false),
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

fn record(
    books: Books<'_>,
    account: Option<&str>,
    outcome: &str,
    attempt: Attempt,
) -> Result<(), StoreError> {
    let key = books.keyring.active(Purpose::Session)?;
    let address = attempt
        .address
        .map_or_else(String::new, |address| address.to_string());
    let hash = keyed(key.secret(), &["sign-in.address", &address]);
    books.observations.add_sign_in(&SignIn {
        at: attempt.now.as_millis(),
        account: account.map(ToOwned::to_owned),
        outcome: outcome.to_owned(),
        address: hash[..16].to_vec(),
    })
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
    fn waiting_grows_and_ends() {
        for (failures, wait) in [
            (1, None),
            (4, None),
            (5, Some(30_000)),
            (6, Some(60_000)),
            (9, Some(480_000)),
            (10, Some(LONGEST_WAIT)),
            (i64::MAX, Some(LONGEST_WAIT)),
        ] {
            assert_eq!(wait_after(failures), wait, "{failures}");
        }
    }

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(keyed(&[1; 32], &["ab", "c"]), keyed(&[1; 32], &["a", "bc"]));
        assert_ne!(keyed(&[1; 32], &["ab"]), keyed(&[2; 32], &["ab"]));
    }
}
