//! CVEs named in Debian changelogs: the changelog text itself, and feeds gathered from it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;

use super::cve::CveId;
use super::debian::{AdvisoryStatus, DebianRecord, Interner, parse_line};
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::release::ReleaseVote;
use super::version::{DebVersion, rebuild_base, rebuild_contains};

/// One entry of a changelog: what one upload says it fixes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangelogEntry {
    /// Source version of the upload.
    #[serde(rename = "v")]
    pub version: DebVersion,
    /// Suite it was uploaded to.
    pub suite: Arc<str>,
    /// When, as the changelog writes it (RFC 2822); `None` where it is unreadable.
    #[serde(default, deserialize_with = "date_ms", rename = "date")]
    pub at: Option<i64>,
    /// CVEs it names.
    pub cves: Vec<CveId>,
}

fn date_ms<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(parse_rfc2822_ms(
        &std::borrow::Cow::<'de, str>::deserialize(deserializer)?,
    ))
}

fn parse_rfc2822_ms(text: &str) -> Option<i64> {
    // Old changelogs have wrong weekdays; the date is still right.
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    parser
        .parse_timestamp(text.trim())
        .ok()
        .map(|t| t.as_millisecond())
}

/// The CVEs an installed build's own changelog names, given the changelog of this build or of a
/// later one of the same line (newest entry first, entries without CVEs may be left out).
///
/// What lies at or below the installed build's place belongs to it. Its place is the first entry
/// that is not newer than it; a rebuild for stable (`~deb12u1`, `~bpo12+1`) lies directly above the
/// version it was made from although it sorts below it.
pub fn cves_of_build(entries: &[ChangelogEntry], installed: &DebVersion) -> BTreeSet<CveId> {
    let base = rebuild_base(installed.as_str()).and_then(DebVersion::new);
    let belongs = |entry: &ChangelogEntry| {
        let rebuilt = |base| rebuild_contains(base, &entry.version);
        entry.version <= *installed || base.as_ref().is_some_and(rebuilt)
    };
    let place = entries.iter().position(belongs).unwrap_or(entries.len());
    entries[place..]
        .iter()
        .flat_map(|e| e.cves.iter().copied())
        .collect()
}

/// The CVE identifiers in a text, in order of appearance, for collectors that read a changelog.
pub fn cves_in_text(text: &str) -> impl Iterator<Item = CveId> + '_ {
    text.match_indices("CVE-").filter_map(|(at, _)| {
        let tail = &text[at..];
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let year = digits(&tail[4..]);
        if year != 4 || tail.as_bytes().get(8) != Some(&b'-') {
            return None;
        }
        let number = digits(&tail[9..]);
        tail[..9 + number].parse().ok()
    })
}

/// One line of a changelog feed. It may name the builds whose own changelogs it was read from; a
/// version that cannot be one is passed over there, since it only ever adds proof.
#[derive(Deserialize)]
struct Line {
    source: Arc<str>,
    #[serde(default, deserialize_with = "build")]
    installed: Option<DebVersion>,
    #[serde(default, deserialize_with = "build")]
    candidate: Option<DebVersion>,
    entries: Vec<ChangelogEntry>,
}

fn build<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DebVersion>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    Ok(text.and_then(|text| DebVersion::new(&text)))
}

/// A changelog feed in the normalised form, with a time the data cannot be older than.
pub(crate) struct Parsed {
    pub(crate) records: Vec<DebianRecord>,
    pub(crate) not_before: Option<i64>,
}

pub(crate) fn parse<R: Read>(
    text: &mut Text<R>,
    release: Option<&str>,
    max: usize,
) -> Result<Parsed, FeedError> {
    let (mut lines, mut vote, mut count) = (Vec::new(), ReleaseVote::default(), 0);
    let mut not_before = None;
    while let Some(line) = parse_line::<_, Line>(text)? {
        let named = line.entries.iter().map(|e| e.cves.len()).sum::<usize>();
        // Each CVE named can become one record, and one more for each rebuild.
        count += 1 + named * (1 + rebuilds(&line).count());
        if count > max {
            return Err(FeedError::at_line(
                FeedFault::TooManyEntries(max),
                text.line_number(),
            ));
        }
        for entry in &line.entries {
            vote.see(entry.version.as_str());
            not_before = not_before.max(entry.at);
        }
        lines.push(line);
    }
    let release = release
        .or(vote.winner())
        .ok_or(FeedError::whole(FeedFault::ReleaseMissing))?;
    let mut names = Interner::default();
    let release = names.get(release);
    let mut records = Vec::with_capacity(count);
    for line in lines {
        push_line(&mut records, &mut names, &release, line);
    }
    Ok(Parsed {
        records,
        not_before,
    })
}

/// A CVE counts as fixed by the oldest entry that names it: later mentions are follow-ups. What
/// version order would take away from a rebuild that the line was read from is given back to it.
fn push_line(
    records: &mut Vec<DebianRecord>,
    names: &mut Interner,
    release: &Arc<str>,
    line: Line,
) {
    let source = names.get(&line.source);
    records.push(DebianRecord::Covers {
        release: release.clone(),
        source: source.clone(),
    });
    let mut first = BTreeMap::new();
    for entry in line.entries.iter().rev() {
        let suite = names.get(&entry.suite);
        for cve in &entry.cves {
            if let Entry::Vacant(unseen) = first.entry(*cve) {
                unseen.insert(&entry.version);
                records.push(DebianRecord::Advisory {
                    release: release.clone(),
                    source: source.clone(),
                    cve: *cve,
                    status: AdvisoryStatus::Fixed {
                        version: entry.version.clone(),
                        suite: Some(suite.clone()),
                    },
                });
            }
        }
    }
    for version in rebuilds(&line) {
        let own = cves_of_build(&line.entries, version);
        let below = |cve: &CveId| first.get(cve).is_some_and(|fix| *fix > version);
        records.extend(
            own.into_iter()
                .filter(below)
                .map(|cve| DebianRecord::Contains {
                    release: release.clone(),
                    source: source.clone(),
                    version: version.clone(),
                    cve,
                }),
        );
    }
}

/// The builds a line was read from that are rebuilds, each once.
fn rebuilds(line: &Line) -> impl Iterator<Item = &DebVersion> {
    let same = line.candidate.as_ref().map(DebVersion::as_str)
        == line.installed.as_ref().map(DebVersion::as_str);
    let candidate = line.candidate.as_ref().filter(move |_| !same);
    let both = line.installed.as_ref().into_iter().chain(candidate);
    both.filter(|version| rebuild_base(version.as_str()).is_some())
}
