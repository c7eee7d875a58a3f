//! Rules: their list, a rule with its clauses, its versions and what changed, and saying that one has read it.

mod changes;
mod conflicts;
pub(in crate::http) mod draft;
pub(in crate::http) mod effect;
pub(in crate::http) mod file;
pub(in crate::http) mod form;
mod words;

use std::sync::Arc;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::id::RuleId;
use sekisho_domain::rule::{RuleDocument, RuleVersion};
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use crate::console::layout::Place;
use crate::console::register::LinkTo;
use crate::console::rules::{
    CONFLICTS_PATH, ListView, PATH, RuleLine, RuleView, VersionLine, list_page, rule_page,
    version_page,
};

pub(in crate::http) use changes::show as changes;
pub(in crate::http) use conflicts::{export as export_conflicts, list as conflicts};
pub(in crate::http) use words::{actor, conflict_shown, title_of};

/// Where a rule is.
pub(in crate::http) fn path(rule: RuleId) -> String {
    format!("{PATH}/{rule}")
}

/// The rule that the path names.
pub(in crate::http) fn asked(ctx: &Ctx) -> Result<RuleDocument, Fault> {
    ctx.gate(Action::ReadRules, Subject::Body)?;
    let rule: RuleId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let world = ctx.site.app.world();
    let known = world.rules.documents.get(&rule).cloned();
    known.ok_or_else(Fault::not_found)
}

fn drafts_or_approves(ctx: &Ctx) -> bool {
    ctx.may(Action::DraftRule, Subject::Body) || ctx.may(Action::ApproveRule, Subject::Body)
}

fn link(ctx: &Ctx, key: &'static str, href: String, primary: bool) -> LinkTo {
    LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href,
        primary,
    }
}

/// What a rule's work is called; none where nobody works on it, or the reader does not see that.
fn work_note(document: &RuleDocument, sees: bool) -> Option<&'static str> {
    let work = document.work.as_ref().filter(|_| sees)?;
    Some(if work.proposed.is_some() {
        "rule.proposed-note"
    } else {
        "rule.draft-note"
    })
}

/// `GET /rules`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRules, Subject::Body)?;
    let sees = drafts_or_approves(ctx);
    let (documents, to_read) = {
        let world = ctx.site.app.world();
        let documents: Vec<RuleDocument> = world.rules.documents.values().cloned().collect();
        let person = ctx.live().ok().map(|live| live.person);
        let to_read = person.map_or_else(Vec::new, |it| world.rules_to_read(it, ctx.now));
        (documents, to_read)
    };
    let shown = documents
        .iter()
        .filter(|it| sees || !it.versions.is_empty())
        .map(|document| {
            let version = document.in_force(ctx.now);
            let owner = document.content().map(|it| it.head.owner);
            RuleLine {
                title: title_of(ctx, document),
                href: path(document.rule),
                in_force: version.map(|it| (it.version, it.from)),
                clauses: version.map_or(0, |it| it.content.clauses.len()),
                owner: owner.map_or_else(String::new, |it| words::post(ctx, it)),
                to_read: to_read.iter().any(|(rule, _)| *rule == document.rule),
                work: work_note(document, sees),
            }
        });
    let rules: Vec<RuleLine> = shown.collect();
    let mut links = Vec::new();
    if ctx.may(Action::DraftRule, Subject::Body) {
        links.push(link(ctx, "rule.new", format!("{PATH}/new"), true));
    }
    if ctx.may(Action::ReadRuleEffect, Subject::Body) {
        links.push(link(
            ctx,
            "conflict.title",
            CONFLICTS_PATH.to_owned(),
            false,
        ));
    }
    let view = ListView { rules, links };
    Ok(html(list_page(&ctx.frame(Place::Rules), &view)))
}

fn links(ctx: &Ctx, document: &RuleDocument) -> Vec<LinkTo> {
    let href = path(document.rule);
    let mut links = Vec::new();
    if document.work.is_none() && ctx.may(Action::DraftRule, Subject::Body) {
        let label = "rule.revise";
        links.push(link(ctx, label, format!("{href}/draft/head"), true));
    }
    if ctx.may(Action::ReadRuleEffect, Subject::Body) && document.in_force(ctx.now).is_some() {
        let label = "rule.effect.title";
        links.push(link(ctx, label, format!("{href}/effect"), false));
    }
    if document.in_force(ctx.now).is_some() {
        for (key, format) in [
            ("rule.export-md", "md"),
            ("rule.export-xlsx", "xlsx"),
            ("rule.export-csv", "csv"),
        ] {
            links.push(link(
                ctx,
                key,
                format!("{href}/file?format={format}"),
                false,
            ));
        }
    }
    links
}

