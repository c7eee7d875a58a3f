//! Checks that many devices fail, day after day: more than a tenth of all devices, and of those of a unit.
//!
//! Two thousand units are looked at every day with sixteen checks. Where one device in twenty fails a check anywhere,
//! some of small units have a tenth of theirs fail it at any time. So a unit is told only where at least
//! [`LEAST`] of its devices fail, and more than a tenth by more than chance makes of so few
//! ([`share_grown`]): all of 5, 8 of 20, 14 of 50, 37 of 200.

use std::collections::BTreeMap;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{CaseScope, FailingSince, FailingUnits, Figure, Measure, Trigger};
use sekisho_domain::time::{Span, Timestamp};

use super::level::{beyond, share_grown};
use super::usage::{CheckCount, CheckCounts, Usage};
use super::{Found, Ground, Sums};

/// More than so many per thousand devices.
const FAILING: u64 = 100;
/// For how long.
const FAILING_FOR: Span = Span::days(7);
/// The fewest devices that are a matter of their unit, and not of one desk.
const LEAST: u32 = 5;

/// Checks that too many devices fail, and since when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failing<'a> {
    /// Of all devices.
    pub whole: &'a [FailingSince],
    /// Of those of units.
    pub units: &'a [FailingUnits],
}

/// Checks that more than a tenth of the devices fail, each since the day from which on it has been so.
pub(super) fn of_whole(usage: &Usage, before: &[FailingSince]) -> Vec<FailingSince> {
    let over = usage.checks.iter().filter(|it| it.share > FAILING);
    over.map(|now| {
        let known = before.iter().find(|it| it.check == now.check);
        FailingSince {
            check: now.check,
            share: now.share,
            since: known.map_or(usage.day, |it| it.since),
        }
    })
    .collect()
}

/// Beyond which share the devices of a unit fail that show a check, where so many per thousand are no matter of the
/// unit's.
fn level(count: CheckCount, usual: u64) -> u64 {
    share_grown(usual.max(FAILING), count.known.into())
}

/// The same of each unit with those below it. That which is the whole by itself is told as the whole.
pub(super) fn of_units(
    usage: &Usage,
    sums: &Sums,
    (whole, before): (Option<usize>, &[FailingUnits]),
) -> Vec<FailingUnits> {
    let mut known: BTreeMap<(DeviceCheck, UnitId), Timestamp> = BTreeMap::new();
    for it in before {
        known.extend(it.units.iter().map(|unit| ((it.check, *unit), it.since)));
    }
    let mut failing: BTreeMap<(DeviceCheck, Timestamp), Vec<UnitId>> = BTreeMap::new();
    let units = usage.units.iter().zip(&sums.checks).enumerate();
    for (_, (node, counts)) in units.filter(|(place, _)| Some(*place) != whole) {
        for check in DeviceCheck::ALL {
            let count = counts[check.column()];
            let is_over = count
                .share()
                .is_some_and(|share| share > level(count, FAILING));
            if count.failing >= LEAST && is_over {
                let since = known.get(&(check, node.id)).copied();
                let since = since.unwrap_or(usage.day);
                failing.entry((check, since)).or_default().push(node.id);
            }
        }
    }
    let failing = failing.into_iter();
    failing
        .map(|((check, since), units)| FailingUnits {
            check,
            since,
            units,
        })
        .collect()
}

/// Checks of the devices of each unit with those below it, by place.
pub(super) fn sum(usage: &Usage) -> Vec<CheckCounts> {
    let mut sums = usage.unit_checks.clone();
    // Those above stand before those below: from the end on, each adds to the one above it.
    for place in (0..sums.len()).rev() {
        if let Some(parent) = usage.units.get(place).and_then(|it| it.parent)
            && let Ok([below, above]) = sums.get_disjoint_mut([place, parent as usize])
        {
            for (above, below) in above.iter_mut().zip(below.iter()) {
                above.failing += below.failing;
                above.known += below.known;
            }
        }
    }
    sums
}

fn has_lasted(ground: &Ground<'_>, since: Timestamp) -> bool {
    ground.usage.day.since(since) >= FAILING_FOR
}

/// How much of a check was accepted for a scope; nothing where it never was.
fn accepted(ground: &Ground<'_>, scope: CaseScope, check: DeviceCheck) -> Option<u64> {
    let about = (Measure::CheckFailing, Some(check.code()));
    ground.accepted.value((Trigger::Unease, scope), about)
}

fn figure(check: DeviceCheck, share: u64, level: u64) -> Option<Figure> {
    beyond(Figure {
        value: share,
        level: Some(level),
        ..Figure::found(Measure::CheckFailing, check.code().to_owned())
    })
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    let whole = ground.failing.whole.iter();
    for failing in whole.filter(|it| has_lasted(ground, it.since)) {
        let accepted = accepted(ground, CaseScope::Body, failing.check);
        let level = FAILING.max(accepted.unwrap_or_default());
        if let Some(figure) = figure(failing.check, failing.share, level) {
            found.add(Trigger::Unease, CaseScope::Body, figure);
        }
    }
    let units = ground.failing.units.iter();
    for failing in units.filter(|it| has_lasted(ground, it.since)) {
        let check = failing.check;
        // What the whole fails, or what was accepted for it, is no matter of every unit: each is told only where it is
        // worse. Otherwise one cause that is the same everywhere would open a case in hundreds of them.
        let whole = ground.failing.whole.iter().find(|it| it.check == check);
        let by_whole = accepted(ground, CaseScope::Body, check);
        let usual = by_whole.max(whole.map(|it| it.share)).unwrap_or_default();
        for unit in &failing.units {
            let count = ground.sums.check(*unit, check).unwrap_or_default();
            let scope = CaseScope::Unit(*unit);
            let accepted = accepted(ground, scope, check).unwrap_or_default();
            let level = level(count, usual).max(accepted);
            let share = count.share().unwrap_or_default();
            if let Some(figure) = figure(check, share, level) {
                found.add(Trigger::Unease, scope, figure);
            }
        }
    }
}
