//! What is done about a report: answering it, adding to it, making it an incident, destroying its words.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, ConcernCommand};
use sekisho_domain::id::{ConcernId, IncidentId};
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::incident::{IncidentKind, IncidentState, Severity};
use sekisho_domain::register::{Concern, Entry, Incident};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::{form_refusal, sentence};
use super::show::{asked, render};
use super::{read_words, sealed_as_self};
use crate::app::{CommandError, fresh};
use crate::console::unease::{CONCERNS_PATH, INCIDENTS_PATH};

/// Where a page leads on to, or what is wrong at which place.
type Done = Result<String, (String, String)>;

/// `POST /concerns/{id}/{act}`
pub(in crate::http) fn act(ctx: &Ctx, form: &Form) -> Answer {
    let (id, entry, concern) = asked(ctx)?;
    let typed = form.get("words");
    let done = match ctx.parameter("act") {
        "erase" => erase(ctx, id, form)?,
        "answer" | "examine" | "say" | "incident" => match read_words(ctx.lang, typed) {
            Ok(words) => carry_out(ctx, id, (&entry, &concern), (form, words))?,
            Err(said) => Err(("words".to_owned(), said)),
        },
        _ => return Err(Fault::not_found()),
    };
    match done {
        Ok(path) => Ok(redirect(&path)),
        Err(wrong) => {
            // The page shows what came meanwhile.
            let (id, entry, concern) = asked(ctx)?;
            render(ctx, id, (&entry, &concern), typed, vec![wrong])
        }
    }
}

fn carry_out(
    ctx: &Ctx,
    id: ConcernId,
    about: (&Entry, &Concern),
    (form, words): (&Form, &str),
) -> Result<Done, Fault> {
    let act = ctx.parameter("act");
    if words.is_empty() && act != "examine" {
        let said = sentence(ctx.lang, "entry.words-required", &[]);
        return Ok(Err(("words".to_owned(), said)));
    }
    let sealed = sealed_as_self(ctx, words)?;
    // A form that does not say what it saw has seen nothing.
    let expected = Some(form.get("expected").parse().unwrap_or_default());
    let answer = |state| ConcernCommand::Answer {
        concern: id,
        state,
        words: sealed.clone(),
        expected,
    };
    let (command, to) = match (act, sealed.clone()) {
        ("answer", _) => (answer(ConcernState::Answered), None),
        ("examine", _) => (answer(ConcernState::Examined), None),
        ("say", Some(words)) => {
            let say = ConcernCommand::Say {
                concern: id,
                words,
                receipt: None,
            };
            (say, None)
        }
        (_, Some(words)) => {
            let incident = IncidentId::new(fresh()?);
            let turn = ConcernCommand::Turn {
                concern: id,
                incident,
                particulars: Box::new(incident_of(ctx, id, about)),
                words,
            };
            (turn, Some(format!("{INCIDENTS_PATH}/{incident}")))
        }
        (_, None) => return Err(Fault::not_found()),
    };
    let to = to.unwrap_or_else(|| format!("{CONCERNS_PATH}/{id}"));
    commanded(ctx, command, to)
}

/// The incident that a report becomes: what is not known yet is set where it is dealt with.
fn incident_of(ctx: &Ctx, id: ConcernId, (entry, concern): (&Entry, &Concern)) -> Incident {
    let kind = match concern.kind {
        ConcernKind::Attack => IncidentKind::Intrusion,
        _ => IncidentKind::Other,
    };
    Incident {
        kind,
        found: entry.entered_at.jst_date().min(ctx.now.jst_date()),
        happened: None,
        severity: Severity::Medium,
        state: IncidentState::Open,
        leaked: false,
        tasks: concern.task.into_iter().collect(),
        systems: Vec::new(),
        devices: Vec::new(),
        media: Vec::new(),
        concerns: vec![id],
        permits: Vec::new(),
    }
}

fn commanded(ctx: &Ctx, command: ConcernCommand, to: String) -> Result<Done, Fault> {
    let command = Command::Concern(Box::new(command));
    let done = ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new());
    done_or_wrong(ctx, done.map(|_| to))
}

fn done_or_wrong(ctx: &Ctx, done: Result<String, CommandError>) -> Result<Done, Fault> {
    match done {
        Ok(to) => Ok(Ok(to)),
        Err(error) => {
            let (field, said) = form_refusal(ctx.lang, error)?;
            let known = field.filter(|it| it == "words");
            Ok(Err((known.unwrap_or_else(|| "main".to_owned()), said)))
        }
    }
}

fn erase(ctx: &Ctx, id: ConcernId, form: &Form) -> Result<Done, Fault> {
    ctx.gate(Action::ForgetPerson, Subject::Body)?;
    if form.get("confirm") != "yes" {
        let said = t!(ctx.lang, "unease.erase_unconfirmed").into_owned();
        return Ok(Err(("confirm".to_owned(), said)));
    }
    let done = ctx.site.app.erase_concern(ctx.actor()?, id);
    done_or_wrong(ctx, done.map(|_| format!("{CONCERNS_PATH}/{id}")))
}
