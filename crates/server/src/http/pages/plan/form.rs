//! The forms of a draft: what it says of the whole, and each line of its decision table.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PlanCommand};
use sekisho_domain::field::{Field, Noun};
use sekisho_domain::id::{PlanId, TaskId};
use sekisho_domain::plan::{PlanContent, PlanHead, PlanLine, PlanWork};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::super::{refused, sentence};
use super::draft;
use super::lines::LINE_WORDS;
use crate::app::{CommandError, fresh};
use crate::console::fields::{
    Entered, FieldForm, Words, input_name, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::plan::{DRAFT_PATH, PATH};
use crate::console::register::{FormView, form_page};

const HEAD_WORDS: Words = Words::register("plan_head");

/// What is wrong: the code of a field, and the sentence.
type Wrong = Vec<(String, String)>;

/// What a form is about.
struct Ask {
    words: Words,
    fields: &'static [Field],
    title: String,
    lead: String,
    action: String,
    revision: u64,
    /// Where the line is taken out; none for what is new.
    remove: Option<String>,
}

fn render(ctx: &Ctx, ask: &Ask, entered: &Entered, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let things = Things { ctx };
    let form = FieldForm {
        lang,
        words: ask.words,
        fields: ask.fields,
        entered,
        errors: wrong,
        referents: &things,
    };
    let id = |code: &str| {
        if code.is_empty() {
            "main".to_owned()
        } else {
            input_name(code)
        }
    };
    let view = FormView {
        trail: vec![
            (t!(lang, "plan.title").into_owned(), PATH.to_owned()),
            (t!(lang, "plan.draft").into_owned(), DRAFT_PATH.to_owned()),
        ],
        title: ask.title.clone(),
        lead: ask.lead.clone(),
        note: markup! {},
        action: ask.action.clone(),
        csrf: ctx.live()?.csrf(),
        hidden: vec![("expected", ask.revision.to_string())],
        inputs: markup! {
            (inputs(&form))
            @if let Some(remove) = &ask.remove {
                p class="form-aside" {
                    button class="button button--secondary" type="submit" formaction=(remove) formnovalidate {
                        (t!(lang, "plan.remove-line"))
                    }
                }
            }
        },
        remark: None,
        submit: t!(lang, "plan.save").into_owned(),
        danger: false,
        back: DRAFT_PATH.to_owned(),
        errors: wrong
            .iter()
            .map(|(code, said)| (id(code), said.clone()))
            .collect(),
    };
    let mut frame = ctx.frame(Place::Plan);
    frame.path.clone_from(&view.action);
    let mut response = html(form_page(&frame, &view));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Reads a noun from a form, or tells all that is wrong.
fn understood<N: Noun>(ctx: &Ctx, ask: &Ask, entered: &Entered) -> Result<N, Wrong> {
    let mut all = read(ask.fields, entered, &Things { ctx });
    let judged = N::read(&all.values);
    if let Err(errors) = &judged {
        all.judge(&errors.0);
    }
    match judged {
        Ok(noun) if all.faults.is_empty() => Ok(noun),
        _ => {
            let said = |(code, fault): (String, _)| {
                let said = field_sentence(ctx.lang, ask.words, &code, fault);
                (code, said)
            };
            Err(all.faults.into_iter().map(said).collect())
        }
    }
}

/// Writes the draft; a refusal is told at its field.
pub(super) fn write(
    ctx: &Ctx,
    (plan, expected): (PlanId, Option<u64>),
    content: PlanContent,
) -> Result<(), Result<Wrong, Fault>> {
    let command = Command::Plan(Box::new(PlanCommand::Write {
        plan,
        content: Box::new(content),
        expected,
    }));
    let actor = ctx.actor().map_err(Err)?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(()),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (field, said) = refused(ctx.lang, &error);
            Err(Ok(vec![(field.unwrap_or_default(), said)]))
        }
        Err(error) => Err(Err(error.into())),
    }
}

fn written(
    ctx: &Ctx,
    ask: &Ask,
    entered: &Entered,
    done: Result<(), Result<Wrong, Fault>>,
) -> Answer {
    match done {
        Ok(()) => Ok(redirect(DRAFT_PATH)),
        Err(Ok(wrong)) => {
            let known = |code: &str| ask.fields.iter().any(|field| field.code == code);
            let wrong = wrong.into_iter();
            let wrong = wrong.map(|(code, said)| {
                if known(&code) {
                    (code, said)
                } else {
                    (String::new(), said)
                }
            });
            render(ctx, ask, entered, &wrong.collect())
        }
        Err(Err(fault)) => Err(fault),
    }
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
        words: HEAD_WORDS,
        fields: PlanHead::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "plan.head-lead").into_owned(),
        action: format!("{DRAFT_PATH}/head"),
        revision: work.map_or(0, |it| it.revision),
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
    render(ctx, &of_head(ctx, work.as_ref()), &entered, &Vec::new())
}

/// `POST /plan/draft/head`
pub(in crate::http) fn set_head(ctx: &Ctx, form: &Form) -> Answer {
    let (work, newest) = begun(ctx)?;
    let ask = of_head(ctx, work.as_ref());
    let entered = Entered::of_pairs(form.pairs());
    let head = match understood::<PlanHead>(ctx, &ask, &entered) {
        Ok(head) => head,
        Err(wrong) => return render(ctx, &ask, &entered, &wrong),
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
    written(ctx, &ask, &entered, done)
}

fn of_line(ctx: &Ctx, work: &PlanWork, line: Option<&PlanLine>) -> Ask {
    let path = line.map_or_else(|| "new".to_owned(), |line| line.task.to_string());
    let key = if line.is_some() {
        "plan.change-line"
    } else {
        "plan.add-line"
    };
    let action = format!("{DRAFT_PATH}/lines/{path}");
    Ask {
        words: LINE_WORDS,
        fields: PlanLine::FIELDS,
        title: t!(ctx.lang, key).into_owned(),
        lead: t!(ctx.lang, "plan.line-lead").into_owned(),
        remove: line.map(|_| format!("{action}/remove")),
        action,
        revision: work.revision,
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
    render(
        ctx,
        &of_line(ctx, &work, line.as_ref()),
        &entered,
        &Vec::new(),
    )
}

/// `POST /plan/draft/lines/{task}`
pub(in crate::http) fn set_line(ctx: &Ctx, form: &Form) -> Answer {
    let (work, known) = asked(ctx)?;
    let ask = of_line(ctx, &work, known.as_ref());
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return render(ctx, &ask, &entered, &Vec::new());
    }
    let line = match understood::<PlanLine>(ctx, &ask, &entered) {
        Ok(line) => line,
        Err(wrong) => return render(ctx, &ask, &entered, &wrong),
    };
    if let Some(fault) = line.fault() {
        let said = sentence(ctx.lang, fault.code, &[]);
        return render(ctx, &ask, &entered, &vec![(fault.field.to_owned(), said)]);
    }
    let mut content = work.content.as_ref().clone();
    let place = known.and_then(|known| content.lines.iter().position(|it| it.task == known.task));
    match place {
        Some(place) => content.lines[place] = line,
        None => content.lines.push(line),
    }
    let expected = form.get("expected").parse().ok();
    let done = write(ctx, (work.plan, expected), content);
    written(ctx, &ask, &entered, done)
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
    written(ctx, &ask, &Entered::of_pairs(form.pairs()), done)
}
