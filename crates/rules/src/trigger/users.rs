//! Users (利用者): different people who teleworked, against how many the plan speaks of.

use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};

use super::level::beyond;
use super::{Found, Ground};

/// From how many tenths of the level on something comes near.
const NEAR: u64 = 9;

/// How many people the plan speaks of in a unit: where every line that reaches into it names nothing outside
/// it and says how many.
fn planned(ground: &Ground<'_>, place: usize) -> Option<u64> {
    let at = |unit: &UnitId| ground.sums.places.get(unit).copied();
    let inside = |unit: &UnitId| at(unit).is_some_and(|it| ground.usage.is_within(it, place));
    let above = |unit: &UnitId| at(unit).is_some_and(|it| ground.usage.is_within(place, it));
    let mut people = None;
    for line in &ground.against.version.content.lines {
        if !line.admits() {
            continue;
        }
        if line.units.is_empty() || line.units.iter().any(|unit| above(unit) && !inside(unit)) {
            return None;
        }
        if line.units.iter().any(inside) {
            if !line.units.iter().all(inside) {
                return None;
            }
            people = Some(people.unwrap_or(0) + u64::from(line.people?));
        }
    }
    people
}

fn of_people(ground: &Ground<'_>, scope: CaseScope, planned: u64, base: u64) -> Figure {
    let key = (Trigger::Users, scope);
    let accepted = ground.against.accepted_value(key, (Measure::People, None));
    Figure {
        measure: Measure::People,
        subject: None,
        value: ground.sums.scope(scope).people,
        base: Some(base),
        level: Some(planned.max(accepted.unwrap_or_default())),
    }
}

fn whole(ground: &Ground<'_>) -> Figure {
    let planned = u64::from(ground.against.version.content.head.people);
    of_people(
        ground,
        CaseScope::Body,
        planned,
        ground.against.baseline.body.people,
    )
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    if let Some(figure) = beyond(whole(ground)) {
        found.add(Trigger::Users, CaseScope::Body, figure);
    }
    let names_units = |it: &&sekisho_domain::plan::PlanLine| !it.units.is_empty();
    if ground
        .against
        .version
        .content
        .lines
        .iter()
        .any(|it| names_units(&it))
    {
        for (place, unit, scope) in ground.units() {
            let Some(planned) = planned(ground, place) else {
                continue;
            };
            let base = ground
                .against
                .baseline
                .units
                .get(&unit)
                .map_or(0, |it| it.people);
            if let Some(figure) = beyond(of_people(ground, scope, planned, base)) {
                found.add(Trigger::Users, scope, figure);
            }
        }
    }
    for line in &ground.against.version.content.lines {
        let (Some(most), Some(now)) = (line.people, ground.usage.tasks.get(&line.task)) else {
            continue;
        };
        let subject = line.task.to_string();
        let about = (Measure::TaskPermits, Some(subject.as_str()));
        let accepted = ground
            .against
            .accepted_value((Trigger::Users, CaseScope::Body), about);
        let base = ground.against.baseline.tasks.get(&line.task);
        let figure = Figure {
            measure: Measure::TaskPermits,
            value: now.permits,
            base: base.map(|it| it.permits),
            level: Some(u64::from(most).max(accepted.unwrap_or_default())),
            subject: Some(subject),
        };
        if let Some(figure) = beyond(figure) {
            found.add(Trigger::Users, CaseScope::Body, figure);
        }
    }
}

/// What comes near: nine tenths of the people that the plan speaks of.
pub(super) fn near(ground: &Ground<'_>) -> Vec<Figure> {
    let figure = whole(ground);
    let level = figure.level.unwrap_or_default();
    let near = figure.value * 10 >= level * NEAR && figure.value <= level && figure.value > 0;
    near.then_some(figure).into_iter().collect()
}
