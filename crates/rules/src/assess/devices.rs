//! Rows that speak of devices: which checks carry them, and how the results become a verdict.

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::code::Reason;
use sekisho_domain::feed::FeedKind;
use sekisho_domain::verdict::{Counts, Evidence, Finding, Verdict};

use super::Ground;
use super::part::Part;
use super::table::{Fleet, Sum, sum};
use crate::catalogue::{Row, Subjects};
use crate::reason::next_step;

/// The device checks behind a check of the catalogue; none for checks that no device carries.
#[must_use]
pub fn checks_of(code: &str) -> Option<&'static [DeviceCheck]> {
    Some(match code {
        "CK-OS-CURRENT" => &[
            DeviceCheck::OsSupported,
            DeviceCheck::SecurityUpdates,
            DeviceCheck::RestartDone,
        ],
        "CK-VULN" => &[DeviceCheck::SecurityUpdates, DeviceCheck::Advisories],
        "CK-DEV-ENC" => &[DeviceCheck::DiskEncryption],
        "CK-LOCK" => &[DeviceCheck::ScreenLock, DeviceCheck::Accounts],
        _ => return None,
    })
}

/// Whether the row's subjects are devices.
pub(super) const fn speaks_of_devices(row: &Row) -> bool {
    matches!(
        row.scope,
        Subjects::IssuedDevices | Subjects::ByodDevices | Subjects::Devices
    )
}

/// The machine part of a row carried by device checks.
pub(super) fn judge(row: &Row, code: &str, ground: &Ground<'_>) -> Part {
    let checks = checks_of(code).unwrap_or_default();
    let issued = matches!(row.scope, Subjects::IssuedDevices | Subjects::Devices);
    let byod = matches!(row.scope, Subjects::ByodDevices | Subjects::Devices);
    let fleets = ground.devices.fleets(issued, byod);
    let sum = sum(&fleets, checks);
    let mut part = if sum.counts.total() == 0 {
        Part::of(Verdict::Unknown, Reason::new("row.no-subjects"))
    } else if row.confirm {
        confirmed(&sum)
    } else {
        as_they_are(&sum)
    };
    if row.confirm
        && part.verdict == Verdict::Met
        && let Some(reason) = outdated(checks, ground)
    {
        part.verdict = Verdict::Unknown;
        part.next = next_step(&reason);
        part.reason = reason;
    }
    part.evidence = evidence(&fleets, checks, ground);
    part
}

/// Why a feed that these checks draw on cannot confirm anything. What an old feed shows to be open
/// is open and stands as a finding; that nothing else is open, only a fresh one can tell.
fn outdated(checks: &[DeviceCheck], ground: &Ground<'_>) -> Option<Reason> {
    let kinds = checks.iter().flat_map(|check| feeds_of(*check));
    kinds.copied().find_map(|kind| {
        let feeds = ground.world.feeds.values().filter(|feed| feed.kind == kind);
        let oldest = feeds.min_by_key(|feed| feed.as_of);
        match oldest {
            Some(feed) if feed.is_fresh(ground.now) => None,
            Some(feed) => Some(
                Reason::new("feed.stale")
                    .with("feed", kind.code())
                    .with("days", ground.now.since(feed.as_of).whole_days())
                    .with("max", kind.max_age().whole_days()),
            ),
            None => Some(Reason::new("feed.missing").with("feed", kind.code())),
        }
    })
}

/// A row that fails on the state of the devices itself.
fn as_they_are(sum: &Sum) -> Part {
    let n = sum.counts.total();
    let verdict = sum.counts.verdict();
    let (whole, own) = match verdict {
        Verdict::NotMet => (
            Reason::new("row.failing")
                .with("n", n)
                .with("failing", sum.counts.fail),
            sum.failing.as_ref(),
        ),
        Verdict::Met => (Reason::new("row.all-pass").with("n", n), None),
        _ => (
            Reason::new("row.unknown")
                .with("n", n)
                .with("unknown", sum.counts.unknown),
            sum.unknown.as_ref(),
        ),
    };
    let mut part = spoken(verdict, whole, own, n);
    part.counts = sum.counts;
    part
}

/// A row that asks to confirm: it is met once every result is known, good or bad, and carries
/// what was found (requirements.md 1.0).
fn confirmed(sum: &Sum) -> Part {
    let n = sum.counts.total();
    let unconfirmed = n - sum.confirmed;
    let adverse = sum.counts.fail > 0;
    let mut part = if unconfirmed > 0 {
        let whole = Reason::new("row.unconfirmed")
            .with("n", n)
            .with("unknown", unconfirmed);
        spoken(Verdict::Unknown, whole, sum.unknown.as_ref(), n)
    } else if adverse {
        let whole = Reason::new("row.confirmed-adverse")
            .with("n", n)
            .with("failing", sum.counts.fail);
        let mut part = Part::of(Verdict::Met, whole);
        // Confirming is done; what was found still has to be put right.
        if let Some(found) = &sum.failing {
            part.next = next_step(found);
        }
        part
    } else {
        Part::of(Verdict::Met, Reason::new("row.confirmed").with("n", n))
    };
    part.counts = Counts {
        pass: sum.confirmed,
        unknown: unconfirmed,
        ..Counts::default()
    };
    part.finding = Some(Finding {
        counts: sum.counts,
        reason: sum.failing.clone(),
    });
    part
}

/// With one device its own reason says more than a count of one.
fn spoken(verdict: Verdict, whole: Reason, own: Option<&Reason>, n: u32) -> Part {
    match own {
        Some(own) if n == 1 => Part::of(verdict, own.clone()),
        Some(own) => {
            let mut part = Part::of(verdict, whole);
            part.next = next_step(own);
            part
        }
        None => Part::of(verdict, whole),
    }
}

/// The checks with the time of their oldest result, and the feeds that they rest on.
fn evidence(fleets: &[&Fleet<'_>], checks: &[DeviceCheck], ground: &Ground<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for check in checks {
        let oldest = fleets.iter().filter_map(|fleet| fleet.oldest(*check)).min();
        let Some(at) = oldest else {
            continue;
        };
        evidence.push(Evidence {
            source: format!("check:{}", check.code()),
            at,
            digest: None,
        });
        let kinds = feeds_of(*check);
        let feeds = ground
            .world
            .feeds
            .iter()
            .filter(|(_, feed)| kinds.contains(&feed.kind));
        evidence.extend(feeds.map(|(key, feed)| Evidence {
            source: format!("feed:{key}"),
            at: feed.as_of,
            digest: Some(feed.digest.clone()),
        }));
    }
    evidence
}

/// The feeds that a check draws on.
const fn feeds_of(check: DeviceCheck) -> &'static [FeedKind] {
    match check {
        DeviceCheck::OsSupported => &[FeedKind::EndOfLife],
        DeviceCheck::Advisories => &[FeedKind::Debian, FeedKind::Kev],
        _ => &[],
    }
}
