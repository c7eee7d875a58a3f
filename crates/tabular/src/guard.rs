//! Formula injection: a text that begins like a formula is run as one by the spreadsheet that opens
//! a CSV file.
//!
//! Such a text gets an apostrophe in front, and so does one that begins with an apostrophe before
//! such a text, so that reading takes off exactly what writing put on.

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula, also after its own folding of widths,
/// and what it skips before one.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a text begins as a formula does, after any number of apostrophes.
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINNINGS)
}

/// The text as it is written into a CSV file.
#[must_use]
pub fn guard(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was written so.
#[must_use]
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}

/// Whether writing changes a text.
#[must_use]
pub fn is_guarded(text: &str) -> bool {
    is_dangerous(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_neutralised_and_comes_back() {
        for text in [
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "＝1",
            "'=1",
            "''=1",
            "'",
            "''",
            "'quoted'",
            "plain",
            "",
        ] {
            let written = guard(text);
            assert!(!written.starts_with(BEGINNINGS), "{text}");
            assert_eq!(unguard(&written), text, "{text}");
        }
        assert_eq!(guard("O'Brien"), "O'Brien");
        assert_eq!(guard("'quoted'"), "'quoted'");
    }
}
