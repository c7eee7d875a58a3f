//! The compact index that packages are matched against: by release and source package, with KEV
//! and EPSS joined in.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::cve::CveId;
use super::debian::{AdvisoryStatus, DebianRecord};
use super::epss::Epss;
use super::import::{Imported, Payload};
use super::kev::Kev;
use super::version::DebVersion;

/// What is known of one CVE in one source, with versions replaced by their rank.
#[derive(Debug, Clone)]
pub(crate) struct Advisory {
    pub(crate) cve: CveId,
    pub(crate) status: Status,
    pub(crate) suite: Option<Arc<str>>,
    pub(crate) kev: Option<Kev>,
    pub(crate) epss: Option<Epss>,
}

/// The status of an advisory; a fix is the place of its version in [`SourceEntry::versions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Fixed(u32),
    NotAffected,
    Open { unimportant: bool },
    Undetermined,
}

/// All advisories of one source package.
#[derive(Debug, Default)]
pub(crate) struct SourceEntry {
    /// Versions that fix something, in ascending order, so that one binary search per installed
    /// version replaces a comparison per advisory.
    pub(crate) versions: Vec<DebVersion>,
    pub(crate) advisories: Vec<Advisory>,
    /// Rebuilds whose own changelog a feed has read, with what it names of what version order
    /// would call open. Most sources have none.
    contained: Vec<(DebVersion, CveId)>,
}

impl SourceEntry {
    /// Whether a feed has read of exactly this build that it contains the fix.
    pub(crate) fn contains(&self, version: &str, cve: CveId) -> bool {
        let mut contained = self.contained.iter();
        contained.any(|(build, named)| *named == cve && build.as_str() == version)
    }
}

/// A rule of the security-support lists.
#[derive(Debug, Clone)]
pub(crate) struct SupportRule {
    source: Arc<str>,
    pub(crate) ended: Option<Date>,
    pub(crate) note: Arc<str>,
}

impl SupportRule {
    fn new(source: &Arc<str>, ended: Option<Date>, note: &Arc<str>) -> Self {
        Self {
            source: source.clone(),
            ended,
            note: note.clone(),
        }
    }

    /// The source, or the pattern, as listed.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the rule is of more than one source.
    pub(crate) fn is_pattern(&self) -> bool {
        self.source.contains(".*")
    }

    /// Names are literal but for `.*`, which stands for anything.
    pub(crate) fn applies_to(&self, source: &str) -> bool {
        match self.source.split_once(".*") {
            None => *self.source == *source,
            Some((start, end)) => {
                source.len() >= start.len() + end.len()
                    && source.starts_with(start)
                    && source.ends_with(end)
            }
        }
    }
}

/// What the security archive offers.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) version: DebVersion,
    pub(crate) source_version: DebVersion,
}

#[derive(Debug, Default)]
pub(crate) struct ReleaseEntry {
    pub(crate) sources: HashMap<Arc<str>, SourceEntry>,
    pub(crate) covers_all: bool,
    /// Newest offered version by source, and by binary.
    pub(crate) offered_sources: HashMap<Arc<str>, DebVersion>,
    pub(crate) offered_binaries: HashMap<Arc<str>, Candidate>,
    support: Vec<SupportRule>,
}

/// Everything known about packages, ready to be matched.
#[derive(Debug, Default)]
pub struct Index {
    releases: HashMap<Arc<str>, ReleaseEntry>,
    limited: Vec<SupportRule>,
}

/// The release and the source that a statement is about.
type ReleaseAndSource = (Arc<str>, Arc<str>);

/// Collects feeds and joins them into an [`Index`].
#[derive(Debug, Default)]
pub struct IndexBuilder {
    advisories: HashMap<ReleaseAndSource, Vec<(CveId, AdvisoryStatus)>>,
    contained: HashMap<ReleaseAndSource, Vec<(DebVersion, CveId)>>,
    kev: HashMap<CveId, Kev>,
    epss: HashMap<CveId, Epss>,
    index: Index,
}

impl IndexBuilder {
    /// A builder with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an imported feed. Where two Debian feeds speak of the same CVE in the same source, the
    /// one added first stays: add the tracker before the changelogs. Life cycles are not part of
    /// this index (see [`super::lifecycle::LifecycleTable`]).
    pub fn add(&mut self, feed: &Imported) -> &mut Self {
        match &feed.payload {
            Payload::Debian(records) => self.add_debian(records),
            Payload::Kev(entries) => self.kev.extend(entries.iter().copied()),
            Payload::Epss(rows) => self.epss.extend(rows.iter().copied()),
            Payload::LifeCycles(_) => {}
        }
        self
    }

