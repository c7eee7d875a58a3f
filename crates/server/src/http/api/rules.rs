//! Rules over the API: their clauses, drafts, what changed, what was counted, and what conflicts.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::field::Noun as _;
use sekisho_domain::id::RuleId;
use sekisho_domain::opinion::ConflictLine;
use sekisho_domain::rule::{
    Clause, ClauseChange, ClauseEffect, ClauseNumber, ClauseTerms, ClauseText, Finding, Piece,
    RuleContent, RuleDocument, RuleHead, RuleVersion, clause_changes, text_pieces,
};
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::plan::read_noun;
use super::schema::{
    Schema, component, count, flag, id, instant, line, list, noun, object, one_of, or_null, text,
};
use super::tables::{asked_format, list_file, refused};
use crate::app::fresh;
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::rule::{EffectError, RuleTable, counted, found};

fn clause_schema() -> Schema {
    object([
        ("number?", count()),
        ("text", text()),
        ("terms", noun(ClauseTerms::FIELDS)),
    ])
}

pub(super) fn content_schema() -> Schema {
    object([
        ("head", noun(RuleHead::FIELDS)),
        ("clauses", list(clause_schema())),
    ])
}

pub(super) fn rule_schema() -> Schema {
    let version = object([
        ("version", count()),
        ("at", instant()),
        ("from", instant()),
        ("clauses", count()),
    ]);
    let readers = object([("concerned", count()), ("read", count())]);
    object([
        ("id", id(RuleId::PREFIX)),
        ("title", text()),
        ("revision", count()),
        ("version", or_null(count())),
        ("content", or_null(content_schema())),
        ("draft", or_null(content_schema())),
        ("proposed_at", or_null(instant())),
        ("versions", list(version)),
        ("readers", or_null(readers)),
    ])
}

fn clause(it: &Clause) -> Value {
    json!({
        "number": it.number.0.get(),
        "text": it.text.as_str(),
        "terms": it.terms.values(),
    })
}

fn content(it: &RuleContent) -> Value {
    let clauses: Vec<Value> = it.clauses.iter().map(clause).collect();
    json!({ "head": it.head.values(), "clauses": clauses })
}

fn version(it: &RuleVersion) -> Value {
    json!({
        "version": it.version,
        "at": it.at.to_rfc3339(),
        "from": it.from.to_rfc3339(),
        "clauses": it.content.clauses.len(),
    })
}

/// Whether the caller works on drafts or decides on them.
fn sees_drafts(call: &Call<'_>) -> bool {
    call.ctx.may(Action::DraftRule, Subject::Body)
        || call.ctx.may(Action::ApproveRule, Subject::Body)
}

fn shown(call: &Call<'_>, document: &RuleDocument) -> Outcome {
    // What the request itself approved is in force later than the request came.
    let now = call.ctx.site.app.now();
    let work = document.work.as_ref().filter(|_| sees_drafts(call));
    let counts = call.ctx.may(Action::ReadRuleEffect, Subject::Body);
    let current = document.in_force(now);
    let world = call.ctx.site.app.world();
    let readers = current.filter(|it| counts && it.content.head.acknowledge);
    let readers = readers.map(|it| world.rule_read(document, it, now));
    let title = document.content().map(|it| it.head.title.as_str());
    let proposed = work.and_then(|work| work.proposed.as_ref());
    let told = json!({
        "id": document.rule.to_string(),
        "title": title.unwrap_or_default(),
        "revision": document.revision,
        "version": current.map(|it| it.version),
        "content": current.map(|it| content(&it.content)),
        "draft": work.map(|it| content(&it.content)),
        "proposed_at": proposed.map(|it| it.at.to_rfc3339()),
        "versions": document.versions.iter().map(version).collect::<Vec<_>>(),
        "readers": readers.map(|it| json!({ "concerned": it.concerned, "read": it.read })),
    });
    Outcome::found(told).of_version(document.revision)
}

/// The rule that the path names. One that was never approved is for those who work on drafts.
fn asked(call: &Call<'_>) -> Result<RuleDocument, Fault> {
    call.ctx.gate(Action::ReadRules, Subject::Body)?;
    let rule: RuleId = call.in_path("id")?;
    let known = {
        let world = call.ctx.site.app.world();
        world.rules.documents.get(&rule).cloned()
    };
    known
        .filter(|it| !it.versions.is_empty() || sees_drafts(call))
        .ok_or_else(Fault::not_found)
}

