//! Cases that call for a reassessment of telework, over the API.

use sekisho_domain::authorise::Action;
use sekisho_domain::command::{Command, PlanCommand, plan_subject};
use sekisho_domain::id::CaseId;
use sekisho_domain::name::Line;
use sekisho_domain::plan::{
    Case, CaseState, Conclusion, Measure, Reassessment, RiskLevel, Trigger,
};
use sekisho_domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, id, instant, line, list, object, one_of, or_null, text};
use super::tables::{asked_format, list_file};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::http::pages::plan::cases::{asked, readable};
use crate::listed;

pub(super) fn schema() -> Schema {
    let figure = object([
        ("measure", one_of(Measure::CODES.iter().copied())),
        ("subject", or_null(text())),
        ("value", count()),
        ("base", or_null(count())),
        ("level", or_null(count())),
    ]);
    let found = object([
        ("level", one_of(RiskLevel::CODES.iter().copied())),
        ("conclusion", one_of(Conclusion::CODES.iter().copied())),
        ("note", text()),
    ]);
    object([
        ("id", id(CaseId::PREFIX)),
        ("trigger", one_of(Trigger::CODES.iter().copied())),
        ("unit", or_null(text())),
        ("state", one_of(["open", "late", "subsided", "closed"])),
        ("opened_at", instant()),
        ("due", instant()),
        ("high", flag()),
        ("figures", list(figure)),
        ("reassessment", or_null(found)),
    ])
}

fn shown(case: &Case, now: Timestamp) -> Value {
    let state = match case.state {
        CaseState::Open if case.is_overdue(now) => "late",
        CaseState::Open => "open",
        CaseState::Subsided { .. } => "subsided",
        CaseState::Closed { .. } => "closed",
    };
    let figures = case.figures().iter().map(|it| {
        json!({
            "measure": it.measure.code(),
            "subject": it.subject,
            "value": it.value,
            "base": it.base,
            "level": it.level,
        })
    });
    let found = case.reassessed().map(|(_, it)| {
        json!({
            "level": it.level.code(),
            "conclusion": it.conclusion.code(),
            "note": it.note.as_str(),
        })
    });
    json!({
        "id": case.opened.case.to_string(),
        "trigger": case.opened.trigger.code(),
        "unit": case.opened.scope.unit().map(|it| it.to_string()),
        "state": state,
        "opened_at": case.opened_at.to_rfc3339(),
        "due": case.opened.due.to_rfc3339(),
        "high": case.opened.high,
        "figures": figures.collect::<Vec<_>>(),
        "reassessment": found,
    })
}

pub(super) fn all(call: &Call<'_>) -> Done {
    let all = readable(call.ctx)?;
    let keyed = all
        .into_iter()
        .map(|case| (case.opened.case, case))
        .collect();
    let (items, next) = call.page()?.of(keyed)?;
    let items: Vec<Value> = items.iter().map(|it| shown(it, call.ctx.now)).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    let all = readable(ctx)?;
    let format = asked_format(ctx)?;
    let written = listed::cases(&ctx.site.app, &all, (format, ctx.lang));
    list_file(ctx.lang, (format, "cases"), written)
}

pub(super) fn one(call: &Call<'_>) -> Done {
    let case = asked(call.ctx)?;
    Ok(Outcome::found(shown(&case, call.ctx.now)).of_version(case.version))
}

pub(super) fn reassess_schema() -> Schema {
    object([
        ("level", one_of(RiskLevel::CODES.iter().copied())),
        ("conclusion", one_of(Conclusion::CODES.iter().copied())),
        ("note", line()),
    ])
}

pub(super) fn reassess(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let level = members.choice("level", RiskLevel::from_code);
    let conclusion = members.choice("conclusion", Conclusion::from_code);
    let note = members.text("note").map(str::to_owned);
    let note = note.and_then(|note| {
        Line::parse(&note)
            .map_err(|error| members.wrong("note", error.code()))
            .ok()
    });
    members.end()?;
    let case = asked(call.ctx)?;
    let scope = case.opened.scope;
    call.ctx.gate(Action::ReassessCase, plan_subject(scope))?;
    let (Some(level), Some(conclusion), Some(note)) = (level, conclusion, note) else {
        return Err(Fault::internal("members"));
    };
    call.command(Command::Plan(Box::new(PlanCommand::Reassess {
        case: case.opened.case,
        scope,
        reassessment: Box::new(Reassessment {
            level,
            conclusion,
            note,
        }),
        expected: call.expected,
    })))?;
    let case = asked(call.ctx)?;
    Ok(Outcome::found(shown(&case, call.ctx.now)).of_version(case.version))
}
