//! The plan of telework over the API.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PlanCommand};
use sekisho_domain::field::{FieldErrors, Noun, Values};
use sekisho_domain::id::{PlanId, SystemId};
use sekisho_domain::plan::{Feed, FrozenUse, PlanContent, PlanHead, PlanLine};
use sekisho_rules::assess::unseen_use;
use sekisho_rules::trigger::NOT_WATCHED;
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::schema::{
    Schema, count, flag, id, instant, line, list, noun, object, one_of, or_null, text,
};
use super::tables::{asked_format, list_file, refused};
use crate::app::fresh;
use crate::console::words;
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::plan::{EvaluateError, PlanTable, evaluate_now};

fn use_schema() -> Schema {
    object([
        ("people", count()),
        ("person_days", count()),
        ("gateway_hours", count()),
    ])
}

pub(super) fn content_schema() -> Schema {
    object([
        ("head", noun(PlanHead::FIELDS)),
        ("lines", list(noun(PlanLine::FIELDS))),
    ])
}

pub(super) fn plan_schema() -> Schema {
    let unseen = object([
        ("system", or_null(id(SystemId::PREFIX))),
        ("code", text()),
        ("text", text()),
    ]);
    object([
        ("version", count()),
        ("in_force", flag()),
        ("since", or_null(instant())),
        ("until", or_null(instant())),
        ("content", or_null(content_schema())),
        ("baseline", or_null(text())),
        ("frozen", or_null(use_schema())),
        ("measured", or_null(use_schema())),
        ("evaluated_at", or_null(instant())),
        ("unmeasured", list(text())),
        ("not_watched", list(text())),
        ("unseen_use", or_null(list(unseen))),
    ])
}

pub(super) fn draft_schema() -> Schema {
    object([
        ("plan", or_null(id(PlanId::PREFIX))),
        ("revision", count()),
        ("proposed_at", or_null(instant())),
        ("content", or_null(content_schema())),
    ])
}

fn frozen(it: &FrozenUse) -> Value {
    json!({
        "people": it.people,
        "person_days": it.person_days,
        "gateway_hours": it.gateway_hours,
    })
}

fn content(it: &PlanContent) -> Value {
    let lines: Vec<Values> = it.lines.iter().map(PlanLine::values).collect();
    json!({ "head": it.head.values(), "lines": lines })
}

/// Why use cannot be measured, system by system, as it stands now; nothing for whoever may not read cases: before which
/// systems nothing stands is for nobody else.
fn unseen(call: &Call<'_>) -> Option<Vec<Value>> {
    if !call.ctx.may(Action::ReadCases, Subject::Body) {
        return None;
    }
    let app = &call.ctx.site.app;
    let world = app.world();
    let evidence = app.access_evidence(&world);
    let unseen = unseen_use(&world, &app.posture(), &evidence, call.ctx.now);
    let told = unseen.iter().map(|it| {
        json!({
            "system": it.system.map(|system| system.to_string()),
            "code": it.why.code,
            "text": words::reason(call.ctx.lang, &it.why),
        })
    });
    Some(told.collect())
}

pub(super) fn current(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadPlan, Subject::Body)?;
    let now = call.ctx.now;
    let unseen = unseen(call);
    let world = call.ctx.site.app.world();
    let plan = &world.plan;
    let version = plan.current();
    let evaluated = plan.evaluated();
    let unmeasured = evaluated.iter().flat_map(|(_, day)| &day.unmeasured);
    let number = version.map_or(0, |it| it.version);
    let told = json!({
        "version": number,
        "in_force": version.is_some_and(|it| now < it.until),
        "since": version.map(|it| it.at.to_rfc3339()),
        "until": version.map(|it| it.until.to_rfc3339()),
        "content": version.map(|it| content(&it.content)),
        "baseline": version.map(|it| it.baseline.blob.as_str()),
        "frozen": plan.baseline.as_ref().map(|it| frozen(&it.body)),
        "measured": evaluated.map(|(_, day)| frozen(&day.body)),
        "evaluated_at": evaluated.map(|(at, _)| at.to_rfc3339()),
        "unmeasured": unmeasured.map(|feed| feed.code()).collect::<Vec<_>>(),
        "not_watched": NOT_WATCHED.map(Feed::code),
        "unseen_use": unseen,
    });
    Ok(Outcome::found(told).of_version(u64::from(number)))
}

fn shown_draft(call: &Call<'_>) -> Outcome {
    let world = call.ctx.site.app.world();
    let work = world.plan.work.as_ref();
    let revision = work.map_or(0, |it| it.revision);
    let proposed = work.and_then(|it| it.proposed.as_ref());
    let told = json!({
        "plan": work.map(|it| it.plan.to_string()),
        "revision": revision,
        "proposed_at": proposed.map(|it| it.at.to_rfc3339()),
        "content": work.map(|it| content(&it.content)),
    });
    Outcome::found(told).of_version(revision)
}

pub(super) fn draft(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadPlan, Subject::Body)?;
    Ok(shown_draft(call))
}

/// A noun within the body, with what is wrong told at its place.
pub(super) fn read_noun<N: Noun>(
    members: &mut Members<'_>,
    place: &str,
    value: &Value,
) -> Option<N> {
    let Ok(values) = serde_json::from_value::<Values>(value.clone()) else {
        members.wrong(place, "field.form");
        return None;
    };
    match N::read(&values) {
        Ok(noun) => Some(noun),
        Err(FieldErrors(errors)) => {
            for error in errors {
                members.wrong(&format!("{place}/{}", error.field), error.fault.code());
            }
            None
        }
    }
}

