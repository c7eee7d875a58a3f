//! Matches installed packages against the index: by source package and Debian version order, where
//! the installed build's own changelog wins over version order.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::cve::CveId;
use super::epss::Epss;
use super::index::{Advisory, Index, SourceEntry, Status};
use super::kev::Kev;
use super::package::{InstalledPackage, KERNEL_SOURCE, SourceGroup, by_source};
use super::version::{DebVersion, rebuild_base, rebuild_contains};

/// Where a CVE stands on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not fixed on the host, and the distribution has a fixed version.
    OpenFixAvailable,
    /// Not fixed on the host, and the distribution has no fixed version.
    Open,
    /// Cannot be told from what is known.
    Unknown,
    /// Fixed on the host.
    Fixed,
}

/// What a state rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The installed build's own changelog names the CVE.
    InstalledChangelog,
    /// A feed has read the changelog of exactly this build, and it names the CVE.
    FeedChangelog,
    /// The order of the installed and the fixed version.
    VersionOrder,
    /// The distribution says it is not fixed in this release.
    DistributionOpen,
    /// The distribution has not decided yet.
    DistributionUndecided,
    /// The installed build is a rebuild of a version that has the fix, but sorts below it, and no
    /// changelog of it settles it.
    RebuildUnproved,
    /// The installed version cannot be compared.
    VersionUnreadable,
}

/// Why an open CVE does not count as open on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// The kernel's source without a kernel image: only headers or tools are installed.
    HeadersOnly,
    /// A kernel image that is neither the newest installed nor, as far as known, running.
    OlderKernel,
}

/// A CVE against one build of a source package, on whatever host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Finding<'i> {
    /// The CVE.
    pub cve: CveId,
    /// First fixed version, where there is one.
    pub fixed_in: Option<&'i str>,
    /// Suite the fixed version was made for, where known.
    pub suite: Option<&'i str>,
    /// Where it stands.
    pub state: State,
    /// What that rests on.
    pub evidence: Evidence,
    /// The distribution does not count it as a security fault.
    pub unimportant: bool,
    /// The entry in the catalogue of exploited vulnerabilities, where it has one.
    pub kev: Option<Kev>,
    /// Probability of exploitation, where known.
    pub epss: Option<Epss>,
}

/// A CVE on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match<'a> {
    /// Source package.
    pub source: &'a str,
    /// Installed binaries of that source build.
    pub binaries: Arc<[&'a str]>,
    /// Installed source version.
    pub installed: &'a str,
    /// Why it does not count as open although it is not fixed.
    pub note: Option<Note>,
    /// The CVE and where it stands.
    #[serde(flatten)]
    pub finding: Finding<'a>,
}

impl Finding<'_> {
    /// Whether it is not fixed, with or without a fix to be had.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::OpenFixAvailable | State::Open)
    }
}

impl Match<'_> {
    /// Whether it is open on this host and counts.
    pub fn counts_as_open(&self) -> bool {
        self.note.is_none() && self.finding.is_open()
    }
}

/// Numbers of CVEs per standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Fixed.
    pub fixed: u32,
    /// Open with a fix to be had.
    pub open_fix_available: u32,
    /// Open without a fix, leaving out what the distribution does not count as a security fault.
    pub open_without_fix: u32,
    /// Open and known to be exploited, with or without a fix.
    pub open_kev: u32,
    /// Cannot be told.
    pub unknown: u32,
    /// Not fixed but set aside (see [`Note`]).
    pub set_aside: u32,
    /// Source builds that no feed has looked at.
    pub uncovered: u32,
}

impl Tally {
    /// Adds one finding.
    pub fn add(&mut self, finding: &Finding<'_>, set_aside: bool) {
        match finding.state {
            State::Fixed => self.fixed += 1,
            _ if set_aside => self.set_aside += 1,
            State::Unknown => self.unknown += 1,
            State::OpenFixAvailable => self.open_fix_available += 1,
            State::Open if finding.unimportant => {}
            State::Open => self.open_without_fix += 1,
        }
        let known_exploited = finding.is_open() && !set_aside && finding.kev.is_some();
        self.open_kev += u32::from(known_exploited);
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.fixed += other.fixed;
        self.open_fix_available += other.open_fix_available;
        self.open_without_fix += other.open_without_fix;
        self.open_kev += other.open_kev;
        self.unknown += other.unknown;
        self.set_aside += other.set_aside;
        self.uncovered += other.uncovered;
    }
}

/// All matches of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostMatches<'a> {
    /// Open ones first; within a state those known to be exploited first, then by falling EPSS,
    /// then by CVE and source.
    pub matches: Vec<Match<'a>>,
    /// Sources that no feed has looked at: nothing can be said of them.
    pub uncovered: Vec<&'a str>,
}

impl HostMatches<'_> {
    /// The numbers.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            uncovered: self.uncovered.len() as u32,
            ..Tally::default()
        };
        self.matches
            .iter()
            .for_each(|m| tally.add(&m.finding, m.note.is_some()));
        tally
    }
}

/// Matches a host's packages; see [`match_host`].
pub fn match_packages<'a>(
    packages: &'a [InstalledPackage],
    release: &str,
    index: &'a Index,
) -> HostMatches<'a> {
    match_host(packages, release, None, index)
}

