//! What joins internal lines, and what comes back to them (8.1.1(3)(c), (i), (j)).

use sekisho_domain::permit::particulars::Reconnection;
use sekisho_domain::verdict::Verdict::{Met, NotMet, Unknown};
use sekisho_rules::access::Admission;

use super::*;
use crate::permits::{give, over, until};

fn admission(device: Option<DeviceId>, at: Timestamp) -> Admission {
    Admission {
        device,
        person: Some(person()),
        line: line_id(),
        at,
        returned: false,
        inspected: true,
    }
}

fn admit(scene: &mut Scene, it: &Admission) {
    scene.access.admit(&scene.world, it);
}

fn again(device: DeviceId) -> Particulars {
    Particulars::Reconnection(Reconnection {
        device,
        line: None,
        outside_since: jiff::civil::date(2026, 11, 1),
        out_of_sight: false,
    })
}

fn watched() -> (Scene, DeviceId) {
    let (mut scene, device) = office("C2I1A1");
    scene.access.watch(line_id(), hours(1));
    (scene, device)
}

#[test]
fn a_line_at_which_nothing_looks_keeps_all_three_unknown() {
    let (mut scene, device) = office("C2I1A1");
    assert_eq!(verdict(&scene, JOINED), is(Unknown, "reach.line-unwatched"));
    for id in [SAFE, AGAIN] {
        assert_eq!(verdict(&scene, id), is(Unknown, "access.lines-unwatched"));
    }
    admit(&mut scene, &admission(Some(device), hours(5)));
    for id in [JOINED, SAFE, AGAIN] {
        assert_eq!(verdict(&scene, id), is(Met, "row.all-pass"), "{id}");
        let later = NOW.after(Span::days(7));
        assert_eq!(verdict_at(&scene, id, later).0, Unknown, "{id}");
    }
    // Another line at which nothing looks.
    line(&mut scene, 2, "internal", true);
    for id in [JOINED, SAFE, AGAIN] {
        assert_eq!(verdict(&scene, id).0, Unknown, "{id}");
    }
}

#[test]
fn what_does_not_belong_there_fails_the_line() {
    let (mut scene, _) = watched();
    let own = scene.enrol(DeviceClass::Byod);
    admit(&mut scene, &admission(Some(own), hours(5)));
    assert_eq!(
        verdict(&scene, JOINED),
        is(NotMet, "reach.joined-without-permit")
    );
    let (mut scene, _) = watched();
    let own = scene.enrol(DeviceClass::Byod);
    give(&mut scene, 1, connection(own), 5, until(9));
    admit(&mut scene, &admission(Some(own), hours(5)));
    assert_eq!(verdict(&scene, JOINED).0, Met);
    for stranger in [None, Some(crate::fixture::device(77))] {
        let (mut scene, _) = watched();
        admit(&mut scene, &admission(stranger, hours(5)));
        assert_eq!(verdict(&scene, JOINED).0, NotMet, "{stranger:?}");
        assert_ne!(
            verdict_at(&scene, JOINED, NOW.after(Span::days(28))).0,
            NotMet
        );
    }
}

#[test]
fn whoever_comes_back_was_inspected_and_permitted() {
    for (inspected, permit, safe, permitted) in [
        (true, Some(until(9)), Met, Met),
        (false, Some(until(9)), NotMet, Met),
        (true, None, Met, NotMet),
        (true, Some(over(2)), Met, NotMet),
    ] {
        let (mut scene, device) = watched();
        if let Some(term) = permit {
            give(&mut scene, 1, again(device), 50, term);
        }
        let back = Admission {
            returned: true,
            inspected,
            ..admission(Some(device), hours(5))
        };
        admit(&mut scene, &back);
        assert_eq!(verdict(&scene, SAFE).0, safe, "{inspected} {permit:?}");
        assert_eq!(
            verdict(&scene, AGAIN).0,
            permitted,
            "{inspected} {permit:?}"
        );
    }
}

#[test]
fn one_that_was_seen_outside_has_come_back_whatever_the_line_thought() {
    let (mut scene, device) = watched();
    admit(&mut scene, &admission(Some(device), hours(30)));
    assert_eq!(verdict(&scene, AGAIN).0, Met);
    allowed(&mut scene, device, hours(20));
    admit(&mut scene, &admission(Some(device), hours(10)));
    assert_eq!(
        verdict(&scene, AGAIN),
        is(NotMet, "reach.back-without-permit")
    );
}

#[test]
fn safeguards_that_are_overdue_fail_the_device() {
    let (mut scene, device) = watched();
    give(&mut scene, 1, again(device), 50, over(1));
    assert_eq!(verdict(&scene, SAFE).0, Met, "not due yet");
    give(&mut scene, 2, again(device), 50, over(9));
    assert_eq!(
        verdict(&scene, SAFE),
        is(NotMet, "reach.safeguards-overdue")
    );
}
