//! Time: instants in UTC inside, Japan Standard Time and Japanese eras at the edges.

mod date;

use std::fmt;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

pub use date::parse_date;

/// An instant, as milliseconds since 1970-01-01T00:00:00Z.
///
/// Milliseconds because stored forms hold integers below 2^53 only.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time in milliseconds; never negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(i64);

/// Why a text or number is no instant or date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not in a form that is understood.
    #[error("not a date or time")]
    Form,
    /// Understood, but no such day exists (H31.5.1, 2026-02-30).
    #[error("no such day")]
    NoSuchDay,
    /// Outside the years 1900 to 2400 that the system keeps.
    #[error("outside the supported years")]
    Range,
}

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub const fn millis(count: u32) -> Self {
        Self(count as i64)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(count: u32) -> Self {
        Self(count as i64 * 1000)
    }

    /// So many minutes.
    #[must_use]
    pub const fn minutes(count: u32) -> Self {
        Self(count as i64 * 60_000)
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(count: u32) -> Self {
        Self(count as i64 * 3_600_000)
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(count: u32) -> Self {
        Self(count as i64 * 86_400_000)
    }

    /// The length in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The length in whole days, rounded down.
    #[must_use]
    pub const fn whole_days(self) -> i64 {
        self.0 / 86_400_000
    }
}

const JST: jiff::tz::Offset = jiff::tz::offset(9);

impl Timestamp {
    /// The instant so many milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant and a span after it.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This instant and a span before it.
    #[must_use]
    pub const fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long it is since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        let difference = self.0.saturating_sub(earlier.0);
        Span(if difference < 0 { 0 } else { difference })
    }

    fn zoned(self) -> jiff::Timestamp {
        // Clamped: a stored number outside the calendar must not stop a page from rendering.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The day in Japan at this instant.
    #[must_use]
    pub fn jst_date(self) -> Date {
        self.jst().date()
    }

    /// Date and time of day in Japan at this instant.
    #[must_use]
    pub fn jst(self) -> DateTime {
        JST.to_datetime(self.zoned())
    }

    /// The instant at which a day begins in Japan.
    ///
    /// # Errors
    /// [`TimeError::Range`] when the day is outside the calendar.
    pub fn start_of_jst_day(day: Date) -> Result<Self, TimeError> {
        let start = day.to_datetime(jiff::civil::Time::midnight());
        let instant = JST.to_timestamp(start).map_err(|_| TimeError::Range)?;
        Ok(Self(instant.as_millisecond()))
    }

    /// The instant at which its day began in Japan, which keeps the same time all year.
    #[must_use]
    pub const fn day_begun(self) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1_000;
        const AHEAD: i64 = 9 * 60 * 60 * 1_000;
        let into_the_day = self.0.saturating_add(AHEAD).rem_euclid(DAY);
        Self(self.0.saturating_sub(into_the_day))
    }

    /// `2026-11-23T10:15:00+09:00`.
    #[must_use]
    pub fn to_rfc3339_jst(self) -> String {
        format!("{}+09:00", self.jst().strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// `2026-11-23T01:15:00Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let utc = jiff::tz::Offset::UTC.to_datetime(self.zoned());
        format!("{}Z", utc.strftime("%Y-%m-%dT%H:%M:%S"))
    }

    /// `2026-11-23T01:15:00.250Z`, for machines that ask again with the very moment.
    #[must_use]
    pub fn to_rfc3339_millis(self) -> String {
        let utc = jiff::tz::Offset::UTC.to_datetime(self.zoned());
        format!(
            "{}.{:03}Z",
            utc.strftime("%Y-%m-%dT%H:%M:%S"),
            self.0.rem_euclid(1000)
        )
    }

    /// Reads what a person types: RFC 3339 with offset, a date (its beginning in Japan), or a
    /// date and time of day in Japan, with Western or era years.
    ///
    /// # Errors
    /// [`TimeError`] when it is none of these or no such day exists.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return in_range(Self(instant.as_millisecond()));
        }
        let (day, time) = match text.split_once(['T', ' ']) {
            Some((day, time)) => (day, Some(time.trim())),
            None => (text, None),
        };
        let day = crate::time::parse_date(day)?;
        let time = match time {
            None => jiff::civil::Time::midnight(),
            Some(time) => time.parse().map_err(|_| TimeError::Form)?,
        };
        let instant = JST
            .to_timestamp(day.to_datetime(time))
            .map_err(|_| TimeError::Range)?;
        in_range(Self(instant.as_millisecond()))
    }
}

