//! Telling of unease without a name, and reading its answer. Nothing here asks who is there: the request
//! has been stripped of all that tells ([`Ctx`]'s ways without a name).

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, ConcernCommand, Telling};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{ConcernId, PersonId, TaskId, UnitId};
use sekisho_domain::name::folded;
use sekisho_domain::register::concern::{ConcernKind, ConcernState};
use sekisho_domain::register::{EntryId, Register};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::sentence;
use super::{due_words, kind_word, kinds, known, read_words, state};
use crate::app::{REMARK_PURPOSE, fresh};
use crate::console::layout::{Frame, Place};
use crate::console::unease::{
    AnswerView, NAMELESS_ANSWER_PATH, NAMELESS_PATH, NamelessForm, ReceiptView, answer_page,
    closed_page, code_page, nameless_page, receipt_page,
};
use crate::unease::ReceiptCode;

/// Longest name of a task or unit that is looked up, in characters.
const NAME_MAX: usize = 200;

/// The frame of a page that knows nobody. Where the page cannot be asked for again, there is no way from
/// it to the other language.
fn frame(ctx: &Ctx, again: Option<&str>) -> Frame {
    Frame {
        path: again.unwrap_or_default().to_owned(),
        ..ctx.frame(Place::Nameless)
    }
}

/// Whether reports without a name are taken, as the gate says.
fn is_open(ctx: &Ctx) -> bool {
    let asked = (Action::RaiseConcern, Subject::Body);
    let app = &ctx.site.app;
    app.authorise(&Actor::Nobody, asked.0, asked.1).is_ok() && app.world().organisation.is_some()
}

fn refused(ctx: &Ctx, form: &NamelessForm) -> Answer {
    let mut response = html(nameless_page(&frame(ctx, None), form));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `GET /unease`
pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let frame = frame(ctx, Some(NAMELESS_PATH));
    if !is_open(ctx) {
        return Ok(html(closed_page(&frame)));
    }
    let form = NamelessForm {
        kinds: kinds(),
        ..NamelessForm::default()
    };
    Ok(html(nameless_page(&frame, &form)))
}

/// The task that a name says, where exactly that is in the register. Names are never offered: the page is
/// open to anyone who reaches this server.
fn task_called(ctx: &Ctx, name: &str) -> Option<TaskId> {
    let wanted = folded(name);
    let world = ctx.site.app.world();
    let mut tasks = world.registers.active(Register::Task);
    tasks.find_map(|entry| {
        let called = entry.particulars.key("name")?;
        match entry.id {
            EntryId::Task(id) if folded(&called) == wanted => Some(id),
            _ => None,
        }
    })
}

/// The unit that a name says, where it is the name of one alone.
fn unit_called(ctx: &Ctx, name: &str) -> Option<UnitId> {
    let wanted = folded(name);
    let world = ctx.site.app.world();
    let is_called = |unit: &sekisho_domain::unit::Unit| {
        let name = unit.name_at(ctx.now);
        let english = name.en.as_ref().map(|en| folded(en.as_str()));
        folded(name.ja.as_str()) == wanted || english.as_ref() == Some(&wanted)
    };
    let there = |id: &UnitId| world.unit_in_force(*id, ctx.now);
    let mut called = world
        .units
        .values()
        .filter(|it| there(&it.id) && is_called(it));
    let first = called.next()?.id;
    called.next().is_none().then_some(first)
}

/// Where it arose, and the words: whatever was named stands among them, known or not, so that the answer does
/// not tell which names there are.
struct Placed {
    task: Option<TaskId>,
    unit: Option<UnitId>,
    words: String,
}

