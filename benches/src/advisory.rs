//! Advisories: facts to matches for 10,000 devices of 1,000 packages, beside the lookups alone.

use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use sekisho_detect::advisory::cve::CveId;
use sekisho_detect::advisory::import::{Hints, import};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::matching::match_packages;
use sekisho_detect::advisory::memo::Memo;
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_detect::advisory::unpack::Limits;

use crate::{Outcome, Target};

/// Devices of the fleet.
const DEVICES: usize = 10_000;
/// Packages of each device; two binaries a source.
const PACKAGES: usize = 1_000;
/// Different states of updating that the fleet's devices are in.
const IMAGES: usize = 40;
/// Sources in the feed.
const SOURCES: usize = 4_000;
/// CVEs of each source.
const CVES: usize = 25;

/// One device listed in full, and a fleet through the memo.
///
/// # Panics
/// Where the generated feed is refused.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let began = Instant::now();
    let index = index();
    outcome.figure(
        "import and index, 100,000 CVEs",
        began.elapsed().as_secs_f64(),
        "s",
        Target::None,
    );
    let images: Vec<Vec<InstalledPackage>> = (0..IMAGES).map(image).collect();
    one_device(&mut outcome, &index, &images[0]);
    fleet(&mut outcome, &index, &images);
    outcome
}

fn one_device(outcome: &mut Outcome, index: &Index, packages: &[InstalledPackage]) {
    const ROUNDS: u32 = 50;
    let began = Instant::now();
    let mut matches = 0;
    for _ in 0..ROUNDS {
        matches = black_box(match_packages(packages, "bookworm", index))
            .matches
            .len();
    }
    let each = began.elapsed().as_secs_f64() * 1e3 / f64::from(ROUNDS);
    let name = format!("one device, 1,000 packages, {matches} matches listed");
    outcome.figure(&name, each, "ms", Target::AtMost(10.0));
}

fn fleet(outcome: &mut Outcome, index: &Index, images: &[Vec<InstalledPackage>]) {
    let began = Instant::now();
    let mut memo = Memo::new(index, "bookworm");
    let mut open = 0u64;
    for device in 0..DEVICES {
        let host = memo.host(&images[device % IMAGES], None);
        open += u64::from(host.tally.open_fix_available);
    }
    let matched = began.elapsed().as_secs_f64();
    let lookups = lookups_alone(images);
    outcome.figure(
        "baseline: one hash lookup a package, 10,000 devices",
        lookups,
        "s",
        Target::None,
    );
    let name = format!(
        "facts to matches, 10,000 devices ({open} open, {} builds)",
        memo.len()
    );
    outcome.figure(&name, matched, "s", Target::None);
    outcome.figure(
        "facts to matches against the baseline",
        matched / lookups,
        "x",
        Target::AtMost(3.0),
    );
}

/// What any answer must cost at least: to find each package's build by source and version.
fn lookups_alone(images: &[Vec<InstalledPackage>]) -> f64 {
    let mut builds: HashMap<(&str, &str), u64> = HashMap::new();
    for package in images.iter().flatten() {
        let next = builds.len() as u64;
        builds
            .entry((&package.source, &package.source_version))
            .or_insert(next);
    }
    let began = Instant::now();
    let mut sum = 0;
    for device in 0..DEVICES {
        for package in &images[device % IMAGES] {
            sum += builds[&(package.source.as_str(), package.source_version.as_str())];
        }
    }
    black_box(sum);
    began.elapsed().as_secs_f64()
}

/// A changelog feed: each source has one CVE fixed in each of its updates.
fn index() -> Index {
    let mut feed = String::new();
    for source in 0..SOURCES {
        let entry = |update: usize| {
            let cve = 10_000 + source * CVES + update;
            format!(
                "{{\"v\":\"1.{update}-1+deb12u{update}\",\"suite\":\"bookworm-security\",\
                 \"date\":\"Mon, 02 Nov 2026 10:00:00 +0000\",\"cves\":[\"CVE-2026-{cve}\"]}}"
            )
        };
        let entries: Vec<String> = (0..CVES).rev().map(entry).collect();
        let entries = entries.join(",");
        feed += &format!("{{\"source\":\"source-{source}\",\"entries\":[{entries}]}}\n");
    }
    let limits = Limits::default();
    // 2026-11-22T00:00:00Z.
    let feed = import(feed.as_bytes(), Hints::default(), limits, 1_795_305_600_000);
    let mut builder = IndexBuilder::new();
    builder.add(&feed.expect("the generated feed is whole"));
    builder.build()
}

/// The packages of a device in one state of updating. Every fifth source's own changelog is known.
fn image(number: usize) -> Vec<InstalledPackage> {
    let package = |at: usize| {
        let source = (at / 2) * 7 % SOURCES;
        let update = CVES - 1 - (at / 2 + number) % 4;
        let name = format!("binary-{at}");
        let field = format!("source-{source} (1.{update}-1+deb12u{update})");
        let mut package = InstalledPackage::from_dpkg(&name, "3.0-1", "amd64", Some(&field));
        if source % 5 == 0 {
            package.changelog_cves = Some(Arc::new(changelog(source, update)));
        }
        package
    };
    (0..PACKAGES).map(package).collect()
}

fn changelog(source: usize, update: usize) -> BTreeSet<CveId> {
    let cve = |update: usize| format!("CVE-2026-{}", 10_000 + source * CVES + update);
    (0..=update)
        .filter_map(|update| cve(update).parse().ok())
        .collect()
}
