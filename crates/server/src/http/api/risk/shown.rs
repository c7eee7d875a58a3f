//! An assessment as programs read it.

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::RiskId;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{Conclusion, RiskLevel};
use sekisho_domain::risk::{
    Answer, Condition, Question, RiskContent, Scenario, TaskLimit, Treatment,
};
use sekisho_rules::risk::Replay;
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::schema::{
    Schema, count, flag, id, instant, line, list, object, one_of, or_null, text,
};
use crate::http::fault::Fault;
use crate::http::pages::risk::show::Found;
use crate::risk::Reread;

const STATES: [&str; 4] = ["draft", "proposed", "approved", "superseded"];
const REPLAYS: [&str; 4] = ["same", "different", "other_method", "unreadable"];
pub(super) const KINDS: [&str; 5] = ["stop", "limit", "measure", "condition", "accept"];

/// What is done about a risk: by its kind some of the others are there.
pub(super) fn treatment_schema() -> Schema {
    object([
        ("kind", one_of(KINDS)),
        ("ceiling?", text()),
        (
            "places?",
            list(one_of(TeleworkPlace::CODES.iter().copied())),
        ),
        (
            "check?",
            one_of(DeviceCheck::ALL.iter().map(|it| it.code())),
        ),
        ("from_hour?", count()),
        ("until_hour?", count()),
        ("working_days_only?", flag()),
        ("two_persons?", flag()),
        ("closed_room?", flag()),
        ("until?", instant()),
    ])
}

pub(super) fn answers_schema() -> Schema {
    let answer = || one_of(Answer::CODES.iter().copied());
    object([
        ("overlooked", answer()),
        ("carried", answer()),
        ("hurried", answer()),
    ])
}

pub(super) fn raised_schema() -> Schema {
    object([
        ("scenario", one_of(Scenario::CODES.iter().copied())),
        ("to", count()),
        ("reason", line()),
    ])
}

pub(super) fn lowered_schema() -> Schema {
    object([
        ("scenario", one_of(Scenario::CODES.iter().copied())),
        ("to", count()),
        ("permit", text()),
    ])
}

pub(in super::super) fn risk_schema() -> Schema {
    let scenario = object([
        ("scenario", one_of(Scenario::CODES.iter().copied())),
        ("threat", count()),
        ("weakness", count()),
        ("likelihood", count()),
        ("risk", count()),
    ]);
    object([
        ("id", id(RiskId::PREFIX)),
        ("subject", text()),
        ("state", one_of(STATES)),
        ("grade", text()),
        ("places", list(one_of(TeleworkPlace::CODES.iter().copied()))),
        ("cases", list(text())),
        ("answers", answers_schema()),
        ("raised", list(raised_schema())),
        ("lowered", list(lowered_schema())),
        ("conclusion", one_of(Conclusion::CODES.iter().copied())),
        ("reason", text()),
        ("treatments", list(treatment_schema())),
        ("importance", count()),
        ("scenarios", list(scenario)),
        ("risk", count()),
        ("level", one_of(RiskLevel::CODES.iter().copied())),
        ("frozen", text()),
        ("frozen_at", instant()),
        ("method", or_null(count())),
        ("replayed", one_of(REPLAYS)),
        ("approved_at", or_null(instant())),
    ])
}

fn limit(told: &mut Map<String, Value>, it: &TaskLimit) {
    if let Some(ceiling) = it.ceiling {
        told.insert("ceiling".to_owned(), ceiling.to_string().into());
    }
    put_places(told, &it.places);
}

fn put_places(told: &mut Map<String, Value>, places: &[TeleworkPlace]) {
    if !places.is_empty() {
        let codes = places.iter().map(|it| it.code());
        told.insert("places".to_owned(), codes.collect());
    }
}

fn condition(told: &mut Map<String, Value>, it: &Condition) {
    if let Some(ceiling) = it.ceiling {
        told.insert("ceiling".to_owned(), ceiling.to_string().into());
    }
    put_places(told, &it.places);
    for (name, hour) in [("from_hour", it.from_hour), ("until_hour", it.until_hour)] {
        if let Some(hour) = hour {
            told.insert(name.to_owned(), hour.into());
        }
    }
    for (name, is) in [
        ("working_days_only", it.working_days_only),
        ("two_persons", it.two_persons),
        ("closed_room", it.closed_room),
    ] {
        if is {
            told.insert(name.to_owned(), true.into());
        }
    }
}

