//! One exception.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::ExceptionStep;
use sekisho_domain::exception::{NamedClause, Outcome};
use sekisho_domain::field::{Noun as _, Value};
use sekisho_domain::permit::Permit;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{day, t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::permits::named::Named;
use super::super::permits::{applicant, asked as asked_permit, path as permit_path, title};
use super::super::register::referents::Things;
use super::{before, figures, path};
use crate::console::components::{Definitions, Tone, alert};
use crate::console::exceptions::{ExceptionView, ReviewLine, exception_page};
use crate::console::fields::{Words, show as show_value};
use crate::console::layout::Place;
use crate::console::permits::term_words;
use crate::console::register::LinkTo;
use crate::exception::{ExceptionState, measure};

/// What an exception says besides how it runs, in the order shown.
const SAID: [&str; 10] = [
    "requirement",
    "policy",
    "clause",
    "unit",
    "people",
    "device",
    "devices",
    "system",
    "task",
    "suppresses",
];

/// The name of the page of a step.
pub(super) const fn page_of(step: ExceptionStep) -> &'static str {
    match step {
        ExceptionStep::Review => "review",
        ExceptionStep::Regularise => "regularise",
        ExceptionStep::DecideAgain => "decide-again",
        ExceptionStep::Stop => "stop",
    }
}

/// The exception that the path names, where the reader may read it and it was given.
pub(super) fn asked(ctx: &Ctx) -> Result<Permit, Fault> {
    let permit = asked_permit(ctx)?;
    if permit.exception().is_some() && permit.grant().is_some() {
        Ok(permit)
    } else {
        Err(Fault::not_found())
    }
}

/// Whether the reader decides on it: for the post on the route, and never on an application of their own.
pub(super) fn decides(ctx: &Ctx, permit: &Permit) -> bool {
    let person = ctx.live().ok().map(|live| live.person);
    let on_route = {
        let world = ctx.site.app.world();
        let route = world.route_of(permit, ctx.now).ok();
        route.zip(person).is_some_and(|(route, person)| {
            let capacity = world.capacity(person, route.post, permit.kind(), permit.grade, ctx.now);
            capacity.is_some()
        })
    };
    on_route && ctx.may(Action::DecidePermit, Subject::Permit(permit.id))
}

/// Whether a step fits an exception as it stands now. Only what was found to work becomes ordinary operation.
pub(super) fn fits(ctx: &Ctx, permit: &Permit, step: ExceptionStep) -> bool {
    let effective = {
        let world = ctx.site.app.world();
        world.exception_record(permit.id).is_effective()
    };
    step.fits(permit.status(ctx.now)) && (step != ExceptionStep::Regularise || effective)
}

fn links(ctx: &Ctx, permit: &Permit) -> Vec<LinkTo> {
    let lang = ctx.lang;
    let mut list = Vec::new();
    if decides(ctx, permit) {
        let steps = ExceptionStep::ALL.iter().copied();
        let fitting = steps.filter(|step| fits(ctx, permit, *step));
        list.extend(fitting.map(|step| {
            let page = page_of(step);
            LinkTo {
                label: text(lang, format!("exception.act.{page}"), &[]).into_owned(),
                href: format!("{}/{page}", path(permit.id)),
                primary: step == ExceptionStep::Review,
            }
        }));
    }
    list.push(LinkTo {
        label: t!(lang, "exception.permit").into_owned(),
        href: permit_path(permit.id),
        primary: false,
    });
    list
}

fn said(ctx: &Ctx, exception: &Exception) -> Definitions {
    let lang = ctx.lang;
    let words = Words::permit("pe");
    // Whoever reads an exception reads what the things in it are called.
    let things = Named(Things { ctx });
    let fields = SAID.iter().filter_map(|code| {
        let field = Exception::FIELDS.iter().find(|field| field.code == *code)?;
        let value = exception.value(code);
        let given = !value.is_empty() && value != Value::Flag(false);
        given.then(|| {
            let shown = show_value(lang, words, field, Some(&value), &things);
            (words.label(lang, field.code), shown)
        })
    });
    fields.collect()
}

