//! The chief's page: what is to be assessed, then task, grade, where, three questions and one sentence.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::risk_subject;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{CaseId, RiskId};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::plan::{CaseScope, Conclusion};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::risk::{Answer, Question, Rank, RiskContent, RiskSubject, RiskWork, Scenario};
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer as Answered, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::organisation::somewhere;
use super::super::plan::words as plan_words;
use super::super::refused;
use super::entered::{Entered, Errors};
use super::words;
use crate::app::{CommandError, fresh};
use crate::console::components::Definitions;
use crate::console::layout::Place;
use crate::console::risk::{AskView, Options, PATH, RiskForm, ask_page, form_page};
use crate::risk::WriteError;

/// Most tasks that are offered at once.
const OFFERED: usize = 500;

/// Whether the reader drafts anything at all: else nothing is told of what the path names.
pub(super) fn drafts_somewhere(ctx: &Ctx) -> Result<(), Fault> {
    if somewhere(ctx, Action::DraftRisk) {
        return Ok(());
    }
    ctx.gate(Action::DraftRisk, Subject::Body)
}

/// What the reader may assess: the whole, the units and the tasks within reach.
fn subjects(ctx: &Ctx) -> Result<Vec<RiskSubject>, Fault> {
    let actor = ctx.actor()?;
    let world = ctx.site.app.world();
    let reach = reached(&world, &actor, Action::DraftRisk, ctx.now);
    let within = |unit| {
        let mut units = reach.units.iter();
        units.any(|above| world.unit_is_within(unit, *above, ctx.now))
    };
    let mut found: Vec<RiskSubject> = Vec::new();
    let tasks = world.registers.active(Register::Task);
    found.extend(tasks.filter_map(|entry| {
        let EntryId::Task(task) = entry.id else {
            return None;
        };
        let unit = world.unit_of_entry(entry.id, ctx.now);
        (reach.body || unit.is_some_and(within)).then_some(RiskSubject::Task(task))
    }));
    found.truncate(OFFERED);
    if reach.body {
        found.push(RiskSubject::Tasks(CaseScope::Body));
    }
    let units = reach.units.iter().copied();
    found.extend(units.map(|unit| RiskSubject::Tasks(CaseScope::Unit(unit))));
    Ok(found)
}

/// What the query names: a subject, or the scope of a case.
fn asked_subject(ctx: &Ctx) -> Option<RiskSubject> {
    if let Some(subject) = ctx.query("subject") {
        return subject.parse().ok();
    }
    let case: CaseId = ctx.query("case")?.parse().ok()?;
    let world = ctx.site.app.world();
    let scope = world.plan.cases.get(&case)?.opened.scope;
    Some(RiskSubject::Tasks(scope))
}

/// `GET /risks/new`
pub(in crate::http) fn new(ctx: &Ctx) -> Answered {
    drafts_somewhere(ctx)?;
    let Some(subject) = asked_subject(ctx) else {
        let subjects = subjects(ctx)?;
        let list = subjects.into_iter().map(|it| {
            let name = words::subject(ctx, it);
            (it.to_string(), name, false)
        });
        let view = AskView {
            subjects: Options {
                list: list.collect(),
            },
        };
        return Ok(html(ask_page(&ctx.frame(Place::Risks), &view)));
    };
    gated(ctx, subject)?;
    let mut entered = Entered::default();
    entered.cases.extend(ctx.query("case"));
    if let RiskSubject::Task(task) = subject {
        let world = ctx.site.app.world();
        let line = world.plan.line(task);
        let places = line.iter().flat_map(|it| it.places.iter());
        entered.places = places.map(|it| it.code().to_owned()).collect();
    }
    render(ctx, subject, None, &entered, Errors::new())
}

/// Whether the reader may draft an assessment of something.
fn gated(ctx: &Ctx, subject: RiskSubject) -> Result<(), Fault> {
    let unit = ctx.site.app.world().risk_subject_unit(subject, ctx.now);
    ctx.gate(Action::DraftRisk, risk_subject(unit))
}

/// The draft that the path names, where the reader may write on it.
pub(super) fn draft(ctx: &Ctx) -> Result<(RiskId, RiskWork), Fault> {
    drafts_somewhere(ctx)?;
    let risk: RiskId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let (work, unit) = {
        let world = ctx.site.app.world();
        let work = world.risks.work.get(&risk).cloned();
        let work = work.filter(|it| it.proposed.is_none());
        let work = work.ok_or_else(Fault::not_found)?;
        let unit = world.risk_unit(&work.content, ctx.now);
        (work, unit)
    };
    ctx.gate(Action::DraftRisk, risk_subject(unit))?;
    Ok((risk, work))
}

