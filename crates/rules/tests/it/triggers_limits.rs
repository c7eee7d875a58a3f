//! Who may and where, task by task: what a plan widens is found by task, what was accepted is known, and people outside
//! the units of a task are told apart from people outside the plan.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sekisho_domain::id::TaskId;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{
    Baseline, CaseScope, Figure, FrozenLine, Measure, PlanContent, PlanDecision, PlanLine, Trigger,
};
use sekisho_domain::time::Span;
use sekisho_domain::world::Accepted;
use sekisho_rules::trigger::{
    Against, Failing, OutsideTask, Settled, TaskNow, Usage, evaluate, freeze,
};

use crate::fixture::NOW;
use crate::triggers::{
    UNITS, closed, content, grade, line, open, quiet, settled, task, unit, version, world,
};

const BODY: CaseScope = CaseScope::Body;
const HOME: TeleworkPlace = TeleworkPlace::Home;
const TRAVELLING: TeleworkPlace = TeleworkPlace::Travelling;

pub(super) fn limited(number: u32, units: &[u32], places: &[TeleworkPlace]) -> PlanLine {
    PlanLine {
        places: places.to_vec(),
        ..line(number, units.iter().map(|it| unit(*it)).collect(), None)
    }
}

pub(super) fn with(lines: Vec<PlanLine>) -> PlanContent {
    PlanContent {
        lines,
        ..content(100, 10_000)
    }
}

/// A quiet organisation in which the first task is done. Unit 1 has 3 and 4 below it.
pub(super) fn usage() -> Usage {
    let (mut usage, ..) = quiet();
    let now = TaskNow {
        grade: grade(0),
        systems: BTreeSet::new(),
        permits: 0,
        person_days: 0,
        unit: None,
    };
    usage.tasks.insert(task(0), now);
    usage
}

/// The first task by one unit at home, the second by everyone anywhere.
pub(super) fn narrow() -> PlanContent {
    with(vec![limited(0, &[1], &[HOME]), limited(1, &[], &[])])
}

pub(super) type Told = BTreeSet<(CaseScope, Measure, String)>;

pub(super) fn told(
    usage: &Usage,
    (baseline, accepted): (&Baseline, &[Accepted]),
    content: &PlanContent,
) -> Told {
    let version = version(content.clone());
    let against = Against {
        version: &version,
        baseline,
        accepted,
        first_at: NOW,
    };
    let fired = evaluate(usage, against, Failing::default()).fired;
    let eligible = fired
        .into_iter()
        .filter(|it| it.trigger == Trigger::Eligible);
    eligible
        .flat_map(|it| it.figures.into_iter().map(move |figure| (it.scope, figure)))
        .map(|(scope, it)| (scope, it.measure, it.subject.unwrap_or_default()))
        .collect()
}

pub(super) fn who(scope: CaseScope, number: u32, who: &str) -> (CaseScope, Measure, String) {
    (scope, Measure::Admitted, format!("{}/{who}", task(number)))
}

pub(super) fn place(number: u32, place: &str) -> (CaseScope, Measure, String) {
    let subject = format!("{}/{place}", task(number));
    (BODY, Measure::PlaceAdmitted, subject)
}

#[test]
fn what_a_plan_widens_of_a_line_is_found_and_names_the_task() {
    let usage = usage();
    let baseline = freeze(&usage, &narrow(), None);
    let other = || limited(1, &[], &[]);
    let (two, one) = (unit(2).to_string(), unit(1).to_string());
    let mut refused = limited(0, &[1], &[HOME]);
    refused.decision = PlanDecision::Refuse;
    let own = |number: u32| CaseScope::Unit(unit(number));
    let table: Vec<(&str, Vec<PlanLine>, Told)> = vec![
        ("the same", narrow().lines, Told::new()),
        (
            "a section below",
            vec![limited(0, &[3], &[HOME]), other()],
            Told::new(),
        ),
        (
            "one unit more",
            vec![limited(0, &[1, 2], &[HOME]), other()],
            [who(BODY, 0, &two), who(own(2), 0, &two)].into(),
        ),
        (
            "from one section to everyone, where another task was open to all before",
            vec![limited(0, &[], &[HOME]), other()],
            [who(BODY, 0, "everyone")].into(),
        ),
        (
            "one place more",
            vec![limited(0, &[1], &[HOME, TRAVELLING]), other()],
            [place(0, "travelling")].into(),
        ),
        (
            "anywhere",
            vec![limited(0, &[1], &[]), other()],
            [place(0, "anywhere")].into(),
        ),
        ("refused", vec![refused, other()], Told::new()),
        (
            "struck out: it is limited no longer",
            vec![other()],
            [who(BODY, 0, "everyone"), place(0, "anywhere")].into(),
        ),
        (
            "a task more",
            [narrow().lines, vec![limited(2, &[1], &[HOME])]].concat(),
            [who(BODY, 2, &one), who(own(1), 2, &one), place(2, "home")].into(),
        ),
    ];
    for (what, lines, expected) in table {
        assert_eq!(
            told(&usage, (&baseline, &[]), &with(lines)),
            expected,
            "{what}"
        );
    }
}

