//! The people whom the reader may know by name.

use std::collections::HashSet;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied};
use sekisho_domain::id::PersonId;
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::organisation::somewhere;
use super::person::shown_name;
use super::register::import::place::files;
use super::register::list::address;
use super::register::referents::folded_words;
use super::register::sight::Sight;
use super::{localised, unit_name};
use crate::app::shelves::{Cursor, Page, Query, Row};
use crate::console::components::{
    Column, Field, Input, Pages, cell, empty_state, field, pagination, row_header, table,
};
use crate::console::layout::{Place, heading, page};
use crate::tables::TableOf;

/// People on one page of the list.
const PER_PAGE: usize = 50;

/// The people who fit what is looked for, by reading. The forgotten have no name to be found by; their
/// pages are reached from the ledger.
fn found(ctx: &Ctx, looked_for: &str, left: bool, cursor: &Cursor) -> Result<Page, Fault> {
    let sight = Sight::of_people(ctx)?;
    let words = folded_words(looked_for);
    let query = Query {
        words: &words,
        retired: left,
        ..Query::default()
    };
    let shelves = ctx.site.app.shelves();
    let sees = |row: &Row| sight.sees(row);
    Ok(shelves.people().find(&query, &sees, cursor, PER_PAGE))
}

/// What the list says of a person besides the name: unit, posts, account.
fn row(ctx: &Ctx, columns: &[Column; 4], id: PersonId, account: bool) -> Vec<Markup> {
    let name = shown_name(ctx, id);
    let lang = ctx.lang;
    let [of_name, of_unit, of_posts, of_account] = columns;
    let world = ctx.site.app.world();
    let unit = world.people.get(&id).map(|unit| unit_name(&world, *unit));
    let posts: Vec<_> = world
        .posts_held(id, ctx.now)
        .map(|(_, post)| localised(&post.title))
        .collect();
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

/// Those of a page who have an account, found in one passage over all accounts.
fn with_account(ctx: &Ctx, ids: &[PersonId]) -> HashSet<PersonId> {
    let world = ctx.site.app.world();
    let with = ids.iter().copied();
    with.filter(|person| world.has_open_account(*person))
        .collect()
}

/// The pages before and after.
fn pages(found: &Page, asked: &str, left: bool) -> Option<Pages> {
    let (first, last) = found.ids.first().zip(found.ids.last())?;
    if found.total <= found.ids.len() {
        return None;
    }
    let state = if left { "left" } else { "" };
    let href = |name: &str, id: &String| {
        let pairs = [("q", asked), ("state", state), (name, id.as_str())];
        address("/organisation/people", &pairs)
    };
    let end = found.before + found.ids.len();
    Some(Pages {
        previous: (found.before > 0).then(|| href("before", first)),
        next: (end < found.total).then(|| href("after", last)),
        first: found.before as u64 + 1,
        last: end as u64,
        total: found.total as u64,
    })
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    if !somewhere(ctx, Action::ReadDirectory) {
        return Err(Fault::denied(Denied::NoAuthority, Action::ReadDirectory));
    }
    let lang = ctx.lang;
    let asked = ctx.query("q").unwrap_or_default();
    let get = |name: &str| ctx.query(name).filter(|id| !id.is_empty());
    let cursor = match (get("after"), get("before")) {
        (Some(after), _) => Cursor::After(after),
        (None, Some(before)) => Cursor::Before(before),
        (None, None) => Cursor::Start,
    };
    let left = ctx.query("state").as_deref() == Some("left");
    let found = found(ctx, &asked, left, &cursor)?;
    let columns = [
        Column::text(t!(lang, "people.name")),
        Column::text(t!(lang, "domain.unit")),
        Column::text(t!(lang, "domain.post")),
        Column::text(t!(lang, "people.account")),
    ];
    let ids: Vec<PersonId> = found.ids.iter().filter_map(|id| id.parse().ok()).collect();
    let with_account = with_account(ctx, &ids);
    let rows: Vec<Vec<Markup>> = ids
        .iter()
        .map(|id| row(ctx, &columns, *id, with_account.contains(id)))
        .collect();
    let pages = pages(&found, &asked, left);
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
        (files(ctx, TableOf::People))
    };
    Ok(html(page(&ctx.frame(Place::Organisation), &title, &main)))
}
