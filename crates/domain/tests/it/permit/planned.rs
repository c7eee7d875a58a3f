//! The plan of telework through its commands: from draft to approval, what it refuses, what a late case
//! holds, and that nobody approves what is their own.

use sekisho_domain::actor::Actor;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::command::{CaseFound, Command, Evaluated, PlanCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{CaseId, PlanId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
use sekisho_domain::plan::{
    Baseline, CaseScope, CaseState, Cause, Conclusion, FailingUnits, Figure, Measure, PlanContent,
    PlanDecision, PlanEvaluated, PlanHead, PlanLine, Reassessment, RiskLevel, Trigger,
    encode_baseline,
};
use sekisho_domain::world::{Documents, World};

use super::scene::{
    CHIEF, CISO, OTHER_CHIEF, OTHER_STAFF, SECTION, STAFF, Scene, TEAM, approve, day, person, unit,
};
use crate::commands::{act_with, fresh, officer};

struct OneDocument;

impl Documents for OneDocument {
    fn document(&self, digest: &str) -> Option<Vec<u8>> {
        (digest == "baseline").then(|| encode_baseline(&Baseline::default()))
    }
}

fn task() -> TaskId {
    TaskId::new(fresh(900))
}

fn plan() -> PlanId {
    PlanId::new(fresh(7_000))
}

pub(super) fn line(decision: PlanDecision) -> PlanLine {
    PlanLine {
        task: task(),
        decision,
        reason: Line::parse("審査のため").unwrap(),
        highest: Some("C1I1A1".parse::<Grade>().unwrap()),
        units: Vec::new(),
        places: Vec::new(),
        people: None,
        person_days: None,
        systems: Vec::new(),
        services: Vec::new(),
        tools: Vec::new(),
    }
}

fn content(lines: Vec<PlanLine>) -> PlanContent {
    PlanContent {
        head: PlanHead {
            title: Line::parse("計画").unwrap(),
            people: 10,
            person_days: 100,
            gateway_hours: None,
            note: None,
        },
        lines,
    }
}

fn telework(place: TeleworkPlace) -> Particulars {
    Particulars::Telework(Telework {
        task: task(),
        place,
        device: None,
        grade: None,
        days_per_week: None,
    })
}

/// The head of information security drafts, the CISO approves.
fn head() -> Actor {
    Actor::person(officer())
}

fn ciso() -> Actor {
    Actor::person(person(CISO))
}

fn ask(scene: &mut Scene, actor: &Actor, command: PlanCommand) -> Result<usize, String> {
    let command = Command::Plan(Box::new(command));
    act_with(&mut scene.world, actor, &command, scene.now, &OneDocument)
}

fn write(lines: Vec<PlanLine>) -> PlanCommand {
    PlanCommand::Write {
        plan: plan(),
        content: Box::new(content(lines)),
        expected: None,
    }
}

fn approval() -> PlanCommand {
    PlanCommand::Approve {
        plan: plan(),
        expected: None,
        until: None,
        baseline: BlobRef {
            blob: "baseline".to_owned(),
            size: 1,
        },
        answer: None,
    }
}

fn propose() -> PlanCommand {
    PlanCommand::Propose {
        plan: plan(),
        expected: None,
    }
}

/// A scene in which a plan with these lines is in force.
pub(super) fn in_force(lines: Vec<PlanLine>) -> Scene {
    let mut scene = Scene::new();
    scene.now = day(1);
    for (actor, command, events) in [
        (head(), write(lines), 1),
        (head(), propose(), 1),
        (ciso(), approval(), 2),
    ] {
        let done = ask(&mut scene, &actor, command);
        assert_eq!(done, Ok(events));
    }
    scene
}

fn refused(code: &str) -> Result<usize, String> {
    Err(code.to_owned())
}

#[test]
fn a_plan_goes_from_draft_to_approval_and_nobody_approves_their_own() {
    let mut scene = Scene::new();
    scene.now = day(1);
    let lines = vec![line(PlanDecision::Allow)];
    assert_eq!(
        ask(&mut scene, &head(), propose()),
        refused("plan.not-in-work")
    );
    let staff = Actor::person(person(STAFF));
    assert_eq!(
        ask(&mut scene, &staff, write(lines.clone())),
        refused("authorise.no-authority")
    );
    assert_eq!(ask(&mut scene, &head(), write(Vec::new())), Ok(1));
    assert_eq!(
        ask(&mut scene, &head(), propose()),
        refused("plan.no-lines")
    );
    assert_eq!(ask(&mut scene, &head(), write(lines.clone())), Ok(1));
    assert_eq!(ask(&mut scene, &head(), write(lines.clone())), Ok(0));
    assert_eq!(
        ask(&mut scene, &ciso(), approval()),
        refused("plan.not-proposed")
    );
    assert_eq!(ask(&mut scene, &head(), propose()), Ok(1));
    assert_eq!(
        ask(&mut scene, &head(), write(lines)),
        refused("plan.is-proposed")
    );
    assert_eq!(
        ask(&mut scene, &head(), approval()),
        refused("plan.own-proposal")
    );
    let reason = Line::parse("再考").unwrap();
    let back = PlanCommand::SendBack {
        plan: plan(),
        reason,
    };
    assert_eq!(ask(&mut scene, &ciso(), back), Ok(1));
    assert_eq!(ask(&mut scene, &head(), propose()), Ok(1));
    let late = PlanCommand::Approve {
        plan: plan(),
        expected: Some(1),
        until: None,
        baseline: BlobRef {
            blob: "baseline".to_owned(),
            size: 1,
        },
        answer: None,
    };
    assert_eq!(ask(&mut scene, &ciso(), late), refused("command.stale"));
    // The approval, and that nobody of the promotion body was there to be heard.
    assert_eq!(ask(&mut scene, &ciso(), approval()), Ok(2));
    let version = scene.world.plan.current().unwrap();
    assert_eq!((version.version, version.cause), (1, Cause::Approved));
    assert!(scene.world.plan.in_force(day(300)).is_some());
    assert!(scene.world.plan.in_force(day(400)).is_none());
    assert!(scene.world.plan.work.is_none());
    // A snapshot holds all of it.
    let stored = serde_json::to_vec(&scene.world.frozen()).unwrap();
    let read: World = serde_json::from_slice(&stored).unwrap();
    assert_eq!(read.plan, scene.world.plan);
}

#[test]
fn a_draft_with_faults_is_refused_and_says_where() {
    let mut scene = Scene::new();
    scene.now = day(1);
    let twice = vec![line(PlanDecision::Allow), line(PlanDecision::Refuse)];
    let unlimited = vec![line(PlanDecision::Limit)];
    let unknown = vec![PlanLine {
        task: TaskId::new(fresh(999)),
        ..line(PlanDecision::Allow)
    }];
    let ungraded = vec![PlanLine {
        highest: None,
        ..line(PlanDecision::Allow)
    }];
    for (lines, code) in [
        (twice, "plan.task-twice"),
        (unlimited, "plan.no-limit"),
        (unknown, "plan.reference-unknown"),
        (ungraded, "plan.no-grade"),
        (vec![line(PlanDecision::Allow); 501], "plan.too-long"),
    ] {
        assert_eq!(ask(&mut scene, &head(), write(lines)), refused(code));
    }
}

#[test]
fn permits_to_telework_are_held_to_the_plan() {
    let home = || telework(TeleworkPlace::Home);
    let mut scene = in_force(vec![line(PlanDecision::Refuse)]);
    assert_eq!(
        scene.apply(1, STAFF, home()),
        refused("permit.plan-refuses")
    );
    let limited = PlanLine {
        units: vec![unit(SECTION)],
        places: vec![TeleworkPlace::Home],
        ..line(PlanDecision::Limit)
    };
    let mut scene = in_force(vec![limited]);
    assert_eq!(
        scene.apply(1, OTHER_STAFF, home()),
        refused("permit.plan-who")
    );
    let train = telework(TeleworkPlace::Travelling);
    assert_eq!(scene.apply(1, STAFF, train), refused("permit.plan-place"));
    let mut secret = home();
    if let Particulars::Telework(it) = &mut secret {
        it.grade = Some("C2I1A1".parse().unwrap());
    }
    assert_eq!(scene.apply(1, STAFF, secret), refused("permit.plan-grade"));
    assert_eq!(scene.apply(1, STAFF, home()), Ok(1));
}

fn case() -> CaseId {
    CaseId::new(fresh(7_001))
}

fn found(scope: CaseScope, high: bool) -> PlanCommand {
    PlanCommand::Evaluate(Box::new(Evaluated {
        version: 1,
        day: Some(PlanEvaluated {
            version: 1,
            day: day(1),
            body: sekisho_domain::plan::FrozenUse::default(),
            firing: 1,
            unmeasured: Vec::new(),
            failing: Vec::new(),
            failing_units: Vec::new(),
        }),
        found: vec![CaseFound {
            case: case(),
            trigger: Trigger::Functions,
            scope,
            figures: vec![Figure::found(
                Measure::FunctionAdded,
                "service:x".to_owned(),
            )],
            high,
        }],
        grown: Vec::new(),
        moved: Vec::new(),
        subsided: Vec::new(),
    }))
}

fn reassess(scope: CaseScope, conclusion: Conclusion) -> PlanCommand {
    PlanCommand::Reassess {
        case: case(),
        scope,
        reassessment: Box::new(Reassessment {
            level: RiskLevel::Low,
            conclusion,
            note: Line::parse("影響は小さい").unwrap(),
        }),
        expected: None,
    }
}

/// Two thousand units that fail sixteen checks would be remembered for four hundred days.
#[test]
fn units_whose_devices_fail_a_check_are_remembered_of_the_newest_evaluation_alone() {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    let failing = FailingUnits {
        check: DeviceCheck::Firewall,
        since: day(1),
        units: vec![unit(SECTION)],
    };
    for number in 1..=3 {
        let mut evaluated = found(CaseScope::Body, false);
        if let PlanCommand::Evaluate(it) = &mut evaluated
            && let Some(today) = &mut it.day
        {
            today.day = day(number);
            today.failing_units = vec![failing.clone()];
        }
        ask(&mut scene, &Actor::System, evaluated).unwrap();
    }
    let days = scene.world.plan.days.iter();
    let remembered: Vec<usize> = days.map(|(_, it)| it.failing_units.len()).collect();
    assert_eq!(remembered, [0, 0, 1]);
}

/// The first day on which the case is late.
fn late(scene: &Scene) -> i64 {
    let due = scene.world.plan.cases[&case()].opened.due;
    (0..60).find(|n| due <= day(*n)).unwrap()
}

#[test]
fn a_late_case_holds_new_permits_of_its_scope_until_it_is_reassessed() {
    let scope = CaseScope::Unit(unit(SECTION));
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    assert_eq!(scene.apply(1, STAFF, telework(TeleworkPlace::Home)), Ok(1));
    assert_eq!(
        ask(&mut scene, &head(), found(scope, false)),
        refused("authorise.no-authority")
    );
    assert_eq!(ask(&mut scene, &Actor::System, found(scope, false)), Ok(2));
    // Again: the same trigger and scope have one case.
    assert_eq!(ask(&mut scene, &Actor::System, found(scope, false)), Ok(1));
    assert_eq!(scene.apply(2, STAFF, telework(TeleworkPlace::Home)), Ok(1));
    let first = late(&scene);
    assert!(
        (14..=17).contains(&(first - 1)),
        "ten working days: {first}"
    );
    scene.now = day(first);
    let held = refused("permit.reassessment-late");
    // The team stands below the section; another section does not. What waits is not given either.
    assert_eq!(scene.apply(3, STAFF, telework(TeleworkPlace::Home)), held);
    assert_eq!(
        scene.apply(3, OTHER_STAFF, telework(TeleworkPlace::Home)),
        Ok(1)
    );
    assert_eq!(scene.act(1, CHIEF, approve()), held);
    let other = Actor::person(person(OTHER_CHIEF));
    assert_eq!(
        ask(&mut scene, &other, reassess(scope, Conclusion::Unchanged)),
        refused("authorise.out-of-reach")
    );
    let chief = Actor::person(person(CHIEF));
    // The scope is the case's own, whatever the command says.
    let elsewhere = CaseScope::Unit(unit(TEAM));
    let wrong = reassess(elsewhere, Conclusion::Unchanged);
    assert_eq!(ask(&mut scene, &chief, wrong), refused("case.unknown"));
    assert_eq!(
        ask(&mut scene, &chief, reassess(scope, Conclusion::Unchanged)),
        Ok(1)
    );
    assert_eq!(
        ask(&mut scene, &chief, reassess(scope, Conclusion::Unchanged)),
        refused("case.closed")
    );
    assert_eq!(scene.act(1, CHIEF, approve()), Ok(1));
    let plan = &scene.world.plan;
    assert!(matches!(
        plan.cases[&case()].state,
        CaseState::Closed { .. }
    ));
    let current = plan.current().unwrap();
    assert_eq!(
        (current.version, current.cause),
        (2, Cause::Reassessed(case()))
    );
    assert_eq!(
        plan.accepted(Trigger::Functions, scope)
            .map(|it| it.figures.len())
            .collect::<Vec<_>>(),
        [1]
    );
}

/// Finds a function and closes the case by a word.
fn find_and_close(scene: &mut Scene, number: u32, function: &str) {
    let scope = CaseScope::Body;
    let of = CaseId::new(fresh(7_100 + u64::from(number)));
    let mut found = found(scope, false);
    if let PlanCommand::Evaluate(evaluated) = &mut found {
        evaluated.version = scene.world.plan.current().unwrap().version;
        evaluated.day = None;
        evaluated.found[0].case = of;
        evaluated.found[0].figures[0].subject = Some(function.to_owned());
    }
    assert_eq!(ask(scene, &Actor::System, found), Ok(1));
    let mut close = reassess(scope, Conclusion::Unchanged);
    if let PlanCommand::Reassess { case, .. } = &mut close {
        *case = of;
    }
    assert_eq!(ask(scene, &ciso(), close), Ok(1));
}

#[test]
fn closing_a_case_leaves_what_earlier_ones_of_its_kind_accepted() {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    for (number, function) in [(1, "service:a"), (2, "service:b"), (3, "service:a")] {
        scene.now = day(i64::from(number));
        find_and_close(&mut scene, number, function);
    }
    let plan = &scene.world.plan;
    let of_kind = plan.accepted(Trigger::Functions, CaseScope::Body);
    let known: Vec<_> = of_kind
        .map(|it| (it.at, it.figures[0].subject.as_deref().unwrap()))
        .collect();
    // Each as it was accepted last.
    assert_eq!(known, [(day(2), "service:b"), (day(3), "service:a")]);
}

#[test]
fn a_number_that_moved_is_accepted_as_it_is_by_then_and_nobody_has_to_look_again() {
    let scope = CaseScope::Body;
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    ask(&mut scene, &Actor::System, found(scope, false)).unwrap();
    let seen = scene.world.plan.cases[&case()].clone();
    let people = Figure {
        measure: Measure::People,
        subject: None,
        value: 104,
        base: None,
        level: Some(100),
    };
    let mut moved = found(scope, false);
    if let PlanCommand::Evaluate(evaluated) = &mut moved {
        evaluated.day = None;
        evaluated.found.clear();
        evaluated.moved = vec![(case(), vec![people.clone()])];
    }
    scene.now = day(2);
    assert_eq!(ask(&mut scene, &Actor::System, moved), Ok(1));
    let now = scene.world.plan.cases[&case()].clone();
    assert_eq!(
        (now.version, now.changed_at, now.opened.due),
        (seen.version, seen.changed_at, seen.opened.due)
    );
    // What was told stays, so that the next step is held against it and not against this one.
    assert_eq!(now.opened.figures, seen.opened.figures);
    let mut close = reassess(scope, Conclusion::Unchanged);
    if let PlanCommand::Reassess { expected, .. } = &mut close {
        *expected = Some(seen.version);
    }
    assert_eq!(ask(&mut scene, &ciso(), close), Ok(1));
    let mut accepted = scene.world.plan.accepted(Trigger::Functions, scope);
    assert_eq!(accepted.next().unwrap().figures, [people]);
}

#[test]
fn a_case_that_may_be_high_is_due_in_three_working_days() {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    ask(&mut scene, &Actor::System, found(CaseScope::Body, true)).unwrap();
    assert!((3..=6).contains(&(late(&scene) - 1)));
}

#[test]
fn the_next_plan_cites_what_was_reassessed() {
    let mut scene = in_force(vec![line(PlanDecision::Allow)]);
    ask(&mut scene, &Actor::System, found(CaseScope::Body, false)).unwrap();
    let change = reassess(CaseScope::Body, Conclusion::PlanChange);
    ask(&mut scene, &ciso(), change).unwrap();
    assert_eq!(scene.world.plan.to_reflect().count(), 1);
    let next = PlanId::new(fresh(7_002));
    scene.now = day(2);
    let write = PlanCommand::Write {
        plan: next,
        content: Box::new(content(vec![line(PlanDecision::Refuse)])),
        expected: None,
    };
    let propose = PlanCommand::Propose {
        plan: next,
        expected: None,
    };
    let baseline = BlobRef {
        blob: "baseline".to_owned(),
        size: 1,
    };
    let approve = PlanCommand::Approve {
        plan: next,
        expected: None,
        until: None,
        baseline,
        answer: None,
    };
    for (actor, command) in [(head(), write), (head(), propose), (ciso(), approve)] {
        ask(&mut scene, &actor, command).unwrap();
    }
    assert_eq!(scene.world.plan.to_reflect().count(), 0);
    assert_eq!(scene.world.plan.current().unwrap().cites, [case()]);
}
