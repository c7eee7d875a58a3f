//! Who may (対象者の制限範囲): a plan that admits people or places it did not, and people outside it, or outside the
//! units of a task.

use std::collections::BTreeSet;

use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{CaseScope, EVERYONE, Figure, Measure, Trigger};

use super::limits;
use super::{Found, Ground};

/// From how many days of refusals on attempts fire.
const ATTEMPTS: u64 = 3;

/// What the plan admits to any task that neither the baseline nor a reassessment did: of baselines of before lines were
/// frozen.
fn admitted(ground: &Ground<'_>, found: &mut Found) {
    let Some(known) = &ground.against.baseline.admitted else {
        return;
    };
    let accepted = ground.against.accepted_subjects(Measure::Admitted);
    if accepted.has(CaseScope::Body, EVERYONE) {
        return;
    }
    let known_in = |scope: CaseScope| -> BTreeSet<UnitId> {
        let accepted = accepted.of(scope);
        let accepted = accepted.filter_map(|it| it.parse::<UnitId>().ok());
        known.iter().copied().chain(accepted).collect()
    };
    let whole = known_in(CaseScope::Body);
    let tree = (ground.usage, &ground.sums.places);
    let is_known = |known: &BTreeSet<UnitId>, unit: &UnitId| limits::is_within(tree, known, *unit);
    match ground.against.version.content.admitted() {
        None => {
            let figure = Figure::found(Measure::Admitted, EVERYONE.to_owned());
            found.add(Trigger::Eligible, CaseScope::Body, figure);
        }
        Some(now) => {
            for unit in now.iter().filter(|unit| !is_known(&whole, unit)) {
                let own = is_known(&known_in(CaseScope::Unit(*unit)), unit);
                let figure = Figure::found(Measure::Admitted, unit.to_string());
                let of = (Trigger::Eligible, Some(*unit));
                found.add_where(of, &figure, false, |scope| scope == CaseScope::Body || !own);
            }
        }
    }
}

/// People whom the plan admits to some task, outside the units of another.
fn outside_tasks(ground: &Ground<'_>, found: &mut Found) {
    for ((task, scope), now) in &ground.sums.tasks {
        let figure = |measure, value, level| Figure {
            value,
            level,
            ..Figure::found(measure, task.to_string())
        };
        if now.used > 0 {
            let figure = figure(Measure::OutsideUse, now.used, None);
            found.add_high(Trigger::Eligible, *scope, figure);
        }
        if *scope != CaseScope::Body && now.refused >= ATTEMPTS {
            let figure = figure(Measure::OutsideAttempts, now.refused, Some(ATTEMPTS - 1));
            found.add(Trigger::Eligible, *scope, figure);
        }
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    match &ground.against.baseline.lines {
        Some(known) => limits::find(ground, known, found),
        None => admitted(ground, found),
    }
    outside_tasks(ground, found);
    let units = ground
        .units()
        .map(|(place, _, scope)| (scope, ground.sums.units[place]));
    let whole = std::iter::once((CaseScope::Body, ground.sums.body));
    for (scope, now) in whole.chain(units) {
        let figure = |measure, value, level| Figure {
            measure,
            subject: None,
            value,
            base: None,
            level,
        };
        if now.outside_use > 0 {
            let figure = figure(Measure::OutsideUse, now.outside_use, None);
            found.add_high(Trigger::Eligible, scope, figure);
        }
        // By unit, as 3.2 has it: a few typing errors anywhere in a ministry are no sign.
        if scope != CaseScope::Body && now.outside_attempts >= ATTEMPTS {
            let level = Some(ATTEMPTS - 1);
            let figure = figure(Measure::OutsideAttempts, now.outside_attempts, level);
            found.add(Trigger::Eligible, scope, figure);
        }
    }
}