fn in_range(instant: Timestamp) -> Result<Timestamp, TimeError> {
    let year = instant.jst().year();
    if (1900..2400).contains(&year) {
        Ok(instant)
    } else {
        Err(TimeError::Range)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// A Japanese era that administration still writes dates in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

impl Era {
    const ALL: [Self; 3] = [Self::Reiwa, Self::Heisei, Self::Showa];

    /// The era's name in Japanese.
    #[must_use]
    pub const fn kanji(self) -> &'static str {
        match self {
            Self::Showa => "昭和",
            Self::Heisei => "平成",
            Self::Reiwa => "令和",
        }
    }

    const fn square(self) -> char {
        match self {
            Self::Showa => '㍼',
            Self::Heisei => '㍻',
            Self::Reiwa => '㋿',
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Showa => 'S',
            Self::Heisei => 'H',
            Self::Reiwa => 'R',
        }
    }

    const fn first_day(self) -> Date {
        match self {
            Self::Showa => jiff::civil::date(1926, 12, 25),
            Self::Heisei => jiff::civil::date(1989, 1, 8),
            Self::Reiwa => jiff::civil::date(2019, 5, 1),
        }
    }

    /// The era of a day and the year in it; none before 昭和.
    #[must_use]
    pub fn of(day: Date) -> Option<(Self, i16)> {
        let era = Self::ALL.into_iter().find(|era| day >= era.first_day())?;
        Some((era, day.year() - era.first_day().year() + 1))
    }
}

/// A day as administration writes it: `令和8年4月1日`, the first year as 元年.
#[must_use]
pub fn era_date(day: Date) -> String {
    match Era::of(day) {
        Some((era, 1)) => format!("{}元年{}月{}日", era.kanji(), day.month(), day.day()),
        Some((era, year)) => {
            format!("{}{year}年{}月{}日", era.kanji(), day.month(), day.day())
        }
        None => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
    }
}

/// A half-open interval [from, until): permits, appointments and units are valid on these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first instant at which it holds.
    pub from: Timestamp,
    /// The first instant at which it no longer holds; open-ended when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Interval {
    /// From an instant, open-ended.
    #[must_use]
    pub const fn starting(from: Timestamp) -> Self {
        Self { from, until: None }
    }

    /// Whether the interval holds at an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether the interval contains any instant at all.
    #[must_use]
    pub fn is_proper(&self) -> bool {
        self.until.is_none_or(|until| self.from < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        let start = Timestamp::start_of_jst_day(jiff::civil::date(2026, 4, 1)).unwrap();
        assert_eq!(start.to_rfc3339(), "2026-03-31T15:00:00Z");
        assert_eq!(start.to_rfc3339_jst(), "2026-04-01T00:00:00+09:00");
        assert_eq!(Timestamp::parse("令和8年4月1日"), Ok(start));
        assert_eq!(Timestamp::parse("2026-03-31T15:00:00Z"), Ok(start));
        assert_eq!(Timestamp::parse("2026-04-01 00:00"), Ok(start));
        assert_eq!(era_date(start.jst_date()), "令和8年4月1日");
        let moment = Timestamp::from_millis(start.as_millis() + 7);
        assert_eq!(moment.to_rfc3339_millis(), "2026-03-31T15:00:00.007Z");
        assert_eq!(Timestamp::parse(&moment.to_rfc3339_millis()), Ok(moment));
    }

    #[test]
    fn an_interval_is_half_open() {
        let interval = Interval {
            from: Timestamp::from_millis(10),
            until: Some(Timestamp::from_millis(20)),
        };
        let held: Vec<i64> = [9, 10, 19, 20]
            .into_iter()
            .filter(|ms| interval.holds(Timestamp(*ms)))
            .collect();
        assert_eq!(held, [10, 19]);
    }
}
