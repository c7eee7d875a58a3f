//! Who may and where, task by task, against what was known: a section more, everyone, a place more. What a plan is
//! silent about it does not limit, so that a line that is struck out opens its task.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::id::{PlanId, TaskId, UnitId};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{
    ANYWHERE, Baseline, CaseScope, EVERYONE, Figure, FrozenLine, Measure, Trigger,
};

use super::{AcceptedSubjects, Against, Found, Ground, Usage, scopes};

/// Most widenings that a case names one by one, or task by task. It names no more than [`FIGURES_MAX`] things, and one
/// plan is to be one case.
///
/// [`FIGURES_MAX`]: sekisho_domain::plan::FIGURES_MAX
const NAMED: usize = 100;

/// The units, and the place of each.
type Tree<'a> = (&'a Usage, &'a BTreeMap<UnitId, usize>);

/// Whether one of some units is a unit or stands above it: looked for from the unit upwards, however many they are.
pub(super) fn is_within((usage, places): Tree<'_>, known: &BTreeSet<UnitId>, unit: UnitId) -> bool {
    if known.contains(&unit) {
        return true;
    }
    let node = |place: usize| usage.units.get(place);
    let mut here = places.get(&unit).and_then(|place| node(*place));
    while let Some(it) = here {
        if known.contains(&it.id) {
            return true;
        }
        here = it.parent.and_then(|above| node(above as usize));
    }
    false
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

/// What reassessments accepted of it.
struct Words<'a> {
    who: AcceptedSubjects<'a>,
    places: AcceptedSubjects<'a>,
    /// The units that were accepted, by for whom and task.
    units: BTreeMap<(CaseScope, TaskId), BTreeSet<UnitId>>,
}

impl<'a> Words<'a> {
    fn of(against: &Against<'a>) -> Self {
        let who = against.accepted_subjects(Measure::Admitted);
        let mut units: BTreeMap<(CaseScope, TaskId), BTreeSet<UnitId>> = BTreeMap::new();
        for (scope, subjects) in &who.0 {
            for (task, unit) in subjects.iter().filter_map(|it| it.split_once('/')) {
                if let (Ok(task), Ok(unit)) = (task.parse(), unit.parse()) {
                    units.entry((*scope, task)).or_default().insert(unit);
                }
            }
        }
        Self {
            who,
            places: against.accepted_subjects(Measure::PlaceAdmitted),
            units,
        }
    }
}

/// What was widened: what of which task, and the unit or place.
type Widened = (Measure, TaskId, String);

/// By for whom it is told.
type Told = BTreeMap<CaseScope, Vec<Widened>>;

/// What the plan admits task by task that neither the baseline nor a reassessment did. All of a task that is new is
/// told: what is accepted with it are these units and places, and not those to come. A task that was there and of
/// which nothing was said was not limited.
pub(super) fn find(ground: &Ground<'_>, known: &BTreeMap<TaskId, FrozenLine>, found: &mut Found) {
    let words = Words::of(&ground.against);
    let (open, shut) = (FrozenLine::open(), FrozenLine::shut());
    let mut told = Told::new();
    for (task, now) in now(ground, known) {
        let was_there = ground.against.baseline.tasks.contains_key(&task);
        let silent = if was_there { &open } else { &shut };
        let known = known.get(&task).unwrap_or(silent);
        units_of(ground, (task, &words), (known, &now), &mut told);
        places_of(ground, (task, &words), (known, &now), &mut told);
    }
    let plan = ground.against.version.plan;
    for (scope, all) in told {
        for figure in named(plan, &all) {
            found.add(Trigger::Eligible, scope, figure);
        }
    }
}

/// One by one; where they are too many task by task, and where those are too many all that the plan says at once.
fn named(plan: PlanId, all: &[Widened]) -> Vec<Figure> {
    let one = |(measure, task, what): &Widened| Figure::found(*measure, format!("{task}/{what}"));
    if all.len() <= NAMED {
        return all.iter().map(one).collect();
    }
    let at_once = |measure, subject, count: usize| Figure {
        value: u64::try_from(count).unwrap_or(u64::MAX),
        ..Figure::found(measure, subject)
    };
    let mut of_task: BTreeMap<(TaskId, Measure), Vec<&Widened>> = BTreeMap::new();
    let mut of_plan: BTreeMap<Measure, usize> = BTreeMap::new();
    for it in all {
        of_task.entry((it.1, it.0)).or_default().push(it);
        *of_plan.entry(it.0).or_default() += 1;
    }
    if of_task.len() > NAMED {
        let of_plan = of_plan.into_iter();
        return of_plan
            .map(|(measure, count)| at_once(measure, plan.to_string(), count))
            .collect();
    }
    let of_task = of_task.into_iter();
    of_task
        .map(|((task, measure), all)| match all.as_slice() {
            [single] => one(single),
            _ => at_once(measure, format!("{task}/{plan}"), all.len()),
        })
        .collect()
}

