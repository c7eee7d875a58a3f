//! What the ledger tells of a person, unit or post: who changed what and when, and who was appointed.

use std::borrow::Cow;
use std::collections::HashMap;

use maud::{Markup, html as markup};
use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::arrival::{Arrival, decode_arrivals_naming};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{day, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::register::history::who;
use super::super::register::referents::{Things, called, unit_called};
use crate::console::fields::{FieldChange, Referents};
use crate::console::layout::Place;
use crate::console::register::Change;

/// The newest changes that a page shows.
const MOST: usize = 50;
/// So many documents of people who came are opened for one page.
const OPENED: usize = 5;
/// So many of those who came to one post by one file are named.
const NAMED: usize = 10;

/// The records that speak of a person, unit or post, the newest first.
pub(super) fn history(ctx: &Ctx, id: &str) -> Result<Vec<Change>, Fault> {
    let linked = ctx.may(Action::ReadLedger, Subject::Body);
    let appointments = appointments(ctx, id);
    let numbers = ctx.site.app.index().about(id, &appointments, MOST);
    let (mut list, mut lists, mut opened) = (Vec::new(), Lists::default(), 0);
    for (record, stored) in ctx.site.app.records(&numbers)?.into_iter().rev() {
        let (kind, _) = stored.event.kind();
        let fields = match &stored.event {
            // A post may have been filled by many files; of the older ones their records tell.
            Event::PeopleImported { document, .. } => {
                opened += 1;
                match opened <= OPENED {
                    true => came(ctx, id, document),
                    false => Vec::new(),
                }
            }
            event => details(ctx, id, event),
        };
        list.push(Change {
            at: stored.recorded_at,
            record,
            linked,
            what: text(ctx.lang, format!("domain.event.{kind}"), &[]).into_owned(),
            who: lists.by_whom(ctx, record, &stored)?,
            fields,
            said: None,
        });
    }
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

/// The appointments of a person or to a post, and whose each is.
fn appointments(ctx: &Ctx, id: &str) -> Vec<(AppointmentId, PersonId)> {
    let world = ctx.site.app.world();
    let of_person = id
        .parse()
        .ok()
        .and_then(|id| world.appointments_of.get(&id));
    let to_post = id
        .parse()
        .ok()
        .and_then(|id| world.appointments_to.get(&id));
    let all = of_person.into_iter().chain(to_post).flatten();
    all.filter_map(|id| Some((*id, world.appointments.get(id)?.person)))
        .collect()
}

/// A slice of a list of moves: when it was carried out, who had accepted the list, and its day.
#[derive(Clone)]
struct Slice {
    carried_at: Timestamp,
    accepted_by: Actor,
    day: Timestamp,
}

/// The slices that a page came upon, by the record that closes each: their records are read once.
#[derive(Default)]
struct Lists(HashMap<u64, Option<Slice>>);

impl Lists {
    /// Who did it; where the program did it by a list of moves, who accepted the list.
    fn by_whom(&mut self, ctx: &Ctx, record: u64, stored: &StoredEvent) -> Result<Markup, Fault> {
        let moves = matches!(
            stored.event,
            Event::AppointmentMade { .. }
                | Event::AppointmentEnded { .. }
                | Event::PersonChanged { .. }
                | Event::PersonLeft { .. }
        );
        let slice = match moves && stored.actor == Actor::System {
            true => self.around(ctx, record)?,
            false => None,
        };
        // One command's records are of one moment.
        let slice = slice.filter(|it| it.carried_at == stored.recorded_at);
        let Some(slice) = slice else {
            return Ok(who(ctx, &stored.actor));
        };
        let day = day(ctx.lang, slice.day);
        Ok(markup! {
            (who(ctx, &slice.accepted_by)) " " (t!(ctx.lang, "register.by_moves", day = day))
        })
    }

    /// The slice that may hold a record.
    fn around(&mut self, ctx: &Ctx, record: u64) -> Result<Option<Slice>, Fault> {
        let Some(by) = ctx.site.app.index().moves_around(record) else {
            return Ok(None);
        };
        if let Some(known) = self.0.get(&by.carried) {
            return Ok(known.clone());
        }
        let records = ctx.site.app.records(&[by.accepted, by.carried])?;
        let slice = match records.as_slice() {
            [(_, accepted), (_, carried)] => match accepted.event {
                Event::MovesAccepted { at, .. } => Some(Slice {
                    carried_at: carried.recorded_at,
                    accepted_by: accepted.actor.clone(),
                    day: at,
                }),
                _ => None,
            },
            _ => None,
        };
        self.0.insert(by.carried, slice.clone());
        Ok(slice)
    }
}

fn one(label: Cow<'static, str>, value: String) -> FieldChange {
    FieldChange {
        label: label.into_owned(),
        before: None,
        after: Some(markup! { (value) }),
    }
}

/// What a record says besides what happened.
fn details(ctx: &Ctx, id: &str, event: &Event) -> Vec<FieldChange> {
    let lang = ctx.lang;
    let from = |at: Timestamp| one(t!(lang, "people.from"), day(lang, at));
    let last = |until: Timestamp| {
        one(
            t!(lang, "people.until"),
            day(lang, until.before(Span::millis(1))),
        )
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
            one(t!(lang, "register.unit.parent"), unit(ctx, *parent)),
            from(*at),
        ],
        Event::UnitAbolished { until, heirs, .. } => {
            let names: Vec<String> = heirs.iter().map(|heir| unit(ctx, *heir)).collect();
            vec![
                one(t!(lang, "register.unit.heirs"), names.join(" / ")),
                last(*until),
            ]
        }
        Event::PostChanged { post } | Event::PostCreated { post } => vec![
            one(t!(lang, "register.post.title_ja"), called(ctx, &post.title)),
            one(t!(lang, "register.post.unit"), unit(ctx, post.unit)),
        ],
        Event::PostAbolished { until, .. } => vec![last(*until)],
        Event::PersonRegistered { unit: of, .. }
        | Event::PersonChanged { unit: Some(of), .. }
        | Event::PersonReturned { unit: of, .. } => {
            vec![one(t!(lang, "register.person.unit"), unit(ctx, *of))]
        }
        Event::PersonLeft { from: at, .. } => vec![from(*at)],
        Event::AppointmentMade { appointment: it } => {
            let mut list = appointed(ctx, id, it);
            list.push(from(it.valid.from));
            list
        }
        Event::AppointmentEnded { appointment, until } => {
            let held = {
                let world = ctx.site.app.world();
                let held = world.appointments.get(appointment);
                held.map(|held| (held.person, held.post))
            };
            let side = held.map(|(person, post)| other_side(ctx, id, person, post));
            side.into_iter().chain([last(*until)]).collect()
        }
        _ => Vec::new(),
    }
}

/// To which post, or who, and how where that is not as one's own.
fn appointed(ctx: &Ctx, id: &str, it: &Appointment) -> Vec<FieldChange> {
    let mut list = vec![other_side(ctx, id, it.person, it.post)];
    if it.kind != AppointmentKind::Regular {
        let kind = format!("register.moves.kind.{}", it.kind.code());
        let kind = text(ctx.lang, kind, &[]).into_owned();
        list.push(one(t!(ctx.lang, "register.moves.kind"), kind));
    }
    list
}

/// The name of a unit now.
fn unit(ctx: &Ctx, id: UnitId) -> String {
    let world = ctx.site.app.world();
    unit_called(ctx, &world, id)
}

/// The post, on the page of a person; the person, on that of a post.
fn other_side(ctx: &Ctx, id: &str, whose: PersonId, to: PostId) -> FieldChange {
    if id == whose.to_string() {
        one(t!(ctx.lang, "domain.post"), post(ctx, to))
    } else {
        one(t!(ctx.lang, "register.moves.person"), person(ctx, whose))
    }
}

fn post(ctx: &Ctx, id: PostId) -> String {
    let world = ctx.site.app.world();
    let known = world.posts.get(&id);
    known.map_or_else(String::new, |post| {
        let unit = unit_called(ctx, &world, post.unit);
        format!("{unit} {}", called(ctx, &post.title))
    })
}

/// The name of a person, where the reader may know it.
fn person(ctx: &Ctx, id: PersonId) -> String {
    let found = Things { ctx }.get(PersonId::PREFIX, &id.to_string());
    found.map_or_else(
        || t!(ctx.lang, "register.someone").into_owned(),
        |it| it.name,
    )
}

/// What a document of many who came tells of a person, or of a post.
fn came(ctx: &Ctx, id: &str, document: &BlobRef) -> Vec<FieldChange> {
    let lang = ctx.lang;
    let bytes = ctx.site.app.document(document).ok().flatten();
    let arrivals: Vec<Arrival> = bytes
        .and_then(|bytes| decode_arrivals_naming(&bytes, id))
        .unwrap_or_default();
    if let Ok(of) = id.parse::<PersonId>() {
        let Some(found) = arrivals.iter().find(|it| it.person == of) else {
            return Vec::new();
        };
        let posts = found.posts.iter().map(|(_, to)| post(ctx, *to));
        let posts = posts.map(|post| one(t!(lang, "domain.post"), post));
        return std::iter::once(one(t!(lang, "register.person.unit"), unit(ctx, found.unit)))
            .chain(posts)
            .collect();
    }
    let to = id.parse::<PostId>().ok();
    let holds = |it: &&Arrival| it.posts.iter().any(|(_, post)| Some(*post) == to);
    let who: Vec<PersonId> = arrivals.iter().filter(holds).map(|it| it.person).collect();
    let named = who.iter().take(NAMED).map(|id| person(ctx, *id));
    let mut list: Vec<FieldChange> = named
        .map(|name| one(t!(lang, "register.moves.person"), name))
        .collect();
    if let Some(more) = who.len().checked_sub(NAMED).filter(|more| *more > 0) {
        list.push(one(
            t!(lang, "register.moves.person"),
            t!(lang, "register.and_more_people", n = more as u64).into_owned(),
        ));
    }
    list
}
