//! One permit.

use maud::{Markup, html as markup};
use sekisho_domain::field::Noun;
use sekisho_domain::permit::{ActKind, Conditions, Life, Permit, Stage, Status};
use sekisho_domain::time::Span;
use sekisho_messages::{day, t, text};

use super::super::super::ctx::{Answer, Ctx};
use super::super::register::referents::{Things, unit_called};
use super::acts::{May, links};
use super::decide::Draft;
use super::form::{Wrong, answer};
use super::{applicant, asked, decide, decider, history, path, title, weigh, words};
use crate::console::components::{Definitions, Tone, alert, instant};
use crate::console::fields::{Words, grade_badge, show as show_value};
use crate::console::layout::Place;
use crate::console::permits::{
    Duty, PermitView, clause_word, permit_page, status_badge, term_words,
};
use crate::console::register::LinkTo;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let permit = asked(ctx)?;
    render(ctx, &permit, &Draft::default(), &Vec::new())
}

/// The page, with what is wrong in the form of the decision.
pub(super) fn render(ctx: &Ctx, permit: &Permit, draft: &Draft, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let may = May::of(ctx, permit);
    let status = permit.status(ctx.now);
    let decides = permit.waits(ctx.now) && may.decides;
    let place = if may.own {
        Place::Permits
    } else if may.decides {
        Place::PermitsWaiting
    } else {
        Place::PermitsAll
    };
    let (label, above) = match place {
        Place::Permits => (t!(lang, "permits.mine"), "/permits"),
        Place::PermitsWaiting => (t!(lang, "permits.waiting"), "/permits/waiting"),
        _ => (t!(lang, "permits.all"), "/permits/all"),
    };
    let view = PermitView {
        trail: vec![(label.into_owned(), above.to_owned())],
        title: title(ctx, permit),
        lead: markup! {
            (status_badge(lang, status)) " " (applicant(ctx, permit))
            @if permit.is_overdue(ctx.now) { " " span class="state state--bad" { (t!(lang, "permits.overdue")) } }
        },
        links: {
            let mut list = links(ctx, permit, &may);
            list.push(LinkTo {
                label: t!(lang, "permits.paper").into_owned(),
                href: format!("{}/form", path(permit.id)),
                primary: false,
            });
            list
        },
        notes: notes(ctx, permit, status, &may)?,
        weigh: (!status.is_final() && (may.decides || may.holds && !may.own))
            .then(|| weigh::section(ctx, permit)),
        decide: decides
            .then(|| decide::form(ctx, permit, draft, wrong))
            .transpose()?,
        asked: asked_for(ctx, permit)?,
        decided: decided(ctx, permit),
        conditions: conditions(ctx, permit),
        duties: duties(ctx, permit, status, &may),
        history: history::of_permit(ctx, permit)?,
    };
    let mut frame = ctx.frame(place);
    frame.path = path(permit.id);
    answer(permit_page(&frame, &view), wrong)
}

/// What must be said first: who decides now, or why it does not hold.
fn notes(
    ctx: &Ctx,
    permit: &Permit,
    status: Status,
    may: &May,
) -> Result<Vec<Markup>, super::super::super::fault::Fault> {
    let lang = ctx.lang;
    let mut list = Vec::new();
    if permit.waits(ctx.now) && !may.decides {
        let found = ctx.site.app.world().route_of(permit, ctx.now);
        list.push(match found {
            Ok(route) => {
                let who = decider(ctx, &route);
                let clause = clause_word(lang, route.clause);
                let body = markup! { p { (t!(lang, "permits.would_decide_on", clause = clause)) } };
                alert(Tone::Info, &t!(lang, "permits.waits_at", who = who), &body)
            }
            Err(fault) => {
                let body = markup! { p { (words::unrouted(ctx, fault)) } };
                alert(Tone::Warning, &t!(lang, "permits.nobody_decides"), &body)
            }
        });
    }
    if status == Status::SentBack && may.own {
        let body = markup! { p { (t!(lang, "permits.sent_back_how")) } };
        list.push(alert(
            Tone::Warning,
            &t!(lang, "permits.was_sent_back"),
            &body,
        ));
    }
    if status == Status::Approved && may.own {
        let body = markup! { p { (t!(lang, "permits.approved_how")) } };
        list.push(alert(
            Tone::Success,
            &t!(lang, "permits.was_approved"),
            &body,
        ));
    }
    if let Some(Stage::Live {
        held: Some(cause), ..
    }) = permit.grant().map(|it| it.stage)
        && status == Status::Suspended
    {
        let cause = text(lang, format!("permits.cause.{}", cause.code()), &[]);
        let body = markup! { p { (cause) } };
        list.push(alert(Tone::Warning, &t!(lang, "permits.is_held"), &body));
    }
    if status == Status::Ended && may.own {
        let body = markup! { p { (t!(lang, "permits.ended_how")) } };
        list.push(alert(Tone::Warning, &t!(lang, "permits.has_ended"), &body));
    }
    Ok(list)
}

