//! EPSS: the estimated probability that a CVE is exploited in the next 30 days (FIRST.org).

use std::io::Read;

use serde::Serialize;

use super::cve::CveId;
use super::day::{day_start_ms, parse_day};
use super::error::{FeedError, FeedFault};
use super::guard::Text;

/// An EPSS score, in units of 1/100,000 (the precision it is published with).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Epss {
    /// Probability of exploitation, 0 to 100,000.
    pub score: u32,
    /// Share of all CVEs with the same or a lower score, 0 to 100,000.
    pub percentile: u32,
}

pub(crate) struct Parsed {
    /// The score date, where the file has its first comment line.
    pub(crate) as_of: Option<i64>,
    pub(crate) rows: Vec<(CveId, Epss)>,
}

pub(crate) fn parse<R: Read>(text: &mut Text<R>, max: usize) -> Result<Parsed, FeedError> {
    let mut parsed = Parsed {
        as_of: None,
        rows: Vec::new(),
    };
    loop {
        let number = text.line_number() + 1;
        let Some(line) = text.next_line()? else {
            return Ok(parsed);
        };
        let at = |fault| FeedError::at_line(fault, number);
        if let Some(comment) = line.strip_prefix('#') {
            parsed.as_of = score_date(comment)
                .transpose()
                .map_err(at)?
                .or(parsed.as_of);
        } else if line != "cve,epss,percentile" && !line.is_empty() {
            parsed.rows.push(row(line).map_err(at)?);
        }
        if parsed.rows.len() > max {
            return Err(at(FeedFault::TooManyEntries(max)));
        }
    }
}

fn score_date(comment: &str) -> Option<Result<i64, FeedFault>> {
    let value = comment
        .split(',')
        .find_map(|part| part.trim().strip_prefix("score_date:"))?;
    let day = value
        .get(..10)
        .ok_or(FeedFault::BadDate)
        .and_then(parse_day);
    Some(day.map(day_start_ms))
}

fn row(line: &str) -> Result<(CveId, Epss), FeedFault> {
    let mut fields = line.split(',');
    let cve = fields
        .next()
        .and_then(|t| t.parse().ok())
        .ok_or(FeedFault::BadField("cve"))?;
    let score = fields
        .next()
        .and_then(parts)
        .ok_or(FeedFault::BadField("epss"))?;
    let percentile = fields
        .next()
        .and_then(parts)
        .ok_or(FeedFault::BadField("percentile"))?;
    Ok((cve, Epss { score, percentile }))
}

/// A decimal from 0 to 1 in units of 1/100,000, without floating point; finer digits are cut off.
fn parts(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = matches!(whole, "0" | "1")
        .then(|| whole.parse().ok())
        .flatten()?;
    if fraction.len() > 18 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digit = |i: usize| {
        fraction
            .as_bytes()
            .get(i)
            .map_or(0, |b| u32::from(b - b'0'))
    };
    let value = (0..5).fold(whole, |value, i| value * 10 + digit(i));
    (value <= 100_000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_parts() {
        for (text, value) in [
            ("0.00346", 346),
            ("1.0", 100_000),
            ("0", 0),
            ("0.9", 90_000),
            ("0.012345678", 1234),
        ] {
            assert_eq!(parts(text), Some(value), "{text}");
        }
        for text in ["", "2.0", "1.00001", "-0.1", "0.1e-3", "NaN", "0,1", ".5"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
