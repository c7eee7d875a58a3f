//! Telling of unease under one's name.

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, ConcernCommand, Telling};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::{ConcernId, UnitId};
use sekisho_domain::register::Register;
use sekisho_domain::register::concern::ConcernKind;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::{Form, pairs};
use super::super::register::referents::Things;
use super::super::{form_refusal, sentence};
use super::{kinds, read_words, sealed_as_self};
use crate::app::fresh;
use crate::console::fields::{
    Entered, FieldForm, Words, anchored, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::unease::{CONCERNS_PATH, TellForm, tell_page};

const WORDS: Words = Words::register("concern");

/// The task, and the unit where it is another than that of the reporter.
fn fields() -> Vec<Field> {
    let own = Register::Concern.fields().iter();
    let mut fields: Vec<Field> = own.filter(|field| field.code == "task").copied().collect();
    fields.push(Field {
        code: "unit",
        kind: FieldKind::Reference(UnitId::PREFIX),
        required: false,
        many: false,
    });
    fields
}

/// What is wrong, with the id it is about.
type Errors = Vec<(String, String)>;

fn render(ctx: &Ctx, entered: &Entered, (words, hidden): (&str, bool), errors: Errors) -> Answer {
    let things = Things { ctx };
    let fields = fields();
    let form = FieldForm {
        lang: ctx.lang,
        words: WORDS,
        fields: &fields,
        entered,
        errors: &errors,
        referents: &things,
    };
    let nameless = ctx.site.app.world().concerns.takes_nameless();
    let wrong = !errors.is_empty();
    let view = TellForm {
        csrf: ctx.live()?.csrf(),
        kinds: kinds(),
        inputs: inputs(&form),
        words: words.to_owned(),
        hidden,
        nameless,
        errors: anchored(&fields, &errors),
    };
    let mut response = html(tell_page(&ctx.frame(Place::Concerns), &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /concerns/new`
pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    ctx.gate(Action::RaiseConcern, Subject::Body)?;
    let given = pairs(ctx.query.as_bytes());
    let given = given
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    render(ctx, &Entered::of_pairs(given), ("", false), Vec::new())
}

/// `POST /concerns`
pub(in crate::http) fn tell(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::RaiseConcern, Subject::Body)?;
    let lang = ctx.lang;
    let entered = Entered::of_pairs(form.pairs());
    let typed = (form.get("words"), form.get("hidden") == "yes");
    if entered.looks_for().is_some() {
        return render(ctx, &entered, typed, Vec::new());
    }
    let mut errors = Errors::new();
    let fields = fields();
    let found = read(&fields, &entered, &Things { ctx });
    for (code, fault) in found.faults {
        let said = field_sentence(lang, WORDS, &code, fault);
        errors.push((code, said));
    }
    let kind = ConcernKind::from_code(form.get("kind"));
    if kind.is_none() {
        errors.push(("kind".to_owned(), sentence(lang, "concern.no-kind", &[])));
    }
    let words = read_words(lang, typed.0).map_err(|said| errors.push(("words".to_owned(), said)));
    let (Some(kind), Ok(words), true) = (kind, words, errors.is_empty()) else {
        return render(ctx, &entered, typed, errors);
    };
    let (told, concern) = telling(ctx, kind, &found.values, (words, typed.1))?;
    let command = Command::Concern(Box::new(ConcernCommand::Tell(Box::new(told))));
    let done = ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new());
    match done {
        Ok(_) => Ok(redirect(&format!("{CONCERNS_PATH}/{concern}"))),
        Err(error) => {
            let (field, said) = form_refusal(lang, error)?;
            errors.push((field.unwrap_or_else(|| "main".to_owned()), said));
            render(ctx, &entered, typed, errors)
        }
    }
}

fn telling(
    ctx: &Ctx,
    kind: ConcernKind,
    values: &Values,
    (words, hidden): (&str, bool),
) -> Result<(Telling, ConcernId), Fault> {
    let named = |code: &str| match values.get(code) {
        Some(Value::Text(id)) => Some(id.as_str()),
        _ => None,
    };
    let task = named("task").and_then(|id| id.parse().ok());
    let unit = named("unit").and_then(|id| id.parse().ok());
    let own = || {
        let person = ctx.live().ok()?.person;
        ctx.site.app.world().unit_of(person, ctx.now)
    };
    let concern = ConcernId::new(fresh()?);
    let told = Telling {
        concern,
        // Where neither task nor unit is named, it is about where the reporter works.
        unit: unit.or_else(|| own().filter(|_| task.is_none())),
        kind,
        task,
        hidden,
        words: sealed_as_self(ctx, words)?,
        pseudonym: None,
        receipt: None,
    };
    Ok((told, concern))
}
