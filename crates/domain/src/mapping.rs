//! Mappings: how an office's own table (台帳) is read into a register. Saved under a name, so that
//! the same table loads again the same way, and so that it can be told later how a `△` was meant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fold;

/// Most columns of a mapping.
pub const COLUMNS_MAX: usize = 200;
/// Most words of a mapping, over all fields.
pub const WORDS_MAX: usize = 1_000;
/// Longest heading, word or name of a sheet, in characters.
pub const TEXT_MAX: usize = 200;

/// How a table is read. Headings and words are held as [`fold::search`] leaves them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The sheet; the first with a table when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of the headings (the last of them), from 1; found when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<u32>,
    /// Which field a heading means; a heading that is not named is left out.
    pub columns: BTreeMap<String, String>,
    /// What a word in a field's column means: a choice's code, or `yes` and `no`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

impl Mapping {
    /// Whether it keeps to its bounds.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let short = |text: &String| text.chars().count() <= TEXT_MAX;
        let words: usize = self.words.values().map(BTreeMap::len).sum();
        self.columns.len() <= COLUMNS_MAX
            && words <= WORDS_MAX
            && self.sheet.iter().all(short)
            && self.columns.iter().all(|(a, b)| short(a) && short(b))
            && self.words.iter().all(|(field, words)| {
                short(field) && words.iter().all(|(a, b)| short(a) && short(b))
            })
    }

    /// The field that a heading means.
    #[must_use]
    pub fn field(&self, heading: &str) -> Option<&str> {
        self.columns.get(&fold::search(heading)).map(String::as_str)
    }

    /// What a word in a field's column means.
    #[must_use]
    pub fn word(&self, field: &str, word: &str) -> Option<&str> {
        self.words
            .get(field)?
            .get(&fold::search(word))
            .map(String::as_str)
    }

    /// Says which field a heading means.
    pub fn set_column(&mut self, heading: &str, field: &str) {
        self.columns.insert(fold::search(heading), field.to_owned());
    }

    /// Says what a word means.
    pub fn set_word(&mut self, field: &str, word: &str, meaning: &str) {
        self.words
            .entry(field.to_owned())
            .or_default()
            .insert(fold::search(word), meaning.to_owned());
    }
}
