//! Who may and where, task by task, against what was known: a section more, everyone, a place more. What a plan is
//! silent about it does not limit, so that a line that is struck out opens its task.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::{TaskId, UnitId};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{CaseScope, Figure, FrozenLine, Measure, Trigger};

use super::{AcceptedSubjects, Found, Ground, Usage};

/// What stands in the place of a unit where everyone is admitted.
pub(super) const EVERYONE: &str = "everyone";
/// What stands in the place of a place where the task may be done anywhere.
const ANYWHERE: &str = "anywhere";

/// The units, and the place of each.
type Tree<'a> = (&'a Usage, &'a BTreeMap<UnitId, usize>);

/// Whether one of some units is a unit or stands above it.
fn is_within((usage, places): Tree<'_>, known: &BTreeSet<UnitId>, unit: UnitId) -> bool {
    known.contains(&unit)
        || places.get(&unit).is_some_and(|unit| {
            let mut above = known.iter().filter_map(|it| places.get(it));
            above.any(|above| usage.is_within(*unit, *above))
        })
}

/// What the plan says now of each task; of one that it has become silent about, that everyone may, anywhere.
fn now(ground: &Ground<'_>, known: &BTreeMap<TaskId, FrozenLine>) -> BTreeMap<TaskId, FrozenLine> {
    let mut now = ground.against.version.content.limits();
    let there = |task: &&TaskId| ground.usage.tasks.contains_key(*task);
    for task in known.keys().filter(there) {
        now.entry(*task).or_insert_with(FrozenLine::open);
    }
    now
}

/// What the plan admits task by task that neither the baseline nor a reassessment did. All of a task that is new is
/// told: what is accepted with it are these units and places, and not those to come.
pub(super) fn find(ground: &Ground<'_>, known: &BTreeMap<TaskId, FrozenLine>, found: &mut Found) {
    let accepted = |measure| ground.against.accepted_subjects(measure);
    let (who, places) = (
        accepted(Measure::Admitted),
        accepted(Measure::PlaceAdmitted),
    );
    let unknown = FrozenLine::shut();
    for (task, now) in now(ground, known) {
        let known = known.get(&task).unwrap_or(&unknown);
        units_of(ground, task, (known, &now), &who, found);
        places_of(ground, task, (known, &now), &places, found);
    }
}

fn units_of(
    ground: &Ground<'_>,
    task: TaskId,
    (known, now): (&FrozenLine, &FrozenLine),
    accepted: &AcceptedSubjects<'_>,
    found: &mut Found,
) {
    let everyone = format!("{task}/{EVERYONE}");
    let Some(known) = &known.units else {
        return;
    };
    if accepted.has(CaseScope::Body, &everyone) {
        return;
    }
    let Some(now) = &now.units else {
        let figure = Figure::found(Measure::Admitted, everyone);
        found.add(Trigger::Eligible, CaseScope::Body, figure);
        return;
    };
    let of_task = format!("{task}/");
    let known_in = |scope: CaseScope| -> BTreeSet<UnitId> {
        let accepted = accepted.of(scope);
        let accepted = accepted.filter_map(|it| it.strip_prefix(of_task.as_str()));
        let accepted = accepted.filter_map(|it| it.parse::<UnitId>().ok());
        known.iter().copied().chain(accepted).collect()
    };
    let tree = (ground.usage, &ground.sums.places);
    let whole = known_in(CaseScope::Body);
    for unit in now {
        if is_within(tree, &whole, *unit) {
            continue;
        }
        let own = is_within(tree, &known_in(CaseScope::Unit(*unit)), *unit);
        let figure = Figure::found(Measure::Admitted, format!("{task}/{unit}"));
        let of = (Trigger::Eligible, Some(*unit));
        found.add_where(of, &figure, false, |scope| scope == CaseScope::Body || !own);
    }
}

fn places_of(
    ground: &Ground<'_>,
    task: TaskId,
    (known, now): (&FrozenLine, &FrozenLine),
    accepted: &AcceptedSubjects<'_>,
    found: &mut Found,
) {
    let Some(known) = &known.places else {
        return;
    };
    let now: Vec<&str> = match &now.places {
        None => vec![ANYWHERE],
        Some(now) => now.difference(known).map(|it| it.code()).collect(),
    };
    let anywhere = format!("{task}/{ANYWHERE}");
    let of = ground.usage.tasks.get(&task).and_then(|it| it.unit);
    for place in now {
        let subject = format!("{task}/{place}");
        let figure = Figure::found(Measure::PlaceAdmitted, subject.clone());
        found.add_where((Trigger::Eligible, of), &figure, false, |scope| {
            !accepted.has(scope, &subject) && !accepted.has(scope, &anywhere)
        });
    }
}

/// What is known of who may and where as the next plan is approved: what was known, what was accepted for the whole
/// since, and of both no more than the plan says now. What it narrows is known no longer, unless a word accepted it.
pub(super) fn known(
    usage: &Usage,
    now: &BTreeMap<TaskId, FrozenLine>,
    before: &BTreeMap<TaskId, FrozenLine>,
    accepted: (&BTreeSet<&str>, &BTreeSet<&str>),
) -> BTreeMap<TaskId, FrozenLine> {
    let places = usage.units.iter().enumerate();
    let places: BTreeMap<UnitId, usize> = places.map(|(place, it)| (it.id, place)).collect();
    let tasks: BTreeSet<TaskId> = now.keys().chain(before.keys()).copied().collect();
    let of = |task: TaskId| {
        let known = before.get(&task).cloned();
        let known = with_accepted(known.unwrap_or_else(FrozenLine::shut), task, accepted);
        match now.get(&task) {
            Some(now) => narrowed((usage, &places), known, now),
            None => known,
        }
    };
    tasks.into_iter().map(|task| (task, of(task))).collect()
}

/// The units whose people are admitted to any task; none where everyone is to one.
pub(super) fn admitted(lines: &BTreeMap<TaskId, FrozenLine>) -> Option<BTreeSet<UnitId>> {
    let mut all = BTreeSet::new();
    for line in lines.values() {
        all.extend(line.units.as_ref()?.iter().copied());
    }
    Some(all)
}

fn with_accepted(
    mut known: FrozenLine,
    task: TaskId,
    (who, places): (&BTreeSet<&str>, &BTreeSet<&str>),
) -> FrozenLine {
    let of_task = format!("{task}/");
    for who in who.iter().filter_map(|it| it.strip_prefix(&of_task)) {
        if who == EVERYONE {
            known.units = None;
        } else if let (Some(units), Ok(unit)) = (&mut known.units, who.parse()) {
            units.insert(unit);
        }
    }
    for place in places.iter().filter_map(|it| it.strip_prefix(&of_task)) {
        if place == ANYWHERE {
            known.places = None;
        } else if let (Some(places), Some(place)) =
            (&mut known.places, TeleworkPlace::from_code(place))
        {
            places.insert(place);
        }
    }
    known
}

fn narrowed(tree: Tree<'_>, known: FrozenLine, now: &FrozenLine) -> FrozenLine {
    let units = match (known.units, &now.units) {
        (None, now) => now.clone(),
        (known, None) => known,
        (Some(known), Some(now)) => {
            let now_within = now.iter().filter(|it| is_within(tree, &known, **it));
            let known_within = known.iter().filter(|it| is_within(tree, now, **it));
            Some(now_within.chain(known_within).copied().collect())
        }
    };
    let places = match (known.places, &now.places) {
        (None, now) => now.clone(),
        (known, None) => known,
        (Some(known), Some(now)) => Some(known.intersection(now).copied().collect()),
    };
    FrozenLine { units, places }
}
