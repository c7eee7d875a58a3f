//! Signing in and out.

use sekisho_domain::id::AccountId;

use super::super::ctx::{Answer, Ctx, html, local_path, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use crate::console::layout::Place;
use crate::console::sign_in::{SignIn, page, signed_out};
use crate::identity::session;
use crate::identity::sign_in::{Refused, Step, is_open};

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    if ctx.site.app.world().organisation.is_none() {
        return Ok(redirect("/set-up"));
    }
    let next = ctx.query("next").unwrap_or_default();
    if ctx.session.is_some() {
        return Ok(redirect(local_path(&next).unwrap_or("/")));
    }
    let view = SignIn {
        csrf: ctx.csrf()?,
        next,
        ..SignIn::default()
    };
    Ok(html(page(&ctx.frame(Place::Elsewhere), &view)))
}

/// Either step: the password, or the code after it.
pub(in crate::http) fn sign_in(ctx: &Ctx, form: &Form) -> Answer {
    let (desk, books) = (&ctx.site.desk, ctx.site.books());
    let browser = ctx.browser()?;
    let entered = if form.get("code").is_empty() {
        let open = |account: AccountId| is_open(&ctx.site.app.world(), account);
        let entry = (form.get("login"), form.get("password"));
        desk.password(books, &open, entry, browser, ctx.attempt())
    } else {
        desk.code(books, form.get("code"), browser, ctx.attempt())
            .map(Step::Done)
    };
    match entered {
        Ok(Step::Done(account)) => {
            begin(ctx, account)?;
            Ok(redirect(local_path(form.get("next")).unwrap_or("/")))
        }
        Ok(Step::Code) => again(ctx, form, None),
        Err(Refused::TooMany { wait }) => Err(Fault::too_many("sign-in.too-many", wait)),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => again(ctx, form, Some(&refused)),
    }
}

fn again(ctx: &Ctx, form: &Form, refused: Option<&Refused>) -> Answer {
    let view = SignIn {
        csrf: ctx.csrf()?,
        login: form.get("login").to_owned(),
        next: form.get("next").to_owned(),
        refusal: refused.map(|refused| super::sentence(ctx.lang, refused.code(), &[])),
        code_wanted: ctx.site.desk.code_is_wanted(ctx.browser()?, ctx.now),
    };
    let mut response = html(page(&ctx.frame(Place::Elsewhere), &view));
    if refused.is_some() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Lets an account in that a link or a new password stands for: the code of its app, where it has
/// one, is asked for here as after a password.
pub(in crate::http) fn enter(ctx: &Ctx, account: AccountId) -> Answer {
    let known = ctx.site.app.accounts().get(&account.to_string())?;
    if known.is_some_and(|known| known.totp.is_some()) {
        ctx.site.desk.ask_code(ctx.browser()?, account, ctx.now);
        return again(ctx, &Form::default(), None);
    }
    begin(ctx, account)?;
    Ok(redirect("/"))
}

/// Begins a session: the earlier one of this browser ends, whoever made it, and every token the
/// browser had is replaced.
pub(in crate::http) fn begin(ctx: &Ctx, account: AccountId) -> Result<(), Fault> {
    let accounts = ctx.site.app.accounts();
    if let Some(live) = &ctx.session {
        accounts.end_session(live.token)?;
    }
    let token = session::begin(accounts, account, ctx.now)?;
    ctx.end_cookie("browser");
    ctx.set_cookie("session", &token.text());
    Ok(())
}

pub(in crate::http) fn sign_out(ctx: &Ctx, _: &Form) -> Answer {
    if let Some(live) = &ctx.session {
        ctx.site.app.accounts().end_session(live.token)?;
        ctx.site.desk.offers.end(live.token);
    }
    ctx.end_cookie("session");
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.signed_in = None;
    frame.ledger = None;
    let mut response = html(signed_out(&frame));
    // What this browser kept of the pages goes too.
    let clear = axum::http::HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}
