//! What an error must be to be read by a person.

use crate::Finished;

/// Words that only programmers know, or that say that there is no text for what happened.
const FOREIGN: [&str; 12] = [
    "panicked",
    "RUST_BACKTRACE",
    "Error {",
    "Err(",
    "Ok(",
    "Some(",
    "::",
    "os error",
    "unwrap",
    "(code: ",
    "（コード: ",
    "{detail}",
];

impl Finished {
    /// Itself, where standard error says what happened and what to do, in words for people.
    ///
    /// # Panics
    /// With what it said, where not.
    pub fn said_for_people(self) -> Self {
        said_for_people(&self.stderr);
        self
    }
}

/// Holds that an error says what happened and what to do, in words for people.
///
/// # Panics
/// With the text, where not.
pub fn said_for_people(text: &str) {
    for word in FOREIGN {
        assert!(!text.contains(word), "“{word}” in: {text}");
    }
    let what = text.contains("error: ") || text.contains("エラー: ");
    assert!(what, "does not say what happened: {text}");
    assert!(text.contains("→ "), "does not say what to do: {text}");
}
