//! The example host, reproduced exactly: every CVE of every source package, with its state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sekisho_detect::advisory::changelog::{ChangelogEntry, cves_of_build};
use sekisho_detect::advisory::day::{day_of_ms, parse_day};
use sekisho_detect::advisory::feed::FeedId;
use sekisho_detect::advisory::import::{Hints, Imported, Payload, import};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::lifecycle::{Lifecycle, LifecycleTable};
use sekisho_detect::advisory::matching::{
    Evidence, HostMatches, Match, Note, State, match_packages,
};
use sekisho_detect::advisory::memo::Memo;
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_detect::advisory::pending::pending_security;
use sekisho_detect::advisory::support::{SupportState, support_findings};
use sekisho_detect::advisory::unpack::Limits;
use sekisho_detect::advisory::version::DebVersion;

use crate::common::{ms, shared, shared_text, today};

const CHANGELOGS: &str = "debian12/changelog-cves.jsonl.xz";

fn feed(path: &str, as_of: &str) -> Option<Imported> {
    let hints = Hints {
        as_of: Some(ms(as_of)),
        release: None,
    };
    let imported = import(shared(path)?, hints, Limits::default(), today());
    Some(imported.unwrap_or_else(|e| panic!("{path}: {e}")))
}

fn index(paths: &[(&str, &str)]) -> Option<Index> {
    let mut builder = IndexBuilder::new();
    for (path, as_of) in paths {
        builder.add(&feed(path, as_of)?);
    }
    Some(builder.build())
}

fn host_index() -> Option<Index> {
    index(&[
        (CHANGELOGS, "2026-11-21"),
        ("risk/kev-2026-08-21.json.xz", "2026-08-21"),
        ("risk/epss-2026-08-16.csv.xz", "2026-08-16"),
        (
            "debian12/bookworm-security-packages-2026-11-21.tsv.xz",
            "2026-11-21",
        ),
        ("eol/security-support-ended.deb12", "2026-11-21"),
        ("eol/security-support-limited", "2026-11-21"),
    ])
}

/// Packages as dpkg has them, without changelogs.
fn packages() -> Option<Vec<InstalledPackage>> {
    let text = shared_text("debian12/example-host-dpkg.tsv.xz")?;
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, arch, version, source, source_version] = fields[..] else {
            panic!("{line}")
        };
        let field = format!("{source} ({source_version})");
        InstalledPackage::from_dpkg(name, version, arch, Some(&field))
    });
    Some(rows.collect())
}

/// Gives each package what the changelog of its own build names, as a collector would.
fn with_changelogs(mut packages: Vec<InstalledPackage>) -> Option<Vec<InstalledPackage>> {
    let text = shared_text(CHANGELOGS)?;
    let mut own = HashMap::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let entries: Vec<ChangelogEntry> = serde_json::from_value(row["entries"].clone()).unwrap();
        let installed = DebVersion::new(row["installed"].as_str().unwrap()).unwrap();
        let cves = Arc::new(cves_of_build(&entries, &installed));
        own.insert(row["source"].as_str().unwrap().to_owned(), cves);
    }
    for package in &mut packages {
        package.changelog_cves = own.get(&package.source).cloned();
    }
    Some(packages)
}

/// A match in the columns of the reference table.
fn row(m: &Match<'_>) -> String {
    let state = match m.finding.state {
        State::Fixed => "fixed",
        State::OpenFixAvailable => "open-fix-available",
        State::Open => "open",
        State::Unknown => "unknown",
    };
    let note = if m.note == Some(Note::HeadersOnly) {
        "headers-only"
    } else {
        ""
    };
    let part = |n: u32| format!("{}.{:05}", n / 100_000, n % 100_000);
    let epss = m.finding.epss.map(|e| part(e.score)).unwrap_or_default();
    let kev = if m.finding.kev.is_some() { "KEV" } else { "" };
    let (fixed, suite) = (
        m.finding.fixed_in.unwrap_or(""),
        m.finding.suite.unwrap_or(""),
    );
    [
        &*m.finding.cve.to_string(),
        m.source,
        m.installed,
        fixed,
        suite,
        state,
        note,
        &epss,
        kev,
    ]
    .join("\t")
}

