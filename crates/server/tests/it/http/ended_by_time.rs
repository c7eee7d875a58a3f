//! Connections at internal lines end with the permit or exception that let them on: the switch is told how long they
//! may last, and is asked at that instant to end them.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{StatusCode, header};
use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::check::Outcome as Found;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::time::Timestamp;
use sekisho_server::access::inside::Gone;
use sekisho_server::identity::ca::key_identifier;
use sekisho_server::keeper::Keeper;
use serde_json::{Value, json};

use super::agents::key;
use super::askers::issued_for;
use super::ended_lines::{acknowledge, kept, switch_at};
use super::house::Reply;
use super::internal_lines::{Floor, SWITCH, lacks};
use super::permit_section::{borrowed, send, went};

/// A floor on which the device was let on by its permit, with when that ends.
async fn let_on(address: Ipv4Addr) -> (Floor, Timestamp) {
    let floor = Floor::at(&format!("{address}/32")).await;
    assert_eq!(floor.ask(1, address).outcome, Outcome::Quarantined);
    let path = floor.permit().await;
    floor.pass_all(Found::Pass);
    let asked = floor.ask(1, address);
    assert_eq!(asked.outcome, Outcome::Admitted, "{asked:?}");
    let end = end_of(&floor, &path);
    assert_eq!(asked.ends_at, Some(end));
    (floor, end)
}

fn end_of(floor: &Floor, path: &str) -> Timestamp {
    floor.section.permit(path).grant().unwrap().term.until
}

/// Lets time pass until so many milliseconds before an instant, or after it where they are negative.
fn until(floor: &Floor, end: Timestamp, before: i64) {
    let app = &floor.section.house.app;
    let wait = end.as_millis() - app.now().as_millis() - before;
    floor.section.house.pass(wait);
    app.clock().confirm();
    assert_eq!(app.now().as_millis(), end.as_millis() - before);
}

/// What a RADIUS server is answered about the device at its port.
async fn authorized(floor: &Floor, secret: &str) -> Reply {
    let mut identifier = String::new();
    for byte in key_identifier(&key(1).1) {
        write!(identifier, ":{byte:02X}").unwrap();
    }
    let one = |value: &str| json!({ "type": "string", "value": [value] });
    let asked = json!({
        "NAS-IP-Address": one(&SWITCH.to_string()),
        "NAS-Port-Id": one("7"),
        "Calling-Station-Id": one("02-00-00-00-00-01"),
        "TLS-Client-Cert-X509v3-Subject-Key-Identifier": one(&identifier[1..]),
    });
    let house = &floor.section.house;
    let request = house
        .browser()
        .request("POST", "/radius/v1/authorize")
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(asked.to_string()))
        .unwrap();
    let reply = house.send(request).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    reply
}

/// The VLAN of an answer, how long the connection may last by it, and what the switch is to do then.
fn told(reply: &Reply) -> [Option<String>; 3] {
    let all = reply.json();
    [
        "Tunnel-Private-Group-Id",
        "Session-Timeout",
        "Termination-Action",
    ]
    .map(|name| {
        let value = &all[format!("reply:{name}")]["value"][0];
        value.as_str().map(str::to_owned)
    })
}

