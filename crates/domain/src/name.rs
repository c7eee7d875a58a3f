//! Names that users enter, with their forms by language.

use serde::{Deserialize, Serialize};

/// Longest name that is accepted, in characters.
pub const NAME_MAX: usize = 200;

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing in it but white space.
    #[error("empty")]
    Empty,
    /// Longer than [`NAME_MAX`] characters.
    #[error("too long")]
    TooLong,
    /// It holds control characters or direction overrides.
    #[error("forbidden character")]
    ForbiddenCharacter,
}

/// Why a text cannot be a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// It is no name at all.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It holds other characters than kana.
    #[error("not in kana")]
    NotInKana,
}

impl ReadingError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name(error) => error.code(),
            Self::NotInKana => "name.not-in-kana",
        }
    }
}

impl NameError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "name.empty",
            Self::TooLong => "name.too-long",
            Self::ForbiddenCharacter => "name.forbidden-character",
        }
    }
}

/// One checked line of text: trimmed, bounded, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line(String);

impl Line {
    /// Checks a text.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > NAME_MAX {
            return Err(NameError::TooLong);
        }
        // Direction overrides let one name pass for another on a page.
        let forbidden = |c: char| {
            c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        if text.chars().any(forbidden) {
            return Err(NameError::ForbiddenCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// Checks a reading: a line in kana of either kind and width, with digits, blanks and the marks
    /// that stand between kana. What is sorted by its reading must have one.
    ///
    /// # Errors
    /// [`ReadingError`] says what is wrong with it.
    pub fn reading(text: &str) -> Result<Self, ReadingError> {
        let line = Self::parse(text)?;
        let kana = |c: char| {
            matches!(c,
                '\u{3041}'..='\u{3096}' | '\u{309B}'..='\u{309E}' | '\u{30A0}'..='\u{30FE}'
                | '\u{FF65}'..='\u{FF9F}' | '-' | '=' | '\u{2010}' | '\u{2212}')
                || c.is_ascii_digit()
                || c.is_whitespace()
        };
        if crate::fold::width(line.as_str()).chars().all(kana) {
            Ok(line)
        } else {
            Err(ReadingError::NotInKana)
        }
    }

    /// The same where it is what is known already: readings that were taken before they had to be in
    /// kana must not stand in the way of a change of something else.
    ///
    /// # Errors
    /// [`ReadingError`] says what is wrong with it.
    pub fn reading_or_known(text: &str, known: Option<&Self>) -> Result<Self, ReadingError> {
        match known {
            Some(known) if known.as_str() == text.trim() => Ok(known.clone()),
            _ => Self::reading(text),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Line {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

/// A key as it is compared: full-width letters, digits and signs as half-width, letters small, white
/// space left out. What is stored keeps its form.
#[must_use]
pub fn folded(text: &str) -> String {
    crate::fold::width(text)
        .chars()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other,
        })
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name: Japanese always, English and kana where given. English falls back to Japanese.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    /// The name in Japanese, or in the only form it has.
    pub ja: Line,
    /// The name in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Line>,
    /// The reading in kana, for sorting and search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<Line>,
}

impl Name {
    /// A name with its Japanese form only.
    #[must_use]
    pub const fn ja(line: Line) -> Self {
        Self {
            ja: line,
            en: None,
            kana: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_in_latin_letters_was_taken() {
        for sound in [
            "セキショ タロウ",
            "ｾｷｼｮ　ﾀﾛｳ",
            "さとう はなこ",
            "ジャン・ポール",
            "ダイ１カ",
            "ヴァージニア",
            "アンナ‐マリア",
            "アンナ−マリア",
        ] {
            assert!(Line::reading(sound).is_ok(), "{sound}");
        }
        for wrong in ["Sekisho Taro", "関所 太郎", "セキショ taro"] {
            assert_eq!(
                Line::reading(wrong),
                Err(ReadingError::NotInKana),
                "{wrong}"
            );
        }
        let known = Line::parse("Sekisho Taro").unwrap();
        let again = Line::reading_or_known(" Sekisho Taro ", Some(&known));
        assert_eq!(again, Ok(known.clone()));
        let other = Line::reading_or_known("Sekisho Jiro", Some(&known));
        assert_eq!(other, Err(ReadingError::NotInKana));
        assert_eq!(
            Line::reading(" "),
            Err(ReadingError::Name(NameError::Empty))
        );
    }
}
