//! The list of a register.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::Denied;
use sekisho_domain::field::FieldKind;
use sekisho_domain::register::{Entry, EntryId, Register};
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::referents::{Things, folded_words, unit_called};
use super::sight::Sight;
use super::{asked, entry_path, name, path, title, trail, words};
use crate::app::shelves::{Columns, Cursor, Page, Query, columns};
use crate::console::components::{Column, Pages, age, cell, row_header};
use crate::console::fields::show as show_value;
use crate::console::layout::{Place, percent_encode};
use crate::console::register::{Filter, Head, LinkTo, ListView, States, list_page};
use crate::tables::TableOf;

/// Entries on one page of the list.
const PER_PAGE: usize = 50;

/// How the list is asked for.
struct Asked {
    register: Register,
    query: String,
    /// The chosen code of each field to filter by; empty for all.
    facets: Vec<String>,
    column: usize,
    descending: bool,
    retired: bool,
    cursor: Cursor,
}

impl Asked {
    fn of(ctx: &Ctx, register: Register) -> Self {
        let Columns {
            sorted,
            facets,
            newest_first,
            ..
        } = columns(register);
        let get = |name: &str| ctx.query(name).unwrap_or_default();
        let sort = get("sort");
        let by = sorted.iter().position(|code| *code == sort);
        let written = sort == "written" || (by.is_none() && newest_first);
        let column = by.unwrap_or(if written { sorted.len() } else { 0 });
        let descending = match get("order").as_str() {
            "down" => true,
            "up" => false,
            _ => written,
        };
        let cursor = match (get("after"), get("before")) {
            (after, _) if !after.is_empty() => Cursor::After(after),
            (_, before) if !before.is_empty() => Cursor::Before(before),
            _ => Cursor::Start,
        };
        Self {
            register,
            query: get("q"),
            facets: facets.iter().map(|code| get(code)).collect(),
            column,
            descending,
            retired: get("state") == "retired",
            cursor,
        }
    }

    /// The address of the list with something else asked for.
    fn href(&self, changes: &[(&str, &str)]) -> String {
        let Columns { sorted, facets, .. } = columns(self.register);
        let sort = sorted.get(self.column).copied().unwrap_or("written");
        let order = if self.descending { "down" } else { "up" };
        let state = if self.retired { "retired" } else { "" };
        let mut pairs = vec![
            ("q", self.query.as_str()),
            ("state", state),
            ("sort", sort),
            ("order", order),
        ];
        pairs.extend(
            facets
                .iter()
                .copied()
                .zip(self.facets.iter().map(String::as_str)),
        );
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        address(&path(self.register), &pairs)
    }
}

/// A path with a query of what is not empty.
pub(in crate::http) fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut sign = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(sign);
        out.push_str(&format!("{name}={}", percent_encode(value)));
        sign = '&';
    }
    out
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let register = asked(ctx)?;
    let sight = Sight::of_register(ctx, register)?;
    let asked = Asked::of(ctx, register);
    let words_of = folded_words(&asked.query);
    let facets = chosen(&asked);
    let query = Query {
        words: &words_of,
        column: asked.column,
        descending: asked.descending,
        retired: asked.retired,
        facets: &facets,
    };
    let (found, counts) = {
        let shelves = ctx.site.app.shelves();
        let shelf = shelves.register(register);
        let found =
            shelf.map(|shelf| shelf.find(&query, &|row| sight.sees(row), &asked.cursor, PER_PAGE));
        let counts = shelf.map(|shelf| shelf.count(&|row| sight.sees(row)));
        (found.unwrap_or_default(), counts.unwrap_or_default())
    };
    let view = view(ctx, &asked, &found, counts);
    Ok(html(list_page(
        &ctx.frame(Place::Register(register)),
        &view,
    )))
}

/// The entries in use that the list is narrowed to; none where it is not narrowed.
pub(super) fn filtered(ctx: &Ctx, register: Register, sight: &Sight) -> Option<Vec<EntryId>> {
    let asked = Asked::of(ctx, register);
    let words = folded_words(&asked.query);
    let facets = chosen(&asked);
    if words.is_empty() && facets.is_empty() {
        return None;
    }
    let query = Query {
        words: &words,
        facets: &facets,
        ..Query::default()
    };
    let shelves = ctx.site.app.shelves();
    let shelf = shelves.register(register)?;
    let sees = |row: &crate::app::shelves::Row| sight.sees(row);
    let found = shelf.find(&query, &sees, &Cursor::Start, usize::MAX);
    Some(found.ids.iter().filter_map(|id| id.parse().ok()).collect())
}