pub(super) fn all(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadRules, Subject::Body)?;
    let sees = sees_drafts(call);
    let documents: Vec<(RuleId, RuleDocument)> = {
        let world = call.ctx.site.app.world();
        let documents = world.rules.documents.iter();
        documents
            .filter(|(_, it)| sees || !it.versions.is_empty())
            .map(|(rule, it)| (*rule, it.clone()))
            .collect()
    };
    let (items, next) = call.page()?.of(documents)?;
    let items: Vec<Value> = items.iter().map(|it| shown(call, it).body).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    Ok(shown(call, &asked(call)?))
}

fn read_clause(
    members: &mut Members<'_>,
    place: &str,
    value: &Value,
    free: &mut ClauseNumber,
) -> Option<Clause> {
    let text = value["text"].as_str().map(ClauseText::parse);
    let text = match text {
        Some(Ok(text)) => Some(text),
        Some(Err(error)) => {
            members.wrong(&format!("{place}/text"), error.code());
            None
        }
        None => {
            members.wrong(&format!("{place}/text"), "field.missing");
            None
        }
    };
    let terms = read_noun::<ClauseTerms>(members, &format!("{place}/terms"), &value["terms"]);
    let stated = match &value["number"] {
        Value::Null => Some(None),
        number => {
            let number = number.as_u64().and_then(|it| u32::try_from(it).ok());
            let number = number.and_then(std::num::NonZeroU32::new).map(ClauseNumber);
            if number.is_none() {
                members.wrong(&format!("{place}/number"), "field.form");
            }
            number.map(Some)
        }
    };
    let number = stated?.unwrap_or_else(|| {
        let number = *free;
        *free = ClauseNumber(free.0.saturating_add(1));
        number
    });
    Some(Clause {
        number,
        text: text?,
        terms: terms?,
    })
}

/// What a body says. Clauses without a number get the next ones.
fn read_content(call: &Call<'_>, rule: RuleId, known: u32) -> Result<RuleContent, Fault> {
    let mut members = call.members()?;
    let value = members.value("head");
    let head = read_noun::<RuleHead>(&mut members, "head", value);
    let value = members.value("clauses");
    let mut clauses = Vec::new();
    match value.as_array() {
        Some(all) => {
            let stated = all.iter().filter_map(|it| it["number"].as_u64());
            let stated = stated.filter_map(|it| u32::try_from(it).ok()).max();
            let drafted = stated.unwrap_or(0).max(known);
            let mut free = call.ctx.site.app.next_clause(rule, drafted);
            for (place, value) in all.iter().enumerate() {
                let place = format!("clauses/{place}");
                clauses.extend(read_clause(&mut members, &place, value, &mut free));
            }
        }
        None => members.wrong("clauses", "field.form"),
    }
    members.end()?;
    let head = head.ok_or_else(|| Fault::internal("members"))?;
    Ok(RuleContent { head, clauses })
}

fn reshown(call: &Call<'_>, rule: RuleId) -> Outcome {
    let known = {
        let world = call.ctx.site.app.world();
        world.rules.documents.get(&rule).cloned()
    };
    let document = known.unwrap_or_else(|| RuleDocument::begun(rule));
    shown(call, &document)
}

pub(super) fn begin(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::DraftRule, Subject::Body)?;
    let rule = RuleId::new(fresh()?);
    let content = read_content(call, rule, 0)?;
    call.command(Command::Rule(Box::new(RuleCommand::Write {
        rule,
        content: Box::new(content),
        expected: None,
    })))?;
    let location = format!("/api/v1/rules/{rule}");
    let shown = reshown(call, rule);
    let made = Outcome::made(shown.body, location);
    Ok(Outcome {
        version: shown.version,
        ..made
    })
}

pub(super) fn write(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::DraftRule, Subject::Body)?;
    let document = asked(call)?;
    let rule = document.rule;
    let work = document.work.as_ref();
    let known = work.map_or(0, |it| it.content.last_number());
    let content = read_content(call, rule, known)?;
    call.command(Command::Rule(Box::new(RuleCommand::Write {
        rule,
        content: Box::new(content),
        expected: call.expected,
    })))?;
    Ok(reshown(call, rule))
}

/// The clauses of a file take the place of those of the draft. A draft that somebody else writes meanwhile is
/// refused as stale.
pub(super) fn import(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::DraftRule, Subject::Body)?;
    let document = asked(call)?;
    let rule = document.rule;
    let work = document.work.as_ref().ok_or_else(Fault::not_found)?;
    let app = &call.ctx.site.app;
    let next = app.next_clause(rule, work.content.last_number());
    let clauses = RuleTable::read(app, call.bytes, Some(&work.content), next);
    let clauses = clauses.map_err(|faults| refused(call.ctx.lang, &faults))?;
    let head = work.content.head.clone();
    call.command(Command::Rule(Box::new(RuleCommand::Write {
        rule,
        content: Box::new(RuleContent { head, clauses }),
        expected: Some(document.revision),
    })))?;
    Ok(reshown(call, rule))
}

