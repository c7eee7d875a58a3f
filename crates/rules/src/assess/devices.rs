//! Rows that speak of devices: which checks carry them, and how the results become a verdict.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::verdict::{Counts, Evidence, Finding, PeriodStart, Verdict};

use super::part::Part;
use super::period::{DEFAULT_DAYS, Looked, look_back, start};
use super::table::{Asked, Fleet, Seen, Sum, sum};
use super::{CAUSES, Cause, Ground};
use crate::catalogue::{Row, Subjects};
use crate::check::feeds_of;
use crate::feed_part;
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
        "CK-SW-DENY" => &[DeviceCheck::SoftwareDenied],
        "CK-SW-ALLOW" => &[DeviceCheck::SoftwareAllowed],
        "CK-PERIPH" => &[DeviceCheck::Peripherals],
        "CK-LINE-OK" => &[DeviceCheck::Lines],
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
    let fleets = fleets(row, ground);
    let looked = row.confirm.then(|| {
        look_back(
            start(row, ground),
            &fleets,
            checks,
            ground.world,
            ground.now,
        )
    });
    let asked = Asked {
        checks,
        word: row.declared,
    };
    let sum = sum(&fleets, asked, looked.as_ref());
    let mut part = if sum.counts.total() == 0 {
        Part::of(Verdict::Unknown, Reason::new("row.no-subjects"))
    } else if let Some(looked) = &looked {
        confirmed(&sum, looked)
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
    part.evidence = evidence(&fleets, asked, ground);
    part.causes = causes(&sum);
    part
}

/// Whether a device of a row failed within the last [`DEFAULT_DAYS`], where the row's own period is
/// shorter: a finding goes to the review row, and that it was confirmed does not take it from there.
pub(super) fn failed_before_it_was_confirmed(row: &Row, ground: &Ground<'_>) -> bool {
    let usual = PeriodStart::LastDays(DEFAULT_DAYS);
    if !speaks_of_devices(row) || start(row, ground).from(ground.now) <= usual.from(ground.now) {
        return false;
    }
    let fleets = fleets(row, ground);
    let mut checks = row.checks().filter_map(checks_of);
    checks.any(|checks| {
        let looked = look_back(usual, &fleets, checks, ground.world, ground.now);
        let asked = Asked {
            checks,
            word: row.declared,
        };
        sum(&fleets, asked, Some(&looked)).failed_within > 0
    })
}

/// The devices that a row speaks of.
fn fleets<'g, 'a>(row: &Row, ground: &'g Ground<'a>) -> Vec<&'g Fleet<'a>> {
    let issued = matches!(row.scope, Subjects::IssuedDevices | Subjects::Devices);
    let byod = matches!(row.scope, Subjects::ByodDevices | Subjects::Devices);
    ground.devices.fleets(issued, byod)
}

/// The most frequent causes of what is not good.
fn causes(sum: &Sum) -> Vec<Cause> {
    let lists = [
        (Outcome::Fail, &sum.failing),
        (Outcome::Unknown, &sum.unknown),
    ];
    let most = lists.into_iter().flat_map(|(outcome, seen)| {
        seen.iter().take(CAUSES).map(move |seen| Cause {
            outcome,
            code: seen.shared.code.clone(),
            results: seen.results,
        })
    });
    most.collect()
}

/// Why a feed that these checks draw on cannot confirm anything; see [`feed_part::unproven`] for
/// which of its parts decide. What an old feed shows to be open is open and stands as a finding;
/// that nothing else is open, only a fresh one can tell.
fn outdated(checks: &[DeviceCheck], ground: &Ground<'_>) -> Option<Reason> {
    let kinds = checks.iter().flat_map(|check| feeds_of(*check));
    kinds
        .copied()
        .find_map(|kind| feed_part::unproven(kind, ground.world.feeds.values(), ground.now))
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
            sum.failing.first(),
        ),
        Verdict::Met => (Reason::new("row.all-pass").with("n", n), None),
        _ => (
            Reason::new("row.unknown")
                .with("n", n)
                .with("unknown", sum.counts.unknown),
            sum.unknown.first(),
        ),
    };
    let mut part = spoken(verdict, whole, own, n);
    part.counts = sum.counts;
    part
}

