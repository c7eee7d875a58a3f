//! Cases: the list, one of them, and its reassessment.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::{Command, PlanCommand, plan_subject};
use sekisho_domain::id::CaseId;
use sekisho_domain::plan::{Case, CaseState, Conclusion, Figure, Reassessment, RiskLevel};
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{deadline, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::organisation::somewhere as may_somewhere;
use super::super::{form_refusal, line as read_line, sentence};
use super::words::{self, actor, figure, scope, trigger, value};
use crate::console::components::{Definitions, instant};
use crate::console::layout::Place;
use crate::console::plan::{
    CASES_PATH, CaseForm, CaseLine, CaseView, CasesView, FigureLine, case_page, cases_page,
};
use crate::console::words as console_words;

/// Closed cases that are listed.
const CLOSED: usize = 100;

fn state(case: &Case, now: Timestamp) -> &'static str {
    match case.state {
        CaseState::Open if case.is_overdue(now) => "late",
        CaseState::Open => "open",
        CaseState::Subsided { .. } => "subsided",
        CaseState::Closed { .. } => "closed",
    }
}

/// The first figures of a case in words, and how many more there are.
fn what(ctx: &Ctx, figures: &[Figure]) -> Markup {
    const FIRST: usize = 2;
    markup! {
        ul class="values" {
            @for it in figures.iter().take(FIRST) { li { (figure(ctx, it)) } }
            @if figures.len() > FIRST { li class="muted" { (t!(ctx.lang, "case.more", n = figures.len() - FIRST)) } }
        }
    }
}

fn line(ctx: &Ctx, case: &Case) -> CaseLine {
    let due = {
        let world = ctx.site.app.world();
        deadline(ctx.lang, case.opened.due, ctx.now, &world.calendar())
    };
    CaseLine {
        id: case.opened.case.to_string(),
        trigger: case.opened.trigger.code(),
        scope: scope(ctx, case.opened.scope),
        what: what(ctx, case.figures()),
        opened_at: case.opened_at,
        due: markup! { @if case.is_open() { (due) } @else { span class="muted" { "–" } } },
        state: state(case, ctx.now),
        high: case.opened.high,
    }
}

/// The cases that the reader may read.
pub(in crate::http) fn readable(ctx: &Ctx) -> Result<Vec<Case>, Fault> {
    let person = ctx.actor()?;
    let world = ctx.site.app.world();
    let reach = reached(&world, &person, Action::ReadCases, ctx.now);
    if reach.is_nothing() {
        drop(world);
        ctx.gate(Action::ReadCases, Subject::Body)?;
        // A program is asked about each thing by itself.
        let world = ctx.site.app.world();
        return Ok(world.plan.cases.values().cloned().collect());
    }
    let within = |case: &&Case| {
        let unit = case.opened.scope.unit();
        let mut units = reach.units.iter();
        reach.body
            || unit.is_some_and(|it| units.any(|above| world.unit_is_within(it, *above, ctx.now)))
    };
    Ok(world.plan.cases.values().filter(within).cloned().collect())
}

/// `GET /cases`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let all = readable(ctx)?;
    let (mut open, mut closed): (Vec<Case>, Vec<Case>) = all.into_iter().partition(Case::is_open);
    open.sort_by_key(|case| (case.opened.due, case.opened.scope, case.opened.trigger));
    closed.sort_by_key(|case| std::cmp::Reverse(case.changed_at));
    closed.truncate(CLOSED);
    let view = CasesView {
        open: open.iter().map(|case| line(ctx, case)).collect(),
        closed: closed.iter().map(|case| line(ctx, case)).collect(),
    };
    Ok(html(cases_page(&ctx.frame(Place::Cases), &view)))
}

/// Whether the reader may do something about any case at all: else nothing is told of what the path names.
fn somewhere(ctx: &Ctx, action: Action) -> Result<(), Fault> {
    if may_somewhere(ctx, action) {
        return Ok(());
    }
    ctx.gate(action, Subject::Body)
}

/// The case that the path names, where the reader may read it.
pub(in crate::http) fn asked(ctx: &Ctx) -> Result<Case, Fault> {
    somewhere(ctx, Action::ReadCases)?;
    let id: CaseId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let case = ctx.site.app.world().plan.cases.get(&id).cloned();
    let case = case.ok_or_else(Fault::not_found)?;
    ctx.gate(Action::ReadCases, plan_subject(case.opened.scope))?;
    Ok(case)
}

/// The name of a case and where it stands, for who may read it.
pub(in crate::http) fn named_case(ctx: &Ctx, id: CaseId) -> Option<(String, String)> {
    let case = ctx.site.app.world().plan.cases.get(&id).cloned()?;
    let may = ctx.may(Action::ReadCases, plan_subject(case.opened.scope));
    let name = format!(
        "{} ({})",
        trigger(ctx.lang, case.opened.trigger),
        scope(ctx, case.opened.scope)
    );
    may.then(|| (name, format!("{CASES_PATH}/{id}")))
}

/// Who must act: by role.
fn who(ctx: &Ctx, case: &Case) -> String {
    let roles = match case.opened.scope.unit() {
        None => vec![Role::Hiso, Role::Ciso],
        Some(_) => vec![Role::Diso, Role::Iso],
    };
    let words = roles
        .into_iter()
        .map(|role| console_words::role(ctx.lang, role));
    console_words::list(ctx.lang, words)
}

