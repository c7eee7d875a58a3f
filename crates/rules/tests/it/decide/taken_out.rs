//! Devices that were taken out by a permission (PO): outside unless they are shown to be inside.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::event::{Ended, ObligationMet};
use sekisho_domain::permit::{Deadlines, EndKind, Obligation, PermitKind, Place, Proof};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Outing, TakenOut, Whereabouts};

use super::scene::{Office, device, highest, particulars, reach};
use crate::fixture::{NOW, fresh};

const PLACE: Place = Place::OutsideOrganisation;

fn taken(office: &Office) -> Vec<TakenOut> {
    TakenOut::of(&office.scene.world, device(), office.now)
}

fn met(office: &mut Office, permit: PermitId, obligation: Obligation, at: Timestamp) {
    let step = Box::new(ObligationMet {
        permit,
        obligation,
        proof: Proof::Received,
        statement: None,
    });
    let event = Event::PermitObligationMet { step };
    office.scene.apply_at(event, at);
}

#[test]
fn a_permission_counts_from_its_beginning_until_the_return_is_recorded() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    office.give(PermitKind::OffSite, &reach(PLACE));
    let wanted = particulars(PermitKind::TakeOut, Some(device()), PLACE);
    let permit = office.apply(wanted, Some(highest()), office.term());
    office.approve(permit);
    assert!(taken(&office).is_empty(), "not taken up");
    office.take_up(permit);
    let from = office.term().from;
    let until = |until| {
        vec![TakenOut {
            permit: Some(permit),
            from,
            until,
        }]
    };
    assert_eq!(taken(&office), until(NOW));
    office.now = from.before(Span::minutes(1));
    assert!(taken(&office).is_empty(), "not begun");
    // Its term alone does not bring the device back, nor does it that its holder is done with it.
    office.now = NOW.after(Span::days(60));
    assert_eq!(taken(&office), until(office.now));
    let step = Box::new(Ended {
        permit,
        how: EndKind::Returned,
        at: NOW.after(Span::hours(1)),
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    });
    office.scene.apply(Event::PermitEnded { step });
    assert_eq!(taken(&office), until(office.now));
    let back = NOW.after(Span::days(2));
    met(&mut office, permit, Obligation::DeviceReturned, back);
    assert_eq!(taken(&office), until(back));
    let later = back.after(Span::days(5));
    met(&mut office, permit, Obligation::DeviceInspected, later);
    office.scene.apply(Event::PermitClosed { permit });
    assert_eq!(taken(&office), until(back));
}

#[test]
fn one_that_ended_before_it_was_taken_up_took_nothing_out() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    let wanted = particulars(PermitKind::TakeOut, Some(device()), PLACE);
    let permit = office.apply(wanted, Some(highest()), office.term());
    office.approve(permit);
    let step = Box::new(Ended {
        permit,
        how: EndKind::Revoked,
        at: NOW,
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    });
    office.scene.apply(Event::PermitEnded { step });
    assert!(taken(&office).is_empty());
}

#[test]
fn a_persons_own_device_may_always_have_been_outside() {
    let office = Office::without_permits(DeviceClass::Byod, highest());
    let enrolled_at = office.scene.world.device(device()).unwrap().enrolled_at;
    let always = TakenOut {
        permit: None,
        from: enrolled_at,
        until: NOW,
    };
    assert_eq!(taken(&office), [always]);
}

fn at(minute: u32) -> Timestamp {
    NOW.after(Span::minutes(minute))
}

/// Taken out since the first minute.
fn out(until: u32) -> [TakenOut; 1] {
    [TakenOut {
        permit: Some(PermitId::new(fresh(8, 1))),
        from: at(0),
        until: at(until),
    }]
}

/// A device that was inside when it was taken out.
fn inside() -> Whereabouts {
    let mut it = Whereabouts::default();
    assert!(it.known_inside(at(0)));
    it
}

fn back(left: u32, since: u32) -> Outing {
    Outing::Back {
        last_inside: Some(at(left)),
        since: at(since),
    }
}

