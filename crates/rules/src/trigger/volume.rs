//! Volume (取扱業務量): person-days, hours at gateways, and for each task permits and the ceiling of its line. What units do
//! of each task stands in [`parts`].

use sekisho_domain::plan::{CaseScope, Figure, FrozenUse, Measure, Trigger};

use super::level::{beyond, grown, over_days};
use super::usage::WORKING_DAYS;
use super::{Found, Ground, parts};

/// On how many of the last five working days growth has to show.
const OF_FIVE: usize = 3;
/// Hours that a day of telework adds at once.
const HOURS_A_DAY: u64 = 8;

/// One measure of a scope.
pub(super) struct Measured {
    pub(super) measure: Measure,
    /// Of what; none where the scope says it.
    pub(super) subject: Option<String>,
    pub(super) grain: u64,
    pub(super) newest: u64,
    pub(super) days: [u64; WORKING_DAYS],
    /// What the baseline has.
    pub(super) base: u64,
    /// What growth is held to: that, or what is planned of it.
    pub(super) held: u64,
    pub(super) ceiling: Option<u32>,
}

/// Beyond the ceiling at once; grown against the baseline where it shows on three of five working days.
pub(super) fn judge(ground: &Ground<'_>, scope: CaseScope, it: &Measured) -> Option<Figure> {
    let key = (Trigger::Volume, scope);
    let about = (it.measure, it.subject.as_deref());
    let accepted = ground.accepted.value(key, about).unwrap_or_default();
    let held = it.held.max(accepted);
    let figure = |level| Figure {
        measure: it.measure,
        subject: it.subject.clone(),
        value: it.newest,
        base: Some(it.base),
        level: Some(level),
    };
    let ceiling = it.ceiling.map(|ceiling| u64::from(ceiling).max(accepted));
    let over = ceiling.and_then(|ceiling| beyond(figure(ceiling)));
    let frozen = ground.against.baseline.working_days;
    let level_of = |shift: u32| {
        let days = ground.usage.working_days(shift);
        grown(over_days(held, frozen, days), it.grain)
    };
    let level = level_of(0);
    let shifts = ground
        .usage
        .working
        .iter()
        .map(|shift| level_of((*shift).into()));
    let shows = it
        .days
        .iter()
        .zip(shifts)
        .filter(|(days, level)| **days > *level);
    let shows = shows.count() >= OF_FIVE;
    over.or_else(|| shows.then(|| figure(level)))
}

/// Person-days of the tasks whose line names a ceiling: of the whole, and of the one unit of which the line speaks.
fn lines(ground: &Ground<'_>, found: &mut Found) {
    for line in &ground.against.version.content.lines {
        let now = ground.usage.tasks.get(&line.task);
        let (Some(ceiling), Some(now)) = (line.person_days, now) else {
            continue;
        };
        let whole = (CaseScope::Body, now.person_days);
        let unit = parts::of_line(ground, line);
        let unit = unit.map(|(scope, now)| (scope, now.newest_days));
        for (scope, days) in std::iter::once(whole).chain(unit) {
            let key = (Trigger::Volume, scope);
            let of = (Measure::TaskDays, line.task);
            if let Some(figure) = parts::over_line(ground, key, of, (days, None, ceiling)) {
                found.add(Trigger::Volume, scope, figure);
            }
        }
    }
}

/// Person-days and hours, of the whole and of each unit.
fn use_of_scopes(ground: &Ground<'_>, found: &mut Found) {
    let head = &ground.against.version.content.head;
    let frozen = ground.against.baseline;
    let units = ground.units().map(|(place, unit, scope)| {
        let base = frozen.units.get(&unit).copied().unwrap_or_default();
        (scope, ground.sums.units[place], base)
    });
    let whole = (CaseScope::Body, ground.sums.body, frozen.body);
    for (scope, now, base) in std::iter::once(whole).chain(units) {
        let whole = scope == CaseScope::Body;
        let FrozenUse {
            person_days,
            gateway_hours,
            ..
        } = base;
        let days = Measured {
            measure: Measure::PersonDays,
            subject: None,
            grain: 1,
            newest: now.newest_days,
            days: now.person_days,
            base: person_days,
            held: person_days,
            ceiling: whole.then_some(head.person_days),
        };
        let hours = Measured {
            measure: Measure::GatewayHours,
            subject: None,
            grain: HOURS_A_DAY,
            newest: now.frozen().gateway_hours,
            days: now.hours(),
            base: gateway_hours,
            held: gateway_hours,
            ceiling: head.gateway_hours.filter(|_| whole),
        };
        for it in [days, hours] {
            if let Some(figure) = judge(ground, scope, &it) {
                found.add(Trigger::Volume, scope, figure);
            }
        }
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    use_of_scopes(ground, found);
    lines(ground, found);
    parts::find(ground, found);
    let frozen = ground.against.baseline;
    for (task, now) in &ground.usage.tasks {
        let base = frozen.tasks.get(task).map_or(0, |it| it.permits);
        let subject = task.to_string();
        let about = (Measure::TaskPermits, Some(subject.as_str()));
        let key = (Trigger::Volume, CaseScope::Body);
        let accepted = ground.accepted.value(key, about);
        let figure = Figure {
            measure: Measure::TaskPermits,
            value: now.permits,
            base: Some(base),
            level: Some(grown(base.max(accepted.unwrap_or_default()), 1)),
            subject: Some(subject),
        };
        if let Some(figure) = beyond(figure) {
            found.add(Trigger::Volume, CaseScope::Body, figure);
        }
    }
}
