//! Opinions of the promotion body over the API.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, OpinionCommand};
use sekisho_domain::opinion::{self, Given, Proposal, Stance};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::rules::conflict;
use super::schema::{
    Schema, component, count, flag, instant, line, list, object, one_of, or_null, text,
};
use super::tables::{asked_format, list_file};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::http::pages::opinions::documents;
use crate::listed;
use crate::rule::OpinionSaid;

pub(super) fn opinion_schema() -> Schema {
    object([
        ("subject", text()),
        ("kind", one_of(opinion::Subject::KINDS)),
        ("state", count()),
        ("at", instant()),
        ("stance", one_of(Stance::CODES.iter().copied())),
        ("sentence", text()),
        ("contradictions", count()),
        ("results", count()),
        ("answer", or_null(text())),
    ])
}

fn proposal_schema() -> Schema {
    object([
        ("subject", text()),
        ("kind", one_of(opinion::Subject::KINDS)),
        ("state", count()),
    ])
}

pub(super) fn opinions_schema() -> Schema {
    object([
        ("has_body", flag()),
        ("required", flag()),
        ("waiting", list(proposal_schema())),
        ("given", list(component("Opinion"))),
    ])
}

pub(super) fn about_schema() -> Schema {
    let result = object([
        ("of", text()),
        ("verdict", text()),
        ("pass", count()),
        ("fail", count()),
        ("unknown", count()),
    ]);
    object([
        ("subject", text()),
        ("kind", one_of(opinion::Subject::KINDS)),
        ("state", or_null(count())),
        ("seen", text()),
        ("conflicts", list(component("Conflict"))),
        ("more", count()),
        ("results", list(result)),
        ("opinion", or_null(component("Opinion"))),
    ])
}

fn proposal(it: &Proposal) -> Value {
    json!({
        "subject": it.subject.to_string(),
        "kind": it.subject.kind(),
        "state": it.state,
    })
}

fn given(it: &Given, answer: Option<&str>) -> Value {
    let proposal = it.opinion.proposal;
    json!({
        "subject": proposal.subject.to_string(),
        "kind": proposal.subject.kind(),
        "state": proposal.state,
        "at": it.at.to_rfc3339(),
        "stance": it.opinion.stance.code(),
        "sentence": it.opinion.sentence.as_str(),
        "contradictions": it.opinion.contradictions,
        "results": it.opinion.results,
        "answer": answer,
    })
}

pub(super) fn all(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadOpinions, Subject::Body)?;
    let now = call.ctx.now;
    let world = call.ctx.site.app.world();
    let opinions = world.opinions.given.iter().rev().map(|it| {
        let weighed = world.opinions.weighed(it.opinion.proposal);
        let answer = weighed.and_then(|it| it.weighed.answer.as_ref());
        given(it, answer.map(sekisho_domain::name::Line::as_str))
    });
    let waiting = world.awaiting_opinion(now);
    Ok(Outcome::found(json!({
        "has_body": world.has_promotion_body(now),
        "required": world.opinions.are_required(),
        "waiting": waiting.iter().map(proposal).collect::<Vec<_>>(),
        "given": opinions.collect::<Vec<_>>(),
    })))
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    ctx.gate(Action::ReadOpinions, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = listed::opinions(&ctx.site.app, (format, ctx.lang));
    list_file(ctx.lang, (format, "opinions"), written)
}

fn asked(call: &Call<'_>) -> Result<opinion::Subject, Fault> {
    call.ctx.gate(Action::ReadOpinions, Subject::Body)?;
    let about: opinion::Subject = call.in_path("subject")?;
    let world = call.ctx.site.app.world();
    let waits = world.proposed_state(about, call.ctx.now).is_some();
    let known = waits || world.opinions.about(about).next().is_some();
    known.then_some(about).ok_or_else(Fault::not_found)
}

fn shown(call: &Call<'_>, about: opinion::Subject) -> Outcome {
    let exhibits = documents(call.ctx, about);
    let world = call.ctx.site.app.world();
    let state = world.proposed_state(about, call.ctx.now);
    let known = match state {
        Some(state) => world.opinion_on(Proposal {
            subject: about,
            state,
        }),
        None => world.opinions.about(about).next(),
    };
    let results = exhibits.technical.results.iter().map(|it| {
        json!({
            "of": it.of,
            "verdict": it.verdict,
            "pass": it.pass,
            "fail": it.fail,
            "unknown": it.unknown,
        })
    });
    let lines = exhibits.consistency.lines.iter().map(conflict);
    Outcome::found(json!({
        "subject": about.to_string(),
        "kind": about.kind(),
        "state": state,
        "seen": exhibits.digest(),
        "conflicts": lines.collect::<Vec<_>>(),
        "more": exhibits.consistency.more,
        "results": results.collect::<Vec<_>>(),
        "opinion": known.map(|it| given(it, None)),
    }))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    let about = asked(call)?;
    Ok(shown(call, about))
}

pub(super) fn give_schema() -> Schema {
    object([
        ("state", count()),
        ("stance", one_of(Stance::CODES.iter().copied())),
        ("sentence", line()),
        ("seen?", text()),
    ])
}

pub(super) fn give(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let state = members.value("state").as_u64();
    if state.is_none() {
        members.wrong("state", "field.form");
    }
    let stance = members.choice("stance", Stance::from_code);
    let sentence = members.optional_line("sentence");
    if sentence.is_none() {
        members.wrong("sentence", "field.missing");
    }
    let seen = members.optional_text("seen").map(str::to_owned);
    members.end()?;
    call.ctx.gate(Action::GiveOpinion, Subject::Body)?;
    let about = asked(call)?;
    let (Some(state), Some(stance), Some(sentence)) = (state, stance, sentence) else {
        return Err(Fault::internal("members"));
    };
    let exhibits = documents(call.ctx, about);
    let said = OpinionSaid {
        proposal: Proposal {
            subject: about,
            state,
        },
        stance,
        sentence,
    };
    let app = &call.ctx.site.app;
    let done = app.give_opinion(call.ctx.actor()?, said, &exhibits, seen.as_deref());
    done.map_err(|error| match error {
        crate::app::CommandError::Refused(refusal) => {
            Fault::of_refusal(&refusal).doing(Action::GiveOpinion)
        }
        other => Fault::from(other).doing(Action::GiveOpinion),
    })?;
    Ok(shown(call, about))
}

pub(super) fn gate_schema() -> Schema {
    object([("required", flag()), ("note", line())])
}

pub(super) fn gate(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let required = members.flag("required");
    let note = members.optional_line("note");
    if note.is_none() {
        members.wrong("note", "field.missing");
    }
    members.end()?;
    let (Some(required), Some(note)) = (required, note) else {
        return Err(Fault::internal("members"));
    };
    let command = OpinionCommand::SetGate { required, note };
    call.command(Command::Opinion(Box::new(command)))?;
    all(call)
}
