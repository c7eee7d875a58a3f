//! Whoever comes through a gateway is outside, whatever the register of lines or who asks says of the address.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{StatusCode, header};
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::fact::{FactValue, Networks, Observation, Seen};
use sekisho_domain::field::Value;
use sekisho_domain::id::DeviceId;
use sekisho_domain::permit::Place;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Origin, Outing, Question};
use sekisho_server::access::{origin_of, outside};
use sekisho_server::app::App;
use sekisho_store::observations::DecisionsOf;
use serde_json::json;

use super::askers::issued;
use super::gateways::{Road, command};

/// A machine at the internal line.
const MACHINE: &str = "192.0.2.8";
/// The gateway's own address there.
const GATEWAY: &str = "192.0.2.9";

/// Says something else in an entry.
async fn said(road: &Road, register: Register, id: EntryId, fields: &[(&str, Value)]) {
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    for (field, value) in fields {
        values.insert((*field).to_owned(), value.clone());
    }
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: register.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    command(&road.section, change).await;
}

/// An internal line that is known by addresses, and a gateway that says which of them is its own.
async fn road() -> Road {
    let road = Road::new().await;
    let line = road.section.entry(Register::Line);
    let seen_as = [("seen_as", many("192.0.2.0/24"))];
    said(&road, Register::Line, line, &seen_as).await;
    assert_eq!(origin(&road, GATEWAY).place, Place::ControlledArea);
    let inside = [("inside", many(GATEWAY))];
    said(&road, Register::Gateway, road.gateway.into(), &inside).await;
    road
}

fn many(text: &str) -> Value {
    Value::Many(vec![text.to_owned()])
}

fn origin(road: &Road, address: &str) -> Origin {
    origin_of(&road.house().app.world(), address.parse().unwrap())
}

#[tokio::test]
async fn the_gateways_own_address_inside_is_no_address_of_the_line() {
    let road = road().await;
    let machine = origin(&road, MACHINE);
    assert_eq!(machine.place, Place::ControlledArea);
    assert!(machine.line.is_some());
    for address in [GATEWAY, "::ffff:192.0.2.9", "10.90.0.7"] {
        assert_eq!(origin(&road, address), outside(), "{address}");
    }
    // Known as what it is, the network of tunnels keeps its line, and leads from outside.
    let line = road.section.entry(Register::Line);
    let of_tunnels = [
        ("seen_as", many("10.90.0.0/24")),
        ("kind", Value::Text("remote_access".to_owned())),
    ];
    said(&road, Register::Line, line, &of_tunnels).await;
    let tunnel = origin(&road, "10.90.0.7");
    assert_eq!(tunnel.place, Place::OutsideOrganisation);
    assert_eq!(tunnel.line.map(EntryId::from), Some(line));
}

/// What a device at a cable reports of the networks that it joined.
fn cable(at: Timestamp) -> Observation {
    let networks = Vec::new();
    Observation {
        seen: Seen::Value(FactValue::Networks(Networks { networks })),
        source: "test".to_owned(),
        partial: None,
        observed_at: at,
    }
}

/// A report of a device came from an address.
fn reported(app: &App, device: DeviceId, address: IpAddr, at: Timestamp) {
    let seen = [cable(at)];
    app.locate_outside(device, Some(address), &seen, at)
        .unwrap();
    app.locate_inside(device, Some(address), &seen, at).unwrap();
}

#[tokio::test]
async fn a_report_in_the_name_of_the_gateway_is_no_sign_of_being_inside() {
    let road = road().await;
    let (app, device) = (&road.house().app, road.section.issued);
    let report = |address: &str, at: Timestamp| {
        let address: IpAddr = address.parse().unwrap();
        reported(app, device, address, at);
    };
    let now = app.now();
    report(MACHINE, now);
    assert!(matches!(app.outing(device, now), Outing::None));
    let later = now.after(Span::minutes(1));
    report(GATEWAY, later);
    let outing = app.outing(device, later);
    assert!(matches!(outing, Outing::Back { .. }), "{outing:?}");
}

