//! What all ways of signing in share: limits, waiting times, the second step, the record.
//!
//! A failure is counted before it is known to be one and taken back when it was none, so that
//! guesses sent side by side count like guesses in a row.

use std::net::IpAddr;

use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::{Account, TokenHash};
use sekisho_store::keyring::Purpose;
use sekisho_store::observations::SignIn;
use sekisho_store::{Accounts, StoreError};

use super::pending::Pending;
use super::rate_limit::{Limit, RateLimit};
use super::sign_in::keyed;
use super::way::{Attempt, Books, Refused, Step};

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
/// Challenges that one address has free, and how often there is one more: each is kept for
/// minutes, and nobody may push those of others out.
const CHALLENGES: Limit = Limit {
    burst: 20,
    every: 3000,
};
/// How long the first step waits for the second, in milliseconds.
const SECOND_WITHIN: i64 = 5 * 60 * 1000;

/// Limits and what waits for a second step.
#[derive(Debug)]
pub struct Counter {
    by_address: RateLimit<Option<IpAddr>>,
    challenges: RateLimit<Option<IpAddr>>,
    second: Pending<AccountId>,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            by_address: RateLimit::new(PER_ADDRESS),
            challenges: RateLimit::new(CHALLENGES),
            second: Pending::new(SECOND_WITHIN),
        }
    }
}

impl Counter {
    /// Lets an attempt of an address through.
    ///
    /// # Errors
    /// [`Refused::TooMany`].
    pub fn admit(&self, attempt: Attempt) -> Result<(), Refused> {
        self.by_address
            .take(attempt.address, attempt.now.as_millis())
            .map_err(|wait| Refused::TooMany { wait })
    }

    /// The attempt was no failure.
    pub fn give_back(&self, attempt: Attempt) {
        self.by_address.give_back(attempt.address);
    }

    /// Lets an address have a challenge.
    ///
    /// # Errors
    /// [`Refused::TooMany`].
    pub fn admit_challenge(&self, attempt: Attempt) -> Result<(), Refused> {
        self.challenges
            .take(attempt.address, attempt.now.as_millis())
            .map_err(|wait| Refused::TooMany { wait })
    }

    /// Asks this browser for the second factor of an account that the first step, or a link, has
    /// stood for.
    pub fn ask_second(&self, browser: TokenHash, account: AccountId, now: Timestamp) {
        self.second.put(browser, account, now.as_millis());
    }

    /// The account whose second factor is wanted from this browser.
    #[must_use]
    pub fn second(&self, browser: TokenHash, now: Timestamp) -> Option<AccountId> {
        self.second.get(browser, now.as_millis())
    }

    /// No second factor is wanted from this browser any more.
    pub fn end_second(&self, browser: TokenHash) {
        self.second.end(browser);
    }

    /// Signs an account in: failures are forgotten and the sign-in is recorded.
    ///
    /// # Errors
    /// The codes of the store.
    pub fn pass(
        &self,
        books: Books<'_>,
        account: AccountId,
        browser: TokenHash,
        attempt: Attempt,
    ) -> Result<Step, Refused> {
        self.end_second(browser);
        self.give_back(attempt);
        let id = account.to_string();
        books.accounts.clear_failures(&id)?;
        record(books, Some(&id), "signed-in", attempt)?;
        Ok(Step::Done(account))
    }
}

/// Whether an account waits after failures.
#[must_use]
pub fn is_locked(account: &Account, now: i64) -> bool {
    account.locked_until.is_some_and(|until| until > now)
}

/// Whether an account asks for more than its password. A blocked passkey counts: who has copied
/// one must not be let in by the password alone.
///
/// # Errors
/// The codes of the store.
pub fn has_second_factor(accounts: &Accounts, account: &Account) -> Result<bool, StoreError> {
    Ok(account.totp.is_some() || !accounts.passkeys(&account.account)?.is_empty())
}

/// Counts a failure before it is known to be one, and sets the waiting time.
///
/// # Errors
/// The codes of the store.
pub fn charge(accounts: &Accounts, account: &str, now: i64) -> Result<(), StoreError> {
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

/// Records an attempt under a keyed hash of the address.
///
/// # Errors
/// The codes of the store.
pub fn record(
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
}
