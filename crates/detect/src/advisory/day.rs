//! Calendar days in feeds, and their conversion to milliseconds since the Unix epoch, UTC.

use jiff::civil::Date;

use super::error::FeedFault;

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// No feed has data from before this year; an older date is an error in the data.
const FIRST_YEAR: i16 = 1990;

/// Parses `YYYY-MM-DD` strictly.
///
/// # Errors
/// [`FeedFault::BadDate`] for any other form, a day that does not exist, or a year before 1990.
pub fn parse_day(text: &str) -> Result<Date, FeedFault> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shape {
        return Err(FeedFault::BadDate);
    }
    let date: Date = text.parse().map_err(|_| FeedFault::BadDate)?;
    if date.year() < FIRST_YEAR {
        return Err(FeedFault::BadDate);
    }
    Ok(date)
}

/// Midnight UTC at the start of the day, in milliseconds since the Unix epoch.
pub fn day_start_ms(day: Date) -> i64 {
    day.duration_since(Date::constant(1970, 1, 1)).as_secs() * 1000
}

/// The UTC day that a time (milliseconds since the Unix epoch) falls on.
///
/// Times outside the calendar's range saturate at its ends.
pub fn day_of_ms(ms: i64) -> Date {
    let days = ms.div_euclid(DAY_MS);
    let span = jiff::SignedDuration::from_hours(days.saturating_mul(24));
    Date::constant(1970, 1, 1)
        .checked_add(span)
        .unwrap_or(if ms < 0 { Date::MIN } else { Date::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip() {
        for text in [
            "1996-06-17",
            "1999-12-31",
            "2024-02-29",
            "2026-11-22",
            "2033-06-30",
        ] {
            let day = parse_day(text).unwrap();
            assert_eq!(day_of_ms(day_start_ms(day)), day);
            assert_eq!(day_of_ms(day_start_ms(day) + DAY_MS - 1), day);
        }
        assert_eq!(
            day_start_ms(parse_day("2026-11-22").unwrap()),
            1_795_305_600_000
        );
    }

    #[test]
    fn impossible_days_are_refused() {
        for text in [
            "2026-02-30",
            "2026-13-01",
            "0000-00-00",
            "1970-01-01",
            "2026-1-1",
            "",
            "+02026-01-01",
            "2026-11-22T00:00",
        ] {
            assert_eq!(parse_day(text), Err(FeedFault::BadDate), "{text}");
        }
    }

    #[test]
    fn extreme_times_do_not_panic() {
        assert_eq!(day_of_ms(i64::MAX), Date::MAX);
        assert_eq!(day_of_ms(i64::MIN), Date::MIN);
    }
}
