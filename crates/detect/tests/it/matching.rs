//! The traps of matching, each on a small host of our own making.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use sekisho_detect::advisory::cve::CveId;
use sekisho_detect::advisory::day::parse_day;
use sekisho_detect::advisory::index::Index;
use sekisho_detect::advisory::matching::{Evidence, Note, State, match_host, match_packages};
use sekisho_detect::advisory::memo::Memo;
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_detect::advisory::pending::pending_security;
use sekisho_detect::advisory::support::{SupportState, support_findings};

use crate::common::index_of;

fn cve(text: &str) -> CveId {
    text.parse().unwrap()
}

fn package(name: &str, version: &str, source: &str) -> InstalledPackage {
    InstalledPackage::from_dpkg(name, version, "amd64", Some(source))
}

fn with_changelog(mut package: InstalledPackage, cves: &[&str]) -> InstalledPackage {
    let cves: BTreeSet<CveId> = cves.iter().map(|text| cve(text)).collect();
    package.changelog_cves = Some(Arc::new(cves));
    package
}

fn index() -> Index {
    index_of(&["changelogs.jsonl", "kev.json", "epss.csv"])
}

/// State, evidence and note of one CVE on a host with these packages.
fn standing(
    packages: &[InstalledPackage],
    running: Option<&str>,
    id: &str,
) -> Vec<(State, Evidence, Option<Note>)> {
    let index = index();
    let host = match_host(packages, "bookworm", running, &index);
    let of_cve = host.matches.iter().filter(|m| m.finding.cve == cve(id));
    of_cve
        .map(|m| (m.finding.state, m.finding.evidence, m.note))
        .collect()
}

const FIXED_BY_ORDER: (State, Evidence, Option<Note>) =
    (State::Fixed, Evidence::VersionOrder, None);
const FIXED_BY_CHANGELOG: (State, Evidence, Option<Note>) =
    (State::Fixed, Evidence::InstalledChangelog, None);
const OPEN: (State, Evidence, Option<Note>) =
    (State::OpenFixAvailable, Evidence::VersionOrder, None);
const UNPROVED: (State, Evidence, Option<Note>) = (State::Unknown, Evidence::RebuildUnproved, None);

#[test]
fn a_stable_rebuild_is_settled_by_its_own_changelog() {
    let pager = package("pager", "590-2.1~deb12u2", "pagerlib");
    assert_eq!(standing(&[pager], None, "CVE-2023-10002"), [FIXED_BY_ORDER]);
    // Rebuilds that no feed has read.
    let java = package("javavm-jre", "17.0.15+6-1~deb12u2", "javavm");
    let backport = package("virtbox", "1:10.0.2+ds-2+deb13u1~bpo12+2", "virtbox");
    for (package, id) in [(java, "CVE-2025-10004"), (backport, "CVE-2025-10005")] {
        assert_eq!(
            standing(std::slice::from_ref(&package), None, id),
            [UNPROVED],
            "{id}"
        );
        assert_eq!(
            standing(&[with_changelog(package.clone(), &[id])], None, id),
            [FIXED_BY_CHANGELOG]
        );
        // A changelog that does not name it settles nothing in its favour.
        assert_eq!(
            standing(&[with_changelog(package, &[])], None, id),
            [UNPROVED]
        );
    }
}

#[test]
fn a_rebuild_whose_changelog_a_feed_has_read_is_settled_by_it() {
    let fixed = (State::Fixed, Evidence::FeedChangelog, None);
    for (name, version, source, id) in [
        (
            "javavm-jre",
            "17.0.15+6-1~deb12u1",
            "javavm",
            "CVE-2025-10004",
        ),
        // The build that the feed names as the next one.
        (
            "javavm-jre",
            "17.0.21+9-1~deb12u1",
            "javavm",
            "CVE-2026-10003",
        ),
        (
            "virtbox",
            "1:10.0.2+ds-2+deb13u1~bpo12+1",
            "virtbox",
            "CVE-2025-10005",
        ),
    ] {
        let package = package(name, version, source);
        let said = standing(std::slice::from_ref(&package), None, id);
        assert_eq!(said, [fixed], "{version}");
        // The host's own changelog comes first, also where it does not name it.
        let said = standing(&[with_changelog(package, &[])], None, id);
        assert_eq!(said, [UNPROVED], "{version}");
    }
    // By the order of versions, as before.
    let next = package("javavm-jre", "17.0.21+9-1~deb12u1", "javavm");
    assert_eq!(standing(&[next], None, "CVE-2025-10004"), [FIXED_BY_ORDER]);
}

