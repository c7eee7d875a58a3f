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
    /// It begins before the day on which it is asked for.
    Begun,
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
            Self::Begun => "term.begun",
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

    /// Whether it can be asked for anew: what was done without a permit is not permitted afterwards.
    ///
    /// # Errors
    /// [`TermFault::Begun`] where it begins before the day of `now`.
    pub fn check_beginning(&self, now: Timestamp) -> Result<(), TermFault> {
        if self.from < now.day_begun() {
            Err(TermFault::Begun)
        } else {
            Ok(())
        }
    }

    /// What is left of it from the day of `now` on: all that can still be given.
    #[must_use]
    pub fn from_today(self, now: Timestamp) -> Self {
        Self {
            from: self.from.max(now.day_begun()),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_term_was_given_for_time_that_was_over() {
        // In Japan it is 29 November, 00:30.
        let now = at("2026-11-28T15:30:00Z");
        let today = at("2026-11-28T15:00:00Z");
        let until = at("2026-12-28T15:00:00Z");
        for (from, can_be_asked, given_from) in [
            ("2025-01-01T15:00:00Z", false, today),
            ("2026-11-28T14:59:59Z", false, today),
            ("2026-11-28T15:00:00Z", true, today),
            ("2026-11-30T15:00:00Z", true, at("2026-11-30T15:00:00Z")),
        ] {
            let term = Term {
                from: at(from),
                until,
            };
            assert_eq!(term.check_beginning(now).is_ok(), can_be_asked, "{from}");
            let given = Term {
                from: given_from,
                until,
            };
            assert_eq!(term.from_today(now), given, "{from}");
        }
    }
}
