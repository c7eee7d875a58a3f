//! What rules would have changed, and setting them: nobody sets rules here without having seen it.

use std::sync::Arc;

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::EntryId;
use sekisho_messages::{Lang, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::title;
use super::super::{line as line_of, person_name, sentence, unit_name};
use super::differences;
use crate::access::own::SetError;
use crate::access::what_if::{Side, Trial, TrialState, WhatIf};
use crate::app::READING_PURPOSE;
use crate::console::access_rules::{
    ExampleLine, PATH, SideView, TrialView, Waiting, trial_page, waiting_page,
};
use crate::console::layout::Place;

/// How the ledger names what is read where people are named.
const SUBJECT: &str = "decisions";

/// What was entered, and what is wrong with it.
#[derive(Default)]
struct Said {
    note: (String, Option<String>),
    purpose: (String, Option<String>),
    named: bool,
}

fn own(ctx: &Ctx) -> Result<Arc<Trial>, Fault> {
    ctx.gate(Action::SetAccessRules, Subject::Body)?;
    let person = ctx.live()?.person;
    let found = ctx.site.trials.of(person, ctx.parameter("trial"), ctx.now);
    found.ok_or_else(|| Fault::new(StatusCode::NOT_FOUND, "own-rules.trial-gone"))
}

/// `GET /access/rules/trials/{trial}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let trial = own(ctx)?;
    match trial.state() {
        TrialState::Running(done, of) => {
            let view = Waiting {
                days: trial.days,
                done,
                of,
            };
            let frame = ctx.waiting_frame(Place::AccessRules);
            Ok(html(waiting_page(&frame, view)))
        }
        TrialState::Failed => Err(Fault::internal("the answers could not be read")),
        TrialState::Done(found) => render(ctx, &trial, &found, Said::default()),
    }
}

/// `POST /access/rules/trials/{trial}`: puts the rules in force.
pub(in crate::http) fn set(ctx: &Ctx, form: &Form) -> Answer {
    let trial = own(ctx)?;
    let TrialState::Done(found) = trial.state() else {
        return Ok(redirect(&ctx.path));
    };
    let note = form.get("note");
    let app = &ctx.site.app;
    let done = app.set_access_rules(ctx.actor()?, &trial.text, note, Some(trial.expected));
    let error = match done {
        Ok(_) => return Ok(redirect(PATH)),
        Err(SetError::Note(error)) => sentence(ctx.lang, error.code(), &[]),
        Err(SetError::Faults(_)) => sentence(ctx.lang, "own-rules.do-not-hold", &[]),
        Err(SetError::Command(error)) => {
            return Err(Fault::from(error).doing(Action::SetAccessRules));
        }
    };
    let said = Said {
        note: (note.to_owned(), Some(error)),
        ..Said::default()
    };
    wrong(render(ctx, &trial, &found, said))
}

/// `POST /access/rules/trials/{trial}/people`: names people, after the reading has been recorded.
pub(in crate::http) fn people(ctx: &Ctx, form: &Form) -> Answer {
    let trial = own(ctx)?;
    ctx.gate(Action::ReadPersonal, Subject::Body)?;
    let TrialState::Done(found) = trial.state() else {
        return Ok(redirect(PATH));
    };
    let entered = form.get("purpose");
    let purpose = match line_of(ctx.lang, entered) {
        Ok(purpose) => purpose,
        Err(error) => {
            let said = Said {
                purpose: (entered.to_owned(), Some(error)),
                ..Said::default()
            };
            return wrong(render(ctx, &trial, &found, said));
        }
    };
    let app = &ctx.site.app;
    let reader = ctx.live()?.person;
    let purpose = app.seal(reader, READING_PURPOSE, purpose.as_str().as_bytes())?;
    let command = Command::ReadPersonal {
        subject: SUBJECT.to_owned(),
        purpose,
    };
    // Durable first, shown afterwards: no reading goes unrecorded.
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    let said = Said {
        named: true,
        ..Said::default()
    };
    render(ctx, &trial, &found, said)
}

fn wrong(answer: Answer) -> Answer {
    let mut response = answer?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn render(ctx: &Ctx, trial: &Trial, found: &WhatIf, said: Said) -> Answer {
    let present = ctx.site.app.access_rules(None)?;
    let present = present.map_or_else(String::new, |it| it.text);
    let path = ctx.path.trim_end_matches("/people").to_owned();
    let view = TrialView {
        csrf: ctx.live()?.csrf(),
        path,
        from: found.from,
        until: found.until,
        answers: found.answers,
        replayed: found.replayed,
        without_facts: found.without_facts,
        failed: found.failed,
        beyond: found.beyond,
        refused: side(ctx, &found.refused, said.named),
        allowed: side(ctx, &found.allowed, said.named),
        diff: differences(&present, &trial.text),
        withdraws: trial.text.trim().is_empty(),
        may_name: !said.named && ctx.may(Action::ReadPersonal, Subject::Body),
        purpose: said.purpose,
        note: said.note,
    };
    Ok(html(trial_page(&ctx.frame(Place::AccessRules), &view)))
}

fn side(ctx: &Ctx, side: &Side, named: bool) -> SideView {
    let people = if named { side.people() } else { Vec::new() };
    let examples = side.examples.iter().map(|it| ExampleLine {
        at: it.at,
        person: it.person.filter(|_| named).map(|it| person(ctx, it)),
        resource: resource(ctx, it.resource),
        unit: it
            .unit
            .as_deref()
            .map_or_else(String::new, |id| unit(ctx, id)),
        place: place(ctx.lang, it.place.code()),
        rules: it.rules.clone(),
    });
    SideView {
        answers: side.answers,
        people: side.people_count(),
        rules: side.rules(),
        resources: each(side.resources(), |id| resource(ctx, id)),
        units: each(side.units(), |id| unit(ctx, &id)),
        named: each(people, |id| person(ctx, id)),
        examples: examples.collect(),
    }
}

fn each<T>(counts: Vec<(T, u64)>, name: impl Fn(T) -> String) -> Vec<(String, u64)> {
    counts.into_iter().map(|(it, n)| (name(it), n)).collect()
}

fn person(ctx: &Ctx, person: PersonId) -> String {
    person_name(ctx, person).unwrap_or_else(|| person.to_string())
}

fn resource(ctx: &Ctx, id: EntryId) -> String {
    let known = ctx.site.app.world().registers.entry(id).cloned();
    known.map_or_else(|| id.to_string(), |entry| title(ctx.lang, &entry))
}

fn unit(ctx: &Ctx, id: &str) -> String {
    let world = ctx.site.app.world();
    let name = id.parse().ok().map(|unit| unit_name(&world, unit));
    let name = name.map(|name| name.get(ctx.lang).to_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| id.to_owned())
}

fn place(lang: Lang, code: &str) -> String {
    text(lang, format!("permit.any.place.{code}"), &[]).into_owned()
}
