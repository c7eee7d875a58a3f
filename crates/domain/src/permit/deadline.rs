//! Until when what is owed at the end of a permit may take: working days from the end, fixed when the
//! end becomes known, so that a table of holidays brought in later moves no deadline that was told.

use serde::{Deserialize, Serialize};

use super::obligation::{Obligation, Obligations};
use crate::time::{Span, Timestamp};
use crate::working_day::Calendar;

/// When one thing owed is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What is owed.
    pub owed: Obligation,
    /// The first instant at which it is late.
    pub late: Timestamp,
}

/// The deadlines of what a permit leaves to be done. None in records from before deadlines were
/// counted in working days: those run by the calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deadlines(Box<[Deadline]>);

impl Deadlines {
    /// Those of what is owed from an end on. The day of the end itself is not counted (民法 140条); an
    /// end at midnight is the end of the day before.
    #[must_use]
    pub fn from_end(owed: Obligations, end: Timestamp, calendar: &Calendar<'_>) -> Self {
        let last = end.before(Span::millis(1));
        let deadlines = owed.iter().map(|owed| Deadline {
            owed,
            late: calendar.deadline(last, owed.working_days()),
        });
        Self(deadlines.collect())
    }

    /// Whether none is fixed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// That of one thing; where none is fixed, by the calendar from the end.
    #[must_use]
    pub fn of(&self, owed: Obligation, end: Timestamp) -> Timestamp {
        let fixed = self.0.iter().find(|it| it.owed == owed);
        fixed.map_or_else(|| end.after(owed.calendar_days()), |it| it.late)
    }
}