fn let_on_for(seconds: i64) -> [Option<String>; 3] {
    ["120".to_owned(), seconds.to_string(), "Default".to_owned()].map(Some)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_is_told_how_long_a_connection_may_last_by_the_permit_that_lets_it_on() {
    let floor = Floor::new().await;
    let secret = issued_for(&floor.section, "scope_network").await;
    let in_quarantine = [Some("900".to_owned()), None, None];
    assert_eq!(told(&authorized(&floor, &secret).await), in_quarantine);
    let end = end_of(&floor, &floor.permit().await);
    floor.pass_all(Found::Pass);
    // Evidence ends later than the permit here; in whole seconds, rounded down.
    let app = &floor.section.house.app;
    let left = end.since(app.now()).as_millis();
    assert_ne!(left % 1_000, 0);
    assert_eq!(
        told(&authorized(&floor, &secret).await),
        let_on_for(left / 1_000)
    );
    until(&floor, end, 90_000);
    assert_eq!(told(&authorized(&floor, &secret).await), let_on_for(90));
    // Nought would be no limit.
    until(&floor, end, 300);
    assert_eq!(told(&authorized(&floor, &secret).await), let_on_for(1));
    until(&floor, end, 0);
    let over = floor.ask(1, SWITCH);
    assert_eq!((over.outcome, over.ends_at), (Outcome::Quarantined, None));
    assert_eq!(lacks(&over), ["permit.pr"]);
}

#[tokio::test]
async fn when_a_connection_ends_is_stored_with_it_and_is_the_same_when_it_signs_in_anew() {
    let (floor, end) = let_on(SWITCH).await;
    let app = &floor.section.house.app;
    until(&floor, end, 20 * 86_400_000);
    let asked = floor.ask(1, SWITCH);
    assert_eq!(
        (asked.outcome, asked.ends_at),
        (Outcome::Admitted, Some(end))
    );
    // It is remembered with the connection, also by a server that starts anew.
    let stored = app.observations().line_sessions().unwrap();
    let stored: Value = serde_json::from_str(&stored[0].1).unwrap();
    assert_eq!(stored["ends_at"], end.as_millis());
}

/// Once it was looked for ends every five seconds alone, or as long as the sweep rested.
#[tokio::test]
async fn a_switch_is_asked_to_end_a_connection_at_the_instant_at_which_its_permit_ends() {
    let address = Ipv4Addr::new(127, 0, 80, 31);
    let (floor, end) = let_on(address).await;
    let app = floor.section.house.app.clone();
    until(&floor, end, 1);
    let switch = switch_at(&floor, address);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let asked = tokio::task::spawn_blocking(move || {
        acknowledge(&switch);
        (Instant::now(), switch)
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!asked.is_finished(), "the permit stands");
    let ended = Instant::now();
    until(&floor, end, 0);
    let (asked, _switch) = asked.await.unwrap();
    let took = asked - ended;
    assert!(took < Duration::from_secs(3), "{took:?}");
    kept(&floor, |all| all.contains(&Outcome::Disconnected)).await;
    keeper.stop();
    assert!(app.access().inside().connections().is_empty());
    let again = floor.ask_at(1, address, ("7", "5F0B"));
    assert_eq!(again.outcome, Outcome::Quarantined);
    assert_eq!(lacks(&again), ["permit.pr"]);
}

#[tokio::test]
async fn a_device_whose_switch_ended_its_connection_by_its_time_comes_in_by_the_same_permit_no_more()
 {
    let (floor, end) = let_on(SWITCH).await;
    let app = &floor.section.house.app;
    until(&floor, end, -300);
    let place = app.access().inside().connections().remove(0).place;
    app.note_gone(&Gone {
        place,
        lasted: None,
    });
    assert!(app.access().inside().connections().is_empty());
    let again = floor.ask_at(1, SWITCH, ("7", "5F0B"));
    assert_eq!(again.outcome, Outcome::Quarantined);
    assert_eq!(lacks(&again), ["permit.pr"]);
}

/// The path of an exception from the permission to join again, at its beginning.
async fn exception(floor: &Floor) -> String {
    let section = &floor.section;
    let mut form = section.form(PermitKind::Exception);
    let fields = [
        ("f-requirement", "US-8.1.1-3-j".to_owned()),
        ("f-device", section.issued.to_string()),
        ("f-grade-c", "3".to_owned()),
        ("f-grade-i", "2".to_owned()),
        ("f-grade-a", "2".to_owned()),
        ("f-measures", "毎夕、課長が確認する".to_owned()),
        ("f-urgent", "yes".to_owned()),
    ];
    form.retain(|(name, _)| !fields.iter().any(|(other, _)| name == other));
    form.extend(fields);
    let mut staff = section.house.signed_in(section.staff.1);
    let done = send(&mut staff, "/permits/new/pe", &borrowed(&form)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let path = done.header("location").to_owned();
    let by = section.exceptions;
    went(&section.decided(&path, by, "approve", "").await);
    went(&section.done(&path, section.staff, "activate", &[]).await);
    let begins = section.permit(&path).grant().unwrap().term.from;
    if begins > section.house.app.now() {
        until(floor, begins, -1);
    }
    path
}

/// Once such a device was taken for one that had never been outside as soon as it was let on, and stayed.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_an_exception_let_on_without_a_permit_is_off_the_line_when_it_ends() {
    let address = Ipv4Addr::new(127, 0, 80, 32);
    let floor = Floor::at(&format!("{address}/32")).await;
    let app = &floor.section.house.app;
    assert_eq!(floor.ask(1, address).outcome, Outcome::Quarantined);
    let end = end_of(&floor, &exception(&floor).await);
    floor.pass_all(Found::Pass);
    let asked = floor.ask(1, address);
    assert_eq!(asked.outcome, Outcome::Admitted, "{asked:?}");
    assert_eq!((asked.permit, asked.ends_at), (None, Some(end)));
    // It signs in anew meanwhile, and may.
    until(&floor, end, 60_000);
    let asked = floor.ask_at(1, address, ("7", "5F0B"));
    assert_eq!(asked.outcome, Outcome::Admitted, "{asked:?}");
    until(&floor, end, 1);
    let switch = switch_at(&floor, address);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let ended = tokio::task::spawn_blocking(move || acknowledge(&switch));
    until(&floor, end, 0);
    ended.await.unwrap();
    kept(&floor, |all| all.contains(&Outcome::Disconnected)).await;
    keeper.stop();
    let again = floor.ask_at(1, address, ("7", "5F0C"));
    assert_eq!(again.outcome, Outcome::Quarantined);
    assert_eq!(lacks(&again), ["permit.pr"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_left_before_its_exception_ended_does_not_come_in_after() {
    let floor = Floor::new().await;
    let app = &floor.section.house.app;
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Quarantined);
    let end = end_of(&floor, &exception(&floor).await);
    floor.pass_all(Found::Pass);
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Admitted);
    let place = app.access().inside().connections().remove(0).place;
    app.note_gone(&Gone {
        place,
        lasted: None,
    });
    until(&floor, end, 0);
    let again = floor.ask_at(1, SWITCH, ("7", "5F0B"));
    assert_eq!(again.outcome, Outcome::Quarantined, "{again:?}");
    assert_eq!(lacks(&again), ["permit.pr"]);
}

/// It was let on and cut by the next sweep, again and again.
#[tokio::test]
async fn a_device_that_left_before_its_permit_ended_is_let_on_afterwards_and_stays() {
    let (floor, end) = let_on(SWITCH).await;
    let app = floor.section.house.app.clone();
    until(&floor, end, 60_000);
    let place = app.access().inside().connections().remove(0).place;
    app.note_gone(&Gone {
        place,
        lasted: None,
    });
    until(&floor, end, -60_000);
    floor.pass_all(Found::Pass);
    let asked = floor.ask(1, SWITCH);
    assert_eq!(asked.outcome, Outcome::Admitted, "{asked:?}");
    let told = app.at_lines(floor.section.issued, app.now()).unwrap();
    let (_, decision) = told.unwrap().now.unwrap();
    assert!(decision.is_allowed(), "{decision:?}");
}