fn units_of(
    ground: &Ground<'_>,
    (task, words): (TaskId, &Words<'_>),
    (known, now): (&FrozenLine, &FrozenLine),
    told: &mut Told,
) {
    let Some(known) = &known.units else {
        return;
    };
    let everyone = format!("{task}/{EVERYONE}");
    if words.who.has(CaseScope::Body, &everyone) {
        return;
    }
    let mut tell = |scope, who| {
        let widened = (Measure::Admitted, task, who);
        told.entry(scope).or_default().push(widened);
    };
    let Some(now) = &now.units else {
        tell(CaseScope::Body, EVERYONE.to_owned());
        return;
    };
    let accepted = |scope| words.units.get(&(scope, task));
    let tree = (ground.usage, &ground.sums.places);
    let whole = accepted(CaseScope::Body).into_iter().flatten();
    let whole: BTreeSet<UnitId> = known.iter().chain(whole).copied().collect();
    for unit in now.iter().filter(|it| !is_within(tree, &whole, **it)) {
        tell(CaseScope::Body, unit.to_string());
        let own = CaseScope::Unit(*unit);
        if !accepted(own).is_some_and(|own| is_within(tree, own, *unit)) {
            tell(own, unit.to_string());
        }
    }
}

fn places_of(
    ground: &Ground<'_>,
    (task, words): (TaskId, &Words<'_>),
    (known, now): (&FrozenLine, &FrozenLine),
    told: &mut Told,
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
        let is_known = |it| words.places.has(it, &subject) || words.places.has(it, &anywhere);
        for scope in scopes(of).filter(|it| !is_known(*it)) {
            let widened = (Measure::PlaceAdmitted, task, place.to_owned());
            told.entry(scope).or_default().push(widened);
        }
    }
}

/// What is known of who may and where as the next plan is approved: what was known, what was accepted for the whole
/// since, and of both no more than the plan says now. What it narrows is known no longer, unless a word accepted it.
/// `whole` are the units that were known at all, none where everyone was: lines of before lines were frozen may say
/// more.
pub(super) fn known(
    usage: &Usage,
    now: &BTreeMap<TaskId, FrozenLine>,
    (before, whole): (&Baseline, Option<&BTreeSet<UnitId>>),
    accepted: (&BTreeSet<&str>, &BTreeSet<&str>),
) -> BTreeMap<TaskId, FrozenLine> {
    let places = usage.units.iter().enumerate();
    let places: BTreeMap<UnitId, usize> = places.map(|(place, it)| (it.id, place)).collect();
    let tree = (usage, &places);
    let none = BTreeMap::new();
    let lines = before.lines.as_ref().unwrap_or(&none);
    let tasks: BTreeSet<TaskId> = now.keys().chain(lines.keys()).copied().collect();
    let of = |task: TaskId| {
        let known = match lines.get(&task) {
            Some(line) => cut_down(tree, line, whole),
            None if before.tasks.contains_key(&task) => FrozenLine::open(),
            None => FrozenLine::shut(),
        };
        let known = with_accepted(known, task, accepted);
        match now.get(&task) {
            Some(now) => narrowed(tree, known, now),
            None => known,
        }
    };
    tasks.into_iter().map(|task| (task, of(task))).collect()
}

/// A line with no more units than were known at all.
fn cut_down(tree: Tree<'_>, line: &FrozenLine, whole: Option<&BTreeSet<UnitId>>) -> FrozenLine {
    let Some(whole) = whole else {
        return line.clone();
    };
    let known = |units: &BTreeSet<UnitId>| units.iter().all(|it| is_within(tree, whole, *it));
    if line.units.as_ref().is_some_and(known) {
        return line.clone();
    }
    let of_whole = FrozenLine {
        units: Some(whole.clone()),
        places: None,
    };
    narrowed(tree, of_whole, line)
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
