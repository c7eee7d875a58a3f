//! Deciding on an application, or on a later end: one form, one press.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{PermitAct, PermitCommand};
use sekisho_domain::field::{Field, Noun, Values};
use sekisho_domain::opinion;
use sekisho_domain::permit::{
    ActKind, Conditions, HoldCause, Particulars, Permit, Stage, Status, Term,
};
use sekisho_messages::{Lang, t};

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::exceptions::whom::for_decision;
use super::super::opinions::state_of;
use super::super::optional_line;
use super::super::register::referents::Things;
use super::form::{
    Fail, Wrong, after_day, anchored, at, commanded, day, days_of, first_instant, needed, sealed,
    wrong,
};
use super::{asked, not_now, path, show};
use crate::console::components::{Field as Input, csrf_field, error_summary, text_area};
use crate::console::fields::{Entered, FieldForm, Words, inputs, read, sentence as field_sentence};
use crate::console::rules::answer_again;

/// What stands in the form.
#[derive(Default)]
pub(super) struct Draft {
    entered: Entered,
    said: String,
    answer: String,
}

const CONDITIONS: Words = Words::permit("conditions");

/// The days within which it holds, and the conditions.
fn fields() -> Vec<Field> {
    let term = [day("term_from", false), day("term_until", false)];
    term.into_iter()
        .chain(Conditions::FIELDS.iter().copied())
        .collect()
}

/// What is decided on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matter {
    Application,
    LaterEnd,
    Move,
}

fn matter(permit: &Permit, status: Status) -> Option<Matter> {
    if status == Status::Applied {
        Some(Matter::Application)
    } else if permit.asked_until().is_some() {
        Some(Matter::LaterEnd)
    } else {
        let held = permit.grant().map(|it| it.stage);
        let moved = matches!(
            held,
            Some(Stage::Live {
                held: Some(HoldCause::Move),
                ..
            })
        );
        moved.then_some(Matter::Move)
    }
}

/// What can be decided on a matter.
fn buttons(lang: Lang, permit: &Permit, matter: Matter) -> Markup {
    match matter {
        Matter::Application => markup! {
            button class="button" type="submit" name="act" value="approve" { (t!(lang, "permits.act.approve")) }
            button class="button button--secondary" type="submit" name="act" value="send_back" { (t!(lang, "permits.act.send_back")) }
            button class="button button--danger" type="submit" name="act" value="refuse" { (t!(lang, "permits.act.refuse")) }
        },
        // The end of an exception is put off on its own page, with what was measured of it in view.
        Matter::LaterEnd if permit.exception().is_some() => markup! {
            a class="button" href={ "/exceptions/" (permit.id) "/decide-again" } { (t!(lang, "exception.act.decide-again")) }
            button class="button button--danger" type="submit" name="act" value="refuse_extension" { (t!(lang, "permits.act.refuse_extension")) }
        },
        Matter::LaterEnd => markup! {
            button class="button" type="submit" name="act" value="extend" { (t!(lang, "permits.act.extend")) }
            button class="button button--danger" type="submit" name="act" value="refuse_extension" { (t!(lang, "permits.act.refuse_extension")) }
        },
        Matter::Move => markup! {
            button class="button" type="submit" name="act" value="resume" { (t!(lang, "permits.confirm_move")) }
            button class="button button--danger" type="submit" name="act" value="revoke" { (t!(lang, "permits.act.revoke")) }
        },
    }
}

