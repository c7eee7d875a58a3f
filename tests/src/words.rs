//! What an error must be to be read by a person.

use crate::Finished;

/// Words that only programmers know, or that say that there is no text for what happened.
const FOREIGN: [&str; 11] = [
    "panicked",
    "RUST_BACKTRACE",
    "Error {",
    "Err(",
    "Ok(",
    "Some(",
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
    assert!(!names_a_type(text), "a Rust path in: {text}");
    let what = text.contains("error: ") || text.contains("エラー: ");
    assert!(what, "does not say what happened: {text}");
    assert!(text.contains("→ "), "does not say what to do: {text}");
}

/// Whether a path such as `io::Error` stands in a text; an address such as `[::1]` is none.
fn names_a_type(text: &str) -> bool {
    let mut parts = text.split("::").peekable();
    while let Some(part) = parts.next() {
        let before = part.chars().next_back().is_some_and(char::is_alphabetic);
        let after = parts.peek().and_then(|it| it.chars().next());
        if before && after.is_some_and(char::is_alphabetic) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_paths_are_seen_and_addresses_are_not() {
        assert!(names_a_type("error: std::io::Error"));
        assert!(!names_a_type("error: [::]:8443 and [fe80::1]:1"));
    }

    #[test]
    #[should_panic(expected = "what to do")]
    fn an_error_without_advice_is_not_for_people() {
        said_for_people("error: the folder cannot be read");
    }
}
