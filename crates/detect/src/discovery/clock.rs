//! When a line was written. Logs say it in many ways; some leave out the year, most the zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// A time as a line bears it, not yet understood: lines that concern no service are never asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stamp<'a> {
    /// Milliseconds since 1970 (UTC).
    Millis(i64),
    /// RFC 3339, the offset may be missing.
    Iso(&'a str),
    /// `Nov 29 16:00:00` (RFC 3164): no year, no zone.
    Syslog(&'a str),
    /// `29-Nov-2026 16:00:00.123`: no zone.
    DayMonthYear(&'a str),
    /// Date and time as Windows writes them in the language of the server: no zone.
    Windows(&'a str),
}

/// What lines leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    offset: Offset,
    newest: Timestamp,
    /// A later moment is none that can have been.
    latest: i64,
}

/// Why a clock cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockError;

/// How far a line may lie ahead of now, and one without a year ahead of the newest moment, in seconds: clocks differ.
const AHEAD: i64 = 24 * 3600;

impl Clock {
    /// Lines without a zone are of this offset (seconds east of UTC); lines without a year are of
    /// the latest year in which they are not later than `newest` (milliseconds since 1970), with a
    /// day's grace. It is as late as `newest` unless [`Clock::with_now`] says otherwise.
    ///
    /// # Errors
    /// Where no zone has such an offset or no calendar such a moment.
    pub fn new(offset_seconds: i32, newest: i64) -> Result<Self, ClockError> {
        Ok(Self {
            offset: Offset::from_seconds(offset_seconds).map_err(|_| ClockError)?,
            newest: Timestamp::from_millisecond(newest).map_err(|_| ClockError)?,
            latest: newest.saturating_add(AHEAD * 1000),
        })
    }

    /// Says how late it is (milliseconds since 1970).
    #[must_use]
    pub const fn with_now(self, now: i64) -> Self {
        Self {
            latest: now.saturating_add(AHEAD * 1000),
            ..self
        }
    }

    /// The moment, in milliseconds since 1970; none where it cannot be read, is no date, or lies more than a day
    /// ahead of now: a clock that is wrong, or was made up.
    #[must_use]
    pub fn read(&self, stamp: Stamp<'_>) -> Option<i64> {
        self.said(stamp).filter(|at| *at <= self.latest)
    }

    fn said(&self, stamp: Stamp<'_>) -> Option<i64> {
        match stamp {
            Stamp::Millis(at) => Timestamp::from_millisecond(at).ok().map(|_| at),
            Stamp::Iso(text) => self.iso(text),
            Stamp::Syslog(text) => self.syslog(text),
            Stamp::DayMonthYear(text) => self.local(day_month_year(text)?),
            Stamp::Windows(text) => self.local(windows(text)?),
        }
    }

    /// The day of a moment, where lines without a zone are written.
    #[must_use]
    pub fn day(&self, at: i64) -> Option<Date> {
        let at = Timestamp::from_millisecond(at).ok()?;
        Some(self.offset.to_datetime(at).date())
    }

    fn local(&self, at: DateTime) -> Option<i64> {
        let at = self.offset.to_timestamp(at).ok()?;
        Some(at.as_millisecond())
    }

    fn iso(&self, text: &str) -> Option<i64> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(at.as_millisecond());
        }
        // `+0900` without a colon, as some loggers write it, is read by jiff too; what is left has
        // no zone at all.
        self.local(text.parse().ok()?)
    }

    fn syslog(&self, text: &str) -> Option<i64> {
        let mut words = text.split_ascii_whitespace();
        let (month, day, time) = (words.next()?, words.next()?, words.next()?);
        let (month, day, time) = (month_of(month)?, day.parse::<i8>().ok()?, time_of(time)?);
        let latest = self.newest.as_second().checked_add(AHEAD)?;
        let year = self.offset.to_datetime(self.newest).year();
        // Eight years back, so that a 29 February is found over a century's end too.
        (0..=9).find_map(|back| {
            let date = Date::new(year.checked_add(1)?.checked_sub(back)?, month, day).ok()?;
            let at = self.local(date.to_datetime(time))?;
            (at.div_euclid(1000) <= latest).then_some(at)
        })
    }
}

fn month_of(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = MONTHS.iter().position(|month| *month == name)?;
    i8::try_from(at + 1).ok()
}

fn time_of(text: &str) -> Option<Time> {
    text.parse().ok()
}

fn day_month_year(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date = Date::new(year.parse().ok()?, month_of(month)?, day.parse().ok()?).ok()?;
    Some(date.to_datetime(time_of(time)?))
}

