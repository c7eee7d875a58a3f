//! The plan of telework: its page, its draft, and the cases that call for a reassessment.

pub(in crate::http) mod cases;
pub(in crate::http) mod draft;
pub(in crate::http) mod form;
mod lines;
pub(in crate::http) mod table;
pub(in crate::http) mod words;

use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::plan::{CaseScope, Cause, Feed, PlanVersion};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{date, day, t};
use sekisho_rules::assess::unseen_use;
use sekisho_rules::trigger::NOT_WATCHED;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use crate::console::components::{Definitions, instant};
use crate::console::layout::Place;
use crate::console::plan::{
    CASES_PATH, DRAFT_PATH, Measured, PATH, PlanView, VersionLine, plan_page, version_page,
};
use crate::console::register::LinkTo;
use crate::console::words::reason;
use crate::plan::evaluate_now;
use words::{actor, trigger};

pub(in crate::http) use cases::named_case;

/// How many days of the trend are shown.
const TREND: usize = 60;
/// How many reasons why use is not seen are shown.
const UNSEEN: usize = 20;

/// The last day of an interval that ends with an instant.
const fn before(until: Timestamp) -> Timestamp {
    Timestamp::from_millis(until.as_millis() - 1)
}

/// Facts about a version.
fn facts(ctx: &Ctx, version: &PlanVersion) -> Definitions {
    let lang = ctx.lang;
    let head = &version.content.head;
    let mut facts: Definitions = vec![
        (
            t!(lang, "plan.since"),
            markup! { (instant(lang, version.at)) },
        ),
        (
            t!(lang, "plan.until"),
            markup! { (day(lang, before(version.until))) },
        ),
        (
            t!(lang, "plan.proposed-by"),
            markup! { (actor(ctx, &version.proposed_by)) },
        ),
        (t!(lang, "plan.by"), markup! { (actor(ctx, &version.by)) }),
        (t!(lang, "plan.cause"), cause(ctx, version)),
    ];
    facts.extend(words::head(lang, head));
    let digest = version.baseline.blob.get(..16).unwrap_or_default();
    facts.push((
        t!(lang, "plan.baseline"),
        markup! { code title=(version.baseline.blob) { (digest) "…" } },
    ));
    facts
}

/// Why there is a version.
fn cause(ctx: &Ctx, version: &PlanVersion) -> maud::Markup {
    let lang = ctx.lang;
    match version.cause {
        Cause::Approved if version.cites.is_empty() => markup! { (t!(lang, "plan.approved")) },
        Cause::Approved => {
            markup! { (t!(lang, "plan.approved-citing", n = version.cites.len())) }
        }
        Cause::Reassessed(case) => {
            let known = ctx
                .site
                .app
                .world()
                .plan
                .cases
                .get(&case)
                .map(|it| it.opened.trigger);
            let name = known.map_or_else(String::new, |it| trigger(lang, it));
            markup! { (t!(lang, "plan.reassessed")) " " a href={ (CASES_PATH) "/" (case) } { (name) } }
        }
    }
}

/// What the reader can do.
fn links(ctx: &Ctx, draft: bool, any: bool) -> Vec<LinkTo> {
    let link = |key: &str, href: String, primary| LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href,
        primary,
    };
    let mut links = Vec::new();
    if !draft && ctx.may(Action::DraftPlan, Subject::Body) {
        links.push(link("plan.new-draft", format!("{DRAFT_PATH}/head"), true));
    }
    if any {
        links.push(link(
            "plan.export-xlsx",
            format!("{PATH}/table?format=xlsx"),
            false,
        ));
        links.push(link(
            "plan.export-csv",
            format!("{PATH}/table?format=csv"),
            false,
        ));
    }
    links
}

/// Use of the whole against the baseline, from the last evaluation.
fn measured(ctx: &Ctx, version: &PlanVersion) -> Vec<Measured> {
    let lang = ctx.lang;
    let world = ctx.site.app.world();
    let (Some((_, last)), Some(baseline)) = (world.plan.evaluated(), &world.plan.baseline) else {
        return Vec::new();
    };
    let head = &version.content.head;
    let days = &world.plan.days;
    let days = &days[days.len().saturating_sub(TREND)..];
    let base = baseline.body;
    let trend = |of: fn(&sekisho_domain::plan::FrozenUse) -> u64| {
        let values = days.iter().map(|(_, day)| of(&day.body));
        values
            .map(|it| u32::try_from(it).unwrap_or(u32::MAX))
            .collect()
    };
    let name = |key: &str| t!(lang, key).into_owned();
    // What nobody could see is no zero.
    let measured = |feed, value| (!last.unmeasured.contains(&feed)).then_some(value);
    let by_use = |value| measured(Feed::Use, value);
    vec![
        Measured {
            label: name("plan.measure.people"),
            now: by_use(last.body.people),
            base: base.people,
            ceiling: Some(head.people.into()),
            trend: trend(|it| it.people),
        },
        Measured {
            label: name("plan.measure.person_days"),
            now: by_use(last.body.person_days),
            base: base.person_days,
            ceiling: Some(head.person_days.into()),
            trend: trend(|it| it.person_days),
        },
        Measured {
            label: name("plan.measure.gateway_hours"),
            now: measured(Feed::Gateways, last.body.gateway_hours),
            base: base.gateway_hours,
            ceiling: head.gateway_hours.map(u64::from),
            trend: trend(|it| it.gateway_hours),
        },
    ]
}