#[test]
fn a_rebuild_does_not_contain_a_truly_newer_version() {
    let java = package("javavm-jre", "17.0.15+6-1~deb12u1", "javavm");
    assert_eq!(standing(&[java], None, "CVE-2026-10003"), [OPEN]);
}

#[test]
fn the_oldest_entry_that_names_a_cve_fixes_it() {
    // 590-1.2 named it first; 590-2.1 followed up. A build between the two has the fix.
    assert_eq!(
        standing(
            &[package("pager", "590-2", "pagerlib")],
            None,
            "CVE-2024-10001"
        ),
        [FIXED_BY_ORDER]
    );
}

#[test]
fn a_binary_rebuild_is_its_source_version() {
    for (version, field) in [
        ("5.2.15-2+b8", "shell"),
        ("5.2.15-2+b8", "shell (5.2.15-2)"),
    ] {
        let shell = [package("shell", version, field)];
        assert_eq!(standing(&shell, None, "CVE-2022-10007"), [FIXED_BY_ORDER]);
        assert_eq!(standing(&shell, None, "CVE-2026-10006"), [OPEN]);
    }
}

#[test]
fn the_source_version_decides_and_not_the_binary_version() {
    // By its own version (epoch 1) the binary would sort above every fix.
    let old = [package(
        "bsdtools",
        "1:2.38.1-5+deb12u1",
        "coreutil (2.38.1-5+deb12u1)",
    )];
    assert_eq!(standing(&old, None, "CVE-2026-10008"), [OPEN]);
    let new = [package(
        "bsdtools",
        "1:2.38.1-5+deb12u3",
        "coreutil (2.38.1-5+deb12u3)",
    )];
    assert_eq!(standing(&new, None, "CVE-2026-10008"), [FIXED_BY_ORDER]);
}

#[test]
fn an_epoch_outranks_everything() {
    let old = [package("virtbox", "99.0-1", "virtbox")];
    assert_eq!(standing(&old, None, "CVE-2025-10005"), [OPEN]);
    let new = [package("virtbox", "2:0.1-1", "virtbox")];
    assert_eq!(standing(&new, None, "CVE-2025-10005"), [FIXED_BY_ORDER]);
}

#[test]
fn kernel_headers_alone_are_no_kernel() {
    let headers = [package("linux-libc-dev", "6.1.187-1", "linux")];
    let noted = (
        State::OpenFixAvailable,
        Evidence::VersionOrder,
        Some(Note::HeadersOnly),
    );
    assert_eq!(standing(&headers, None, "CVE-2026-10009"), [noted]);
    let index = index();
    let tally = match_packages(&headers, "bookworm", &index).tally();
    assert_eq!(
        (tally.open_fix_available, tally.open_kev, tally.set_aside),
        (0, 0, 2)
    );
}

#[test]
fn a_signed_kernel_image_counts_as_the_kernel() {
    let image = |abi: &str, version: &str| {
        let signed = format!("linux-signed-amd64 ({})", version.replace('-', "+"));
        package(&format!("linux-image-{abi}-amd64"), version, &signed)
    };
    let old = || image("6.1.0-47", "6.1.187-1");
    let new = || image("6.1.0-50", "6.1.192-2");
    let id = "CVE-2026-10009";
    assert_eq!(standing(&[old()], None, id), [OPEN]);
    assert_eq!(standing(&[new()], None, id), [FIXED_BY_ORDER]);
    // An older image beside a newer one counts only while it is the running one.
    let set_aside = (
        State::OpenFixAvailable,
        Evidence::VersionOrder,
        Some(Note::OlderKernel),
    );
    let both = [old(), new()];
    assert_eq!(
        standing(&both, Some("6.1.0-50-amd64"), id),
        [FIXED_BY_ORDER, set_aside]
    );
    assert_eq!(
        standing(&both, Some("6.1.0-47-amd64"), id),
        [OPEN, FIXED_BY_ORDER]
    );
    assert_eq!(standing(&both, None, id), [FIXED_BY_ORDER, set_aside]);
}