/// Year first is year, month, day; dots are day, month, year; strokes are month, day, year on a
/// clock of twelve hours and day, month, year on one of twenty-four.
fn windows(text: &str) -> Option<DateTime> {
    let mut words = text.split_ascii_whitespace();
    let (date, time, half) = (words.next()?, words.next()?, words.next());
    let mark = date.chars().find(|it| !it.is_ascii_digit())?;
    let mut numbers = date.split(mark).map(str::parse::<i16>);
    let mut number = || numbers.next()?.ok();
    let (first, second, third) = (number()?, number()?, number()?);
    let (year, month, day) = match (mark, half) {
        _ if first > 31 => (first, second, third),
        ('/', Some(_)) => (third, first, second),
        ('/' | '.' | '-', _) => (third, second, first),
        _ => return None,
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let mut parts = time.split(':').map(str::parse::<i8>);
    let mut part = || parts.next()?.ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    let hour = match half {
        None => hour,
        Some("AM" | "午前") if (1..=12).contains(&hour) => hour % 12,
        Some("PM" | "午後") if (1..=12).contains(&hour) => hour % 12 + 12,
        Some(_) => return None,
    };
    Some(date.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JST: i32 = 9 * 3600;

    fn read(newest: &str, stamp: Stamp<'_>) -> Option<String> {
        let newest: Timestamp = newest.parse().unwrap();
        let clock = Clock::new(JST, newest.as_millisecond()).unwrap();
        let at = clock.read(stamp)?;
        Some(Timestamp::from_millisecond(at).unwrap().to_string())
    }

    const WAYS: &[(Stamp<'_>, Option<&str>)] = &[
        (
            Stamp::Millis(1_795_935_600_123),
            Some("2026-11-29T07:00:00.123Z"),
        ),
        (
            Stamp::Iso("2026-11-29T16:00:00.123+09:00"),
            Some("2026-11-29T07:00:00.123Z"),
        ),
        (
            Stamp::Iso("2026-11-29T07:00:00Z"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (
            Stamp::Iso("2026-11-29T16:00:00"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (Stamp::Iso("yesterday"), None),
        (
            Stamp::Syslog("Nov 29 16:00:00"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (
            Stamp::Syslog("Nov  9 16:00:00"),
            Some("2026-11-09T07:00:00Z"),
        ),
        (
            Stamp::Syslog("Dec 31 23:59:59"),
            Some("2025-12-31T14:59:59Z"),
        ),
        (
            Stamp::Syslog("Feb 29 12:00:00"),
            Some("2024-02-29T03:00:00Z"),
        ),
        (Stamp::Syslog("Feb 30 12:00:00"), None),
        (Stamp::Syslog("Nov 29 25:00:00"), None),
        (
            Stamp::DayMonthYear("29-Nov-2026 16:00:00.123"),
            Some("2026-11-29T07:00:00.123Z"),
        ),
        (
            Stamp::Windows("11/29/2026 4:00:00 PM"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (
            Stamp::Windows("11/29/2026 12:30:00 AM"),
            Some("2026-11-28T15:30:00Z"),
        ),
        (
            Stamp::Windows("2026/11/29 16:00:00"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (
            Stamp::Windows("29.11.2026 16:00:00"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (
            Stamp::Windows("29/11/2026 16:00:00"),
            Some("2026-11-29T07:00:00Z"),
        ),
        (Stamp::Windows("2026/13/29 16:00:00"), None),
        (Stamp::Windows("2026/11/29 16:00:00 XM"), None),
    ];

    #[test]
    fn every_way_of_writing_a_time_is_read() {
        for (stamp, at) in WAYS {
            let said = read("2026-11-30T00:00:00Z", *stamp);
            assert_eq!(said.as_deref(), *at, "{stamp:?}");
        }
    }

    /// A file that was copied may bear an old date; what counts is how late it is.
    #[test]
    fn a_moment_more_than_a_day_ahead_of_now_is_none() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let clock = Clock::new(JST, at("2026-11-20T00:00:00Z")).unwrap();
        let later = clock.with_now(at("2026-11-29T07:00:00Z"));
        for (said, of_the_file, of_now) in [
            ("2026-11-20T23:59:59Z", true, true),
            ("2026-11-21T00:00:01Z", false, true),
            ("2026-11-30T07:00:00Z", false, true),
            ("2026-11-30T07:00:01Z", false, false),
            ("2030-01-01T00:00:00Z", false, false),
        ] {
            for stamp in [Stamp::Iso(said), Stamp::Millis(at(said))] {
                let read = [clock, later].map(|it| it.read(stamp).is_some());
                assert_eq!(read, [of_the_file, of_now], "{said}");
            }
        }
        assert_eq!(later.read(Stamp::Windows("2030/01/01 09:00:00")), None);
        let wrong = Stamp::DayMonthYear("01-Jan-2030 09:00:00.000");
        assert_eq!(later.read(wrong), None);
    }

    #[test]
    fn a_line_of_the_turn_of_the_year_is_of_the_year_in_which_it_lies() {
        // A log of January ends with lines of December, and a clock may be a little ahead.
        let newest = "2027-01-01T00:00:00Z";
        let of = |text| read(newest, Stamp::Syslog(text));
        assert_eq!(
            of("Dec 31 23:00:00").as_deref(),
            Some("2026-12-31T14:00:00Z")
        );
        assert_eq!(
            of("Jan  1 10:00:00").as_deref(),
            Some("2027-01-01T01:00:00Z")
        );
        let newest = "2026-12-31T14:59:00Z";
        let ahead = read(newest, Stamp::Syslog("Jan  1 00:05:00"));
        assert_eq!(ahead.as_deref(), Some("2026-12-31T15:05:00Z"));
    }
}
