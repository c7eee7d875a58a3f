//! Graded information on devices outside and on people's own: each use rests on a permit (8.1.1(3)(h)).

use sekisho_domain::check::Outcome;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::Ended;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{EndKind, Particulars, Place, Term};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict::{Attested, NotMet, Unknown};
use sekisho_rules::access::{AccessEvidence, Door};
use sekisho_rules::assess::Thing;

use super::*;
use crate::fixture::around_now;
use crate::permits::{give, over, until};

#[test]
fn every_use_from_outside_rests_on_a_permit_that_stood_then() {
    let during = |days: u32, ended: u32| Term {
        from: NOW.before(Span::days(days)),
        until: NOW.before(Span::days(ended)),
    };
    for (grade, permit, term, verdict_then) in [
        ("C3I1A1", Some("C3I1A1"), until(9), Unknown),
        ("C1I1A2", Some("C1I1A2"), until(9), Unknown),
        // Over now; it stood when the system was used two days ago.
        ("C3I1A1", Some("C3I1A1"), over(1), Unknown),
        ("C3I1A1", Some("C3I1A1"), over(3), NotMet),
        // Begun after the use.
        ("C3I1A1", Some("C3I1A1"), during(1, 0), NotMet),
        // For a lower grade.
        ("C3I1A1", Some("C2I1A1"), until(9), NotMet),
        ("C3I1A1", None, until(9), NotMet),
    ] {
        let (mut scene, device) = office(grade);
        if let Some(permit) = permit {
            give(&mut scene, 1, off_site(device, permit), 60, term);
        }
        allowed(&mut scene, device, hours(48));
        let found = verdict(&scene, HANDLED);
        let code = match verdict_then {
            NotMet => "reach.without-permit",
            // The machine part is in order; that the grade is true a person has to attest.
            _ => "attestation.missing",
        };
        assert_eq!(found, is(verdict_then, code), "{grade} {permit:?} {term:?}");
    }
}

#[test]
fn what_needs_no_permit_fails_nobody() {
    for (grade, place) in [
        ("C3I2A2", Place::ControlledArea),
        ("C2I1A1", Place::OutsideOrganisation),
    ] {
        let (mut scene, device) = office(grade);
        used(&mut scene, device, place, Door::Asked, (hours(5), hours(5)));
        assert_ne!(verdict(&scene, HANDLED).0, NotMet, "{grade} {place:?}");
    }
    // A weighty system is needed for the row to speak of anything.
    let (scene, _) = office("C2I1A1");
    assert_eq!(verdict(&scene, HANDLED), is(Unknown, "access.none-graded"));
    let mut scene = Scene::new(Profile::Gov);
    scene.enrol(DeviceClass::Issued);
    let none = is(Unknown, "register.nothing-entered");
    assert_eq!(verdict(&scene, HANDLED), none);
    let scene = Scene::new(Profile::Gov);
    assert_eq!(verdict(&scene, HANDLED).0, Unknown);
}

#[test]
fn an_unguarded_system_keeps_it_unknown_and_is_named() {
    let (mut scene, device) = office("C3I2A2");
    assert_eq!(verdict(&scene, HANDLED), is(Unknown, "access.unguarded"));
    let assessment = scene.assess();
    let named = &row(&assessment, HANDLED).concerned;
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].what, Thing::Entry(system_id().into()));
    assert_eq!(named[0].outcome, Outcome::Unknown);
    // A refusal shows that something asks.
    asked(&mut scene, hours(3));
    let attest = is(Unknown, "attestation.missing");
    assert_eq!(verdict(&scene, HANDLED), attest);
    // A week later nothing shows it any more: what asked may be gone.
    assert_eq!(
        verdict_at(&scene, HANDLED, NOW.after(Span::days(6))),
        attest
    );
    let later = NOW.after(Span::days(7));
    assert_eq!(verdict_at(&scene, HANDLED, later).1, "access.unguarded");
    // A gateway guards it as well, for as long as it is heard.
    let (mut scene, _) = office("C3I2A2");
    gateway(&mut scene, Some(device));
    heard(&mut scene, hours(0), false);
    assert_eq!(verdict(&scene, HANDLED), attest);
    let later = NOW.after(Span::hours(2));
    assert_eq!(verdict_at(&scene, HANDLED, later).1, "access.unguarded");
    heard(&mut scene, hours(0), true);
    assert_eq!(verdict(&scene, HANDLED).1, "access.unguarded");
}

#[test]
fn what_was_not_read_or_lost_passes_nothing_and_hides_no_failure() {
    let (mut scene, device) = office("C3I2A2");
    allowed(&mut scene, device, hours(3));
    assert_eq!(verdict(&scene, HANDLED).0, NotMet);
    scene.access.lost(1);
    assert_eq!(verdict(&scene, HANDLED).0, NotMet);
    let (mut scene, device) = office("C3I2A2");
    give(&mut scene, 1, off_site(device, "C3I2A2"), 5, until(9));
    allowed(&mut scene, device, hours(3));
    assert_eq!(verdict(&scene, HANDLED).1, "attestation.missing");
    scene.access.lost(2);
    assert_eq!(verdict(&scene, HANDLED), is(Unknown, "access.answers-lost"));
    scene.access = AccessEvidence::default();
    assert_eq!(verdict(&scene, HANDLED), is(Unknown, "access.not-read"));
}