fn version_line(ctx: &Ctx, rule: RuleId, version: &RuleVersion) -> VersionLine {
    let href = path(rule);
    VersionLine {
        version: version.version,
        from: version.from,
        proposed_by: words::actor(ctx, &version.proposed_by),
        by: words::actor(ctx, &version.by),
        href: format!("{href}/versions/{}", version.version),
        changes: format!("{href}/changes?to={}", version.version),
    }
}

/// `GET /rules/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let document = asked(ctx)?;
    let sees = drafts_or_approves(ctx);
    if document.versions.is_empty() && !sees {
        return Err(Fault::not_found());
    }
    let version = document.in_force(ctx.now);
    let person = ctx.live()?.person;
    let to_read = version.is_some() && {
        let world = ctx.site.app.world();
        let to_read = world.rules_to_read(person, ctx.now);
        to_read.iter().any(|(rule, _)| *rule == document.rule)
    };
    let href = path(document.rule);
    let read = version.is_some_and(|version| {
        version.content.head.acknowledge && document.is_acknowledged(person, version.version)
    });
    let view = RuleView {
        title: title_of(ctx, &document),
        version: version.map(|it| it.version),
        facts: version.map_or_else(Vec::new, |it| words::facts(ctx, it)),
        clauses: version.map_or_else(Vec::new, |it| {
            words::clauses(ctx, &it.content.clauses, None)
        }),
        acknowledge: if to_read {
            Some((format!("{href}/acknowledge"), ctx.live()?.csrf()))
        } else {
            None
        },
        read,
        work: work_note(&document, sees).map(|key| (key, format!("{href}/draft"))),
        history: document
            .versions
            .iter()
            .rev()
            .map(|it| version_line(ctx, document.rule, it))
            .collect(),
        links: links(ctx, &document),
    };
    Ok(html(rule_page(&ctx.frame(Place::Rules), &view)))
}

/// `GET /rules/{id}/versions/{version}`
pub(in crate::http) fn version(ctx: &Ctx) -> Answer {
    let document = asked(ctx)?;
    let number = ctx.parameter("version").parse::<u32>();
    let number = number.map_err(|_| Fault::not_found())?;
    let found = document.versions.iter().find(|it| it.version == number);
    let found = found.ok_or_else(Fault::not_found)?;
    let clauses = words::clauses(ctx, &found.content.clauses, None);
    let (title, href) = (title_of(ctx, &document), path(document.rule));
    let page = version_page(
        &ctx.frame(Place::Rules),
        (&title, &href),
        number,
        &words::facts(ctx, found),
        &clauses,
    );
    Ok(html(page))
}

/// `POST /rules/{id}/acknowledge`
pub(in crate::http) fn acknowledge(ctx: &Ctx, form: &Form) -> Answer {
    let person = ctx.live()?.person;
    ctx.gate(Action::AcknowledgeRule, Subject::Person(person))?;
    let document = asked(ctx)?;
    let version = form.get("version").parse::<u32>();
    let version = version.map_err(|_| Fault::not_found())?;
    let command = Command::Rule(Box::new(RuleCommand::Acknowledge {
        rule: document.rule,
        version,
        person,
    }));
    let actor = ctx.actor()?;
    ctx.site.app.command_blocking(actor, command, Vec::new())?;
    Ok(redirect(&path(document.rule)))
}

/// The name of a rule and where it is, for who may read it.
pub(super) fn named_rule(ctx: &Ctx, rule: RuleId) -> Option<(String, String)> {
    if !ctx.may(Action::ReadRules, Subject::Body) {
        return None;
    }
    let content = {
        let world = ctx.site.app.world();
        let known = world.rules.documents.get(&rule)?;
        known.content().map(Arc::clone)
    };
    let title = content.map_or_else(|| rule.to_string(), |it| words::title(ctx, &it.head));
    Some((title, path(rule)))
}