fn placed(ctx: &Ctx, words: &str, task: &str, unit: &str) -> Placed {
    let mut said = words.to_owned();
    let mut keep = |label: &str, name: &str| {
        if !said.is_empty() {
            said.push('\n');
        }
        said.push_str(label);
        said.push_str(": ");
        said.push_str(name);
    };
    let bounded = |name: &str| name.trim().chars().take(NAME_MAX).collect::<String>();
    let (task_name, unit_name) = (bounded(task), bounded(unit));
    let task = task_called(ctx, &task_name).filter(|_| !task_name.is_empty());
    let unit = unit_called(ctx, &unit_name).filter(|_| !unit_name.is_empty());
    if !task_name.is_empty() {
        keep(&t!(ctx.lang, "unease.task"), &task_name);
    }
    if !unit_name.is_empty() {
        keep(&t!(ctx.lang, "unease.unit"), &unit_name);
    }
    Placed {
        task,
        unit,
        words: said,
    }
}

/// `POST /unease`
pub(in crate::http) fn tell(ctx: &Ctx, form: &Form) -> Answer {
    if !is_open(ctx) {
        return Err(Fault::new(StatusCode::FORBIDDEN, "concern.nameless-closed"));
    }
    let lang = ctx.lang;
    let mut given = NamelessForm {
        kinds: kinds(),
        words: form.get("words").to_owned(),
        task: form.get("task").to_owned(),
        unit: form.get("unit").to_owned(),
        errors: Vec::new(),
    };
    let Some(kind) = ConcernKind::from_code(form.get("kind")) else {
        let said = sentence(lang, "concern.no-kind", &[]);
        given.errors.push(("kind".to_owned(), said));
        return refused(ctx, &given);
    };
    let words = match read_words(lang, &given.words) {
        Ok(words) => words,
        Err(said) => {
            given.errors.push(("words".to_owned(), said));
            return refused(ctx, &given);
        }
    };
    let now = ctx.now.as_millis();
    if let Err(wait) = ctx.site.nameless.take((), now) {
        return Err(Fault::too_many("concern.too-many", wait));
    }
    let placed = placed(ctx, words, &given.task, &given.unit);
    let (concern, code) = take(ctx, kind, &placed)?;
    let due = known(ctx, concern).map_or_else(String::new, |(entry, _)| due_words(ctx, &entry));
    let view = ReceiptView {
        code: code.shown().to_string(),
        due,
    };
    Ok(html(receipt_page(&frame(ctx, None), &view)))
}

/// Records a report under a pseudonym of its own.
fn take(ctx: &Ctx, kind: ConcernKind, placed: &Placed) -> Result<(ConcernId, ReceiptCode), Fault> {
    let app = &ctx.site.app;
    let pseudonym = PersonId::new(fresh()?);
    let code = ReceiptCode::fresh()?;
    let words = match placed.words.as_str() {
        "" => None,
        words => Some(app.seal(pseudonym, REMARK_PURPOSE, words.as_bytes())?),
    };
    let telling = Telling {
        concern: ConcernId::new(fresh()?),
        unit: placed.unit,
        kind,
        task: placed.task,
        hidden: true,
        words,
        pseudonym: Some(pseudonym),
        receipt: code.hash(),
    };
    let concern = telling.concern;
    let command = Command::Concern(Box::new(ConcernCommand::Tell(Box::new(telling))));
    app.command_blocking(Actor::Nobody, command, Vec::new())?;
    Ok((concern, code))
}

/// `GET /unease/answer`
pub(in crate::http) fn ask_answer(ctx: &Ctx) -> Answer {
    let frame = frame(ctx, Some(NAMELESS_ANSWER_PATH));
    Ok(html(code_page(&frame, None)))
}

/// The report that a code follows.
fn followed(ctx: &Ctx, code: &ReceiptCode) -> Option<ConcernId> {
    let hash = code.hash()?;
    ctx.site.app.world().concerns.by_receipt(&hash)
}

