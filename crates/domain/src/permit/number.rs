//! Numbers of permits: per body, kind and fiscal year, without gaps (requirements.md section 4).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::kind::PermitKind;
use crate::fold;
use crate::time::{Era, Timestamp, parse_date};

crate::choice! {
    /// Half of a fiscal year.
    pub enum Half {
        /// 上半期: April to September.
        First = "first",
        /// 下半期: October to March.
        Second = "second",
    }
}

/// The span in which numbers run from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NumberSeries {
    /// Of which kind.
    pub kind: PermitKind,
    /// The fiscal year: 2026 is 令和8年度, from April 2026 to March 2027.
    pub year: i16,
    /// The half, where numbers run by half-year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half: Option<Half>,
}

impl NumberSeries {
    /// The series in which a decision at an instant is numbered.
    #[must_use]
    pub fn at(kind: PermitKind, now: Timestamp, by_half: bool) -> Self {
        let day = now.jst_date();
        let year = fiscal_year(day);
        let half = if (4..=9).contains(&day.month()) {
            Half::First
        } else {
            Half::Second
        };
        Self {
            kind,
            year,
            half: by_half.then_some(half),
        }
    }
}

/// The fiscal year of a day: April to March.
#[must_use]
pub fn fiscal_year(day: Date) -> i16 {
    if day.month() >= 4 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// The number of a permit, printed 令和8年度第123号 or 令和8年度上半期第123号. The kind is said beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PermitNumber {
    /// Where it runs.
    #[serde(flatten)]
    pub series: NumberSeries,
    /// From 1.
    pub serial: u32,
}

impl fmt::Display for PermitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.series.year;
        // 令和元年度 begins in April 2019: offices call a fiscal year after the era of its May.
        match Era::of(jiff::civil::date(year, 5, 1)) {
            Some((era, 1)) => write!(f, "{}元年度", era.kanji())?,
            Some((era, year)) => write!(f, "{}{year}年度", era.kanji())?,
            None => write!(f, "{year}年度")?,
        }
        match self.series.half {
            None => {}
            Some(Half::First) => f.write_str("上半期")?,
            Some(Half::Second) => f.write_str("下半期")?,
        }
        write!(f, "第{}号", self.serial)
    }
}

/// A number as people look for it: `令和8年度第123号`, `R8-123`, `2026-123`, `第123号`, `123`. What is
/// left out may be anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoughtNumber {
    year: Option<i16>,
    half: Option<Half>,
    serial: u32,
}

impl SoughtNumber {
    /// Reads it, in any width and with or without blanks; none for what is no number of a permit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut folded = fold::width(text);
        folded.retain(|c| !c.is_whitespace());
        let plain = folded.strip_suffix('号').unwrap_or(&folded);
        let (head, serial) = plain
            .rsplit_once('第')
            .or_else(|| plain.rsplit_once('-'))
            .unwrap_or(("", plain));
        let is_number = !serial.is_empty() && serial.bytes().all(|b| b.is_ascii_digit());
        let serial = serial.parse().ok().filter(|_| is_number)?;
        let (head, half) = if let Some(head) = head.strip_suffix("上半期") {
            (head, Some(Half::First))
        } else if let Some(head) = head.strip_suffix("下半期") {
            (head, Some(Half::Second))
        } else {
            (head, None)
        };
        let year = match head {
            "" => None,
            head => Some(named_year(head)?),
        };
        Some(Self { year, half, serial })
    }

    /// Whether a number is one that is looked for.
    #[must_use]
    pub fn fits(&self, number: &PermitNumber) -> bool {
        number.serial == self.serial
            && self.year.is_none_or(|year| number.series.year == year)
            && self
                .half
                .is_none_or(|half| number.series.half == Some(half))
    }
}

/// A fiscal year by its name: `令和8年度`, `R8`, `2026年度`. The last of an era begins before the era
/// ends.
fn named_year(text: &str) -> Option<i16> {
    let year = text.trim_end_matches('度').trim_end_matches('年');
    let day = |day: &str| parse_date(&format!("{year}年{day}")).ok();
    day("5月1日").or_else(|| day("4月1日")).map(fiscal_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_written() {
        let given = |day: &str, by_half| {
            let now = Timestamp::parse(day).unwrap();
            let series = NumberSeries::at(PermitKind::Telework, now, by_half);
            PermitNumber {
                series,
                serial: 123,
            }
        };
        let whole = given("2026-06-01", false);
        let half = given("2026-06-01", true);
        for (text, year, by_half) in [
            ("令和8年度第123号", true, true),
            ("令和８年度 第１２３号", true, true),
            ("R8-123", true, true),
            ("2026-123", true, true),
            ("2026年度第123号", true, true),
            ("第123号", true, true),
            ("123", true, true),
            ("令和8年度上半期第123号", false, true),
            ("令和8年度下半期第123号", false, false),
            ("令和9年度第123号", false, false),
            ("第124号", false, false),
        ] {
            let sought = SoughtNumber::parse(text).unwrap();
            assert_eq!(sought.fits(&whole), year, "{text}");
            assert_eq!(sought.fits(&half), by_half, "{text}");
        }
        for day in ["2019-04-01", "2019-03-31"] {
            let number = given(day, false);
            let sought = SoughtNumber::parse(&number.to_string()).unwrap();
            assert!(sought.fits(&number), "{number}");
        }
        for text in [
            "",
            "佐藤",
            "第号",
            "令和第3号",
            "-",
            "R8-",
            "99999999999",
            "+5",
        ] {
            assert_eq!(SoughtNumber::parse(text), None, "{text}");
        }
    }

    fn number(day: &str, by_half: bool) -> String {
        let now = Timestamp::parse(day).unwrap();
        let series = NumberSeries::at(PermitKind::Telework, now, by_half);
        PermitNumber {
            series,
            serial: 123,
        }
        .to_string()
    }

    #[test]
    fn numbers_are_printed_by_fiscal_year_or_half() {
        assert_eq!(number("2026-04-01", false), "令和8年度第123号");
        assert_eq!(number("2027-03-31", false), "令和8年度第123号");
        assert_eq!(number("2027-04-01", false), "令和9年度第123号");
        assert_eq!(number("2026-09-30", true), "令和8年度上半期第123号");
        assert_eq!(number("2026-10-01", true), "令和8年度下半期第123号");
        assert_eq!(number("2027-03-31", true), "令和8年度下半期第123号");
        assert_eq!(number("2019-04-01", false), "令和元年度第123号");
        assert_eq!(number("2019-03-31", false), "平成30年度第123号");
        // Japan's day counts, not that of UTC.
        assert_eq!(number("2026-03-31T15:00:00Z", false), "令和8年度第123号");
    }
}
