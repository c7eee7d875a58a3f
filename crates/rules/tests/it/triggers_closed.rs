//! Triggers and the cases that were closed: what a reassessment accepted, and no more, is known from then on.

use std::collections::BTreeSet;
use std::sync::Arc;

use sekisho_domain::plan::{
    CaseScope, FIGURES_MAX, Figure, Measure, PlanContent, PlanLine, Trigger,
};
use sekisho_domain::time::Span;
use sekisho_domain::world::{Accepted, TeleworkPlan};
use sekisho_rules::trigger::{
    Against, Fired, PersonUse, Settled, Sums, TaskNow, Unlisted, Usage, freeze,
};

use crate::fixture::NOW;
use crate::triggers::{
    UNITS, closed, content, grade, line, open, quiet, settled, system, task, unit, version, world,
};

#[test]
fn a_system_newly_reached_by_a_task_that_a_reassessment_accepted_is_found() {
    let (quiet, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let with = |systems: &[u32]| {
        let mut usage = quiet.clone();
        let now = TaskNow {
            grade: grade(0),
            systems: systems.iter().map(|it| system(*it)).collect(),
            permits: 0,
            person_days: 0,
            unit: None,
        };
        usage.tasks.insert(task(2), now);
        usage
    };
    let (added, reaching) = (with(&[1]), with(&[1, 2]));
    plan.accepted = closed(&added, Against::of(&plan).unwrap(), NOW);
    assert!(!plan.accepted.is_empty());
    assert_eq!(settled(&plan, &added), Settled::default());
    let reached = Figure::found(Measure::SystemReached, format!("{}/{}", task(2), system(2)));
    let is_found = |plan: &TeleworkPlan| {
        let found = settled(plan, &reaching).found;
        found.len() == 1 && found[0].figures == [reached.clone()]
    };
    assert!(is_found(&plan));
    // Nor does the next plan make it known, or a grade that nobody accepted.
    let mut raised = reaching.clone();
    raised.tasks.get_mut(&task(2)).unwrap().grade = grade(11);
    let content = plan.versions[0].content.clone();
    let before = plan.baseline.clone().unwrap();
    let next = freeze(&raised, &content, Some((&before, &plan.accepted)));
    let known = &next.tasks[&task(2)];
    assert_eq!(known.systems, BTreeSet::from([system(1)]));
    assert_eq!(known.grade, grade(0));
    plan.baseline = Some(Arc::new(next));
    assert!(is_found(&plan));
}

#[test]
fn a_case_that_is_full_is_told_once_and_the_rest_fires_when_it_is_closed() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let most = FIGURES_MAX + 50;
    usage
        .functions
        .extend((0..most).map(|it| format!("service:{it}")));
    let found = settled(&plan, &usage).found;
    assert_eq!((found.len(), found[0].figures.len()), (1, most));
    let told = found[0].figures[..FIGURES_MAX].to_vec();
    let case = open(&mut plan, Trigger::Functions, CaseScope::Body, told.clone());
    assert_eq!(settled(&plan, &usage), Settled::default());
    plan.cases.remove(&case);
    plan.accept(Accepted {
        scope: CaseScope::Body,
        trigger: Trigger::Functions,
        at: NOW,
        figures: told,
    });
    assert_eq!(settled(&plan, &usage).found[0].figures.len(), 50);
}

/// After the transfers of April what was done in March is no less.
#[test]
fn what_somebody_did_who_has_left_counts_and_the_person_does_not() {
    let (mut usage, plan, baseline) = quiet();
    // One of them outside the plan.
    usage.people[0].admitted = false;
    let key = usage.people[0].key;
    let plan = world(plan, baseline);
    let against = Against::of(&plan).unwrap();
    let content = &plan.current().unwrap().content;
    let is_frozen = |usage: &Usage| {
        let members = freeze(usage, content, None).members;
        members.values().any(|it| it.contains(&key))
    };
    let before = Sums::of(&usage, against).body;
    assert_eq!((before.people, before.outside_use), (40, 1));
    assert!(is_frozen(&usage));
    usage.left.insert(key);
    let after = Sums::of(&usage, against).body;
    assert_eq!((after.people, after.outside_use), (39, 1));
    assert_eq!(after.newest_days, before.newest_days);
    assert_eq!(after.person_days, before.person_days);
    assert!(!is_frozen(&usage));
    // And as somebody of the unit it is one who has gone.
    let unit = usage.people[0].unit;
    let gone = usage.people.iter().filter(|it| it.unit == unit);
    let gone: Vec<u64> = gone.map(|it| it.key).take(3).collect();
    usage.left.extend(gone);
    let found = settled(&plan, &usage).found;
    let turned = |it: &Fired| it.figures.iter().any(|it| it.measure == Measure::Turnover);
    assert!(found.iter().any(turned), "{found:?}");
}

