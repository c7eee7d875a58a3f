//! Values as people read them, and what they are sorted by.

use maud::{Markup, html};
use sekisho_domain::field::{Field, FieldKind, Value};
use sekisho_domain::fold::search;
use sekisho_messages::{Lang, number, t};

use super::reference::Referents;
use super::{Words, civil_day, grade_badge};

/// A value of a field.
#[must_use]
pub fn show(
    lang: Lang,
    words: Words,
    field: &Field,
    value: Option<&Value>,
    referents: &dyn Referents,
) -> Markup {
    match value {
        None | Some(Value::Empty) if field.kind == FieldKind::Flag => {
            html! { (t!(lang, "console.no")) }
        }
        None | Some(Value::Empty) => html! { span class="muted" { "–" } },
        Some(Value::Flag(true)) => html! { (t!(lang, "console.yes")) },
        Some(Value::Flag(false)) => html! { (t!(lang, "console.no")) },
        Some(Value::Number(n)) => html! { span class="num" { (number(i64::from(*n))) } },
        Some(Value::Text(text)) => one(lang, words, field, text, referents),
        Some(Value::Many(list)) => html! {
            ul class="values" { @for text in list { li { (one(lang, words, field, text, referents)) } } }
        },
    }
}

fn one(lang: Lang, words: Words, field: &Field, text: &str, referents: &dyn Referents) -> Markup {
    match field.kind {
        FieldKind::Date => html! { time datetime=(text) { (civil_day(lang, text)) } },
        FieldKind::Grade => match text.parse() {
            Ok(grade) => grade_badge(lang, grade),
            Err(_) => html! { (text) },
        },
        FieldKind::Restriction => html! { (super::restriction::words(lang, text)) },
        FieldKind::Choice(codes) if codes.contains(&text) => {
            html! { (words.choice(lang, field.code, text)) }
        }
        FieldKind::Reference(prefix) => match referents.get(prefix, text) {
            Some(it) => html! {
                @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) }
                @if let Some(more) = &it.more { " " span class="muted small" { (more) } }
            },
            // What the reader may not know is not told by its id either.
            None => html! { span class="muted" { (t!(lang, "field.reference.not_shown")) } },
        },
        _ => html! { (text) },
    }
}

/// What a value is sorted by: folded text, so that kana and width do not matter; numbers by size.
#[must_use]
pub fn sort_key(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Empty) => String::new(),
        Some(Value::Flag(flag)) => u8::from(*flag).to_string(),
        Some(Value::Number(n)) => format!("{n:010}"),
        Some(Value::Text(text)) => search(text),
        Some(Value::Many(list)) => list.first().map(|text| search(text)).unwrap_or_default(),
    }
}
