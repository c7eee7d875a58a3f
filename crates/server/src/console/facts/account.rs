//! Local accounts and sign-ins.

use maud::{Markup, html};
use sekisho_domain::fact::{AccountFact, Accounts, RecentLogins};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::{judged, stated};
use crate::console::components::{
    Column, cell, instant, instant_with_age, row_header, table, yes_no,
};

fn password(lang: Lang, account: &AccountFact) -> Markup {
    match (account.empty_password, account.has_password) {
        (Some(true), _) => judged(false, &t!(lang, "fact.password_empty")),
        (_, Some(true)) => html! { (t!(lang, "fact.password_set")) },
        (_, Some(false)) => html! { (t!(lang, "fact.password_locked")) },
        (_, None) => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
    }
}

pub(super) fn accounts(lang: Lang, fact: &Accounts) -> Markup {
    let name = Column::text(t!(lang, "fact.account"));
    let uid = Column::number("UID");
    let login = Column::text(t!(lang, "fact.can_login"));
    let secret = Column::text(t!(lang, "fact.password"));
    let admin = Column::text(t!(lang, "fact.administrator"));
    let rows: Vec<Vec<Markup>> = fact
        .accounts
        .iter()
        .map(|account| {
            vec![
                row_header(&name, &html! { code { (account.name) } }),
                cell(&uid, &html! { (account.uid) }),
                cell(&login, &yes_no(lang, Some(account.can_login))),
                cell(&secret, &password(lang, account)),
                cell(&admin, &yes_no(lang, Some(account.administrator))),
            ]
        })
        .collect();
    table(
        &t!(lang, "fact.kind.accounts"),
        &[name, uid, login, secret, admin],
        &rows,
    )
}

pub(super) fn logins(lang: Lang, fact: &RecentLogins, now: Timestamp) -> Markup {
    let when = Column::text(t!(lang, "fact.login_at"));
    let user = Column::text(t!(lang, "fact.account"));
    let line = Column::text(t!(lang, "fact.login_line"));
    let from = Column::text(t!(lang, "fact.login_from"));
    let rows: Vec<Vec<Markup>> = fact
        .logins
        .iter()
        .map(|login| {
            let origin = if login.from.is_empty() {
                html! { (t!(lang, "fact.login_local")) }
            } else {
                html! { code { (login.from) } }
            };
            vec![
                row_header(&when, &instant_with_age(lang, login.at, now)),
                cell(&user, &html! { code { (login.user) } }),
                cell(&line, &stated(Some(&login.line))),
                cell(&from, &origin),
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p { (t!(lang, "fact.no_logins")) } }
        @else { (table(&t!(lang, "fact.kind.recent_logins"), &[when, user, line, from], &rows)) }
        @if let Some(since) = fact.since {
            p class="small muted" { (t!(lang, "fact.record_since")) (t!(lang, "console.colon")) (instant(lang, since)) }
        }
    }
}
