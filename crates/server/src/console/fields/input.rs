//! One input for every field.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::field::{Field, FieldKind};
use sekisho_messages::{Lang, t};

use super::entered::{Entered, input_name};
use super::reference::{Referents, picker as reference_picker};
use super::{Words, date, grade};

/// Choices up to so many stand open, more in a list to unfold.
const OPEN_CHOICES: usize = 6;

/// The form of a noun.
pub struct FieldForm<'a> {
    /// The language of the page.
    pub lang: Lang,
    /// The words of the noun.
    pub words: Words,
    /// Its fields.
    pub fields: &'a [Field],
    /// What stands in the form.
    pub entered: &'a Entered,
    /// What is wrong, by the code of the field.
    pub errors: &'a [(String, String)],
    /// What fields may refer to.
    pub referents: &'a dyn Referents,
}

/// Where a field stands in a form, and what is said about it.
pub(super) struct Place<'a> {
    pub(super) lang: Lang,
    pub(super) code: &'static str,
    pub(super) label: Cow<'static, str>,
    pub(super) help: Option<Cow<'static, str>>,
    pub(super) required: bool,
    pub(super) error: Option<&'a str>,
}

impl Place<'_> {
    pub(super) fn described_by(&self) -> Option<String> {
        let id = box_id(self.code);
        match (self.help.is_some(), self.error.is_some()) {
            (true, true) => Some(format!("{id}-support {id}-error")),
            (true, false) => Some(format!("{id}-support")),
            (false, true) => Some(format!("{id}-error")),
            (false, false) => None,
        }
    }

    pub(super) fn invalid(&self) -> Option<&'static str> {
        self.error.map(|_| "true")
    }

    /// How it is filled in, and what is wrong with it.
    pub(super) fn notes(&self) -> Markup {
        let id = box_id(self.code);
        html! {
            @if let Some(help) = &self.help { p class="field-support" id={ (id) "-support" } { (help) } }
            @if let Some(error) = self.error { p class="field-error" id={ (id) "-error" } { (error) } }
        }
    }
}

/// The id of the first control of a field, where a link from the summary of errors leads.
pub(super) fn box_id(code: &str) -> String {
    input_name(code)
}

/// The label and whether something must stand there.
pub(super) fn label_line(place: &Place<'_>) -> Markup {
    html! {
        (place.label) " "
        @if place.required { span class="mark mark--required" { (t!(place.lang, "console.form.required")) } }
        @else { span class="mark" { (t!(place.lang, "console.form.optional")) } }
    }
}

/// The inputs of every field, in order.
#[must_use]
pub fn inputs(form: &FieldForm<'_>) -> Markup {
    html! { @for field in form.fields { (input(form, field)) } }
}

fn input(form: &FieldForm<'_>, field: &Field) -> Markup {
    let error = form.errors.iter().find(|(code, _)| code == field.code);
    let place = Place {
        lang: form.lang,
        code: field.code,
        label: form.words.label(form.lang, field.code),
        help: form.words.help(form.lang, field.code),
        required: field.required,
        error: error.map(|(_, said)| said.as_str()),
    };
    match (field.kind, field.many) {
        (FieldKind::Line | FieldKind::Restriction, false) => line(&place, form.entered, None),
        (FieldKind::Number, false) => line(&place, form.entered, Some("numeric")),
        (FieldKind::Flag, _) => flag(&place, form.entered),
        (FieldKind::Date, false) => date::picker(&place, form.entered),
        (FieldKind::Grade, false) => grade::picker(&place, form.entered),
        (FieldKind::Choice(codes), many) => choice(&place, form, codes, many),
        (FieldKind::Reference(prefix), many) => {
            reference_picker(&place, form.entered, form.referents, prefix, many)
        }
        (
            FieldKind::Line
            | FieldKind::Restriction
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Grade,
            true,
        ) => lines(&place, form.entered),
    }
}

