//! The language of a page: as chosen, else as the browser asks, else Japanese.

use axum::http::{HeaderMap, header};
use sekisho_messages::Lang;

use super::ctx::{Answer, Ctx, local_path, redirect};
use super::fault::Fault;
use super::form::Form;

/// The cookie that remembers a choice.
pub(super) const COOKIE: &str = "sekisho-lang";

pub(super) fn of(headers: &HeaderMap, chosen: Option<String>) -> Lang {
    let asked = || {
        let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::from_accept_language(header)
    };
    chosen
        .and_then(|tag| Lang::from_tag(&tag))
        .or_else(asked)
        .unwrap_or_default()
}

/// Remembers a choice and leads back to the page.
pub(super) fn choose(ctx: &Ctx) -> Answer {
    let lang = Lang::from_tag(ctx.parameter("tag")).ok_or_else(Fault::not_found)?;
    let back = ctx.query("back").unwrap_or_default();
    keep(ctx, lang)?;
    Ok(redirect(local_path(&back).unwrap_or("/")))
}

/// The choice made on the page of the own account.
pub(super) fn choose_own(ctx: &Ctx, form: &Form) -> Answer {
    let lang = Lang::from_tag(form.get("language")).ok_or_else(Fault::not_found)?;
    keep(ctx, lang)?;
    Ok(redirect("/account"))
}

/// A choice stays with the browser, and with the account of who is signed in: letters are written
/// in it.
fn keep(ctx: &Ctx, lang: Lang) -> Result<(), Fault> {
    if let Some(live) = &ctx.session {
        let account = live.account.to_string();
        ctx.site.app.accounts().set_language(&account, lang.tag())?;
    }
    ctx.remember_language(lang);
    Ok(())
}

/// A browser without a choice follows that of the person who signs in.
pub(super) fn follow(ctx: &Ctx, person: &str) -> Result<(), Fault> {
    let kept = ctx.site.app.accounts().language_of(person)?;
    if let Some(lang) = kept.and_then(|tag| Lang::from_tag(&tag))
        && !ctx.has_language()
    {
        ctx.remember_language(lang);
    }
    Ok(())
}
