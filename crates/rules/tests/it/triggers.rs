//! Triggers are monotone: more users, tasks, functions or grades never make one fall silent. And cases
//! open once, grow, and subside with hysteresis.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::event::BlobRef;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{CaseId, PermitId, PlanId, SystemId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::plan::{
    Baseline, Case, CaseOpened, CaseScope, CaseState, Cause, Feed, Figure, Measure, PlanContent,
    PlanDecision, PlanHead, PlanLine, PlanVersion, Trigger,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{Accepted, TeleworkPlan};
use sekisho_rules::trigger::{
    Against, DAYS, Failing, NOT_WATCHED, PersonUse, Settled, Suppression, TaskNow, TaskUse,
    UnitNode, Usage, WORKING_DAYS, evaluate, freeze, resting_on, settle,
};

use crate::fixture::{NOW, fresh};

pub(super) const UNITS: u32 = 7;
const TASKS: u32 = 4;

pub(super) fn unit(number: u32) -> UnitId {
    UnitId::new(fresh(40, number))
}

pub(super) fn task(number: u32) -> TaskId {
    TaskId::new(fresh(41, number))
}

pub(super) fn system(number: u32) -> SystemId {
    SystemId::new(fresh(42, number))
}

pub(super) fn grade(number: usize) -> Grade {
    Grade::all()[number % 12]
}

pub(super) fn line(number: u32, units: Vec<UnitId>, people: Option<u32>) -> PlanLine {
    PlanLine {
        task: task(number),
        decision: PlanDecision::Allow,
        reason: Line::parse("通常の業務").unwrap(),
        highest: Some(grade(0)),
        units,
        places: Vec::new(),
        people,
        person_days: people.map(|most| most * 3),
        systems: Vec::new(),
        services: Vec::new(),
        tools: Vec::new(),
    }
}

pub(super) fn content(people: u32, person_days: u32) -> PlanContent {
    PlanContent {
        head: PlanHead {
            title: Line::parse("計画").unwrap(),
            people,
            person_days,
            gateway_hours: Some(person_days),
            note: None,
        },
        lines: vec![
            line(0, vec![unit(1)], Some(2)),
            line(1, vec![unit(4)], Some(3)),
        ],
    }
}

pub(super) fn version(content: PlanContent) -> PlanVersion {
    PlanVersion {
        version: 1,
        plan: PlanId::new(fresh(43, 0)),
        content: Arc::new(content),
        cause: Cause::Approved,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW,
        // What is done in the whole window is done under it.
        approved_at: NOW.before(Span::days(29)),
        until: NOW,
        cites: Vec::new(),
        baseline: BlobRef {
            blob: String::new(),
            size: 0,
        },
    }
}

/// What one person did, and one task as it stands.
type Person = (u32, u64, u64, bool);
type Task = (u32, usize, u64, Vec<u32>);

fn usage(people: &[Person], tasks: &[Task], functions: &[u8], minutes: u32) -> Usage {
    let parent = |number: u32| (number > 0).then(|| (number - 1) / 2);
    let units = (0..UNITS).map(|number| UnitNode {
        id: unit(number),
        parent: parent(number),
    });
    let mut usage = Usage {
        at: NOW,
        day: NOW.day_begun(),
        units: units.collect(),
        minutes: vec![[minutes; DAYS]; UNITS as usize],
        working: [0, 1, 2, 3, 4],
        ..Usage::default()
    };
    for (number, (unit, days, refused, admitted)) in people.iter().enumerate() {
        usage.people.push(PersonUse {
            unit: unit % UNITS,
            key: number as u64,
            days: *days,
            refused: *refused,
            admitted: *admitted,
        });
    }
    for (number, grade_of, permits, systems) in tasks {
        let now = TaskNow {
            grade: grade(*grade_of),
            systems: systems.iter().map(|it| system(*it)).collect(),
            permits: *permits,
            person_days: *permits,
            unit: Some(unit(number % UNITS)),
        };
        usage.tasks.insert(task(number % TASKS), now);
        // By the people of a unit that need not answer for it.
        let unit = (number + u32::from(permits.is_multiple_of(2))) % UNITS;
        let part = TaskUse {
            permits: *permits,
            newest_days: permits * 4,
            person_days: [permits * 4; WORKING_DAYS],
        };
        let place = (task(number % TASKS), unit as usize);
        usage.task_units.insert(place, part);
    }
    usage.functions = functions.iter().map(|it| format!("service:{it}")).collect();
    usage
}

