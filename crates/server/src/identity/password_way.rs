//! Signing in by password, then by a code where the account has an app.
//!
//! What is answered never tells whether a login exists, is locked or had a wrong password.

use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_store::StoreError;
use sekisho_store::accounts::Account;

use super::counter::{Counter, charge, has_second_factor, is_locked, record};
use super::password::Passwords;
use super::policy::PASSWORD_MAX;
use super::sign_in::totp_secret;
use super::way::{Attempt, Books, Brought, Offer, Refused, Step, Visit, Way};

/// Longest login that is looked for, in bytes.
const LOGIN_BYTES: usize = 254;

/// Password and one-time code.
#[derive(Debug)]
pub struct PasswordWay {
    /// The hasher of passwords.
    pub passwords: Passwords,
}

impl Way for PasswordWay {
    fn code(&self) -> &'static str {
        "password"
    }

    fn offer(
        &self,
        _desk: &Counter,
        visit: &Visit<'_>,
        second: Option<AccountId>,
    ) -> Result<Offer, Refused> {
        let Some(account) = second else {
            return Ok(Offer::Password);
        };
        let account = visit.books.accounts.get(&account.to_string())?;
        Ok(match account {
            Some(account) if account.totp.is_some() => Offer::Code,
            _ => Offer::Nothing,
        })
    }

    fn take(
        &self,
        desk: &Counter,
        visit: &Visit<'_>,
        brought: &Brought<'_>,
    ) -> Result<Step, Refused> {
        if brought("code").is_empty() {
            self.password(desk, visit, (brought("login"), brought("password")))
        } else {
            code(desk, visit, brought("code"))
        }
    }
}

impl PasswordWay {
    fn password(
        &self,
        desk: &Counter,
        visit: &Visit<'_>,
        (login, password): (&str, &str),
    ) -> Result<Step, Refused> {
        let (books, attempt) = (visit.books, visit.attempt);
        let now = attempt.now.as_millis();
        desk.admit(attempt)?;
        let login = login.trim();
        let readable = !login.is_empty() && login.len() <= LOGIN_BYTES;
        let found = if readable && password.len() <= PASSWORD_MAX {
            books.accounts.by_login(login)?
        } else {
            None
        };
        let id = found
            .as_ref()
            .and_then(|account| account.account.parse::<AccountId>().ok());
        let open = found
            .as_ref()
            .is_some_and(|account| !is_locked(account, now))
            && id.is_some_and(visit.open);
        let account = found.as_ref().filter(|_| open);
        if let Some(account) = account {
            charge(books.accounts, &account.account, now)?;
        }
        let phc = account.and_then(|account| account.password.as_deref());
        let right = self.passwords.verify(password, phc)?;
        let (Some(account), Some(id), true) = (account, id, right) else {
            let known = found.as_ref().map(|account| account.account.as_str());
            let outcome = if known.is_some() && !open {
                "locked"
            } else {
                "wrong-password"
            };
            record(books, known, outcome, attempt)?;
            return Err(Refused::Wrong);
        };
        desk.give_back(attempt);
        if phc.is_some_and(|phc| !self.passwords.is_current(phc)) {
            let renewed = self.passwords.hash(password)?;
            books.accounts.rehash_password(&account.account, &renewed)?;
        }
        if has_second_factor(books.accounts, account)? {
            desk.ask_second(visit.browser, id, attempt.now);
            return Ok(Step::Second);
        }
        desk.pass(books, id, visit.browser, attempt)
    }

    /// Whether a signed-in person's password is right, counted like a sign-in.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn confirm(
        &self,
        desk: &Counter,
        books: Books<'_>,
        account: AccountId,
        password: &str,
        attempt: Attempt,
    ) -> Result<(), Refused> {
        let now = attempt.now.as_millis();
        desk.admit(attempt)?;
        let account = books
            .accounts
            .get(&account.to_string())?
            .ok_or(Refused::Wrong)?;
        if is_locked(&account, now) || password.len() > PASSWORD_MAX {
            return Err(Refused::Wrong);
        }
        charge(books.accounts, &account.account, now)?;
        let right = self
            .passwords
            .verify(password, account.password.as_deref())?;
        if !right {
            record(books, Some(&account.account), "wrong-password", attempt)?;
            return Err(Refused::Wrong);
        }
        desk.give_back(attempt);
        Ok(books.accounts.clear_failures(&account.account)?)
    }
}

fn code(desk: &Counter, visit: &Visit<'_>, code: &str) -> Result<Step, Refused> {
    let (books, attempt, browser) = (visit.books, visit.attempt, visit.browser);
    let now = attempt.now.as_millis();
    let id = desk.second(browser, attempt.now).ok_or(Refused::CodeLate)?;
    desk.admit(attempt)?;
    let account = books
        .accounts
        .get(&id.to_string())?
        .ok_or(Refused::CodeLate)?;
    if is_locked(&account, now) {
        desk.end_second(browser);
        record(books, Some(&account.account), "locked", attempt)?;
        return Err(Refused::CodeLate);
    }
    charge(books.accounts, &account.account, now)?;
    if !code_passes(books, &account, code, attempt.now)? {
        record(books, Some(&account.account), "wrong-code", attempt)?;
        return Err(Refused::Wrong);
    }
    desk.pass(books, id, browser, attempt)
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
