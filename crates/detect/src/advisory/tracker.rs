//! The Debian security tracker's JSON: `{source: {CVE: {"releases": {release: {status, …}}}}}`.
//! Streamed, because the document is about a hundred megabytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::cve::CveId;
use super::debian::{AdvisoryStatus, DebianRecord, Interner};
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::version::DebVersion;

/// What the tracker says of one CVE in one release. Fields not named here are not needed.
#[derive(Deserialize)]
struct Entry {
    status: String,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: Option<String>,
}

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    releases: BTreeMap<String, Entry>,
}

/// Sources that the tracker names in every release, from one end of the alphabet to the other. A
/// document without one of them has lost a part: it tells what it names, and its silence about
/// the rest proves nothing.
const EVERYWHERE: [&str; 6] = ["apt", "curl", "glibc", "linux", "openssl", "zlib"];

struct Collector {
    records: Vec<DebianRecord>,
    names: Interner,
    /// The releases seen, each with those of [`EVERYWHERE`] that it names.
    releases: BTreeMap<Arc<str>, BTreeSet<&'static str>>,
    max: usize,
    fault: Option<FeedFault>,
}

pub(crate) fn parse<R: Read>(
    text: &mut Text<R>,
    max: usize,
) -> Result<Vec<DebianRecord>, FeedError> {
    let mut collector = Collector {
        records: Vec::new(),
        names: Interner::default(),
        releases: Default::default(),
        max,
        fault: None,
    };
    let read = text.json(|json| Sources(&mut collector).deserialize(json));
    if let (Err(error), Some(fault)) = (&read, collector.fault.take()) {
        return Err(FeedError {
            fault,
            place: error.place,
        });
    }
    read?;
    let mut records = collector.records;
    for (release, named) in collector.releases {
        if named.len() == EVERYWHERE.len() {
            records.push(DebianRecord::CoversAll { release });
        }
    }
    Ok(records)
}

impl Collector {
    fn take(&mut self, source: &str, cve: CveId, releases: BTreeMap<String, Entry>) -> Option<()> {
        for (release, entry) in releases {
            let status = self.status(entry)?;
            if self.records.len() >= self.max {
                self.fault = Some(FeedFault::TooManyEntries(self.max));
                return None;
            }
            let release = self.names.get(&release);
            let named = self.releases.entry(release.clone()).or_default();
            named.extend(EVERYWHERE.iter().filter(|known| **known == source));
            let source = self.names.get(source);
            self.records.push(DebianRecord::Advisory {
                release,
                source,
                cve,
                status,
            });
        }
        Some(())
    }

    fn status(&mut self, entry: Entry) -> Option<AdvisoryStatus> {
        match (entry.status.as_str(), entry.fixed_version.as_deref()) {
            // The tracker writes version 0 where the release never had the fault.
            ("resolved", Some("0")) => Some(AdvisoryStatus::NotAffected),
            ("resolved", Some(version)) => match DebVersion::new(version) {
                Some(version) => Some(AdvisoryStatus::Fixed {
                    version,
                    suite: None,
                }),
                None => self.bad("fixed_version"),
            },
            ("resolved", None) => self.bad("fixed_version"),
            ("open", _) => Some(AdvisoryStatus::Open {
                unimportant: entry.urgency.as_deref() == Some("unimportant"),
            }),
            ("undetermined", _) => Some(AdvisoryStatus::Undetermined),
            _ => self.bad("status"),
        }
    }

    fn bad<T>(&mut self, field: &'static str) -> Option<T> {
        self.fault = Some(FeedFault::BadField(field));
        None
    }
}

/// The document: a map of sources.
struct Sources<'c>(&'c mut Collector);

impl<'de> DeserializeSeed<'de> for Sources<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Sources<'_> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a map of source packages")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(source) = map.next_key::<String>()? {
            map.next_value_seed(Issues {
                collector: self.0,
                source: &source,
            })?;
        }
        Ok(())
    }
}

/// One source: a map of CVEs.
struct Issues<'s, 'c> {
    collector: &'c mut Collector,
    source: &'s str,
}

impl<'de> DeserializeSeed<'de> for Issues<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Issues<'_, '_> {
    type Value = ();
    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a map of CVEs")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            // The tracker also has temporary names for faults without a CVE; they join to nothing.
            let Ok(cve) = name.parse::<CveId>() else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let issue: Issue = map.next_value()?;
            if self
                .collector
                .take(self.source, cve, issue.releases)
                .is_none()
            {
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}
