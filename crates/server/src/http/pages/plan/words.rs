//! Words for what plans and cases hold: actors, triggers, measures, and what figures speak of.

use maud::{Markup, html};
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::PlanId;
use sekisho_domain::plan::{ANYWHERE, CaseScope, EVERYONE, Figure, Measure, PlanHead, Trigger};
use sekisho_messages::{Lang, number, t, text};

use super::super::super::ctx::Ctx;
use super::super::register::referents::{Things, unit_called};
use super::super::{person_name, service_name};
use crate::console::components::Definitions;
use crate::console::fields::Referents as _;
use crate::console::words::check as check_word;

/// Who acted, as far as the reader may know it.
pub(in crate::http) fn actor(ctx: &Ctx, actor: &Actor) -> String {
    match actor {
        Actor::Person { person, .. } => {
            let may = ctx.may(Action::ReadDirectory, Subject::Person(*person));
            let name = may.then(|| person_name(ctx, *person)).flatten();
            name.unwrap_or_else(|| person.to_string())
        }
        Actor::Service { token, .. } => service_name(ctx, *token),
        Actor::System => t!(ctx.lang, "plan.program").into_owned(),
        _ => t!(ctx.lang, "own-rules.operator").into_owned(),
    }
}

pub(in crate::http) fn trigger(lang: Lang, trigger: Trigger) -> String {
    text(lang, format!("case.trigger.{}", trigger.code()), &[]).into_owned()
}

pub(in crate::http) fn feed(lang: Lang, code: &str) -> String {
    text(lang, format!("plan.feed.{code}"), &[]).into_owned()
}

/// For whom.
pub(in crate::http) fn scope(ctx: &Ctx, scope: CaseScope) -> String {
    match scope {
        CaseScope::Body => t!(ctx.lang, "case.scope.body").into_owned(),
        CaseScope::Unit(unit) => {
            let world = ctx.site.app.world();
            let name = unit_called(ctx, &world, unit);
            if name.is_empty() {
                unit.to_string()
            } else {
                name
            }
        }
    }
}

/// The ceilings of a plan.
pub(super) fn head(lang: Lang, head: &PlanHead) -> Definitions {
    let label = |field: &str| text(lang, format!("register.plan_head.{field}"), &[]);
    let number = |it: u32| html! { span class="num" { (number(i64::from(it))) } };
    let mut list = vec![
        (label("people"), number(head.people)),
        (label("person_days"), number(head.person_days)),
    ];
    if let Some(hours) = head.gateway_hours {
        list.push((label("gateway_hours"), number(hours)));
    }
    if let Some(note) = &head.note {
        list.push((label("note"), html! { (note.as_str()) }));
    }
    list
}

/// A thing by its id, as far as the reader may know it.
fn thing(ctx: &Ctx, id: &str) -> Markup {
    let prefix = id.split('_').next().unwrap_or_default();
    if prefix == "pmt" {
        return html! { a href={ "/permits/" (id) } { (t!(ctx.lang, "case.that-permit")) } };
    }
    match (Things { ctx }).get(prefix, id) {
        Some(it) => html! {
            @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) }
        },
        None => html! { span class="muted" { (t!(ctx.lang, "field.reference.not_shown")) } },
    }
}

/// Who is admitted: a unit, everyone, or all whom the plan names.
fn admitted(ctx: &Ctx, who: &str) -> Markup {
    match who {
        EVERYONE => html! { (t!(ctx.lang, "case.everyone")) },
        plan if is_plan(plan) => html! { (t!(ctx.lang, "case.all-of-plan")) },
        unit => thing(ctx, unit),
    }
}

/// Whether a figure names a plan: it stands for all that the plan says.
fn is_plan(subject: &str) -> bool {
    subject.parse::<PlanId>().is_ok()
}

/// What a figure speaks of.
fn subject(ctx: &Ctx, figure: &Figure) -> Option<Markup> {
    let lang = ctx.lang;
    let subject = figure.subject.as_deref()?;
    Some(match figure.measure {
        Measure::Unmeasured => html! { (feed(lang, subject)) },
        Measure::CheckFailing => match DeviceCheck::from_code(subject) {
            Some(check) => html! { (check_word(lang, check)) },
            None => html! { (subject) },
        },
        Measure::Admitted => match subject.split_once('/') {
            Some((task, who)) => html! { (thing(ctx, task)) " → " (admitted(ctx, who)) },
            None => admitted(ctx, subject),
        },
        Measure::PlaceAdmitted if is_plan(subject) => {
            html! { (t!(lang, "case.all-places-of-plan")) }
        }
        Measure::PlaceAdmitted => {
            let (task, place) = subject.split_once('/').unwrap_or((subject, ""));
            let place = if place == ANYWHERE {
                t!(lang, "case.anywhere")
            } else if is_plan(place) {
                t!(lang, "case.all-places-of-plan")
            } else {
                text(lang, format!("register.plan_line.places.{place}"), &[])
            };
            html! { (thing(ctx, task)) " → " (place) }
        }
        Measure::FunctionUnlisted => {
            let (kind, name) = subject.split_once(':').unwrap_or(("", subject));
            let kind_word = text(lang, format!("case.function.{kind}"), &[]);
            html! { (kind_word) " " a href={ "/services/" (name) } { (name) } }
        }
        Measure::FunctionAdded => {
            let (kind, name) = subject.split_once(':').unwrap_or(("", subject));
            let kind_word = text(lang, format!("case.function.{kind}"), &[]);
            match kind {
                "medium" => {
                    html! { (kind_word) " " (text(lang, format!("register.medium.kind.{name}"), &[])) }
                }
                "platform" => html! { (kind_word) " " (name) },
                "major" => {
                    let (tool, major) = name.split_once('=').unwrap_or((name, ""));
                    html! { (kind_word) " " (thing(ctx, tool)) " " (major) }
                }
                _ => html! { (kind_word) " " (thing(ctx, name)) },
            }
        }
        Measure::SystemReached => {
            let (task, system) = subject.split_once('/').unwrap_or((subject, ""));
            html! { (thing(ctx, task)) " → " (thing(ctx, system)) }
        }
        Measure::Edition => {
            let (name, edition) = subject.split_once('=').unwrap_or((subject, ""));
            html! { (text(lang, format!("case.edition.{name}"), &[])) " " (edition) }
        }
        Measure::Detection => html! { (subject) },
        _ => thing(ctx, subject),
    })
}

/// What was measured, with what it speaks of.
pub(super) fn figure(ctx: &Ctx, figure: &Figure) -> Markup {
    let name = text(
        ctx.lang,
        format!("plan.measure.{}", figure.measure.code()),
        &[],
    );
    html! {
        (name)
        @if let Some(subject) = subject(ctx, figure) { (t!(ctx.lang, "console.colon")) (subject) }
    }
}

/// A value of a measure, in its own unit.
pub(super) fn value(lang: Lang, measure: Measure, value: u64) -> String {
    let shown = |it: u64| number(i64::try_from(it).unwrap_or(i64::MAX));
    match measure {
        Measure::CheckFailing | Measure::Turnover => format!("{}.{}%", value / 10, value % 10),
        Measure::TaskAdded | Measure::GradeRaised => {
            format!("C{}I{}A{}", value / 100, value / 10 % 10, value % 10)
        }
        Measure::PlanAge | Measure::ExceptionLong | Measure::FunctionUnlisted => {
            t!(lang, "case.days", n = value).into_owned()
        }
        Measure::Unmeasured => "–".to_owned(),
        _ => shown(value),
    }
}