fn outcome(ctx: &Ctx, outcome: &Outcome) -> Markup {
    let lang = ctx.lang;
    match outcome {
        Outcome::Regularised { at, clause, .. } => {
            let clause = NamedClause(*clause).text();
            let on = day(lang, *at);
            markup! { (t!(lang, "exception.regularised-into", clause = clause, day = on)) }
        }
        Outcome::Stopped { at, .. } => {
            let on = day(lang, *at);
            markup! { (t!(lang, "exception.stopped-on", day = on)) }
        }
    }
}

fn facts(ctx: &Ctx, permit: &Permit, exception: &Exception, state: ExceptionState) -> Definitions {
    let lang = ctx.lang;
    let mut facts = said(ctx, exception);
    let whom = super::whom::now(ctx, permit, exception);
    facts.push((t!(lang, "exception.for-whom"), markup! { (whom) }));
    if let Some(grant) = permit.grant() {
        facts.push((t!(lang, "exception.term"), term_words(lang, grant.term)));
    }
    if exception.urgent {
        facts.push((
            t!(lang, "exception.column.urgent"),
            markup! { (t!(lang, "exception.urgent")) },
        ));
    }
    let (on, record) = {
        let world = ctx.site.app.world();
        (
            world.exception_review_on(permit),
            world.exception_record(permit.id),
        )
    };
    let on = on.filter(|_| state.is_live());
    if let Some(on) = on.and_then(|day| Timestamp::start_of_jst_day(day).ok()) {
        let shown = markup! { (day(lang, on)) };
        facts.push((t!(lang, "exception.column.review_on"), shown));
    }
    if let Some(settled) = &record.outcome {
        facts.push((t!(lang, "exception.outcome"), outcome(ctx, settled)));
    }
    facts
}

/// What must be said first: that it is late, or that it has run too long.
fn notes(ctx: &Ctx, permit: &Permit, state: ExceptionState) -> Vec<Markup> {
    let lang = ctx.lang;
    let mut notes = Vec::new();
    if state == ExceptionState::Late {
        let body = markup! { p { (t!(lang, "exception.late-how")) } };
        notes.push(alert(Tone::Error, &t!(lang, "exception.late"), &body));
    }
    notes.extend(super::whom::alone(ctx, permit).filter(|_| state.is_live()));
    let record = ctx.site.app.world().exception_record(permit.id);
    if state.is_live() && record.is_effective() {
        let body = markup! { p { (t!(lang, "exception.works-how")) } };
        notes.push(alert(Tone::Warning, &t!(lang, "exception.works"), &body));
    }
    notes.extend(before::proved(ctx, permit).filter(|_| state.is_live()));
    let to_settle = ctx.site.app.world().is_exception_to_settle(permit, ctx.now);
    if to_settle {
        let body = markup! { p { (t!(lang, "exception.long-how")) } };
        notes.push(alert(Tone::Warning, &t!(lang, "exception.long"), &body));
    }
    notes
}

/// `GET /exceptions/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let permit = asked(ctx)?;
    let exception = permit.exception().ok_or_else(Fault::not_found)?;
    let effect = measure(&ctx.site.app, permit.id)?.ok_or_else(Fault::not_found)?;
    let (state, record) = {
        let world = ctx.site.app.world();
        let state = ExceptionState::of(&world, &permit, ctx.now);
        (state, world.exception_record(permit.id))
    };
    let state = state.ok_or_else(Fault::not_found)?;
    let mut facts = facts(ctx, &permit, exception, state);
    if let Some(before) = before::fact(ctx, &permit)? {
        facts.push((t!(ctx.lang, "exception.goes-on-with"), before));
    }
    let view = ExceptionView {
        title: title(ctx, &permit),
        state: state.code(),
        applicant: applicant(ctx, &permit),
        links: links(ctx, &permit),
        notes: notes(ctx, &permit, state),
        facts,
        measured: figures::view(ctx, &permit, &effect),
        reviews: record
            .reviews
            .iter()
            .rev()
            .map(|it| ReviewLine {
                at: it.at,
                judgement: it.judgement.code(),
                digest: it.effect.blob.clone(),
            })
            .collect(),
    };
    Ok(html(exception_page(&ctx.frame(Place::Exceptions), &view)))
}