#[test]
fn what_was_refused_and_is_admitted_again_is_found() {
    let usage = usage();
    let mut refused = narrow();
    refused.lines[0].decision = PlanDecision::Refuse;
    let baseline = freeze(&usage, &refused, None);
    let one = unit(1).to_string();
    let expected = [
        who(BODY, 0, &one),
        who(CaseScope::Unit(unit(1)), 0, &one),
        place(0, "home"),
    ];
    assert_eq!(told(&usage, (&baseline, &[]), &narrow()), expected.into());
}

#[test]
fn what_a_reassessment_accepted_is_known_of_that_task_and_of_no_other() {
    let usage = usage();
    let baseline = freeze(
        &usage,
        &with(vec![limited(0, &[1], &[HOME]), limited(1, &[1], &[HOME])]),
        None,
    );
    let wide = with(vec![limited(0, &[1, 2], &[]), limited(1, &[1], &[HOME])]);
    let plan = version(wide.clone());
    let against = Against {
        version: &plan,
        baseline: &baseline,
        accepted: &[],
        first_at: NOW,
    };
    let accepted = closed(&usage, against, NOW);
    assert_eq!(told(&usage, (&baseline, &accepted), &wide), Told::new());
    let other = with(vec![limited(0, &[1, 2], &[]), limited(1, &[1, 2], &[HOME])]);
    let two = unit(2).to_string();
    let own = CaseScope::Unit(unit(2));
    assert_eq!(
        told(&usage, (&baseline, &accepted), &other),
        [who(BODY, 1, &two), who(own, 1, &two)].into()
    );
    // A word for a unit is none for the whole.
    let of_unit: Vec<Accepted> = accepted.into_iter().filter(|it| it.scope == own).collect();
    assert_eq!(of_unit.len(), 1);
    assert_eq!(
        told(&usage, (&baseline, &of_unit), &wide),
        [who(BODY, 0, &two), place(0, "anywhere")].into()
    );
}

/// What is frozen of the first task with the next plan.
pub(super) fn next(
    before: &Baseline,
    accepted: &[Accepted],
    content: &PlanContent,
) -> (Baseline, FrozenLine) {
    let next = freeze(&usage(), content, Some((before, accepted)));
    let line = next.lines.as_ref().unwrap()[&task(0)].clone();
    (next, line)
}

#[test]
fn a_new_plan_makes_no_widening_known_and_forgets_what_it_narrows() {
    let usage = usage();
    let first = freeze(&usage, &narrow(), None);
    let wide = with(vec![limited(0, &[], &[]), limited(1, &[], &[])]);
    let (second, known) = next(&first, &[], &wide);
    let as_before = FrozenLine {
        units: Some([unit(1)].into()),
        places: Some([HOME].into()),
    };
    assert_eq!(known, as_before);
    let widened: Told = [who(BODY, 0, "everyone"), place(0, "anywhere")].into();
    assert_eq!(told(&usage, (&second, &[]), &wide), widened);
    // Nor does silence.
    assert_eq!(next(&first, &[], &with(Vec::new())).1, as_before);
    // Accepted for the whole it is known.
    let plan = version(wide.clone());
    let against = Against {
        version: &plan,
        baseline: &first,
        accepted: &[],
        first_at: NOW,
    };
    let accepted = closed(&usage, against, NOW);
    assert_eq!(next(&first, &accepted, &wide).1, FrozenLine::open());
    // One section of the unit alone, and then the unit again.
    let section = with(vec![limited(0, &[3], &[HOME]), limited(1, &[], &[])]);
    let (third, known) = next(&first, &[], &section);
    assert_eq!(known.units, Some([unit(3)].into()));
    let one = unit(1).to_string();
    assert_eq!(
        told(&usage, (&third, &[]), &narrow()),
        [who(BODY, 0, &one), who(CaseScope::Unit(unit(1)), 0, &one)].into()
    );
}

/// Installations of before have such baselines: held to the units of the whole, until the next plan is approved.
#[test]
fn a_baseline_of_before_lines_were_frozen_is_held_to_what_its_plan_said() {
    let usage = usage();
    let only = |units: &[u32]| with(vec![limited(0, units, &[HOME])]);
    let old = Baseline {
        lines: None,
        ..freeze(&usage, &only(&[1]), None)
    };
    let two = unit(2).to_string();
    let own = CaseScope::Unit(unit(2));
    let of_whole = [BODY, own].map(|scope| (scope, Measure::Admitted, two.clone()));
    assert_eq!(told(&usage, (&old, &[]), &only(&[1, 2])), of_whole.into());
    let known = old.with_lines_of(&only(&[1]));
    let (next, _) = next(&known, &[], &only(&[1, 2]));
    assert_eq!(
        told(&usage, (&next, &[]), &only(&[1, 2])),
        [who(BODY, 0, &two), who(own, 0, &two)].into()
    );
}

