//! Packages whose security support ended early, ends or is limited.

use jiff::civil::{Date, date};
use sekisho_detect::advisory::debian::{AdvisoryStatus, DebianRecord};
use sekisho_detect::advisory::feed::{FeedId, FeedMeta};
use sekisho_detect::advisory::import::{Imported, Payload};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::version::DebVersion;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::fact::{FactValue, Kernel, Package, PackageFormat, Packages};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::check::{DeviceFacts, Knowledge, run};
use sekisho_rules::reason::entry;

use crate::checks::os;
use crate::fixture::{NOW, feed, seen};

fn index() -> Index {
    let release = "trixie";
    let ended = |source: &str, on: Date| DebianRecord::SupportEnded {
        release: release.into(),
        source: source.into(),
        last: DebVersion::new("1.0").unwrap(),
        on,
        note: "".into(),
    };
    let records = vec![
        DebianRecord::CoversAll {
            release: release.into(),
        },
        DebianRecord::Advisory {
            release: release.into(),
            source: "holed".into(),
            cve: "CVE-2026-0001".parse().unwrap(),
            status: AdvisoryStatus::Fixed {
                version: DebVersion::new("2.0").unwrap(),
                suite: None,
            },
        },
        DebianRecord::Advisory {
            release: release.into(),
            source: "unclear".into(),
            cve: "CVE-2026-0002".parse().unwrap(),
            status: AdvisoryStatus::Undetermined,
        },
        ended("gone", date(2026, 11, 1)),
        ended("going", date(2026, 11, 25)),
        DebianRecord::SupportLimited {
            source: "limited".into(),
            note: "".into(),
        },
    ];
    let meta = FeedMeta {
        id: FeedId::DebianTracker,
        as_of: 0,
        imported_at: 0,
        digest: String::new(),
        entries: 1,
    };
    let mut builder = IndexBuilder::new();
    let payload = Payload::Debian(records);
    builder.add(&Imported { meta, payload });
    builder.build()
}

/// The feeds with lists of support of these ages in days; none where there is no such list.
fn feeds(tracker: u32, ended: Option<(&str, u32)>, limited: Option<u32>) -> Vec<FeedState> {
    let debian = |part: &str, days| feed(FeedKind::Debian, part, Span::days(days));
    let mut all = vec![
        debian("debian_tracker", tracker),
        feed(FeedKind::Kev, "kev", Span::days(1)),
    ];
    all.extend(ended.map(|(part, days)| debian(part, days)));
    all.extend(limited.map(|days| debian("debian_support_limited", days)));
    all
}

const ENDED: &str = "debian_support_ended@trixie";

fn judged(sources: &[&str], feeds: &[FeedState]) -> CheckResult {
    let package = |source: &&str| Package {
        name: (*source).to_owned(),
        version: "1.0".to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    let packages = FactValue::Packages(Packages {
        format: PackageFormat::Deb,
        packages: sources.iter().map(package).collect(),
        broken: Vec::new(),
    });
    let kernel = FactValue::Kernel(Kernel {
        release: "6.12.1-amd64".to_owned(),
        booted_at: None,
        newest_installed: None,
    });
    let facts = [seen(packages), seen(os("13")), seen(kernel)];
    let index = index();
    let knowledge = Knowledge::new(feeds).with_advisories(&index);
    let facts = DeviceFacts::new(&facts);
    let result = run(DeviceCheck::Advisories, &facts, &knowledge, NOW).unwrap();
    let known = entry(&result.reason).expect("a known reason");
    for name in result.reason.params.keys() {
        assert!(known.params.contains(&&**name), "{}: {name}", known.code);
    }
    result
}

#[test]
fn an_ended_support_fails_and_a_limited_one_is_named() {
    use Outcome::{Fail, Pass, Unknown};
    let fresh = feeds(1, Some((ENDED, 1)), Some(1));
    let lists_old = feeds(1, Some((ENDED, 8)), Some(1));
    let limits_old = feeds(1, Some((ENDED, 1)), Some(900));
    let no_lists = feeds(1, None, None);
    let other = feeds(1, Some(("debian_support_ended@12", 1)), None);
    let all_old = feeds(90, Some((ENDED, 90)), None);
    for (sources, feeds, outcome, code) in [
        (&["sound"][..], &fresh, Pass, "advisory.clean"),
        (&["gone"], &fresh, Fail, "advisory.support-ended"),
        // An end is not taken back: an old list proves it as well.
        (&["gone"], &lists_old, Fail, "advisory.support-ended"),
        (&["gone"], &all_old, Fail, "advisory.support-ended"),
        (&["gone", "unclear"], &fresh, Fail, "advisory.support-ended"),
        // An open vulnerability speaks first.
        (&["gone", "holed"], &fresh, Fail, "advisory.open"),
        (&["limited"], &fresh, Pass, "advisory.clean-support-limited"),
        (&["going"], &fresh, Pass, "advisory.clean-support-ends"),
        // An old list of ends, or none, hides what it would have said: no pass.
        (
            &["sound"],
            &lists_old,
            Unknown,
            "advisory.clean-support-unknown",
        ),
        (&["sound"], &limits_old, Pass, "advisory.clean"),
        (
            &["sound"],
            &no_lists,
            Unknown,
            "advisory.clean-support-unlisted",
        ),
        (
            &["sound"],
            &other,
            Unknown,
            "advisory.clean-support-unlisted",
        ),
        // Nothing of it lifts what is unknown otherwise.
        (
            &["unclear", "limited"],
            &fresh,
            Unknown,
            "advisory.undecided",
        ),
        (&["sound"], &all_old, Unknown, "feed.stale"),
    ] {
        let result = judged(sources, feeds);
        let found = (result.outcome, &*result.reason.code);
        assert_eq!(found, (outcome, code), "{sources:?}");
    }
}

#[test]
fn an_old_list_is_named_with_its_age() {
    let result = judged(&["sound"], &feeds(1, Some((ENDED, 8)), Some(1)));
    let params = &result.reason.params;
    assert_eq!(params["part"], ENDED.into());
    assert_eq!(params["days"], 8_i64.into());
    assert_eq!(params["max"], 7_i64.into());
}

#[test]
fn a_pass_ends_on_the_day_a_support_ends() {
    let result = judged(&["going"], &feeds(1, Some((ENDED, 1)), None));
    assert_eq!(result.outcome, Outcome::Pass);
    let day = Timestamp::parse("2026-11-25T00:00:00Z").unwrap();
    assert_eq!(result.fresh_until, day);
}

#[test]
fn a_pass_ends_when_a_list_of_support_grows_old() {
    let result = judged(&["sound"], &feeds(1, Some((ENDED, 6)), Some(1)));
    assert_eq!(result.outcome, Outcome::Pass);
    assert_eq!(result.fresh_until, NOW.after(Span::days(1)));
}

/// A list of support was once taken for a statement of vulnerabilities because its name carries
/// the release.
#[test]
fn a_list_of_support_is_no_statement_of_vulnerabilities() {
    let lists = [
        feed(FeedKind::Debian, ENDED, Span::days(1)),
        feed(FeedKind::Kev, "kev", Span::days(1)),
    ];
    let result = judged(&["sound"], &lists);
    assert_eq!(result.outcome, Outcome::Unknown);
    assert_eq!(result.reason.code, "feed.missing");
}
