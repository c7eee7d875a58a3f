//! Looking at an exception again and settling it: a page that shows what was measured, asks for what is needed,
//! and carries it out.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{ExceptionAct, ExceptionStep};
use sekisho_domain::exception::{CompensatingMeasure, Effect, Judgement, NamedClause};
use sekisho_domain::field::{Field, FieldFault, FieldKind, Value};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Proposal, Subject as About};
use sekisho_domain::permit::Permit;
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::opinions::state_of;
use super::super::permits::title;
use super::super::register::referents::Things;
use super::super::{refused, sentence};
use super::show::{asked, decides, fits, page_of};
use super::whom::{EVERYBODY, everybody, for_decision};
use super::{figures, path};
use crate::app::CommandError;
use crate::console::components::confirmation;
use crate::console::exceptions::{PATH, measured};
use crate::console::fields::{
    Entered, Fault as FieldWrong, FieldForm, Words, input_name, inputs, read,
    sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::register::{FormView, form_page};
use crate::exception::measure;

/// The words of the forms.
const WORDS: Words = Words::permit("exception");

/// What is wrong: the code of a field, and the sentence.
type Wrong = Vec<(String, String)>;

const fn field(code: &'static str, kind: FieldKind, required: bool) -> Field {
    Field::new(code, kind, required, false)
}

/// What a page asks for.
fn fields(permit: &Permit, step: ExceptionStep, now: Timestamp) -> Vec<Field> {
    let live = permit.grant().is_some_and(|grant| grant.end(now).is_none());
    let note = field("note", FieldKind::Line, true);
    let review = field("review_on", FieldKind::Date, true);
    match step {
        ExceptionStep::Review => {
            let judgement = FieldKind::Choice(Judgement::CODES);
            let mut list = vec![field("judgement", judgement, true)];
            list.extend(live.then_some(review));
            list.push(note);
            list
        }
        ExceptionStep::Regularise => vec![field("clause", FieldKind::Line, true), note],
        ExceptionStep::DecideAgain => {
            let asked = permit.asked_until().is_some();
            let later = asked.then(|| field("extend_until", FieldKind::Date, false));
            let answer = asked.then(|| field("answer", FieldKind::Line, false));
            let all = later.into_iter().chain([review]).chain(answer);
            all.chain([note]).collect()
        }
        ExceptionStep::Stop => vec![note],
    }
}

/// The exception and the act that the path names, where the reader decides and the act fits.
fn allowed(ctx: &Ctx) -> Result<(Permit, ExceptionStep), Fault> {
    let permit = asked(ctx)?;
    let mut steps = ExceptionStep::ALL.iter().copied();
    let step = steps.find(|step| page_of(*step) == ctx.parameter("act"));
    let step = step.ok_or_else(Fault::not_found)?;
    if decides(ctx, &permit) && fits(ctx, &permit, step) {
        return Ok((permit, step));
    }
    ctx.gate(Action::DecidePermit, Subject::Permit(permit.id))?;
    let status = crate::console::permits::status_word(ctx.lang, permit.status(ctx.now));
    let called = text(ctx.lang, format!("exception.act.{}", page_of(step)), &[]);
    Err(
        Fault::new(axum::http::StatusCode::CONFLICT, "exception.not-now")
            .with("status", &status)
            .with("act", &called),
    )
}

fn measured_now(ctx: &Ctx, permit: &Permit) -> Result<Effect, Fault> {
    measure(&ctx.site.app, permit.id)?.ok_or_else(Fault::not_found)
}

/// `GET /exceptions/{id}/{act}`
pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let (permit, act) = allowed(ctx)?;
    let effect = measured_now(ctx, &permit)?;
    render(ctx, (&permit, act), &effect, &Given::default())
}

/// What a form holds, and what is wrong with it.
#[derive(Default)]
struct Given {
    entered: Entered,
    words: Vec<u32>,
    everybody: bool,
    wrong: Wrong,
}

