//! The page of mail: how it leaves, and which letters wait, failed or left.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::PersonId;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};
use sekisho_store::StoreCode;
use sekisho_store::observations::{LetterEnd, LetterRow, LetterTally, LettersIn};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{person_name, sentence};
use crate::console::components::{
    Column, Tone, alert, cell, csrf_field, definitions, empty_state, instant, instant_with_age,
    row_header, table,
};
use crate::console::layout::{Place, heading, page};
use crate::mail::Letter;
use crate::reconcile::Failure;

/// Letters on one page.
const PER_PAGE: usize = 50;

/// What the list can be narrowed to, by its word in the address.
const VIEWS: [(&str, LettersIn); 5] = [
    ("waiting", LettersIn::Waiting),
    ("failing", LettersIn::Failing),
    ("given_up", LettersIn::Ended(LetterEnd::GivenUp)),
    ("no_address", LettersIn::Ended(LetterEnd::NoAddress)),
    ("sent", LettersIn::Ended(LetterEnd::Sent)),
];

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::HandleMail, Subject::Body)?;
    let asked = ctx.query("state").unwrap_or_default();
    let view = VIEWS.iter().find(|(word, _)| *word == asked);
    let before = ctx.query("before").and_then(|n| n.parse().ok());
    let observations = ctx.site.app.observations();
    let of = view.map_or(LettersIn::All, |(_, of)| *of);
    let mut rows = observations.letters(of, before.unwrap_or(i64::MAX), PER_PAGE + 1)?;
    let more = rows.len() > PER_PAGE;
    rows.truncate(PER_PAGE);
    let tally = observations.letter_tally()?;
    let lang = ctx.lang;
    let title = t!(lang, "mail.title");
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "mail.lead")) }))
        (relay(ctx))
        (views(lang, &tally, view.map(|(word, _)| *word)))
        @if rows.is_empty() {
            (empty_state(&t!(lang, "mail.none"), &t!(lang, "mail.none_how")))
        } @else {
            (letters(ctx, &rows)?)
        }
        @if more {
            @if let Some(last) = rows.last() {
                nav class="pages" aria-label=(t!(lang, "console.pages.label")) {
                    a class="button button--secondary" rel="next"
                        href={ "/mail?state=" (view.map_or("", |(word, _)| word)) "&before=" (last.id) } {
                        (t!(lang, "console.pages.next"))
                    }
                }
            }
        }
    };
    Ok(html(page(&ctx.frame(Place::Mail), &title, &main)))
}

/// How mail leaves; what to do where it does not.
fn relay(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let Some(mail) = &ctx.site.options.mail else {
        let body = markup! { p { (t!(lang, "error.mail.not-configured.todo")) } };
        return alert(Tone::Warning, &t!(lang, "mail.not_configured"), &body);
    };
    let security = text(lang, format!("mail.security.{}", mail.security.code()), &[]);
    definitions(&[
        (t!(lang, "mail.relay"), markup! { code { (mail.relay) } }),
        (t!(lang, "mail.line"), markup! { (security) }),
        (t!(lang, "mail.from"), markup! { code { (mail.from) } }),
        (
            t!(lang, "mail.signs_in"),
            markup! {
                @match &mail.user {
                    Some(user) => { code { (user) } },
                    None => { (t!(lang, "mail.signs_in_no")) },
                }
            },
        ),
    ])
}

/// How many letters stand how, each a link that narrows the list.
fn views(lang: Lang, tally: &LetterTally, chosen: Option<&str>) -> Markup {
    let count = |word: &str| match word {
        "waiting" => tally.waiting + tally.failing,
        "failing" => tally.failing,
        other => {
            let end = LetterEnd::ALL.iter().position(|end| end.code() == other);
            end.map_or(0, |index| tally.ended[index])
        }
    };
    markup! {
        nav class="filters" aria-label=(t!(lang, "mail.narrow")) {
            a class="filter" href="/mail" aria-current=[chosen.is_none().then_some("page")] {
                (t!(lang, "mail.state.all"))
            }
            @for (word, _) in VIEWS {
                a class="filter" href={ "/mail?state=" (word) }
                    aria-current=[(chosen == Some(word)).then_some("page")] {
                    (text(lang, format!("mail.state.{word}"), &[])) " " span class="num" { (count(word)) }
                }
            }
        }
    }
}