/// `GET /risks/{id}/edit`
pub(in crate::http) fn edit(ctx: &Ctx) -> Answered {
    let (risk, work) = draft(ctx)?;
    let entered = Entered::of_content(&work.content);
    render(
        ctx,
        work.content.subject,
        Some((risk, &work)),
        &entered,
        Errors::new(),
    )
}

fn options<'a>(
    all: impl Iterator<Item = (&'a str, String)>,
    chosen: impl Fn(&str) -> bool,
) -> Options {
    let list = all.map(|(code, word)| (code.to_owned(), word, chosen(code)));
    Options {
        list: list.collect(),
    }
}

/// Grades to choose from, with none first where none is a choice.
pub(super) fn grades(none: Option<String>, chosen: &str) -> Options {
    let mut list: Vec<(String, String, bool)> = none
        .into_iter()
        .map(|word| (String::new(), word, chosen.is_empty()))
        .collect();
    list.extend(Grade::all().into_iter().map(|grade| {
        let grade = grade.to_string();
        let is_it = grade == chosen;
        (grade.clone(), grade, is_it)
    }));
    Options { list }
}

pub(super) fn place_options(ctx: &Ctx, chosen: &[String]) -> Options {
    let all = TeleworkPlace::ALL.iter();
    let all = all.map(|it| (it.code(), words::place(ctx.lang, *it)));
    options(all, |code| chosen.iter().any(|it| it == code))
}

fn scenarios(ctx: &Ctx, chosen: &str) -> Options {
    let none = std::iter::once(("", t!(ctx.lang, "risk.none-raised").into_owned()));
    let all = Scenario::ALL.iter();
    let all = all.map(|it| (it.code(), words::scenario(ctx.lang, *it)));
    options(none.chain(all), |code| code == chosen)
}

fn ranks(ctx: &Ctx, chosen: &str, all: &[Rank]) -> Options {
    let list = all.iter().map(|it| {
        let number = it.number().to_string();
        let is_it = number == chosen;
        (number, words::rank(ctx.lang, *it), is_it)
    });
    Options {
        list: list.collect(),
    }
}

/// The exceptions in force that the reader may read, for lowering a weakness.
fn exceptions(ctx: &Ctx, chosen: &str) -> Options {
    let ids: Vec<_> = {
        let world = ctx.site.app.world();
        let all = world.permits.of_kind(PermitKind::Exception);
        let all = all.filter(|it| it.is_in_force(ctx.now));
        all.filter_map(|it| match it.particulars.as_ref() {
            Particulars::Exception(said) => Some((it.id, said.requirement.as_str().to_owned())),
            _ => None,
        })
        .take(OFFERED)
        .collect()
    };
    let mut list = vec![(String::new(), "–".to_owned(), chosen.is_empty())];
    list.extend(
        ids.into_iter()
            .filter(|(id, _)| ctx.may(Action::ReadPermit, Subject::Permit(*id)))
            .map(|(id, row)| {
                let id = id.to_string();
                let is_it = id == chosen;
                (id.clone(), format!("{row} ({id})"), is_it)
            }),
    );
    Options { list }
}

/// The cases that can be answered, each with its version as it is now.
fn cases(ctx: &Ctx, subject: RiskSubject, chosen: &[String]) -> Options {
    let all: Vec<_> = {
        let world = ctx.site.app.world();
        let all = world.cases_to_assess(subject).into_iter();
        all.map(|it| {
            let opened = &it.opened;
            (
                opened.case.to_string(),
                it.version,
                opened.trigger,
                it.is_open(),
            )
        })
        .collect()
    };
    let list = all.into_iter().map(|(id, version, trigger, open)| {
        let mut name = plan_words::trigger(ctx.lang, trigger);
        if !open {
            name = format!("{name} ({})", t!(ctx.lang, "risk.closed-by-word"));
        }
        let is_it = chosen
            .iter()
            .any(|it| it.split('@').next() == Some(id.as_str()));
        (format!("{id}@{version}"), name, is_it)
    });
    Options {
        list: list.collect(),
    }
}

fn facts(ctx: &Ctx, subject: RiskSubject) -> Definitions {
    let lang = ctx.lang;
    let declared = ctx.site.app.world().risk_grade(subject, ctx.now);
    let declared = declared.map_or_else(|| "–".to_owned(), |it| it.to_string());
    vec![
        (
            t!(lang, "risk.subject"),
            markup! { (words::subject(ctx, subject)) },
        ),
        (t!(lang, "risk.declared-grade"), markup! { (declared) }),
    ]
}

/// The three questions with their answers.
fn questions(ctx: &Ctx, entered: &Entered) -> Vec<(&'static str, String, Options)> {
    let lang = ctx.lang;
    let question = |it: &Question| {
        let given = entered.answers.get(it.code());
        let given = given.map(String::as_str).unwrap_or_default();
        let answers = Answer::ALL.iter().map(|answer| {
            let key = format!("risk.answer.{}", answer.code());
            (answer.code(), text(lang, key, &[]).into_owned())
        });
        let words = text(lang, format!("risk.question.{}", it.code()), &[]).into_owned();
        (it.code(), words, options(answers, |code| code == given))
    };
    Question::ALL.iter().map(question).collect()
}

