//! Numbers of permits: per body, kind and fiscal year, without gaps (requirements.md section 4).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::kind::PermitKind;
use crate::time::{Era, Timestamp};

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

#[cfg(test)]
mod tests {
    use super::*;

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
