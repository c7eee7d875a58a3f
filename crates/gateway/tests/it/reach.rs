//! What a table names can be reached, and nothing else.

use std::time::Duration;

use sekisho_protocol::access_table::Protocol;

use crate::lab::{CLIENT_ADDRESS, GATEWAY_ADDRESS, Lab, OTHER_SYSTEM, SYSTEM, reach, until};
use crate::traffic::{Servers, answers, connects, knock, pings};

#[test]
fn exactly_what_is_named_is_reached() {
    let Some(lab) = Lab::new("exactly_what_is_named_is_reached", 60) else {
        return;
    };
    let at = |address: &str, port: u16| format!("{address}:{port}");
    let (system, client) = (&lab.namespaces.system, &lab.namespaces.client);
    let servers = Servers::start(
        system,
        &[
            &at(SYSTEM, 8443),
            &at(SYSTEM, 9443),
            &at(OTHER_SYSTEM, 8443),
        ],
    );
    // Without a table nothing passes; with one that names nothing, neither.
    assert!(!connects(client, &at(SYSTEM, 8443)));
    lab.grant(vec![]);
    assert!(!connects(client, &at(SYSTEM, 8443)));
    lab.grant(vec![
        reach(SYSTEM, Protocol::Tcp, Some(8443)),
        reach(SYSTEM, Protocol::Icmp, None),
    ]);
    // WireGuard tries its handshake every five seconds.
    until("the road is open", Duration::from_secs(15), || {
        connects(client, &at(SYSTEM, 8443))
    });
    assert!(pings(client, SYSTEM));
    // Another port, another address, another protocol, the gateway itself.
    assert!(!connects(client, &at(SYSTEM, 9443)));
    assert!(!connects(client, &at(OTHER_SYSTEM, 8443)));
    assert!(!answers(client, CLIENT_ADDRESS, &at(SYSTEM, 8443)));
    assert!(!pings(client, OTHER_SYSTEM));
    assert!(!pings(client, GATEWAY_ADDRESS));
    assert!(!connects(client, &at(GATEWAY_ADDRESS, lab.controller.port)));
    // The system does not reach the client, not even from the port that the client may reach.
    assert!(!answers(system, SYSTEM, &at(CLIENT_ADDRESS, 8443)));
    // UDP, a network, any port; and the address of another peer claimed by this one.
    lab.grant(vec![reach("198.51.100.4/30", Protocol::Udp, None)]);
    assert!(
        answers(client, CLIENT_ADDRESS, &at(SYSTEM, 8443)),
        "{}",
        lab.rules()
    );
    assert!(answers(client, CLIENT_ADDRESS, &at(SYSTEM, 9443)));
    assert!(!connects(client, &at(SYSTEM, 8443)));
    lab.add_client_address("10.9.0.3");
    *servers.heard.lock().unwrap() = None;
    knock(client, "10.9.0.3", &at(SYSTEM, 8443));
    assert!(!answers(client, "10.9.0.3", &at(SYSTEM, 8443)));
    assert!(
        servers.heard.lock().unwrap().is_none(),
        "spoofed packets passed"
    );
    // Counted per session and system.
    let report = lab.controller.wait_report("counted", |report| {
        let counted = report.sessions.iter().flat_map(|it| &it.systems);
        counted.map(|it| it.bytes).sum::<u64>() > 0
    });
    let session = &report.sessions[0];
    assert!(session.handshake_at.is_some() && session.received_bytes > 0);
    assert!(
        session
            .endpoint
            .is_some_and(|it| it.ip().to_string() == "192.0.2.2")
    );
    assert!(report.dropped_packets > 0);
}

/// Runs a program to its end inside one of the namespaces.
pub fn done(lab: &Lab, namespace: &str, line: &str) {
    let output = lab.command(namespace, line).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
}

#[test]
fn nothing_goes_past_the_tunnel_and_no_peer_comes_from_elsewhere() {
    let Some(mut lab) = Lab::new("nothing_goes_past_the_tunnel", 60) else {
        return;
    };
    let (client, gateway) = (
        lab.namespaces.client.clone(),
        lab.namespaces.gateway.clone(),
    );
    let (inside, here) = (format!("{OTHER_SYSTEM}:8443"), "192.0.2.1:7777");
    let _servers = Servers::start(&lab.namespaces.system, &[&inside]);
    let own = Servers::start(&gateway, &[here]);
    lab.grant(vec![]);
    // The client stands next to the gateway and sends to the system by way of it, past the tunnel.
    let past = format!("ip route add {OTHER_SYSTEM}/32 via 192.0.2.1 dev c0");
    done(&lab, &client, &past);
    // And in the name of a peer; the kernel's own check of that is off.
    for setting in ["all", "g0"] {
        let line = format!("sysctl -qw net.ipv4.conf.{setting}.rp_filter=0");
        done(&lab, &gateway, &line);
    }
    assert!(!connects(&client, &inside));
    knock(&client, CLIENT_ADDRESS, here);
    assert!(!answers(&client, CLIENT_ADDRESS, here));
    assert!(own.heard.lock().unwrap().is_none(), "a peer from elsewhere");
    // From its own address it is heard: what is dropped is the name.
    assert!(answers(&client, "192.0.2.2", here));
    *own.heard.lock().unwrap() = None;
    // Without these rules both would be so.
    lab.process = None;
    done(
        &lab,
        &gateway,
        &format!("nft delete table inet {}", lab.table()),
    );
    until("the way past is there", Duration::from_secs(5), || {
        connects(&client, &inside)
    });
    until("a peer is heard", Duration::from_secs(5), || {
        knock(&client, CLIENT_ADDRESS, here);
        own.heard.lock().unwrap().is_some()
    });
}