const ACTS: [&str; 4] = ["propose", "drop", "send_back", "approve"];

pub(super) fn act_schema() -> Schema {
    object([
        ("act", one_of(ACTS)),
        ("reason?", line()),
        ("from?", instant()),
        ("answer?", line()),
    ])
}

pub(super) fn act(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let act = members.choice("act", |code| ACTS.into_iter().find(|act| *act == code));
    let reason = members.optional_line("reason");
    let from = members.optional_instant("from");
    let answer = members.optional_line("answer");
    if act == Some("send_back") && reason.is_none() {
        members.wrong("reason", "field.missing");
    }
    members.end()?;
    let action = if matches!(act, Some("approve" | "send_back")) {
        Action::ApproveRule
    } else {
        Action::DraftRule
    };
    call.ctx.gate(action, Subject::Body)?;
    let document = asked(call)?;
    let (rule, expected) = (document.rule, call.expected);
    if expected.is_some_and(|expected| expected != document.revision) {
        return Err(super::plan::stale(document.revision, expected));
    }
    let command = match (act, reason) {
        (Some("propose"), _) => RuleCommand::Propose { rule, expected },
        (Some("send_back"), Some(reason)) => RuleCommand::SendBack { rule, reason },
        (Some("approve"), _) => RuleCommand::Approve {
            rule,
            expected,
            from,
            answer,
        },
        _ => RuleCommand::Drop { rule },
    };
    call.command(Command::Rule(Box::new(command)))?;
    Ok(reshown(call, rule))
}

pub(super) fn acknowledge_schema() -> Schema {
    object([("version", count())])
}

pub(super) fn acknowledge(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let version = members.value("version").as_u64();
    let version = version.and_then(|it| u32::try_from(it).ok());
    if version.is_none() {
        members.wrong("version", "field.form");
    }
    members.end()?;
    let document = asked(call)?;
    let person = call.person()?;
    call.command(Command::Rule(Box::new(RuleCommand::Acknowledge {
        rule: document.rule,
        version: version.unwrap_or_default(),
        person,
    })))?;
    Ok(reshown(call, document.rule))
}

pub(super) fn changes_schema() -> Schema {
    let piece = object([
        ("change", one_of(["same", "added", "removed"])),
        ("text", text()),
    ]);
    let line = object([
        ("number", count()),
        ("change", one_of(["same", "added", "removed", "changed"])),
        ("label", text()),
        ("pieces", list(piece)),
        ("terms_changed", flag()),
    ]);
    object([("clauses", list(line))])
}

fn pieces(list: &[Piece<'_>]) -> Vec<Value> {
    list.iter()
        .map(|piece| {
            let (change, text) = match piece {
                Piece::Same(text) => ("same", text),
                Piece::Added(text) => ("added", text),
                Piece::Removed(text) => ("removed", text),
            };
            json!({ "change": change, "text": text })
        })
        .collect()
}

fn change(it: &ClauseChange<'_>) -> Value {
    let (code, clause, shown, terms) = match it {
        ClauseChange::Same(it) => ("same", it, vec![Piece::Same(it.text.as_str())], false),
        ClauseChange::Added(it) => ("added", it, vec![Piece::Added(it.text.as_str())], false),
        ClauseChange::Removed(it) => ("removed", it, vec![Piece::Removed(it.text.as_str())], false),
        ClauseChange::Changed { before, after } => (
            "changed",
            after,
            text_pieces(before.text.as_str(), after.text.as_str()),
            before.terms != after.terms,
        ),
    };
    json!({
        "number": clause.number.0.get(),
        "change": code,
        "label": clause.terms.label.as_str(),
        "pieces": pieces(&shown),
        "terms_changed": terms,
    })
}

/// What a version, or the draft, says.
fn content_of<'a>(
    call: &Call<'_>,
    document: &'a RuleDocument,
    which: &str,
) -> Result<&'a RuleContent, Fault> {
    if which == "draft" {
        let work = document.work.as_ref().filter(|_| sees_drafts(call));
        return work
            .map(|work| work.content.as_ref())
            .ok_or_else(Fault::not_found);
    }
    let number = which.parse::<u32>().map_err(|_| Fault::not_found())?;
    let found = document.versions.iter().find(|it| it.version == number);
    found
        .map(|it| it.content.as_ref())
        .ok_or_else(Fault::not_found)
}

