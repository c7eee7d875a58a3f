//! Working days: deadlines that neither weekends nor public holidays eat up.
//!
//! A day on which an administrative organ is closed is a Saturday, a Sunday, a national holiday, or
//! one from 29 December to 3 January (行政機関の休日に関する法律 1条). The table of national holidays is
//! built in and can be replaced: the Cabinet Office announces the equinoxes of a year only in the
//! February before, and parliament moves holidays.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::time::{TimeError, Timestamp, parse_date};

/// Most holidays of one table.
pub const HOLIDAYS_MAX: usize = 4_096;
/// Least holidays of a year. There were nine from 1949 on, and never fewer since; a year with fewer
/// is a file that was cut short.
const LEAST_IN_A_YEAR: usize = 9;
/// Most working days that a deadline lies ahead.
pub const AHEAD_MAX: u32 = 2_500;

/// National holidays of whole years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Holidays(BTreeSet<Date>);

/// Why a table is not taken, and in which line where one is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolidayFault {
    /// It names no holiday.
    #[error("no holidays")]
    Empty,
    /// More than [`HOLIDAYS_MAX`].
    #[error("too many holidays")]
    TooMany,
    /// A line that does not begin with a day that exists.
    #[error("line {0}: not a day")]
    NotADay(usize),
    /// A day that stands twice.
    #[error("line {0}: a day that stands twice")]
    Twice(usize),
    /// A year with too few, or none, between the first and the last: the table was cut short.
    #[error("year {0} is not whole")]
    YearNotWhole(i16),
}

impl HolidayFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "holidays.empty",
            Self::TooMany => "holidays.too-many",
            Self::NotADay(_) => "holidays.not-a-day",
            Self::Twice(_) => "holidays.twice",
            Self::YearNotWhole(_) => "holidays.year-not-whole",
        }
    }
}

impl Holidays {
    /// The table that is built in: `catalog/holidays.csv`.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static TABLE: LazyLock<Holidays> = LazyLock::new(|| {
            let text = include_str!("../../../catalog/holidays.csv");
            Holidays::read(text.as_bytes()).expect("a test reads the very same file")
        });
        &TABLE
    }

    /// Whether a file looks like a table of holidays: its first line with digits begins with a day.
    #[must_use]
    pub fn are_in(file: &[u8]) -> bool {
        let mut lines = lines(file).filter(|(_, line)| !line.is_empty());
        let first = lines.next();
        let second = lines.next();
        [first, second]
            .into_iter()
            .flatten()
            .any(|(_, line)| day(line).is_ok() && line.contains(&b','))
    }

    /// Reads a table in the form in which the Cabinet Office gives it out (`syukujitsu.csv`): a day
    /// and its name on each line, after a line of headings. Names are passed over, so that any
    /// encoding will do in which digits are those of ASCII. Days can also be written `2026-01-01`
    /// or `R8.1.1`.
    ///
    /// # Errors
    /// [`HolidayFault`].
    pub fn read(file: &[u8]) -> Result<Self, HolidayFault> {
        let mut days = BTreeSet::new();
        for (number, line) in lines(file) {
            let heading = days.is_empty() && !line.iter().take(8).any(u8::is_ascii_digit);
            if line.is_empty() || heading {
                continue;
            }
            if days.len() == HOLIDAYS_MAX {
                return Err(HolidayFault::TooMany);
            }
            let day = day(line).map_err(|_| HolidayFault::NotADay(number))?;
            if !days.insert(day) {
                return Err(HolidayFault::Twice(number));
            }
        }
        Self::whole(days)
    }

    fn whole(days: BTreeSet<Date>) -> Result<Self, HolidayFault> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Err(HolidayFault::Empty);
        };
        for year in first.year()..=last.year() {
            let in_year = days.iter().filter(|day| day.year() == year).count();
            if in_year < LEAST_IN_A_YEAR {
                return Err(HolidayFault::YearNotWhole(year));
            }
        }
        Ok(Self(days))
    }

    /// The days, in order.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.0.iter().copied()
    }

    /// How many days there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none. A table that was read has some.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first and the last year that the table knows.
    #[must_use]
    pub fn years(&self) -> (i16, i16) {
        let year = |day: Option<&Date>| day.map_or(0, |day| day.year());
        (year(self.0.first()), year(self.0.last()))
    }

    fn knows(&self, year: i16) -> bool {
        let (first, last) = self.years();
        (first..=last).contains(&year)
    }
}