#[test]
fn the_example_host_is_reproduced_exactly() {
    let Some(index) = host_index() else { return };
    let packages = with_changelogs(packages().unwrap()).unwrap();
    let reference = shared_text("debian12/example-host-cve-status.tsv.xz").unwrap();
    let mut expected: Vec<&str> = reference.lines().skip(1).collect();
    let host = match_packages(&packages, "12", &index);
    let mut actual: Vec<String> = host.matches.iter().map(row).collect();
    expected.sort_unstable();
    actual.sort_unstable();
    assert_eq!(expected.len(), 11_698);
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual.len(), expected.len());
    assert_eq!(host.uncovered, Vec::<&str>::new());
    let tally = host.tally();
    assert_eq!(
        (tally.fixed, tally.open_fix_available, tally.set_aside),
        (9336, 345, 2017)
    );
    assert_eq!((tally.unknown, tally.open_without_fix), (0, 0));
}

const NINE: [(&str, u32); 5] = [
    ("less", 2),
    ("librsvg", 1),
    ("libxml2", 1),
    ("openjdk-17", 3),
    ("qemu", 2),
];

fn by_source(host: &HostMatches<'_>, evidence: Evidence) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    let of_it = host.matches.iter();
    for found in of_it.filter(|m| m.finding.evidence == evidence) {
        *counted.entry(found.source.to_owned()).or_insert(0) += 1;
    }
    counted
}

fn nine() -> BTreeMap<String, u32> {
    NINE.map(|(source, n)| (source.to_owned(), n)).into()
}

/// A list says nothing of changelogs, but the feed has read those of exactly these builds.
#[test]
fn a_list_alone_is_matched_as_the_host_is() {
    let Some(index) = host_index() else { return };
    let plain = packages().unwrap();
    let host = match_packages(&plain, "bookworm", &index);
    assert_eq!(by_source(&host, Evidence::FeedChangelog), nine());
    let own = with_changelogs(packages().unwrap()).unwrap();
    let states = |host: &HostMatches<'_>| -> Vec<String> { host.matches.iter().map(row).collect() };
    assert_eq!(
        states(&host),
        states(&match_packages(&own, "bookworm", &index))
    );
}

/// Rebuilds that no feed has read may become unknown, but none may become open or green.
#[test]
fn the_nine_rebuilds_are_unknown_where_no_changelog_of_them_was_read() {
    let Some(index) = host_index() else { return };
    let mut plain = packages().unwrap();
    for package in plain.iter_mut().filter(|p| p.source_version.contains('~')) {
        // The same place in the order, and no build that the feed has read.
        for version in [&mut package.version, &mut package.source_version] {
            if let Some((before, after)) = version.rsplit_once("~deb12u") {
                *version = format!("{before}~deb12u0{after}");
            } else if let Some((before, after)) = version.rsplit_once("~bpo12+") {
                *version = format!("{before}~bpo12+0{after}");
            }
        }
    }
    let host = match_packages(&plain, "bookworm", &index);
    assert_eq!(by_source(&host, Evidence::RebuildUnproved), nine());
    let tally = host.tally();
    assert_eq!(
        (tally.fixed, tally.open_fix_available, tally.unknown),
        (9327, 345, 9)
    );
}

#[test]
fn the_memo_gives_the_same_numbers_as_one_host_alone() {
    let Some(index) = host_index() else { return };
    let packages = with_changelogs(packages().unwrap()).unwrap();
    let mut memo = Memo::new(&index, "bookworm");
    let first = memo.host(&packages, None);
    assert_eq!(
        first.tally,
        match_packages(&packages, "bookworm", &index).tally()
    );
    assert_eq!(memo.host(&packages, None), first);
    assert_eq!(memo.len(), 461);
}

#[test]
fn pending_updates_of_the_example_host() {
    let Some(index) = host_index() else { return };
    let packages = packages().unwrap();
    let pending = pending_security(&packages, "bookworm", &index);
    let apt = pending.iter().find(|p| p.source == "apt").unwrap();
    assert_eq!((apt.installed, apt.available), ("2.6.1", "2.6.2"));
    assert!(apt.binaries.contains(&"apt"));
    // What is reported is older by dpkg's order, and nothing is reported twice.
    for update in &pending {
        let version = |text| DebVersion::new(text).unwrap();
        assert!(
            version(update.installed) < version(update.available),
            "{update:?}"
        );
    }
    let mut sources: Vec<&str> = pending.iter().map(|p| p.source).collect();
    sources.dedup();
    assert_eq!(sources.len(), pending.len());
    println!("{} sources with a pending security update", pending.len());
}

