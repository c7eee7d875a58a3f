//! Who changed what of an entry and when, from the ledger.

use maud::{Markup, html as markup};
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::field::Values;
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::register::concern::ConcernState;
use sekisho_domain::register::{Entry, EntryId, Register, decode_rows};
use sekisho_messages::t;

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::{person_name, service_name};
use super::referents::{Things, called, unit_called};
use super::sight::hides_author;
use super::words;
use crate::app::REMARK_PURPOSE;
use crate::console::fields::{FieldChange, changes};
use crate::console::register::Change;

/// The newest changes that a page shows.
const MOST: usize = 50;

/// The changes of an entry, the newest first.
pub(in crate::http::pages) fn of_entry(
    ctx: &Ctx,
    register: Register,
    entry: &Entry,
) -> Result<Vec<Change>, Fault> {
    let app = &ctx.site.app;
    let numbers = app.index().entry(register, entry.id, MOST);
    let linked = ctx.may(Action::ReadLedger, Subject::Body);
    let hidden = hides_author(ctx, &entry.particulars);
    let mut before: Option<(Option<UnitId>, Values)> = None;
    let mut list = Vec::new();
    for (record, stored) in app.records(&numbers)? {
        let Some(said) = told(ctx, register, entry.id, &stored) else {
            continue;
        };
        let mut fields = Vec::new();
        if let Some(after) = said.after {
            if let Some(before) = &before {
                fields = differences(ctx, register, before, &after);
            }
            before = Some(after);
        }
        let by_author = entry.author.is_some() && person_of(&stored.actor) == entry.author;
        let hide = hidden && by_author;
        list.push(Change {
            at: stored.recorded_at,
            record,
            linked,
            what: said.what.into_owned(),
            who: if hide {
                markup! { (t!(ctx.lang, "register.anonymous")) }
            } else {
                who(ctx, &stored.actor)
            },
            fields,
            said: said
                .remark
                .map(|remark| words_of(ctx, &remark))
                .transpose()?,
        });
    }
    list.reverse();
    Ok(list)
}

const fn person_of(actor: &Actor) -> Option<PersonId> {
    match actor {
        Actor::Person { person, .. } => Some(*person),
        _ => None,
    }
}

/// What one record says of an entry.
struct Told {
    what: std::borrow::Cow<'static, str>,
    after: Option<(Option<UnitId>, Values)>,
    remark: Option<Sealed>,
}

fn told(ctx: &Ctx, register: Register, id: EntryId, stored: &StoredEvent) -> Option<Told> {
    let lang = ctx.lang;
    let plain = |what, remark: &Option<Sealed>| Told {
        what,
        after: None,
        remark: remark.clone(),
    };
    match &stored.event {
        Event::RegisterEntered {
            id: of,
            unit,
            particulars,
            remark,
        } if *of == id => Some(Told {
            what: t!(lang, "register.was_entered"),
            after: Some((*unit, particulars.values())),
            remark: remark.clone(),
        }),
        Event::RegisterChanged {
            id: of,
            unit,
            particulars,
            remark,
        } if *of == id => Some(Told {
            what: t!(lang, "register.was_changed"),
            after: Some((*unit, particulars.values())),
            remark: remark.clone(),
        }),
        Event::RegisterRetired { id: of, remark } if *of == id => {
            Some(plain(t!(lang, "register.was_retired"), remark))
        }
        Event::RegisterRestored { id: of, remark } if *of == id => {
            Some(plain(t!(lang, "register.was_restored"), remark))
        }
        other => of_import(ctx, register, id, other).or_else(|| of_concern(ctx, id, other)),
    }
}

