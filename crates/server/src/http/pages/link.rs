//! One-time links. Opening one shows a page; only the button uses it up, so that programs that
//! look at links beforehand do not.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::id::AccountId;
use sekisho_messages::t;
use sekisho_store::accounts::Link;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{account, passkeys, person_name, sentence, set_up, sign_in};
use crate::console::components::{csrf_field, submit};
use crate::console::layout::{Frame, Place, heading, page};
use crate::console::passkey;
use crate::identity::link::Purpose;
use crate::identity::passkey::For;
use crate::identity::sign_in::is_open;
use crate::identity::token::Token;

/// Links that a browser opens.
const OPENED: [Purpose; 3] = [Purpose::SetUp, Purpose::SignIn, Purpose::ChoosePassword];

fn gone() -> Fault {
    Fault::new(StatusCode::GONE, "link.invalid")
}

fn find(ctx: &Ctx) -> Result<(Token, Purpose), Fault> {
    let token = Token::parse(ctx.parameter("token")).ok_or_else(gone)?;
    let now = ctx.now.as_millis();
    for purpose in OPENED {
        if ctx
            .site
            .app
            .accounts()
            .link(token.hash(), purpose.code(), now)?
            .is_some()
        {
            return Ok((token, purpose));
        }
    }
    Err(gone())
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let (token, purpose) = find(ctx)?;
    if purpose == Purpose::SetUp {
        return set_up::form(ctx, &token);
    }
    if purpose == Purpose::ChoosePassword {
        return choose(ctx, &token, None);
    }
    let lang = ctx.lang;
    let title = t!(lang, "setup.link.sign-in");
    let lead = t!(lang, "setup.link.sign-in_lead");
    let csrf = ctx.csrf()?;
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (lead) }))
        form method="post" action={ "/link/" (token.text()) } class="form" {
            (csrf_field(&csrf))
            (submit(&t!(lang, "setup.link.do")))
        }
    };
    Ok(html(page(&frame(ctx), &title, &main)))
}

/// The token stands in the path: no link of the page may carry it on, but to the same page at the
/// address where passkeys work.
fn frame(ctx: &Ctx) -> Frame {
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.path = "/".to_owned();
    frame
}

/// The choice of the first means of signing in: a passkey or a password.
fn choose(ctx: &Ctx, token: &Token, wrong: Option<&str>) -> Answer {
    let lang = ctx.lang;
    let title = t!(lang, "setup.link.choose-password");
    let lead = t!(lang, "setup.link.choose-password_lead");
    let csrf = ctx.csrf()?;
    let path = format!("/link/{}", token.text());
    let address = passkeys::address(ctx, &path);
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (lead) }))
        (passkey::first(lang, &address, &csrf, &path))
        form method="post" action=(path) class="form" {
            (csrf_field(&csrf))
            (account::new_password(lang, wrong))
            (submit(&t!(lang, "setup.link.do")))
        }
    };
    let mut response = html(page(&frame(ctx), &title, &main));
    if wrong.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// A challenge to make a key, for the holder of a link that stands for a new account.
pub(in crate::http) fn challenge(ctx: &Ctx, form: &Form) -> Answer {
    let (token, purpose) = find(ctx)?;
    let now = ctx.now.as_millis();
    let accounts = ctx.site.app.accounts();
    match purpose {
        Purpose::SetUp => set_up::challenge(ctx, form, &token),
        Purpose::ChoosePassword => {
            let link = accounts.link(token.hash(), purpose.code(), now)?;
            let account = account_of(ctx, &link.ok_or_else(gone)?)?;
            let known = accounts.get(&account.to_string())?.ok_or_else(gone)?;
            let person = ctx.site.app.world().person_of_account(account);
            let name = person.and_then(|person| person_name(ctx, person));
            let whom = For {
                account,
                login: &known.login,
                name: name.as_deref().unwrap_or(&known.login),
            };
            passkeys::make(ctx, whom, token.hash())
        }
        Purpose::SignIn | Purpose::Enrol => Err(gone()),
    }
}

pub(in crate::http) fn take(ctx: &Ctx, form: &Form) -> Answer {
    let (token, purpose) = find(ctx)?;
    let now = ctx.now.as_millis();
    let accounts = ctx.site.app.accounts();
    let peeked = accounts
        .link(token.hash(), purpose.code(), now)?
        .ok_or_else(gone)?;
    match purpose {
        Purpose::SetUp | Purpose::Enrol => Err(gone()),
        Purpose::SignIn => {
            let account = account_of(ctx, &peeked)?;
            accounts
                .use_link(token.hash(), purpose.code(), now)?
                .ok_or_else(gone)?;
            sign_in::enter(ctx, account)
        }
        Purpose::ChoosePassword => {
            let account = account_of(ctx, &peeked)?;
            if !form.get("credential").is_empty() {
                return take_passkey(ctx, form, &token, account);
            }
            let hash = match account::hashed(ctx, account, form) {
                Ok(hash) => hash,
                Err(sentence) => return choose(ctx, &token, Some(&sentence)),
            };
            accounts
                .use_link(token.hash(), purpose.code(), now)?
                .ok_or_else(gone)?;
            accounts.set_password(&account.to_string(), &hash)?;
            sign_in::enter(ctx, account)
        }
    }
}

/// The first passkey of an account, in place of a password.
fn take_passkey(ctx: &Ctx, form: &Form, token: &Token, account: AccountId) -> Answer {
    let (now, accounts) = (ctx.now, ctx.site.app.accounts());
    let made = ctx.site.desk.passkeys().finish_registration(
        &ctx.host,
        form.get("credential"),
        (token.hash(), now),
    );
    let made = match made {
        Ok(made) if made.account == account => made,
        Ok(_) => return Err(gone()),
        Err(error) => {
            let said = sentence(ctx.lang, error.code(), &[]);
            return choose(ctx, token, Some(&said));
        }
    };
    let purpose = Purpose::ChoosePassword.code();
    accounts
        .use_link(token.hash(), purpose, now.as_millis())?
        .ok_or_else(gone)?;
    // What the account asked for before this key, it still asks for.
    let (desk, books) = (&ctx.site.desk, ctx.site.books());
    let asks = desk.ask_second(books, ctx.browser()?, account, now)?;
    accounts.end_sessions(&account.to_string())?;
    ctx.site.app.access().touch();
    let name = t!(ctx.lang, "passkey.first_name");
    made.store(accounts, &name, now).map_err(passkeys::fault)?;
    if asks {
        return sign_in::enter(ctx, account);
    }
    sign_in::begin(ctx, account)?;
    Ok(redirect("/"))
}

fn account_of(ctx: &Ctx, link: &Link) -> Result<AccountId, Fault> {
    let account = link
        .account
        .as_deref()
        .and_then(|id| id.parse::<AccountId>().ok());
    account
        .filter(|account| is_open(&ctx.site.app.world(), *account))
        .ok_or_else(gone)
}
