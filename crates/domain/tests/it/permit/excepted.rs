//! Where exceptions are found that are for others than their applicants, through all that becomes of them.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, ExceptionAct, PermitAct, PermitCommand, decide};
use sekisho_domain::event::Event;
use sekisho_domain::exception::Judgement;
use sekisho_domain::id::{PermitId, UnitId};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{HoldCause, Particulars, Permit, Place, Term};
use sekisho_domain::time::Span;
use sekisho_domain::world::Permits;

use super::exceptions::{HOLD, exception, ok, on, review};
use super::scene::{
    CHIEF, COLLEAGUE, EXCEPTIONS, SECTION, STAFF, SYSTEMS, Scene, Who, application, approve, day,
    permit, person, unit,
};
use crate::commands::sealed;

fn ids<'a>(found: impl Iterator<Item = &'a Permit>) -> Vec<PermitId> {
    found.map(|it| it.id).collect()
}

fn naming(permits: &Permits, who: Who) -> Vec<PermitId> {
    ids(permits.placed_naming(person(who)).map(|(_, it)| it))
}

/// Those for everybody of some units that may be in force at a place.
fn open_at(permits: &Permits, place: Place, units: &[UnitId]) -> Vec<PermitId> {
    let found = permits.placed_open(place, None, units);
    ids(found.map(|(_, it)| it))
}

/// Those for everybody of the section that may be in force, and all of them.
fn open(permits: &Permits) -> (Vec<PermitId>, Vec<PermitId>) {
    let now = open_at(permits, Place::OutsideOrganisation, &[unit(SECTION)]);
    (now, ids(permits.open_exceptions()))
}

/// What is indexed anew from the list alone is the same.
fn is_whole(scene: &Scene) {
    let text = serde_json::to_string(&scene.world.permits).unwrap();
    let again: Permits = serde_json::from_str(&text).unwrap();
    assert_eq!(again, scene.world.permits);
}

/// For those named, with no device.
fn of(scene: &Scene, people: &[Who]) -> Particulars {
    Particulars::Exception(Exception {
        device: None,
        people: people.iter().map(|who| person(*who)).collect(),
        unit: Some(unit(SECTION)),
        ..exception(scene.now.after(Span::days(10)))
    })
}

#[test]
fn an_exception_is_found_under_whom_it_names_as_it_was_amended_last() {
    let mut scene = Scene::new();
    // One who is named twice is found once.
    let first = of(&scene, &[COLLEAGUE, CHIEF, COLLEAGUE]);
    ok(scene.apply(1, STAFF, first));
    for who in [COLLEAGUE, CHIEF] {
        assert_eq!(naming(&scene.world.permits, who), [permit(1)]);
    }
    assert!(naming(&scene.world.permits, STAFF).is_empty());
    assert_eq!(open(&scene.world.permits), (vec![], vec![]));
    is_whole(&scene);
    let reason = sealed(person(STAFF));
    ok(scene.act(1, EXCEPTIONS, PermitAct::SendBack { reason }));
    let wanted = Term {
        from: scene.now,
        until: scene.now.after(Span::days(30)),
    };
    let again = application(STAFF, of(&scene, &[CHIEF]), wanted);
    let application = Box::new(again);
    ok(scene.act(1, STAFF, PermitAct::Resubmit { application }));
    assert!(naming(&scene.world.permits, COLLEAGUE).is_empty());
    assert_eq!(naming(&scene.world.permits, CHIEF), [permit(1)]);
    is_whole(&scene);
    // The newest stands first.
    let second = of(&scene, &[CHIEF]);
    ok(scene.apply(2, COLLEAGUE, second));
    assert_eq!(naming(&scene.world.permits, CHIEF), [permit(2), permit(1)]);
}

#[test]
fn an_exception_for_everybody_is_looked_at_while_it_may_be_in_force_alone() {
    let mut scene = Scene::new();
    let everybody = of(&scene, &[]);
    ok(scene.apply(1, STAFF, everybody.clone()));
    // One that names a device is not for everybody.
    let named = exception(scene.now.after(Span::days(10)));
    ok(scene.apply(2, STAFF, Particulars::Exception(named)));
    ok(scene.act(2, EXCEPTIONS, approve()));
    ok(scene.act(2, STAFF, PermitAct::Activate));
    let all = vec![permit(1)];
    let none = (vec![], all.clone());
    let looked_at = (all.clone(), all);
    assert_eq!(open(&scene.world.permits), none);
    ok(scene.act(1, EXCEPTIONS, approve()));
    assert_eq!(open(&scene.world.permits), none);
    ok(scene.act(1, STAFF, PermitAct::Activate));
    assert_eq!(open(&scene.world.permits), looked_at);
    is_whole(&scene);
    let hold = PermitAct::Suspend {
        cause: HoldCause::Officer,
        remark: None,
    };
    ok(scene.act(1, SYSTEMS, hold));
    assert_eq!(open(&scene.world.permits), none);
    ok(scene.act(1, EXCEPTIONS, PermitAct::Resume { remark: None }));
    assert_eq!(open(&scene.world.permits), looked_at);
    let reason = sealed(person(STAFF));
    ok(scene.act(1, EXCEPTIONS, PermitAct::Revoke { reason }));
    assert_eq!(open(&scene.world.permits), none);
    is_whole(&scene);
}