fn letters(ctx: &Ctx, rows: &[LetterRow]) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "mail.letter")),
        Column::text(t!(lang, "mail.to")),
        Column::text(t!(lang, "mail.queued")),
        Column::text(t!(lang, "mail.stands")),
    ];
    let csrf = ctx.live()?.csrf();
    let shown: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            let queued = Timestamp::from_millis(row.queued_at);
            vec![
                row_header(&columns[0], &subject(ctx, row)),
                cell(&columns[1], &reader(ctx, row)),
                cell(&columns[2], &instant_with_age(lang, queued, ctx.now)),
                cell(&columns[3], &standing(ctx, row, &csrf)),
            ]
        })
        .collect();
    Ok(table(&t!(lang, "mail.title"), &columns, &shown))
}

fn subject(ctx: &Ctx, row: &LetterRow) -> Markup {
    let letter: Option<Letter> = serde_json::from_value(row.payload.clone()).ok();
    markup! {
        @match letter {
            Some(letter) => {
                a href=(letter.path()) {
                    (text(ctx.lang, format!("mail.letter.{}", letter.kind()), &[]))
                }
            },
            None => { code { (row.key) } },
        }
    }
}

/// The reader's name, for those who may read it.
fn reader(ctx: &Ctx, row: &LetterRow) -> Markup {
    let id: Option<PersonId> = row.person.parse().ok();
    let named = id.filter(|id| ctx.may(Action::ReadDirectory, Subject::Person(*id)));
    let name = named.and_then(|id| person_name(ctx, id));
    markup! { (name.unwrap_or_else(|| row.person.clone())) }
}

fn standing(ctx: &Ctx, row: &LetterRow, csrf: &str) -> Markup {
    let lang = ctx.lang;
    let failure = row.last_error.as_deref().map(Failure::from_line);
    let why = failure.map(|failure| {
        let detail = [("detail", failure.detail.as_str().into())];
        sentence(lang, &failure.code, &detail)
    });
    let again = match row.ended {
        None => row.attempts > 0,
        Some((_, end)) => matches!(end, LetterEnd::GivenUp | LetterEnd::NoAddress),
    };
    markup! {
        @match (row.ended, row.attempts) {
            (Some((at, end)), _) => {
                (text(lang, format!("mail.state.{}", end.code()), &[])) " "
                (instant(lang, Timestamp::from_millis(at)))
            },
            (None, 0) => { (t!(lang, "mail.state.waiting")) },
            (None, n) => {
                (t!(lang, "mail.failed", n = n)) " "
                @if let Some(due) = row.due_at {
                    (t!(lang, "mail.next")) " " (instant(lang, Timestamp::from_millis(due)))
                }
            },
        }
        @if let Some(why) = why.filter(|_| !matches!(row.ended, Some((_, LetterEnd::Sent)))) {
            p class="muted" { (why) }
        }
        @if again {
            form method="post" action={ "/mail/" (row.id) "/again" } {
                (csrf_field(csrf))
                button class="button button--secondary" type="submit" { (t!(lang, "mail.again")) }
            }
        }
    }
}

/// Has a letter tried at once.
pub(in crate::http) fn again(ctx: &Ctx, _: &Form) -> Answer {
    ctx.gate(Action::HandleMail, Subject::Body)?;
    let id: i64 = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let tried = ctx
        .site
        .app
        .observations()
        .letter_again(id, ctx.now.as_millis());
    match tried {
        Err(error) if error.kind() == StoreCode::Unknown => {
            return Err(Fault::new(StatusCode::NOT_FOUND, "http.not-found"));
        }
        other => other?,
    }
    ctx.site.app.wake_followers();
    Ok(redirect("/mail"))
}