fn facts(ctx: &Ctx, case: &Case) -> Definitions {
    let lang = ctx.lang;
    let due = {
        let world = ctx.site.app.world();
        deadline(lang, case.opened.due, ctx.now, &world.calendar())
    };
    let mut facts: Definitions = vec![
        (t!(lang, "case.opened"), instant(lang, case.opened_at)),
        (
            t!(lang, "case.against"),
            markup! { (t!(lang, "plan.version", n = case.opened.version)) },
        ),
    ];
    match &case.state {
        CaseState::Open => {
            facts.push((t!(lang, "case.due"), markup! { (due) }));
            facts.push((t!(lang, "case.who"), markup! { (who(ctx, case)) }));
        }
        CaseState::Subsided { at } => {
            facts.push((t!(lang, "case.subsided-at"), instant(lang, *at)));
        }
        CaseState::Closed {
            at,
            by,
            reassessment,
            risk,
        } => {
            let level = text(
                lang,
                format!("case.level.{}", reassessment.level.code()),
                &[],
            );
            let key = format!("case.conclusion.{}", reassessment.conclusion.code());
            facts.push((t!(lang, "case.closed-at"), instant(lang, *at)));
            facts.push((t!(lang, "case.closed-by"), markup! { (actor(ctx, by)) }));
            facts.push((t!(lang, "case.risk"), markup! { (level) }));
            facts.push((
                t!(lang, "case.conclusion"),
                markup! { (text(lang, key, &[])) },
            ));
            facts.push((
                t!(lang, "case.note"),
                markup! { (reassessment.note.as_str()) },
            ));
            let assessed = risk.and_then(|risk| super::super::risk::href(ctx, risk));
            facts.push((
                t!(lang, "risk.behind"),
                markup! {
                    @match (&assessed, risk) {
                        (Some(href), _) => a href=(href) { (t!(lang, "risk.assessment")) },
                        (None, Some(_)) => (t!(lang, "risk.assessment")),
                        (None, None) => (t!(lang, "risk.closed-by-word")),
                    }
                },
            ));
        }
    }
    facts
}

fn figure_line(ctx: &Ctx, it: &Figure) -> FigureLine {
    let shown = |number: Option<u64>| {
        number.map_or_else(
            || "–".to_owned(),
            |number| value(ctx.lang, it.measure, number),
        )
    };
    FigureLine {
        what: words::figure(ctx, it),
        value: value(ctx.lang, it.measure, it.value),
        base: shown(it.base),
        level: shown(it.level),
    }
}

/// What was entered and what is wrong with it.
#[derive(Default)]
struct Given {
    level: String,
    conclusion: String,
    note: String,
    errors: Vec<(String, String)>,
}

fn render(ctx: &Ctx, case: &Case, given: Given) -> Answer {
    let lang = ctx.lang;
    let may = ctx.may(Action::ReassessCase, plan_subject(case.opened.scope));
    let wrong = !given.errors.is_empty();
    let form = if case.is_open() && may {
        let levels = RiskLevel::CODES.iter().map(|code| {
            let word = text(lang, format!("case.level.{code}"), &[]).into_owned();
            (*code, word, given.level == *code)
        });
        let conclusions = Conclusion::CODES.iter().map(|code| {
            let word = text(lang, format!("case.conclusion.{code}"), &[]).into_owned();
            (*code, word, given.conclusion == *code)
        });
        Some(CaseForm {
            csrf: ctx.live()?.csrf(),
            seen: case.version,
            levels: levels.collect(),
            conclusions: conclusions.collect(),
            note: given.note,
            errors: given.errors,
        })
    } else {
        None
    };
    let view = CaseView {
        line: line(ctx, case),
        facts: facts(ctx, case),
        figures: case
            .figures()
            .iter()
            .map(|it| figure_line(ctx, it))
            .collect(),
        holds: case.is_overdue(ctx.now),
        form,
    };
    let mut response = html(case_page(&ctx.frame(Place::Cases), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /cases/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    render(ctx, &asked(ctx)?, Given::default())
}

/// `POST /cases/{id}`
pub(in crate::http) fn reassess(ctx: &Ctx, form: &Form) -> Answer {
    somewhere(ctx, Action::ReassessCase)?;
    let case = asked(ctx)?;
    let scope = case.opened.scope;
    ctx.gate(Action::ReassessCase, plan_subject(scope))?;
    let lang = ctx.lang;
    let mut given = Given {
        level: form.get("level").to_owned(),
        conclusion: form.get("conclusion").to_owned(),
        note: form.get("note").to_owned(),
        errors: Vec::new(),
    };
    let level = RiskLevel::from_code(&given.level);
    let conclusion = Conclusion::from_code(&given.conclusion);
    for (missing, name) in [
        (level.is_none(), "level"),
        (conclusion.is_none(), "conclusion"),
    ] {
        if missing {
            given
                .errors
                .push((name.to_owned(), sentence(lang, "case.choose", &[])));
        }
    }
    let note =
        read_line(lang, &given.note).map_err(|said| given.errors.push(("note".to_owned(), said)));
    let (Some(level), Some(conclusion), Ok(note)) = (level, conclusion, note) else {
        return render(ctx, &case, given);
    };
    let reassessment = Reassessment {
        level,
        conclusion,
        note,
    };
    let command = Command::Plan(Box::new(PlanCommand::Reassess {
        case: case.opened.case,
        scope,
        reassessment: Box::new(reassessment),
        // A form that does not say what it saw has seen nothing.
        expected: Some(form.get("expected").parse().unwrap_or_default()),
    }));
    match ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())
    {
        Ok(_) => Ok(redirect(&format!("{CASES_PATH}/{}", case.opened.case))),
        Err(error) => {
            let (_, said) = form_refusal(lang, error)?;
            given.errors.push(("main".to_owned(), said));
            // The page shows what came meanwhile.
            render(ctx, &asked(ctx)?, given)
        }
    }
}
