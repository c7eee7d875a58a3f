//! Signing in and out.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use sekisho_domain::id::AccountId;

use super::super::ctx::{Answer, Ctx, html, json, local_path, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::super::language;
use crate::console::layout::Place;
use crate::console::sign_in::{SignIn, page, signed_in, signed_out};
use crate::identity::session;
use crate::identity::sign_in::{Refused, Step, Visit, is_open};

/// The way that a form without the field `way` is sent by.
const PASSWORD: &str = "password";

impl Ctx {
    /// Does something at the desk as this browser.
    fn at_desk<T>(
        &self,
        work: impl FnOnce(&Visit<'_>) -> Result<T, Refused>,
    ) -> Result<Result<T, Refused>, Fault> {
        let open = |account: AccountId| is_open(&self.site.app.world(), account);
        let visit = Visit {
            books: self.site.books(),
            open: &open,
            browser: self.browser()?,
            host: &self.host,
            attempt: self.attempt(),
        };
        match work(&visit) {
            Err(Refused::TooMany { wait }) => Err(Fault::too_many("sign-in.too-many", wait)),
            Err(Refused::Store(error)) => Err(error.into()),
            Err(Refused::NoSuchWay) => Err(Fault::not_found()),
            done => Ok(done),
        }
    }
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    if ctx.site.app.world().organisation.is_none() {
        return Ok(redirect("/set-up"));
    }
    let next = ctx.query("next").unwrap_or_default();
    // Asked for by who is signed in: what changes the means of signing in needs a fresh one.
    let again = ctx.query("again").is_some();
    if ctx.session.is_some() && !again {
        return match application(ctx, &next) {
            Some(address) => {
                let location = HeaderValue::from_str(address).map_err(Fault::internal)?;
                Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
            }
            None => Ok(redirect(local_path(&next).unwrap_or("/"))),
        };
    }
    if ctx.query("anew").is_some() {
        ctx.site.desk.begin_anew(ctx.browser()?);
    }
    step(ctx, String::new(), next, None)
}

/// A challenge for the browser's authenticator.
pub(in crate::http) fn challenge(ctx: &Ctx, _: &Form) -> Answer {
    let way = ctx.parameter("way");
    match ctx.at_desk(|visit| ctx.site.desk.begin(way, visit))? {
        Ok(challenge) => Ok(json(&challenge)),
        Err(refused) => Err(Fault::new(StatusCode::CONFLICT, refused.code())),
    }
}

/// Any step by any way.
pub(in crate::http) fn sign_in(ctx: &Ctx, form: &Form) -> Answer {
    let way = match form.get("way") {
        "" => PASSWORD,
        way => way,
    };
    let taken = ctx.at_desk(|visit| ctx.site.desk.take(way, visit, &|name| form.get(name)))?;
    let (login, next) = (form.get("login").to_owned(), form.get("next").to_owned());
    match taken {
        Ok(Step::Done(account)) => {
            begin(ctx, account)?;
            match application(ctx, &next) {
                Some(address) => go_on(ctx, address),
                None => Ok(redirect(local_path(&next).unwrap_or("/"))),
            }
        }
        Ok(Step::Second) => step(ctx, login, next, None),
        Err(refused) => {
            let refused = super::sentence(ctx.lang, refused.code(), &[]);
            let mut response = step(ctx, login, next, Some(refused))?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

/// The application behind a proxy from which this browser was sent here, where the configuration names it.
fn application<'a>(ctx: &Ctx, next: &'a str) -> Option<&'a str> {
    let named = ctx.site.options.is_application_address(next);
    named.then_some(next)
}

/// Leads to an application by a page: under `form-action` no form leads to another origin.
fn go_on(ctx: &Ctx, address: &str) -> Answer {
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.path = "/".to_owned();
    // Of the session before this one, where there was one.
    frame.signed_in = None;
    frame.ledger = None;
    let mut response = html(signed_in(&frame, address));
    let refresh = format!("0; url={address}");
    let refresh = HeaderValue::from_str(&refresh).map_err(Fault::internal)?;
    response.headers_mut().insert(header::REFRESH, refresh);
    Ok(response)
}

/// The page for the step that this browser has come to.
fn step(ctx: &Ctx, login: String, next: String, refusal: Option<String>) -> Answer {
    let offers = ctx.at_desk(|visit| ctx.site.desk.page(visit))?;
    let view = SignIn {
        csrf: ctx.csrf()?,
        login,
        next,
        refusal,
        second: ctx.site.desk.second_is_wanted(ctx.browser()?, ctx.now),
        offers: offers.map_err(Fault::internal)?,
    };
    Ok(html(page(&ctx.frame(Place::Elsewhere), &view)))
}

/// Lets an account in that a link or a new password stands for: its second factor, where it has
/// one, is asked for here as after a password.
pub(in crate::http) fn enter(ctx: &Ctx, account: AccountId) -> Answer {
    let (desk, books) = (&ctx.site.desk, ctx.site.books());
    if desk.ask_second(books, ctx.browser()?, account, ctx.now)? {
        return step(ctx, String::new(), String::new(), None);
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
        ctx.site.app.access().touch();
    }
    let person = ctx.site.app.world().person_of_account(account);
    if let Some(person) = person {
        language::follow(ctx, &person.to_string())?;
    }
    let token = session::begin(accounts, account, ctx.now)?;
    ctx.end_cookie("browser");
    ctx.set_cookie("session", &token.text());
    Ok(())
}

pub(in crate::http) fn sign_out(ctx: &Ctx, _: &Form) -> Answer {
    if let Some(live) = &ctx.session {
        ctx.site.app.accounts().end_session(live.token)?;
        ctx.site.app.access().touch();
        ctx.site.desk.offers.end(live.token);
    }
    ctx.end_cookie("session");
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.signed_in = None;
    frame.ledger = None;
    let mut response = html(signed_out(&frame));
    // What this browser kept of the pages goes too.
    let clear = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}