/// The list as files, as it is narrowed; what is not in use is not exported.
fn files(ctx: &Ctx, asked: &Asked, any: bool) -> Vec<(String, String)> {
    if asked.retired || !any {
        return Vec::new();
    }
    let facets = columns(asked.register).facets;
    let href = |format: &str, codes: &str| {
        let mut pairs = vec![
            ("format", format),
            ("q", asked.query.as_str()),
            ("codes", codes),
        ];
        pairs.extend(
            facets
                .iter()
                .copied()
                .zip(asked.facets.iter().map(String::as_str)),
        );
        address(&format!("{}/export", path(asked.register)), &pairs)
    };
    let lang = ctx.lang;
    vec![
        (t!(lang, "tables.as_xlsx").into_owned(), href("xlsx", "")),
        (t!(lang, "tables.as_csv").into_owned(), href("csv", "")),
        (
            t!(lang, "tables.as_cp932").into_owned(),
            href("csv-cp932", ""),
        ),
        (t!(lang, "tables.as_codes").into_owned(), href("csv", "1")),
    ]
}

/// The fields of choices that are chosen, as the shelf knows them.
fn chosen(asked: &Asked) -> Vec<(usize, u8)> {
    let facets = columns(asked.register).facets;
    let place = |(index, code): (usize, &String)| {
        let codes = choices(asked.register, facets[index]);
        let at = codes.iter().position(|known| known == code)?;
        Some((index, u8::try_from(at).ok()?))
    };
    asked.facets.iter().enumerate().filter_map(place).collect()
}

fn choices(register: Register, code: &str) -> &'static [&'static str] {
    let field = register.fields().iter().find(|field| field.code == code);
    match field.map(|field| field.kind) {
        Some(FieldKind::Choice(codes)) => codes,
        _ => &[],
    }
}

fn view(ctx: &Ctx, asked: &Asked, found: &Page, counts: (usize, usize)) -> ListView {
    let (lang, register) = (ctx.lang, asked.register);
    let nothing_asked = asked.query.is_empty() && asked.facets.iter().all(String::is_empty);
    let empty = if nothing_asked && !asked.retired {
        (
            words(register).empty(lang).into_owned(),
            t!(lang, "register.empty_how").into_owned(),
        )
    } else {
        (
            t!(lang, "register.not_found").into_owned(),
            t!(lang, "register.not_found_how").into_owned(),
        )
    };
    ListView {
        trail: vec![trail(lang, register).swap_remove(0)],
        title: name(lang, register),
        lead: words(register).lead(lang).into_owned(),
        path: path(register),
        links: links(ctx, register, counts),
        note: super::state::note(ctx, register),
        query: asked.query.clone(),
        filters: filters(ctx, asked),
        kept: [("state", if asked.retired { "retired" } else { "" })]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        states: Some(States {
            list: vec![
                (
                    t!(lang, "register.active").into_owned(),
                    asked.href(&[("state", "")]),
                    counts.0,
                    !asked.retired,
                ),
                (
                    t!(lang, "register.retired").into_owned(),
                    asked.href(&[("state", "retired")]),
                    counts.1,
                    asked.retired,
                ),
            ],
        }),
        heads: heads(ctx, asked),
        rows: rows(ctx, register, &found.ids),
        pages: pages(asked, found),
        files: files(ctx, asked, found.total > 0),
        total: found.total,
        empty,
    }
}

/// Whether the reader may enter something into a register, for one unit at least.
pub(in crate::http::pages) fn may_enter(ctx: &Ctx, register: Register) -> bool {
    let Ok(actor) = ctx.actor() else { return false };
    let whole = sekisho_domain::authorise::Subject::Body;
    let answer = ctx.site.app.authorise(&actor, register.enter(), whole);
    !matches!(answer, Err(Denied::NoAuthority))
}

fn links(ctx: &Ctx, register: Register, counts: (usize, usize)) -> Vec<LinkTo> {
    let lang = ctx.lang;
    let mut list = Vec::new();
    if may_enter(ctx, register) {
        list.push(LinkTo {
            label: words(register).to_enter(lang).into_owned(),
            href: format!("{}/new", path(register)),
            primary: true,
        });
    }
    if let Some(href) = super::import::open_at(ctx, TableOf::Register(register)) {
        list.push(LinkTo {
            label: t!(lang, "tables.import").into_owned(),
            href,
            primary: false,
        });
    }
    if counts.0 == 0 && ctx.may(register.keep(), sekisho_domain::authorise::Subject::Body) {
        list.push(LinkTo {
            label: t!(lang, "register.declare_empty").into_owned(),
            href: format!("{}/empty", path(register)),
            primary: false,
        });
    }
    list
}

