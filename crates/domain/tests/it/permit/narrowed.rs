//! Limits and conditions that take nothing away from a task are refused, the least that take something away are taken,
//! and permits change by these.

use sekisho_domain::actor::Actor;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::command::{RiskCommand, Weight};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
use sekisho_domain::plan::{PlanDecision, PlanLine, RiskLevel};
use sekisho_domain::risk::{
    Condition, RiskDrafted, RiskProposed, RiskSubject, TaskLimit, Treatment,
};
use sekisho_domain::world::NoDocuments;

use super::planned::{in_force, line};
use super::risky::{
    actor, approve, ask, begun, content, own_unit, propose, refused, risk, task, write,
};
use super::scene::{CISO, STAFF, Scene};
use crate::commands::officer;

const BUT_OTHER: [TeleworkPlace; 3] = [
    TeleworkPlace::Home,
    TeleworkPlace::SatelliteOffice,
    TeleworkPlace::Travelling,
];

fn grade(text: &str) -> Option<Grade> {
    Some(text.parse().unwrap())
}

fn limit(ceiling: &str, places: &[TeleworkPlace]) -> Treatment {
    Treatment::Limit(TaskLimit {
        ceiling: (!ceiling.is_empty()).then(|| ceiling.parse().unwrap()),
        places: places.to_vec(),
    })
}

fn condition(change: fn(&mut Condition)) -> Treatment {
    let mut condition = Condition::default();
    change(&mut condition);
    Treatment::Condition(condition)
}

/// A draft of a high risk with one treatment.
fn draft(scene: &Scene, treatment: Treatment) -> RiskCommand {
    let body = content(RiskSubject::Task(task()), vec![treatment]);
    write(own_unit(scene), body, RiskLevel::High)
}

/// What becomes of such a draft when it is proposed.
fn proposed(scene: &mut Scene, treatment: Treatment) -> Result<usize, String> {
    let (unit, head) = (own_unit(scene), Actor::person(officer()));
    let draft = draft(scene, treatment);
    assert_eq!(ask(scene, &head, draft), Ok(1));
    ask(scene, &head, propose(unit))
}

#[test]
fn what_takes_nothing_away_from_any_task_is_written_into_no_draft() {
    let all = TeleworkPlace::ALL;
    let nothing = [
        (limit("", &[]), "limit"),
        (limit("C3I2A2", &[]), "limit"),
        (limit("", all), "limit"),
        (limit("C3I2A2", all), "limit"),
        (condition(|_| {}), "condition"),
        (condition(|it| it.ceiling = grade("C3I2A2")), "condition"),
        (
            condition(|it| it.places = TeleworkPlace::ALL.to_vec()),
            "condition",
        ),
        (condition(|it| it.from_hour = Some(0)), "condition"),
        (condition(|it| it.until_hour = Some(24)), "condition"),
        (
            condition(|it| {
                it.from_hour = Some(0);
                it.until_hour = Some(24);
            }),
            "condition",
        ),
    ];
    let mut scene = begun();
    let head = Actor::person(officer());
    for (treatment, field) in nothing {
        let fault = Some(("risk.limits-nothing", field));
        assert_eq!(treatment.fault(), fault, "{treatment:?}");
        let draft = draft(&scene, treatment);
        assert_eq!(
            ask(&mut scene, &head, draft),
            refused("risk.limits-nothing")
        );
    }
    // What makes no sense is told as that.
    let late = condition(|it| it.from_hour = Some(24));
    assert_eq!(late.fault(), Some(("risk.hours", "from_hour")));
}

#[test]
fn the_least_that_takes_something_away_is_a_treatment() {
    let check = DeviceCheck::DiskEncryption;
    let least = [
        limit("C3I2A1", &[]),
        limit("C3I1A2", &[]),
        limit("C2I2A2", &[]),
        limit("", &BUT_OTHER),
        condition(|it| it.ceiling = grade("C3I2A1")),
        condition(|it| it.places = BUT_OTHER.to_vec()),
        condition(|it| it.from_hour = Some(1)),
        condition(|it| it.until_hour = Some(23)),
        condition(|it| it.working_days_only = true),
        condition(|it| it.two_persons = true),
        condition(|it| it.closed_room = true),
        Treatment::Measure { check },
        Treatment::Stop,
    ];
    for treatment in least {
        assert_eq!(treatment.fault(), None, "{treatment:?}");
    }
}

/// The task up to C2I2A1, at home and on the way.
fn planned() -> Scene {
    in_force(vec![PlanLine {
        highest: grade("C2I2A1"),
        places: vec![TeleworkPlace::Home, TeleworkPlace::Travelling],
        ..line(PlanDecision::Allow)
    }])
}

/// The plan refuses the task for now.
fn planned_away() -> Scene {
    in_force(vec![PlanLine {
        places: vec![TeleworkPlace::Home],
        ..line(PlanDecision::Refuse)
    }])
}

