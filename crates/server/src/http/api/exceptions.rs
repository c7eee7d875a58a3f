//! Exceptions over the API: how they run, what was measured of them, and what is decided on that.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::ExceptionAct;
use sekisho_domain::exception::{
    Effect, Judgement, MeasureStanding, NamedClause, Outcome as Settled,
};
use sekisho_domain::field::FieldFault;
use sekisho_domain::id::PermitId;
use sekisho_domain::name::Line;
use sekisho_domain::permit::Permit;
use sekisho_domain::time::parse_date;
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, id, instant, line, list, object, one_of, or_null, text};
use super::tables::{asked_format, list_file};
use crate::app::CommandError;
use crate::exception::{ExceptionState, ExceptionTable, measure};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::http::pages::exceptions::readable;

fn effect_schema() -> Schema {
    let uses = object([
        ("since", instant()),
        ("answers", or_null(count())),
        ("days", or_null(count())),
        ("people", count()),
        ("of_a_part", flag()),
    ]);
    let check = object([
        ("check", text()),
        ("pass", count()),
        ("fail", count()),
        ("unknown", count()),
        ("failed", count()),
    ]);
    let measure = object([
        ("measure", count()),
        ("standing", one_of(MeasureStanding::CODES.iter().copied())),
        ("word_at", or_null(instant())),
    ]);
    object([
        ("at", instant()),
        ("from", instant()),
        ("until", instant()),
        ("days", count()),
        ("renewed", count()),
        ("devices", count()),
        ("uses", or_null(uses)),
        ("incidents", list(text())),
        ("checks", list(check)),
        ("measures", list(measure)),
        ("measures_hold", flag()),
    ])
}

pub(super) fn exception_schema() -> Schema {
    let review = object([
        ("at", instant()),
        ("judgement", one_of(Judgement::CODES.iter().copied())),
        ("figures", text()),
    ]);
    object([
        ("id", id(PermitId::PREFIX)),
        ("state", one_of(ExceptionState::CODES.iter().copied())),
        ("requirement", text()),
        ("urgent", flag()),
        ("applicant_alone", flag()),
        ("measures", list(text())),
        ("review_on", or_null(text())),
        ("renewed", count()),
        ("goes_on_with", or_null(id(PermitId::PREFIX))),
        ("confirmed_by", or_null(id(PermitId::PREFIX))),
        ("reviews", list(review)),
        ("regularised_into", or_null(text())),
        ("effect", or_null(effect_schema())),
    ])
}

pub(super) fn act_schema() -> Schema {
    object([
        ("act", one_of(ACTS)),
        ("note", line()),
        ("judgement?", one_of(Judgement::CODES.iter().copied())),
        ("words?", list(count())),
        ("review_on?", text()),
        ("until?", instant()),
        ("clause?", text()),
        ("answer?", line()),
        ("for_everybody?", flag()),
    ])
}

const ACTS: [&str; 4] = ["review", "regularise", "stop", "decide_again"];

fn shown_effect(effect: &Effect) -> Value {
    let uses = effect.uses.as_ref().map(|it| {
        json!({
            "since": it.since.to_rfc3339(),
            "answers": it.told().map(|(answers, _)| answers),
            "days": it.told().map(|(_, days)| days),
            "people": it.people,
            "of_a_part": it.cut,
        })
    });
    let checks = effect.checks.iter().map(|it| {
        json!({
            "check": it.check.code(),
            "pass": it.pass,
            "fail": it.fail,
            "unknown": it.unknown,
            "failed": it.failed,
        })
    });
    let measures = effect.measures.iter().map(|it| {
        json!({
            "measure": it.measure,
            "standing": it.standing.code(),
            "word_at": it.word_at.map(|at| at.to_rfc3339()),
        })
    });
    json!({
        "at": effect.at.to_rfc3339(),
        "from": effect.from.to_rfc3339(),
        "until": effect.until.to_rfc3339(),
        "days": effect.days(),
        "renewed": effect.renewed,
        "devices": effect.devices,
        "uses": uses,
        "incidents": effect.incidents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "checks": checks.collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
        "measures_hold": effect.measures_hold(),
    })
}

fn shown(call: &Call<'_>, permit: &Permit, effect: Option<&Effect>) -> Option<Value> {
    let exception = permit.exception()?;
    let now = call.ctx.now;
    let world = call.ctx.site.app.world();
    let record = world.exception_record(permit.id);
    let reviews = record.reviews.iter().map(|it| {
        json!({
            "at": it.at.to_rfc3339(),
            "judgement": it.judgement.code(),
            "figures": it.effect.blob,
        })
    });
    let into = match &record.outcome {
        Some(Settled::Regularised { clause, .. }) => Some(NamedClause(*clause).text()),
        _ => None,
    };
    let review_on = world.exception_review_on(permit);
    let confirmed_by = world.exception_confirmed(permit.id);
    Some(json!({
        "id": permit.id.to_string(),
        "state": ExceptionState::of(&world, permit, now)?.code(),
        "requirement": exception.requirement.as_str(),
        "urgent": exception.urgent,
        "applicant_alone": permit.is_for_its_applicant_alone(),
        "measures": exception.measures.iter().map(|it| it.text()).collect::<Vec<_>>(),
        "review_on": review_on.map(|day| day.to_string()),
        "renewed": record.renewed,
        "goes_on_with": record.follows.map(|it| it.to_string()),
        "confirmed_by": confirmed_by.map(|it| it.to_string()),
        "reviews": reviews.collect::<Vec<_>>(),
        "regularised_into": into,
        "effect": effect.map(shown_effect),
    }))
}