/// A device that was at a machine of the line, and is seen at the gateway's address a minute later.
async fn seen_at_gateway() -> (Road, Timestamp) {
    let road = road().await;
    let (app, device) = (&road.house().app, road.section.issued);
    let now = app.now();
    let later = now.after(Span::minutes(1));
    for (address, at) in [(MACHINE, now), (GATEWAY, later)] {
        let address: IpAddr = address.parse().unwrap();
        reported(app, device, address, at);
    }
    assert!(is_back(&road, later));
    (road, later)
}

fn is_back(road: &Road, at: Timestamp) -> bool {
    let outing = road.house().app.outing(road.section.issued, at);
    matches!(outing, Outing::Back { .. })
}

/// Another address in the gateway's entry than the one that the device was seen at.
async fn put_right(road: &Road) {
    let other = [("inside", many("192.0.2.7"))];
    said(road, Register::Gateway, road.gateway.into(), &other).await;
}

#[tokio::test]
async fn an_outing_by_a_gateways_entry_alone_goes_where_the_entry_is_put_right() {
    let (road, later) = seen_at_gateway().await;
    put_right(&road).await;
    assert!(!is_back(&road, later));
    // The next report stores it so.
    let (app, device) = (&road.house().app, road.section.issued);
    let at = later.after(Span::minutes(1));
    let address: IpAddr = GATEWAY.parse().unwrap();
    reported(app, device, address, at);
    assert!(!is_back(&road, at));
}

#[tokio::test]
async fn two_addresses_of_one_entry_say_no_more_than_one() {
    let road = road().await;
    let pair = [("inside", many("192.0.2.8/31"))];
    said(&road, Register::Gateway, road.gateway.into(), &pair).await;
    let (app, device) = (&road.house().app, road.section.issued);
    let now = app.now();
    let mut at = now;
    for address in ["192.0.2.20", MACHINE, GATEWAY] {
        let address: IpAddr = address.parse().unwrap();
        reported(app, device, address, at);
        at = at.after(Span::minutes(1));
    }
    assert!(is_back(&road, at));
    put_right(&road).await;
    assert!(!is_back(&road, at));
}

#[tokio::test]
async fn an_outing_of_which_something_else_speaks_stays() {
    let (road, later) = seen_at_gateway().await;
    let (app, device) = (&road.house().app, road.section.issued);
    app.seen_outside(device, later).unwrap();
    put_right(&road).await;
    assert!(is_back(&road, later));
}

#[tokio::test]
async fn an_outing_stays_where_the_gateway_goes_out_of_use() {
    let (road, later) = seen_at_gateway().await;
    let retire = RegisterCommand::Retire {
        register: Register::Gateway,
        id: road.gateway.into(),
        remark: None,
        expected: None,
    };
    command(&road.section, retire).await;
    assert_eq!(origin(&road, GATEWAY).place, Place::ControlledArea);
    assert!(is_back(&road, later));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_inside_by_word_who_comes_through_a_gateway() {
    let road = road().await;
    let house = road.house();
    let secret = issued(&road.section).await;
    let line = road.section.entry(Register::Line).to_string();
    let mut asked = Vec::new();
    for address in [MACHINE, GATEWAY] {
        let question = json!({
            "subject": { "type": "person", "id": road.section.staff.0.to_string() },
            "action": { "name": "reach" },
            "resource": {
                "type": "system",
                "id": road.section.entry(Register::System).to_string(),
            },
            "context": { "client_address": address, "place": "controlled", "line": line },
        });
        let request = house
            .browser()
            .request("POST", "/access/v1/evaluation")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(question.to_string()))
            .unwrap();
        let answer = house.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let app = house.app.clone();
        let rows = tokio::task::spawn_blocking(move || {
            app.keep_decisions().unwrap();
            let observations = app.observations();
            observations
                .decisions(DecisionsOf::Anyone, false, 0, 100)
                .unwrap()
        });
        for row in rows.await.unwrap() {
            let question: Question = serde_json::from_str(&row.decision.question).unwrap();
            if !asked.contains(&question.origin) {
                asked.push(question.origin);
            }
        }
    }
    let [of_machine, of_gateway] = asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(of_machine.place, Place::ControlledArea);
    assert_eq!(of_machine.line.map(|it| it.to_string()), Some(line));
    assert_eq!(of_gateway, outside());
}
