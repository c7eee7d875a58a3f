//! The people whom the reader may know by name.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::id::PersonId;
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::organisation::somewhere;
use super::{localised, unit_name};
use crate::console::components::{
    Column, Field, Input, Pages, cell, empty_state, field, pagination, row_header, table,
};
use crate::console::layout::{Place, heading, page, percent_encode};

/// People on one page of the list.
const PER_PAGE: usize = 50;

/// What a name is looked for by: kana and name, without regard to case and blanks.
fn folded(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

/// The people who fit what is looked for, by reading.
fn found(ctx: &Ctx, looked_for: &str) -> Vec<(String, String, PersonId)> {
    let ids: Vec<PersonId> = ctx.site.app.world().people.keys().copied().collect();
    let mut people = Vec::new();
    for id in ids {
        if !ctx.may(Action::ReadDirectory, Subject::Person(id)) {
            continue;
        }
        let directory = ctx.site.app.directory();
        let Some(known) = directory.get(id) else {
            // A forgotten person has no name to be found by; the page is reached from the ledger.
            continue;
        };
        let name = known.name.ja.as_str().to_owned();
        let kana = known.name.kana.as_ref().map_or("", |kana| kana.as_str());
        let en = known.name.en.as_ref().map_or("", |en| en.as_str());
        if [name.as_str(), kana, en]
            .into_iter()
            .any(|text| folded(text).contains(looked_for))
        {
            let key = if kana.is_empty() {
                name.clone()
            } else {
                kana.to_owned()
            };
            people.push((key, name, id));
        }
    }
    people.sort();
    people
}

/// What the list says of a person besides the name: unit, posts, account.
fn row(ctx: &Ctx, columns: &[Column; 4], name: &str, id: PersonId) -> Vec<Markup> {
    let lang = ctx.lang;
    let [of_name, of_unit, of_posts, of_account] = columns;
    let world = ctx.site.app.world();
    let unit = world.people.get(&id).map(|unit| unit_name(&world, *unit));
    let posts: Vec<_> = world
        .posts_held(id, ctx.now)
        .map(|(_, post)| localised(&post.title))
        .collect();
    let account = world.accounts.values().any(|a| a.person == id && !a.closed);
    vec![
        row_header(
            of_name,
            &markup! { a href={ "/organisation/people/" (id) } { (name) } },
        ),
        cell(
            of_unit,
            &markup! { @if let Some(unit) = unit { (unit.show(lang)) } },
        ),
        cell(
            of_posts,
            &markup! {
                @if posts.is_empty() { span class="muted" { "–" } }
                @for (n, title) in posts.iter().enumerate() { @if n > 0 { " / " } (title.show(lang)) }
            },
        ),
        cell(
            of_account,
            &markup! {
                @if account { (t!(lang, "people.account_open")) }
                @else { span class="muted" { (t!(lang, "people.account_none")) } }
            },
        ),
    ]
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    if !somewhere(ctx, Action::ReadDirectory) {
        return Err(Fault::denied(Denied::NoAuthority, Action::ReadDirectory));
    }
    let lang = ctx.lang;
    let asked = ctx.query("q").unwrap_or_default();
    let people = found(ctx, &folded(&asked));
    let number: usize = ctx.query("page").and_then(|n| n.parse().ok()).unwrap_or(1);
    let last = people.len().div_ceil(PER_PAGE).max(1);
    let first = (number.clamp(1, last) - 1) * PER_PAGE;
    let columns = [
        Column::text(t!(lang, "people.name")),
        Column::text(t!(lang, "domain.unit")),
        Column::text(t!(lang, "domain.post")),
        Column::text(t!(lang, "people.account")),
    ];
    let shown = people.iter().skip(first).take(PER_PAGE);
    let rows: Vec<Vec<Markup>> = shown
        .map(|(_, name, id)| row(ctx, &columns, name, *id))
        .collect();
    let href = |n: usize| format!("/organisation/people?q={}&page={n}", percent_encode(&asked));
    let here = first / PER_PAGE + 1;
    let pages = (people.len() > PER_PAGE).then(|| Pages {
        previous: (here > 1).then(|| href(here - 1)),
        next: (here < last).then(|| href(here + 1)),
        first: first as u64 + 1,
        last: (first + rows.len()) as u64,
        total: people.len() as u64,
    });
    let trail = [(
        t!(lang, "domain.organisation").into_owned(),
        "/organisation".to_owned(),
    )];
    let title = t!(lang, "people.list");
    let main = markup! {
        (heading(&trail, &markup! { (title) }, &markup! { (t!(lang, "people.list_lead")) }))
        @if somewhere(ctx, Action::IssueAccount) {
            p { a href="/organisation/accounts" { (t!(lang, "accounts.title")) } }
        }
        form method="get" action="/organisation/people" class="search" role="search" {
            (field(lang, &Field {
                name: "q", label: t!(lang, "people.search"), support: None, required: false, input: Input::Text,
                value: &asked, error: None, autocomplete: "off", lang: None,
            }))
            button class="button button--secondary" type="submit" { (t!(lang, "people.search_do")) }
        }
        @if rows.is_empty() { (empty_state(&t!(lang, "people.none"), &t!(lang, "people.none_how"))) }
        @else { (table(&title, &columns, &rows)) }
        @if let Some(pages) = &pages { (pagination(lang, pages)) }
    };
    Ok(html(page(&ctx.frame(Place::Organisation), &title, &main)))
}