#[test]
fn one_that_is_shown_inside_has_not_left_and_after_a_silence_nobody_knows() {
    let mut it = inside();
    for minute in [15, 30, 90] {
        assert!(it.shown_inside(at(minute), &out(minute)), "{minute}");
    }
    let mut short = it;
    assert!(!short.presume_outside(&out(150)));
    assert_eq!(short.outing(at(150), |_| true), Outing::None);
    let mut long = it;
    assert!(long.presume_outside(&out(151)));
    assert_eq!(long.outing(at(151), |_| true), back(90, 151));
    assert_eq!(long.taken_out, out(0)[0].permit);
    // What is shown after a silence says nothing of the silence.
    assert!(!it.shown_inside(at(151), &out(151)));
    assert!(!it.reported_inside(at(151), &out(151)));
    assert!(it.presume_outside(&out(152)));
    // Without such a permission silence says nothing.
    let mut it = inside();
    assert!(!it.presume_outside(&[]));
    assert!(!it.comes_back(at(9000), &[]));
    assert_eq!(it.outing(at(9000), |_| true), Outing::None);
}

#[test]
fn one_that_asks_after_a_silence_has_come_back_and_stays_so_in_quarantine() {
    let mut it = inside();
    assert!(it.comes_back(at(600), &out(600)));
    assert_eq!(it.outing(at(601), |_| true), back(0, 600));
    // It is there: what came since its return goes on counting.
    assert!(it.shown_inside(at(630), &out(630)));
    assert!(it.comes_back(at(660), &out(660)));
    assert_eq!(it.outing(at(661), |_| true), back(0, 600));
    // It may have been home from there once more.
    assert!(it.comes_back(at(900), &out(900)));
    assert_eq!(it.outing(at(901), |_| true), back(0, 900));
    it.let_in(at(901), Some(PermitId::new(fresh(8, 2))));
    assert_eq!(it.taken_out, None);
    assert_eq!(it.outing(at(902), |_| true), Outing::None);
    assert!(!it.presume_outside(&out(950)));
    assert!(it.presume_outside(&out(962)));
}

#[test]
fn one_that_signs_in_anew_within_its_connection_was_there_and_over_night_nobody_knows() {
    let mut it = inside();
    assert!(it.signs_in_anew(at(61), &out(61)));
    assert!(it.signs_in_anew(at(301), &out(301)));
    assert_eq!(it.outing(at(301), |_| true), Outing::None);
    let mut other = it;
    assert!(other.comes_back(at(362), &out(362)));
    assert_eq!(other.outing(at(362), |_| true), back(301, 362));
    // Switches ask every four hours, and it comes a little later.
    let mut late = it;
    assert!(late.signs_in_anew(at(542), &out(542)));
    assert_eq!(late.outing(at(542), |_| true), Outing::None);
    let mut night = it;
    assert!(night.signs_in_anew(at(557), &out(557)));
    assert_eq!(night.outing(at(557), |_| true), back(301, 557));
    // Evidence counts in any case.
    assert!(it.seen_outside(at(310)));
    assert!(it.signs_in_anew(at(320), &out(320)));
    assert_eq!(it.outing(at(320), |_| true), back(301, 320));
    // Of one that nothing is known of it says nothing.
    let mut it = Whereabouts::default();
    assert!(it.signs_in_anew(at(61), &out(61)));
    assert!(it.is_open());
    let mut it = inside();
    assert!(!it.signs_in_anew(at(9000), &[]));
}

#[test]
fn what_was_given_back_is_accounted_for_once() {
    // It was let in after its return: nothing of that time comes up again.
    let mut it = Whereabouts::default();
    assert!(it.known_inside(at(1000)));
    assert!(!it.presume_outside(&out(1000)));
    assert!(!it.comes_back(at(9000), &out(1000)));
    assert_eq!(it.outing(at(9000), |_| true), Outing::None);
    // It was not shown since it was taken out.
    let mut it = inside();
    assert!(it.comes_back(at(9000), &out(1000)));
    assert_eq!(it.outing(at(9000), |_| true), back(0, 9000));
}

#[test]
fn a_new_device_that_was_taken_out_meanwhile_is_not_taken_for_one_that_never_left() {
    let mut it = Whereabouts::default();
    assert!(!it.reported_inside(at(61), &out(61)));
    assert!(it.is_open());
    assert!(it.reported_inside(at(61), &[]));
    assert!(!it.is_open());
}
