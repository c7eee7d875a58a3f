//! Users (利用者): different people who teleworked, against how many the plan speaks of.

use std::collections::BTreeMap;

use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};

use super::level::beyond;
use super::{Found, Ground};

/// From how many tenths of the level on something comes near.
const NEAR: u64 = 9;

/// How many people the plan speaks of in each unit, by place: where every line that reaches into it names nothing
/// outside it and says how many. Each line is climbed once, from the units that it names, however many there are.
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

fn of_people(ground: &Ground<'_>, scope: CaseScope, planned: u64, base: u64) -> Figure {
    let key = (Trigger::Users, scope);
    let accepted = ground.accepted.value(key, (Measure::People, None));
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
    let frozen = &ground.against.baseline.units;
    for ((_, unit, scope), planned) in ground.units().zip(planned(ground)) {
        let Some(planned) = planned else {
            continue;
        };
        let base = frozen.get(&unit).map_or(0, |it| it.people);
        if let Some(figure) = beyond(of_people(ground, scope, planned, base)) {
            found.add(Trigger::Users, scope, figure);
        }
    }
    for line in &ground.against.version.content.lines {
        let (Some(most), Some(now)) = (line.people, ground.usage.tasks.get(&line.task)) else {
            continue;
        };
        let subject = line.task.to_string();
        let about = (Measure::TaskPermits, Some(subject.as_str()));
        let key = (Trigger::Users, CaseScope::Body);
        let accepted = ground.accepted.value(key, about);
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
