//! One permit.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::permit::{ActKind, Permit, Stage, Status};
use sekisho_domain::time::Span;
use sekisho_messages::{day, t, text};

use super::super::super::ctx::{Answer, Ctx};
use super::acts::{May, links};
use super::content::{Look, asked_for, conditions, decided};
use super::decide::Draft;
use super::form::{Wrong, answer};
use super::{applicant, asked, decide, decider, history, path, title, weigh, words};
use crate::console::components::{Tone, alert};
use crate::console::layout::Place;
use crate::console::permits::{Duty, PermitView, clause_word, permit_page, status_badge};
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
            if permit.exception().is_some() && permit.grant().is_some() {
                list.push(LinkTo {
                    label: t!(lang, "exception.measured").into_owned(),
                    href: format!("/exceptions/{}", permit.id),
                    primary: false,
                });
            }
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
        // Whoever decides, and whoever sees what the applicant reaches: the applicant as well.
        effect: (may.own || may.decides || sees_access(ctx, permit))
            .then(|| super::super::access::effect::section(ctx, permit))
            .transpose()?
            .flatten(),
        decide: decides
            .then(|| decide::form(ctx, permit, draft, wrong))
            .transpose()?,
        asked: asked_for(ctx, permit, Look::Screen)?,
        decided: decided(ctx, permit, Look::Screen),
        conditions: conditions(ctx, permit),
        duties: duties(ctx, permit, status, &may),
        history: history::of_permit(ctx, permit)?,
    };
    let mut frame = ctx.frame(place);
    frame.path = path(permit.id);
    answer(permit_page(&frame, &view), wrong)
}

fn sees_access(ctx: &Ctx, permit: &Permit) -> bool {
    ctx.may(Action::ReadAccess, Subject::Person(permit.applicant))
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