#[test]
fn a_number_that_moved_while_its_case_was_open_does_not_fire_once_that_is_closed() {
    let (mut usage, _, baseline) = quiet();
    let key = (Trigger::Users, CaseScope::Body);
    let mut plan = world(
        version(PlanContent {
            lines: vec![line(0, Vec::new(), None)],
            ..content(35, 10_000)
        }),
        baseline,
    );
    let users = |plan: &TeleworkPlan, usage: &Usage| {
        let found = settled(plan, usage).found;
        found.into_iter().find(|it| (it.trigger, it.scope) == key)
    };
    let come = |usage: &mut Usage, number: u32| {
        usage.people.push(PersonUse {
            unit: number % UNITS,
            key: u64::from(number),
            days: 1,
            refused: 0,
            admitted: true,
        });
    };
    let first = users(&plan, &usage).unwrap();
    assert_eq!(first.figures[0].value, 40);
    let case = open(&mut plan, key.0, key.1, first.figures);
    (1_001..=1_003).for_each(|number| come(&mut usage, number));
    let Settled { grown, moved, .. } = settled(&plan, &usage);
    assert_eq!(grown, Vec::new());
    assert_eq!((moved.len(), moved[0].0), (1, case));
    assert_eq!(moved[0].1[0].value, 43);
    plan.cases.remove(&case);
    plan.accept(Accepted {
        scope: key.1,
        trigger: key.0,
        at: NOW,
        figures: moved[0].1.clone(),
    });
    assert_eq!(users(&plan, &usage), None);
    come(&mut usage, 1_004);
    assert_eq!(users(&plan, &usage).unwrap().figures[0].value, 44);
}

#[test]
fn a_grade_that_rises_by_less_than_a_tenth_of_its_number_is_news_to_an_open_case() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    let at = |usage: &mut Usage, number: usize| {
        let now = TaskNow {
            grade: grade(number),
            systems: BTreeSet::new(),
            permits: 0,
            person_days: 0,
            unit: None,
        };
        usage.tasks.insert(task(0), now);
    };
    at(&mut usage, 2);
    let found = settled(&plan, &usage).found;
    open(
        &mut plan,
        found[0].trigger,
        found[0].scope,
        found[0].figures.clone(),
    );
    assert_eq!(settled(&plan, &usage), Settled::default());
    // 機密性1・完全性2・可用性1 to 可用性2.
    at(&mut usage, 3);
    assert_eq!(settled(&plan, &usage).grown.len(), 1);
}

#[test]
fn a_word_on_an_exploited_component_stands_for_28_days() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline);
    usage.exploited.insert("gwy_1".to_owned());
    let taken = |ago| {
        closed(
            &usage,
            Against::of(&plan).unwrap(),
            NOW.before(Span::days(ago)),
        )
    };
    let (stands, is_over) = (taken(28), taken(29));
    plan.accepted = stands;
    assert_eq!(settled(&plan, &usage), Settled::default());
    plan.accepted = is_over;
    assert_eq!(settled(&plan, &usage).found.len(), 1);
}

#[test]
fn more_days_for_a_task_than_its_line_names_fire_and_are_over_below_nine_tenths() {
    let (mut usage, _, baseline) = quiet();
    let limited = PlanLine {
        person_days: Some(20),
        ..line(0, Vec::new(), None)
    };
    let content = PlanContent {
        lines: vec![limited, line(1, Vec::new(), None)],
        ..content(100, 10_000)
    };
    for number in [0, 1] {
        let now = TaskNow {
            grade: grade(0),
            systems: BTreeSet::new(),
            permits: 0,
            person_days: 0,
            unit: None,
        };
        usage.tasks.insert(task(number), now);
    }
    let mut plan = world(version(content), baseline);
    plan.accepted = closed(&usage, Against::of(&plan).unwrap(), NOW);
    let with = |days: u64| {
        let mut usage = usage.clone();
        for task in usage.tasks.values_mut() {
            task.person_days = days;
        }
        usage
    };
    assert_eq!(settled(&plan, &with(20)), Settled::default());
    let found = settled(&plan, &with(21)).found;
    let figure = Figure {
        measure: Measure::TaskDays,
        subject: Some(task(0).to_string()),
        value: 21,
        base: None,
        level: Some(20),
    };
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].trigger, found[0].scope),
        (Trigger::Volume, CaseScope::Body)
    );
    assert_eq!(found[0].figures, std::slice::from_ref(&figure));
    let case = open(&mut plan, Trigger::Volume, CaseScope::Body, vec![figure]);
    assert_eq!(settled(&plan, &with(18)), Settled::default());
    assert_eq!(settled(&plan, &with(17)).subsided[0].0, case);
    // By less than a tenth it moved, which closing accepts; by more it is told.
    assert_eq!(settled(&plan, &with(23)).moved.len(), 1);
    assert_eq!(settled(&plan, &with(24)).grown.len(), 1);
}

/// What a permit allowed on a day was allowed on it, whether or not the permit has ended since.
#[test]
fn the_days_of_a_term_are_those_of_which_some_part_lies_in_it() {
    let day = NOW.day_begun();
    let usage = Usage {
        at: NOW,
        day,
        ..Usage::default()
    };
    let ago = |days| day.before(Span::days(days));
    let later = day.after(Span::days(9));
    let moment = Span::millis(1);
    // The lowest bit is yesterday.
    for (from, until, days) in [
        (ago(3), ago(1), 0b110),
        (ago(3), ago(1).after(moment), 0b111),
        (ago(2).before(moment), ago(1), 0b110),
        (ago(2), later, 0b11),
        (ago(1), ago(1), 0),
        (day, later, 0),
        (ago(1), ago(3), 0),
    ] {
        assert_eq!(usage.days_within(from, until), days, "{from:?} {until:?}");
    }
}