pub(super) fn write(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::DraftPlan, Subject::Body)?;
    let mut members = call.members()?;
    let value = members.value("head");
    let head = read_noun::<PlanHead>(&mut members, "head", value);
    let value = members.value("lines");
    let mut lines = Vec::new();
    match value.as_array() {
        Some(all) => {
            for (place, value) in all.iter().enumerate() {
                lines.extend(read_noun::<PlanLine>(
                    &mut members,
                    &format!("lines/{place}"),
                    value,
                ));
            }
        }
        None => members.wrong("lines", "field.form"),
    }
    members.end()?;
    let head = head.ok_or_else(|| Fault::internal("members"))?;
    let known = call
        .ctx
        .site
        .app
        .world()
        .plan
        .work
        .as_ref()
        .map(|it| it.plan);
    let plan = match known {
        Some(plan) => plan,
        None => PlanId::new(fresh()?),
    };
    call.command(Command::Plan(Box::new(PlanCommand::Write {
        plan,
        content: Box::new(PlanContent { head, lines }),
        expected: call.expected,
    })))?;
    Ok(shown_draft(call))
}

const ACTS: [&str; 4] = ["propose", "drop", "send_back", "approve"];

pub(super) fn act_schema() -> Schema {
    object([
        ("act", one_of(ACTS)),
        ("reason?", line()),
        ("until?", instant()),
        ("answer?", line()),
    ])
}

pub(super) fn act(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let act = members.choice("act", |code| ACTS.into_iter().find(|act| *act == code));
    let reason = members.optional_line("reason");
    let until = members.optional_instant("until");
    let answer = members.optional_line("answer");
    if act == Some("send_back") && reason.is_none() {
        members.wrong("reason", "field.missing");
    }
    members.end()?;
    let approves = matches!(act, Some("approve" | "send_back"));
    let action = if approves {
        Action::ApprovePlan
    } else {
        Action::DraftPlan
    };
    call.ctx.gate(action, Subject::Body)?;
    let work = call.ctx.site.app.world().plan.work.clone();
    let work = work.ok_or_else(Fault::not_found)?;
    let (plan, expected) = (work.plan, call.expected);
    if act == Some("approve") {
        let app = &call.ctx.site.app;
        let done = app.approve_plan(call.ctx.actor()?, plan, expected, until, answer);
        done.map_err(|error| match error {
            crate::app::CommandError::Refused(refusal) => Fault::of_refusal(&refusal).doing(action),
            other => Fault::from(other).doing(action),
        })?;
        return Ok(shown_draft(call));
    }
    if expected.is_some_and(|expected| expected != work.revision) {
        return Err(stale(work.revision, expected));
    }
    let command = match (act, reason) {
        (Some("propose"), _) => PlanCommand::Propose { plan, expected },
        (Some("send_back"), Some(reason)) => PlanCommand::SendBack { plan, reason },
        _ => PlanCommand::Drop { plan },
    };
    call.command(Command::Plan(Box::new(command)))?;
    Ok(shown_draft(call))
}

/// That something is not at the version that was meant.
pub(super) fn stale(version: u64, expected: Option<u64>) -> Fault {
    let mut refusal = sekisho_domain::command::Refusal::new("command.stale");
    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    refusal.reason = refusal
        .reason
        .with("expected", number(expected.unwrap_or_default()))
        .with("version", number(version));
    Fault::of_refusal(&refusal)
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    ctx.gate(Action::ReadPlan, Subject::Body)?;
    let format = asked_format(ctx)?;
    let content = {
        let world = ctx.site.app.world();
        world
            .plan
            .current()
            .map(|it| std::sync::Arc::clone(&it.content))
    };
    let lines = content.as_ref().map_or(&[][..], |it| it.lines.as_slice());
    let written = PlanTable::export(&ctx.site.app, lines, format, ctx.lang);
    list_file(ctx.lang, (format, "plan"), written)
}

/// The lines of a file take the place of those of the draft. It has no version of its own to name: a draft that
/// somebody else writes meanwhile is refused as stale.
pub(super) fn import(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::DraftPlan, Subject::Body)?;
    let app = &call.ctx.site.app;
    let work = app.world().plan.work.clone();
    let work = work.ok_or_else(Fault::not_found)?;
    let lines = PlanTable::read(app, call.bytes);
    let lines = lines.map_err(|faults| refused(call.ctx.lang, &faults))?;
    let head = work.content.head.clone();
    call.command(Command::Plan(Box::new(PlanCommand::Write {
        plan: work.plan,
        content: Box::new(PlanContent { head, lines }),
        expected: Some(work.revision),
    })))?;
    Ok(shown_draft(call))
}

pub(super) fn nothing_schema() -> Schema {
    object([])
}

pub(super) fn done_schema() -> Schema {
    object([
        ("opened", count()),
        ("grown", count()),
        ("subsided", count()),
    ])
}

pub(super) fn evaluate(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::EvaluatePlan, Subject::Body)?;
    call.members()?.end()?;
    let done = evaluate_now(&call.ctx.site.app).map_err(|error| match error {
        EvaluateError::Store(error) => Fault::from(error),
        EvaluateError::Command(error) => Fault::from(error),
    })?;
    let done = done.unwrap_or_default();
    Ok(Outcome::found(json!({
        "opened": done.opened,
        "grown": done.grown,
        "subsided": done.subsided,
    })))
}