/// The form.
pub(super) fn form(
    ctx: &Ctx,
    permit: &Permit,
    draft: &Draft,
    wrong: &Wrong,
) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let Some(matter) = matter(permit, permit.status(ctx.now)) else {
        return Ok(markup! {});
    };
    let errors = anchored(wrong);
    let errors: Vec<(&str, &str)> = errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let buttons = buttons(lang, permit, matter);
    let (label, support) = match matter {
        Matter::Application => (
            t!(lang, "permits.reason_or_remark"),
            t!(lang, "permits.reason_support"),
        ),
        _ => (
            t!(lang, "permits.reason"),
            t!(lang, "permits.reason_support"),
        ),
    };
    Ok(markup! {
        (error_summary(lang, &errors))
        form method="post" action={ (path(permit.id)) "/decide" } class="form decision" {
            (csrf_field(&ctx.live()?.csrf()))
            input type="hidden" name="expected" value=(permit.version());
            // The enter key presses the first button: nothing is decided by it.
            button class="visually-hidden" type="submit" disabled tabindex="-1" aria-hidden="true" {}
            @if matter == Matter::Application {
                (for_decision(ctx, permit))
                (terms(ctx, permit, draft, wrong))
            }
            @if matter != Matter::Move { (heard(ctx, permit, matter, draft, wrong)) }
            @if let Some(until) = permit.asked_until() {
                @let last = until.before(sekisho_domain::time::Span::seconds(1));
                p { (t!(lang, "permits.asks_until", day = sekisho_messages::day(lang, last))) }
            }
            (text_area(lang, &Input {
                name: "remark", label, support: Some(support), required: false,
                input: crate::console::components::Input::Text, value: &draft.said, error: at(wrong, "remark"),
                autocomplete: "off", lang: None,
            }, super::form::TEXT_MAX))
            div class="form-end" { (buttons) }
        }
    })
}

/// On what the promotion body is heard before a decision. The end of an exception is put off on its own page.
fn proposal(ctx: &Ctx, permit: &Permit, matter: Matter) -> Option<opinion::Proposal> {
    if let Particulars::Conference(asked) = permit.particulars.as_ref() {
        let world = ctx.site.app.world();
        return world.tool_waiting(asked.tool, ctx.now);
    }
    let asked = permit.exception().is_some() && matter == Matter::Application;
    asked.then(|| opinion::Proposal {
        subject: opinion::Subject::Exception(permit.id),
        state: permit.version(),
    })
}

/// What the promotion body said of an exception or conference tool, and the place to answer it where it objects.
fn heard(ctx: &Ctx, permit: &Permit, matter: Matter, draft: &Draft, wrong: &Wrong) -> Markup {
    let Some(proposal) = proposal(ctx, permit, matter) else {
        return markup! {};
    };
    let objects = {
        let world = ctx.site.app.world();
        let given = world.opinion_on(proposal);
        given.is_some_and(|it| it.opinion.stance == opinion::Stance::Object)
    };
    markup! {
        (state_of(ctx, proposal))
        @if objects { (answer_again(ctx.lang, &draft.answer, at(wrong, "answer"))) }
    }
}

/// Term and conditions, folded away: most applications are approved as they are.
fn terms(ctx: &Ctx, permit: &Permit, draft: &Draft, wrong: &Wrong) -> Markup {
    let lang = ctx.lang;
    let fields = fields();
    let mut values = Values::new();
    days_of(permit.wanted, &mut values);
    let wanted = Entered::of_values(lang, &fields, &values);
    let untouched = draft.entered.is_empty();
    let open = !untouched
        && wrong
            .iter()
            .any(|(code, _)| fields.iter().any(|it| it.code == code));
    let form = FieldForm {
        lang,
        words: CONDITIONS,
        fields: &fields,
        entered: if untouched { &wanted } else { &draft.entered },
        errors: wrong,
        referents: &Things { ctx },
    };
    markup! {
        details open[open] {
            summary { (t!(lang, "permits.set_conditions")) }
            div class="form" { (inputs(&form)) }
        }
    }
}

