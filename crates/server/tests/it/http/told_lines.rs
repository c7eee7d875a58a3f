//! What switches tell late, twice or not at all of connections: none that stands goes out of the record by it.

use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::time::Span;
use sekisho_server::access::inside::{Connection, Gone, Last, Place, Presented};
use sekisho_server::identity::ca::key_identifier;

use super::agents::key;
use super::internal_lines::{Floor, SWITCH};
use super::shared_lines::never_left;

fn place(session: Option<&str>) -> Place {
    Place {
        switch: SWITCH,
        port: Some("7".to_owned()),
        station: Some("02-00-00-00-00-01".to_owned()),
        session: session.map(str::to_owned),
    }
}

/// What a switch is answered about a key at a port, where it names no connection.
fn answered(floor: &Floor, seed: u8, port: &str) -> Outcome {
    let presented = Presented {
        key_identifier: Some(key_identifier(&key(seed).1)),
        place: Place {
            port: Some(port.to_owned()),
            ..place(None)
        },
    };
    let app = &floor.section.house.app;
    app.ask_to_join(&presented).unwrap().outcome
}

/// A switch asks, and names no connection yet.
fn asks(floor: &Floor) {
    assert_eq!(answered(floor, 1, "7"), Outcome::Quarantined);
}

/// What the device's page says became of it last.
fn last(floor: &Floor) -> Last {
    let app = &floor.section.house.app;
    let told = app.at_lines(floor.section.issued, app.now()).unwrap();
    told.and_then(|it| it.last).expect("it asked")
}

fn begins(floor: &Floor, session: &str) {
    let app = &floor.section.house.app;
    app.note_session(&place(Some(session))).unwrap();
}

fn ends(floor: &Floor, session: &str, seconds: Option<u32>) {
    floor.section.house.app.note_gone(&Gone {
        place: place(Some(session)),
        lasted: seconds.map(Span::seconds),
    });
}

/// The connection that stands, where one does.
fn standing(floor: &Floor) -> Option<Connection> {
    let mut all = floor.section.house.app.access().inside().connections();
    assert!(all.len() <= 1, "{all:?}");
    all.pop()
}

fn session(floor: &Floor) -> Option<String> {
    standing(floor).expect("one stands").place.session
}

#[tokio::test]
async fn the_end_of_an_earlier_connection_that_is_told_again_ends_none() {
    let floor = Floor::new().await;
    asks(&floor);
    begins(&floor, "A");
    floor.section.house.pass(10_000);
    ends(&floor, "A", Some(10));
    assert_eq!(standing(&floor), None);
    floor.section.house.pass(60_000);
    asks(&floor);
    ends(&floor, "A", Some(10));
    assert_eq!(session(&floor), None);
    // Nor does it begin again by being told late.
    begins(&floor, "A");
    assert_eq!(session(&floor), None);
    begins(&floor, "B");
    ends(&floor, "A", Some(10));
    assert_eq!(session(&floor).as_deref(), Some("B"));
    ends(&floor, "B", Some(1));
    assert_eq!(standing(&floor), None);
}

#[tokio::test]
async fn the_end_of_a_connection_that_was_never_named_counts_by_when_that_began() {
    let floor = Floor::new().await;
    asks(&floor);
    floor.section.house.pass(600_000);
    asks(&floor);
    ends(&floor, "A", Some(605));
    assert!(standing(&floor).is_some(), "it began before the answer");
    ends(&floor, "C", None);
    assert!(standing(&floor).is_some(), "nobody knows when it began");
    floor.section.house.pass(60_000);
    ends(&floor, "D", Some(30));
    assert_eq!(standing(&floor), None);
}

#[tokio::test]
async fn a_connection_in_which_its_device_signs_in_anew_keeps_its_name_and_ends_by_it() {
    let floor = Floor::new().await;
    asks(&floor);
    begins(&floor, "A");
    let since = standing(&floor).expect("one stands").since;
    floor.section.house.pass(600_000);
    asks(&floor);
    let again = standing(&floor).expect("one stands");
    assert_eq!(again.place.session.as_deref(), Some("A"));
    assert_eq!(again.since, since);
    ends(&floor, "A", Some(600));
    assert_eq!(standing(&floor), None);
    // One that was never named ends by when it began.
    asks(&floor);
    floor.section.house.pass(600_000);
    asks(&floor);
    ends(&floor, "B", Some(590));
    assert_eq!(standing(&floor), None);
}

