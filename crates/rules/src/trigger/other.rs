//! Other changes (等): the age of the plan, people who came and went, editions, advisories.

use std::collections::BTreeMap;

use sekisho_domain::plan::{CaseScope, Figure, Measure, Members, Trigger};

use super::level::beyond;
use super::{Found, Ground, WORD_STANDS};

/// For how many days a plan may stand before it is looked at again.
const AGE: u64 = 365;
/// More than so many per thousand of a unit's people.
const MOVED: u64 = 300;
/// The fewest that are a change of the unit and not of one desk.
const MOVED_LEAST: u64 = 3;

fn count(number: usize) -> u64 {
    number as u64
}

fn age(ground: &Ground<'_>, found: &mut Found) {
    let since = ground.usage.at.since(ground.against.version.approved_at);
    let key = (Trigger::Other, CaseScope::Body);
    let accepted = ground.accepted.value(key, (Measure::PlanAge, None));
    let figure = Figure {
        measure: Measure::PlanAge,
        subject: None,
        value: u64::try_from(since.whole_days()).unwrap_or_default(),
        base: None,
        level: Some(accepted.map_or(AGE - 1, |days| days + AGE - 1)),
    };
    if let Some(figure) = beyond(figure) {
        found.add(Trigger::Other, CaseScope::Body, figure);
    }
}

fn turnover(ground: &Ground<'_>, found: &mut Found) {
    let mut now: BTreeMap<usize, Members> = BTreeMap::new();
    for person in ground.usage.members() {
        now.entry(person.unit as usize)
            .or_default()
            .insert(person.key);
    }
    let nobody = Members::new();
    for (place, unit, scope) in ground.units() {
        let Some(before) = ground.against.baseline.members.get(&unit) else {
            continue;
        };
        let now = now.get(&place).unwrap_or(&nobody);
        let gone = before.difference(now).count();
        let come = now.difference(before).count();
        let moved = count(gone.max(come));
        if moved < MOVED_LEAST {
            continue;
        }
        let key = (Trigger::Other, scope);
        let accepted = ground.accepted.value(key, (Measure::Turnover, None));
        let figure = Figure {
            measure: Measure::Turnover,
            subject: None,
            value: moved * 1000 / count(before.len()).max(1),
            base: Some(count(before.len())),
            level: Some(accepted.unwrap_or_default() + MOVED),
        };
        if let Some(figure) = beyond(figure) {
            found.add(Trigger::Other, scope, figure);
        }
    }
}

fn editions(ground: &Ground<'_>, found: &mut Found) {
    let accepted = ground.against.accepted_subjects(Measure::Edition);
    for (name, edition) in &ground.usage.editions {
        let subject = format!("{name}={edition}");
        let known = ground.against.baseline.editions.get(name) == Some(edition);
        if !known && !accepted.has(CaseScope::Body, &subject) {
            let figure = Figure::found(Measure::Edition, subject);
            found.add(Trigger::Other, CaseScope::Body, figure);
        }
    }
}

fn advisories(ground: &Ground<'_>, found: &mut Found) {
    for component in &ground.usage.exploited {
        // It names the component and not the vulnerability: a word on one is none on the next for ever.
        let key = (Trigger::Other, CaseScope::Body);
        let about = (Measure::Advisory, Some(component.as_str()));
        let word = ground.accepted.last(key, about);
        if word.is_none_or(|(at, _)| ground.usage.at.since(at) > WORD_STANDS) {
            let figure = Figure::found(Measure::Advisory, component.clone());
            found.add_high(Trigger::Other, CaseScope::Body, figure);
        }
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    age(ground, found);
    turnover(ground, found);
    editions(ground, found);
    advisories(ground, found);
}
