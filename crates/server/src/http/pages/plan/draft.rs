//! The draft of a plan: its page, and what is done with it.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PlanCommand};
use sekisho_domain::id::PlanId;
use sekisho_domain::name::Line;
use sekisho_domain::opinion;
use sekisho_domain::plan::PlanWork;
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::draft_form::Places;
use super::super::opinions::state_of;
use super::super::{form_refusal, line, optional_line, sentence};
use super::words::{self, actor};
use super::{drafts_or_approves, lines, said};
use crate::app::CommandError;
use crate::console::components::Definitions;
use crate::console::layout::Place;
use crate::console::plan::{DRAFT_PATH, DraftView, PATH, draft_page};
use crate::console::register::LinkTo;

/// What is wrong, with the id it is about.
type Errors = Vec<(String, String)>;

/// What is being worked on.
pub(super) fn work(ctx: &Ctx) -> Option<PlanWork> {
    ctx.site.app.world().plan.work.clone()
}

/// The same, where it is there and can be written on.
pub(super) fn unproposed(ctx: &Ctx) -> Result<PlanWork, Fault> {
    ctx.gate(Action::DraftPlan, Subject::Body)?;
    work(ctx)
        .filter(|work| work.proposed.is_none())
        .ok_or_else(Fault::not_found)
}

/// Drafting and approving alike.
pub(super) fn gated(ctx: &Ctx) -> Result<(), Fault> {
    if drafts_or_approves(ctx) {
        return ctx.live().map(|_| ());
    }
    ctx.gate(Action::DraftPlan, Subject::Body).map(|_| ())
}

fn facts(ctx: &Ctx, work: &PlanWork) -> Definitions {
    let lang = ctx.lang;
    let mut facts = words::head(lang, &work.content.head);
    facts.push((
        t!(lang, "plan.written"),
        markup! { (said(ctx, work.changed_at)) " " (actor(ctx, &work.by)) },
    ));
    if let Some(proposed) = &work.proposed {
        facts.push((
            t!(lang, "plan.proposed"),
            markup! { (said(ctx, proposed.at)) " " (actor(ctx, &proposed.by)) },
        ));
    }
    facts
}

fn links(ctx: &Ctx, work: Option<&PlanWork>) -> Vec<LinkTo> {
    let link = |key: &str, rest: &str, primary| LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href: format!("{DRAFT_PATH}{rest}"),
        primary,
    };
    let drafts = ctx.may(Action::DraftPlan, Subject::Body);
    match work {
        None if drafts => vec![link("plan.new-draft", "/head", true)],
        None => Vec::new(),
        Some(work) => {
            let mut links = Vec::new();
            if drafts && work.proposed.is_none() {
                links.push(link("plan.add-line", "/lines/new", true));
                links.push(link("plan.change-head", "/head", false));
            }
            links.push(link("plan.export-xlsx", "/table?format=xlsx", false));
            links.push(link("plan.export-csv", "/table?format=csv", false));
            links
        }
    }
}

/// The day that is offered as the last: a year from now, without a day.
fn year_from(now: Timestamp) -> String {
    let until = sekisho_domain::plan::default_until(now);
    until.map_or_else(String::new, |until| {
        super::before(until).jst_date().to_string()
    })
}

