//! What a start of the server changes for gateways: neither who has the tunnels nor what was said before.

use axum::http::StatusCode;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::field::Value;
use sekisho_domain::id::GatewayId;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_protocol::gateway::GatewayReport;
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_server::access::gateway::Standing;
use sekisho_server::app::{App, fresh};

use super::agents::key;
use super::gateways::{Road, command, greet, hello};

/// Says hello and asks for the table, as a gateway at work does.
fn works(app: &App, gateway: GatewayId, number: u64) {
    let tunnels = WireGuardKey::new([9; 32]).unwrap();
    app.greet_gateway(gateway, tunnels, number).unwrap();
    app.next_table(gateway, 0).unwrap().expect("a table");
}

/// A second gateway beside that of a road.
async fn second(road: &Road) -> GatewayId {
    let section = &road.section;
    let gateway = GatewayId::new(fresh().unwrap());
    let (line, officer) = (
        section.entry(Register::Line).to_string(),
        section.post(section.isso),
    );
    let public = key(8).1;
    let fields = [
        ("name", "第二ゲートウェイ"),
        ("line", line.as_str()),
        ("officer", officer.as_str()),
        ("key", public.as_str()),
        ("endpoint", "second.example.jp:51820"),
        ("network", "10.91.0.0/24"),
    ];
    let fields = fields
        .map(|(code, text)| (code.to_owned(), Value::Text(text.to_owned())))
        .into();
    let entered = RegisterCommand::Enter {
        id: gateway.into(),
        unit: None,
        particulars: Register::Gateway.read(&fields).unwrap(),
        remark: None,
    };
    command(section, entered).await;
    gateway
}

#[tokio::test]
async fn a_start_leaves_the_tunnels_at_the_gateway_that_had_them() {
    let road = Road::new().await;
    let other = second(&road).await;
    // The one that comes first where nobody has them yet.
    let spare = road.gateway.min(other);
    let has_them = road.gateway.max(other);
    let carries = |app: &App| app.gateway_for_tunnels().map(|(id, _)| id);
    let app = &road.house().app;
    works(app, has_them, 1);
    assert_eq!(carries(app), Some(has_them));
    works(app, spare, 1);
    assert_eq!(carries(app), Some(has_them));
    // After a start the spare asks first, and gets nothing for that.
    let again = road.house().again();
    works(&again.app, spare, 2);
    assert_eq!(carries(&again.app), None);
    again.pass(1_000);
    works(&again.app, has_them, 2);
    assert_eq!(carries(&again.app), Some(has_them));
    // After another one the gateway is gone: it is waited for, and not for ever.
    let again = again.again();
    works(&again.app, spare, 3);
    assert_eq!(carries(&again.app), None);
    again.pass(24_000);
    works(&again.app, spare, 4);
    assert_eq!(carries(&again.app), None);
    again.pass(1_000);
    works(&again.app, spare, 5);
    assert_eq!(carries(&again.app), Some(spare));
    // From there on the spare has them, over a start as well.
    let again = again.again();
    works(&again.app, has_them, 6);
    assert_eq!(carries(&again.app), None);
    works(&again.app, spare, 6);
    assert_eq!(carries(&again.app), Some(spare));
}

#[tokio::test]
async fn a_hello_of_before_a_start_changes_nothing_after_it() {
    let road = Road::new().await;
    let (signing, public) = key(7);
    let now = road.house().app.now();
    let said = |tunnels, number| hello(&signing, public.as_str(), tunnels, (now, number));
    let first = said(1, 1);
    let second = said(2, 2);
    for request in [&first, &second] {
        let reply = greet(road.house(), request).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }
    let again = road.house().again();
    let known = || again.app.access().gateways().sight(road.gateway).tunnel_key;
    for request in [&first, &second] {
        let reply = greet(&again, request).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{}", reply.text());
        assert_eq!(reply.json()["code"], "gateway.signature");
        assert_eq!(known(), None);
    }
    let reply = greet(&again, &said(3, 3)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(known(), Some(WireGuardKey::new([3; 32]).unwrap()));
    // With it falls what was sent before it.
    let desk = again.app.access().gateways();
    for (number, taken) in [(2, false), (3, false), (4, true)] {
        let counted = desk.count(road.gateway, sekisho_protocol::gateway::PATH_TABLE, number);
        assert_eq!(counted, taken, "{number}");
    }
}

#[tokio::test]
async fn an_entry_that_was_given_up_does_not_answer_for_the_one_in_use() {
    let road = Road::new().await;
    let retire = RegisterCommand::Retire {
        register: Register::Gateway,
        id: road.gateway.into(),
        remark: None,
        expected: None,
    };
    command(&road.section, retire).await;
    let reply = greet(
        road.house(),
        &hello(&key(7).0, key(7).1.as_str(), 9, (road.house().app.now(), 1)),
    )
    .await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text());
    assert_eq!(reply.json()["code"], "gateway.key-unknown");
}

#[tokio::test]
async fn a_gateway_that_refuses_its_tables_gets_no_tunnels_while_another_can() {
    let road = Road::new().await;
    let other = second(&road).await;
    let app = &road.house().app;
    works(app, road.gateway, 1);
    assert_eq!(app.gateway_for_tunnels().unwrap().0, road.gateway);
    works(app, other, 1);
    let now = app.now();
    let report = GatewayReport {
        version: "1".to_owned(),
        run_began_at: now,
        observed_at: now,
        sequence: Some(1),
        closes_at: Some(now.after(Span::seconds(30))),
        refused: Some("table.signature".to_owned()),
        failing: None,
        filter_gone_at: None,
        forwards_others: Some(true),
        listen_port: None,
        dropped_packets: 0,
        sessions: Vec::new(),
    };
    app.take_gateway_report(road.gateway, report).unwrap();
    assert_eq!(app.gateway_for_tunnels().unwrap().0, other);
    let standings = app.gateway_standings();
    let told = standings.iter().find(|it| it.gateway == road.gateway);
    let told = told.unwrap();
    assert_eq!(told.standing, Standing::Failing);
    assert!(told.open_until.is_some());
    let seen = app.access().gateways().heard(road.gateway);
    assert!(seen.failing && seen.listed);
    assert_eq!(seen.forwards_others, Some(true));
}