fn outside(unit: u32, days: u64, refused: u64) -> Usage {
    let mut usage = usage();
    usage.outside.push(OutsideTask {
        task: task(0),
        unit,
        days,
        refused,
    });
    usage
}

#[test]
fn people_outside_the_units_of_a_task_are_found_by_task_and_attempts_subside() {
    let baseline = freeze(&usage(), &narrow(), None);
    let own = CaseScope::Unit(unit(2));
    let name = task(0).to_string();
    let seen = outside(2, 1, 0);
    let used = |scope| (scope, Measure::OutsideUse, name.clone());
    assert_eq!(
        told(&seen, (&baseline, &[]), &narrow()),
        [used(BODY), used(own)].into()
    );
    let mut plan = world(version(narrow()), baseline);
    let found = settled(&plan, &seen).found;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|it| it.high), "{found:?}");
    // What was accepted counts no longer; a day after it does.
    plan.accepted = closed(
        &seen,
        Against::of(&plan).unwrap(),
        NOW.before(Span::days(2)),
    );
    assert_eq!(settled(&plan, &outside(2, 0b100, 0)), Settled::default());
    assert_eq!(settled(&plan, &outside(2, 0b110, 0)).found.len(), 2);
    plan.accepted.clear();
    // Three days of refusals, in the unit; over below nine tenths of two.
    assert_eq!(settled(&plan, &outside(2, 0, 0b11)), Settled::default());
    let found = settled(&plan, &outside(2, 0, 0b111)).found;
    let figure = Figure {
        measure: Measure::OutsideAttempts,
        subject: Some(name),
        value: 3,
        base: None,
        level: Some(2),
    };
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].scope, found[0].figures.as_slice()),
        (own, &[figure][..])
    );
    let case = open(&mut plan, Trigger::Eligible, own, found[0].figures.clone());
    assert_eq!(settled(&plan, &outside(2, 0, 0b11)), Settled::default());
    assert_eq!(settled(&plan, &outside(2, 0, 0b1)).subsided[0].0, case);
}

/// Whether a line refuses, its units and its places; none of a task of which the plan says nothing.
type Limits = Option<(bool, Vec<u32>, Vec<TeleworkPlace>)>;

fn limits() -> impl Strategy<Value = [Limits; 2]> {
    let one = || {
        let units = proptest::collection::vec(0..UNITS, 0..3);
        let places = prop::sample::select(TeleworkPlace::ALL.to_vec());
        let places = proptest::collection::vec(places, 0..3);
        let line = (prop::bool::weighted(0.2), units, places);
        proptest::option::weighted(0.75, line)
    };
    [one(), one()]
}

fn lines(limits: &[Limits; 2]) -> PlanContent {
    let lines = limits.iter().zip(0..).filter_map(|(limits, n)| {
        let (refuses, units, places) = limits.as_ref()?;
        let mut line = limited(n, units, places);
        if *refuses {
            line.decision = PlanDecision::Refuse;
        }
        Some(line)
    });
    with(lines.collect())
}

/// All that either admits.
fn wider(one: &Limits, other: &Limits) -> Limits {
    fn all<T: Clone>(one: &[T], other: &[T]) -> Vec<T> {
        if one.is_empty() || other.is_empty() {
            Vec::new()
        } else {
            [one, other].concat()
        }
    }
    // What a plan is silent about it does not limit.
    let (a, b) = (one.as_ref()?, other.as_ref()?);
    match (a.0, b.0) {
        (true, _) => other.clone(),
        (_, true) => one.clone(),
        _ => Some((false, all(&a.1, &b.1), all(&a.2, &b.2))),
    }
}

proptest! {
    #[test]
    fn a_plan_that_admits_more_never_makes_a_task_fall_silent(
        at_first in limits(),
        accepted in (any::<bool>(), limits()),
        then in limits(),
        more in limits(),
    ) {
        let mut usage = usage();
        // Both are there all along: one that is not is told as a task more, whatever is said of it.
        let there = usage.tasks[&task(0)].clone();
        usage.tasks.insert(task(1), there);
        let baseline = freeze(&usage, &lines(&at_first), None);
        let between = version(lines(&accepted.1));
        let mut against = Against { version: &between, baseline: &baseline, accepted: &[], first_at: NOW };
        let taken = closed(&usage, against, NOW);
        if accepted.0 {
            against.accepted = &taken;
        }
        let all = [wider(&then[0], &more[0]), wider(&then[1], &more[1])];
        let of = |content: &PlanContent| -> BTreeSet<(Measure, TaskId)> {
            let told = told(&usage, (&baseline, against.accepted), content);
            let whole = told.into_iter().filter(|(scope, ..)| *scope == BODY);
            whole
                .map(|(_, measure, subject)| (measure, subject.split_once('/').unwrap().0.parse().unwrap()))
                .collect()
        };
        let (before, after) = (of(&lines(&then)), of(&lines(&all)));
        prop_assert!(before.is_subset(&after), "{before:?} {after:?}");
        // And the plan that was frozen is never against itself.
        prop_assert!(of(&lines(&at_first)).is_empty());
    }
}