fn line(place: &Place<'_>, entered: &Entered, mode: Option<&str>) -> Markup {
    let id = box_id(place.code);
    html! {
        div class="field" {
            label for=(id) { (label_line(place)) }
            (place.notes())
            input id=(id) name=(id) type="text" value=(entered.get(&id)) required[place.required]
                maxlength=(if mode.is_some() { "10" } else { "200" }) autocomplete="off" inputmode=[mode]
                class=[mode.map(|_| "input--short")]
                aria-invalid=[place.invalid()] aria-describedby=[place.described_by()];
        }
    }
}

/// Several values, one a line.
fn lines(place: &Place<'_>, entered: &Entered) -> Markup {
    let id = box_id(place.code);
    let described = place.described_by().unwrap_or_default();
    html! {
        div class="field" {
            label for=(id) { (label_line(place)) }
            (place.notes())
            p class="field-support" id={ (id) "-lines" } { (t!(place.lang, "field.one_a_line")) }
            textarea id=(id) name=(id) rows="4" required[place.required] autocomplete="off"
                aria-invalid=[place.invalid()] aria-describedby={ (id) "-lines " (described) } {
                "\n" (entered.all(&id).join("\n"))
            }
        }
    }
}

fn flag(place: &Place<'_>, entered: &Entered) -> Markup {
    let id = box_id(place.code);
    html! {
        div class="field" {
            @if let Some(error) = place.error { p class="field-error" id={ (id) "-error" } { (error) } }
            div class="choice" {
                input type="checkbox" id=(id) name=(id) value="yes" checked[entered.get(&id) == "yes"]
                    aria-invalid=[place.invalid()] aria-describedby=[place.described_by()];
                div {
                    label for=(id) { (place.label) }
                    @if let Some(help) = &place.help { p class="field-support" id={ (id) "-support" } { (help) } }
                }
            }
        }
    }
}

fn choice(place: &Place<'_>, form: &FieldForm<'_>, codes: &[&'static str], many: bool) -> Markup {
    if !many && codes.len() > OPEN_CHOICES {
        return unfolding(place, form, codes);
    }
    let id = box_id(place.code);
    let chosen = form.entered.all(&id);
    let none = !many && !place.required;
    html! {
        fieldset class="field choices" aria-describedby=[place.described_by()] {
            legend { (label_line(place)) }
            (place.notes())
            @for (index, code) in codes.iter().enumerate() {
                @let own = if index == 0 { id.clone() } else { format!("{id}-{code}") };
                @let help = form.words.choice_help(place.lang, place.code, code);
                div class="choice" {
                    input type=(if many { "checkbox" } else { "radio" }) id=(own) name=(id) value=(code)
                        checked[chosen.iter().any(|it| it == code)] required[place.required && !many]
                        aria-describedby=[help.as_ref().map(|_| format!("{own}-choice"))];
                    div {
                        label for=(own) { (form.words.choice(place.lang, place.code, code)) }
                        @if let Some(help) = help { p class="field-support" id={ (own) "-choice" } { (help) } }
                    }
                }
            }
            @if none {
                div class="choice" {
                    input type="radio" id={ (id) "-none" } name=(id) value="" checked[chosen.iter().all(String::is_empty)];
                    label for={ (id) "-none" } { (t!(place.lang, "field.none_of_these")) }
                }
            }
        }
    }
}

fn unfolding(place: &Place<'_>, form: &FieldForm<'_>, codes: &[&'static str]) -> Markup {
    let id = box_id(place.code);
    let chosen = form.entered.get(&id);
    html! {
        div class="field" {
            label for=(id) { (label_line(place)) }
            (place.notes())
            select id=(id) name=(id) required[place.required]
                aria-invalid=[place.invalid()] aria-describedby=[place.described_by()] {
                option value="" { "–" }
                @for code in codes {
                    option value=(code) selected[*code == chosen] { (form.words.choice(place.lang, place.code, code)) }
                }
            }
        }
    }
}