pub(in crate::http) fn decide(ctx: &Ctx, form: &Form) -> Answer {
    let permit = asked(ctx)?;
    ctx.gate(Action::DecidePermit, Subject::Permit(permit.id))?;
    let draft = Draft {
        entered: Entered::of_pairs(form.pairs()),
        said: form.get("remark").trim().to_owned(),
        answer: form.get("answer").to_owned(),
    };
    let Some(act) = ActKind::from_code(form.get("act")) else {
        return Err(Fault::bad("form.choose"));
    };
    match carry_out(ctx, &permit, act, &draft, form.get("expected")) {
        Ok(()) => Ok(redirect(&path(permit.id))),
        Err(Fail::Wrong(wrong)) => {
            // What was decided meanwhile is shown as it is now.
            let known = ctx.site.app.world().permits.get(permit.id).cloned();
            let permit = known.unwrap_or(permit);
            if matter(&permit, permit.status(ctx.now)).is_none() {
                return Err(not_now(ctx, &permit, act));
            }
            show::render(ctx, &permit, &draft, &wrong)
        }
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn carry_out(
    ctx: &Ctx,
    permit: &Permit,
    act: ActKind,
    draft: &Draft,
    expected: &str,
) -> Result<(), Fail> {
    let lang = ctx.lang;
    let person = permit.applicant;
    let reason = || {
        needed(
            ctx,
            person,
            &draft.said,
            &t!(lang, "permits.reason_missing"),
        )
    };
    let answer = || {
        let answer = optional_line(lang, &draft.answer);
        answer.map_err(|said| wrong("answer", said))
    };
    let act = match act {
        ActKind::Approve => {
            let (term, conditions) =
                understood(ctx, permit, &draft.entered).map_err(Fail::Wrong)?;
            PermitAct::Approve {
                term,
                conditions,
                remark: sealed(ctx, person, &draft.said)?,
                answer: answer()?,
            }
        }
        ActKind::SendBack => PermitAct::SendBack { reason: reason()? },
        ActKind::Refuse => PermitAct::Refuse { reason: reason()? },
        ActKind::Extend => PermitAct::Extend {
            until: None,
            answer: answer()?,
        },
        ActKind::RefuseExtension => PermitAct::RefuseExtension { reason: reason()? },
        ActKind::Resume => PermitAct::Resume {
            remark: sealed(ctx, person, &draft.said)?,
        },
        ActKind::Revoke => PermitAct::Revoke { reason: reason()? },
        _ => return Err(Fault::bad("form.choose").into()),
    };
    let command = PermitCommand::Act {
        permit: permit.id,
        expected: expected.parse().ok(),
        act,
    };
    commanded(ctx, command, &|field| match field {
        "term" => "term_until".to_owned(),
        "reason" | "remark" => "remark".to_owned(),
        "answer" => "answer".to_owned(),
        field if Conditions::FIELDS.iter().any(|it| it.code == field) => field.to_owned(),
        _ => String::new(),
    })
}

/// The term where it is another than was wanted, and the conditions.
type Terms = (Option<Term>, Option<Box<Conditions>>);

fn understood(ctx: &Ctx, permit: &Permit, entered: &Entered) -> Result<Terms, Wrong> {
    let fields = fields();
    let mut all = read(&fields, entered, &Things { ctx });
    let from = first_instant(&all.values, "term_from").unwrap_or(permit.wanted.from);
    let until = after_day(&all.values, "term_until").unwrap_or(permit.wanted.until);
    for code in ["term_from", "term_until"] {
        all.values.remove(code);
    }
    let judged = Conditions::read(&all.values);
    if let Err(errors) = &judged {
        all.judge(&errors.0);
    }
    match judged {
        Ok(conditions) if all.faults.is_empty() => {
            let term = Term { from, until };
            Ok((
                (term != permit.wanted).then_some(term),
                Some(Box::new(conditions)),
            ))
        }
        _ => Err(said(ctx.lang, all.faults)),
    }
}

fn said(lang: Lang, faults: Vec<(String, crate::console::fields::Fault)>) -> Wrong {
    let said = |(code, fault): (String, _)| {
        let said = field_sentence(lang, CONDITIONS, &code, fault);
        (code, said)
    };
    faults.into_iter().map(said).collect()
}
