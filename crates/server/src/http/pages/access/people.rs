//! What one person reaches: with each device, each system, and why or why not.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::register::places::Places;
use sekisho_domain::register::{EntryId, Register, System};
use sekisho_messages::{t, text};
use sekisho_rules::decide::Decision;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::person::shown_name;
use super::super::register::list::address;
use super::super::register::referents::{Things, folded_words, unit_called};
use super::super::register::sight::Sight as Shelved;
use super::answered::answered;
use super::tunnels::{Shown, in_part, view};
use super::{Sight, device, device_name, entry_name, sees_others};
use crate::access::devices_of;
use crate::access::gateway::{
    LeftOut, Openness, candidates_now, openness, reached, through_a_tunnel,
};
use crate::app::shelves::{Cursor, Page, Query, Row};
use crate::console::access::{AccessPage, AnswerView, Tab, TunnelView, answers, page, tunnels};
use crate::console::components::{
    Column, Field, Input, Pages, cell, empty_state, field, pagination, row_header, table,
};
use crate::console::fields::{Referent, Referents};
use crate::console::layout::Place;

/// People on one page of the list.
const PER_PAGE: usize = 50;
/// Most systems that are offered to be asked about.
const SYSTEMS_MAX: usize = 200;

pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let lang = ctx.lang;
    // Asked for the refusal; the list itself is looked up by the shelves' own sight.
    Sight::of(ctx)?;
    let asked = ctx.query("q").unwrap_or_default();
    let get = |name: &str| ctx.query(name).filter(|id| !id.is_empty());
    let cursor = match (get("after"), get("before")) {
        (Some(after), _) => Cursor::After(after),
        (None, Some(before)) => Cursor::Before(before),
        (None, None) => Cursor::Start,
    };
    let found = found(ctx, &asked, &cursor)?;
    let ids: Vec<PersonId> = found.ids.iter().filter_map(|id| id.parse().ok()).collect();
    let body = markup! {
        form method="get" action="/access/people" class="search" role="search" {
            (field(lang, &Field {
                name: "q", label: t!(lang, "people.search"), support: None, required: false, input: Input::Text,
                value: &asked, error: None, autocomplete: "off", lang: None,
            }))
            button class="button button--secondary" type="submit" { (t!(lang, "people.search_do")) }
        }
        @if ids.is_empty() { (empty_state(&t!(lang, "access-page.no_people"), &t!(lang, "access-page.no_people_how"))) }
        @else { (rows(ctx, &ids)) }
        @if let Some(pages) = pages(&found, &asked) { (pagination(lang, &pages)) }
    };
    let view = AccessPage {
        trail: Vec::new(),
        title: t!(lang, "access-page.people_title").into_owned(),
        lead: markup! { (t!(lang, "access-page.people_lead")) },
        tab: Some(Tab::People),
        body,
    };
    Ok(html(page(&ctx.frame(Place::Access), &view)))
}

fn found(ctx: &Ctx, looked_for: &str, cursor: &Cursor) -> Result<Page, Fault> {
    let sight = Shelved::of_access(ctx)?;
    let words = folded_words(looked_for);
    let query = Query {
        words: &words,
        ..Query::default()
    };
    let shelves = ctx.site.app.shelves();
    let sees = |row: &Row| sight.sees(row);
    Ok(shelves.people().find(&query, &sees, cursor, PER_PAGE))
}

fn rows(ctx: &Ctx, ids: &[PersonId]) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "access-page.person")),
        Column::text(t!(lang, "domain.unit")),
        Column::number(t!(lang, "access-page.remote_permits")),
    ];
    let [who, of_unit, held] = &columns;
    let row = |id: &PersonId| {
        let (unit, permits) = {
            let world = ctx.site.app.world();
            let unit = world.unit_of(*id, ctx.now);
            let unit = unit.map(|unit| unit_called(ctx, &world, unit));
            let own = world.permits.of_person(*id);
            let remote = own.filter(|it| {
                it.kind() == sekisho_domain::permit::PermitKind::RemoteAccess
                    && it.is_in_force(ctx.now)
            });
            (unit.unwrap_or_default(), remote.count())
        };
        vec![
            row_header(who, &super::person(ctx, *id)),
            cell(of_unit, &markup! { (unit) }),
            cell(held, &markup! { (permits) }),
        ]
    };
    let list: Vec<Vec<Markup>> = ids.iter().map(row).collect();
    table(&t!(lang, "access-page.people_title"), &columns, &list)
}

