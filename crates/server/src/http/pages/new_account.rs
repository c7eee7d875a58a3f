//! The two places of an account: the accounts hold login and password, the ledger says whose it
//! is. Nobody signs in with an account that the ledger does not know, so the accounts come first
//! and are taken back when the ledger refuses.

use sekisho_domain::id::{AccountId, PersonId};
use sekisho_store::StoreError;

use super::super::ctx::Ctx;
use crate::identity::sign_in::is_open;

/// Who the account is for and how it is signed in with.
pub(super) struct NewAccount<'a> {
    pub(super) account: AccountId,
    pub(super) person: PersonId,
    pub(super) login: &'a str,
}

impl NewAccount<'_> {
    /// Writes the account down, carries `command` out, and takes the account back when that fails.
    pub(super) fn with<T, E: From<StoreError>>(
        &self,
        ctx: &Ctx,
        password: Option<&str>,
        command: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let accounts = ctx.site.app.accounts();
        let (account, person) = (self.account.to_string(), self.person.to_string());
        if let Some(old) = accounts.by_login(self.login)? {
            // An account that the ledger never came to know: what made it was cut off.
            let known = old.account.parse().ok();
            let known = known.is_some_and(|id| is_open(&ctx.site.app.world(), id));
            if !known {
                accounts.forget(&old.person)?;
            }
        }
        accounts.add(&account, &person, self.login, ctx.now.as_millis())?;
        let done = password
            .map_or(Ok(()), |hash| accounts.set_password(&account, hash))
            .map_err(E::from)
            .and_then(|()| command());
        if done.is_err() {
            accounts.forget(&person)?;
        }
        done
    }
}
