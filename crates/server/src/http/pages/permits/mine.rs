//! The reader's own permits: what can be done with them now, and what is owed.

use maud::{Markup, html as markup};
use sekisho_domain::permit::{ActKind, Permit, Status};
use sekisho_domain::time::Span;
use sekisho_messages::{day, t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::{path, row, title};
use crate::console::components::empty_state;
use crate::console::layout::{Place, page, titled};
use crate::console::permits::{Row, rows, status_badge};
use crate::console::register::{LinkTo, links};

/// Permits of the past that a page shows.
const PAST: usize = 100;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let person = ctx.live()?.person;
    let lang = ctx.lang;
    let (mut current, mut past) = (Vec::new(), Vec::new());
    {
        let world = ctx.site.app.world();
        for permit in world.permits.of_person(person) {
            if !permit.status(ctx.now).is_final() {
                current.push(permit.clone());
            } else if past.len() < PAST {
                past.push(permit.clone());
            }
        }
    }
    let steps: Vec<Markup> = current.iter().filter_map(|it| step(ctx, it)).collect();
    let list = |all: &[Permit]| -> Vec<Row> { all.iter().map(|it| row(ctx, it)).collect() };
    let new = [LinkTo {
        label: t!(lang, "permits.apply").into_owned(),
        href: "/permits/new".to_owned(),
        primary: true,
    }];
    let heading = t!(lang, "permits.mine");
    let main = markup! {
        (titled(&[], &markup! { (heading) }, &markup! { (t!(lang, "permits.mine_lead")) }, &links(&new)))
        @if !steps.is_empty() {
            section aria-labelledby="to-do" {
                h2 id="to-do" { (t!(lang, "permits.to_do")) }
                ul class="words" { @for step in &steps { li { (step) } } }
            }
        }
        section aria-labelledby="current" {
            h2 id="current" { (t!(lang, "permits.current")) }
            @if current.is_empty() {
                (empty_state(&t!(lang, "permits.none_current"), &t!(lang, "permits.none_current_how")))
            } @else { (rows(lang, &t!(lang, "permits.current"), &list(&current), ctx.now, false)) }
        }
        @if !past.is_empty() {
            section aria-labelledby="past" {
                h2 id="past" { (t!(lang, "permits.past")) }
                (rows(lang, &t!(lang, "permits.past"), &list(&past), ctx.now, false))
            }
        }
    };
    Ok(html(page(&ctx.frame(Place::Permits), &heading, &main)))
}

/// What the applicant must do next with a permit.
fn step(ctx: &Ctx, permit: &Permit) -> Option<Markup> {
    let lang = ctx.lang;
    let link = |act: ActKind, page: &str| {
        let label = text(lang, format!("permits.act.{}", act.code()), &[]);
        markup! { a class="button button--secondary" href={ (path(permit.id)) "/" (page) } { (label) } }
    };
    let status = permit.status(ctx.now);
    let act = match status {
        Status::SentBack => link(ActKind::Resubmit, "change"),
        Status::Approved => link(ActKind::Activate, "activate"),
        Status::Ended => owed(ctx, permit),
        Status::Active if ends_soon(ctx, permit) => markup! {
            @if permit.asked_until().is_none() { (link(ActKind::AskExtension, "extension")) " " }
            (link(ActKind::Return, "return"))
        },
        _ => return None,
    };
    Some(markup! {
        p { a href=(path(permit.id)) { (title(ctx, permit)) } " " (status_badge(lang, status)) }
        @if status == Status::Active {
            @if let Some(grant) = permit.grant() {
                p class="muted" { (t!(lang, "permits.ends_on", day = day(lang, grant.term.until.before(Span::seconds(1))))) }
            }
        }
        p class="inline" { (act) }
    })
}

/// Whether it ends within a week.
fn ends_soon(ctx: &Ctx, permit: &Permit) -> bool {
    permit
        .grant()
        .is_some_and(|grant| grant.term.until <= ctx.now.after(Span::days(7)))
}

/// What is owed: by the applicant's own word, or by handing it over.
fn owed(ctx: &Ctx, permit: &Permit) -> Markup {
    let lang = ctx.lang;
    let Some(grant) = permit.grant() else {
        return markup! {};
    };
    markup! {
        @for duty in grant.owed.iter() {
            @let due = grant.late(duty, ctx.now).before(Span::millis(1));
            @if duty.is_stated_by_the_applicant() {
                a class="button button--secondary" href={ (path(permit.id)) "/" (duty.code()) } {
                    (text(lang, format!("permits.duty_do.{}", duty.code()), &[]))
                }
            } @else { span { (text(lang, format!("permits.duty.{}", duty.code()), &[])) } }
            span class="muted" { (t!(lang, "permits.due", day = day(lang, due))) }
            @if due <= ctx.now { span class="state state--bad" { (t!(lang, "permits.overdue")) } }
        }
    }
}
