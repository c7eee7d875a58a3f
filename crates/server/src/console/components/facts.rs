//! Definition lists and small values.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

/// Terms with their values, in order.
pub type Definitions = Vec<(Cow<'static, str>, Markup)>;

/// A definition list.
#[must_use]
pub fn definitions(list: &[(Cow<'static, str>, Markup)]) -> Markup {
    html! {
        dl class="defs" {
            @for (term, value) in list {
                div { dt { (term) } dd { (value) } }
            }
        }
    }
}

/// A message as markup, for use as a value.
#[must_use]
pub fn lang_text(lang: Lang, key: &str) -> Markup {
    html! { (t!(lang, key)) }
}

/// Yes, no, or not known.
#[must_use]
pub fn yes_no(lang: Lang, value: Option<bool>) -> Markup {
    match value {
        Some(true) => html! { (t!(lang, "console.yes")) },
        Some(false) => html! { (t!(lang, "console.no")) },
        None => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
    }
}