fn conclusions(ctx: &Ctx, chosen: &str) -> Options {
    let all = Conclusion::CODES.iter().map(|code| {
        let word = text(ctx.lang, format!("case.conclusion.{code}"), &[]).into_owned();
        (*code, word)
    });
    options(all, |code| code == chosen)
}

fn render(
    ctx: &Ctx,
    subject: RiskSubject,
    draft: Option<(RiskId, &RiskWork)>,
    entered: &Entered,
    errors: Errors,
) -> Answered {
    let wrong = !errors.is_empty();
    let declared = ctx.site.app.world().risk_grade(subject, ctx.now);
    let declared = declared.map_or_else(String::new, |it| it.to_string());
    let grade = if entered.grade.is_empty() {
        &declared
    } else {
        &entered.grade
    };
    let view = RiskForm {
        csrf: ctx.live()?.csrf(),
        action: match draft {
            Some((risk, _)) => format!("{PATH}/{risk}/write"),
            None => format!("{PATH}/new"),
        },
        subject: subject.to_string(),
        revision: draft.map_or(0, |(_, work)| work.revision),
        facts: facts(ctx, subject),
        grades: grades(None, grade),
        places: place_options(ctx, &entered.places),
        questions: questions(ctx, entered),
        cases: cases(ctx, subject, &entered.cases),
        conclusions: conclusions(ctx, &entered.conclusion),
        reason: entered.reason.clone(),
        raised: (
            scenarios(ctx, &entered.raised[0]),
            ranks(ctx, &entered.raised[1], &[Rank::Three, Rank::Two]),
            entered.raised[2].clone(),
        ),
        lowered: (
            scenarios(ctx, &entered.lowered[0]),
            ranks(ctx, &entered.lowered[1], &[Rank::One, Rank::Two]),
            exceptions(ctx, &entered.lowered[2]),
        ),
        errors,
    };
    let mut frame = ctx.frame(Place::Risks);
    frame.path.clone_from(&view.action);
    let mut response = html(form_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Writes a draft; a refusal is told at its field.
pub(super) fn write(
    ctx: &Ctx,
    (risk, expected): (RiskId, Option<u64>),
    content: RiskContent,
) -> Result<(), Result<Errors, Fault>> {
    let actor = ctx.actor().map_err(Err)?;
    let site = &ctx.site;
    let done = site
        .app
        .write_risk(actor, &site.catalogue, (risk, expected), content);
    match done {
        Ok(_) => Ok(()),
        Err(WriteError::Command(error @ CommandError::Refused(_)))
            if !error.code().starts_with("authorise.") =>
        {
            let (field, said) = refused(ctx.lang, &error);
            Err(Ok(vec![(field.unwrap_or_else(|| "main".to_owned()), said)]))
        }
        Err(WriteError::Command(error)) => Err(Err(error.into())),
        Err(WriteError::Measure(error)) => Err(Err(Fault::internal(error.to_string()))),
    }
}

/// `POST /risks/new`
pub(in crate::http) fn begin(ctx: &Ctx, form: &Form) -> Answered {
    drafts_somewhere(ctx)?;
    let subject = form
        .get("subject")
        .parse::<RiskSubject>()
        .map_err(|_| Fault::not_found())?;
    gated(ctx, subject)?;
    let risk = RiskId::new(fresh()?);
    taken(ctx, (risk, Some(0)), subject, None, form)
}

/// `POST /risks/{id}/write`
pub(in crate::http) fn change(ctx: &Ctx, form: &Form) -> Answered {
    let (risk, work) = draft(ctx)?;
    let expected = form.get("expected").parse().ok();
    let subject = work.content.subject;
    taken(ctx, (risk, expected), subject, Some(&work), form)
}

fn taken(
    ctx: &Ctx,
    (risk, expected): (RiskId, Option<u64>),
    subject: RiskSubject,
    work: Option<&RiskWork>,
    form: &Form,
) -> Answered {
    let entered = Entered::of_form(form);
    let draft = work.map(|work| (risk, work));
    let content = match entered.read(ctx.lang, subject, work.map(|it| &it.content)) {
        Ok(content) => content,
        Err(errors) => return render(ctx, subject, draft, &entered, errors),
    };
    match write(ctx, (risk, expected), content) {
        Ok(()) => Ok(redirect(&format!("{PATH}/{risk}"))),
        Err(Ok(errors)) => render(ctx, subject, draft, &entered, errors),
        Err(Err(fault)) => Err(fault),
    }
}
