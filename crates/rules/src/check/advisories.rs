//! Whether known vulnerabilities are open in what is installed, and whether fixes for it still come.

use std::collections::BTreeSet;
use std::sync::Arc;

use sekisho_detect::advisory::judge::{Judgement, UnknownReason, cve_feed_states, judge as weigh};
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, OsRelease, Package, PackageFormat};
use sekisho_domain::feed::FeedKind;

use super::facts::sight;
use super::knowledge::HostTally;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[
    FactKind::Packages,
    FactKind::OsRelease,
    FactKind::Kernel,
    FactKind::PendingUpdates,
];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let packages = sight!(given, Packages)?;
    if packages.value.packages.is_empty() {
        return Err(Reason::new("advisory.no-packages"));
    }
    let os = sight!(given, OsRelease)?;
    let kernel = sight!(given, Kernel);
    let running = kernel.as_ref().ok().map(|seen| seen.value.release.as_str());
    let all = packages.value.packages.iter();
    let found = by_feeds(given, (packages.value.format, os.value, running), all)?;
    let found = match kernel {
        // Which of the installed kernels runs decides which of them counts.
        Err(reason) if found.outcome == Outcome::Pass => Found::unknown(reason),
        _ => found,
    };
    let found = match waiting(given) {
        // The feeds say that nothing is open, and the package manager that fixes wait: one of the two
        // is not whole, and a feed that was cut short must not prove a pass.
        Some(n) if found.outcome == Outcome::Pass => {
            Found::unknown(Reason::new("advisory.updates-wait").with("n", n))
        }
        _ => found,
    };
    let broken = packages.value.broken.len();
    if broken > 0 && found.outcome == Outcome::Pass {
        return Err(Reason::new("advisory.broken-packages").with("n", broken));
    }
    Ok(found
        .unless_hidden(packages.partial)
        .unless_hidden(os.partial))
}

/// What the feeds say of some packages of a device, with its format, its system and the kernel that runs.
pub(super) fn by_feeds<'p>(
    given: Given<'_, '_>,
    (format, os, running): (PackageFormat, &OsRelease, Option<&str>),
    packages: impl Iterator<Item = &'p Package>,
) -> Judged {
    // Statements about one product's builds say nothing about another's, derived ones included.
    let described = FeedKind::from_code(&os.product).is_some();
    if format != PackageFormat::Deb || !described {
        return Err(Reason::new("advisory.other-format"));
    }
    let installed: Vec<InstalledPackage> = packages.map(known).collect();
    let Some(host) = given.knowledge.match_host(&installed, release(os), running) else {
        return Err(Reason::new("feed.missing").with("feed", FeedKind::Debian.code()));
    };
    let feeds = cve_feed_states(given.knowledge.metas(), given.now.as_millis());
    let support = given.knowledge.support(&installed, release(os), given.now);
    let ended = support.failing();
    let found = match (weigh(&host.tally, installed.len(), &feeds), ended) {
        (Judgement::Failing { open, kev }, _) => Found::fail(failing(open, kev, &host)),
        (_, Some(ended)) => ended,
        (Judgement::Clean { .. }, None) => support.beside(clean(given)),
        (Judgement::Unknown { reasons }, None) => Found::unknown(unknown(&reasons)),
    };
    Ok(found)
}

/// Whether a feed states anything of the source of a package, so that it is known to be one of the release's.
pub(super) fn is_named(given: Given<'_, '_>, os: &OsRelease, package: &Package) -> bool {
    let package = known(package);
    let (source, _) = package.advised_build();
    given.knowledge.names_source(release(os), source)
}

/// How many security updates wait by the package manager's own metadata; none where none does or
/// nothing was seen of it, which is what another check is about.
fn waiting(given: Given<'_, '_>) -> Option<usize> {
    let pending = sight!(given, PendingUpdates).ok()?;
    let updates = pending.value.updates.iter();
    let n = updates.filter(|update| update.security).count();
    (n > 0).then_some(n)
}

/// A pass holds no longer than the feeds it rests on.
fn clean(given: Given<'_, '_>) -> Found {
    let found = Found::pass(Reason::new("advisory.clean"));
    given
        .knowledge
        .cve_feeds_prove_until()
        .map_or(found.clone(), |until| found.until(until))
}

fn failing(open: u32, kev: u32, host: &HostTally) -> Reason {
    match host.exploited {
        Some(first) if kev > 0 => Reason::new("advisory.exploited")
            .with("n", kev)
            .with("first", first.to_string()),
        _ => Reason::new("advisory.open").with("n", open),
    }
}

/// The first reason speaks: a feed that is missing explains what is not covered.
fn unknown(reasons: &[UnknownReason]) -> Reason {
    let told = reasons.iter().find_map(|reason| match reason {
        UnknownReason::FeedMissing { kind } => {
            Some(Reason::new("feed.missing").with("feed", kind.code()))
        }
        UnknownReason::FeedStale {
            kind,
            age_days,
            max_days,
        } => Some(
            Reason::new("feed.stale")
                .with("feed", kind.code())
                .with("days", *age_days)
                .with("max", *max_days),
        ),
        UnknownReason::FeedFromFuture { kind } => {
            Some(Reason::new("feed.from-future").with("feed", kind.code()))
        }
        UnknownReason::NotCovered { sources } => {
            Some(Reason::new("advisory.not-covered").with("n", *sources))
        }
        UnknownReason::Undecided { cves } => {
            Some(Reason::new("advisory.undecided").with("n", *cves))
        }
        UnknownReason::NoPackages => Some(Reason::new("advisory.no-packages")),
        UnknownReason::Lifecycle { .. } => None,
    });
    told.unwrap_or_else(|| Reason::new("feed.missing").with("feed", FeedKind::Debian.code()))
}

fn release(os: &OsRelease) -> &str {
    os.codename.as_deref().unwrap_or(&os.version)
}

/// A reported package as the matching engine takes it. An empty list of CVEs is a changelog that
/// was not read.
fn known(package: &Package) -> InstalledPackage {
    let named: BTreeSet<_> = package
        .changelog_cves
        .iter()
        .filter_map(|cve| cve.parse().ok())
        .collect();
    InstalledPackage {
        name: package.name.clone(),
        version: package.version.clone(),
        arch: package.arch.clone(),
        source: package.source_name().to_owned(),
        source_version: package.source_version().to_owned(),
        changelog_cves: (!named.is_empty()).then(|| Arc::new(named)),
    }
}
