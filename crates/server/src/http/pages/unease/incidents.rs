//! Incidents: reported by anyone who is signed in, followed by steps with words.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::{Command, IncidentCommand};
use sekisho_domain::field::{Field, Noun as _, Value};
use sekisho_domain::id::IncidentId;
use sekisho_domain::register::incident::IncidentState;
use sekisho_domain::register::{Entry, EntryId, Incident, Register};
use sekisho_messages::{deadline, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::{Form, pairs};
use super::super::register::history;
use super::super::register::referents::Things;
use super::super::{form_refusal, sentence};
use super::{read_words, sealed_as_self};
use crate::app::fresh;
use crate::console::components::{Definitions, instant};
use crate::console::fields::{
    Entered, FieldForm, Words, anchored, input_name, inputs, read, sentence as field_sentence,
    show as show_value,
};
use crate::console::layout::Place;
use crate::console::unease::{
    INCIDENTS_PATH, IncidentForm, IncidentLine, IncidentView, incident_page, incidents_page,
    report_page,
};

const WORDS: Words = Words::register("incident");
/// Incidents that are dealt with and listed; the register has all.
const CLOSED: usize = 100;
/// What a report asks for; the rest is set where it is dealt with.
const ASKED: [&str; 8] = [
    "kind", "found", "happened", "severity", "leaked", "tasks", "systems", "devices",
];
/// What a page that leads to the form may have filled in.
const FILLED: [&str; 2] = ["concerns", "permits"];

type Errors = Vec<(String, String)>;

fn fields(entered: &Entered) -> Vec<Field> {
    let filled = |code: &str| FILLED.contains(&code) && !entered.all(&input_name(code)).is_empty();
    let own = Incident::FIELDS.iter();
    own.filter(|field| ASKED.contains(&field.code) || filled(field.code))
        .copied()
        .collect()
}

fn state(ctx: &Ctx, entry: &Entry, incident: &Incident) -> &'static str {
    let due = ctx.site.app.world().incident_due(entry);
    match incident.state {
        IncidentState::Closed => "closed",
        _ if due.is_some_and(|due| due <= ctx.now) => "late",
        IncidentState::Contained => "contained",
        IncidentState::Open => "open",
    }
}

fn due_words(ctx: &Ctx, entry: &Entry) -> String {
    let world = ctx.site.app.world();
    let due = world.incident_due(entry);
    due.map_or_else(
        || "–".to_owned(),
        |due| deadline(ctx.lang, due, ctx.now, &world.calendar()),
    )
}

fn word(ctx: &Ctx, field: &str, code: &str) -> String {
    text(ctx.lang, Register::Incident.choice_key(field, code), &[]).into_owned()
}

/// The incidents in the reader's sight, those that wait first.
fn readable(ctx: &Ctx) -> Result<Vec<(Entry, Incident)>, Fault> {
    let (actor, person) = (ctx.actor()?, ctx.live()?.person);
    let world = ctx.site.app.world();
    let reach = reached(&world, &actor, Action::ReadIncidents, ctx.now);
    let all = world.registers.nouns::<Incident>();
    let seen = all.filter(|(entry, _)| {
        let unit = world.unit_of_entry(entry.id, ctx.now);
        let mut units = reach.units.iter();
        reach.body
            || entry.author == Some(person)
            || unit.is_some_and(|unit| units.any(|it| world.unit_is_within(unit, *it, ctx.now)))
    });
    let mut list: Vec<(Entry, Incident)> = seen
        .map(|(entry, it)| (entry.clone(), it.clone()))
        .collect();
    let due = |entry: &Entry| world.incident_due(entry);
    let (mut open, mut closed): (Vec<_>, Vec<_>) = list
        .drain(..)
        .partition(|(_, it)| it.state != IncidentState::Closed);
    open.sort_by_key(|(entry, _)| due(entry));
    closed.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.changed_at));
    closed.truncate(CLOSED);
    open.append(&mut closed);
    Ok(open)
}

