//! The organisation's own rules of access over the API. Whom rules would have concerned is only
//! counted: people are named on the page, for a stated purpose.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::access_rules::WHAT_IF_DAYS_MAX;
use serde::Serialize;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, component, count, flag, instant, line, list, object, or_null, text};
use crate::access::own::{SetError, check as read_text, fault, read};
use crate::access::what_if::what_if as look_back;
use crate::app::CommandError;
use crate::http::fault::Fault;

/// Most bytes of a body: the longest rules, written as JSON.
pub(super) const BODY: usize = 2 * sekisho_rules::decide::OWN_RULES_MAX;

fn told<T: Serialize>(value: &T) -> Result<Value, Fault> {
    let mut value = serde_json::to_value(value).map_err(Fault::internal)?;
    write_instants(&mut value);
    Ok(value)
}

/// The shell has instants as numbers, the API as RFC 3339.
fn write_instants(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(write_instants),
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_i64() {
                    Some(at) if ["at", "from", "until"].contains(&name.as_str()) => {
                        *value = Timestamp::from_millis(at).to_rfc3339_millis().into();
                    }
                    _ => write_instants(value),
                }
            }
        }
        _ => {}
    }
}

fn version() -> [(&'static str, Schema); 5] {
    [
        ("version", count()),
        ("at", or_null(instant())),
        ("by", or_null(text())),
        ("note", or_null(text())),
        ("size", count()),
    ]
}

fn checked() -> [(&'static str, Schema); 4] {
    let fault = || {
        object([
            ("code", text()),
            ("rule", or_null(text())),
            ("line", or_null(count())),
            ("column", or_null(count())),
            ("detail", or_null(text())),
        ])
    };
    let rule = object([("id", text()), ("ja", text()), ("en", text())]);
    [
        ("sound", flag()),
        ("faults", list(fault())),
        ("remarks", list(fault())),
        ("rules", list(rule)),
    ]
}

pub(super) fn rules_schema() -> Schema {
    let [sound, faults, remarks, rules] = checked();
    object([
        ("version", object(version())),
        ("text", text()),
        sound,
        faults,
        remarks,
        rules,
    ])
}

pub(super) fn history_schema() -> Schema {
    object([("items", list(object(version())))])
}

pub(super) fn checked_schema() -> Schema {
    object(checked())
}

fn shown(call: &Call<'_>, version: Option<u32>) -> Done {
    let app = &call.ctx.site.app;
    let found = app.access_rules(version)?.ok_or_else(Fault::not_found)?;
    let number = u64::from(found.version.version);
    Ok(Outcome::found(told(&found)?).of_version(number))
}

pub(super) fn rules(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadAccessRules, Subject::Body)?;
    shown(call, None)
}

pub(super) fn one_version(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadAccessRules, Subject::Body)?;
    let version: u32 = call.in_path("version")?;
    shown(call, Some(version))
}

pub(super) fn history(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadAccessRules, Subject::Body)?;
    let versions = call.ctx.site.app.access_rules_history();
    Ok(Outcome::found(json!({ "items": told(&versions)? })))
}

pub(super) fn text_schema() -> Schema {
    object([("text", text())])
}

pub(super) fn check(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::SetAccessRules, Subject::Body)?;
    let mut members = call.members()?;
    let text = members.text("text");
    members.end()?;
    Ok(Outcome::found(told(&read_text(text.unwrap_or_default()))?))
}

pub(super) fn what_if_schema() -> Schema {
    let days = json!({ "type": "integer", "minimum": 1, "maximum": WHAT_IF_DAYS_MAX });
    object([("text", text()), ("days", days)])
}

pub(super) fn report_schema() -> Schema {
    object([
        ("from", instant()),
        ("until", instant()),
        ("answers", count()),
        ("replayed", count()),
        ("without_facts", count()),
        ("failed", count()),
        ("beyond", count()),
        ("refused", component("ChangedAnswers")),
        ("allowed", component("ChangedAnswers")),
    ])
}

pub(super) fn changed_schema() -> Schema {
    let counts = || list(object([("id", text()), ("answers", count())]));
    let example = object([
        ("at", instant()),
        ("resource", text()),
        ("unit", or_null(text())),
        ("place", text()),
        ("rules", list(text())),
    ]);
    object([
        ("answers", count()),
        ("people", count()),
        ("resources", counts()),
        ("units", counts()),
        ("rules", counts()),
        ("examples", list(example)),
    ])
}

pub(super) fn what_if(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::SetAccessRules, Subject::Body)?;
    let mut members = call.members()?;
    let text = members.text("text");
    let days = match members.value("days").as_u64() {
        Some(days) if (1..=u64::from(WHAT_IF_DAYS_MAX)).contains(&days) => days,
        _ => {
            members.wrong("days", "own-rules.days");
            0
        }
    };
    members.end()?;
    let rules = read(text.unwrap_or_default()).map_err(at_fault)?;
    let app = &call.ctx.site.app;
    let days = u32::try_from(days).unwrap_or(WHAT_IF_DAYS_MAX);
    let found = look_back(app, &rules.book, days, &mut |_, _| ())?;
    let found = found.ok_or_else(|| Fault::internal("the program stops"))?;
    Ok(Outcome::found(told(&found.report())?))
}

pub(super) fn set_schema() -> Schema {
    object([("text", text()), ("note", line())])
}

pub(super) fn set(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::SetAccessRules, Subject::Body)?;
    let mut members = call.members()?;
    let (text, note) = (members.text("text"), members.text("note"));
    members.end()?;
    let app = &call.ctx.site.app;
    let expected = call
        .expected
        .map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    let (text, note) = (text.unwrap_or_default(), note.unwrap_or_default());
    match app.set_access_rules(call.ctx.actor()?, text, note, expected) {
        Ok(_) => shown(call, None),
        Err(SetError::Faults(faults)) => Err(at_fault(faults)),
        Err(SetError::Note(error)) => {
            let mut members = call.members()?;
            members.wrong("note", error.code());
            members.end()?;
            Err(Fault::internal("members"))
        }
        Err(SetError::Command(CommandError::Refused(refusal))) => {
            Err(Fault::of_refusal(&refusal).doing(Action::SetAccessRules))
        }
        Err(SetError::Command(error)) => Err(Fault::from(error).doing(Action::SetAccessRules)),
    }
}

/// Each thing that is wrong, with its place and in the words of the policy language.
fn at_fault(faults: Vec<sekisho_rules::decide::OwnRuleFault>) -> Fault {
    let refused = Fault::new(
        axum::http::StatusCode::UNPROCESSABLE_ENTITY,
        "own-rules.do-not-hold",
    );
    faults.into_iter().map(fault).fold(refused, |all, one| {
        let place = match (one.line, one.column) {
            (Some(line), Some(column)) => format!("{line}:{column}: "),
            _ => String::new(),
        };
        let detail = one.detail.unwrap_or_default();
        all.at("/text".to_owned(), format!("{place}{} {detail}", one.code))
    })
}
