//! Days as people in Japanese offices write them.

use jiff::civil::Date;

use super::{Era, TimeError};
use crate::fold;

/// Longest text that is looked at, in bytes.
const TEXT_MAX: usize = 200;

/// Reads a day as people in Japanese offices write it: `2026-04-01`, `2026/4/1`, `20260401`,
/// `2026年4月1日`, `令和8年4月1日`, `令8.4.1`, `R8.4.1`, `H31.4.30`, `令和元年5月1日`,
/// `令和8年（2026年）4月1日（水）`, also with full-width digits and with spaces. The era must be the
/// one in force on that day, and years given twice must agree.
///
/// # Errors
/// [`TimeError::Form`] for other texts, [`TimeError::NoSuchDay`] for days that never were
/// (H31.5.1, R0.1.1, 2026-02-30).
pub fn parse_date(text: &str) -> Result<Date, TimeError> {
    if text.len() > TEXT_MAX {
        return Err(TimeError::Form);
    }
    let mut folded = fold::width(text);
    folded.retain(|c| !c.is_whitespace());
    let (plain, asides) = split_asides(&folded)?;
    let day = plain_date(&plain)?;
    for aside in asides {
        let agrees = match aside.as_str() {
            weekday if is_weekday(weekday) => true,
            other => match plain_date(other) {
                Ok(same) => same == day,
                Err(TimeError::Form) => year_of(other, day)?,
                Err(error) => return Err(error),
            },
        };
        if !agrees {
            return Err(TimeError::NoSuchDay);
        }
    }
    Ok(day)
}

/// What stands in parentheses, apart from the rest.
fn split_asides(text: &str) -> Result<(String, Vec<String>), TimeError> {
    let mut plain = String::new();
    let mut asides = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('(') {
        let (aside, after) = inside.split_once(')').ok_or(TimeError::Form)?;
        plain.push_str(before);
        asides.push(aside.to_owned());
        rest = after;
    }
    plain.push_str(rest);
    Ok((plain, asides))
}

fn is_weekday(text: &str) -> bool {
    let mut letters = text.trim_end_matches("曜日").chars();
    matches!((letters.next(), letters.next()), (Some(day), None) if "月火水木金土日".contains(day))
}

/// Whether a year said again, of either kind, is the year of the day.
fn year_of(text: &str, day: Date) -> Result<bool, TimeError> {
    let (era, rest) = split_era(text);
    let year = number(rest.trim_end_matches('年'), era)?;
    Ok(match era {
        Some(era) => Era::of(day) == Some((era, year)),
        None => day.year() == year,
    })
}

fn plain_date(text: &str) -> Result<Date, TimeError> {
    let (era, rest) = split_era(text);
    let (year, month, day) = if era.is_none() && rest.len() == 8 && is_digits(rest) {
        let part = |from: usize, to: usize| rest[from..to].parse().map_err(|_| TimeError::Form);
        (part(0, 4)?, part(4, 6)?, part(6, 8)?)
    } else {
        let rest = rest.strip_suffix('日').unwrap_or(rest);
        let mut parts = rest.split(['-', '/', '.', '年', '月']);
        let mut next = || parts.next().ok_or(TimeError::Form);
        let (year, month, day) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(TimeError::Form);
        }
        (number(year, era)?, number(month, None)?, number(day, None)?)
    };
    let western = match era {
        // Two digits without an era could be either calendar.
        None if year < 1000 => return Err(TimeError::Form),
        None => year,
        Some(_) if year < 1 => return Err(TimeError::NoSuchDay),
        Some(era) => era.first_day().year() + year - 1,
    };
    let narrow = |part: i16| i8::try_from(part).map_err(|_| TimeError::NoSuchDay);
    let date =
        Date::new(western, narrow(month)?, narrow(day)?).map_err(|_| TimeError::NoSuchDay)?;
    match era {
        Some(era) if Era::of(date).map(|(actual, _)| actual) != Some(era) => {
            Err(TimeError::NoSuchDay)
        }
        _ => Ok(date),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number of at most four digits; `元` where a year of an era stands.
fn number(text: &str, era: Option<Era>) -> Result<i16, TimeError> {
    if text == "元" && era.is_some() {
        return Ok(1);
    }
    if text.len() > 4 || !is_digits(text) {
        return Err(TimeError::Form);
    }
    text.parse().map_err(|_| TimeError::Form)
}

fn split_era(text: &str) -> (Option<Era>, &str) {
    for era in Era::ALL {
        let name = era.kanji();
        let first = name.chars().next().unwrap_or_default();
        let letter = era.letter();
        let rest = text
            .strip_prefix(name)
            .or_else(|| text.strip_prefix(era.square()))
            .or_else(|| text.strip_prefix(first))
            .or_else(|| text.strip_prefix([letter, letter.to_ascii_lowercase()]));
        if let Some(rest) = rest {
            return (Some(era), rest.strip_prefix('.').unwrap_or(rest));
        }
    }
    (None, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_offices_write_them() {
        let cases = [
            ("2026-04-01", (2026, 4, 1)),
            ("2026/4/1", (2026, 4, 1)),
            ("20260401", (2026, 4, 1)),
            ("２０２６年４月１日", (2026, 4, 1)),
            ("令和8年4月1日", (2026, 4, 1)),
            ("令和　8年 4月 1日", (2026, 4, 1)),
            ("令和8年（2026年）4月1日（水）", (2026, 4, 1)),
            ("2026年(令和8年)4月1日", (2026, 4, 1)),
            ("2026-04-01（令和8年4月1日）", (2026, 4, 1)),
            ("R8.4.1", (2026, 4, 1)),
            ("r08/04/01", (2026, 4, 1)),
            ("Ｒ８．４．１", (2026, 4, 1)),
            ("令8.4.1", (2026, 4, 1)),
            ("㋿8年4月1日", (2026, 4, 1)),
            ("令和元年5月1日", (2019, 5, 1)),
            ("H31.4.30", (2019, 4, 30)),
            ("S64.1.7", (1989, 1, 7)),
            ("㍻元.1.8", (1989, 1, 8)),
        ];
        for (text, (y, m, d)) in cases {
            assert_eq!(parse_date(text), Ok(jiff::civil::date(y, m, d)), "{text}");
        }
    }

    #[test]
    fn days_that_never_were_are_told_from_what_is_no_day() {
        for text in [
            "H31.5.1",
            "R1.4.30",
            "R0.1.1",
            "S64.1.8",
            "2026-02-30",
            "20260230",
            "令和8年13月1日",
            "令和8年（2025年）4月1日",
            "2026-04-01（令和8年4月2日）",
        ] {
            assert_eq!(parse_date(text), Err(TimeError::NoSuchDay), "{text}");
        }
        for text in [
            "2026-04",
            "",
            "8.4.1",
            "26/4/1",
            "元年5月1日",
            "R+8.4.1",
            "4月1日",
            "R8.4.1.1",
            "2026-04-01（予定）",
            "2026-04-01（",
            "令和",
            "45748",
        ] {
            assert_eq!(parse_date(text), Err(TimeError::Form), "{text}");
        }
        assert_eq!(parse_date(&"1".repeat(5000)), Err(TimeError::Form));
    }
}