/// Who applies for what, from when to when and what for.
pub(super) fn asked_for(
    ctx: &Ctx,
    permit: &Permit,
) -> Result<Definitions, super::super::super::fault::Fault> {
    let lang = ctx.lang;
    let unit = {
        let world = ctx.site.app.world();
        unit_called(ctx, &world, world.unit_of_permit(permit, ctx.now))
    };
    let words = Words::permit(permit.kind().code());
    let values = permit.particulars.values();
    let things = Things { ctx };
    let mut list: Definitions = vec![
        (
            t!(lang, "permits.applicant"),
            markup! { (applicant(ctx, permit)) },
        ),
        (t!(lang, "permits.unit"), markup! { (unit) }),
        (
            t!(lang, "permits.applied"),
            instant(lang, permit.applied_at),
        ),
        (t!(lang, "permits.wanted"), term_words(lang, permit.wanted)),
    ];
    for field in permit.kind().fields() {
        let value = values.get(field.code);
        let shown = show_value(lang, words, field, value, &things);
        list.push((words.label(lang, field.code), shown));
    }
    if let Some(grade) = permit.grade {
        list.push((
            t!(lang, "permits.grade_that_counts"),
            grade_badge(lang, grade),
        ));
    }
    if let Some(purpose) = history::purpose(ctx, permit)? {
        list.push((
            t!(lang, "permits.purpose"),
            markup! { p class="statement" { (purpose) } },
        ));
    }
    Ok(list)
}

/// What was given: number, term, conditions.
pub(super) fn granted(ctx: &Ctx, permit: &Permit) -> Definitions {
    let mut list = decided(ctx, permit);
    list.extend(conditions(ctx, permit));
    list
}

fn decided(ctx: &Ctx, permit: &Permit) -> Definitions {
    let lang = ctx.lang;
    let (decision, grant) = match &permit.life {
        Life::Refused(decision) => (*decision, None),
        Life::Granted(grant) => (grant.decision, Some(grant)),
        _ => return Vec::new(),
    };
    let mut list: Definitions = Vec::new();
    if let Some(grant) = grant {
        list.push((
            t!(lang, "permits.number"),
            markup! { strong { (grant.number) } },
        ));
        list.push((t!(lang, "permits.term"), term_words(lang, grant.term)));
    }
    list.push((
        t!(lang, "permits.decided_by"),
        markup! { (history::decided_by(ctx, &decision)) },
    ));
    list.push((
        t!(lang, "permits.decided_role"),
        markup! { (crate::console::words::role(lang, decision.route.role)) },
    ));
    list.push((
        t!(lang, "permits.ground"),
        markup! { (clause_word(lang, decision.route.clause)) },
    ));
    if let Some(end) = grant.and_then(|grant| grant.end(ctx.now)) {
        let how = text(lang, format!("permits.end.{}", end.how.code()), &[]);
        list.push((
            t!(lang, "permits.ended"),
            markup! { (how) " " (instant(lang, end.at)) },
        ));
    }
    list
}

fn conditions(ctx: &Ctx, permit: &Permit) -> Definitions {
    let Some(known) = permit.grant().and_then(|it| it.conditions.as_deref()) else {
        return Vec::new();
    };
    let words = Words::permit("conditions");
    let values = known.values();
    let things = Things { ctx };
    Conditions::FIELDS
        .iter()
        .filter_map(|field| {
            let value = values.get(field.code)?;
            let none = value.is_empty() || *value == sekisho_domain::field::Value::Flag(false);
            (!none).then(|| {
                let shown = show_value(ctx.lang, words, field, Some(value), &things);
                (words.label(ctx.lang, field.code), shown)
            })
        })
        .collect()
}

/// What is owed, or will be at the end.
fn duties(ctx: &Ctx, permit: &Permit, status: Status, may: &May) -> Vec<Duty> {
    let lang = ctx.lang;
    let Some(grant) = permit.grant() else {
        return Vec::new();
    };
    if status.is_final() {
        return Vec::new();
    }
    grant
        .owed
        .iter()
        .map(|duty| {
            let late_from = grant.late(duty, ctx.now);
            let due = late_from.before(Span::millis(1));
            let late = status.allows(ActKind::Meet) && late_from <= ctx.now;
            Duty {
                what: text(lang, format!("permits.duty.{}", duty.code()), &[]).into_owned(),
                due: markup! {
                    span class="muted" { (t!(lang, "permits.due", day = day(lang, due))) }
                    @if late { " " span class="state state--bad" { (t!(lang, "permits.overdue")) } }
                },
                act: may.meets(status, duty).then(|| LinkTo {
                    label: text(lang, format!("permits.duty_do.{}", duty.code()), &[]).into_owned(),
                    href: format!("{}/{}", path(permit.id), duty.code()),
                    primary: false,
                }),
            }
        })
        .collect()
}