/// Matches a host's packages against what is known of its release (code name or number).
///
/// `running_kernel` is the running kernel's release (`uname -r`). An installed kernel image counts
/// when it is the newest or the running one; the kernel's source without any image is noted as
/// headers only.
pub fn match_host<'a>(
    packages: &'a [InstalledPackage],
    release: &str,
    running_kernel: Option<&'a str>,
    index: &'a Index,
) -> HostMatches<'a> {
    let groups = by_source(packages);
    let known = index.release(release);
    let kernels = KernelNotes::new(&groups, running_kernel);
    let mut host = HostMatches {
        matches: Vec::new(),
        uncovered: Vec::new(),
    };
    for group in groups {
        let Some(release) = known.filter(|r| r.covers(group.source)) else {
            host.uncovered.push(group.source);
            continue;
        };
        let Some(entry) = release.sources.get(group.source) else {
            continue;
        };
        let note = kernels.note(&group);
        let binaries: Arc<[&str]> = group.binaries.into();
        let findings = findings(entry, group.version, group.changelog_cves.map(|c| &**c));
        host.matches.extend(findings.map(|finding| Match {
            source: group.source,
            binaries: Arc::clone(&binaries),
            installed: group.version,
            note,
            finding,
        }));
    }
    host.uncovered.dedup();
    host.matches.sort_by_cached_key(|m| {
        let f = &m.finding;
        (
            m.note.is_some(),
            f.state,
            f.kev.is_none(),
            Reverse(f.epss),
            f.cve,
            m.source,
        )
    });
    host
}

/// The findings of one build of a source.
pub(crate) fn findings<'i, 'b>(
    entry: &'i SourceEntry,
    installed: &'b str,
    changelog: Option<&'b BTreeSet<CveId>>,
) -> impl Iterator<Item = Finding<'i>> + use<'i, 'b> {
    let version = DebVersion::new(installed);
    let own = version.map(|version| entry.versions.partition_point(|v| *v <= version));
    let base = rebuild_base(installed).and_then(DebVersion::new);
    entry.advisories.iter().filter_map(move |advisory| {
        let named = changelog.is_some_and(|cves| cves.contains(&advisory.cve));
        let (state, evidence) = match advisory.status {
            Status::NotAffected => return None,
            _ if named => (State::Fixed, Evidence::InstalledChangelog),
            Status::Fixed(fix) => match against_fix(entry, fix as usize, own, base.as_ref()) {
                (State::Unknown, Evidence::RebuildUnproved)
                    // What the build on the host says of itself comes first, also by silence.
                    if changelog.is_none() && entry.contains(installed, advisory.cve) =>
                {
                    (State::Fixed, Evidence::FeedChangelog)
                }
                stands => stands,
            },
            Status::Open { .. } => (State::Open, Evidence::DistributionOpen),
            Status::Undetermined => (State::Unknown, Evidence::DistributionUndecided),
        };
        Some(finding(entry, advisory, state, evidence))
    })
}

/// Where a build stands against a fixed version, both given as places in the order of versions.
fn against_fix(
    entry: &SourceEntry,
    fix: usize,
    own: Option<usize>,
    base: Option<&DebVersion>,
) -> (State, Evidence) {
    let Some(own) = own else {
        return (State::Unknown, Evidence::VersionUnreadable);
    };
    let rebuilt = || {
        base.zip(entry.versions.get(fix))
            .is_some_and(|(b, v)| rebuild_contains(b, v))
    };
    if fix < own {
        (State::Fixed, Evidence::VersionOrder)
    } else if rebuilt() {
        (State::Unknown, Evidence::RebuildUnproved)
    } else {
        (State::OpenFixAvailable, Evidence::VersionOrder)
    }
}

fn finding<'i>(
    entry: &'i SourceEntry,
    advisory: &'i Advisory,
    state: State,
    evidence: Evidence,
) -> Finding<'i> {
    let fixed_in = match advisory.status {
        Status::Fixed(rank) => entry.versions.get(rank as usize).map(DebVersion::as_str),
        _ => None,
    };
    Finding {
        cve: advisory.cve,
        fixed_in,
        suite: advisory.suite.as_deref(),
        state,
        evidence,
        unimportant: matches!(advisory.status, Status::Open { unimportant: true }),
        kev: advisory.kev,
        epss: advisory.epss,
    }
}

/// Whether a kernel image's package is the one of this kernel release (`uname -r`).
pub(crate) fn is_image_of(name: &str, running_kernel: Option<&str>) -> bool {
    let abi = name
        .strip_prefix("linux-image-")
        .map(|abi| abi.trim_end_matches("-unsigned"));
    running_kernel.is_some() && abi == running_kernel
}

/// Order of kernel builds; equal versions that are spelt differently keep one order everywhere.
pub(crate) fn kernel_order(version: &str) -> (Option<DebVersion>, &str) {
    (DebVersion::new(version), version)
}

/// Why a build of the kernel's source is set aside, if it is.
pub(crate) fn kernel_note(has_image: bool, newest: bool, running: bool) -> Option<Note> {
    match (has_image, newest || running) {
        (false, _) => Some(Note::HeadersOnly),
        (true, false) => Some(Note::OlderKernel),
        (true, true) => None,
    }
}

/// Which kernel builds of a host count.
struct KernelNotes<'a> {
    newest: Option<&'a str>,
    running: Option<&'a str>,
}

impl<'a> KernelNotes<'a> {
    fn new(groups: &[SourceGroup<'a>], running: Option<&'a str>) -> Self {
        let images = groups
            .iter()
            .filter(|g| g.source == KERNEL_SOURCE && g.has_kernel_image);
        let newest = images
            .max_by_key(|g| kernel_order(g.version))
            .map(|g| g.version);
        Self { newest, running }
    }

    fn note(&self, group: &SourceGroup<'_>) -> Option<Note> {
        if group.source != KERNEL_SOURCE {
            return None;
        }
        let running = group
            .binaries
            .iter()
            .any(|name| is_image_of(name, self.running));
        kernel_note(
            group.has_kernel_image,
            self.newest == Some(group.version),
            running,
        )
    }
}