/// A row that asks to confirm: it is met once every result is known, good or bad, now and over
/// the period, and carries what was found (requirements.md 1.0).
fn confirmed(sum: &Sum, looked: &Looked) -> Part {
    let n = sum.counts.total();
    let unconfirmed = n - sum.confirmed;
    let mut part = if unconfirmed > 0 {
        let whole = Reason::new("row.unconfirmed")
            .with("n", n)
            .with("unknown", unconfirmed);
        // What is unknown now can be helped by a report; only what is left in the dark cannot.
        match (sum.unknown.first(), looked.reason()) {
            (None, Some(dark)) => Part::of(Verdict::Unknown, dark),
            (own, _) => spoken(Verdict::Unknown, whole, own, n),
        }
    } else {
        Part::of(Verdict::Met, found(sum))
    };
    if part.verdict == Verdict::Met
        && let Some(failing) = sum.failing.first()
    {
        // Confirming is done; what was found still has to be put right.
        part.next = next_step(&failing.shared);
    }
    part.counts = Counts {
        pass: sum.confirmed,
        unknown: unconfirmed,
        ..Counts::default()
    };
    let before = (sum.failed_within > 0)
        .then(|| Reason::new("row.failed-within").with("n", sum.failed_within));
    part.finding = Some(Finding {
        counts: sum.counts,
        reason: adverse(sum).or(before),
        period: Some(looked.period(sum)),
    });
    part
}

/// What fails now: of one device in its own words, of more how many and why most of them. A
/// device's own words lack what differs between devices as soon as there is more than one.
fn adverse(sum: &Sum) -> Option<Reason> {
    let most = sum.failing.first()?;
    if sum.counts.total() == 1 {
        return Some(most.whole.clone());
    }
    let reason = Reason::new("row.found")
        .with("failing", sum.counts.fail)
        .with("cause", most.shared.code.as_ref())
        .with("most", most.results);
    Some(reason)
}

/// What a confirmation found, as the row's reason.
fn found(sum: &Sum) -> Reason {
    let n = sum.counts.total();
    match (sum.counts.fail, sum.failed_within) {
        (0, 0) => Reason::new("row.confirmed").with("n", n),
        (failing, 0) => Reason::new("row.confirmed-adverse")
            .with("n", n)
            .with("failing", failing),
        (failing, within) => Reason::new("row.confirmed-adverse-within")
            .with("n", n)
            .with("failing", failing)
            .with("within", within),
    }
}

/// With one device its own reason says more than a count of one.
fn spoken(verdict: Verdict, whole: Reason, own: Option<&Seen>, n: u32) -> Part {
    match own {
        Some(own) if n == 1 => Part::of(verdict, own.whole.clone()),
        Some(own) => {
            let mut part = Part::of(verdict, whole);
            part.next = next_step(&own.shared);
            part
        }
        None => Part::of(verdict, whole),
    }
}

/// How evidence names who told it: what a program saw, and what a person declared.
const TOLD: [(StateSource, &str); 2] = [
    (StateSource::Observed, "check"),
    (StateSource::Declared, "declaration"),
];

/// The checks with the time of their oldest result, and the feeds that they rest on.
fn evidence(fleets: &[&Fleet<'_>], asked: Asked<'_>, ground: &Ground<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for check in asked.checks {
        let before = evidence.len();
        for (source, name) in TOLD {
            if source == StateSource::Declared && !asked.word {
                continue;
            }
            let oldest = fleets.iter().filter_map(|it| it.oldest(*check, source));
            evidence.extend(oldest.min().map(|at| Evidence {
                source: format!("{name}:{}", check.code()),
                at,
                digest: None,
            }));
        }
        if evidence.len() == before {
            continue;
        }
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
