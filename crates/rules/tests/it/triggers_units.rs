//! Triggers of units: checks that many of their devices fail, and what their people do of each task.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::plan::{
    Baseline, CaseScope, FailingSince, FailingUnits, Feed, Figure, Measure, PlanContent, PlanLine,
    Trigger,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{Accepted, TeleworkPlan};
use sekisho_rules::trigger::{
    Against, CheckCount, CheckCounts, CheckShare, Failing, Fired, PersonUse, TaskNow, TaskUse,
    Usage, WORKING_DAYS, evaluate, freeze, settle,
};

use crate::fixture::NOW;
use crate::triggers::{
    UNITS, content, grade, line, open, quiet, settled, task, unit, version, world,
};

const BODY: CaseScope = CaseScope::Body;
const CHECK: DeviceCheck = DeviceCheck::Firewall;
/// What is found where nothing is.
const NOTHING: [(Trigger, CaseScope, u64); 0] = [];

fn own(number: u32) -> CaseScope {
    CaseScope::Unit(unit(number))
}

/// How many of the devices of each unit itself fail the check, of how many.
fn devices(usage: &mut Usage, of: &[(u32, u32)]) {
    usage.unit_checks = vec![CheckCounts::default(); UNITS as usize];
    for (counts, (failing, known)) in usage.unit_checks.iter_mut().zip(of) {
        counts[CHECK.column()] = CheckCount {
            failing: *failing,
            known: *known,
        };
    }
}

/// That all units have failed the check since a day.
fn all_since(since: Timestamp) -> [FailingUnits; 1] {
    [FailingUnits {
        check: CHECK,
        since,
        units: (0..UNITS).map(unit).collect(),
    }]
}

/// What fires by checks, where all that fails has failed for a week.
fn by_checks(usage: &Usage, plan: &TeleworkPlan) -> Vec<Fired> {
    let known = all_since(usage.day.before(Span::days(7)));
    let before = Failing {
        whole: &[],
        units: &known,
    };
    let mut fired = evaluate(usage, Against::of(plan).unwrap(), before).fired;
    fired.retain(|it| it.trigger == Trigger::Unease);
    fired
}

fn scopes(fired: &[Fired]) -> BTreeSet<CaseScope> {
    fired.iter().map(|it| it.scope).collect()
}

/// Below unit 1 stand 3 and 4, below 2 stand 5 and 6, and 0 is the whole.
#[test]
fn a_check_that_devices_of_a_unit_fail_is_told_there_and_above_where_those_pass_their_level_too() {
    let (mut usage, plan, baseline) = quiet();
    let plan = world(plan, baseline);
    let told = |usage: &mut Usage, of: &[(u32, u32)]| {
        devices(usage, of);
        scopes(&by_checks(usage, &plan))
    };
    let large = (0, 2_000);
    let none = (0, 0);
    // The whole is told by itself, and not as the unit that it is.
    let all = [none, none, large, (50, 50), none, none, none];
    assert_eq!(told(&mut usage, &all), [own(1), own(3)].into());
    let among_many = [none, large, large, (50, 50), none, none, none];
    assert_eq!(told(&mut usage, &among_many), [own(3)].into());
    // One desk, four devices of four, and a tenth and a little more of fifty are no matter of the unit.
    let few = [none, large, none, (1, 3), (4, 4), (6, 50), (13, 50)];
    assert_eq!(told(&mut usage, &few), BTreeSet::new());
    let enough = [none, none, large, (5, 5), large, (8, 20), (14, 50)];
    assert_eq!(told(&mut usage, &enough), [own(3), own(5), own(6)].into());
}

#[test]
fn a_check_fires_in_a_unit_after_a_week_without_a_break() {
    let (mut usage, plan, baseline) = quiet();
    let plan = world(plan, baseline);
    devices(&mut usage, &[(0, 0), (0, 90), (20, 40)]);
    let mut before: Vec<FailingUnits> = Vec::new();
    for day in 0..10 {
        usage.day = NOW.day_begun().after(Span::days(day));
        // On one of them it did not fail.
        let failing = if day == 1 { 2 } else { 20 };
        usage.unit_checks[2][CHECK.column()].failing = failing;
        let known = Failing {
            whole: &[],
            units: &before,
        };
        let evaluation = evaluate(&usage, Against::of(&plan).unwrap(), known);
        let fires = evaluation.fired.iter().any(|it| it.scope == own(2));
        assert_eq!(fires, day == 9, "{day}");
        before = evaluation.failing_units;
    }
    let since = NOW.day_begun().after(Span::days(2));
    let units = vec![unit(2)];
    let check = CHECK;
    assert_eq!(
        before,
        [FailingUnits {
            check,
            since,
            units
        }]
    );
}

