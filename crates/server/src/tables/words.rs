//! What is wrong with a file, in words.

use sekisho_domain::code::{Param, Reason};
use sekisho_messages::{Arg, Lang, contains, error_text, text};

/// What is wrong with a cell or a file, in words; the cell is named by the one who prints it.
#[must_use]
pub fn fault_text(lang: Lang, reason: &Reason) -> String {
    let arguments: Vec<(&str, Arg<'_>)> = reason
        .params
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Param::Int(number) => Arg::from(*number),
                Param::Time { at } => Arg::from(at.to_rfc3339_jst()),
                Param::Text(text) => Arg::from(text.as_str()),
            };
            (name.as_ref(), value)
        })
        .collect();
    let own = format!("import.fault.{}", reason.code);
    if contains(&own) {
        return text(lang, &own, &arguments).into_owned();
    }
    let said = error_text(lang, &reason.code, &arguments);
    format!("{} {}", said.what, said.todo)
}
