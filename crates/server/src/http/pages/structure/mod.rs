//! People, units and posts as registers: lists, single ones with their history, and what changes
//! them. Units are dated, so every change says from which day it holds.

mod ask;
pub(in crate::http) mod moves;
pub(in crate::http) mod person;
pub(in crate::http) mod post;
pub(in crate::http) mod unit;
pub(in crate::http) mod units;

use maud::{Markup, html as markup};
use sekisho_domain::arrival::decode_arrivals;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::{BlobRef, Event};
use sekisho_domain::id::UnitId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{day, t, text};

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use super::register::history::who;
use super::register::referents::{called, unit_called};
use crate::console::fields::FieldChange;
use crate::console::layout::Place;
use crate::console::register::Change;

/// The newest changes that a page shows.
const MOST: usize = 50;

/// The records that speak of a person, unit or post, the newest first.
fn history(ctx: &Ctx, id: &str) -> Result<Vec<Change>, Fault> {
    let linked = ctx.may(Action::ReadLedger, Subject::Body);
    let numbers = ctx.site.app.index().about(id, MOST);
    let mut list = Vec::new();
    for (record, stored) in ctx.site.app.records(&numbers)? {
        let (kind, _) = stored.event.kind();
        list.push(Change {
            at: stored.recorded_at,
            record,
            linked,
            what: text(ctx.lang, format!("domain.event.{kind}"), &[]).into_owned(),
            who: who(ctx, &stored.actor),
            fields: details(ctx, id, &stored.event),
            said: None,
        });
    }
    list.reverse();
    Ok(list)
}

/// The same as markup, for a page of its own make.
pub(in crate::http) fn history_of(ctx: &Ctx, id: &str) -> Result<Markup, Fault> {
    let list = history(ctx, id)?;
    Ok(crate::console::register::history(
        &ctx.frame(Place::Organisation),
        &list,
    ))
}

/// What a record says besides what happened.
fn details(ctx: &Ctx, id: &str, event: &Event) -> Vec<FieldChange> {
    let lang = ctx.lang;
    let one = |label: std::borrow::Cow<'static, str>, value: String| FieldChange {
        label: label.into_owned(),
        before: None,
        after: Some(markup! { (value) }),
    };
    let from = |at: Timestamp| one(t!(lang, "people.from"), day(lang, at));
    let last = |until: Timestamp| {
        one(
            t!(lang, "people.until"),
            day(lang, until.before(Span::millis(1))),
        )
    };
    let unit = |id| {
        let world = ctx.site.app.world();
        unit_called(ctx, &world, id)
    };
    match event {
        Event::UnitRenamed { name, from: at, .. } => {
            vec![
                one(t!(lang, "register.unit.name_ja"), called(ctx, name)),
                from(*at),
            ]
        }
        Event::UnitMoved {
            parent, from: at, ..
        } => vec![
            one(t!(lang, "register.unit.parent"), unit(*parent)),
            from(*at),
        ],
        Event::UnitAbolished { until, heirs, .. } => {
            let names: Vec<String> = heirs.iter().map(|heir| unit(*heir)).collect();
            vec![
                one(t!(lang, "register.unit.heirs"), names.join(" / ")),
                last(*until),
            ]
        }
        Event::PostChanged { post } | Event::PostCreated { post } => vec![
            one(t!(lang, "register.post.title_ja"), called(ctx, &post.title)),
            one(t!(lang, "register.post.unit"), unit(post.unit)),
        ],
        Event::PostAbolished { until, .. } => vec![last(*until)],
        Event::PersonRegistered { unit: of, .. }
        | Event::PersonChanged { unit: Some(of), .. }
        | Event::PersonReturned { unit: of, .. } => {
            vec![one(t!(lang, "register.person.unit"), unit(*of))]
        }
        Event::PeopleImported { document, .. } => {
            let of = came_into(ctx, id, document);
            of.map(|of| one(t!(lang, "register.person.unit"), unit(of)))
                .into_iter()
                .collect()
        }
        Event::PersonLeft { from: at, .. } => vec![from(*at)],
        _ => Vec::new(),
    }
}

/// The unit into which a person came who came by a document of many.
fn came_into(ctx: &Ctx, id: &str, document: &BlobRef) -> Option<UnitId> {
    let bytes = ctx.site.app.document(document).ok()??;
    let person = id.parse().ok()?;
    let arrivals = decode_arrivals(&bytes)?.into_iter();
    let mut found = arrivals.filter(|arrival| arrival.person == person);
    found.next().map(|arrival| arrival.unit)
}

/// Links that stand as buttons, where there are any.
fn buttons(list: &[(std::borrow::Cow<'static, str>, String)]) -> Markup {
    markup! {
        @if !list.is_empty() {
            p class="actions" {
                @for (label, href) in list { a class="button button--secondary" href=(href) { (label) } }
            }
        }
    }
}