/// What a record says of a report of unease. Its words are sealed like remarks.
fn of_concern(ctx: &Ctx, id: EntryId, event: &Event) -> Option<Told> {
    let EntryId::Concern(concern) = id else {
        return None;
    };
    let lang = ctx.lang;
    let (what, of, remark) = match event {
        Event::ConcernTold { told } => (
            t!(lang, "unease.was_told"),
            told.concern,
            told.words.clone(),
        ),
        Event::ConcernSaid { said } => {
            let words = Some(said.words.clone());
            (t!(lang, "unease.was_said"), said.concern, words)
        }
        Event::ConcernAnswered { answered } => {
            let what = match answered.state {
                ConcernState::Answered => t!(lang, "unease.was_answered"),
                _ => t!(lang, "unease.was_examined"),
            };
            (what, answered.concern, answered.words.clone())
        }
        Event::ConcernTurned { turned } => (t!(lang, "unease.was_turned"), turned.concern, None),
        Event::ConcernErased { erased } => (t!(lang, "unease.was_erased"), erased.concern, None),
        _ => return None,
    };
    (of == concern).then_some(Told {
        what,
        after: None,
        remark,
    })
}

fn of_import(ctx: &Ctx, register: Register, id: EntryId, event: &Event) -> Option<Told> {
    let lang = ctx.lang;
    match event {
        Event::RegisterImported {
            register: of,
            document,
            ..
        } if *of == register => {
            let bytes = ctx.site.app.document(document).ok()??;
            let row = decode_rows(&bytes)?.into_iter().find(|row| row.id == id)?;
            Some(Told {
                what: t!(lang, "register.was_imported"),
                after: Some((row.unit, row.particulars.values())),
                remark: None,
            })
        }
        _ => None,
    }
}

pub(super) fn differences(
    ctx: &Ctx,
    register: Register,
    before: &(Option<UnitId>, Values),
    after: &(Option<UnitId>, Values),
) -> Vec<FieldChange> {
    let lang = ctx.lang;
    let mut list = Vec::new();
    if before.0 != after.0 {
        let world = ctx.site.app.world();
        let shown = |unit: Option<UnitId>| {
            let name = unit.map(|unit| unit_called(ctx, &world, unit))?;
            Some(markup! { (name) })
        };
        list.push(FieldChange {
            label: words(register).label(lang, "unit").into_owned(),
            before: shown(before.0),
            after: shown(after.0),
        });
    }
    let things = Things { ctx };
    let fields = register.fields();
    list.extend(changes(
        lang,
        words(register),
        fields,
        (&before.1, &after.1),
        &things,
    ));
    list
}

/// Who acted, and as what.
pub(in crate::http) fn who(ctx: &Ctx, actor: &Actor) -> Markup {
    let lang = ctx.lang;
    match actor {
        Actor::Person {
            person,
            appointment,
            ..
        } => {
            let own = ctx.live().is_ok_and(|live| live.person == *person);
            let named = own || ctx.may(Action::ReadDirectory, Subject::Person(*person));
            let name = named.then(|| person_name(ctx, *person)).flatten();
            let world = ctx.site.app.world();
            let post = appointment
                .and_then(|id| world.appointments.get(&id))
                .and_then(|held| world.posts.get(&held.post));
            let title = post.map(|post| called(ctx, &post.title));
            markup! {
                @if let Some(title) = &title { (title) " " }
                @if let Some(name) = name { (name) }
                @else if title.is_none() { (t!(lang, "register.someone")) }
            }
        }
        Actor::Operator => markup! { (t!(lang, "register.by_operator")) },
        Actor::System => markup! { (t!(lang, "register.by_system")) },
        Actor::Device { .. } => markup! { (t!(lang, "register.by_device")) },
        Actor::Nobody => markup! { (t!(lang, "register.by_nobody")) },
        Actor::Setup => markup! { (t!(lang, "register.by_setup")) },
        Actor::Service { token, .. } => markup! { (service_name(ctx, *token)) },
    }
}

/// A sealed text; what cannot be opened any more says so.
fn words_of(ctx: &Ctx, remark: &Sealed) -> Result<String, Fault> {
    let text = ctx.site.app.unseal(REMARK_PURPOSE, remark)?;
    Ok(text.unwrap_or_else(|| t!(ctx.lang, "register.words_gone").into_owned()))
}
