//! Devices that were taken out by permission at internal lines: what was silent may have been at a cable elsewhere
//! (8.1.1(3)(i), (j)).

use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::permit::PermitKind;
use sekisho_rules::decide::Outing;
use sekisho_server::access::inside::{Answered, Place};

use super::internal_lines::{Floor, SWITCH, lacks, section};
use super::shared_lines::never_left;

const MINUTE: i64 = 60_000;

fn pass(floor: &Floor, minutes: i64) {
    floor.section.house.pass(minutes * MINUTE);
    floor.section.house.app.clock().confirm();
}

/// A device that never left, on the line.
async fn joined() -> Floor {
    let floor = Floor::new().await;
    never_left(&floor);
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    floor
}

/// Where it is, as its switch tells of it.
fn place() -> Place {
    Place {
        switch: SWITCH,
        port: Some("7".to_owned()),
        station: Some("02-00-00-00-00-01".to_owned()),
        session: Some("5F0A".to_owned()),
    }
}

fn waits(asked: &Answered) {
    assert_eq!(asked.outcome, Outcome::Quarantined, "{asked:?}");
    let mut missing = lacks(asked);
    missing.sort_unstable();
    assert_eq!(missing, ["permit.pr", "posture.inspection"]);
    assert!(asked.came_back);
}

#[tokio::test]
async fn a_device_that_may_be_taken_out_and_was_silent_over_night_is_inspected_first() {
    let floor = joined().await;
    let path = floor.given(PermitKind::TakeOut).await;
    // It has been there since the permission began, and shortly before.
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    pass(&floor, 30);
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    // At home by cable, without a tunnel: nothing tells of it.
    pass(&floor, 15 * 60);
    waits(&floor.ask(1, SWITCH));
    let number = floor.section.permit(&path).grant().unwrap().number;
    for (lang, said_there) in [
        ("ja", "持ち出しの許可"),
        ("en", "taken out under the permit"),
    ] {
        let said = section(&floor, lang).await;
        assert!(said.contains(said_there), "{said}");
        assert!(said.contains(&number.to_string()), "{said}");
    }
    // Asking again does not change that.
    pass(&floor, 5);
    waits(&floor.ask(1, SWITCH));
}

#[tokio::test]
async fn a_device_of_which_the_switch_goes_on_telling_has_not_left() {
    let floor = joined().await;
    floor.given(PermitKind::TakeOut).await;
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    let app = &floor.section.house.app;
    for _ in 0..4 {
        pass(&floor, 50);
        app.note_session(&place()).unwrap();
    }
    pass(&floor, 50);
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    // Nobody tells of it for as long as that.
    pass(&floor, 200);
    waits(&floor.ask_at(1, SWITCH, ("7", "5F0B")));
}

#[tokio::test]
async fn a_device_that_signs_in_anew_within_its_connection_has_not_left() {
    let floor = joined().await;
    floor.given(PermitKind::TakeOut).await;
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    for _ in 0..3 {
        pass(&floor, 70);
        let again = floor.ask(1, SWITCH);
        assert_eq!(again.outcome, Outcome::Admitted, "{again:?}");
    }
    // At another port it is another connection, whatever a switch calls it.
    pass(&floor, 70);
    waits(&floor.ask_at(1, SWITCH, ("8", "5F0A")));
}

#[tokio::test]
async fn a_device_that_asks_in_another_connection_after_a_silence_may_have_left() {
    let floor = joined().await;
    floor.given(PermitKind::TakeOut).await;
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    // No switch told that the one before ended.
    pass(&floor, 70);
    waits(&floor.ask_at(1, SWITCH, ("7", "5F0B")));
}

#[tokio::test]
async fn up_to_when_devices_were_shown_is_stored_for_all_of_them_at_once() {
    let floor = joined().await;
    floor.given(PermitKind::TakeOut).await;
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    let app = floor.section.house.app.clone();
    let stored = || app.observations().whereabouts().unwrap();
    let before = stored();
    pass(&floor, 40);
    app.note_session(&place()).unwrap();
    assert_eq!(stored(), before);
    // It counts all the same.
    pass(&floor, 40);
    let asked = app.outing(floor.section.issued, app.now());
    assert_eq!(asked, Outing::None);
    let keeper = app.clone();
    let kept = tokio::task::spawn_blocking(move || keeper.keep_admissions());
    kept.await.unwrap().unwrap();
    assert_ne!(stored(), before);
}

#[tokio::test]
async fn a_device_that_was_not_taken_out_may_be_silent() {
    let floor = joined().await;
    pass(&floor, 15 * 60);
    let again = floor.ask(1, SWITCH);
    assert_eq!(again.outcome, Outcome::Admitted, "{again:?}");
    assert!(!again.came_back);
}
