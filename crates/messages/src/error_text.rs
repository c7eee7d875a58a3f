//! Errors as people read them: what happened, where, what to do.

use crate::args::{Arg, Args};
use crate::catalogue::{contains, text};
use crate::lang::Lang;

/// An error in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorText {
    /// What happened.
    pub what: String,
    /// Where it happened, when the code says so.
    pub where_: Option<String>,
    /// What the reader can do about it.
    pub todo: String,
}

/// The sentences for a stable code: `error.<code>.what`, `.where` (optional) and `.todo`. A code
/// that the catalogue does not know gives a general sentence that names the code.
#[must_use]
pub fn error_text(lang: Lang, code: &str, params: Args<'_>) -> ErrorText {
    let key = |part: &str| format!("error.{code}.{part}");
    if !contains(&key("what")) {
        let code = [("code", Arg::from(code))];
        return ErrorText {
            what: text(lang, "error.unlisted.what", &code).into_owned(),
            where_: None,
            todo: text(lang, "error.unlisted.todo", &code).into_owned(),
        };
    }
    ErrorText {
        what: text(lang, key("what"), params).into_owned(),
        where_: contains(&key("where")).then(|| text(lang, key("where"), params).into_owned()),
        todo: text(lang, key("todo"), params).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::keys;

    #[test]
    fn an_unlisted_code_is_named() {
        let error = error_text(Lang::En, "no.such.code", &[]);
        assert!(error.what.contains("no.such.code"), "{error:?}");
        assert!(!error.todo.is_empty());
    }

    #[test]
    fn every_error_says_what_to_do() {
        let mut seen = 0;
        for key in keys().filter(|key| key.starts_with("error.")) {
            if let Some(code) = key.strip_suffix(".what") {
                seen += 1;
                assert!(
                    contains(&format!("{code}.todo")),
                    "{code} says not what to do"
                );
            }
        }
        assert!(seen > 0);
    }
}
