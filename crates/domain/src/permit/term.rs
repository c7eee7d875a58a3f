//! Terms: permits end. Half-open, in UTC; entered as days in Japan, where `until` is the day after
//! the last day.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// The longest term of a permit. Our own choice: what is needed for longer is asked for again.
pub const LONGEST: Span = Span::days(1_096);

/// A half-open interval [from, until) that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Term {
    /// The first instant at which it holds.
    pub from: Timestamp,
    /// The first instant at which it no longer holds.
    pub until: Timestamp,
}

/// Why a term cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermFault {
    /// It ends before it begins.
    Empty,
    /// It is over already.
    Over,
    /// It is longer than [`LONGEST`].
    TooLong,
}

impl TermFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "term.empty",
            Self::Over => "term.over",
            Self::TooLong => "term.too-long",
        }
    }
}

impl Term {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether it can be asked for.
    ///
    /// # Errors
    /// [`TermFault`] says why not.
    pub fn check(&self, now: Timestamp) -> Result<(), TermFault> {
        if self.until <= self.from {
            Err(TermFault::Empty)
        } else if self.until <= now {
            Err(TermFault::Over)
        } else if self.until.since(self.from) > LONGEST {
            Err(TermFault::TooLong)
        } else {
            Ok(())
        }
    }
}
