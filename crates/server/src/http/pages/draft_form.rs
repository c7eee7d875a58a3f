//! The forms of a draft with lines, as the plan and rules have: what it says of the whole, each line, and the
//! table file that takes the place of all lines.

use std::borrow::Cow;

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::command::Command;
use sekisho_domain::field::{Field, Noun};
use sekisho_messages::{Lang, t};
use sekisho_tabular::Fault as CellFault;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::form_refusal;
use super::register::referents::Things;
use crate::console::components::{Field as Asked, Input, text_area};
use crate::console::fields::{
    Entered, FieldForm, Words, anchored, inputs, read, sentence as field_sentence,
};
use crate::console::layout::Place;
use crate::console::register::{FormView, form_page};
use crate::tables::fault_text;

/// What is wrong: the code of a field (empty for the whole), and the sentence.
pub(super) type Wrong = Vec<(String, String)>;
/// What is wrong with a file: its place and the sentence.
pub(super) type Places = Vec<(Option<String>, String)>;
/// How writing a draft ended: done, wrong in the form, or nothing that the form can tell.
pub(super) type Written = Result<(), Result<Wrong, Fault>>;

/// The code of a text above the fields, which is no field of the noun.
pub(super) const TEXT: &str = "text";
/// Most places at fault that are named.
pub(super) const FAULTS_MAX: usize = 100;

/// A text above the fields.
pub(super) struct AskedText {
    pub(super) label: Cow<'static, str>,
    pub(super) support: Cow<'static, str>,
    /// In characters.
    pub(super) longest: usize,
    pub(super) entered: String,
}

/// What a form is about.
pub(super) struct Ask {
    pub(super) place: Place,
    pub(super) trail: Vec<(String, String)>,
    pub(super) words: Words,
    pub(super) fields: &'static [Field],
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) action: String,
    pub(super) back: String,
    pub(super) revision: u64,
    /// None in a form of a head.
    pub(super) text: Option<AskedText>,
    /// Where the line is taken out, and what the button says; none for what is new.
    pub(super) remove: Option<(String, Cow<'static, str>)>,
}

impl Ask {
    /// The page.
    pub(super) fn render(&self, ctx: &Ctx, entered: &Entered, wrong: &Wrong) -> Answer {
        let lang = ctx.lang;
        let things = Things { ctx };
        let form = FieldForm {
            lang,
            words: self.words,
            fields: self.fields,
            entered,
            errors: wrong,
            referents: &things,
        };
        let view = FormView {
            trail: self.trail.clone(),
            title: self.title.clone(),
            lead: self.lead.clone(),
            note: markup! {},
            action: self.action.clone(),
            csrf: ctx.live()?.csrf(),
            hidden: vec![("expected", self.revision.to_string())],
            inputs: markup! {
                @if let Some(text) = &self.text { (text_input(lang, text, wrong)) }
                (inputs(&form))
                @if let Some((remove, label)) = &self.remove {
                    p class="form-aside" {
                        button class="button button--secondary" type="submit" formaction=(remove) formnovalidate {
                            (label)
                        }
                    }
                }
            },
            remark: None,
            submit: t!(lang, "plan.save").into_owned(),
            danger: false,
            back: self.back.clone(),
            errors: anchored(self.fields, wrong),
        };
        let mut frame = ctx.frame(self.place);
        frame.path.clone_from(&view.action);
        let mut response = html(form_page(&frame, &view));
        if !wrong.is_empty() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    /// Reads a noun from the form, or tells all that is wrong.
    pub(super) fn understood<N: Noun>(&self, ctx: &Ctx, entered: &Entered) -> Result<N, Wrong> {
        let mut all = read(self.fields, entered, &Things { ctx });
        let judged = N::read(&all.values);
        if let Err(errors) = &judged {
            all.judge(&errors.0);
        }
        match judged {
            Ok(noun) if all.faults.is_empty() => Ok(noun),
            _ => {
                let said = |(code, fault): (String, _)| {
                    let said = field_sentence(ctx.lang, self.words, &code, fault);
                    (code, said)
                };
                Err(all.faults.into_iter().map(said).collect())
            }
        }
    }

    /// Leads back to the draft, or shows the form again.
    pub(super) fn written(&self, ctx: &Ctx, entered: &Entered, done: Written) -> Answer {
        match done {
            Ok(()) => Ok(redirect(&self.back)),
            Err(Ok(wrong)) => {
                let known = |code: &str| self.fields.iter().any(|field| field.code == code);
                let wrong = wrong.into_iter().map(|(code, said)| {
                    let code = if known(&code) { code } else { String::new() };
                    (code, said)
                });
                self.render(ctx, entered, &wrong.collect())
            }
            Err(Err(fault)) => Err(fault),
        }
    }
}

fn text_input(lang: Lang, text: &AskedText, wrong: &Wrong) -> Markup {
    let error = wrong.iter().find(|(code, _)| code == TEXT);
    text_area(
        lang,
        &Asked {
            name: TEXT,
            label: text.label.clone(),
            support: Some(text.support.clone()),
            required: true,
            input: Input::Text,
            value: &text.entered,
            error: error.map(|(_, said)| said.as_str()),
            autocomplete: "off",
            lang: None,
        },
        text.longest,
    )
}

/// Writes the draft; a refusal is told at its field.
pub(super) fn write(ctx: &Ctx, command: Command) -> Written {
    let actor = ctx.actor().map_err(Err)?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(()),
        Err(error) => {
            let (field, said) = form_refusal(ctx.lang, error).map_err(Err)?;
            Err(Ok(vec![(field.unwrap_or_default(), said)]))
        }
    }
}

/// The cells of a table file that are at fault, as a page names them.
pub(super) fn cells_told(lang: Lang, faults: &[CellFault]) -> Places {
    let told = faults.iter().take(FAULTS_MAX).map(|fault| {
        let cell = fault.place.map(|place| place.to_string());
        (cell, fault_text(lang, &fault.reason))
    });
    told.collect()
}