/// Each unit answers for what it uses; only who answers for the whole speaks for all of them.
#[test]
fn what_one_unit_accepted_silences_neither_the_whole_nor_another_unit_nor_the_next_plan() {
    let (mut usage, plan, baseline) = quiet();
    let mut plan = world(plan, baseline.clone());
    let units = BTreeSet::from([unit(1), unit(2)]);
    usage.unlisted.push(Unlisted {
        name: "service:zoom".to_owned(),
        days: 8,
        units: units.clone(),
    });
    usage.functions.insert("service:9".to_owned());
    usage.units_of.insert("service:9".to_owned(), units);
    let word = |scope| Accepted {
        scope,
        trigger: Trigger::Functions,
        at: NOW,
        figures: vec![
            Figure::found(Measure::FunctionUnlisted, "service:zoom".to_owned()),
            Figure::found(Measure::FunctionAdded, "service:9".to_owned()),
        ],
    };
    let scopes = |plan: &TeleworkPlan| -> BTreeSet<CaseScope> {
        let found = settled(plan, &usage).found;
        assert!(found.iter().all(|it| it.figures.len() == 2), "{found:?}");
        found.iter().map(|it| it.scope).collect()
    };
    let (body, one, other) = (
        CaseScope::Body,
        CaseScope::Unit(unit(1)),
        CaseScope::Unit(unit(2)),
    );
    assert_eq!(scopes(&plan), [body, one, other].into());
    plan.accepted = vec![word(one)];
    assert_eq!(scopes(&plan), [body, other].into());
    let next = |accepted: &[Accepted]| {
        let content = &plan.versions[0].content;
        freeze(&usage, content, Some((&baseline, accepted)))
    };
    assert!(!next(&[word(one)]).functions.contains("service:9"));
    assert!(next(&[word(body)]).functions.contains("service:9"));
    plan.accepted = vec![word(body)];
    assert_eq!(scopes(&plan), BTreeSet::new());
}

/// What is news is held against what was told, and not against where it stood yesterday.
#[test]
fn a_number_that_creeps_up_by_a_twentieth_a_day_is_told_again_after_a_tenth() {
    let (mut usage, _, baseline) = quiet();
    let content = PlanContent {
        lines: vec![line(0, Vec::new(), Some(100))],
        ..content(100, 10_000)
    };
    let now = TaskNow {
        grade: grade(0),
        systems: BTreeSet::new(),
        permits: 0,
        person_days: 0,
        unit: None,
    };
    usage.tasks.insert(task(0), now);
    let mut plan = world(version(content), baseline);
    plan.accepted = closed(&usage, Against::of(&plan).unwrap(), NOW);
    let with = |permits: u64| {
        let mut usage = usage.clone();
        usage.tasks.get_mut(&task(0)).unwrap().permits = permits;
        usage
    };
    let mut permits = 101;
    let found = settled(&plan, &with(permits)).found;
    // The same number is one of users and one of volume.
    assert_eq!(found.len(), 2, "{found:?}");
    let mut users = None;
    for it in found {
        let id = open(&mut plan, it.trigger, it.scope, it.figures);
        if it.trigger == Trigger::Users {
            users = Some(id);
        }
    }
    let users = users.unwrap();
    let (mut told, mut quietly) = (0, 0);
    for step in 0..20 {
        permits = permits * 105 / 100;
        let Settled { grown, moved, .. } = settled(&plan, &with(permits));
        // As events of them are folded.
        for (id, figures, _) in grown {
            told += u32::from(id == users);
            let case = plan.cases.get_mut(&id).unwrap();
            case.opened.figures = figures;
            case.latest.clear();
        }
        for (id, figures) in moved {
            quietly += u32::from(id == users);
            plan.cases.get_mut(&id).unwrap().latest = figures;
        }
        let case = &plan.cases[&users];
        assert_eq!(case.figures()[0].value, permits, "{step}");
        assert!(permits * 10 <= case.opened.figures[0].value * 11, "{step}");
        // The same again is neither.
        assert_eq!(settled(&plan, &with(permits)), Settled::default());
    }
    assert_eq!(told + quietly, 20);
    assert!(told >= 6, "{told}");
}

#[test]
fn a_line_is_limited_by_days_alone_and_not_by_more_than_can_be() {
    let mut limited = PlanLine {
        decision: sekisho_domain::plan::PlanDecision::Limit,
        ..line(0, Vec::new(), None)
    };
    let code = |line: &PlanLine| line.fault().map(|it| (it.code, it.field));
    assert_eq!(code(&limited), Some(("plan.no-limit", "units")));
    limited.person_days = Some(20);
    assert_eq!(code(&limited), None);
    limited.person_days = Some(u32::MAX);
    assert_eq!(code(&limited), Some(("plan.too-many", "person_days")));
}