/// One who answers for the whole speaks for every unit, up to what was seen then; a unit speaks for itself.
#[test]
fn a_share_that_was_accepted_is_told_of_units_again_only_where_it_is_worse() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let none = (0, 0);
    devices(&mut usage, &[none, none, none, (25, 50), (45, 50)]);
    let both: BTreeSet<CaseScope> = [own(1), own(3), own(4)].into();
    assert_eq!(scopes(&by_checks(&usage, &plan)), both);
    let word = |scope, share| Accepted {
        scope,
        trigger: Trigger::Unease,
        at: NOW,
        figures: vec![Figure {
            value: share,
            ..Figure::found(Measure::CheckFailing, CHECK.code().to_owned())
        }],
    };
    plan.accepted = vec![word(BODY, 500)];
    let worse = by_checks(&usage, &plan);
    assert_eq!(scopes(&worse), [own(4)].into());
    let figure = &worse[0].figures[0];
    // By more than chance makes of 50.
    assert_eq!((figure.value, figure.level), (900, Some(782)));
    plan.accepted = vec![word(own(4), 900)];
    assert_eq!(scopes(&by_checks(&usage, &plan)), [own(1), own(3)].into());
    // The case of a unit is over below nine tenths of its level, by its own devices.
    plan.accepted.clear();
    let fired = by_checks(&usage, &plan);
    let of_unit = fired.iter().find(|it| it.scope == own(3)).unwrap();
    let case = open(&mut plan, Trigger::Unease, own(3), of_unit.figures.clone());
    assert_eq!(of_unit.figures[0].level, Some(269));
    for (failing, is_over) in [(13, false), (12, true)] {
        usage.unit_checks[3][CHECK.column()].failing = failing;
        let subsided = settled(&plan, &usage).subsided;
        assert_eq!(subsided.iter().any(|it| it.0 == case), is_over, "{failing}");
    }
}

proptest! {
    /// Whether one more of those that were there fails, or one more is there and fails.
    #[test]
    fn more_failing_devices_never_make_a_unit_fall_silent(
        of in proptest::collection::vec((0_u32..60, 0_u32..90), 7),
        more in proptest::collection::vec((0_u32..20, 0_u32..20), 7),
        accepted in 0_u64..600,
    ) {
        let (mut usage, plan, baseline) = quiet();
        let mut plan = world(plan, baseline);
        plan.accepted = vec![Accepted {
            scope: BODY,
            trigger: Trigger::Unease,
            at: NOW,
            figures: vec![Figure {
                value: accepted,
                ..Figure::found(Measure::CheckFailing, CHECK.code().to_owned())
            }],
        }];
        let now: Vec<_> = of.iter().map(|(failing, passing)| (*failing, failing + passing)).collect();
        let then = now.iter().zip(&more).map(|((failing, known), (new, turned))| {
            let turned = (*turned).min(known - failing);
            (failing + new + turned, known + new)
        });
        let then: Vec<_> = then.collect();
        devices(&mut usage, &now);
        let before = scopes(&by_checks(&usage, &plan));
        devices(&mut usage, &then);
        let after = scopes(&by_checks(&usage, &plan));
        prop_assert!(before.is_subset(&after), "{before:?} {after:?} {now:?} {then:?}");
    }
}

/// It opened a case in a third of all sections, and its acceptance for the whole changed nothing in half of them.
#[test]
fn what_fails_everywhere_alike_is_told_of_the_whole_and_of_units_that_are_worse() {
    let (mut usage, plan, baseline) = quiet();
    let plan = world(plan, baseline);
    let none = (0, 0);
    devices(
        &mut usage,
        &[
            none,
            none,
            (500, 2_000),
            (15, 52),
            (17, 52),
            (45, 52),
            (9, 20),
        ],
    );
    let week_ago = usage.day.before(Span::days(7));
    let known = all_since(week_ago);
    let whole = [FailingSince {
        check: CHECK,
        share: 250,
        since: week_ago,
    }];
    usage.checks = vec![CheckShare {
        check: CHECK,
        share: 269,
    }];
    let before = Failing {
        whole: &whole,
        units: &known,
    };
    let mut fired = evaluate(&usage, Against::of(&plan).unwrap(), before).fired;
    fired.retain(|it| it.trigger == Trigger::Unease);
    // 15 and 17 of 52 and 9 of 20 are chance where 269 of 1,000 fail everywhere.
    assert_eq!(scopes(&fired), [BODY, own(5)].into(), "{fired:?}");
}