/// `POST /exceptions/{id}/{act}`
pub(in crate::http) fn act(ctx: &Ctx, form: &Form) -> Answer {
    let (permit, act) = allowed(ctx)?;
    let effect = measured_now(ctx, &permit)?;
    let words = form.pairs().filter(|(name, _)| *name == "word");
    let mut given = Given {
        entered: Entered::of_pairs(form.pairs()),
        words: words.filter_map(|(_, place)| place.parse().ok()).collect(),
        everybody: form.get(EVERYBODY) == "yes",
        wrong: Vec::new(),
    };
    if form.get("seen") != figures::gist(&effect) {
        let said = sentence(ctx.lang, "exception.figures-changed", &[]);
        given.wrong.push((String::new(), said));
        return render(ctx, (&permit, act), &effect, &given);
    }
    if form.get("confirmed") != "yes" {
        let said = sentence(ctx.lang, "form.confirm", &[]);
        given.wrong.push(("confirmed".to_owned(), said));
    }
    let read = wanted(ctx, (&permit, act), &mut given);
    let Some((wanted, note)) = read.filter(|_| given.wrong.is_empty()) else {
        return render(ctx, (&permit, act), &effect, &given);
    };
    // A form that does not say what it saw has seen nothing.
    let expected = Some(form.get("expected").parse().unwrap_or_default());
    let app = &ctx.site.app;
    match app.on_exception(ctx.actor()?, (permit.id, expected), wanted, note) {
        Ok(_) => Ok(redirect(&path(permit.id))),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (at, said) = refused(ctx.lang, &error);
            let at = match at.as_deref() {
                Some("until") => "extend_until".to_owned(),
                Some(code @ ("review_on" | "clause" | "answer")) => code.to_owned(),
                _ => String::new(),
            };
            given.wrong.push((at, said));
            render(ctx, (&permit, act), &effect, &given)
        }
        Err(error) => Err(error.into()),
    }
}

/// The act that a form asks for; none where something is wrong, which is said then.
fn wanted(
    ctx: &Ctx,
    (permit, step): (&Permit, ExceptionStep),
    given: &mut Given,
) -> Option<(ExceptionAct, Line)> {
    let lang = ctx.lang;
    let fields = fields(permit, step, ctx.now);
    let read = read(&fields, &given.entered, &Things { ctx });
    for (code, fault) in &read.faults {
        let said = field_sentence(lang, WORDS, code, *fault);
        given.wrong.push((code.clone(), said));
    }
    let mut missing = |code: &str, fault: FieldFault| {
        let known = given.wrong.iter().any(|(it, _)| it == code);
        if !known {
            let said = field_sentence(lang, WORDS, code, FieldWrong::Field(fault));
            given.wrong.push((code.to_owned(), said));
        }
    };
    let text = |code: &str| match read.values.get(code) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let note = Line::parse(text("note")).map_err(|_| missing("note", FieldFault::Missing));
    let date = |code: &str| parse_date(text(code)).ok();
    let next = date("review_on");
    let asks_day = fields.iter().any(|field| field.code == "review_on");
    if asks_day && next.is_none() {
        missing("review_on", FieldFault::Missing);
    }
    let wanted = match step {
        ExceptionStep::Review => {
            let judgement = Judgement::from_code(text("judgement"));
            if judgement.is_none() {
                missing("judgement", FieldFault::Missing);
            }
            ExceptionAct::Review {
                judgement: judgement?,
                words: given.words.clone(),
                next,
            }
        }
        ExceptionStep::Regularise => {
            let clause = NamedClause::parse(text("clause"));
            let clause = clause.map_err(|fault| missing("clause", fault)).ok()?;
            ExceptionAct::Regularise { into: clause.0 }
        }
        ExceptionStep::DecideAgain => {
            let last = date("extend_until").and_then(|day| day.tomorrow().ok());
            let until = last.and_then(|day| Timestamp::start_of_jst_day(day).ok());
            ExceptionAct::DecideAgain {
                until,
                next: next?,
                // What is no line was said to be wrong above.
                answer: Line::parse(text("answer")).ok(),
                for_everybody: given.everybody,
            }
        }
        ExceptionStep::Stop => ExceptionAct::Stop,
    };
    Some((wanted, note.ok()?))
}