#[test]
fn what_takes_nothing_away_from_what_the_task_may_do_today_is_not_proposed() {
    use TeleworkPlace::{Home, Other, SatelliteOffice, Travelling};
    const LIMIT: &str = "risk.limit-not-narrower";
    const CONDITION: &str = "risk.condition-not-narrower";
    type Case = (fn() -> Scene, Treatment, Option<&'static str>);
    let cases: [Case; 21] = [
        (planned, limit("C2I2A1", &[]), Some(LIMIT)),
        (planned, limit("C3I2A1", &[]), Some(LIMIT)),
        (planned, limit("C2I2A2", &[]), Some(LIMIT)),
        (planned, limit("C2I1A1", &[]), None),
        (planned, limit("C2I1A2", &[]), None),
        (planned, limit("C1I2A1", &[]), None),
        (planned, limit("", &[Home, Travelling]), Some(LIMIT)),
        (
            planned,
            limit("C2I2A1", &[Travelling, Other, Home]),
            Some(LIMIT),
        ),
        (planned, limit("", &[Home]), None),
        (planned, limit("C2I2A1", &[SatelliteOffice]), None),
        (
            planned,
            condition(|it| it.ceiling = grade("C2I2A1")),
            Some(CONDITION),
        ),
        (
            planned,
            condition(|it| it.places = vec![Home, Travelling]),
            Some(CONDITION),
        ),
        (planned, condition(|it| it.ceiling = grade("C2I1A1")), None),
        (planned, condition(|it| it.until_hour = Some(23)), None),
        (planned, condition(|it| it.two_persons = true), None),
        // Without a plan: the register says C1I1A1, whatever the assessment says, and no places.
        (begun, limit("C1I1A1", &[]), Some(LIMIT)),
        (begun, limit("C3I2A1", &[]), Some(LIMIT)),
        (begun, limit("", &BUT_OTHER), None),
        (begun, condition(|it| it.working_days_only = true), None),
        (planned_away, limit("C1I1A1", &[]), Some(LIMIT)),
        (planned_away, limit("", &[Home]), None),
    ];
    for (scene, treatment, code) in cases {
        let told = format!("{treatment:?}");
        let expected = code.map_or(Ok(1), refused);
        assert_eq!(proposed(&mut scene(), treatment), expected, "{told}");
    }
}

#[test]
fn a_limit_of_the_whole_has_to_take_something_away_from_one_task_at_least() {
    let whole = RiskSubject::Tasks(sekisho_domain::plan::CaseScope::Body);
    for (ceiling, expected) in [
        ("C2I2A1", refused("risk.limit-not-narrower")),
        ("C2I1A1", Ok(1)),
    ] {
        let mut scene = planned();
        let head = Actor::person(officer());
        let body = content(whole, vec![limit(ceiling, &[])]);
        let draft = write(None, body, RiskLevel::High);
        assert_eq!(ask(&mut scene, &head, draft), Ok(1));
        assert_eq!(ask(&mut scene, &head, propose(None)), expected, "{ceiling}");
    }
}

/// Puts on record what an earlier program took.
fn record(scene: &mut Scene, event: Event) {
    let stored = StoredEvent {
        actor: Actor::person(officer()),
        recorded_at: scene.now,
        effective_from: None,
        event,
    };
    scene.world.apply(&stored, &NoDocuments).unwrap();
}

#[test]
fn what_was_proposed_when_such_limits_were_taken_is_read_and_not_approved() {
    for (treatment, code) in [
        (limit("C3I2A2", &[]), "risk.limits-nothing"),
        (limit("C1I1A1", &[]), "risk.limit-not-narrower"),
    ] {
        let mut scene = begun();
        let unit = own_unit(&scene);
        let RiskCommand::Write {
            content,
            frozen,
            result,
            ..
        } = draft(&scene, treatment)
        else {
            panic!("no draft");
        };
        let drafted = Box::new(RiskDrafted {
            risk: risk(),
            content: *content,
            frozen,
            result: *result,
        });
        record(&mut scene, Event::RiskDrafted { drafted });
        let proposed = RiskProposed { risk: risk() };
        record(&mut scene, Event::RiskProposed { proposed });
        let approval = approve(unit, Weight::High);
        assert_eq!(ask(&mut scene, &actor(CISO), approval), refused(code));
    }
}

fn telework(place: TeleworkPlace, stated: &str) -> Particulars {
    Particulars::Telework(Telework {
        task: task(),
        place,
        device: None,
        grade: grade(stated),
        days_per_week: None,
    })
}

#[test]
fn a_permit_that_was_given_before_is_refused_by_the_least_that_is_taken() {
    use TeleworkPlace::{Home, Other};
    let cases = [
        (limit("", &BUT_OTHER), Other, "permit.risk-place"),
        (limit("C2I1A2", &[]), Home, "permit.risk-grade"),
        (
            condition(|it| it.places = BUT_OTHER.to_vec()),
            Other,
            "permit.risk-place",
        ),
        (
            condition(|it| it.ceiling = grade("C1I2A2")),
            Home,
            "permit.risk-grade",
        ),
    ];
    let anywhere = || {
        in_force(vec![PlanLine {
            highest: grade("C2I2A1"),
            ..line(PlanDecision::Allow)
        }])
    };
    for (treatment, place, code) in cases {
        let asked = || telework(place, "C2I2A1");
        let before = anywhere().apply(1, STAFF, asked());
        assert_eq!(before, Ok(1), "{treatment:?}");
        let mut scene = anywhere();
        let unit = own_unit(&scene);
        assert_eq!(proposed(&mut scene, treatment), Ok(1));
        let approval = approve(unit, Weight::High);
        assert_eq!(ask(&mut scene, &actor(CISO), approval), Ok(2));
        assert_eq!(scene.apply(1, STAFF, asked()), refused(code));
    }
}
