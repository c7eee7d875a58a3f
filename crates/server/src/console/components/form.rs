//! Forms: label, mark 必須 or 任意, support text, error text tied to its field.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

/// What kind of input a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One line of text.
    Text,
    /// A day, as `2026-11-23`; other forms are read too where the browser sends them.
    Date,
    /// A new password.
    NewPassword,
    /// The password of an existing account.
    Password,
    /// A one-time code of six digits.
    Code,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// Name in the form, also used as id.
    pub name: &'static str,
    /// What it asks for.
    pub label: Cow<'static, str>,
    /// How to fill it in; none where the label says all.
    pub support: Option<Cow<'static, str>>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Kind of input.
    pub input: Input,
    /// What was entered before; never shown for passwords and codes.
    pub value: &'a str,
    /// What is wrong with what was entered.
    pub error: Option<&'a str>,
    /// The `autocomplete` token (HTML, section 4.10.18.7).
    pub autocomplete: &'static str,
    /// Language of what is entered, where it is fixed.
    pub lang: Option<Lang>,
}

/// Whether a field must be filled in, beside its label.
#[must_use]
pub fn mark(lang: Lang, required: bool) -> Markup {
    html! {
        @if required { span class="mark mark--required" { (t!(lang, "console.form.required")) } }
        @else { span class="mark" { (t!(lang, "console.form.optional")) } }
    }
}

fn described_by(name: &str, support: bool, error: bool) -> Option<String> {
    match (support, error) {
        (true, true) => Some(format!("{name}-support {name}-error")),
        (true, false) => Some(format!("{name}-support")),
        (false, true) => Some(format!("{name}-error")),
        (false, false) => None,
    }
}

fn error_text(name: &str, error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error { p class="field-error" id={ (name) "-error" } { (error) } }
    }
}

/// A labelled field.
#[must_use]
pub fn field(lang: Lang, field: &Field<'_>) -> Markup {
    let (kind, secret, mode) = match field.input {
        Input::Text => ("text", false, None),
        Input::Date => ("date", false, None),
        Input::NewPassword | Input::Password => ("password", true, None),
        Input::Code => ("text", true, Some("numeric")),
    };
    let described = described_by(field.name, field.support.is_some(), field.error.is_some());
    let value = (!secret).then_some(field.value);
    let code = matches!(field.input, Input::Code);
    html! {
        div class="field" {
            label for=(field.name) { (field.label) " " (mark(lang, field.required)) }
            @if let Some(support) = &field.support {
                p class="field-support" id={ (field.name) "-support" } { (support) }
            }
            (error_text(field.name, field.error))
            input id=(field.name) name=(field.name) type=(kind) value=[value]
                required[field.required] maxlength="200" autocomplete=(field.autocomplete)
                class=[code.then_some("input--code")] pattern=[code.then_some("[0-9]{6}")]
                inputmode=[mode] lang=[field.lang.map(Lang::tag)]
                spellcheck=[secret.then_some("false")] autocapitalize=[secret.then_some("none")]
                aria-invalid=[field.error.map(|_| "true")] aria-describedby=[described];
        }
    }
}

/// A labelled field of several lines of text. Its kind of input is not asked.
#[must_use]
pub fn text_area(lang: Lang, field: &Field<'_>, longest: usize) -> Markup {
    let described = described_by(field.name, field.support.is_some(), field.error.is_some());
    html! {
        div class="field" {
            label for=(field.name) { (field.label) " " (mark(lang, field.required)) }
            @if let Some(support) = &field.support {
                p class="field-support" id={ (field.name) "-support" } { (support) }
            }
            (error_text(field.name, field.error))
            textarea id=(field.name) name=(field.name) rows="5" required[field.required]
                maxlength=(longest) autocomplete="off"
                aria-invalid=[field.error.map(|_| "true")] aria-describedby=[described] {
                (field.value)
            }
        }
    }
}

/// A box that must be ticked before a form is taken.
#[must_use]
pub fn confirmation(lang: Lang, name: &str, label: &str, error: Option<&str>) -> Markup {
    html! {
        div class="field" {
            (error_text(name, error))
            div class="choice" {
                input type="checkbox" id=(name) name=(name) value="yes" required
                    aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[described_by(name, false, error.is_some())];
                label for=(name) { (label) " " (mark(lang, true)) }
            }
        }
    }
}

/// One of several choices.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Value in the form.
    pub value: &'static str,
    /// What it says.
    pub label: Cow<'static, str>,
    /// What it means.
    pub support: Cow<'static, str>,
}

/// Choices of which one must be taken.
#[must_use]
pub fn choices(
    lang: Lang,
    name: &str,
    legend: &str,
    list: &[Choice],
    chosen: &str,
    error: Option<&str>,
) -> Markup {
    html! {
        fieldset class="field" aria-describedby=[described_by(name, false, error.is_some())] {
            legend { (legend) " " (mark(lang, true)) }
            (error_text(name, error))
            @for (index, choice) in list.iter().enumerate() {
                @let id = if index == 0 { name.to_owned() } else { format!("{name}-{index}") };
                div class="choice" {
                    input type="radio" id=(id) name=(name) value=(choice.value)
                        checked[choice.value == chosen] required
                        aria-describedby={ (id) "-choice" };
                    div {
                        label for=(id) { (choice.label) }
                        p class="field-support" id={ (id) "-choice" } { (choice.support) }
                    }
                }
            }
        }
    }
}

/// A labelled list of which one entry, value and label, must be chosen. Nothing is chosen
/// beforehand.
#[must_use]
pub fn select(
    lang: Lang,
    name: &str,
    label: &str,
    list: &[(String, String)],
    error: Option<&str>,
) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) " " (mark(lang, true)) }
            (error_text(name, error))
            select id=(name) name=(name) required aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described_by(name, false, error.is_some())] {
                option value="" { "–" }
                @for (value, label) in list { option value=(value) { (label) } }
            }
        }
    }
}

/// The hidden field against forged requests.
#[must_use]
pub fn csrf_field(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}

/// The button that sends a form.
#[must_use]
pub fn submit(label: &str) -> Markup {
    html! { button class="button" type="submit" { (label) } }
}

/// What is wrong with a field, among all that is wrong with a form.
#[must_use]
pub fn error_at<'a>(errors: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let error = errors.iter().find(|(id, _)| id == name);
    error.map(|(_, said)| said.as_str())
}

/// All errors of a form at its top, each linked to its field.
#[must_use]
pub fn error_summary(lang: Lang, errors: &[(impl AsRef<str>, impl AsRef<str>)]) -> Markup {
    if errors.is_empty() {
        return html! {};
    }
    let list = html! {
        ul {
            @for (name, error) in errors { li { a href={ "#" (name.as_ref()) } { (error.as_ref()) } } }
        }
    };
    let heading = t!(lang, "console.form.errors", n = errors.len());
    super::alert(super::Tone::Error, &heading, &list)
}
