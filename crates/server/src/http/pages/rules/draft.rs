//! The draft of a rule: its page, and what is done with it.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::name::Line;
use sekisho_domain::opinion;
use sekisho_domain::rule::{RuleDocument, RuleWork};
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::{date, t};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::draft_form::Places;
use super::super::opinions::state_of;
use super::super::{form_refusal, line, optional_line, sentence};
use super::words::{self, actor, conflict_shown};
use super::{asked, drafts_or_approves, link, path, title_of};
use crate::console::components::Definitions;
use crate::console::layout::Place;
use crate::console::register::LinkTo;
use crate::console::rules::{ConflictShown, DraftView, PATH, draft_page};
use crate::rule::found;

/// What is wrong, with the id it is about.
pub(super) type Errors = Vec<(String, String)>;

/// The rule that the path names with its draft, for who drafts or approves.
pub(super) fn worked_on(ctx: &Ctx) -> Result<(RuleDocument, RuleWork), Fault> {
    if !drafts_or_approves(ctx) {
        ctx.gate(Action::DraftRule, Subject::Body)?;
    }
    let document = asked(ctx)?;
    let work = document.work.clone().ok_or_else(Fault::not_found)?;
    Ok((document, work))
}

/// The same, where it can be written on.
pub(super) fn unproposed(ctx: &Ctx) -> Result<(RuleDocument, RuleWork), Fault> {
    ctx.gate(Action::DraftRule, Subject::Body)?;
    let (document, work) = worked_on(ctx)?;
    if work.proposed.is_some() {
        return Err(Fault::not_found());
    }
    Ok((document, work))
}

fn facts(ctx: &Ctx, work: &RuleWork) -> Definitions {
    let lang = ctx.lang;
    let mut facts = words::head_facts(ctx, &work.content.head);
    let said = |at: Timestamp| date(lang, at);
    facts.push((
        t!(lang, "rule.written"),
        markup! { (said(work.changed_at)) " " (actor(ctx, &work.by)) },
    ));
    if let Some(proposed) = &work.proposed {
        facts.push((
            t!(lang, "rule.proposed"),
            markup! { (said(proposed.at)) " " (actor(ctx, &proposed.by)) },
        ));
    }
    facts
}

fn links(ctx: &Ctx, document: &RuleDocument, work: &RuleWork) -> Vec<LinkTo> {
    let href = path(document.rule);
    let mut links = Vec::new();
    if ctx.may(Action::DraftRule, Subject::Body) && work.proposed.is_none() {
        let new = format!("{href}/draft/clauses/new");
        links.push(link(ctx, "rule.add-clause", new, true));
        let head = format!("{href}/draft/head");
        links.push(link(ctx, "rule.change-head", head, false));
    }
    if !document.versions.is_empty() {
        let changes = format!("{href}/changes?to=draft");
        links.push(link(ctx, "rule.changes", changes, false));
    }
    for (key, format) in [
        ("rule.export-md", "md"),
        ("rule.export-xlsx", "xlsx"),
        ("rule.export-csv", "csv"),
    ] {
        let file = format!("{href}/file?of=draft&format={format}");
        links.push(link(ctx, key, file, false));
    }
    links
}

/// What the draft conflicts with: only what names this rule.
fn conflicts(ctx: &Ctx, document: &RuleDocument) -> Vec<ConflictShown> {
    let about = opinion::Subject::Rule(document.rule);
    let found = found(&ctx.site.app, &ctx.site.catalogue, Some(about));
    let rule = document.rule.to_string();
    let found = found.document(ctx.now);
    let names = |side: &String| side.starts_with(&rule);
    let of_rule = found.lines.iter().filter(|it| it.between.iter().any(names));
    of_rule.map(|it| conflict_shown(ctx, it)).collect()
}

pub(super) fn render(
    ctx: &Ctx,
    (document, work): (&RuleDocument, &RuleWork),
    from: &str,
    errors: Errors,
    faults: Places,
) -> Answer {
    let wrong = !errors.is_empty() || !faults.is_empty();
    let drafts = ctx.may(Action::DraftRule, Subject::Body);
    let proposed = work.proposed.is_some();
    let href = path(document.rule);
    let change = format!("{href}/draft/clauses");
    let change = (drafts && !proposed).then_some(change.as_str());
    let proposal = opinion::Proposal {
        subject: opinion::Subject::Rule(document.rule),
        state: document.revision,
    };
    let view = DraftView {
        csrf: ctx.live()?.csrf(),
        rule: (title_of(ctx, document), href.clone()),
        facts: facts(ctx, work),
        clauses: words::clauses(ctx, &work.content.clauses, change),
        revision: document.revision,
        proposed,
        takes_out: work.content.clauses.is_empty(),
        sent_back: work.sent_back.as_ref().map(|it| it.as_str().to_owned()),
        drafts,
        approves: ctx.may(Action::ApproveRule, Subject::Body),
        from: from.to_owned(),
        opinion: if proposed {
            state_of(ctx, proposal)
        } else {
            markup! {}
        },
        conflicts: conflicts(ctx, document),
        links: links(ctx, document, work),
        errors,
        faults,
    };
    let mut frame = ctx.frame(Place::Rules);
    frame.path = format!("{href}/draft");
    let mut response = html(draft_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /rules/{id}/draft`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let (document, work) = worked_on(ctx)?;
    render(ctx, (&document, &work), "", Vec::new(), Vec::new())
}

/// The first instant of a day as entered; none where nothing is, which means at once.
fn first_day(text: &str) -> Result<Option<Timestamp>, ()> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = parse_date(text.trim()).map_err(|_| ())?;
    Timestamp::start_of_jst_day(day).map(Some).map_err(|_| ())
}

/// `POST /rules/{id}/draft/{act}`
pub(in crate::http) fn act(ctx: &Ctx, form: &Form) -> Answer {
    let (document, work) = worked_on(ctx)?;
    let rule = document.rule;
    let expected = form.get("expected").parse().ok();
    let wrong = |id: &str, said: String| {
        let errors = vec![(id.to_owned(), said)];
        let from = form.get("from");
        render(ctx, (&document, &work), from, errors, Vec::new())
    };
    let command = match ctx.parameter("act") {
        "propose" => RuleCommand::Propose { rule, expected },
        "drop" => RuleCommand::Drop { rule },
        "send-back" => match line(ctx.lang, form.get("reason")) {
            Ok(reason) => RuleCommand::SendBack { rule, reason },
            Err(said) => return wrong("reason", said),
        },
        "approve" => {
            let Ok(from) = first_day(form.get("from")) else {
                return wrong("from", sentence(ctx.lang, "rule.from", &[]));
            };
            let answer: Option<Line> = match optional_line(ctx.lang, form.get("answer")) {
                Ok(answer) => answer,
                Err(said) => return wrong("answer", said),
            };
            RuleCommand::Approve {
                rule,
                expected,
                from,
                answer,
            }
        }
        _ => return Err(Fault::not_found()),
    };
    let to = match &command {
        RuleCommand::Drop { .. } if document.versions.is_empty() => PATH.to_owned(),
        RuleCommand::Drop { .. } | RuleCommand::Approve { .. } => path(rule),
        _ => format!("{}/draft", path(rule)),
    };
    let command = Command::Rule(Box::new(command));
    let actor = ctx.actor()?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(redirect(&to)),
        Err(error) => {
            let (field, said) = form_refusal(ctx.lang, error)?;
            let at_hand = |it: &String| matches!(it.as_str(), "from" | "answer");
            let id = field.filter(at_hand).unwrap_or_else(|| "main".to_owned());
            wrong(&id, said)
        }
    }
}