/// The exception that the path names, where the caller may read it.
fn asked(call: &Call<'_>) -> Result<Permit, Fault> {
    let id: PermitId = call.in_path("id")?;
    call.ctx.gate(Action::ReadPermit, Subject::Permit(id))?;
    let known = call.ctx.site.app.world().permits.get(id).cloned();
    let known = known.filter(|it| it.exception().is_some() && it.grant().is_some());
    known.ok_or_else(Fault::not_found)
}

fn with_effect(call: &Call<'_>) -> Done {
    let permit = asked(call)?;
    let effect = measure(&call.ctx.site.app, permit.id)?;
    let told = shown(call, &permit, effect.as_ref()).ok_or_else(Fault::not_found)?;
    Ok(Outcome::found(told).of_version(permit.version()))
}

pub(super) fn all(call: &Call<'_>) -> Done {
    let all = readable(call.ctx)?;
    let keyed = all.into_iter().map(|permit| (permit.id, permit)).collect();
    let (items, next) = call.page()?.of(keyed)?;
    let items: Vec<Value> = items
        .iter()
        .filter_map(|permit| shown(call, permit, None))
        .collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    with_effect(call)
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    let all = readable(ctx)?;
    let format = asked_format(ctx)?;
    let written = ExceptionTable::export(&ctx.site.app, &all, format, ctx.lang);
    list_file(ctx.lang, (format, "exceptions"), written)
}

/// Ordinary operation, by the clause that is named.
fn regularised(
    members: &mut Members<'_>,
    clause: Option<Result<NamedClause, FieldFault>>,
) -> Option<ExceptionAct> {
    let fault = match clause {
        Some(Ok(clause)) => return Some(ExceptionAct::Regularise { into: clause.0 }),
        Some(Err(fault)) => fault.code(),
        None => "field.missing",
    };
    members.wrong("clause", fault);
    None
}

/// What the body asks for.
fn read(call: &Call<'_>) -> Result<(ExceptionAct, Line), Fault> {
    let mut members = call.members()?;
    let act = members.choice("act", |code| ACTS.into_iter().find(|act| *act == code));
    let note = members.optional_line("note");
    if note.is_none() {
        members.wrong("note", "field.missing");
    }
    let judgement = members
        .is_given("judgement")
        .then(|| members.choice("judgement", Judgement::from_code))
        .flatten();
    let words = members.value("words").clone();
    let words: Vec<u32> = if words.is_null() {
        Vec::new()
    } else {
        serde_json::from_value(words).unwrap_or_else(|_| {
            members.wrong("words", "field.form");
            Vec::new()
        })
    };
    let day = members.optional_text("review_on");
    let next = day.and_then(|day| parse_date(day).ok());
    if day.is_some() && next.is_none() {
        members.wrong("review_on", "field.form");
    }
    let until = members.optional_instant("until");
    let clause = members.optional_text("clause").map(NamedClause::parse);
    let answer = members.optional_line("answer");
    let is_said = members.is_given("for_everybody");
    let for_everybody = is_said && members.flag("for_everybody") == Some(true);
    let wanted = match act {
        Some("review") => {
            if judgement.is_none() {
                members.wrong("judgement", "field.missing");
            }
            judgement.map(|judgement| ExceptionAct::Review {
                judgement,
                words,
                next,
            })
        }
        Some("regularise") => regularised(&mut members, clause),
        Some("decide_again") => {
            if next.is_none() {
                members.wrong("review_on", "field.missing");
            }
            next.map(|next| ExceptionAct::DecideAgain {
                until,
                next,
                answer,
                for_everybody,
            })
        }
        Some(_) => Some(ExceptionAct::Stop),
        None => None,
    };
    members.end()?;
    wanted.zip(note).ok_or_else(|| Fault::internal("members"))
}

pub(super) fn act(call: &Call<'_>) -> Done {
    let (act, note) = read(call)?;
    let permit = asked(call)?;
    let action = Action::DecidePermit;
    call.ctx.gate(action, Subject::Permit(permit.id))?;
    let app = &call.ctx.site.app;
    let done = app.on_exception(call.ctx.actor()?, (permit.id, call.expected), act, note);
    done.map_err(|error| match error {
        CommandError::Refused(refusal) => Fault::of_refusal(&refusal).doing(action),
        other => Fault::from(other).doing(action),
    })?;
    with_effect(call)
}
