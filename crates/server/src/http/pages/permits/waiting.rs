//! What waits for the reader's decision: own, by delegation, as a stand-in; and what a stand-in
//! decided and the reader has not viewed.

use maud::{Markup, html as markup};
use sekisho_domain::command::{PermitAct, PermitCommand};
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::{Capacity, Permit, Status};
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::form::Form;
use super::form::{Fail, Wrong, answer, commanded};
use super::weigh::State;
use super::{row, title};
use crate::console::components::{Tone, alert, csrf_field, empty_state};
use crate::console::layout::{Place, heading, page};
use crate::console::permits::{Row, Ticks, rows, tick_rows};

/// Waiting cases that a page shows; the oldest first, so that the rest moves up.
const SHOWN: usize = 100;
/// Within how many working days the date of an exception is near.
const REVIEW_SOON: u32 = 5;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let main = main(ctx, &markup! {})?;
    let title = t!(ctx.lang, "permits.waiting");
    Ok(html(page(&ctx.frame(Place::PermitsWaiting), &title, &main)))
}

fn main(ctx: &Ctx, note: &Markup) -> Result<Markup, super::super::super::fault::Fault> {
    let lang = ctx.lang;
    let person = ctx.live()?.person;
    let (all, cases, viewed) = {
        let world = ctx.site.app.world();
        let waiting = world.waiting_for(person, ctx.now);
        let cases: Vec<(Permit, Capacity)> = waiting
            .iter()
            .take(SHOWN)
            .map(|(permit, capacity)| ((*permit).clone(), *capacity))
            .collect();
        let viewed = world.awaiting_view(person, ctx.now);
        let viewed: Vec<Permit> = viewed
            .into_iter()
            .take(SHOWN)
            .map(|(permit, _)| permit.clone())
            .collect();
        (waiting.len(), cases, viewed)
    };
    let list: Vec<Row> = cases.iter().map(|(permit, _)| row(ctx, permit)).collect();
    let ticks = Ticks {
        values: cases.iter().map(|(it, _)| tick(ctx, it)).collect(),
        notes: cases
            .iter()
            .map(|(it, capacity)| known(ctx, it, *capacity))
            .collect(),
    };
    let viewed: Vec<Row> = viewed.iter().map(|it| row(ctx, it)).collect();
    let reviews = reviews(ctx, person);
    Ok(markup! {
        (heading(&[], &markup! { (t!(lang, "permits.waiting")) }, &markup! { (t!(lang, "permits.waiting_lead")) }))
        (note)
        @if list.is_empty() {
            (empty_state(&t!(lang, "permits.none_waiting"), &t!(lang, "permits.none_waiting_how")))
        } @else {
            form method="post" action="/permits/waiting" {
                (csrf_field(&ctx.live()?.csrf()))
                p class="found" role="status" { (t!(lang, "permits.count", n = all)) }
                (tick_rows(lang, &t!(lang, "permits.waiting"), &list, &ticks, ctx.now))
                div class="bulk" {
                    p class="muted small" { (t!(lang, "permits.bulk_how")) }
                    button class="button" type="submit" { (t!(lang, "permits.bulk_do")) }
                }
            }
        }
        @if !reviews.is_empty() {
            section aria-labelledby="to-review" {
                h2 id="to-review" { (t!(lang, "exception.to-review")) }
                p class="muted" { (t!(lang, "exception.to-review-lead")) }
                (rows(lang, &t!(lang, "exception.to-review"), &reviews, ctx.now, true))
            }
        }
        @if !viewed.is_empty() {
            section aria-labelledby="to-view" {
                h2 id="to-view" { (t!(lang, "permits.to_view")) }
                p class="muted" { (t!(lang, "permits.to_view_lead")) }
                (rows(lang, &t!(lang, "permits.to_view"), &viewed, ctx.now, true))
            }
        }
    })
}

/// The exceptions that a person has to look at again.
fn reviews(ctx: &Ctx, person: PersonId) -> Vec<Row> {
    let reviews: Vec<Permit> = {
        let world = ctx.site.app.world();
        let soon = world.calendar().deadline(ctx.now, REVIEW_SOON);
        let found = world.reviews_for(person, soon, ctx.now).into_iter();
        found.take(SHOWN).cloned().collect()
    };
    let rows = reviews.iter().map(|it| Row {
        href: format!("/exceptions/{}", it.id),
        ..row(ctx, it)
    });
    rows.collect()
}

/// What may be approved in bulk: applications as they stand. Other matters are opened.
fn tick(ctx: &Ctx, permit: &Permit) -> Option<String> {
    (permit.status(ctx.now) == Status::Applied)
        .then(|| format!("{}:{}", permit.id, permit.version()))
}

/// What is worth knowing before the case is opened.
fn known(ctx: &Ctx, permit: &Permit, capacity: Capacity) -> Markup {
    let lang = ctx.lang;
    let devices = permit.particulars.devices();
    let overdue = {
        let world = ctx.site.app.world();
        world.overdue_of(permit.applicant, ctx.now).count()
    };
    markup! {
        @for device in devices.iter().take(2) { (State::of(ctx, *device).badge(ctx)) " " }
        @if overdue > 0 { span class="state state--bad" { (t!(lang, "permits.owes_overdue", n = overdue)) } " " }
        @if capacity != Capacity::Holder {
            span class="state state--wait" { (text(lang, format!("permits.capacity.{}", capacity.code()), &[])) }
        }
    }
}

/// Approves what was ticked, one command each; what could not be is named.
pub(in crate::http) fn approve(ctx: &Ctx, form: &Form) -> Answer {
    ctx.live()?;
    let chosen: Vec<(PermitId, u64)> = form
        .pairs()
        .filter(|(name, _)| *name == "permit")
        .filter_map(|(_, value)| {
            let (id, version) = value.split_once(':')?;
            Some((id.parse().ok()?, version.parse().ok()?))
        })
        .take(SHOWN)
        .collect();
    let lang = ctx.lang;
    let mut done = 0_usize;
    let mut refused: Wrong = Vec::new();
    for (permit, version) in chosen {
        let command = PermitCommand::Act {
            permit,
            expected: Some(version),
            act: PermitAct::Approve {
                term: None,
                conditions: None,
                remark: None,
                answer: None,
            },
        };
        match commanded(ctx, command, &|_| String::new()) {
            Ok(()) => done += 1,
            Err(Fail::Wrong(wrong)) => {
                let known = ctx.site.app.world().permits.get(permit).cloned();
                let name = known.map_or_else(|| permit.to_string(), |it| title(ctx, &it));
                refused.extend(wrong.into_iter().map(|(_, said)| (name.clone(), said)));
            }
            Err(Fail::Fault(fault)) => return Err(fault),
        }
    }
    let list = markup! {
        @if !refused.is_empty() { ul { @for (name, said) in &refused { li { strong { (name) } " " (said) } } } }
    };
    let note = if done == 0 && refused.is_empty() {
        alert(Tone::Warning, &t!(lang, "permits.none_chosen"), &list)
    } else if refused.is_empty() {
        alert(
            Tone::Success,
            &t!(lang, "permits.approved_n", n = done),
            &list,
        )
    } else {
        let n = refused.len();
        alert(
            Tone::Warning,
            &t!(lang, "permits.approved_some", n = done, left = n),
            &list,
        )
    };
    let main = main(ctx, &note)?;
    let mut frame = ctx.frame(Place::PermitsWaiting);
    frame.path = "/permits/waiting".to_owned();
    let page = page(&frame, &t!(lang, "permits.waiting"), &main);
    answer(page, &refused)
}