#[tokio::test]
async fn the_end_of_a_connection_that_is_told_when_the_next_one_was_answered_does_not_last() {
    let floor = Floor::new().await;
    asks(&floor);
    begins(&floor, "A");
    floor.section.house.pass(600_000);
    // The cable was pulled and is back: the end of the one before is still on its way.
    asks(&floor);
    ends(&floor, "A", Some(590));
    begins(&floor, "B");
    assert_eq!(session(&floor).as_deref(), Some("B"));
    ends(&floor, "A", Some(590));
    assert_eq!(session(&floor).as_deref(), Some("B"));
}

#[tokio::test]
async fn a_connection_that_was_taken_for_ended_and_goes_on_stands_again() {
    let floor = Floor::new().await;
    begins(&floor, "X");
    assert_eq!(standing(&floor), None, "nobody asked for it");
    asks(&floor);
    let before = standing(&floor).expect("one stands");
    floor.section.house.pass(60_000);
    ends(&floor, "D", Some(30));
    begins(&floor, "D");
    assert_eq!(standing(&floor), None, "it is over");
    begins(&floor, "E");
    let after = standing(&floor).expect("one stands");
    assert_eq!(after.place.session.as_deref(), Some("E"));
    assert_eq!(
        (after.device, after.outcome, after.since),
        (before.device, before.outcome, before.since)
    );
    let stored = floor.section.house.app.observations().line_sessions();
    let stored = stored.unwrap();
    assert!(
        stored.len() == 1 && stored[0].1.contains("\"E\""),
        "{stored:?}"
    );
}

#[tokio::test]
async fn what_became_of_a_device_counts_by_when_it_was_answered_and_not_since_when_it_stands() {
    let floor = Floor::new().await;
    asks(&floor);
    let before = last(&floor);
    floor.section.house.pass(600_000);
    floor.section.house.app.clock().confirm();
    // It is let on by signing in anew, where it waited.
    never_left(&floor);
    assert_eq!(answered(&floor, 1, "7"), Outcome::Admitted);
    let after = last(&floor);
    let outcomes = [before.outcome, after.outcome];
    assert_eq!(outcomes, [Outcome::Quarantined, Outcome::Admitted]);
    assert!(after.at >= before.at.after(Span::minutes(10)), "{after:?}");
    let stands = standing(&floor).expect("one stands");
    assert_eq!(
        (stands.since, stands.answered_at()),
        (before.at, after.at),
        "it is one connection"
    );
    // Of one that was kept before this was, it is known since when it stands.
    let mut stored = serde_json::to_value(&stands).unwrap();
    assert_ne!(stored["answered_at"].take(), serde_json::Value::Null);
    let read: Connection = serde_json::from_value(stored).unwrap();
    assert_eq!(read.answered_at(), before.at);
}

#[tokio::test]
async fn of_ports_whose_ends_were_lost_the_one_that_was_asked_about_last_counts() {
    let floor = Floor::new().await;
    for port in ["7", "8", "9", "8"] {
        assert_eq!(answered(&floor, 1, port), Outcome::Quarantined);
        floor.section.house.pass(60_000);
    }
    let all = floor.section.house.app.access().inside().connections();
    assert_eq!(all.len(), 3);
    let place = last(&floor).place.expect("it stands");
    assert_eq!(place.port.as_deref(), Some("8"));
}

#[tokio::test]
async fn what_comes_late_of_a_connection_that_was_refused_names_no_later_one() {
    let floor = Floor::new().await;
    asks(&floor);
    begins(&floor, "A");
    floor.section.house.pass(600_000);
    // Signing in anew it shows a key of which nobody knows.
    assert_eq!(answered(&floor, 9, "7"), Outcome::Refused);
    assert_eq!(standing(&floor), None);
    ends(&floor, "A", Some(600));
    floor.section.house.pass(10_000);
    asks(&floor);
    begins(&floor, "B");
    begins(&floor, "A");
    assert_eq!(session(&floor).as_deref(), Some("B"));
    ends(&floor, "B", Some(1));
    assert_eq!(standing(&floor), None);
}
