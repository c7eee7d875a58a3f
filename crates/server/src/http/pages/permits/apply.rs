//! Applying for a permit, and handing in again what was sent back.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::command::{Application, PermitAct, PermitCommand};
use sekisho_domain::field::{Field, Value};
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::{Particulars, Permit, PermitKind, Term};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::choices::Choices;
use super::form::{
    Fail, Wrong, after_day, anchored, answer, at, commanded, day, days_of, first_instant, needed,
};
use super::preview::preview;
use super::{asked, history, path, title};
use crate::app::fresh;
use crate::console::fields::{
    Entered, FieldForm, LOOK, Read, Words, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::permits::{kind_help, kind_name};
use crate::console::register::{FormView, Remark, form_page};

/// What the button sends that asks who would decide.
const PREVIEW: &str = "route";

/// What a form is about.
enum About {
    New(PermitKind),
    Again(Box<Permit>),
}

impl About {
    fn kind(&self) -> PermitKind {
        match self {
            Self::New(kind) => *kind,
            Self::Again(permit) => permit.kind(),
        }
    }
}

/// The fields that the form asks for.
fn fields(kind: PermitKind) -> Vec<Field> {
    let term = [day("term_from", true), day("term_until", true)];
    kind.fields().iter().copied().chain(term).collect()
}

const fn words_of(kind: PermitKind) -> Words {
    Words::permit(kind.code())
}

/// Whoever applies does so for themselves.
fn applies(ctx: &Ctx) -> Result<PersonId, Fault> {
    let person = ctx.live()?.person;
    ctx.gate(Action::ApplyPermit, Subject::Person(person))?;
    Ok(person)
}

fn kind_of(ctx: &Ctx) -> Result<PermitKind, Fault> {
    PermitKind::from_code(ctx.parameter("kind")).ok_or_else(Fault::not_found)
}

pub(in crate::http) fn new(ctx: &Ctx) -> Answer {
    applies(ctx)?;
    let kind = kind_of(ctx)?;
    // A link may lead here with something filled in.
    let given = super::super::super::form::pairs(ctx.query.as_bytes());
    let mut entered = Entered::of_pairs(given.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    if entered.is_empty() {
        let today = Value::Text(ctx.now.jst_date().to_string());
        let values = [("term_from".to_owned(), today)].into();
        entered = Entered::of_values(ctx.lang, &fields(kind), &values);
    }
    render(
        ctx,
        &About::New(kind),
        &entered,
        "",
        markup! {},
        &Vec::new(),
    )
}

pub(in crate::http) fn create(ctx: &Ctx, form: &Form) -> Answer {
    applies(ctx)?;
    submit(ctx, &About::New(kind_of(ctx)?), form)
}

/// The application that is asked for, where it is the reader's own and can be changed.
fn own(ctx: &Ctx) -> Result<Permit, Fault> {
    let permit = asked(ctx)?;
    if permit.applicant != ctx.live()?.person {
        return Err(Fault::denied(Denied::OutOfReach, Action::ApplyPermit));
    }
    applies(ctx)?;
    Ok(permit)
}

pub(in crate::http) fn edit(ctx: &Ctx) -> Answer {
    let permit = own(ctx)?;
    let kind = permit.kind();
    let mut values = permit.particulars.values();
    days_of(permit.wanted, &mut values);
    let entered = Entered::of_values(ctx.lang, &fields(kind), &values);
    let purpose = history::purpose(ctx, &permit)?.unwrap_or_default();
    let about = About::Again(Box::new(permit));
    render(ctx, &about, &entered, &purpose, markup! {}, &Vec::new())
}

pub(in crate::http) fn change(ctx: &Ctx, form: &Form) -> Answer {
    let permit = own(ctx)?;
    submit(ctx, &About::Again(Box::new(permit)), form)
}

fn submit(ctx: &Ctx, about: &About, form: &Form) -> Answer {
    let entered = Entered::of_pairs(form.pairs());
    let purpose = form.get("remark").trim();
    match entered.looks_for() {
        Some(PREVIEW) => {
            let of = (about.kind(), ctx.live()?.person);
            let (note, wrong) = match understood(ctx, of, &entered) {
                Ok((particulars, _)) => (preview(ctx, &particulars)?, Vec::new()),
                Err(wrong) => (markup! {}, wrong),
            };
            return render(ctx, about, &entered, purpose, note, &wrong);
        }
        Some(_) => return render(ctx, about, &entered, purpose, markup! {}, &Vec::new()),
        None => {}
    }
    match carry_out(ctx, about, &entered, purpose, form.get("expected")) {
        Ok(id) => Ok(redirect(&path(id))),
        Err(Fail::Wrong(wrong)) => render(ctx, about, &entered, purpose, markup! {}, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn carry_out(
    ctx: &Ctx,
    about: &About,
    entered: &Entered,
    purpose: &str,
    expected: &str,
) -> Result<PermitId, Fail> {
    let person = ctx.live()?.person;
    let missing = t!(ctx.lang, "permits.purpose_missing");
    let understood = understood(ctx, (about.kind(), person), entered);
    let purpose = needed(ctx, person, purpose, &missing);
    // All that is wrong is said at once.
    let ((particulars, wanted), purpose) = match (understood, purpose) {
        (Ok(read), Ok(purpose)) => (read, purpose),
        (Err(mut wrong), Err(Fail::Wrong(more))) => {
            wrong.extend(more);
            return Err(Fail::Wrong(wrong));
        }
        (Err(wrong), _) => return Err(Fail::Wrong(wrong)),
        (_, Err(fail)) => return Err(fail),
    };
    let application = Application {
        particulars,
        wanted,
        purpose,
    };
    let (permit, command) = match about {
        About::New(_) => {
            let permit = PermitId::new(fresh()?);
            let command = PermitCommand::Apply {
                permit,
                applicant: person,
                application,
            };
            (permit, command)
        }
        About::Again(known) => {
            let application = Box::new(application);
            let command = PermitCommand::Act {
                permit: known.id,
                expected: expected.parse().ok(),
                act: PermitAct::Resubmit { application },
            };
            (known.id, command)
        }
    };
    let fields = fields(about.kind());
    commanded(ctx, command, &|field| place(&fields, field))?;
    Ok(permit)
}

/// Where in the form stands what a refusal speaks of.
fn place(fields: &[Field], field: &str) -> String {
    let known = |code: &str| fields.iter().any(|it| it.code == code);
    match field {
        "from" => "term_from".to_owned(),
        "wanted" => "term_until".to_owned(),
        "purpose" => "remark".to_owned(),
        "device" if !known("device") => "devices".to_owned(),
        field if known(field) => field.to_owned(),
        _ => String::new(),
    }
}

/// What there is to choose from for a permit of a kind.
fn choices<'a>(ctx: &'a Ctx, kind: PermitKind, person: PersonId) -> Choices<'a> {
    Choices {
        things: Things { ctx },
        person,
        class: kind.device_class(),
    }
}

/// What is applied for, or all that is wrong with it.
fn understood(
    ctx: &Ctx,
    (kind, applicant): (PermitKind, PersonId),
    entered: &Entered,
) -> Result<(Particulars, Term), Wrong> {
    let fields = fields(kind);
    let Read {
        mut values,
        mut faults,
    } = read(&fields, entered, &choices(ctx, kind, applicant));
    let from = first_instant(&values, "term_from");
    let until = after_day(&values, "term_until");
    for (code, found) in [("term_from", from), ("term_until", until)] {
        values.remove(code);
        if found.is_none() && !faults.iter().any(|(it, _)| it == code) {
            let missing = sekisho_domain::field::FieldFault::Missing;
            faults.push((
                code.to_owned(),
                crate::console::fields::Fault::Field(missing),
            ));
        }
    }
    let judged = Particulars::read(kind, &values);
    let mut all = Read { values, faults };
    if let Err(errors) = &judged {
        all.judge(&errors.0);
    }
    match (judged, from, until) {
        (Ok(particulars), Some(from), Some(until)) if all.faults.is_empty() => {
            Ok((particulars, Term { from, until }))
        }
        _ => {
            let place = |code: &str| fields.iter().position(|field| field.code == code);
            all.faults.sort_by_key(|(code, _)| place(code));
            let said = |(code, fault): (String, _)| {
                let said = field_sentence(ctx.lang, words_of(kind), &code, fault);
                (code, said)
            };
            Err(all.faults.into_iter().map(said).collect())
        }
    }
}

/// Pages above, title, where the form goes and where back, what it carries unseen, and its button.
type Around = (
    Vec<(String, String)>,
    String,
    String,
    String,
    Vec<(&'static str, String)>,
    std::borrow::Cow<'static, str>,
);

fn around(ctx: &Ctx, about: &About) -> Around {
    let lang = ctx.lang;
    let kind = about.kind();
    match about {
        About::New(_) => (
            vec![(
                t!(lang, "permits.apply").into_owned(),
                "/permits/new".to_owned(),
            )],
            t!(lang, "permits.apply_for", kind = kind_name(lang, kind)).into_owned(),
            format!("/permits/new/{}", kind.code()),
            "/permits/new".to_owned(),
            Vec::new(),
            t!(lang, "permits.apply_do"),
        ),
        About::Again(permit) => (
            vec![(title(ctx, permit), path(permit.id))],
            t!(lang, "permits.apply_again").into_owned(),
            format!("{}/change", path(permit.id)),
            path(permit.id),
            vec![("expected", permit.version().to_string())],
            t!(lang, "permits.apply_again_do"),
        ),
    }
}

fn render(
    ctx: &Ctx,
    about: &About,
    entered: &Entered,
    purpose: &str,
    note: Markup,
    wrong: &Wrong,
) -> Answer {
    let lang = ctx.lang;
    let kind = about.kind();
    let choices = choices(ctx, kind, ctx.live()?.person);
    let fields = fields(kind);
    let form = FieldForm {
        lang,
        words: words_of(kind),
        fields: &fields,
        entered,
        errors: wrong,
        referents: &choices,
    };
    let (trail, title, action, back, hidden, submit) = around(ctx, about);
    let asks = markup! {
        (note)
        (inputs(&form))
        p class="form-aside" {
            button class="button button--secondary" type="submit" name=(LOOK) value=(PREVIEW) formnovalidate {
                (t!(lang, "permits.who_decides"))
            }
        }
    };
    let view = FormView {
        trail,
        title,
        lead: kind_help(lang, kind).into_owned(),
        note: markup! {},
        action,
        csrf: ctx.live()?.csrf(),
        hidden,
        inputs: asks,
        remark: Some(Remark {
            label: t!(lang, "permits.purpose").into_owned(),
            support: Some(t!(lang, "permits.purpose_support").into_owned()),
            required: true,
            value: purpose.to_owned(),
            error: at(wrong, "remark").map(str::to_owned),
        }),
        submit: submit.into_owned(),
        danger: false,
        back,
        errors: anchored(wrong),
    };
    let mut frame = ctx.frame(Place::PermitNew);
    frame.path = view.action.clone();
    answer(form_page(&frame, &view), wrong)
}
