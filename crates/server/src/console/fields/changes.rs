//! What changed between two versions of a noun.

use maud::{Markup, html};
use sekisho_domain::field::{Field, Values};
use sekisho_messages::Lang;

use super::Words;
use super::reference::Referents;
use super::show::show;

/// A field whose value changed.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// The field's label.
    pub label: String,
    /// What it held before; none where it held nothing.
    pub before: Option<Markup>,
    /// What it holds since.
    pub after: Option<Markup>,
}

/// The fields whose values differ, in the order of the fields.
#[must_use]
pub fn changes(
    lang: Lang,
    words: Words,
    fields: &[Field],
    (before, after): (&Values, &Values),
    referents: &dyn Referents,
) -> Vec<FieldChange> {
    let shown = |field: &Field, values: &Values| {
        let value = values.get(field.code)?;
        Some(html! { (show(lang, words, field, Some(value), referents)) })
    };
    fields
        .iter()
        .filter(|field| before.get(field.code) != after.get(field.code))
        .map(|field| FieldChange {
            label: words.label(lang, field.code).into_owned(),
            before: shown(field, before),
            after: shown(field, after),
        })
        .collect()
}
