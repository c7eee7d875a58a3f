//! The text of a clause: several lines, bounded.

use serde::{Deserialize, Serialize};

use crate::name::NameError;

/// Longest text of a clause, in characters.
pub const CLAUSE_TEXT_MAX: usize = 4_000;

/// The text of a clause. It stands in the ledger as it is, and names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClauseText(String);

impl ClauseText {
    /// Checks a text. Ends of lines become `\n`; white space around the text and at the end of lines goes.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let lines = text.trim().lines().map(str::trim_end);
        let text = lines.collect::<Vec<_>>().join("\n");
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > CLAUSE_TEXT_MAX {
            return Err(NameError::TooLong);
        }
        // Direction overrides let one text pass for another on a page.
        let forbidden = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        if text.chars().any(forbidden) {
            return Err(NameError::ForbiddenCharacter);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClauseText {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<ClauseText> for String {
    fn from(text: ClauseText) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_lines_and_nothing_that_deceives() {
        let text = ClauseText::parse("  職員等は、\r\n許可を得る。  \r\n").unwrap();
        assert_eq!(text.as_str(), "職員等は、\n許可を得る。");
        assert_eq!(ClauseText::parse(" \n "), Err(NameError::Empty));
        let deceiving = ClauseText::parse("a\u{202E}b");
        assert_eq!(deceiving, Err(NameError::ForbiddenCharacter));
        let long = "字".repeat(CLAUSE_TEXT_MAX);
        assert!(ClauseText::parse(&long).is_ok());
        assert_eq!(
            ClauseText::parse(&format!("{long}字")),
            Err(NameError::TooLong)
        );
    }
}
