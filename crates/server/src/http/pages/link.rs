//! One-time links. Opening one shows a page; only the button uses it up, so that programs that
//! look at links beforehand do not.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::id::AccountId;
use sekisho_messages::{t, text};
use sekisho_store::accounts::Link;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{account, set_up, sign_in};
use crate::console::components::{csrf_field, submit};
use crate::console::layout::{Place, heading, page};
use crate::identity::link::Purpose;
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
    let lang = ctx.lang;
    let title = text(lang, format!("setup.link.{}", purpose.code()), &[]);
    let lead = text(lang, format!("setup.link.{}_lead", purpose.code()), &[]);
    let csrf = ctx.csrf()?;
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (lead) }))
        form method="post" action={ "/link/" (token.text()) } class="form" {
            (csrf_field(&csrf))
            @if purpose == Purpose::ChoosePassword { (account::new_password(lang, None)) }
            (submit(&t!(lang, "setup.link.do")))
        }
    };
    // The token stands in the path: no link of this page may carry it on.
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.path = "/".to_owned();
    Ok(html(page(&frame, &title, &main)))
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
            let hash = match account::hashed(ctx, account, form) {
                Ok(hash) => hash,
                Err(sentence) => return account::choose_again(ctx, &token, &sentence),
            };
            accounts
                .use_link(token.hash(), purpose.code(), now)?
                .ok_or_else(gone)?;
            accounts.set_password(&account.to_string(), &hash)?;
            sign_in::enter(ctx, account)
        }
    }
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
