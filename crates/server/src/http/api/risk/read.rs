//! An assessment as programs write it.

use std::collections::BTreeMap;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::CaseId;
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::Conclusion;
use sekisho_domain::risk::{
    Answer, Answered, Condition, Lowered, Question, Raised, Rank, RiskContent, Scenario, TaskLimit,
    Treatment,
};
use serde_json::Value;

use super::super::call::Call;
use super::super::members::Members;
use super::super::schema::{Schema, line, list, object, one_of, text};
use super::shown::{KINDS, answers_schema, lowered_schema, raised_schema, treatment_schema};
use crate::http::fault::Fault;

/// What is written. Inputs are measured and frozen by the server.
pub(in super::super) fn content_schema() -> Schema {
    object([
        ("subject", text()),
        ("grade", text()),
        ("places", list(one_of(TeleworkPlace::CODES.iter().copied()))),
        ("cases?", list(text())),
        ("answers", answers_schema()),
        ("raised?", list(raised_schema())),
        ("lowered?", list(lowered_schema())),
        ("conclusion", one_of(Conclusion::CODES.iter().copied())),
        ("reason", line()),
        ("treatments?", list(treatment_schema())),
    ])
}

fn rank(members: &mut Members<'_>) -> Option<Rank> {
    let number = members.value("to").as_u64();
    let rank = number.and_then(|it| Rank::try_from(u8::try_from(it).ok()?).ok());
    if rank.is_none() {
        members.wrong("to", "field.unknown-choice");
    }
    rank
}

fn required_line(members: &mut Members<'_>, name: &'static str) -> Option<Line> {
    let text = members.text(name).map(str::to_owned)?;
    Line::parse(&text)
        .map_err(|error| members.wrong(name, error.code()))
        .ok()
}

/// The objects of a list that may be missing, each read by itself and told at its place.
fn each<T>(
    members: &mut Members<'_>,
    name: &'static str,
    read: impl Fn(&mut Members<'_>) -> Option<T>,
) -> Vec<T> {
    let value = members.value(name).clone();
    let all = match &value {
        Value::Null => return Vec::new(),
        Value::Array(all) => all,
        _ => {
            members.wrong(name, "field.form");
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (place, value) in all.iter().enumerate() {
        let at = format!("{name}/{place}");
        match Members::within(value) {
            Some(mut inner) => {
                found.extend(read(&mut inner));
                members.take_in(&at, inner);
            }
            None => members.wrong(&at, "field.form"),
        }
    }
    found
}

fn raised(members: &mut Members<'_>) -> Option<Raised> {
    let scenario = members.choice("scenario", Scenario::from_code);
    let to = rank(members);
    let reason = required_line(members, "reason");
    Some(Raised {
        scenario: scenario?,
        to: to?,
        reason: reason?,
    })
}

fn lowered(members: &mut Members<'_>) -> Option<Lowered> {
    let scenario = members.choice("scenario", Scenario::from_code);
    let to = rank(members);
    let permit = members.id("permit");
    Some(Lowered {
        scenario: scenario?,
        to: to?,
        permit: permit?,
    })
}

fn hour(members: &mut Members<'_>, name: &'static str) -> Option<u32> {
    match members.value(name) {
        Value::Null => None,
        value => {
            let hour = value.as_u64().and_then(|it| u32::try_from(it).ok());
            if hour.is_none() {
                members.wrong(name, "field.form");
            }
            hour
        }
    }
}

fn is_set(members: &mut Members<'_>, name: &'static str) -> bool {
    members.is_given(name) && members.flag(name).unwrap_or_default()
}

fn optional_grade(members: &mut Members<'_>) -> Option<Grade> {
    let text = members.optional_text("ceiling")?;
    let grade = text.parse().ok();
    if grade.is_none() {
        members.wrong("ceiling", "field.form");
    }
    grade
}

fn optional_places(members: &mut Members<'_>) -> Vec<TeleworkPlace> {
    if !members.is_given("places") {
        return Vec::new();
    }
    let places = members.choices("places", TeleworkPlace::from_code);
    places.unwrap_or_default()
}

/// What a kind does not have is told as unknown.
fn treatment(members: &mut Members<'_>) -> Option<Treatment> {
    let kind = members.choice("kind", |code| KINDS.into_iter().find(|kind| *kind == code))?;
    match kind {
        "limit" => Some(Treatment::Limit(TaskLimit {
            ceiling: optional_grade(members),
            places: optional_places(members),
        })),
        "measure" => {
            let check = members.choice("check", DeviceCheck::from_code)?;
            Some(Treatment::Measure { check })
        }
        "condition" => Some(Treatment::Condition(Condition {
            ceiling: optional_grade(members),
            places: optional_places(members),
            from_hour: hour(members, "from_hour"),
            until_hour: hour(members, "until_hour"),
            working_days_only: is_set(members, "working_days_only"),
            two_persons: is_set(members, "two_persons"),
            closed_room: is_set(members, "closed_room"),
        })),
        "accept" => {
            let until = members.instant("until")?;
            Some(Treatment::Accept { until })
        }
        _ => Some(Treatment::Stop),
    }
}

fn answers(members: &mut Members<'_>) -> BTreeMap<Question, Answer> {
    let mut found = BTreeMap::new();
    let value = members.value("answers").clone();
    let Some(mut inner) = Members::within(&value) else {
        members.wrong("answers", "field.missing");
        return found;
    };
    for question in Question::ALL {
        if let Some(answer) = inner.choice(question.code(), Answer::from_code) {
            found.insert(*question, answer);
        }
    }
    members.take_in("answers", inner);
    found
}

/// Reads what is written, or tells all that is wrong with it.
pub(super) fn content(call: &Call<'_>) -> Result<RiskContent, Fault> {
    let mut members = call.members()?;
    let subject = members.choice("subject", |text| text.parse().ok());
    let grade = members.choice("grade", |text| text.parse::<Grade>().ok());
    let places = members.choices("places", TeleworkPlace::from_code);
    let cases: Option<Vec<CaseId>> = if members.is_given("cases") {
        members.ids("cases")
    } else {
        // Known all the same, so that a null is no surplus.
        members.value("cases");
        Some(Vec::new())
    };
    let answers = answers(&mut members);
    let raised = each(&mut members, "raised", raised);
    let lowered = each(&mut members, "lowered", lowered);
    let conclusion = members.choice("conclusion", Conclusion::from_code);
    let reason = required_line(&mut members, "reason");
    let treatments = each(&mut members, "treatments", treatment);
    members.end()?;
    let (Some(subject), Some(grade), Some(places), Some(cases), Some(conclusion), Some(reason)) =
        (subject, grade, places, cases, conclusion, reason)
    else {
        return Err(Fault::internal("members"));
    };
    let world = call.ctx.site.app.world();
    let cases = cases.into_iter().map(|case| Answered {
        case,
        version: world.plan.cases.get(&case).map_or(0, |it| it.version),
    });
    Ok(RiskContent {
        subject,
        grade,
        places,
        cases: cases.collect(),
        answers,
        raised,
        lowered,
        conclusion,
        reason,
        treatments,
    })
}
