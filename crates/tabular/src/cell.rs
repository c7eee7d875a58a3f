//! What a cell holds.

use jiff::civil::Date;

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing. That is not the same as 0.
    #[default]
    Empty,
    /// Text, as entered.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A day, from a cell that is shown as one.
    Date(Date),
    /// The result of a formula that failed, such as `#REF!`.
    Broken(String),
}

impl Cell {
    /// Text, or nothing where there is none.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// Whether there is nothing in it but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// What it holds, as a person would type it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Broken(text) => text.clone(),
            // Shortest form that reads as the same number: whole ones without a point.
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Date(day) => day.to_string(),
        }
    }

    /// The number as a whole one from 0, where it is one.
    #[must_use]
    pub fn whole(&self) -> Option<u32> {
        match self {
            Self::Number(number) if number.fract() == 0.0 => {
                let in_range = (0.0..=f64::from(u32::MAX)).contains(number);
                // Checked to be whole and in range.
                in_range.then_some(*number as u32)
            }
            _ => None,
        }
    }
}

/// The day of a spreadsheet's serial number (1 is 1900-01-01, or counted from 1904-01-01); the time
/// of day is left out. None for numbers outside the calendar and for 1900-02-29, which never was.
#[must_use]
pub fn serial_day(serial: f64, from_1904: bool) -> Option<Date> {
    if !(0.0..=2_958_465.0).contains(&serial) {
        return None;
    }
    // In range and cut to the day.
    let days = serial.floor() as i32;
    let (first, days) = match (from_1904, days) {
        (true, days) => (jiff::civil::date(1904, 1, 1), days),
        (false, 0 | 60) => return None,
        (false, 1..=59) => (jiff::civil::date(1899, 12, 31), days),
        // The calendar of spreadsheets has a 1900-02-29.
        (false, days) => (jiff::civil::date(1899, 12, 30), days),
    };
    first
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// The serial number of a day from 1900-03-01 on.
#[must_use]
pub fn day_serial(day: Date) -> Option<u32> {
    let first = jiff::civil::date(1899, 12, 30);
    let days = day.since((jiff::Unit::Day, first)).ok()?.get_days();
    u32::try_from(days).ok().filter(|days| *days > 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn serial_numbers_are_days() {
        for (serial, day) in [
            (1.0, Some(date(1900, 1, 1))),
            (59.0, Some(date(1900, 2, 28))),
            (60.0, None),
            (61.0, Some(date(1900, 3, 1))),
            (46113.0, Some(date(2026, 4, 1))),
            (46113.75, Some(date(2026, 4, 1))),
            (2_958_465.0, Some(date(9999, 12, 31))),
            (2_958_466.0, None),
            (0.0, None),
            (-1.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(serial_day(serial, false), day, "{serial}");
        }
        assert_eq!(serial_day(0.0, true), Some(date(1904, 1, 1)));
        assert_eq!(day_serial(date(2026, 4, 1)), Some(46113));
        assert_eq!(day_serial(date(1900, 2, 28)), None);
    }

    #[test]
    fn numbers_are_shown_as_typed() {
        assert_eq!(Cell::Number(1234.0).shown(), "1234");
        assert_eq!(Cell::Number(0.5).shown(), "0.5");
        assert_eq!(Cell::Number(12.0).whole(), Some(12));
        assert_eq!(Cell::Number(12.5).whole(), None);
        assert_eq!(Cell::Number(-1.0).whole(), None);
        assert_eq!(Cell::Number(1e12).whole(), None);
    }
}
