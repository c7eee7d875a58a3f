//! Risk assessments that an exception makes less: which exception may, who approves it, and what is left when
//! it is over.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{PermitAct, Weight};
use sekisho_domain::id::{SystemId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::plan::{CaseScope, RiskLevel};
use sekisho_domain::risk::{Lowered, Rank, RiskContent, RiskSubject, Scenario, Treatment};
use sekisho_domain::time::Span;

use super::risky::{
    actor, approve, ask, begun, content, of_section, own_unit, propose, refused, risk, task, write,
};
use super::scene::{
    BUREAU, CISO, COLLEAGUE, EXCEPTIONS, OTHER_SECTION, STAFF, Scene, TEAM, issued, permit, person,
    unit,
};
use crate::commands::{fresh, officer, root};

/// An exception in force for 30 days.
fn given(scene: &mut Scene, n: u64, change: fn(&mut Exception)) {
    let mut said = Exception::bare(
        Line::parse("US-8.1.1-3-e").unwrap(),
        "C2I2A1".parse().unwrap(),
        Place::OutsideOrganisation,
        scene.now.after(Span::days(10)).jst_date(),
    );
    change(&mut said);
    let applied = scene.apply(n, STAFF, Particulars::Exception(said));
    assert!(applied.is_ok(), "{n}: {applied:?}");
    let approved = scene.act(n, EXCEPTIONS, super::scene::approve());
    assert!(approved.is_ok(), "{n}: {approved:?}");
    let active = scene.act(n, STAFF, PermitAct::Activate);
    assert!(active.is_ok(), "{n}: {active:?}");
}

fn lowered(subject: RiskSubject, n: u64, treatments: Vec<Treatment>) -> RiskContent {
    let mut content = content(subject, treatments);
    content.lowered.push(Lowered {
        scenario: Scenario::Loss,
        to: Rank::One,
        permit: permit(n),
    });
    content
}

#[test]
fn an_exception_for_somebody_or_something_else_lowers_no_risk() {
    let mut scene = begun();
    let whole = RiskSubject::Tasks(CaseScope::Body);
    let of_task = RiskSubject::Task(task());
    // What it names, and what of the task, the section and the whole it lowers then.
    type Case = (fn(&mut Exception), [bool; 3]);
    let cases: [Case; 10] = [
        (|_| {}, [true; 3]),
        (|it| it.people = vec![person(COLLEAGUE)], [false; 3]),
        (|it| it.device = Some(issued(STAFF)), [false; 3]),
        (|it| it.devices = vec![issued(STAFF)], [false; 3]),
        (|it| it.system = Some(SystemId::new(fresh(901))), [false; 3]),
        (|it| it.task = Some(task()), [true, false, false]),
        (
            |it| {
                it.task = Some(task());
                it.people = vec![person(COLLEAGUE)];
            },
            [false; 3],
        ),
        (|it| it.unit = Some(unit(BUREAU)), [false, true, false]),
        (|it| it.unit = Some(unit(TEAM)), [false; 3]),
        (|it| it.unit = Some(root()), [true, true, false]),
    ];
    for ((change, expected), n) in cases.into_iter().zip(1..) {
        given(&mut scene, n, change);
        let found = [of_task, of_section(), whole].map(|subject| {
            let now = scene.now;
            scene.world.exception_lowers(permit(n), subject, now)
        });
        assert_eq!(found, expected, "{n}");
    }
    let other = |it: &mut Exception| it.unit = Some(unit(OTHER_SECTION));
    given(&mut scene, 20, other);
    let now = scene.now;
    assert!(!scene.world.exception_lowers(permit(20), of_section(), now));
    let elsewhere = RiskSubject::Task(TaskId::new(fresh(950)));
    let of_one = scene.world.exception_lowers(permit(6), elsewhere, now);
    assert!(!of_one, "another task");
    // The command asks the same.
    let unit_of = own_unit(&scene);
    let head = Actor::person(officer());
    let mut draft = |n| {
        let content = lowered(of_task, n, Vec::new());
        ask(&mut scene, &head, write(unit_of, content, RiskLevel::Low))
    };
    assert_eq!(draft(2), refused("risk.lowered-without-exception"));
    assert_eq!(draft(6), Ok(1));
}

#[test]
fn what_an_exception_lowered_is_approved_above_and_stops_when_the_exception_is_over() {
    for (treatments, stops) in [(Vec::new(), true), (vec![measure()], false)] {
        let mut scene = begun();
        given(&mut scene, 1, |it| it.task = Some(task()));
        let (unit, head) = (own_unit(&scene), Actor::person(officer()));
        let subject = RiskSubject::Task(task());
        let content = lowered(subject, 1, treatments);
        let draft = write(unit, content, RiskLevel::Low);
        assert_eq!(ask(&mut scene, &head, draft), Ok(1));
        assert_eq!(ask(&mut scene, &head, propose(unit)), Ok(1));
        let ordinary = approve(unit, Weight::Ordinary);
        assert_eq!(
            ask(&mut scene, &actor(CISO), ordinary),
            refused("risk.other-weight")
        );
        let high = approve(unit, Weight::High);
        assert_eq!(ask(&mut scene, &actor(CISO), high), Ok(2));
        let world = &scene.world;
        // Decisions about access look at it, though it is low and nothing is done about it.
        assert_eq!(world.risks.limiting[&subject], risk());
        let version = &world.risks.approved[&risk()];
        let end = scene.permit(1).grant().unwrap().term.until;
        assert_eq!(version.lowered_until(world, scene.now), Some(end));
        assert!(!version.is_high(world, scene.now));
        assert!(version.is_acted_on(world, scene.now) && !version.stops(world, scene.now));
        assert!(version.is_high(world, end));
        assert_eq!(version.lowered_until(world, end), None);
        assert_eq!(version.stops(world, end), stops);
        assert_eq!(version.is_acted_on(world, end), !stops);
    }
}

fn measure() -> Treatment {
    Treatment::Measure {
        check: sekisho_domain::check::DeviceCheck::ScreenLock,
    }
}
