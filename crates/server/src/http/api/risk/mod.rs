//! Risk assessments over the API.

mod annex;
mod read;
mod shown;

use sekisho_domain::authorise::Action;
use sekisho_domain::command::{Command, Refusal, RiskCommand, Weight, risk_subject};
use sekisho_domain::id::RiskId;
use sekisho_domain::risk::RiskContent;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, line, object, one_of};
use crate::app::{CommandError, fresh};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::http::pages::risk::show::{Found, asked, command};
use crate::http::pages::risk::{file, readable};
use crate::risk::WriteError;
use crate::tables::FileFormat;

pub(super) use annex::{annex, annex_schema};
pub(super) use read::content_schema;
pub(super) use shown::risk_schema;

/// `GET /risks`
pub(super) fn all(call: &Call<'_>) -> Done {
    let (work, approved) = readable(call.ctx)?;
    let work = work
        .into_iter()
        .map(|(risk, it)| (risk, Found::Work(Box::new(it))));
    let approved = approved
        .into_iter()
        .map(|it| (it.risk, Found::Approved(Box::new(it))));
    let keyed: Vec<(RiskId, (RiskId, Found))> = work
        .chain(approved)
        .map(|(risk, found)| (risk, (risk, found)))
        .collect();
    let (items, next) = call.page()?.of(keyed)?;
    let items = items.iter().map(|(risk, it)| shown::one(call, *risk, it));
    let items: Vec<Value> = items.collect::<Result<_, _>>()?;
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

fn outcome(call: &Call<'_>, risk: RiskId, found: &Found) -> Result<Outcome, Fault> {
    let version = match found {
        Found::Work(it) => it.revision,
        Found::Approved(_) => 0,
    };
    Ok(Outcome::found(shown::one(call, risk, found)?).of_version(version))
}

/// `GET /risks/{id}`
pub(super) fn one(call: &Call<'_>) -> Done {
    let (risk, _, found) = asked(call.ctx)?;
    outcome(call, risk, &found)
}

/// What stands after a command.
fn after(call: &Call<'_>, risk: RiskId) -> Result<Outcome, Fault> {
    let found = {
        let world = call.ctx.site.app.world();
        let work = world.risks.work.get(&risk).cloned();
        let work = work.map(|it| Found::Work(Box::new(it)));
        work.or_else(|| {
            let approved = world.risks.approved.get(&risk).cloned();
            approved.map(|it| Found::Approved(Box::new(it)))
        })
    };
    outcome(call, risk, &found.ok_or_else(Fault::not_found)?)
}

fn write(
    call: &Call<'_>,
    (risk, expected): (RiskId, Option<u64>),
    content: RiskContent,
) -> Result<(), Fault> {
    let site = &call.ctx.site;
    let unit = site.app.world().risk_unit(&content, call.ctx.now);
    call.ctx.gate(Action::DraftRisk, risk_subject(unit))?;
    let done = site.app.write_risk(
        call.ctx.actor()?,
        &site.catalogue,
        (risk, expected),
        content,
    );
    done.map(|_| ()).map_err(|error| match error {
        WriteError::Command(CommandError::Refused(refusal)) => {
            Fault::of_refusal(&refusal).doing(Action::DraftRisk)
        }
        WriteError::Command(other) => other.into(),
        WriteError::Measure(error) => Fault::internal(error.to_string()),
    })
}

/// `POST /risks`
pub(super) fn begin(call: &Call<'_>) -> Done {
    let content = read::content(call)?;
    let risk = RiskId::new(fresh()?);
    write(call, (risk, Some(0)), content)?;
    let outcome = after(call, risk)?;
    Ok(outcome)
}

/// `POST /risks/{id}`
pub(super) fn change(call: &Call<'_>) -> Done {
    let content = read::content(call)?;
    let (risk, unit, found) = asked(call.ctx)?;
    call.ctx.gate(Action::DraftRisk, risk_subject(unit))?;
    let Found::Work(_) = found else {
        return Err(Fault::of_refusal(&Refusal::new("risk.not-in-work")));
    };
    write(call, (risk, call.expected), content)?;
    after(call, risk)
}

const ACTS: [&str; 4] = ["propose", "drop", "send_back", "approve"];

pub(super) fn act_schema() -> Schema {
    object([
        ("act", one_of(ACTS)),
        ("reason?", line()),
        ("answer?", line()),
    ])
}

/// `POST /risks/{id}/acts`
pub(super) fn act(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let act = members.choice("act", |code| ACTS.into_iter().find(|act| *act == code));
    let reason = members.optional_line("reason");
    let answer = members.optional_line("answer");
    if act == Some("send_back") && reason.is_none() {
        members.wrong("reason", "field.missing");
    }
    members.end()?;
    let (risk, unit, found) = asked(call.ctx)?;
    let Found::Work(work) = found else {
        return Err(Fault::of_refusal(&Refusal::new("risk.not-in-work")));
    };
    let weight = Weight::of(&work.content, &work.result);
    let action = match act {
        Some("approve" | "send_back") => weight.action(),
        _ => Action::DraftRisk,
    };
    call.ctx.gate(action, risk_subject(unit))?;
    if let Some(expected) = call.expected.filter(|it| *it != work.revision) {
        return Err(stale(work.revision, expected));
    }
    let wanted = match (act, reason) {
        (Some("send_back"), Some(reason)) => Some(RiskCommand::SendBack {
            risk,
            unit,
            weight,
            reason,
        }),
        (Some(act), _) => command(act, (risk, unit), &work, (call.expected, answer)),
        _ => None,
    };
    let wanted = wanted.ok_or_else(|| Fault::internal("members"))?;
    let dropped = matches!(wanted, RiskCommand::Drop { .. });
    call.command(Command::Risk(Box::new(wanted)))?;
    if dropped {
        // What is gone is shown as it was, at the version after its last.
        let revision = work.revision + 1;
        let told = shown::one(call, risk, &Found::Work(work))?;
        return Ok(Outcome::found(told).of_version(revision));
    }
    after(call, risk)
}

/// That something is not at the version that was meant.
fn stale(version: u64, expected: u64) -> Fault {
    let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    let mut refusal = Refusal::new("command.stale");
    refusal.reason = refusal
        .reason
        .with("expected", number(expected))
        .with("version", number(version));
    Fault::of_refusal(&refusal)
}

/// `GET /risks/table`
pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    let code = ctx.query("format").unwrap_or_else(|| "xlsx".to_owned());
    let format = FileFormat::from_code(&code);
    let format = format.ok_or_else(|| Fault::bad("table.unknown-format"))?;
    file(ctx, format)
}
