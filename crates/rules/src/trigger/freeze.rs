//! What the approval of a plan freezes.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::{TaskId, UnitId};
use sekisho_domain::plan::{
    Baseline, CaseScope, EVERYONE, Figure, FrozenParts, FrozenTask, FrozenTaskUse, FrozenUse,
    Measure, Members, PlanContent,
};
use sekisho_domain::world::Accepted;

use super::limits;
use super::sums::Sums;
use super::tasks::known_grade;
use super::usage::Usage;

/// Freezes a baseline: of use, what is measured now. Of who may, of tasks, functions and editions, what there
/// was and what reassessments accepted: a new plan does not by itself make a widening known, so that what it
/// widens calls for a reassessment. The first plan takes all as it is.
#[must_use]
pub fn freeze(
    usage: &Usage,
    content: &PlanContent,
    before: Option<(&Baseline, &[Accepted])>,
) -> Baseline {
    let sums = Sums::plain(usage);
    let units = usage.units.iter().zip(&sums.units);
    let units: BTreeMap<UnitId, FrozenUse> = units
        .map(|(node, sum)| (node.id, sum.frozen()))
        .filter(|(_, frozen)| *frozen != FrozenUse::default())
        .collect();
    let mut members: BTreeMap<UnitId, Members> = BTreeMap::new();
    for person in usage.members() {
        if let Some(unit) = usage.units.get(person.unit as usize) {
            members.entry(unit.id).or_default().insert(person.key);
        }
    }
    let mut frozen = Baseline {
        measured_at: usage.at,
        working_days: usage.working_days(0),
        body: sums.body.frozen(),
        units,
        members,
        admitted: content.admitted(),
        lines: Some(content.limits()),
        tasks: tasks_now(usage),
        parts: Some(parts(usage, &sums)),
        functions: usage.functions.clone(),
        editions: usage.editions.clone(),
        unmeasured: usage
            .missing
            .iter()
            .map(|feed| feed.code().to_owned())
            .collect(),
    };
    if let Some((before, accepted)) = before {
        as_it_was(&mut frozen, usage, before, accepted);
    }
    frozen
}

fn tasks_now(usage: &Usage) -> BTreeMap<TaskId, FrozenTask> {
    let tasks = usage.tasks.iter().map(|(task, now)| {
        let frozen = FrozenTask {
            grade: now.grade,
            systems: now.systems.clone(),
            permits: now.permits,
        };
        (*task, frozen)
    });
    tasks.collect()
}

/// What the units do of each task.
fn parts(usage: &Usage, sums: &Sums) -> BTreeMap<TaskId, FrozenParts> {
    let all = usage.tasks.iter().map(|(task, now)| {
        let whole = FrozenTaskUse {
            permits: now.permits,
            person_days: now.person_days,
        };
        let units = BTreeMap::new();
        (*task, FrozenParts { whole, units })
    });
    let mut all: BTreeMap<TaskId, FrozenParts> = all.collect();
    for ((task, place), now) in &sums.parts {
        let frozen = now.frozen();
        if let (Some(parts), Some(node)) = (all.get_mut(task), usage.units.get(*place))
            && frozen != FrozenTaskUse::default()
        {
            parts.units.insert(node.id, frozen);
        }
    }
    all
}

/// Puts in the place of what there is now what was known before, and what was accepted for the whole. What a unit
/// accepted for itself stays accepted for it, and is known to nobody else.
fn as_it_was(frozen: &mut Baseline, usage: &Usage, before: &Baseline, accepted: &[Accepted]) {
    let whole = accepted.iter().filter(|it| it.scope == CaseScope::Body);
    let figures: Vec<&Figure> = whole.flat_map(|it| &it.figures).collect();
    let subjects = |measure: Measure| -> BTreeSet<&str> {
        let of = figures.iter().filter(|it| it.measure == measure);
        of.filter_map(|it| it.subject.as_deref()).collect()
    };
    let admitted = subjects(Measure::Admitted);
    let everyone = before.admitted.is_none() || admitted.contains(EVERYONE);
    frozen.admitted = if everyone {
        None
    } else {
        before.admitted.clone()
    };
    if let Some(known) = &mut frozen.admitted {
        known.extend(admitted.iter().filter_map(|it| it.parse::<UnitId>().ok()));
    }
    // Of one of before lines were frozen nothing is known by task: the caller says what its plan said, and no more of
    // that is known than the units of the whole were.
    if let Some(now) = frozen.lines.as_mut().filter(|_| before.lines.is_some()) {
        let accepted = (&admitted, &subjects(Measure::PlaceAdmitted));
        let before = (before, frozen.admitted.as_ref());
        *now = limits::known(usage, now, before, accepted);
        frozen.admitted = limits::admitted(now);
    }
    let added = subjects(Measure::TaskAdded);
    let reached = subjects(Measure::SystemReached);
    frozen.tasks.retain(|task, frozen| {
        let name = task.to_string();
        let known = before.tasks.get(task);
        if known.is_none() && !added.contains(name.as_str()) {
            return false;
        }
        // No higher than it was accepted: what it was raised to since, nobody looked at.
        frozen.grade = known_grade(known, accepted, &name).unwrap_or(frozen.grade);
        frozen.systems.retain(|it| {
            let before = known.is_some_and(|known| known.systems.contains(it));
            before || reached.contains(format!("{name}/{it}").as_str())
        });
        true
    });
    if let Some(parts) = &mut frozen.parts {
        parts.retain(|task, _| frozen.tasks.contains_key(task));
    }
    let added = subjects(Measure::FunctionAdded);
    let is_known = |it: &String| before.functions.contains(it) || added.contains(it.as_str());
    frozen.functions.retain(is_known);
    let editions = subjects(Measure::Edition);
    frozen.editions.clone_from(&before.editions);
    for (name, edition) in &usage.editions {
        if editions.contains(format!("{name}={edition}").as_str()) {
            frozen.editions.insert(name.clone(), edition.clone());
        }
    }
}
