//! The forms of a draft: what it says of the whole, and each line of its decision table.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PlanCommand};
use sekisho_domain::field::Noun as _;
use sekisho_domain::id::{PlanId, TaskId};
use sekisho_domain::plan::{PlanContent, PlanHead, PlanLine, PlanWork};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::draft_form::{self, Ask, Written};
use super::super::sentence;
use super::draft;
use super::lines::LINE_WORDS;
use crate::app::fresh;
use crate::console::fields::{Entered, Words};
use crate::console::layout::Place;
use crate::console::plan::{DRAFT_PATH, PATH};

const HEAD_WORDS: Words = Words::register("plan_head");

/// Writes the draft; a refusal is told at its field.
pub(super) fn write(
    ctx: &Ctx,
    (plan, expected): (PlanId, Option<u64>),
    content: PlanContent,
) -> Written {
    let command = PlanCommand::Write {
        plan,
        content: Box::new(content),
        expected,
    };
    draft_form::write(ctx, Command::Plan(Box::new(command)))
}

fn trail(ctx: &Ctx) -> Vec<(String, String)> {
    vec![
        (t!(ctx.lang, "plan.title").into_owned(), PATH.to_owned()),
        (
            t!(ctx.lang, "plan.draft").into_owned(),
            DRAFT_PATH.to_owned(),
        ),
    ]
}

/// The draft that is worked on; for a new one what the newest version says.
fn begun(ctx: &Ctx) -> Result<(Option<PlanWork>, Option<PlanContent>), Fault> {
    ctx.gate(Action::DraftPlan, Subject::Body)?;
    let world = ctx.site.app.world();
    let work = world.plan.work.clone();
    if work.as_ref().is_some_and(|work| work.proposed.is_some()) {
        return Err(Fault::not_found());
    }
    let newest = world.plan.current().map(|it| it.content.as_ref().clone());
    Ok((work, newest))
}

fn of_head(ctx: &Ctx, work: Option<&PlanWork>) -> Ask {
    let key = if work.is_some() {
        "plan.change-head"
    } else {
        "plan.new-draft"
    };
    Ask {
        place: Place::Plan,
        trail: trail(ctx),
        words: HEAD_WORDS,
        fields: PlanHead::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "plan.head-lead").into_owned(),
        action: format!("{DRAFT_PATH}/head"),
        back: DRAFT_PATH.to_owned(),
        revision: work.map_or(0, |it| it.revision),
        text: None,
        remove: None,
    }
}

/// `GET /plan/draft/head`
pub(in crate::http) fn head(ctx: &Ctx) -> Answer {
    let (work, newest) = begun(ctx)?;
    let head = work.as_ref().map(|it| it.content.head.clone());
    let head = head.or_else(|| newest.map(|it| it.head));
    let entered = head.map_or_else(Entered::default, |head| {
        Entered::of_values(ctx.lang, PlanHead::FIELDS, &head.values())
    });
    of_head(ctx, work.as_ref()).render(ctx, &entered, &Vec::new())
}

/// `POST /plan/draft/head`
pub(in crate::http) fn set_head(ctx: &Ctx, form: &Form) -> Answer {
    let (work, newest) = begun(ctx)?;
    let ask = of_head(ctx, work.as_ref());
    let entered = Entered::of_pairs(form.pairs());
    let head = match ask.understood::<PlanHead>(ctx, &entered) {
        Ok(head) => head,
        Err(wrong) => return ask.render(ctx, &entered, &wrong),
    };
    let plan = work
        .as_ref()
        .map_or_else(|| fresh().map(PlanId::new), |it| Ok(it.plan))?;
    // A new draft begins with what is in force.
    let lines = work.as_ref().map(|it| it.content.lines.clone());
    let lines = lines
        .or_else(|| newest.map(|it| it.lines))
        .unwrap_or_default();
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (plan, expected), PlanContent { head, lines });
    ask.written(ctx, &entered, done)
}

fn of_line(ctx: &Ctx, work: &PlanWork, line: Option<&PlanLine>) -> Ask {
    let path = line.map_or_else(|| "new".to_owned(), |line| line.task.to_string());
    let key = if line.is_some() {
        "plan.change-line"
    } else {
        "plan.add-line"
    };
    let action = format!("{DRAFT_PATH}/lines/{path}");
    let remove = format!("{action}/remove");
    Ask {
        place: Place::Plan,
        trail: trail(ctx),
        words: LINE_WORDS,
        fields: PlanLine::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "plan.line-lead").into_owned(),
        action,
        back: DRAFT_PATH.to_owned(),
        revision: work.revision,
        text: None,
        remove: line.map(|_| (remove, t!(ctx.lang, "plan.remove-line"))),
    }
}

/// The draft, and the line that the path names; none for `new`.
fn asked(ctx: &Ctx) -> Result<(PlanWork, Option<PlanLine>), Fault> {
    let work = draft::unproposed(ctx)?;
    if ctx.parameter("task") == "new" {
        return Ok((work, None));
    }
    let task: TaskId = ctx
        .parameter("task")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let line = work
        .content
        .line(task)
        .cloned()
        .ok_or_else(Fault::not_found)?;
    Ok((work, Some(line)))
}

/// `GET /plan/draft/lines/{task}`
pub(in crate::http) fn line(ctx: &Ctx) -> Answer {
    let (work, line) = asked(ctx)?;
    let entered = line.as_ref().map_or_else(Entered::default, |line| {
        Entered::of_values(ctx.lang, PlanLine::FIELDS, &line.values())
    });
    of_line(ctx, &work, line.as_ref()).render(ctx, &entered, &Vec::new())
}

/// `POST /plan/draft/lines/{task}`
pub(in crate::http) fn set_line(ctx: &Ctx, form: &Form) -> Answer {
    let (work, known) = asked(ctx)?;
    let ask = of_line(ctx, &work, known.as_ref());
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return ask.render(ctx, &entered, &Vec::new());
    }
    let line = match ask.understood::<PlanLine>(ctx, &entered) {
        Ok(line) => line,
        Err(wrong) => return ask.render(ctx, &entered, &wrong),
    };
    if let Some(fault) = line.fault() {
        let said = sentence(ctx.lang, fault.code, &[]);
        return ask.render(ctx, &entered, &vec![(fault.field.to_owned(), said)]);
    }
    let mut content = work.content.as_ref().clone();
    let place = known.and_then(|known| content.lines.iter().position(|it| it.task == known.task));
    match place {
        Some(place) => content.lines[place] = line,
        None => content.lines.push(line),
    }
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (work.plan, expected), content);
    ask.written(ctx, &entered, done)
}

/// `POST /plan/draft/lines/{task}/remove`
pub(in crate::http) fn remove_line(ctx: &Ctx, form: &Form) -> Answer {
    let (work, known) = asked(ctx)?;
    let known = known.ok_or_else(Fault::not_found)?;
    let ask = of_line(ctx, &work, Some(&known));
    let mut content = work.content.as_ref().clone();
    content.lines.retain(|line| line.task != known.task);
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (work.plan, expected), content);
    ask.written(ctx, &Entered::of_pairs(form.pairs()), done)
}
