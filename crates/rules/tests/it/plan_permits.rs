//! Permits to telework in force against the plan, in force or supposed, in the list of conflicts.

use std::sync::Arc;

use sekisho_domain::id::{PersonId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
use sekisho_domain::plan::{PlanContent, PlanDecision, PlanLine};
use sekisho_domain::profile::Profile;
use sekisho_domain::time::Span;
use sekisho_rules::conflict::{ConflictCode, EXAMPLES, Found, Side, Supposed, conflicts};

use crate::fixture::{NOW, Scene, fresh};
use crate::permits::{give, give_to, over, person, until};
use crate::plan::with_plan;

fn task() -> TaskId {
    TaskId::new(fresh(82, 1))
}

fn root() -> UnitId {
    UnitId::new(fresh(2, 0))
}

pub fn line() -> PlanLine {
    PlanLine {
        task: task(),
        decision: PlanDecision::Allow,
        reason: Line::parse("通常の業務").unwrap(),
        highest: Some("C2I1A1".parse().unwrap()),
        units: Vec::new(),
        places: Vec::new(),
        people: None,
        person_days: None,
        systems: Vec::new(),
        services: Vec::new(),
        tools: Vec::new(),
    }
}

pub fn telework(place: TeleworkPlace) -> Particulars {
    Particulars::Telework(Telework {
        task: task(),
        place,
        device: None,
        grade: Some("C2I1A1".parse().unwrap()),
        days_per_week: None,
    })
}

/// So many permits of 機密性2 for work on the way, by somebody of the whole, and a plan with one line.
fn scene(permits: u32, line: PlanLine) -> Scene {
    let mut scene = Scene::new(Profile::Gov);
    with_plan(&mut scene, NOW.after(Span::days(1)));
    scene.world.people.insert(person(), root());
    for n in 1..=permits {
        give(
            &mut scene,
            n,
            telework(TeleworkPlace::Travelling),
            5,
            until(30),
        );
    }
    plan(&mut scene, line);
    scene
}

fn plan(scene: &mut Scene, line: PlanLine) {
    let version = &mut scene.world.plan.versions[0];
    version.content = Arc::new(PlanContent {
        head: version.content.head.clone(),
        lines: vec![line],
    });
}

fn found(scene: &Scene, supposed: Supposed<'_>) -> Found {
    conflicts(&scene.world, scene.catalogue, None, supposed, NOW)
}

fn departures(scene: &Scene, supposed: Supposed<'_>) -> Vec<[String; 2]> {
    let found = found(scene, supposed).conflicts;
    assert!(found.iter().all(|it| it.code == ConflictCode::PlanPermit));
    found.into_iter().map(|it| it.values).collect()
}

#[test]
fn a_permit_in_force_that_the_plan_refuses_or_limits_to_less_is_found() {
    let place = |places: &[TeleworkPlace]| PlanLine {
        places: places.to_vec(),
        ..line()
    };
    let up_to = |grade: &str| PlanLine {
        highest: Some(grade.parse().unwrap()),
        ..line()
    };
    let by = |unit: UnitId| PlanLine {
        units: vec![unit],
        ..line()
    };
    let elsewhere = UnitId::new(fresh(2, 9));
    let refused = PlanLine {
        decision: PlanDecision::Refuse,
        ..place(&[TeleworkPlace::Home])
    };
    let all = PlanLine {
        units: vec![elsewhere],
        places: vec![TeleworkPlace::Home],
        ..up_to("C1I1A1")
    };
    let of_another_task = PlanLine {
        task: TaskId::new(fresh(82, 2)),
        ..refused.clone()
    };
    let places = ["places", "travelling"];
    let (grade, units) = (["C1I1A1", "C2I1A1"], ["units", ""]);
    let table: Vec<(&str, PlanLine, Vec<[&str; 2]>)> = vec![
        ("as it is", line(), vec![]),
        ("refused", refused, vec![["refuse", ""]]),
        ("elsewhere", place(&[TeleworkPlace::Home]), vec![places]),
        ("there", place(&[TeleworkPlace::Travelling]), vec![]),
        ("a lower grade", up_to("C1I1A1"), vec![grade]),
        ("a higher grade", up_to("C2I2A2"), vec![]),
        ("another unit", by(elsewhere), vec![units]),
        ("the same unit", by(root()), vec![]),
        ("all of it", all, vec![places, grade, units]),
        ("another task", of_another_task, vec![]),
    ];
    for (what, line, expected) in table {
        let scene = scene(1, line);
        let expected: Vec<_> = expected.iter().map(|it| it.map(str::to_owned)).collect();
        assert_eq!(departures(&scene, Supposed::default()), expected, "{what}");
    }
}

#[test]
fn a_permit_that_is_over_is_in_nobodys_way() {
    let mut scene = scene(
        0,
        PlanLine {
            decision: PlanDecision::Refuse,
            ..line()
        },
    );
    give(&mut scene, 1, telework(TeleworkPlace::Home), 60, over(5));
    assert!(departures(&scene, Supposed::default()).is_empty());
}

/// The promotion body has it before it before the plan is approved.
#[test]
fn a_plan_under_opinion_is_looked_at_in_the_place_of_the_one_in_force() {
    let mut scene = scene(3, line());
    let head = scene.world.plan.versions[0].content.head.clone();
    let refusing = PlanLine {
        decision: PlanDecision::Refuse,
        ..line()
    };
    let content = |line| PlanContent {
        head: head.clone(),
        lines: vec![line],
    };
    let draft = content(refusing.clone());
    let supposed = |plan| Supposed {
        rule: None,
        plan: Some(plan),
    };
    assert!(departures(&scene, Supposed::default()).is_empty());
    let told = found(&scene, supposed(&draft));
    assert_eq!(told.contradictions(), 3);
    assert_eq!(told.conflicts[0].one, Side::PlanTask(task()));
    assert!(matches!(told.conflicts[0].other, Side::Permit(_)));
    // And the other way about.
    plan(&mut scene, refusing);
    let draft = content(line());
    assert_eq!(departures(&scene, Supposed::default()).len(), 3);
    assert!(departures(&scene, supposed(&draft)).is_empty());
}

#[test]
fn of_permits_of_people_of_several_units_those_of_units_that_the_line_admits_are_in_nobodys_way() {
    let elsewhere = UnitId::new(fresh(2, 9));
    let line = |units: &[UnitId]| PlanLine {
        units: units.to_vec(),
        ..line()
    };
    // Four of somebody of the whole; two of somebody of another unit, and one of somebody nobody knows, come to them.
    let mut scene = scene(4, line(&[root(), UnitId::new(fresh(2, 8))]));
    assert!(departures(&scene, Supposed::default()).is_empty());
    let (colleague, unknown) = (PersonId::new(fresh(6, 901)), PersonId::new(fresh(6, 902)));
    scene.world.people.insert(colleague, elsewhere);
    let of = [(5, colleague), (6, colleague), (7, unknown)];
    for of in of {
        let there = telework(TeleworkPlace::Travelling);
        give_to(&mut scene, of, there, 5, until(30));
    }
    assert_eq!(departures(&scene, Supposed::default()).len(), 3);
    // Each line is asked anew.
    plan(&mut scene, line(&[elsewhere]));
    assert_eq!(departures(&scene, Supposed::default()).len(), 5);
    plan(&mut scene, line(&[]));
    assert!(departures(&scene, Supposed::default()).is_empty());
}

#[test]
fn many_permits_against_one_task_are_counted_and_some_are_named() {
    let scene = scene(
        25,
        PlanLine {
            decision: PlanDecision::Refuse,
            ..line()
        },
    );
    let found = found(&scene, Supposed::default());
    assert_eq!(found.conflicts.len() as u64, u64::from(EXAMPLES));
    assert_eq!(found.contradictions(), 25);
    let document = found.document(NOW);
    assert_eq!(document.more, 25 - u64::from(EXAMPLES));
}