#[test]
fn a_word_lifts_what_is_in_order_and_nothing_else() {
    let (mut scene, device) = office("C3I2A2");
    let diso = scene.appoint(Role::Hiso);
    scene.attest(HANDLED, diso, around_now());
    assert_eq!(verdict(&scene, HANDLED).0, Unknown);
    asked(&mut scene, hours(3));
    assert_eq!(verdict(&scene, HANDLED).0, Attested);
    allowed(&mut scene, device, hours(2));
    assert_eq!(verdict(&scene, HANDLED).0, NotMet);
    // It counts for four weeks.
    assert_eq!(
        verdict_at(&scene, HANDLED, NOW.after(Span::days(27))).0,
        NotMet
    );
    assert_ne!(
        verdict_at(&scene, HANDLED, NOW.after(Span::days(29))).0,
        NotMet
    );
}

#[test]
fn an_exception_excuses_and_is_counted_as_one() {
    let (mut scene, device) = office("C3I2A2");
    let exception = Particulars::Exception(Exception {
        device: Some(device),
        ..Exception::bare(
            Line::parse(HANDLED).unwrap(),
            "C3I2A2".parse().unwrap(),
            Place::OutsideOrganisation,
            jiff::civil::date(2027, 1, 1),
        )
    });
    give(&mut scene, 1, exception, 5, until(9));
    allowed(&mut scene, device, hours(3));
    let assessment = scene.assess();
    let known = &row(&assessment, HANDLED).verdict;
    assert_eq!(known.verdict, Unknown);
    assert_eq!((known.counts.excepted, known.counts.total()), (1, 1));
}

#[test]
fn a_permit_taken_back_covers_what_came_before() {
    for (used_at, expected) in [(30, "attestation.missing"), (10, "reach.without-permit")] {
        let (mut scene, device) = office("C3I2A2");
        give(&mut scene, 1, off_site(device, "C3I2A2"), 5, until(9));
        let step = Box::new(Ended {
            permit: sekisho_domain::id::PermitId::new(fresh(8, 1)),
            how: EndKind::Returned,
            at: hours(20),
            deadlines: sekisho_domain::permit::Deadlines::default(),
            decision: None,
            remark: None,
        });
        scene.apply(Event::PermitEnded { step });
        allowed(&mut scene, device, hours(used_at));
        assert_eq!(verdict(&scene, HANDLED).1, expected, "{used_at}");
    }
}

#[test]
fn what_the_register_said_then_is_not_guessed() {
    let (mut scene, device) = office("C3I2A2");
    // Written yesterday: what its grade was before is not told here.
    scene.apply(Event::RegisterChanged {
        id: system_id().into(),
        unit: None,
        particulars: a_system("C3I2A2", true),
        remark: None,
    });
    allowed(&mut scene, device, hours(48));
    assert_eq!(verdict(&scene, HANDLED), is(Unknown, "reach.permit-unsure"));
    allowed(&mut scene, device, hours(3));
    assert_eq!(verdict(&scene, HANDLED), is(NotMet, "reach.without-permit"));
}

#[test]
fn a_device_of_ones_own_needs_its_permit_wherever_it_is() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Byod);
    line(&mut scene, 1, "internal", true);
    system(&mut scene, "C2I1A1", true);
    asked(&mut scene, hours(3));
    let unpermitted = is(Unknown, "reach.byod-unpermitted");
    assert_eq!(verdict(&scene, HANDLED_BYOD), unpermitted);
    give(&mut scene, 1, byod(device, "C2I1A1"), 5, until(9));
    let attest = is(Unknown, "attestation.missing");
    assert_eq!(verdict(&scene, HANDLED_BYOD), attest);
    let inside = Place::ControlledArea;
    used(
        &mut scene,
        device,
        inside,
        Door::Asked,
        (hours(9), hours(9)),
    );
    assert_eq!(verdict(&scene, HANDLED_BYOD), attest);
    // Before the permit began.
    let before = NOW.before(Span::days(41));
    used(&mut scene, device, inside, Door::Asked, (before, before));
    assert_eq!(verdict(&scene, HANDLED_BYOD), attest, "left the period");
    let (mut scene, own) = (scene, device);
    scene.enrol(DeviceClass::Byod);
    used(&mut scene, own, inside, Door::Asked, (hours(2), hours(2)));
    assert_eq!(verdict(&scene, HANDLED_BYOD), is(Unknown, "row.unknown"));
}

#[test]
fn inside_an_unwatched_line_lets_a_device_of_ones_own_by() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Byod);
    line(&mut scene, 1, "internal", true);
    system(&mut scene, "C2I1A1", false);
    give(&mut scene, 1, byod(device, "C2I1A1"), 5, until(9));
    assert_eq!(verdict(&scene, HANDLED_BYOD).1, "access.unguarded");
    scene.access.watch(line_id(), hours(9));
    assert_eq!(verdict(&scene, HANDLED_BYOD).1, "attestation.missing");
    let later = NOW.after(Span::days(8));
    assert_eq!(
        verdict_at(&scene, HANDLED_BYOD, later).1,
        "access.unguarded"
    );
}
