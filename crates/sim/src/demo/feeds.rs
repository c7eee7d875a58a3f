//! Small feeds of our own making for the demonstration, in the forms of the real ones, so that the
//! pages about advisories show something. Their identifiers are far outside those that are given
//! out, and what has a text says that it is made up.

use std::collections::BTreeSet;

use sekisho_domain::time::{Span, Timestamp};
use serde_json::{Map, Value, json};

use crate::machine::catalogue::{DEBIAN, Entry, updates};

/// How many made-up faults there are.
const FAULTS: usize = 12;
/// The first number: real ones have five or six digits.
const FIRST: usize = 9_900_001;

/// A feed as somebody would bring it in.
#[derive(Clone, Debug)]
pub struct DemoFeed {
    /// Name of the file, for messages.
    pub name: &'static str,
    /// The moment it is of, for forms that do not say.
    pub as_of: Option<Timestamp>,
    /// The document.
    pub document: Vec<u8>,
}

/// The feeds as of the beginning of a day in Japan. The same day gives the same bytes.
#[must_use]
pub fn feeds(now: Timestamp) -> Vec<DemoFeed> {
    let day = Timestamp::start_of_jst_day(now.jst_date()).unwrap_or(now);
    let faulty = faulty();
    let feed = |name, as_of, document: String| DemoFeed {
        name,
        as_of,
        document: document.into_bytes(),
    };
    vec![
        feed("demo-security-tracker.json", Some(day), tracker(&faulty)),
        feed("demo-support-ended.txt", Some(day), support_ended(day)),
        feed("demo-exploited.json", None, exploited(day)),
        feed("demo-epss.csv", None, probabilities(day)),
        feed("demo-end-of-life.json", Some(day), ends()),
    ]
}

fn cve(n: usize) -> String {
    format!("CVE-2026-{}", FIRST + n)
}

/// Sources that have had several stable updates, so that machines that lag have an earlier one.
fn faulty() -> Vec<&'static Entry> {
    let mut seen = BTreeSet::new();
    let several = |entry: &&Entry| {
        let version = entry.source_version.unwrap_or(entry.version);
        updates(version).is_some_and(|(_, count)| count > 2)
    };
    let each = DEBIAN.iter().filter(several);
    each.filter(|entry| seen.insert(entry.source_name()))
        .take(FAULTS)
        .collect()
}

/// Each fault is mended in the newest version of its source.
fn tracker(faulty: &[&Entry]) -> String {
    let mut sources = Map::new();
    for (n, entry) in faulty.iter().enumerate() {
        let fixed = entry.source_version.unwrap_or(entry.version);
        let issue = json!({
            "description": "A made-up fault for demonstration.",
            "scope": "remote",
            "releases": {"bookworm": {
                "status": "resolved", "repositories": {"bookworm": fixed},
                "fixed_version": fixed, "urgency": "not yet assigned",
            }},
        });
        let issues: Map<String, Value> = [(cve(n), issue)].into_iter().collect();
        sources.insert(entry.source_name().to_owned(), Value::Object(issues));
    }
    Value::Object(sources).to_string()
}

/// Packages without support before their release ends: none that the demonstration's machines have, so
/// that those that are kept up to date are seen to be sound.
fn support_ended(day: Timestamp) -> String {
    let on = day.before(Span::days(60)).jst_date();
    format!(
        "# Packages whose security support has ended; made up for demonstration\ndemonstration-browser\t1.0-1~deb12u1\t{on}\tMade up for demonstration\n"
    )
}

/// The first two faults are exploited.
fn exploited(day: Timestamp) -> String {
    let date = |at: Timestamp| at.jst_date().to_string();
    let entry = |n: usize| {
        json!({
            "cveID": cve(n), "vendorProject": "Demonstration", "product": "Demonstration",
            "vulnerabilityName": "Made up for demonstration",
            "dateAdded": date(day.before(Span::days(10))),
            "shortDescription": "Made up for demonstration.", "requiredAction": "Update.",
            "dueDate": date(day.after(Span::days(11))),
            "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": [],
        })
    };
    let entries: Vec<Value> = (0..2).map(entry).collect();
    json!({
        "title": "Made up for demonstration",
        "catalogVersion": date(day).replace('-', "."),
        "dateReleased": day.to_rfc3339(),
        "count": entries.len(),
        "vulnerabilities": entries,
    })
    .to_string()
}

fn probabilities(day: Timestamp) -> String {
    let at = day.to_rfc3339().replace('Z', "+0000");
    let mut text = format!("#model_version:demonstration,score_date:{at}\ncve,epss,percentile\n");
    for n in 0..FAULTS {
        let share = 90 - 7 * n;
        text.push_str(&format!(
            "{},0.{share:02}000,0.{:02}000\n",
            cve(n),
            share + 5
        ));
    }
    text
}

/// Ends of support of the systems that the demonstration's machines run.
fn ends() -> String {
    let release = |cycle: &str, from: &str, end: &str| json!({"releaseCycle": cycle, "releaseDate": from, "eol": end});
    json!({
        "debian": {"releases": [
            release("12", "2023-06-10", "2028-06-30"), release("10", "2019-07-06", "2024-06-30"),
        ]},
        "ubuntu": {"releases": [
            release("24.04", "2024-04-25", "2029-05-31"), release("18.04", "2018-04-26", "2023-05-31"),
        ]},
        "rhel": {"releases": [release("9", "2022-05-17", "2032-05-31")]},
        "windows": {"releases": [
            release("11-25h2-e", "2025-09-30", "2028-10-10"),
            release("10-22h2", "2022-10-18", "2025-10-14"),
        ]},
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_makes_the_feeds_and_nothing_else() {
        let morning = Timestamp::from_millis(1_795_392_000_000);
        let evening = morning.after(Span::hours(6));
        let documents = |at| {
            feeds(at)
                .into_iter()
                .map(|feed| feed.document)
                .collect::<Vec<_>>()
        };
        assert_eq!(documents(morning), documents(evening));
        assert_ne!(documents(morning), documents(morning.after(Span::days(1))));
        assert_eq!(faulty().len(), FAULTS);
    }
}