fn pages(found: &Page, asked: &str) -> Option<Pages> {
    let (first, last) = found.ids.first().zip(found.ids.last())?;
    if found.total <= found.ids.len() {
        return None;
    }
    let href =
        |name: &str, id: &String| address("/access/people", &[("q", asked), (name, id.as_str())]);
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
    let id: PersonId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(Action::ReadAccess, Subject::Person(id))?;
    if !ctx.site.app.world().people.contains_key(&id) {
        return Err(Fault::not_found());
    }
    let lang = ctx.lang;
    let tab = sees_others(ctx).then_some(Tab::People);
    let may_cut = ctx.may(Action::CutAccess, Subject::Person(id));
    let live = of_person(ctx, id)?;
    let views: Result<Vec<TunnelView>, Fault> =
        live.iter().map(|it| view(ctx, it, Shown::Among)).collect();
    let body = markup! {
        section aria-labelledby="live" {
            h2 id="live" { (t!(lang, "access-page.live")) }
            @if live.is_empty() { p class="muted" { (t!(lang, "access-page.no_tunnels")) } }
            @else {
                (tunnels(lang, ctx.now, &views?, false))
                @if may_cut { p class="actions" { a class="button button--danger" href={ "/access/cut/person/" (id) } { (t!(lang, "access-page.cut_person")) } } }
            }
        }
        (reach(ctx, id, &format!("/access/people/{id}"))?)
    };
    let view = AccessPage {
        trail: vec![(
            t!(lang, "access-page.people_title").into_owned(),
            "/access/people".to_owned(),
        )],
        title: t!(
            lang,
            "access-page.person_title",
            person = shown_name(ctx, id)
        )
        .into_owned(),
        lead: markup! { (t!(lang, "access-page.person_lead")) },
        tab,
        body,
    };
    Ok(html(page(&ctx.live_frame(Place::Access), &view)))
}

/// The tunnels of one person.
pub(super) fn of_person(ctx: &Ctx, id: PersonId) -> Result<Vec<crate::access::LiveTunnel>, Fault> {
    let scope = sekisho_domain::access::CutScope::Person(id);
    Ok(ctx.site.app.tunnels_within(scope)?)
}

/// What a person reaches with each device; and with one system besides, where the reader asks for it.
pub(super) fn reach(ctx: &Ctx, id: PersonId, path: &str) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let devices = devices_of(&ctx.site.app.world(), id);
    let live = of_person(ctx, id)?;
    // One of whose tunnels its gateway has to leave out, or cut short, is told so here as well.
    let on = |device: DeviceId| live.iter().find(|it| it.open.device == device);
    let asked: Option<SystemId> = ctx.query("system").and_then(|it| it.parse().ok());
    Ok(markup! {
        section aria-labelledby="reach" {
            h2 id="reach" { (t!(lang, "access-page.reach")) }
            p class="small" { (t!(lang, "access-page.reach_lead")) }
            (ask(ctx, path, asked))
            @if devices.is_empty() {
                (empty_state(&t!(lang, "access-page.no_devices"), &t!(lang, "access-page.no_devices_how")))
            }
            @for it in &devices {
                h3 { (device(ctx, *it)) }
                @if on(*it).is_some() && ctx.may(Action::CutAccess, Subject::Device(*it)) {
                    p { a href={ "/access/cut/device/" (it) } { (t!(lang, "access-page.cut_device")) } }
                }
                @let left_out = on(*it).and_then(|it| it.left_out.as_ref());
                @let list = on_device(ctx, (id, *it), left_out, asked);
                @if list.is_empty() { p class="muted" { (t!(lang, "access-page.no_systems")) } }
                @else { (answers(lang, &list)) }
            }
        }
    })
}

/// The systems that are offered to be asked about, by a part of their names, with the one that was chosen; and how many
/// more there are.
fn offered(ctx: &Ctx, words: &[String], chosen: Option<&String>) -> (Vec<Referent>, usize) {
    let Ok(sight) = Shelved::of_register(ctx, Register::System) else {
        return (Vec::new(), 0);
    };
    let query = Query {
        words,
        ..Query::default()
    };
    let found = {
        let shelves = ctx.site.app.shelves();
        let sees = |row: &Row| sight.sees(row);
        let shelf = shelves.register(Register::System);
        shelf.map(|shelf| shelf.find(&query, &sees, &Cursor::Start, SYSTEMS_MAX))
    };
    let mut found = found.unwrap_or_default();
    let more = found.total.saturating_sub(found.ids.len());
    if let Some(chosen) = chosen.filter(|it| !found.ids.contains(it)) {
        found.ids.push(chosen.clone());
    }
    let things = Things { ctx };
    let named = found.ids.iter();
    let named = named.filter_map(|id| things.get(Register::System.prefix(), id));
    (named.collect(), more)
}