fn fires(usage: &Usage, against: Against<'_>) -> BTreeSet<(Trigger, CaseScope)> {
    let fired = evaluate(usage, against, Failing::default()).fired;
    fired.into_iter().map(|it| (it.trigger, it.scope)).collect()
}

/// What closing a case for all that fires accepts.
pub(super) fn closed(usage: &Usage, against: Against<'_>, at: Timestamp) -> Vec<Accepted> {
    let mut plan = TeleworkPlan {
        accepted: against.accepted.to_vec(),
        versions: vec![against.version.clone()],
        ..TeleworkPlan::default()
    };
    for fired in evaluate(usage, against, Failing::default()).fired {
        plan.accept(Accepted {
            scope: fired.scope,
            trigger: fired.trigger,
            at,
            figures: fired.figures,
        });
    }
    plan.accepted
}

fn people(most: usize) -> impl Strategy<Value = Vec<Person>> {
    let person = (0..UNITS, any::<u64>(), 0_u64..16, any::<bool>());
    proptest::collection::vec(person, 0..most)
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let systems = proptest::collection::vec(0_u32..4, 0..3);
    proptest::collection::vec((0..TASKS, 0_usize..12, 0_u64..40, systems), 0..4)
}

proptest! {
    #[test]
    fn more_never_makes_a_trigger_fall_silent(
        at_first in (people(12), tasks(), proptest::collection::vec(0_u8..4, 0..3)),
        accepted in (any::<bool>(), people(20), tasks(), proptest::collection::vec(0_u8..6, 0..4)),
        then in (people(30), tasks(), proptest::collection::vec(0_u8..8, 0..4), 0_u32..600),
        more in (people(30), tasks(), proptest::collection::vec(0_u8..8, 0..4), 0_u32..600),
        ceilings in (0_u32..30, 0_u32..400),
    ) {
        let plan = version(content(ceilings.0, ceilings.1));
        let baseline = freeze(&usage(&at_first.0, &at_first.1, &at_first.2, 100), &plan.content, None);
        let now = usage(&then.0, &then.1, &then.2, then.3);
        let mut grown = now.clone();
        // The same people on more days, and more people; the same tasks at higher grades, and more tasks.
        for (person, (_, days, refused, _)) in grown.people.iter_mut().zip(&more.0) {
            person.days |= days;
            person.refused |= refused;
        }
        let new = usage(&more.0, &more.1, &more.2, more.3);
        grown.people.extend(new.people.iter().map(|it| PersonUse { key: it.key + 1_000, ..*it }));
        for (task, it) in new.tasks {
            let known = grown.tasks.entry(task).or_insert_with(|| it.clone());
            known.grade = known.grade.join(it.grade);
            known.systems.extend(it.systems);
            known.permits = known.permits.max(it.permits);
            known.person_days = known.person_days.max(it.person_days);
        }
        for (key, it) in new.task_units {
            grown.task_units.entry(key).or_default().add(&it);
        }
        grown.functions.extend(new.functions);
        for (days, more) in grown.minutes.iter_mut().flatten().zip(new.minutes.iter().flatten()) {
            *days += more;
        }
        let mut against = Against { version: &plan, baseline: &baseline, accepted: &[], first_at: NOW };
        // What was seen in between, and closed: or nothing.
        let between = usage(&accepted.1, &accepted.2, &accepted.3, 200);
        let taken = closed(&between, against, NOW.before(Span::days(10)));
        if accepted.0 {
            against.accepted = &taken;
        }
        let before = fires(&now, against);
        let after = fires(&grown, against);
        prop_assert!(before.is_subset(&after), "{before:?} {after:?}");
    }
}

const EVERY_DAY: u64 = (1 << 40) - 1;

/// A quiet organisation and what was frozen of it.
pub(super) fn quiet() -> (Usage, PlanVersion, Baseline) {
    let people: Vec<Person> = (0..40)
        .map(|it| (it % UNITS, 0x0011_1111_1111, 0, true))
        .collect();
    let usage = usage(&people, &[], &[], 10);
    let plan = version(PlanContent {
        lines: vec![line(0, Vec::new(), None)],
        ..content(100, 10_000)
    });
    let baseline = freeze(&usage, &plan.content, None);
    (usage, plan, baseline)
}

