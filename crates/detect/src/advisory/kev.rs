//! CISA's catalogue of known exploited vulnerabilities (KEV).

use std::io::Read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cve::CveId;
use super::day::parse_day;
use super::error::{FeedError, FeedFault};
use super::guard::Text;

/// A CVE known to be exploited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Kev {
    /// The day it came into the catalogue.
    pub added: Date,
    /// The day by which US federal agencies must have acted.
    pub due: Date,
    /// Whether it is known to be used by ransomware.
    pub ransomware: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    date_released: String,
    #[serde(default)]
    count: Option<usize>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve_id: CveId,
    date_added: String,
    due_date: String,
    #[serde(default)]
    known_ransomware_campaign_use: Option<String>,
}

pub(crate) struct Parsed {
    pub(crate) as_of: i64,
    pub(crate) entries: Vec<(CveId, Kev)>,
}

pub(crate) fn parse<R: Read>(text: &mut Text<R>, max: usize) -> Result<Parsed, FeedError> {
    let document: Document = text.json(|json| Deserialize::deserialize(json))?;
    let released: jiff::Timestamp = document
        .date_released
        .parse()
        .map_err(|_| FeedError::whole(FeedFault::BadDate))?;
    if document.vulnerabilities.len() > max {
        return Err(FeedError::whole(FeedFault::TooManyEntries(max)));
    }
    // The document counts its own entries: a shorter list has lost some.
    if document
        .count
        .is_some_and(|count| count != document.vulnerabilities.len())
    {
        return Err(FeedError::whole(FeedFault::BadField("count")));
    }
    let entry = |entry: Entry| {
        let kev = Kev {
            added: parse_day(&entry.date_added)?,
            due: parse_day(&entry.due_date)?,
            ransomware: entry.known_ransomware_campaign_use.as_deref() == Some("Known"),
        };
        Ok((entry.cve_id, kev))
    };
    let entries: Result<_, FeedFault> = document.vulnerabilities.into_iter().map(entry).collect();
    Ok(Parsed {
        as_of: released.as_millisecond(),
        entries: entries.map_err(FeedError::whole)?,
    })
}