/// The form that asks about one more system; with a search where there are more than it offers.
fn ask(ctx: &Ctx, path: &str, asked: Option<SystemId>) -> Markup {
    let lang = ctx.lang;
    let chosen = asked.map(|it| it.to_string());
    let part = ctx.query("find").unwrap_or_default();
    let (systems, more) = offered(ctx, &folded_words(&part), chosen.as_ref());
    if systems.is_empty() && part.is_empty() {
        return markup! {};
    }
    markup! {
        @if more > 0 || !part.is_empty() {
            form method="get" action=(path) class="search" role="search" {
                (field(lang, &Field {
                    name: "find", label: t!(lang, "access-page.search_system"), support: None, required: false,
                    input: Input::Text, value: &part, error: None, autocomplete: "off", lang: None,
                }))
                button class="button button--secondary" type="submit" { (t!(lang, "people.search_do")) }
            }
            @if systems.is_empty() { p class="small muted" { (t!(lang, "access-page.no_system_fits")) } }
            @if more > 0 { p class="small" { (t!(lang, "access-page.ask_more", n = more)) } }
        }
        form method="get" action=(path) class="search" {
            div class="field" {
                label for="system" { (t!(lang, "access-page.ask_system")) }
                select id="system" name="system" {
                    option value="" { (t!(lang, "access-page.ask_held")) }
                    @for it in &systems { option value=(it.id) selected[chosen.as_ref() == Some(&it.id)] { (it.name) } }
                }
            }
            button class="button button--secondary" type="submit" { (t!(lang, "access-page.ask_do")) }
        }
    }
}

/// The answers for one device: the systems that permits name, and the one that is asked for.
fn on_device(
    ctx: &Ctx,
    (id, on): (PersonId, DeviceId),
    left_out: Option<&LeftOut>,
    asked: Option<SystemId>,
) -> Vec<AnswerView> {
    let decided: Vec<(SystemId, Decision, Option<Openness>)> = {
        let book = ctx.site.app.access().rulebook();
        ctx.site.app.with_ground(|ground| {
            let mut systems = candidates_now(ground.world, (id, on), ground.now);
            if let Some(asked) = asked {
                systems = [asked].into_iter().collect();
            }
            let places = Places::of(ground.world);
            let open = reached(&book, ground, id, on);
            systems
                .into_iter()
                .map(|system| {
                    let question = through_a_tunnel(id, on, system);
                    let decision = sekisho_rules::decide::decide(&book, ground, &question);
                    // Allowed, and closed all the same, or open in part.
                    let allowed = decision.is_allowed() && places.stand(system).is_some();
                    let how_far = allowed.then(|| openness(&places, &open, left_out, system));
                    (system, decision, how_far)
                })
                .collect()
        })
    };
    let others = sees_others(ctx);
    let view = |(system, decision, how_far): &(SystemId, Decision, Option<Openness>)| AnswerView {
        about: markup! { (entry_name(ctx, (*system).into())) },
        more: more(ctx, *system, how_far.as_ref(), others),
        answer: answered(ctx, id, decision),
    };
    decided.iter().map(view).collect()
}

/// What is said of a system besides: that no gateway can open it as it stands in the register, or why it is closed,
/// or open in part only.
fn more(ctx: &Ctx, id: SystemId, how_far: Option<&Openness>, others: bool) -> Option<Markup> {
    let lang = ctx.lang;
    let closed = how_far.and_then(|it| match it {
        Openness::Closed(why) => Some(text(lang, why, &[]).into_owned()),
        it => in_part(ctx, it),
    });
    let unreachable = {
        let world = ctx.site.app.world();
        let known = world.registers.get::<System>(id);
        let places = Places::of(&world);
        known.is_some() && places.stand(id).is_none()
    };
    (unreachable || closed.is_some() || others).then(|| {
        markup! {
            @if let Some(why) = &closed { p class="small" { (why) } }
            @if unreachable { p class="small muted" { (t!(lang, "access-page.no_address")) } }
            @if others { p class="small" { a href={ "/access/systems/" (id) } { (t!(lang, "access-page.who_reaches")) } } }
        }
    })
}

/// The name of a device in a heading.
pub(super) fn on(ctx: &Ctx, id: EntryId) -> String {
    match id {
        EntryId::Device(id) => device_name(ctx, id),
        id => entry_name(ctx, id),
    }
}
