//! Who reaches one system: the people and devices that hold a permit for it, and why or why not.

use std::collections::BTreeSet;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::fold::search;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PermitId, PersonId, SystemId};
use sekisho_domain::register::places::Places;
use sekisho_domain::register::{EntryId, System};
use sekisho_domain::world::World;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::register::list::address;
use super::super::register::referents::folded_words;
use super::answered::answered;
use super::{Sight, device, paged, person, places};
use crate::access::{Holder, HolderPage, Holders};
use crate::console::access::{AccessPage, AnswerView, Tab, answers, page};
use crate::console::components::{
    Column, Field, Input, cell, empty_state, field, pagination, row_header, table,
};
use crate::console::fields::grade_badge;
use crate::console::layout::Place;

/// Holders on one page.
const PER_PAGE: usize = 25;
/// Systems on one page of the list.
const LISTED_PER_PAGE: usize = 50;

/// What the list says of a system.
struct Listed {
    id: SystemId,
    name: String,
    highest: Grade,
    remote: bool,
    /// Whether a gateway can open it.
    ready: bool,
    /// Whether its address is none that a gateway opens.
    unopened: bool,
    /// Whether another system stands at the same address and port.
    shared: bool,
}

/// The systems whose names fit, those that can be reached from outside first.
fn listed(ctx: &Ctx, words: &[String]) -> Vec<Listed> {
    let fits = |it: &System| {
        let name = search(it.name.as_str());
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let mut all: Vec<Listed> = {
        let world = ctx.site.app.world();
        let places = Places::of(&world);
        let sharing: BTreeSet<SystemId> = places.sharing().collect();
        let systems = world.registers.nouns::<System>();
        systems
            .filter(|(entry, it)| entry.is_active() && fits(it))
            .filter_map(|(entry, it)| match entry.id {
                EntryId::System(id) => Some(Listed {
                    id,
                    name: it.name.as_str().to_owned(),
                    highest: it.highest,
                    remote: it.remote,
                    ready: places.opens(id),
                    unopened: places.why_unopened(id).is_some()
                        || (places.stand(id).is_some() && !places.opens(id)),
                    shared: sharing.contains(&id),
                }),
                _ => None,
            })
            .collect()
    };
    all.sort_by(|a, b| (!a.remote, &a.name, a.id).cmp(&(!b.remote, &b.name, b.id)));
    all
}

pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let lang = ctx.lang;
    Sight::of(ctx)?;
    let asked = ctx.query("q").unwrap_or_default();
    let words = folded_words(&asked);
    let all = listed(ctx, &words);
    let sizes = (all.len(), LISTED_PER_PAGE);
    let (shown, pages) = paged(ctx, ("/access/systems", ""), ("page", &["q"]), sizes);
    let body = markup! {
        @if all.is_empty() && words.is_empty() {
            (empty_state(&t!(lang, "access-page.no_systems_known"), &t!(lang, "access-page.no_systems_known_how")))
        } @else {
            form method="get" action="/access/systems" class="search" role="search" {
                (field(lang, &Field {
                    name: "q", label: t!(lang, "access-page.search_system"), support: None, required: false,
                    input: Input::Text, value: &asked, error: None, autocomplete: "off", lang: None,
                }))
                button class="button button--secondary" type="submit" { (t!(lang, "people.search_do")) }
            }
            @if all.is_empty() { p class="muted" { (t!(lang, "access-page.no_system_fits")) } }
            @else { (rows(ctx, &all[shown])) }
            @if let Some(pages) = &pages { (pagination(lang, pages)) }
        }
    };
    let view = AccessPage {
        trail: Vec::new(),
        title: t!(lang, "access-page.systems_title").into_owned(),
        lead: markup! { (t!(lang, "access-page.systems_lead")) },
        tab: Some(Tab::Systems),
        body,
    };
    Ok(html(page(&ctx.frame(Place::Access), &view)))
}

