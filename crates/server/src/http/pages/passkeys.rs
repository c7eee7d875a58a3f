//! The own passkeys: registered and removed soon after a sign-in.

use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding};
use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::Account;

use super::super::ctx::{Answer, Ctx, json, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{account, person_name};
use crate::console::passkey::{Address, Entry};
use crate::identity::passkey::{For, PasskeyError, Standing};

/// A refusal as an answer to the script, or as a page where no form is shown again.
pub(super) fn fault(error: PasskeyError) -> Fault {
    match error {
        PasskeyError::Store(error) => error.into(),
        error => Fault::new(StatusCode::CONFLICT, error.code()),
    }
}

/// How passkeys stand at the address of this page; `path` is where to go on at the right one.
pub(super) fn address(ctx: &Ctx, path: &str) -> Address {
    match ctx.site.desk.passkeys().standing(&ctx.host) {
        Standing::Here => Address::Works,
        Standing::Elsewhere(origin) => Address::Elsewhere(format!("{origin}{path}")),
        Standing::Nowhere => Address::Nowhere,
    }
}

/// The list of an account's passkeys.
pub(super) fn entries(ctx: &Ctx, account: &str) -> Result<Vec<Entry>, Fault> {
    let held = ctx.site.app.accounts().passkeys(account)?;
    let entry = |key: sekisho_store::accounts::Passkey| Entry {
        id: Base64UrlUnpadded::encode_string(&key.credential),
        name: key.name,
        since: Timestamp::from_millis(key.created_at),
        last_used: key.last_used_at.map(Timestamp::from_millis),
        blocked: key.blocked_at.is_some(),
    };
    Ok(held.into_iter().map(entry).collect())
}

/// The signed-in account, where the sign-in is fresh enough to change what it signs in with.
fn fresh(ctx: &Ctx) -> Result<(AccountId, Account), Fault> {
    let live = ctx.live()?;
    if !live.is_fresh(ctx.now) {
        return Err(fault(PasskeyError::NotFresh));
    }
    let account = ctx.site.app.accounts().get(&live.account.to_string())?;
    Ok((live.account, account.ok_or_else(Fault::sign_in)?))
}

/// A challenge to make a key for the signed-in account.
pub(in crate::http) fn challenge(ctx: &Ctx, _: &Form) -> Answer {
    let (id, account) = fresh(ctx)?;
    let live = ctx.live()?;
    let name = person_name(ctx, live.person);
    let whom = For {
        account: id,
        login: &account.login,
        name: name.as_deref().unwrap_or(&account.login),
    };
    make(ctx, whom, live.token)
}

/// A challenge to make a key, answered to the script.
pub(super) fn make(ctx: &Ctx, whom: For<'_>, token: sekisho_store::accounts::TokenHash) -> Answer {
    let desk = &ctx.site.desk;
    desk.admit_challenge(ctx.attempt())
        .map_err(|refused| match refused {
            crate::identity::sign_in::Refused::TooMany { wait } => {
                Fault::too_many("sign-in.too-many", wait)
            }
            other => Fault::internal(other),
        })?;
    let made = desk.passkeys().begin_registration(
        ctx.site.app.accounts(),
        &ctx.host,
        whom,
        (token, ctx.now),
    );
    Ok(json(&made.map_err(fault)?))
}

/// Registers the key that answers the challenge of this session.
pub(in crate::http) fn add(ctx: &Ctx, form: &Form) -> Answer {
    let (id, _) = fresh(ctx)?;
    let live = ctx.live()?;
    let made = ctx.site.desk.passkeys().finish_registration(
        &ctx.host,
        form.get("credential"),
        (live.token, ctx.now),
    );
    let stored = made.and_then(|made| {
        // The challenge was made for this session, and a session is of one account.
        if made.account == id {
            made.store(ctx.site.app.accounts(), form.get("name"), ctx.now)
        } else {
            Err(PasskeyError::Wrong)
        }
    });
    match stored {
        Ok(()) => {
            tracing::info!(code = "passkey.registered", account = %id, "a passkey was registered");
            Ok(redirect("/account#passkeys"))
        }
        Err(PasskeyError::Store(error)) => Err(error.into()),
        Err(error) => account::passkey_refused(ctx, form.get("name"), error.code()),
    }
}

/// Removes a key, unless nothing else is left to sign in with.
pub(in crate::http) fn remove(ctx: &Ctx, form: &Form) -> Answer {
    let (id, account) = fresh(ctx)?;
    let mut buffer = [0_u8; 1024];
    let key =
        Base64UrlUnpadded::decode(form.get("key"), &mut buffer).map_err(|_| Fault::not_found())?;
    let removed = ctx
        .site
        .app
        .accounts()
        .remove_passkey(&account.account, key)
        .map_err(|error| match error.code() {
            "unknown" => Fault::not_found(),
            _ => error.into(),
        })?;
    if !removed {
        return account::passkey_refused(ctx, "", PasskeyError::Last.code());
    }
    tracing::info!(code = "passkey.removed", account = %id, "a passkey was removed");
    Ok(redirect("/account#passkeys"))
}
