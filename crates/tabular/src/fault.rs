//! What can be wrong with a file and with its cells: stable codes, the cell, no sentences.

use std::fmt;

use sekisho_domain::code::{Param, Reason};

use crate::place::Place;

/// Something is wrong, and where: in a cell, in a row, or in the file as a whole.
///
/// The code is also the key of the message `import.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where; none when it is the whole file.
    pub place: Option<Place>,
    /// What.
    pub reason: Reason,
}

impl Fault {
    /// Something is wrong with the file as a whole.
    #[must_use]
    pub const fn file(code: &'static str) -> Self {
        Self {
            place: None,
            reason: Reason::new(code),
        }
    }

    /// Something is wrong with a cell.
    #[must_use]
    pub const fn cell(place: Place, code: &'static str) -> Self {
        Self {
            place: Some(place),
            reason: Reason::new(code),
        }
    }

    /// The same with a parameter. Texts from the file are cut to a length that can be shown.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Param>) -> Self {
        let value = match value.into() {
            Param::Text(text) => Param::Text(cut(&text)),
            other => other,
        };
        self.reason = self.reason.with(name, value);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.reason.code
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "{place}: {}", self.code()),
            None => f.write_str(self.code()),
        }
    }
}

impl std::error::Error for Fault {}

/// Longest text of a cell that a fault repeats, in characters.
const SHOWN_MAX: usize = 60;

/// A text from a file as it can be shown: in one line, without controls, cut.
#[must_use]
pub fn cut(text: &str) -> String {
    let plain = |c: char| {
        let unseen =
            c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if unseen { ' ' } else { c }
    };
    let mut shown: String = text.chars().take(SHOWN_MAX).map(plain).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    shown
}