    fn add_debian(&mut self, records: &[DebianRecord]) {
        for record in records {
            match record {
                DebianRecord::CoversAll { release } => self.release(release).covers_all = true,
                DebianRecord::Covers { release, source } => {
                    self.release(release)
                        .sources
                        .entry(source.clone())
                        .or_default();
                }
                DebianRecord::Advisory {
                    release,
                    source,
                    cve,
                    status,
                } => {
                    let key = (release.clone(), source.clone());
                    let known = self.advisories.entry(key).or_default();
                    known.push((*cve, status.clone()));
                }
                DebianRecord::Contains {
                    release,
                    source,
                    version,
                    cve,
                } => {
                    let key = (release.clone(), source.clone());
                    let contained = self.contained.entry(key).or_default();
                    contained.push((version.clone(), *cve));
                }
                DebianRecord::Candidate {
                    release,
                    binary,
                    version,
                    source,
                    source_version,
                } => {
                    let entry = self.release(release);
                    entry.offer(binary, version, source, source_version);
                }
                DebianRecord::SupportEnded {
                    release,
                    source,
                    on,
                    note,
                    ..
                } => {
                    let rule = SupportRule::new(source, Some(*on), note);
                    self.release(release).support.push(rule);
                }
                DebianRecord::SupportLimited { source, note } => {
                    let rule = SupportRule::new(source, None, note);
                    self.index.limited.push(rule);
                }
            }
        }
    }

    fn release(&mut self, release: &Arc<str>) -> &mut ReleaseEntry {
        self.index.releases.entry(release.clone()).or_default()
    }

    /// Joins everything.
    pub fn build(mut self) -> Index {
        let advisories = std::mem::take(&mut self.advisories);
        for ((release, source), list) in advisories {
            let mut entry = self.source_entry(list);
            let key = (release, source);
            entry.contained = self.contained.remove(&key).unwrap_or_default();
            let (release, source) = key;
            self.release(&release).sources.insert(source, entry);
        }
        self.index
    }

    fn source_entry(&self, mut list: Vec<(CveId, AdvisoryStatus)>) -> SourceEntry {
        // A stable sort keeps the first statement about each CVE in front.
        list.sort_by_key(|(cve, _)| *cve);
        list.dedup_by_key(|(cve, _)| *cve);
        let fixed = |status: &AdvisoryStatus| match status {
            AdvisoryStatus::Fixed { version, .. } => Some(version.clone()),
            _ => None,
        };
        let mut versions: Vec<DebVersion> = list.iter().filter_map(|(_, s)| fixed(s)).collect();
        // Equal versions may be spelt differently (`0:1.0`, `1.0`): each spelling keeps its place.
        versions.sort_by(|a, b| a.cmp(b).then_with(|| a.as_str().cmp(b.as_str())));
        versions.dedup_by(|a, b| a.as_str() == b.as_str());
        let rank = |version: &DebVersion| {
            versions.partition_point(|v| (v, v.as_str()) < (version, version.as_str())) as u32
        };
        let advisories = list.iter().map(|(cve, status)| {
            let (status, suite) = match status {
                AdvisoryStatus::Fixed { version, suite } => {
                    (Status::Fixed(rank(version)), suite.clone())
                }
                AdvisoryStatus::NotAffected => (Status::NotAffected, None),
                AdvisoryStatus::Open { unimportant } => (
                    Status::Open {
                        unimportant: *unimportant,
                    },
                    None,
                ),
                AdvisoryStatus::Undetermined => (Status::Undetermined, None),
            };
            let (kev, epss) = (self.kev.get(cve).copied(), self.epss.get(cve).copied());
            Advisory {
                cve: *cve,
                status,
                suite,
                kev,
                epss,
            }
        });
        let advisories = advisories.collect();
        SourceEntry {
            versions,
            advisories,
            contained: Vec::new(),
        }
    }
}

impl ReleaseEntry {
    fn offer(
        &mut self,
        binary: &Arc<str>,
        version: &DebVersion,
        source: &Arc<str>,
        source_version: &DebVersion,
    ) {
        let newest = self
            .offered_sources
            .entry(source.clone())
            .or_insert(source_version.clone());
        if *newest < *source_version {
            *newest = source_version.clone();
        }
        let candidate = Candidate {
            version: version.clone(),
            source_version: source_version.clone(),
        };
        let known = self
            .offered_binaries
            .entry(binary.clone())
            .or_insert(candidate.clone());
        if known.version < candidate.version {
            *known = candidate;
        }
    }

    /// Whether the feeds have looked at this source, so that no advisory means none is known.
    pub(crate) fn covers(&self, source: &str) -> bool {
        self.covers_all || self.sources.contains_key(source)
    }
}

impl Index {
    /// The entry of a release given by code name or number.
    pub(crate) fn release(&self, release: &str) -> Option<&ReleaseEntry> {
        let name = super::release::code_name(release).unwrap_or(release);
        self.releases.get(name)
    }

    /// Whether anything at all is known of the release.
    pub fn knows_release(&self, release: &str) -> bool {
        self.release(release).is_some()
    }

    /// Whether a feed has looked at this very source in the release. One that covers a whole release says
    /// nothing of sources without a vulnerability, nor of what is not of the release at all.
    pub fn names_source(&self, release: &str, source: &str) -> bool {
        let release = self.release(release);
        release.is_some_and(|it| it.sources.contains_key(source))
    }

    /// Number of CVE statements for a release.
    pub fn advisory_count(&self, release: &str) -> usize {
        let sources = self
            .release(release)
            .into_iter()
            .flat_map(|r| r.sources.values());
        sources.map(|s| s.advisories.len()).sum()
    }

    pub(crate) fn support_rules<'i>(
        &'i self,
        release: &str,
    ) -> impl Iterator<Item = &'i SupportRule> {
        self.release(release)
            .into_iter()
            .flat_map(|r| r.support.iter())
            .chain(&self.limited)
    }
}
