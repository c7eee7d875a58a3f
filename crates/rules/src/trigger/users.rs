//! Users (利用者): different people who teleworked, against how many the plan speaks of, and in a unit of which it does not
//! speak against the baseline.

use std::collections::BTreeMap;

use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};

use super::level::{beyond, grown, over_days, planned_part};
use super::{Found, Ground, parts};

/// From how many tenths of the level on something comes near.
const NEAR: u64 = 9;

/// How many people the plan speaks of in each unit, by place: where every line that reaches into it names nothing
/// outside it and says how many. A line for everyone reaches into all of them, and names none. Each line is climbed once,
/// from the units that it names, however many there are.
fn planned(ground: &Ground<'_>) -> Vec<Option<u64>> {
    let units = &ground.usage.units;
    let parent = |place: usize| units.get(place)?.parent.map(|above| above as usize);
    let mut people: Vec<Option<u64>> = vec![None; units.len()];
    let mut unknown = vec![false; units.len()];
    let mut named = vec![false; units.len()];
    let lines = ground.against.version.content.lines.iter();
    for line in lines.filter(|line| line.admits()) {
        if line.units.is_empty() {
            return vec![None; units.len()];
        }
        let mut inside: BTreeMap<usize, usize> = BTreeMap::new();
        for unit in &line.units {
            let place = ground.sums.places.get(unit).copied();
            if let Some(place) = place {
                named[place] = true;
            }
            for above in std::iter::successors(place, |place| parent(*place)) {
                *inside.entry(above).or_default() += 1;
            }
        }
        for (place, count) in inside {
            match line.people {
                Some(more) if count == line.units.len() => {
                    *people[place].get_or_insert(0) += u64::from(more);
                }
                _ => unknown[place] = true,
            }
        }
    }
    // Those above stand before those below: what is named above a unit reaches into it from outside.
    for place in 0..units.len() {
        let above = parent(place);
        unknown[place] |= above.is_some_and(|above| named[above]);
        named[place] |= above.is_some_and(|above| named[above]);
    }
    let both = people.into_iter().zip(unknown);
    both.map(|(people, unknown)| people.filter(|_| !unknown))
        .collect()
}

/// `level` says what the number is held to, by how much was accepted.
fn of_people(
    ground: &Ground<'_>,
    scope: CaseScope,
    base: u64,
    level: impl Fn(u64) -> u64,
) -> Figure {
    let key = (Trigger::Users, scope);
    let accepted = ground.accepted.value(key, (Measure::People, None));
    Figure {
        measure: Measure::People,
        subject: None,
        value: ground.sums.scope(scope).people,
        base: Some(base),
        level: Some(level(accepted.unwrap_or_default())),
    }
}

fn whole(ground: &Ground<'_>) -> Figure {
    let planned = u64::from(ground.against.version.content.head.people);
    let base = ground.against.baseline.body.people;
    of_people(ground, CaseScope::Body, base, |accepted| {
        planned.max(accepted)
    })
}

/// How many people a unit is held to of which no line says how many: as many as it had in the baseline, in proportion
/// to what the plan speaks of for the whole. None where that says nothing of it.
fn by_baseline(ground: &Ground<'_>, (place, unit): (usize, UnitId), base: u64) -> Option<u64> {
    let baseline = ground.against.baseline;
    // Of before units were held to it: an update opens no cases for what grew until then.
    let says = baseline.parts.is_some() && baseline.knows(unit) && parts::use_was_seen(ground);
    if !says || ground.whole == Some(place) {
        return None;
    }
    let planned = ground.against.version.content.head.people.into();
    planned_part(base, (baseline.body.people, planned))
}

/// The people of each unit: against what lines say, and where they do not, against the baseline.
fn units(ground: &Ground<'_>, found: &mut Found) {
    let baseline = ground.against.baseline;
    let working = ground.usage.working_days(0);
    for ((place, unit, scope), planned) in ground.units().zip(planned(ground)) {
        let base = baseline.units.get(&unit).map_or(0, |it| it.people);
        let figure = match planned {
            Some(planned) => of_people(ground, scope, base, |accepted| planned.max(accepted)),
            None => {
                let Some(part) = by_baseline(ground, (place, unit), base) else {
                    continue;
                };
                of_people(ground, scope, base, |accepted| {
                    let held = part.max(accepted);
                    grown(over_days(held, baseline.working_days, working), 1)
                })
            }
        };
        if let Some(figure) = beyond(figure) {
            found.add(Trigger::Users, scope, figure);
        }
    }
}

/// Permits for the tasks whose line says by how many people: of the whole, and of the one unit of which the line speaks.
fn lines(ground: &Ground<'_>, found: &mut Found) {
    let baseline = ground.against.baseline;
    for line in &ground.against.version.content.lines {
        let (Some(most), Some(now)) = (line.people, ground.usage.tasks.get(&line.task)) else {
            continue;
        };
        let base = baseline.tasks.get(&line.task).map(|it| it.permits);
        let whole = (CaseScope::Body, now.permits, base);
        let unit = parts::of_line(ground, line);
        let unit = unit.map(|(scope, now)| (scope, now.permits, None));
        for (scope, permits, base) in std::iter::once(whole).chain(unit) {
            let key = (Trigger::Users, scope);
            let of = (Measure::TaskPermits, line.task);
            if let Some(figure) = parts::over_line(ground, key, of, (permits, base, most)) {
                found.add(Trigger::Users, scope, figure);
            }
        }
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    if let Some(figure) = beyond(whole(ground)) {
        found.add(Trigger::Users, CaseScope::Body, figure);
    }
    units(ground, found);
    lines(ground, found);
}

/// What comes near: nine tenths of the people that the plan speaks of.
pub(super) fn near(ground: &Ground<'_>) -> Vec<Figure> {
    let figure = whole(ground);
    let level = figure.level.unwrap_or_default();
    let near = figure.value * 10 >= level * NEAR && figure.value <= level && figure.value > 0;
    near.then_some(figure).into_iter().collect()
}