pub(super) fn changes(call: &Call<'_>) -> Done {
    let document = asked(call)?;
    let newest = document.newest().map_or(0, |it| it.version);
    let to = call.ctx.query("to").unwrap_or_else(|| newest.to_string());
    let after = content_of(call, &document, &to)?;
    let before_that = to.parse::<u32>().map_or(newest, |it| it.saturating_sub(1));
    let from = call.ctx.query("from");
    let from = from.or_else(|| (before_that > 0).then(|| before_that.to_string()));
    let before = from
        .map(|from| content_of(call, &document, &from))
        .transpose()?;
    let all = clause_changes(before, after);
    let told: Vec<Value> = all.iter().map(change).collect();
    Ok(Outcome::found(json!({ "clauses": told })))
}

pub(super) fn effect_schema() -> Schema {
    let line = object([
        ("number", count()),
        ("given", count()),
        ("refused", count()),
        ("ended", count()),
        ("forbidden", or_null(count())),
        ("exceptions", count()),
        ("failing", or_null(count())),
        ("breaches", count()),
        ("unused", or_null(flag())),
    ]);
    object([
        ("version", count()),
        ("from", instant()),
        ("until", instant()),
        ("clauses", list(line)),
    ])
}

fn effect_line(number: ClauseNumber, it: &ClauseEffect) -> Value {
    json!({
        "number": number.0.get(),
        "given": it.given,
        "refused": it.refused,
        "ended": it.ended,
        "forbidden": it.forbidden,
        "exceptions": it.exceptions,
        "failing": it.failing,
        "breaches": it.breaches,
        "unused": it.is_unused(),
    })
}

fn shown_effect(call: &Call<'_>, rule: RuleId) -> Done {
    let days = call.ctx.query("days").and_then(|days| days.parse().ok());
    let report = counted(&call.ctx.site.app, rule, days).map_err(|error| match error {
        EffectError::NotInForce => Fault::not_found(),
        EffectError::Store(error) => error.into(),
    })?;
    let clauses = report.clauses.iter();
    let clauses: Vec<Value> = clauses
        .map(|(number, it)| effect_line(*number, it))
        .collect();
    Ok(Outcome::found(json!({
        "version": report.version,
        "from": report.from.to_rfc3339(),
        "until": report.until.to_rfc3339(),
        "clauses": clauses,
    })))
}

pub(super) fn effect(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    let document = asked(call)?;
    shown_effect(call, document.rule)
}

pub(super) fn conclude_schema() -> Schema {
    object([
        ("finding", one_of(Finding::CODES.iter().copied())),
        ("note", line()),
    ])
}

pub(super) fn conclude(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let finding = members.choice("finding", Finding::from_code);
    let note = members.optional_line("note");
    if note.is_none() {
        members.wrong("note", "field.missing");
    }
    members.end()?;
    call.ctx.gate(Action::CheckRule, Subject::Body)?;
    let document = asked(call)?;
    let (Some(finding), Some(note)) = (finding, note) else {
        return Err(Fault::internal("members"));
    };
    let app = &call.ctx.site.app;
    let done = app.conclude_rule(call.ctx.actor()?, document.rule, finding, note);
    done.map_err(|error| Fault::from(error).doing(Action::CheckRule))?;
    shown_effect(call, document.rule)
}

pub(super) fn conflict_schema() -> Schema {
    object([
        ("code", text()),
        ("contradiction", flag()),
        ("one", text()),
        ("other", text()),
        ("values", list(text())),
    ])
}

pub(super) fn conflicts_schema() -> Schema {
    object([
        ("at", instant()),
        ("conflicts", list(component("Conflict"))),
        ("more", count()),
    ])
}

pub(super) fn conflict(it: &ConflictLine) -> Value {
    let side = |place: usize| it.between.get(place).map_or("", String::as_str);
    let values: Vec<&str> = it.detail.iter().map(|(_, it)| it.as_str()).collect();
    json!({
        "code": it.code,
        "contradiction": it.contradiction,
        "one": side(0),
        "other": side(1),
        "values": values,
    })
}

pub(super) fn conflicts(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    let site = &call.ctx.site;
    let found = found(&site.app, &site.catalogue, None).document(call.ctx.now);
    Ok(Outcome::found(json!({
        "at": found.at.to_rfc3339(),
        "conflicts": found.lines.iter().map(conflict).collect::<Vec<_>>(),
        "more": found.more,
    })))
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let document = asked(call)?;
    let ctx = call.ctx;
    let format = asked_format(ctx)?;
    let version = document.in_force(ctx.now).ok_or_else(Fault::not_found)?;
    let written = RuleTable::export(&ctx.site.app, &version.content.clauses, format, ctx.lang);
    list_file(ctx.lang, (format, "rule"), written)
}