#[test]
fn an_unlooked_at_source_or_release_is_uncovered() {
    let index = index();
    let packages = [
        package("vendor-tool", "1.0", "vendor-tool"),
        package("quiet", "1.0-1", "quiet"),
    ];
    let host = match_packages(&packages, "bookworm", &index);
    assert_eq!(
        (host.matches.len(), host.uncovered),
        (0, vec!["vendor-tool"])
    );
    let elsewhere = match_packages(&packages, "trixie", &index);
    assert_eq!(elsewhere.uncovered, vec!["quiet", "vendor-tool"]);
    let mut memo = Memo::new(&index, "trixie");
    assert_eq!(memo.host(&packages, None).tally.uncovered, 2);
}

#[test]
fn a_version_that_cannot_be_compared_is_unknown() {
    let shell = [package("shell", "５.2", "shell")];
    let unreadable = (State::Unknown, Evidence::VersionUnreadable, None);
    assert_eq!(standing(&shell, None, "CVE-2022-10007"), [unreadable]);
}

#[test]
fn exploited_ones_come_first_then_the_most_probable() {
    let index = index();
    let packages = [
        package("shell", "5.2.15-2", "shell"),
        package("coreutil", "2.38.1-5", "coreutil"),
        package("javavm-jre", "17.0.15+6-1~deb12u1", "javavm"),
    ];
    let host = match_packages(&packages, "bookworm", &index);
    let open: Vec<String> = host
        .matches
        .iter()
        .filter(|m| m.counts_as_open())
        .map(|m| m.finding.cve.to_string())
        .collect();
    assert_eq!(open, ["CVE-2026-10006", "CVE-2026-10008", "CVE-2026-10003"]);
    let first = &host.matches[0].finding;
    assert_eq!(first.kev.unwrap().due, parse_day("2026-11-25").unwrap());
    assert!(first.kev.unwrap().ransomware);
    assert_eq!(first.epss.unwrap().score, 123);
}

#[test]
fn the_tracker_knows_open_ones_without_a_fix() {
    let index = index_of(&["tracker.json", "changelogs.jsonl", "kev.json"]);
    let packages = [
        package("shell", "5.2.15-2", "shell"),
        package("unheard", "1", "unheard"),
    ];
    let host = match_packages(&packages, "bookworm", &index);
    let state = |id: &str| {
        host.matches
            .iter()
            .find(|m| m.finding.cve == cve(id))
            .unwrap()
            .finding
            .state
    };
    assert_eq!(state("CVE-2026-10006"), State::OpenFixAvailable);
    assert_eq!(state("CVE-2026-10020"), State::Open);
    assert_eq!(state("CVE-2026-10022"), State::Unknown);
    assert_eq!(state("CVE-2022-10007"), State::Fixed);
    // The tracker has looked at the whole release, so silence means that nothing is known.
    assert_eq!(host.uncovered, Vec::<&str>::new());
    let tally = host.tally();
    // CVE-2026-10021 is open but no security fault to the distribution.
    assert_eq!(
        (
            tally.open_fix_available,
            tally.open_without_fix,
            tally.unknown
        ),
        (1, 1, 1)
    );
    // Where the release never had the fault there is nothing to say.
    let trixie = match_packages(&packages, "13", &index);
    assert_eq!((trixie.matches.len(), trixie.uncovered.len()), (0, 0));
}