/// Permits and days of the people of each unit itself for task 0.
fn parts(usage: &mut Usage, of: &[(usize, u64, u64)]) {
    let mut now = TaskNow {
        grade: grade(0),
        systems: BTreeSet::new(),
        permits: 0,
        person_days: 0,
        unit: None,
    };
    usage.task_units.clear();
    for (place, permits, days) in of {
        now.permits += permits;
        now.person_days += days;
        let part = TaskUse {
            permits: *permits,
            newest_days: *days,
            person_days: [*days; WORKING_DAYS],
        };
        usage.task_units.insert((task(0), *place), part);
    }
    usage.tasks.insert(task(0), now);
}

/// What is found of one measure: in which scopes, by which trigger and beyond what.
fn found(plan: &TeleworkPlan, usage: &Usage, measure: Measure) -> Vec<(Trigger, CaseScope, u64)> {
    let against = Against::of(plan).unwrap();
    let evaluation = evaluate(usage, against, Failing::default());
    let found = settle(plan, &evaluation, usage, against).found;
    let all = found.iter().flat_map(|it| {
        let figures = it.figures.iter().filter(|it| it.measure == measure);
        figures.map(|figure| (it.trigger, it.scope, figure.level.unwrap()))
    });
    all.collect()
}

/// A plan with one line, for everyone or some units, and what was frozen of some use with it.
fn planned(usage: &Usage, line: PlanLine) -> TeleworkPlan {
    let content = PlanContent {
        lines: vec![line],
        ..content(100, 10_000)
    };
    let baseline = freeze(usage, &content, None);
    world(version(content), baseline)
}

/// For everyone, without numbers.
fn open_line() -> PlanLine {
    line(0, Vec::new(), None)
}

#[test]
fn what_a_line_names_holds_the_lowest_unit_within_which_all_lies_that_it_names() {
    let (mut usage, ..) = quiet();
    parts(&mut usage, &[(3, 4, 10), (4, 3, 11)]);
    let told = |units: &[u32], usage: &Usage, measure| {
        let units = units.iter().map(|it| unit(*it)).collect();
        // Five people, and fifteen days.
        let plan = planned(usage, line(0, units, Some(5)));
        let all = found(&plan, usage, measure);
        all.into_iter().map(|it| it.1).collect::<Vec<_>>()
    };
    for measure in [Measure::TaskPermits, Measure::TaskDays] {
        assert_eq!(told(&[1], &usage, measure), [BODY, own(1)]);
        assert_eq!(told(&[4, 3], &usage, measure), [BODY, own(1)]);
        // Of unit 3 there are fewer: those of 4 are outside it.
        assert_eq!(told(&[3], &usage, measure), [BODY]);
        // Nothing less than the whole holds both, and a line for everyone speaks of no unit.
        assert_eq!(told(&[3, 6], &usage, measure), [BODY]);
        assert_eq!(told(&[], &usage, measure), [BODY]);
    }
    // What was accepted for the whole is no more in the unit.
    let mut plan = planned(&usage, line(0, vec![unit(1)], Some(5)));
    let mut word = Accepted {
        scope: BODY,
        trigger: Trigger::Users,
        at: NOW,
        figures: vec![Figure {
            value: 7,
            ..Figure::found(Measure::TaskPermits, task(0).to_string())
        }],
    };
    plan.accepted = vec![word.clone()];
    assert_eq!(found(&plan, &usage, Measure::TaskPermits), NOTHING);
    word.scope = own(1);
    plan.accepted = vec![word];
    let whole = [(Trigger::Users, BODY, 5)];
    assert_eq!(found(&plan, &usage, Measure::TaskPermits), whole);
}

/// A line for everyone says nothing of a unit, so that it is held to what was frozen of it.
#[test]
fn what_a_unit_does_of_a_task_is_held_to_what_was_frozen_of_it() {
    let (mut usage, ..) = quiet();
    let frozen = [(3, 20, 100), (4, 40, 400), (5, 200, 2_000)];
    parts(&mut usage, &frozen);
    let plan = planned(&usage, open_line());
    let in_unit = |plan: &TeleworkPlan, of: (u64, u64), measure| {
        let mut usage = usage.clone();
        parts(&mut usage, &[(3, of.0, of.1), frozen[1], frozen[2]]);
        let mut found = found(plan, &usage, measure);
        found.retain(|it| it.1 == own(3));
        found
    };
    let (permits, days) = (Measure::TaskPermits, Measure::TaskDays);
    let told = |level: u64| vec![(Trigger::Volume, own(3), level)];
    // Four standard deviations: 16 × 20 permits, and days by the ten.
    assert_eq!(in_unit(&plan, (37, 226), permits), NOTHING);
    assert_eq!(in_unit(&plan, (37, 226), days), NOTHING);
    assert_eq!(in_unit(&plan, (38, 227), permits), told(37));
    assert_eq!(in_unit(&plan, (38, 227), days), told(226));
    // On two of five working days alone it does not show.
    let mut once = usage.clone();
    let part = once.task_units.get_mut(&(task(0), 3)).unwrap();
    part.person_days = [900, 900, 100, 100, 100];
    assert_eq!(found(&plan, &once, days), NOTHING);
    // Where five times as many are planned as there were, a unit may have five times as many.
    let more = PlanLine {
        people: Some(1_300),
        person_days: Some(12_500),
        ..open_line()
    };
    let growing = planned(&usage, more);
    assert_eq!(in_unit(&growing, (140, 782), permits), NOTHING);
    assert_eq!(in_unit(&growing, (140, 782), days), NOTHING);
    assert_eq!(in_unit(&growing, (141, 783), permits), told(140));
    assert_eq!(in_unit(&growing, (141, 783), days), told(782));
}