impl TryFrom<Vec<String>> for Holidays {
    type Error = HolidayFault;

    fn try_from(list: Vec<String>) -> Result<Self, HolidayFault> {
        if list.len() > HOLIDAYS_MAX {
            return Err(HolidayFault::TooMany);
        }
        let read = |(at, text): (usize, &String)| {
            parse_date(text).map_err(|_| HolidayFault::NotADay(at + 1))
        };
        let days: Result<BTreeSet<Date>, _> = list.iter().enumerate().map(read).collect();
        Self::whole(days?)
    }
}

impl From<Holidays> for Vec<String> {
    fn from(table: Holidays) -> Self {
        table.0.iter().map(Date::to_string).collect()
    }
}

fn lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let lines = file.split(|byte| *byte == b'\n');
    lines
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim_ascii()))
}

fn day(line: &[u8]) -> Result<Date, TimeError> {
    let field = line.split(|byte| *byte == b',').next().unwrap_or_default();
    let field = field.strip_prefix(b"\"").unwrap_or(field);
    let field = field.strip_suffix(b"\"").unwrap_or(field);
    let text = std::str::from_utf8(field).map_err(|_| TimeError::Form)?;
    parse_date(text)
}

/// The working days as they are counted now: the built-in table and, for the years that it knows,
/// the one that was brought in.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    brought_in: Option<&'a Holidays>,
}

impl<'a> Calendar<'a> {
    /// A calendar over the table that was brought in, if one was.
    #[must_use]
    pub const fn new(brought_in: Option<&'a Holidays>) -> Self {
        Self { brought_in }
    }

    fn table(&self, year: i16) -> Option<&Holidays> {
        let brought_in = self.brought_in.filter(|table| table.knows(year));
        brought_in.or_else(|| Some(Holidays::built_in()).filter(|table| table.knows(year)))
    }

    /// Whether the holidays of a day's year are known. Where they are not, only weekends and the
    /// turn of the year are left out, and a deadline comes too early rather than too late.
    #[must_use]
    pub fn knows(&self, day: Date) -> bool {
        self.table(day.year()).is_some()
    }

    /// Whether work is done on a day.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let turn_of_the_year = matches!((day.month(), day.day()), (12, 29..) | (1, ..=3));
        let holiday = self
            .table(day.year())
            .is_some_and(|table| table.0.contains(&day));
        !weekend && !turn_of_the_year && !holiday
    }

    /// The so-manieth working day after a day, which itself is not counted (民法 140条). For 0, and
    /// past [`AHEAD_MAX`], what is given is bounded.
    #[must_use]
    pub fn after(&self, day: Date, working_days: u32) -> Date {
        self.step(day, working_days, |day| day.tomorrow())
    }

    /// The so-manieth working day before a day, which itself is not counted.
    #[must_use]
    pub fn before(&self, day: Date, working_days: u32) -> Date {
        self.step(day, working_days, |day| day.yesterday())
    }

    fn step(
        &self,
        mut day: Date,
        working_days: u32,
        next: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Date {
        let mut left = working_days.min(AHEAD_MAX);
        while left > 0 {
            // The calendar ends with the year 9999: nothing is due after that.
            let Ok(then) = next(day) else { return day };
            day = then;
            left -= u32::from(self.is_working_day(day));
        }
        day
    }

    /// The first instant at which something is late that was to be done within so many working
    /// days of an instant: the last of them is still in time, in Japan.
    #[must_use]
    pub fn deadline(&self, from: Timestamp, working_days: u32) -> Timestamp {
        let last = self.after(from.jst_date(), working_days);
        let late = last
            .tomorrow()
            .ok()
            .and_then(|day| Timestamp::start_of_jst_day(day).ok());
        late.unwrap_or(from)
    }

    /// How many working days are left until an instant from which on it is late: those after today
    /// up to the last day in time. None where it is late already.
    #[must_use]
    pub fn left(&self, now: Timestamp, late: Timestamp) -> Option<u32> {
        if late <= now {
            return None;
        }
        let last = Timestamp::from_millis(late.as_millis() - 1).jst_date();
        let (mut day, mut left) = (now.jst_date(), 0);
        while day < last && left < AHEAD_MAX {
            day = day.tomorrow().ok()?;
            left += u32::from(self.is_working_day(day));
        }
        Some(left)
    }
}