pub(super) fn render(ctx: &Ctx, until: Option<String>, errors: Errors, faults: Places) -> Answer {
    let work = work(ctx);
    let wrong = !errors.is_empty() || !faults.is_empty();
    let drafts = ctx.may(Action::DraftPlan, Subject::Body);
    let shown = work.as_ref();
    let proposed = shown.is_some_and(|it| it.proposed.is_some());
    let view = DraftView {
        csrf: ctx.live()?.csrf(),
        title: shown.map(|it| it.content.head.title.as_str().to_owned()),
        facts: shown.map_or_else(Vec::new, |it| facts(ctx, it)),
        lines: shown.map_or_else(Vec::new, |it| {
            lines::shown(ctx, &it.content.lines, drafts && !proposed)
        }),
        revision: shown.map_or(0, |it| it.revision),
        proposed,
        sent_back: shown.and_then(|it| it.sent_back.as_ref().map(|it| it.as_str().to_owned())),
        drafts,
        approves: ctx.may(Action::ApprovePlan, Subject::Body),
        until: until.unwrap_or_else(|| year_from(ctx.now)),
        links: links(ctx, shown),
        opinion: shown.filter(|_| proposed).map_or_else(
            || markup! {},
            |work| {
                let proposal = opinion::Proposal {
                    subject: opinion::Subject::Plan(work.plan),
                    state: work.revision,
                };
                state_of(ctx, proposal)
            },
        ),
        errors,
        faults,
    };
    let mut frame = ctx.frame(Place::Plan);
    DRAFT_PATH.clone_into(&mut frame.path);
    let mut response = html(draft_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /plan/draft`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    gated(ctx)?;
    render(ctx, None, Vec::new(), Vec::new())
}

/// The first instant after a day, as entered.
fn after_day(text: &str) -> Option<Timestamp> {
    let next = parse_date(text.trim()).ok()?.tomorrow().ok()?;
    Timestamp::start_of_jst_day(next).ok()
}

/// `POST /plan/draft/{act}`
pub(in crate::http) fn act(ctx: &Ctx, form: &Form) -> Answer {
    gated(ctx)?;
    let work = work(ctx).ok_or_else(Fault::not_found)?;
    let plan = work.plan;
    let expected = form.get("expected").parse().ok();
    let command = match ctx.parameter("act") {
        "propose" => PlanCommand::Propose { plan, expected },
        "drop" => PlanCommand::Drop { plan },
        "send-back" => match line(ctx.lang, form.get("reason")) {
            Ok(reason) => PlanCommand::SendBack { plan, reason },
            Err(said) => return wrong(ctx, None, "reason", said),
        },
        "approve" => {
            let answer = match optional_line(ctx.lang, form.get("answer")) {
                Ok(answer) => answer,
                Err(said) => return wrong(ctx, Some(form.get("until")), "answer", said),
            };
            return approve(ctx, (plan, expected), form.get("until"), answer);
        }
        _ => return Err(Fault::not_found()),
    };
    let to = if matches!(command, PlanCommand::Drop { .. }) {
        PATH
    } else {
        DRAFT_PATH
    };
    let command = Command::Plan(Box::new(command));
    match ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())
    {
        Ok(_) => Ok(redirect(to)),
        Err(error) => refusal(ctx, None, error),
    }
}

fn approve(
    ctx: &Ctx,
    (plan, expected): (PlanId, Option<u64>),
    entered: &str,
    answer: Option<Line>,
) -> Answer {
    ctx.gate(Action::ApprovePlan, Subject::Body)?;
    let Some(until) = after_day(entered) else {
        let said = sentence(ctx.lang, "plan.until", &[]);
        return wrong(ctx, Some(entered), "until", said);
    };
    let done = ctx
        .site
        .app
        .approve_plan(ctx.actor()?, plan, expected, Some(until), answer);
    match done {
        Ok(_) => Ok(redirect(PATH)),
        Err(error) => refusal(ctx, Some(entered), error),
    }
}

fn wrong(ctx: &Ctx, until: Option<&str>, id: &str, said: String) -> Answer {
    render(
        ctx,
        until.map(str::to_owned),
        vec![(id.to_owned(), said)],
        Vec::new(),
    )
}

/// A refusal at its field.
fn refusal(ctx: &Ctx, until: Option<&str>, error: CommandError) -> Answer {
    let (field, said) = form_refusal(ctx.lang, error)?;
    let id = field
        .filter(|it| it == "until" || it == "answer")
        .unwrap_or_else(|| "main".to_owned());
    wrong(ctx, until, &id, said)
}
