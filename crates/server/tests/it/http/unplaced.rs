//! Tunnels that are open and led nowhere: the device hears why, and is led again as soon as there is a way.

use axum::http::StatusCode;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::id::{Fresh, TunnelSessionId};
use sekisho_domain::register::Register;
use sekisho_protocol::tunnel::PATH_TUNNEL;
use sekisho_server::identity::tunnel_session::{OpenTunnel, open_sessions};

use super::agents::{key, signed};
use super::gateways::{Road, command};
use super::house::Reply;

/// What the device of the open tunnel hears.
async fn state(road: &Road, session: TunnelSessionId, number: u64) -> Reply {
    let who = (road.section.issued, &key(1).0);
    let path = format!("{PATH_TUNNEL}/{session}");
    signed(road.house(), who, &path, number, &serde_json::json!({})).await
}

fn refused(reply: &Reply, code: &str) {
    let told = reply.text();
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{told}");
    assert_eq!(reply.json()["code"], code, "{told}");
}

#[tokio::test]
async fn a_device_that_is_led_nowhere_hears_why() {
    let road = Road::new().await;
    let _browser = road.tunnel().await;
    let app = &road.house().app;
    let open = open_sessions(app).unwrap().remove(0);
    let (id, gateway) = app.gateway_for_tunnels().unwrap();
    // Others have every address in the tunnels.
    let desk = app.access().gateways();
    let other = |number: u16| {
        let mut seed = [9; 16];
        seed[14..].copy_from_slice(&number.to_be_bytes());
        OpenTunnel {
            session: TunnelSessionId::new(Fresh(seed)),
            ..open.clone()
        }
    };
    let taken = (0..1_000).take_while(|it| desk.address_of(id, &gateway, &other(*it)).is_some());
    assert_eq!(taken.count(), 253);
    refused(&state(&road, open.session, 2).await, "tunnel.network-full");
    // The next table gives the addresses of those free that have no session.
    road.peers(0).await;
    let reply = state(&road, open.session, 3).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.json()["state"], "open");
    let retire = RegisterCommand::Retire {
        register: Register::Gateway,
        id: road.gateway.into(),
        remark: None,
        expected: None,
    };
    command(&road.section, retire).await;
    refused(&state(&road, open.session, 4).await, "tunnel.no-gateway");
}