#[test]
fn pending_updates_compare_sources_and_name_binaries() {
    let index = index_of(&["security-packages.tsv"]);
    let packages = [
        package(
            "bsdtools",
            "1:2.38.1-5+deb12u1",
            "coreutil (2.38.1-5+deb12u1)",
        ),
        package("coreutil", "2.38.1-5+deb12u1", "coreutil"),
        package("shell", "5.2.15-2+deb12u1+b1", "shell (5.2.15-2+deb12u1)"),
        package(
            "linux-image-6.1.0-47-amd64",
            "6.1.187-1",
            "linux-signed-amd64 (6.1.187+1)",
        ),
        package("other", "1.0", "other"),
    ];
    let pending = pending_security(&packages, "12", &index);
    let seen: Vec<_> = pending
        .iter()
        .map(|p| (p.source, p.available, p.binaries.len()))
        .collect();
    // The kernel's newer build has another ABI, so no installed binary is offered anew.
    assert_eq!(
        seen,
        [
            ("coreutil", "2.38.1-5+deb12u3", 2),
            ("linux", "6.1.192-2", 0)
        ]
    );
    assert_eq!(pending_security(&packages, "trixie", &index), []);
}

#[test]
fn support_lists_apply_by_source_pattern_and_day() {
    let index = index_of(&["support-ended.txt", "support-limited.txt"]);
    let packages = [
        package("javavm-jre", "17.0.15+6-1~deb12u1", "javavm"),
        package("horde-mail", "1", "horde-mail"),
        package("coreutil", "1", "coreutil"),
        package("shell", "1", "shell"),
        package("shellfish", "1", "shellfish"),
    ];
    let day = parse_day("2026-11-22").unwrap();
    let findings = support_findings(&packages, "bookworm", &index, day);
    let on = |text| parse_day(text).unwrap();
    let seen: Vec<_> = findings.iter().map(|f| (f.source, f.state)).collect();
    let expected = [
        (
            "coreutil",
            SupportState::Ends {
                on: on("2027-01-01"),
            },
        ),
        (
            "horde-mail",
            SupportState::Ended {
                on: on("2025-03-22"),
            },
        ),
        (
            "javavm",
            SupportState::Ended {
                on: on("2026-10-01"),
            },
        ),
        ("javavm", SupportState::Limited),
        ("shell", SupportState::Limited),
    ];
    assert_eq!(seen, expected);
}

/// One device must not be able to make another look fixed by reporting a false changelog.
#[test]
fn the_memo_keeps_reports_of_different_hosts_apart() {
    let index = index();
    let honest = [package("shell", "5.2.15-2", "shell")];
    let lying = [with_changelog(honest[0].clone(), &["CVE-2026-10006"])];
    let mut memo = Memo::new(&index, "bookworm");
    assert_eq!(memo.host(&lying, None).tally.open_fix_available, 0);
    assert_eq!(memo.host(&honest, None).tally.open_fix_available, 1);
    assert_eq!(memo.host(&lying, None).tally.open_fix_available, 0);
}

fn any_package() -> impl Strategy<Value = InstalledPackage> {
    let names = prop::sample::select(vec![
        ("shell", "shell"),
        ("coreutil", "coreutil"),
        ("linux-libc-dev", "linux"),
        ("linux-image-6.1.0-47-amd64", "linux-signed-amd64"),
        ("linux-image-6.1.0-50-amd64", "linux-signed-amd64"),
        ("javavm-jre", "javavm"),
        ("unheard", "unheard"),
    ]);
    let versions = prop::sample::select(vec![
        "5.2.15-2",
        "5.2.15-2+deb12u1",
        "6.1.187-1",
        "6.1.192-2",
        "17.0.15+6-1~deb12u1",
        "1",
        "？",
    ]);
    (names, versions).prop_map(|((name, source), version)| package(name, version, source))
}

proptest! {
    /// The fast path for fleets and the full listing of one host must never disagree.
    #[test]
    fn the_memo_and_the_listing_agree(
        hosts in prop::collection::vec(prop::collection::vec(any_package(), 0..8), 1..4),
        running in prop::option::of(Just("6.1.0-47-amd64")),
    ) {
        let index = index();
        let mut memo = Memo::new(&index, "bookworm");
        for packages in hosts {
            let listing = match_host(&packages, "bookworm", running, &index);
            let mut expected = listing.tally();
            // The listing names an uncovered source once, the memo counts each build of it.
            let mut actual = memo.host(&packages, running).tally;
            prop_assert_eq!(expected.uncovered > 0, actual.uncovered > 0);
            (expected.uncovered, actual.uncovered) = (0, 0);
            prop_assert_eq!(expected, actual);
        }
    }
}