/// `GET /incidents`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let list = readable(ctx)?;
    let lines = list.iter().map(|(entry, incident)| IncidentLine {
        id: entry.id.to_string(),
        kind: word(ctx, "kind", incident.kind.code()),
        severity: word(ctx, "severity", incident.severity.code()),
        reported_at: entry.entered_at,
        due: due_words(ctx, entry),
        state: state(ctx, entry, incident),
    });
    let lines: Vec<IncidentLine> = lines.collect();
    Ok(html(incidents_page(&ctx.frame(Place::Incidents), &lines)))
}

fn render_report(ctx: &Ctx, entered: &Entered, words: &str, errors: Errors) -> Answer {
    let things = Things { ctx };
    let fields = fields(entered);
    let form = FieldForm {
        lang: ctx.lang,
        words: WORDS,
        fields: &fields,
        entered,
        errors: &errors,
        referents: &things,
    };
    let wrong = !errors.is_empty();
    let view = IncidentForm {
        csrf: ctx.live()?.csrf(),
        seen: 0,
        inputs: inputs(&form),
        steps: Vec::new(),
        words: words.to_owned(),
        errors: anchored(&fields, &errors),
    };
    let mut response = html(report_page(&ctx.frame(Place::Incidents), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /incidents/new`
pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReportIncident, Subject::Body)?;
    let given = pairs(ctx.query.as_bytes());
    let given = given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    render_report(ctx, &Entered::of_pairs(given), "", Vec::new())
}

/// `POST /incidents`
pub(in crate::http) fn report(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::ReportIncident, Subject::Body)?;
    let lang = ctx.lang;
    let entered = Entered::of_pairs(form.pairs());
    let typed = form.get("words");
    if entered.looks_for().is_some() {
        return render_report(ctx, &entered, typed, Vec::new());
    }
    let mut errors = Errors::new();
    let mut found = read(&fields(&entered), &entered, &Things { ctx });
    let open = Value::Text(IncidentState::Open.code().to_owned());
    found.values.insert("state".to_owned(), open);
    let judged = Incident::read(&found.values);
    if let Err(faults) = &judged {
        found.judge(&faults.0);
    }
    for (code, fault) in &found.faults {
        let said = field_sentence(lang, WORDS, code, *fault);
        errors.push((code.clone(), said));
    }
    let words = match read_words(lang, typed) {
        Ok("") => {
            let said = sentence(lang, "entry.words-required", &[]);
            errors.push(("words".to_owned(), said));
            ""
        }
        Ok(words) => words,
        Err(said) => {
            errors.push(("words".to_owned(), said));
            ""
        }
    };
    let (Ok(particulars), true) = (judged, errors.is_empty()) else {
        return render_report(ctx, &entered, typed, errors);
    };
    let Some(words) = sealed_as_self(ctx, words)? else {
        return render_report(ctx, &entered, typed, errors);
    };
    let incident = IncidentId::new(fresh()?);
    let person = ctx.live()?.person;
    let command = IncidentCommand::Report {
        incident,
        unit: ctx.site.app.world().unit_of(person, ctx.now),
        particulars: Box::new(particulars),
        words,
    };
    match commanded(ctx, command)? {
        Ok(()) => Ok(redirect(&format!("{INCIDENTS_PATH}/{incident}"))),
        Err(wrong) => {
            errors.push(wrong);
            render_report(ctx, &entered, typed, errors)
        }
    }
}

/// Carries a command out; a refusal is told with the place it is about.
fn commanded(ctx: &Ctx, command: IncidentCommand) -> Result<Result<(), (String, String)>, Fault> {
    let command = Command::Incident(Box::new(command));
    let done = ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new());
    match done {
        Ok(_) => Ok(Ok(())),
        Err(error) => {
            let (field, said) = form_refusal(ctx.lang, error)?;
            Ok(Err((field.unwrap_or_else(|| "main".to_owned()), said)))
        }
    }
}

/// The incident that the path names, where the reader may read it.
fn asked(ctx: &Ctx) -> Result<(IncidentId, Entry, Incident), Fault> {
    ctx.live()?;
    let id: IncidentId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(Action::ReadIncidents, Subject::Entry(EntryId::Incident(id)))?;
    let world = ctx.site.app.world();
    let known = world.registers.get::<Incident>(id);
    let (entry, incident) = known.ok_or_else(Fault::not_found)?;
    Ok((id, entry.clone(), incident.clone()))
}

fn facts(ctx: &Ctx, entry: &Entry, incident: &Incident) -> Definitions {
    let lang = ctx.lang;
    let things = Things { ctx };
    let mut facts: Definitions = vec![(t!(lang, "unease.told"), instant(lang, entry.entered_at))];
    if incident.state != IncidentState::Closed {
        let due = due_words(ctx, entry);
        facts.push((t!(lang, "unease.due"), markup! { (due) }));
    }
    let values = incident.values();
    for field in Incident::FIELDS {
        let value = values.get(field.code);
        if value.is_none() || field.code == "kind" || field.code == "state" {
            continue;
        }
        let shown = show_value(lang, WORDS, field, value, &things);
        facts.push((WORDS.label(lang, field.code), shown));
    }
    facts
}

fn render(
    ctx: &Ctx,
    (id, entry, incident): (IncidentId, &Entry, &Incident),
    words: &str,
    errors: Errors,
) -> Answer {
    let subject = Subject::Entry(entry.id);
    let steps = match incident.state {
        IncidentState::Open => vec!["contained", "closed"],
        IncidentState::Contained => vec!["closed", "open"],
        IncidentState::Closed => vec!["open"],
    };
    let wrong = !errors.is_empty();
    let may = entry.is_active() && ctx.may(Action::KeepIncidents, subject);
    let csrf = ctx.live()?.csrf();
    let keeps = ctx.may(Action::ReadIncidents, Subject::Body);
    let view = IncidentView {
        id: id.to_string(),
        kind: word(ctx, "kind", incident.kind.code()),
        state: state(ctx, entry, incident),
        facts: facts(ctx, entry, incident),
        entry: keeps.then(|| format!("/registers/incident/{id}")),
        changes: history::of_entry(ctx, Register::Incident, entry)?,
        form: may.then(|| IncidentForm {
            csrf,
            seen: entry.version,
            inputs: markup! {},
            steps,
            words: words.to_owned(),
            errors,
        }),
    };
    let mut response = html(incident_page(&ctx.frame(Place::Incidents), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /incidents/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let (id, entry, incident) = asked(ctx)?;
    render(ctx, (id, &entry, &incident), "", Vec::new())
}

/// `POST /incidents/{id}`: how far it is dealt with.
pub(in crate::http) fn step(ctx: &Ctx, form: &Form) -> Answer {
    let (id, entry, incident) = asked(ctx)?;
    ctx.gate(Action::KeepIncidents, Subject::Entry(entry.id))?;
    let lang = ctx.lang;
    let typed = form.get("words");
    let to = IncidentState::from_code(form.get("to")).ok_or_else(Fault::not_found)?;
    let words = match read_words(lang, typed) {
        Ok("") => Err(sentence(lang, "entry.words-required", &[])),
        other => other,
    };
    let wrong = |said: String| vec![("words".to_owned(), said)];
    let words = match words {
        Ok(words) => words,
        Err(said) => return render(ctx, (id, &entry, &incident), typed, wrong(said)),
    };
    let Some(words) = sealed_as_self(ctx, words)? else {
        return Err(Fault::not_found());
    };
    let command = IncidentCommand::Step {
        incident: id,
        to,
        words,
        expected: Some(form.get("expected").parse().unwrap_or_default()),
    };
    match commanded(ctx, command)? {
        Ok(()) => Ok(redirect(&format!("{INCIDENTS_PATH}/{id}"))),
        Err(wrong) => {
            let (id, entry, incident) = asked(ctx)?;
            render(ctx, (id, &entry, &incident), typed, vec![wrong])
        }
    }
}