#[test]
fn support_limits_of_the_example_host() {
    let Some(index) = host_index() else { return };
    let packages = packages().unwrap();
    let findings = support_findings(&packages, "bookworm", &index, day_of_ms(today()));
    let binutils = findings.iter().find(|f| f.source == "binutils").unwrap();
    assert_eq!(binutils.state, SupportState::Limited);
    assert!(binutils.binaries.contains(&"binutils"));
}

#[test]
fn all_shared_feeds_are_recognised() {
    for (path, id) in [
        (CHANGELOGS, FeedId::DebianChangelogs),
        (
            "debian12/bookworm-security-packages-2026-11-21.tsv.xz",
            FeedId::DebianSecurityArchive,
        ),
        (
            "eol/security-support-ended.deb12",
            FeedId::DebianSupportEnded,
        ),
        ("eol/security-support-limited", FeedId::DebianSupportLimited),
        ("eol/distro-info-debian.csv", FeedId::DistroInfoDebian),
        ("eol/distro-info-ubuntu.csv", FeedId::DistroInfoUbuntu),
        (
            "eol/endoflife-date-2026-08-22.json.xz",
            FeedId::EndOfLifeDate,
        ),
        ("risk/kev-2026-08-21.json.xz", FeedId::Kev),
        ("risk/epss-2026-08-16.csv.xz", FeedId::Epss),
    ] {
        let Some(imported) = feed(path, "2026-11-21") else {
            continue;
        };
        assert_eq!(imported.meta.id, id, "{path}");
        println!("{path}: {} entries", imported.meta.entries);
    }
}

/// Recognition must not be generous: the other shared files are none of the formats.
#[test]
fn other_shared_files_are_refused() {
    for path in [
        "debian12/DSA-list-2023-04.xz",
        "debian12/vulnerablecode-deb-2026-01-13.jsonl.xz",
        "debian12/example-host-dpkg.tsv.xz",
        "debian12/example-host-cve-status.tsv.xz",
        "apple/sofa-v2-macos-2026-08-22.json.xz",
        "osv/debian-elts-osv-2026-08-17.jsonl.xz",
        "windows/msrc-cve-kb-supersedence-2026-06-28.csv.xz",
    ] {
        let Some(reader) = shared(path) else { continue };
        let hints = Hints {
            as_of: Some(today()),
            release: Some("bookworm"),
        };
        let refused = import(reader, hints, Limits::default(), today());
        assert_eq!(
            refused.unwrap_err().fault.code(),
            "feed.wrong_type",
            "{path}"
        );
    }
}

#[test]
fn debian_12_is_in_long_term_support() {
    let mut table = LifecycleTable::default();
    for path in [
        "eol/distro-info-debian.csv",
        "eol/distro-info-ubuntu.csv",
        "eol/endoflife-date-2026-08-22.json.xz",
    ] {
        let Some(imported) = feed(path, "2026-08-22") else {
            return;
        };
        let Payload::LifeCycles(cycles) = imported.payload else {
            panic!()
        };
        table.add(cycles);
    }
    let day = |text| parse_day(text).unwrap();
    let at = |os, version, today| table.lookup(os, version, day(today));
    assert_eq!(
        at("debian", "12", "2026-11-22"),
        Lifecycle::LtsOnly {
            until: day("2028-06-30")
        }
    );
    assert_eq!(
        at("debian", "12.15", "2026-07-11"),
        Lifecycle::Supported {
            until: Some(day("2026-07-11"))
        }
    );
    assert!(matches!(
        at("rocky", "9.8", "2026-11-22"),
        Lifecycle::Supported { .. }
    ));
    assert!(matches!(
        at("alpine", "3.22.1", "2027-05-02"),
        Lifecycle::Ended { .. }
    ));
    assert!(matches!(
        at("ubuntu", "20.04", "2026-11-22"),
        Lifecycle::ContractOnly { .. }
    ));
    assert!(matches!(
        at("fedora", "42", "2026-11-22"),
        Lifecycle::Ended { .. }
    ));
}
