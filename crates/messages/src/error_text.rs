//! Errors as people read them: what happened, where, what to do.

use crate::args::{Arg, Args, Piece, pieces};
use crate::catalogue::{contains, raw, text};
use crate::gap;
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
        where_: place(lang, &key("where"), params),
        todo: text(lang, key("todo"), params).into_owned(),
    }
}

/// Where it happened; none where what would name the place was not given.
fn place(lang: Lang, key: &str, params: Args<'_>) -> Option<String> {
    let given = |name: &str| params.iter().any(|(known, _)| *known == name);
    for piece in pieces(raw(lang, key)?) {
        let (Piece::Value(name) | Piece::Choice { name, .. }) = piece else {
            continue;
        };
        if !given(name) {
            gap::found(key, name);
            return None;
        }
    }
    Some(text(lang, key, params).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_not_given_is_not_named() {
        let denied = "authorise.out-of-reach";
        assert_eq!(error_text(Lang::Ja, denied, &[]).where_, None);
        let params = [("action", Arg::from("任命")), ("roles", Arg::from("CISO"))];
        let named = error_text(Lang::Ja, denied, &params).where_;
        assert_eq!(named.as_deref(), Some("「任命」ができるのは、CISOです。"));
    }
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