#[test]
fn one_for_everybody_is_looked_at_once_and_where_what_it_is_for_is_asked_alone() {
    let mut scene = Scene::new();
    let everybody = of(&scene, &[]);
    ok(scene.apply(1, STAFF, everybody));
    ok(scene.act(1, EXCEPTIONS, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let permits = &scene.world.permits;
    let outside = Place::OutsideOrganisation;
    let section = unit(SECTION);
    assert_eq!(open_at(permits, outside, &[section]), [permit(1)]);
    assert_eq!(open_at(permits, outside, &[section, section]), [permit(1)]);
    assert!(permits.has_open());
    assert!(open_at(permits, outside, &[]).is_empty());
    let inside = Place::ControlledArea;
    assert!(open_at(permits, inside, &[section]).is_empty());
}

/// The permits as a program left them that told nobody that such an exception is for everybody.
fn as_before(scene: &mut Scene) {
    let text = serde_json::to_string(&scene.world.permits).unwrap();
    let said = ",\"for_everybody\":true";
    assert!(text.contains(said), "{text}");
    scene.world.permits = serde_json::from_str(&text.replace(said, "")).unwrap();
}

#[test]
fn one_given_before_counts_for_its_applicant_alone_until_it_is_decided_again_for_everybody() {
    let mut scene = Scene::new();
    let everybody = of(&scene, &[]);
    ok(scene.apply(1, STAFF, everybody));
    ok(scene.act(1, EXCEPTIONS, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let of_whom = |scene: &Scene| {
        let it = scene.permit(1);
        let excepted = [STAFF, COLLEAGUE, CHIEF].map(|who| it.excepts(person(who)));
        (excepted, it.is_for_its_applicant_alone())
    };
    let all = vec![permit(1)];
    let everybody = ([true; 3], false);
    assert_eq!(of_whom(&scene), everybody);
    as_before(&mut scene);
    let alone = ([true, false, false], true);
    assert_eq!(of_whom(&scene), alone);
    assert_eq!(open(&scene.world.permits), (vec![], all.clone()));
    is_whole(&scene);
    // Neither a hold nor a look at it makes it wider.
    let hold = PermitAct::Suspend {
        cause: HoldCause::Officer,
        remark: None,
    };
    ok(scene.act(1, SYSTEMS, hold));
    ok(scene.act(1, EXCEPTIONS, PermitAct::Resume { remark: None }));
    let looked_at = review(Judgement::Effective, Some(day(20)));
    ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, looked_at));
    assert_eq!(of_whom(&scene), alone);
    assert_eq!(open(&scene.world.permits), (vec![], all.clone()));
    let again = |for_everybody: bool| ExceptionAct::DecideAgain {
        until: None,
        next: day(20).jst_date(),
        answer: None,
        for_everybody,
    };
    // Nor does it where it only goes on.
    ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, again(false)));
    assert_eq!(of_whom(&scene), alone);
    assert_eq!(open(&scene.world.permits), (vec![], all.clone()));
    is_whole(&scene);
    ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, again(true)));
    assert_eq!(of_whom(&scene), everybody);
    // One that is for everybody stays so.
    ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, again(false)));
    assert_eq!(of_whom(&scene), everybody);
    assert_eq!(open(&scene.world.permits), (all.clone(), all));
    is_whole(&scene);
}

#[test]
fn that_an_exception_is_given_for_everybody_is_recorded_and_of_others_nothing() {
    let mut scene = Scene::new();
    for (n, people, said) in [(1, vec![], Some(true)), (2, vec![COLLEAGUE], None)] {
        let asked = of(&scene, &people);
        ok(scene.apply(n, STAFF, asked));
        let command = PermitCommand::Act {
            permit: permit(n),
            expected: None,
            act: approve(),
        };
        let actor = Actor::person(person(EXCEPTIONS));
        let command = Command::Permit(Box::new(command));
        let decided = decide(&scene.world, &actor, &command, scene.now).unwrap();
        let mut approved = decided.events.into_iter().filter_map(|it| match it {
            Event::PermitApproved { step } => Some(step),
            _ => None,
        });
        let stored = serde_json::to_value(approved.next().unwrap()).unwrap();
        let recorded = stored
            .get("for_everybody")
            .and_then(serde_json::Value::as_bool);
        assert_eq!(recorded, said, "{stored}");
    }
}