fn without_parts(plan: &TeleworkPlan) -> Baseline {
    Baseline {
        parts: None,
        ..plan.baseline.as_deref().unwrap().clone()
    }
}

/// Neither after an update, nor of what was not seen, nor of what was not there.
#[test]
fn what_was_not_frozen_of_a_unit_is_not_held_against_it() {
    let (mut usage, ..) = quiet();
    // Of another unit, so that some of the task is known.
    parts(&mut usage, &[(5, 300, 3_000)]);
    let mut plan = planned(&usage, open_line());
    let mut grown = usage.clone();
    parts(&mut grown, &[(3, 50, 500), (5, 300, 3_000)]);
    grown.people.extend((1_000..1_040).map(|key| PersonUse {
        unit: 3,
        key,
        days: 1,
        refused: 0,
        admitted: true,
    }));
    let of = |plan: &TeleworkPlan, grown: &Usage| -> Vec<usize> {
        let all = [Measure::TaskPermits, Measure::TaskDays, Measure::People];
        let count = |measure| found(plan, grown, measure).len();
        all.into_iter().map(count).collect()
    };
    // Permits and days in unit 1 as well, which unit 3 is part of.
    assert_eq!(of(&plan, &grown), [2, 2, 1]);
    let kept = plan.clone();
    plan = world(plan.versions[0].clone(), without_parts(&plan));
    assert_eq!(of(&plan, &grown), [0, 0, 0]);
    // Permits are known whatever of use was seen.
    let mut unseen = kept.baseline.as_deref().unwrap().clone();
    unseen.unmeasured.insert(Feed::Use.code().to_owned());
    plan = world(kept.versions[0].clone(), unseen);
    assert_eq!(of(&plan, &grown), [2, 0, 0]);
    // A unit that was made since, below one that was there.
    let mut new = kept.baseline.as_deref().unwrap().clone();
    new.units.remove(&unit(3));
    new.members.remove(&unit(3));
    plan = world(kept.versions[0].clone(), new);
    assert_eq!(of(&plan, &grown), [1, 1, 0]);
    // A task that nobody did, and one that is told as new.
    let mut idle = usage;
    parts(&mut idle, &[]);
    assert_eq!(of(&planned(&idle, open_line()), &grown)[1..], [0, 1]);
    idle.tasks.clear();
    assert_eq!(of(&planned(&idle, open_line()), &grown)[1..], [0, 1]);
}

/// One line for everyone made every unit be of any size.
#[test]
fn people_of_a_unit_of_which_no_line_says_how_many_are_held_to_the_baseline() {
    let (usage, ..) = quiet();
    let plan = planned(&usage, open_line());
    let with = |many: u64| {
        let mut usage = usage.clone();
        usage.people.extend((0..many).map(|key| PersonUse {
            unit: 3,
            key: 1_000 + key,
            days: 1,
            refused: 0,
            admitted: true,
        }));
        usage
    };
    // Six of forty for whom a hundred are planned are fifteen of a hundred: 15 more are chance. Of unit 1 there are
    // eighteen with those below.
    let of = |plan: &TeleworkPlan, many| found(plan, &with(many), Measure::People);
    assert_eq!(of(&plan, 24), NOTHING);
    assert_eq!(of(&plan, 25), [(Trigger::Users, own(3), 30)]);
    let mut accepted = plan;
    accepted.accepted = vec![Accepted {
        scope: own(3),
        trigger: Trigger::Users,
        at: NOW,
        figures: vec![Figure {
            measure: Measure::People,
            subject: None,
            value: 31,
            base: None,
            level: None,
        }],
    }];
    assert_eq!(of(&accepted, 26), NOTHING);
}