fn rows(ctx: &Ctx, all: &[Listed]) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "access-page.system")),
        Column::text(t!(lang, "access-page.highest")),
        Column::text(t!(lang, "access-page.from_outside")),
    ];
    let [name, highest, outside] = &columns;
    let row = |it: &Listed| {
        vec![
            row_header(
                name,
                &markup! { a href={ "/access/systems/" (it.id) } { (it.name) } },
            ),
            cell(highest, &grade_badge(lang, it.highest)),
            cell(
                outside,
                &markup! {
                    @if !it.remote { span class="muted" { (t!(lang, "access-page.not_remote")) } }
                    @else if it.unopened { (t!(lang, "access-page.remote_unopened")) }
                    @else if it.ready { (t!(lang, "access-page.remote_ready")) }
                    @else { (t!(lang, "access-page.remote_unready")) }
                    @if it.shared { div class="todo" { (t!(lang, "access-page.remote_shared")) } }
                },
            ),
        ]
    };
    let list: Vec<Vec<Markup>> = all.iter().map(row).collect();
    table(&t!(lang, "access-page.systems_title"), &columns, &list)
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let sight = Sight::of(ctx)?;
    let id: SystemId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let known = {
        let world = ctx.site.app.world();
        let known = world.registers.get::<System>(id);
        known.map(|(_, it)| it.clone())
    };
    let known = known.ok_or_else(Fault::not_found)?;
    let lang = ctx.lang;
    let state = ctx.query("state").unwrap_or_default();
    let after: Option<PermitId> = ctx.query("after").and_then(|it| it.parse().ok());
    let now = ctx.now;
    let sees = |world: &World, person: PersonId| sight.sees(world, person, now);
    let found = ctx.site.app.holders(&Holders {
        system: id,
        after,
        only: match state.as_str() {
            "allowed" => Some(true),
            "refused" => Some(false),
            _ => None,
        },
        most: PER_PAGE,
        sees: &sees,
    });
    let path = format!("/access/systems/{id}");
    let may_cut = ctx.may(Action::CutAccess, Subject::Body);
    let body = markup! {
        p { (grade_badge(lang, known.highest)) " " a href={ "/registers/system/" (id) } { (t!(lang, "access-page.entry")) } }
        @if !known.remote { p { (t!(lang, "access-page.not_remote_how")) } }
        (places::note(ctx, id))
        (filters(ctx, &path, &state))
        (holders(ctx, &found, after.is_none()))
        @if let Some(next) = found.next {
            nav class="pages" aria-label=(t!(lang, "console.pages.label")) {
                a class="button button--secondary" rel="next" href=(address(&path, &[("state", &state), ("after", &next.to_string())])) { (t!(lang, "console.pages.next")) }
            }
        }
        @if may_cut { p class="actions" { a class="button button--danger" href={ "/access/cut/system/" (id) } { (t!(lang, "access-page.cut_system")) } } }
    };
    let view = AccessPage {
        trail: vec![(
            t!(lang, "access-page.systems_title").into_owned(),
            "/access/systems".to_owned(),
        )],
        title: t!(
            lang,
            "access-page.system_title",
            system = known.name.as_str()
        )
        .into_owned(),
        lead: markup! { (t!(lang, "access-page.system_lead")) },
        tab: Some(Tab::Systems),
        body,
    };
    Ok(html(page(&ctx.live_frame(Place::Access), &view)))
}

fn filters(ctx: &Ctx, path: &str, state: &str) -> Markup {
    let lang = ctx.lang;
    let all = [
        ("", t!(lang, "access-page.all")),
        ("allowed", t!(lang, "access-page.allowed")),
        ("refused", t!(lang, "access-page.refused")),
    ];
    markup! {
        nav class="filters" aria-label=(t!(lang, "access-page.narrow")) {
            ul {
                @for (code, label) in &all {
                    li { a href=(address(path, &[("state", code)])) aria-current=[(*code == state).then_some("true")] { (label) } }
                }
            }
        }
    }
}

fn holders(ctx: &Ctx, found: &HolderPage, first: bool) -> Markup {
    let lang = ctx.lang;
    if found.holders.is_empty() {
        return if found.next.is_some() || !first {
            markup! { p class="muted" { (t!(lang, "access-page.none_here")) } }
        } else {
            empty_state(
                &t!(lang, "access-page.no_holders"),
                &t!(lang, "access-page.no_holders_how"),
            )
        };
    }
    let view = |it: &Holder| AnswerView {
        about: markup! { (super::super::person::shown_name(ctx, it.person)) " – " (super::device_name(ctx, it.device)) },
        more: Some(markup! {
            p class="small" {
                (person(ctx, it.person)) " / " (device(ctx, it.device)) " / "
                @let link = super::answered::permit(ctx, it.permit);
                a href=(link.href) { (link.label) }
            }
        }),
        answer: answered(ctx, it.person, &it.decision),
    };
    let list: Vec<AnswerView> = found.holders.iter().map(view).collect();
    answers(lang, &list)
}