/// `POST /unease/answer`: shows what became of a report, and adds words where some are given.
pub(in crate::http) fn answer(ctx: &Ctx, form: &Form) -> Answer {
    let code = ReceiptCode::parse(form.get("code"));
    let found = code.and_then(|code| followed(ctx, &code).map(|concern| (code, concern)));
    let Some((code, concern)) = found else {
        // Whoever has a code is kept out by nobody who tries others.
        if let Err(wait) = ctx.site.receipts.take((), ctx.now.as_millis()) {
            return Err(Fault::too_many("concern.too-many", wait));
        }
        let said = sentence(ctx.lang, "concern.no-such-code", &[]);
        let mut response = html(code_page(&frame(ctx, None), Some(&said)));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    let mut errors = Vec::new();
    match read_words(ctx.lang, form.get("words")) {
        Ok("") => {}
        Ok(words) => say(ctx, &code, concern, words)?,
        Err(said) => errors.push(("words".to_owned(), said)),
    }
    let view = answered(ctx, &code, concern, errors)?;
    Ok(html(answer_page(&frame(ctx, None), &view)))
}

fn say(ctx: &Ctx, code: &ReceiptCode, concern: ConcernId, words: &str) -> Result<(), Fault> {
    let app = &ctx.site.app;
    let thread = app.world().concerns.thread(concern).cloned();
    let pseudonym = thread.and_then(|it| it.pseudonym);
    let pseudonym = pseudonym.ok_or_else(Fault::not_found)?;
    if let Err(wait) = ctx.site.added.take(concern, ctx.now.as_millis()) {
        return Err(Fault::too_many("concern.too-many", wait));
    }
    let command = ConcernCommand::Say {
        concern,
        words: app.seal(pseudonym, REMARK_PURPOSE, words.as_bytes())?,
        receipt: code.hash(),
    };
    let command = Command::Concern(Box::new(command));
    app.command_blocking(Actor::Nobody, command, Vec::new())?;
    Ok(())
}

/// What became of a report. Who answered is told by no name.
fn answered(
    ctx: &Ctx,
    code: &ReceiptCode,
    concern: ConcernId,
    errors: Vec<(String, String)>,
) -> Result<AnswerView, Fault> {
    let (entry, noun) = known(ctx, concern).ok_or_else(Fault::not_found)?;
    let (records, erased) = {
        let world = ctx.site.app.world();
        let thread = world.concerns.thread(concern);
        let records = thread.map(|it| it.records.clone()).unwrap_or_default();
        (records, thread.is_some_and(|it| it.erased))
    };
    let mut said = Vec::new();
    for (_, stored) in ctx.site.app.records(&records)? {
        said.extend(step(ctx, &stored)?);
    }
    Ok(AnswerView {
        code: code.shown().to_string(),
        state: state(ctx, &entry, &noun),
        kind: kind_word(ctx.lang, noun.kind),
        due: due_words(ctx, &entry),
        said,
        open: !erased && is_open(ctx),
        errors,
    })
}

type Step = (sekisho_domain::time::Timestamp, String, Option<String>);

fn step(ctx: &Ctx, stored: &StoredEvent) -> Result<Option<Step>, Fault> {
    let lang = ctx.lang;
    let (what, words) = match &stored.event {
        Event::ConcernTold { told } => (t!(lang, "unease.you_told"), told.words.as_ref()),
        Event::ConcernSaid { said } => (t!(lang, "unease.you_said"), Some(&said.words)),
        Event::ConcernAnswered { answered } => {
            let what = match answered.state {
                ConcernState::Answered => t!(lang, "unease.was_answered"),
                _ => t!(lang, "unease.was_examined"),
            };
            (what, answered.words.as_ref())
        }
        Event::ConcernTurned { .. } => (t!(lang, "unease.was_turned"), None),
        Event::ConcernErased { .. } => (t!(lang, "unease.was_erased"), None),
        _ => return Ok(None),
    };
    let words = words.map(|words| {
        let opened = ctx.site.app.unseal(REMARK_PURPOSE, words)?;
        Ok::<String, Fault>(opened.unwrap_or_else(|| t!(lang, "register.words_gone").into_owned()))
    });
    Ok(Some((
        stored.recorded_at,
        what.into_owned(),
        words.transpose()?,
    )))
}