/// What could not be measured. Of use it is said why, system by system, to whoever reads cases: before which systems
/// nothing stands is for nobody else.
fn unmeasured(ctx: &Ctx, feeds: &[Feed], reads_cases: bool) -> Vec<String> {
    let lang = ctx.lang;
    let mut said: Vec<String> = Vec::new();
    for feed in feeds {
        said.push(words::feed(lang, feed.code()));
        if *feed != Feed::Use || !reads_cases {
            continue;
        }
        let app = &ctx.site.app;
        let world = app.world();
        let evidence = app.access_evidence(&world);
        let unseen = unseen_use(&world, &app.posture(), &evidence, ctx.now);
        let unseen = unseen.iter().take(UNSEEN);
        said.extend(unseen.map(|it| reason(lang, &it.why)));
    }
    said
}

/// What exceptions in force keep from opening cases.
fn suppressed(ctx: &Ctx) -> Vec<(String, Option<String>)> {
    let lang = ctx.lang;
    let found: Vec<_> = {
        let world = ctx.site.app.world();
        let live = world.live_exceptions(ctx.now);
        let in_force = live.filter(|permit| permit.is_in_force(ctx.now));
        let all = in_force.filter_map(|permit| {
            let exception = permit.exception()?;
            let until = permit.grant()?.term.until;
            Some((permit.id, exception.suppresses?, exception.unit, until))
        });
        all.collect()
    };
    let told = found.into_iter().map(|(permit, what, unit, until)| {
        let scope = unit.map_or(CaseScope::Body, CaseScope::Unit);
        let until = t!(
            lang,
            "plan.suppressed-until",
            until = day(lang, before(until))
        );
        let (what, scope) = (trigger(lang, what), words::scope(ctx, scope));
        let may = ctx.may(Action::ReadPermit, Subject::Permit(permit));
        let href = may.then(|| format!("/exceptions/{permit}"));
        (format!("{what} ({scope}) {until}"), href)
    });
    told.collect()
}

/// `GET /plan`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadPlan, Subject::Body)?;
    let lang = ctx.lang;
    let (versions, evaluated, draft, counted) = {
        let world = ctx.site.app.world();
        let plan = &world.plan;
        let draft = plan.work.as_ref().map(|work| work.proposed.is_some());
        let counted = (plan.open().count(), plan.overdue(ctx.now).count());
        (
            plan.versions.clone(),
            plan.evaluated().cloned(),
            draft,
            counted,
        )
    };
    let current = versions.last();
    let reads_cases = ctx.may(Action::ReadCases, Subject::Body);
    let evaluates = ctx.may(Action::EvaluatePlan, Subject::Body);
    let missing = evaluated.as_ref().map(|(_, day)| day.unmeasured.as_slice());
    let view = PlanView {
        title: current.map(|it| it.content.head.title.as_str().to_owned()),
        version: current.map_or(0, |it| it.version),
        until: current.map_or(ctx.now, |it| before(it.until)),
        in_force: current.is_some_and(|it| ctx.now < it.until),
        facts: current.map_or_else(Vec::new, |it| facts(ctx, it)),
        measured: current.map_or_else(Vec::new, |it| measured(ctx, it)),
        evaluated_at: evaluated.as_ref().map(|(at, _)| *at),
        unmeasured: unmeasured(ctx, missing.unwrap_or_default(), reads_cases),
        not_watched: NOT_WATCHED
            .iter()
            .map(|feed| words::feed(lang, feed.code()))
            .collect(),
        suppressed: suppressed(ctx),
        lines: current.map_or_else(Vec::new, |it| lines::shown(ctx, &it.content.lines, false)),
        cases: reads_cases.then_some(counted),
        draft: draft.filter(|_| drafts_or_approves(ctx)),
        history: versions
            .iter()
            .rev()
            .map(|it| version_line(ctx, it))
            .collect(),
        links: links(ctx, draft.is_some(), current.is_some()),
        evaluates: if evaluates {
            Some(ctx.live()?.csrf())
        } else {
            None
        },
    };
    Ok(html(plan_page(&ctx.frame(Place::Plan), &view)))
}

fn drafts_or_approves(ctx: &Ctx) -> bool {
    ctx.may(Action::DraftPlan, Subject::Body) || ctx.may(Action::ApprovePlan, Subject::Body)
}

fn version_line(ctx: &Ctx, version: &PlanVersion) -> VersionLine {
    VersionLine {
        version: version.version,
        at: version.at,
        by: actor(ctx, &version.by),
        cause: cause(ctx, version),
    }
}

/// `GET /plan/versions/{version}`
pub(in crate::http) fn version(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadPlan, Subject::Body)?;
    let number = ctx
        .parameter("version")
        .parse::<u32>()
        .map_err(|_| Fault::not_found())?;
    let found = {
        let world = ctx.site.app.world();
        let mut versions = world.plan.versions.iter();
        versions.find(|it| it.version == number).cloned()
    };
    let found = found.ok_or_else(Fault::not_found)?;
    let lines = lines::shown(ctx, &found.content.lines, false);
    let page = version_page(&ctx.frame(Place::Plan), number, &facts(ctx, &found), &lines);
    Ok(html(page))
}

/// `POST /plan/evaluate`
pub(in crate::http) fn evaluate(ctx: &Ctx, _: &Form) -> Answer {
    ctx.gate(Action::EvaluatePlan, Subject::Body)?;
    match evaluate_now(&ctx.site.app) {
        Ok(_) => Ok(redirect(PATH)),
        Err(crate::plan::EvaluateError::Store(error)) => Err(error.into()),
        Err(crate::plan::EvaluateError::Command(error)) => Err(error.into()),
    }
}

/// A date in words.
fn said(ctx: &Ctx, at: Timestamp) -> String {
    date(ctx.lang, at)
}
