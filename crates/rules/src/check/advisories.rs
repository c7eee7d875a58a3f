//! Whether known vulnerabilities are open in what is installed.

use std::collections::BTreeSet;
use std::sync::Arc;

use sekisho_detect::advisory::judge::{Judgement, UnknownReason, cve_feed_states, judge as weigh};
use sekisho_detect::advisory::package::InstalledPackage;
use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, OsRelease, Package, PackageFormat};
use sekisho_domain::feed::FeedKind;

use super::facts::sight;
use super::knowledge::{HostTally, feed_reason};
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Packages, FactKind::OsRelease, FactKind::Kernel];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let packages = sight!(given, Packages)?;
    if packages.value.packages.is_empty() {
        return Err(Reason::new("advisory.no-packages"));
    }
    let os = sight!(given, OsRelease)?;
    // Statements about one product's builds say nothing about another's, derived ones included.
    let described = FeedKind::from_code(&os.value.product).is_some();
    if packages.value.format != PackageFormat::Deb || !described {
        return Err(Reason::new("advisory.other-format"));
    }
    let kernel = sight!(given, Kernel);
    let running = kernel.as_ref().ok().map(|seen| seen.value.release.as_str());
    let installed: Vec<InstalledPackage> = packages.value.packages.iter().map(known).collect();
    let Some(host) = given
        .knowledge
        .match_host(&installed, release(os.value), running)
    else {
        let fallback = || Reason::new("feed.missing").with("feed", FeedKind::Debian.code());
        return Err(feed_reason(FeedKind::Debian, None).unwrap_or_else(fallback));
    };
    let feeds = cve_feed_states(given.knowledge.metas(), given.now.as_millis());
    let found = match weigh(&host.tally, installed.len(), &feeds) {
        Judgement::Failing { open, kev } => Found::fail(failing(open, kev, &host)),
        Judgement::Clean { .. } => clean(given),
        Judgement::Unknown { reasons } => Found::unknown(unknown(&reasons, given)),
    };
    let found = match kernel {
        // Which of the installed kernels runs decides which of them counts.
        Err(reason) if found.outcome == sekisho_domain::check::Outcome::Pass => {
            Found::unknown(reason)
        }
        _ => found,
    };
    let broken = packages.value.broken.len();
    if broken > 0 && found.outcome == sekisho_domain::check::Outcome::Pass {
        return Err(Reason::new("advisory.broken-packages").with("n", broken));
    }
    Ok(found
        .unless_hidden(packages.partial)
        .unless_hidden(os.partial))
}

/// A pass holds no longer than the feeds it rests on.
fn clean(given: Given<'_, '_>) -> Found {
    let found = Found::pass(Reason::new("advisory.clean"));
    [FeedKind::Debian, FeedKind::Kev]
        .into_iter()
        .filter_map(|kind| given.knowledge.proves_until(kind))
        .fold(found, Found::until)
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
fn unknown(reasons: &[UnknownReason], given: Given<'_, '_>) -> Reason {
    let of_feed = |code: &str| {
        let kind = FeedKind::from_code(code)?;
        feed_reason(kind, given.knowledge.freshness(kind, given.now))
    };
    let told = reasons.iter().find_map(|reason| match reason {
        UnknownReason::FeedMissing { kind }
        | UnknownReason::FeedStale { kind, .. }
        | UnknownReason::FeedFromFuture { kind } => of_feed(kind.code()),
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