pub(super) fn settled(plan: &TeleworkPlan, usage: &Usage) -> Settled {
    let against = Against::of(plan).unwrap();
    settle(
        plan,
        &evaluate(usage, against, Failing::default()),
        usage,
        against,
    )
}

pub(super) fn world(version: PlanVersion, baseline: Baseline) -> TeleworkPlan {
    TeleworkPlan {
        versions: vec![version],
        baseline: Some(Arc::new(baseline)),
        ..TeleworkPlan::default()
    }
}

pub(super) fn open(
    plan: &mut TeleworkPlan,
    trigger: Trigger,
    scope: CaseScope,
    figures: Vec<Figure>,
) -> CaseId {
    let case = CaseId::new(fresh(44, u32::try_from(plan.cases.len()).unwrap()));
    let opened = CaseOpened {
        case,
        trigger,
        scope,
        version: 1,
        figures,
        high: false,
        due: Timestamp::default(),
    };
    let state = CaseState::Open;
    let (opened_at, changed_at, version) = (NOW, NOW, 1);
    plan.cases.insert(
        case,
        Case {
            opened,
            latest: Vec::new(),
            opened_at,
            changed_at,
            version,
            state,
        },
    );
    case
}

#[test]
fn a_case_opens_once_and_subsides_only_below_nine_tenths() {
    let (quiet, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    assert_eq!(settled(&plan, &quiet), Settled::default());
    let mut busy = quiet.clone();
    busy.people.iter_mut().for_each(|it| it.days = EVERY_DAY);
    let found = settled(&plan, &busy).found;
    let whole = found
        .iter()
        .find(|it| (it.trigger, it.scope) == (Trigger::Volume, CaseScope::Body));
    let whole = whole.unwrap().clone();
    let level = whole.figures[0].level.unwrap();
    for fired in found {
        open(&mut plan, fired.trigger, fired.scope, fired.figures);
    }
    // The same again is no news.
    assert_eq!(settled(&plan, &busy), Settled::default());
    // At nine tenths of its level and a little more it stands; below it is over.
    let with = |days: u64| {
        let mut usage = quiet.clone();
        usage.people.iter_mut().for_each(|it| it.days = 0);
        let mut left = days;
        for person in &mut usage.people {
            let own = left.min(28);
            person.days = (1 << own) - 1;
            left -= own;
        }
        usage
    };
    let over = |days: u64| {
        let settled = settled(&plan, &with(days)).subsided;
        settled
            .iter()
            .any(|(case, _)| plan.cases[case].opened.scope == CaseScope::Body)
    };
    assert!(!over(level * 9 / 10 + 1));
    assert!(over(level * 9 / 10 - 1));
}

#[test]
fn what_happened_does_not_subside_and_what_comes_to_it_is_told() {
    let (quiet, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let figure = Figure::found(Measure::FunctionAdded, "service:1".to_owned());
    let case = open(&mut plan, Trigger::Functions, CaseScope::Body, vec![figure]);
    assert_eq!(settled(&plan, &quiet).subsided, Vec::new());
    let mut more = quiet;
    more.functions
        .extend(["service:1".to_owned(), "service:2".to_owned()]);
    let grown = settled(&plan, &more).grown;
    assert_eq!(grown.len(), 1);
    assert_eq!((grown[0].0, grown[0].1.len()), (case, 2));
}

#[test]
fn a_new_plan_makes_no_widening_known_that_nobody_reassessed() {
    let (mut now, plan, baseline) = quiet();
    now.functions.insert("service:9".to_owned());
    let again = freeze(&now, &plan.content, Some((&baseline, &[])));
    assert!(!again.functions.contains("service:9"));
    let mut plan = world(plan, again);
    assert_eq!(settled(&plan, &now).found[0].trigger, Trigger::Functions);
    // Once it was reassessed it is part of what is known.
    let figure = Figure::found(Measure::FunctionAdded, "service:9".to_owned());
    plan.accepted.push(Accepted {
        scope: CaseScope::Body,
        trigger: Trigger::Functions,
        at: NOW,
        figures: vec![figure],
    });
    assert_eq!(settled(&plan, &now), Settled::default());
    let baseline = plan.baseline.clone().unwrap();
    let content = &plan.versions[0].content;
    let third = freeze(&now, content, Some((&baseline, &plan.accepted)));
    assert!(third.functions.contains("service:9"));
}

/// Only an exception does, for its unit and those below, and for nothing else.
#[test]
fn what_an_exception_suppresses_opens_no_case_and_adds_to_none() {
    let (quiet, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let mut busy = quiet.clone();
    busy.people.iter_mut().for_each(|it| it.days = EVERY_DAY);
    busy.functions.insert("service:7".to_owned());
    let fired = |plan: &TeleworkPlan, usage: &Usage| -> BTreeSet<(Trigger, CaseScope)> {
        let found = settled(plan, usage).found;
        found.iter().map(|it| (it.trigger, it.scope)).collect()
    };
    let whole = fired(&plan, &busy);
    let suppressed = |unit| {
        let mut usage = busy.clone();
        usage.suppressed.push(Suppression {
            permit: PermitId::new(fresh(45, 1)),
            trigger: Trigger::Volume,
            unit,
        });
        usage
    };
    let mut kept = whole.clone();
    // Below unit 1 stand 3 and 4.
    for below in [1, 3, 4] {
        assert!(kept.remove(&(Trigger::Volume, CaseScope::Unit(unit(below)))));
    }
    assert_eq!(fired(&plan, &suppressed(Some(unit(1)))), kept);
    kept.retain(|(trigger, _)| *trigger != Trigger::Volume);
    assert!(kept.contains(&(Trigger::Functions, CaseScope::Body)));
    assert_eq!(fired(&plan, &suppressed(None)), kept);
    // An open case is added to only where nothing suppresses it.
    let figure = Figure::found(Measure::FunctionAdded, "service:1".to_owned());
    open(&mut plan, Trigger::Volume, CaseScope::Body, vec![figure]);
    assert_eq!(settled(&plan, &busy).grown.len(), 1);
    assert_eq!(settled(&plan, &suppressed(None)).grown, Vec::new());
}

/// A change is accepted by it, and not that nobody looks.
#[test]
fn an_exception_never_hides_that_a_feed_is_missing() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    usage.people.iter_mut().for_each(|it| it.days = EVERY_DAY);
    usage.missing.insert(Feed::Gateways);
    usage.suppressed.push(Suppression {
        permit: PermitId::new(fresh(45, 1)),
        trigger: Trigger::Volume,
        unit: None,
    });
    let mut found = settled(&plan, &usage).found;
    found.retain(|it| it.trigger == Trigger::Volume);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].scope, CaseScope::Body);
    assert_eq!(found[0].figures, [Figure::unmeasured(Feed::Gateways)]);
    assert!(!found[0].high);
    // Once it is measured again, the case is over, whatever is suppressed.
    let figures = found[0].figures.clone();
    open(&mut plan, Trigger::Volume, CaseScope::Body, figures);
    assert_eq!(settled(&plan, &usage).subsided, Vec::new());
    usage.missing.clear();
    assert_eq!(settled(&plan, &usage).subsided.len(), 1);
}

/// Installations of before have such a case, opened when detections were still counted as missing.
#[test]
fn a_case_for_what_is_not_watched_yet_is_over_unless_it_told_more() {
    let (quiet, plan, baseline) = quiet();
    assert!(quiet.missing.is_disjoint(&NOT_WATCHED.into()));
    for feed in NOT_WATCHED {
        let figure = Figure::unmeasured(feed);
        let mut plan = world(plan.clone(), baseline.clone());
        let trigger = resting_on(feed)[0];
        let only = open(&mut plan, trigger, CaseScope::Body, vec![figure.clone()]);
        let subsided = settled(&plan, &quiet).subsided;
        assert_eq!(subsided, [(only, vec![figure.clone()])]);
        let told = Figure::found(Measure::Incident, "one".to_owned());
        let more = &mut plan.cases.get_mut(&only).unwrap().opened.figures;
        more.push(told);
        assert_eq!(settled(&plan, &quiet), Settled::default());
    }
}