/// The measures that no sensor sees, each to be ticked where it is said that it is done.
fn words(ctx: &Ctx, permit: &Permit, given: &Given) -> Markup {
    let measures = permit.exception().map_or(&[][..], |it| &it.measures);
    let unseen: Vec<(u32, &CompensatingMeasure)> = (0_u32..)
        .zip(measures)
        .filter(|(_, measure)| measure.needs_a_word())
        .collect();
    markup! {
        @if !unseen.is_empty() {
            fieldset class="field choices" {
                legend { (t!(ctx.lang, "exception.words")) }
                @for (place, measure) in &unseen {
                    @let id = format!("word-{place}");
                    div class="choice" {
                        input type="checkbox" id=(id) name="word" value=(place) checked[given.words.contains(place)];
                        div { label for=(id) { (measure.what.as_str()) } }
                    }
                }
            }
        }
    }
}

/// What a step has beside its fields: what is said to be done; for whom it goes on, and what the promotion body said
/// of a later end.
fn besides(ctx: &Ctx, (permit, step): (&Permit, ExceptionStep), given: &Given) -> Markup {
    match step {
        ExceptionStep::Review => words(ctx, permit, given),
        ExceptionStep::DecideAgain if permit.asked_until().is_some() => {
            let proposal = Proposal {
                subject: About::Exception(permit.id),
                state: permit.version(),
            };
            markup! {
                (for_decision(ctx, permit))
                (everybody(ctx, permit, given.everybody))
                (state_of(ctx, proposal))
            }
        }
        ExceptionStep::DecideAgain => markup! {
            (for_decision(ctx, permit))
            (everybody(ctx, permit, given.everybody))
        },
        _ => markup! {},
    }
}

fn render(
    ctx: &Ctx,
    (permit, step): (&Permit, ExceptionStep),
    effect: &Effect,
    given: &Given,
) -> Answer {
    let lang = ctx.lang;
    let back = path(permit.id);
    let (fields, act) = (fields(permit, step, ctx.now), page_of(step));
    let form = FieldForm {
        lang,
        words: WORDS,
        fields: &fields,
        entered: &given.entered,
        errors: &given.wrong,
        referents: &Things { ctx },
    };
    let said = |what: &str| text(lang, format!("exception.{what}.{act}"), &[]).into_owned();
    let at = |code: &str| {
        let mut wrong = given.wrong.iter();
        wrong
            .find(|(it, _)| it == code)
            .map(|(_, said)| said.as_str())
    };
    let anchored = given.wrong.iter().map(|(code, said)| {
        let id = match code.as_str() {
            "" => "main".to_owned(),
            "confirmed" => code.clone(),
            code => input_name(code),
        };
        (id, said.clone())
    });
    let view = FormView {
        trail: vec![
            (t!(lang, "exception.title").into_owned(), PATH.to_owned()),
            (title(ctx, permit), back.clone()),
        ],
        title: said("act"),
        lead: said("act-lead"),
        note: measured(lang, &figures::view(ctx, permit, effect)),
        action: format!("{back}/{act}"),
        csrf: ctx.live()?.csrf(),
        hidden: vec![
            ("expected", permit.version().to_string()),
            ("seen", figures::gist(effect)),
        ],
        inputs: markup! {
            (inputs(&form))
            (besides(ctx, (permit, step), given))
            (confirmation(lang, "confirmed", &said("act-confirm"), at("confirmed")))
        },
        remark: None,
        submit: said("act"),
        danger: matches!(step, ExceptionStep::Stop | ExceptionStep::Regularise),
        back,
        errors: anchored.collect(),
    };
    let mut response = html(form_page(&ctx.frame(Place::Exceptions), &view));
    if !given.wrong.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
