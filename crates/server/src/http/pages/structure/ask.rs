//! One form about a person, unit or post: its fields, and the command that they make.

use axum::http::StatusCode;
use sekisho_domain::command::Command;
use sekisho_domain::field::{Field, FieldFault, Value, Values};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::time::{Span, Timestamp, parse_date};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::super::{form_refusal, line};
use crate::console::fields::{
    Entered, Fault as Unread, FieldForm, Words, input_name, inputs, read, sentence,
};
use crate::console::layout::Place;
use crate::console::register::{FormView, form_page};

/// What is wrong: the code of a field, and the sentence.
pub(super) type Wrong = Vec<(String, String)>;

/// A form.
pub(super) struct Ask {
    pub(super) trail: Vec<(String, String)>,
    pub(super) title: String,
    pub(super) lead: String,
    /// Where the form stands and goes to.
    pub(super) path: String,
    pub(super) back: String,
    pub(super) words: Words,
    pub(super) fields: &'static [Field],
    pub(super) danger: bool,
    /// The version that it was made of.
    pub(super) version: u64,
}

impl Ask {
    /// The page.
    pub(super) fn render(&self, ctx: &Ctx, entered: &Entered, wrong: &Wrong) -> Answer {
        let things = Things { ctx };
        let form = FieldForm {
            lang: ctx.lang,
            words: self.words,
            fields: self.fields,
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
            trail: self.trail.clone(),
            title: self.title.clone(),
            lead: self.lead.clone(),
            note: maud::html! {},
            action: self.path.clone(),
            csrf: ctx.live()?.csrf(),
            hidden: vec![("expected", self.version.to_string())],
            inputs: inputs(&form),
            remark: None,
            submit: self.title.clone(),
            danger: self.danger,
            back: self.back.clone(),
            errors: wrong
                .iter()
                .map(|(code, said)| (id(code), said.clone()))
                .collect(),
        };
        let mut frame = ctx.frame(Place::Organisation);
        frame.path.clone_from(&self.path);
        let mut response = html(form_page(&frame, &view));
        if !wrong.is_empty() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    /// Reads the form, makes the command and carries it out; then leads back.
    pub(super) fn submit(
        &self,
        ctx: &Ctx,
        form: &Form,
        fields: &[(&str, &str)],
        command: impl FnOnce(&Values) -> Result<Result<Command, Wrong>, Fault>,
    ) -> Answer {
        let entered = Entered::of_pairs(form.pairs());
        if entered.looks_for().is_some() {
            return self.render(ctx, &entered, &Vec::new());
        }
        let made = match self.values(ctx, &entered) {
            Ok(values) => command(&values)?,
            Err(wrong) => Err(wrong),
        };
        let command = match made {
            Ok(command) => command,
            Err(wrong) => return self.render(ctx, &entered, &wrong),
        };
        match ctx
            .site
            .app
            .command_blocking(ctx.actor()?, command, Vec::new())
        {
            Ok(_) => {
                ctx.site.app.judge_anew();
                Ok(super::super::super::ctx::redirect(&self.back))
            }
            Err(error) => {
                let (at, said) = form_refusal(ctx.lang, error)?;
                let at = at.unwrap_or_default();
                let named = fields.iter().find(|(of, _)| *of == at);
                let code = named.map_or(at.as_str(), |(_, code)| *code);
                let known = self.fields.iter().any(|field| field.code == code);
                let code = if known {
                    code.to_owned()
                } else {
                    String::new()
                };
                self.render(ctx, &entered, &vec![(code, said)])
            }
        }
    }

    fn values(&self, ctx: &Ctx, entered: &Entered) -> Result<Values, Wrong> {
        let mut found = read(self.fields, entered, &Things { ctx });
        for field in self.fields.iter().filter(|field| field.required) {
            let empty = found.values.get(field.code).is_none_or(Value::is_empty);
            if empty && !found.faults.iter().any(|(code, _)| code == field.code) {
                let missing = Unread::Field(FieldFault::Missing);
                found.faults.push((field.code.to_owned(), missing));
            }
        }
        if found.faults.is_empty() {
            return Ok(found.values);
        }
        let place = |code: &str| self.fields.iter().position(|field| field.code == code);
        found.faults.sort_by_key(|(code, _)| place(code));
        let said = |(code, fault): (String, Unread)| {
            let said = sentence(ctx.lang, self.words, &code, fault);
            (code, said)
        };
        Err(found.faults.into_iter().map(said).collect())
    }
}

/// The text of a value; empty where there is none.
pub(super) fn text<'a>(values: &'a Values, code: &str) -> &'a str {
    match values.get(code) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// The texts of a value of several.
pub(super) fn texts<'a>(values: &'a Values, code: &str) -> &'a [String] {
    match values.get(code) {
        Some(Value::Many(list)) => list,
        _ => &[],
    }
}

/// The instant at which a day begins.
pub(super) fn start(values: &Values, code: &str) -> Option<Timestamp> {
    Timestamp::start_of_jst_day(parse_date(text(values, code)).ok()?).ok()
}

/// The beginning of the day that was entered; today means from now on, since nothing reaches into the
/// past. The writer's clock must not have passed it before it decides.
pub(super) fn from_now(ctx: &Ctx, values: &Values, code: &str) -> Timestamp {
    let soon = ctx.now.after(Span::seconds(2));
    match start(values, code) {
        Some(at) if at.jst_date() != ctx.now.jst_date() => at,
        _ => soon,
    }
}

/// A line of text, or what is wrong with it.
pub(super) fn checked(ctx: &Ctx, values: &Values, code: &str) -> Result<Option<Line>, Wrong> {
    let text = text(values, code);
    if text.is_empty() {
        return Ok(None);
    }
    line(ctx.lang, text)
        .map(Some)
        .map_err(|said| vec![(code.to_owned(), said)])
}

/// A name in both languages.
pub(super) fn name(ctx: &Ctx, values: &Values, ja: &str, en: &str) -> Result<Name, Wrong> {
    let missing = || {
        vec![(
            ja.to_owned(),
            super::super::sentence(ctx.lang, "name.empty", &[]),
        )]
    };
    Ok(Name {
        ja: checked(ctx, values, ja)?.ok_or_else(missing)?,
        en: checked(ctx, values, en)?,
        kana: None,
    })
}