fn filters(ctx: &Ctx, asked: &Asked) -> Vec<Filter> {
    let register = asked.register;
    let facets = columns(register).facets.iter().zip(&asked.facets);
    facets
        .map(|(code, chosen)| Filter {
            name: (*code).to_owned(),
            label: words(register).label(ctx.lang, code).into_owned(),
            choices: choices(register, code)
                .iter()
                .map(|choice| {
                    let word = words(register).choice(ctx.lang, code, choice);
                    ((*choice).to_owned(), word.into_owned())
                })
                .collect(),
            chosen: chosen.clone(),
        })
        .collect()
}

fn heads(ctx: &Ctx, asked: &Asked) -> Vec<Head> {
    let (lang, register) = (ctx.lang, asked.register);
    let Columns { shown, sorted, .. } = columns(register);
    let sort = |column: usize, code: &str| {
        let here = asked.column == column;
        let order = if here && !asked.descending {
            "down"
        } else {
            "up"
        };
        let href = asked.href(&[("sort", code), ("order", order)]);
        (href, here.then_some(!asked.descending))
    };
    let head = |code: &&str| Head {
        label: words(register).label(lang, code).into_owned(),
        sort: sorted
            .iter()
            .position(|known| known == code)
            .map(|column| sort(column, code)),
    };
    let mut list: Vec<Head> = shown.iter().map(head).collect();
    list.push(Head {
        label: words(register).label(lang, "unit").into_owned(),
        sort: None,
    });
    list.push(Head {
        label: t!(lang, "register.written").into_owned(),
        sort: Some(sort(sorted.len(), "written")),
    });
    list
}

fn rows(ctx: &Ctx, register: Register, ids: &[String]) -> Vec<Vec<Markup>> {
    let entries: Vec<Entry> = {
        let world = ctx.site.app.world();
        ids.iter()
            .filter_map(|id| id.parse::<EntryId>().ok())
            .filter_map(|id| world.registers.entry(id).cloned())
            .collect()
    };
    entries
        .iter()
        .map(|entry| row(ctx, register, entry))
        .collect()
}

fn row(ctx: &Ctx, register: Register, entry: &Entry) -> Vec<Markup> {
    let lang = ctx.lang;
    let things = Things { ctx };
    let values = entry.particulars.values();
    let mut cells = Vec::new();
    for (index, code) in columns(register).shown.iter().enumerate() {
        let Some(field) = register.fields().iter().find(|field| field.code == *code) else {
            continue;
        };
        let column = Column::text(words(register).label(lang, code));
        if index == 0 {
            let called = title(lang, entry);
            let link = markup! { a href=(entry_path(register, entry.id)) { (called) } };
            cells.push(row_header(&column, &link));
        } else {
            let shown = show_value(lang, words(register), field, values.get(*code), &things);
            cells.push(cell(&column, &shown));
        }
    }
    let unit = {
        let world = ctx.site.app.world();
        let unit = world.unit_of_entry(entry.id, ctx.now);
        unit.map(|unit| unit_called(ctx, &world, unit))
    };
    let of_unit = Column::text(words(register).label(lang, "unit"));
    cells.push(cell(
        &of_unit,
        &markup! { @if let Some(unit) = unit { (unit) } @else { span class="muted" { "–" } } },
    ));
    let written = Column::text(t!(lang, "register.written"));
    cells.push(cell(&written, &written_at(ctx, entry.changed_at)));
    cells
}

fn written_at(ctx: &Ctx, at: Timestamp) -> Markup {
    age(ctx.lang, at, ctx.now)
}

fn pages(asked: &Asked, found: &Page) -> Option<Pages> {
    let (first, last) = (found.ids.first()?, found.ids.last()?);
    if found.total <= found.ids.len() {
        return None;
    }
    let end = found.before + found.ids.len();
    Some(Pages {
        previous: (found.before > 0).then(|| asked.href(&[("before", first)])),
        next: (end < found.total).then(|| asked.href(&[("after", last)])),
        first: found.before as u64 + 1,
        last: end as u64,
        total: found.total as u64,
    })
}