fn treatment(it: &Treatment) -> Value {
    let mut told = Map::new();
    told.insert("kind".to_owned(), it.code().into());
    match it {
        Treatment::Stop => {}
        Treatment::Limit(it) => limit(&mut told, it),
        Treatment::Measure { check } => {
            told.insert("check".to_owned(), check.code().into());
        }
        Treatment::Condition(it) => condition(&mut told, it),
        Treatment::Accept { until } => {
            told.insert("until".to_owned(), until.to_rfc3339().into());
        }
    }
    Value::Object(told)
}

fn raised(content: &RiskContent) -> Vec<Value> {
    let told = content.raised.iter().map(|it| {
        json!({
            "scenario": it.scenario.code(),
            "to": it.to.number(),
            "reason": it.reason.as_str(),
        })
    });
    told.collect()
}

fn lowered(content: &RiskContent) -> Vec<Value> {
    let told = content.lowered.iter().map(|it| {
        json!({
            "scenario": it.scenario.code(),
            "to": it.to.number(),
            "permit": it.permit.to_string(),
        })
    });
    told.collect()
}

/// Whether the same number came out, and the edition of the method that the inputs name.
fn replayed(reread: &Reread) -> (&'static str, Option<u32>) {
    let named = reread.inputs.as_ref().map(|it| it.method);
    match reread.replay {
        Replay::Same => ("same", named),
        Replay::Different(_) => ("different", named),
        Replay::OtherMethod(named) => ("other_method", Some(named)),
        Replay::Unreadable => ("unreadable", named),
    }
}

/// An assessment, with its frozen inputs put to the method again.
pub(super) fn one(call: &Call<'_>, risk: RiskId, found: &Found) -> Result<Value, Fault> {
    let (content, result) = (found.content(), found.result());
    let (frozen, frozen_at) = found.frozen();
    let reread = call.ctx.site.app.reread_risk(frozen, result)?;
    let (replayed, method) = replayed(&reread);
    let (state, approved_at) = match found {
        Found::Work(it) if it.proposed.is_some() => ("proposed", None),
        Found::Work(_) => ("draft", None),
        Found::Approved(it) if it.superseded_at.is_some() => ("superseded", Some(it.approved_at)),
        Found::Approved(it) => ("approved", Some(it.approved_at)),
    };
    let answer = |question: Question| {
        let answer = content.answers.get(&question);
        answer.copied().unwrap_or(Answer::Unknown).code()
    };
    let scenarios = result.scenarios.iter().map(|it| {
        json!({
            "scenario": it.scenario.code(),
            "threat": it.threat.number(),
            "weakness": it.weakness.number(),
            "likelihood": it.likelihood.number(),
            "risk": it.risk,
        })
    });
    Ok(json!({
        "id": risk.to_string(),
        "subject": content.subject.to_string(),
        "state": state,
        "grade": content.grade.to_string(),
        "places": content.places.iter().map(|it| it.code()).collect::<Vec<_>>(),
        "cases": content.cases.iter().map(|it| it.case.to_string()).collect::<Vec<_>>(),
        "answers": {
            "overlooked": answer(Question::Overlooked),
            "carried": answer(Question::Carried),
            "hurried": answer(Question::Hurried),
        },
        "raised": raised(content),
        "lowered": lowered(content),
        "conclusion": content.conclusion.code(),
        "reason": content.reason.as_str(),
        "treatments": content.treatments.iter().map(treatment).collect::<Vec<_>>(),
        "importance": result.importance.number(),
        "scenarios": scenarios.collect::<Vec<_>>(),
        "risk": result.risk,
        "level": result.level.code(),
        "frozen": frozen.blob,
        "frozen_at": frozen_at.to_rfc3339(),
        "method": method,
        "replayed": replayed,
        "approved_at": approved_at.map(|at| at.to_rfc3339()),
    }))
}
