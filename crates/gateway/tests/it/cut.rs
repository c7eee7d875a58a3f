//! The end of an entry cuts an open flow in both directions.

use std::time::Duration;

use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_table::Protocol;

use crate::lab::{Lab, SYSTEM, reach, reach_until};
use crate::traffic::{Flow, Servers, connects, silence};

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn revocation_cuts_an_open_flow() {
    let Some(lab) = Lab::new("revocation_cuts_an_open_flow", 60) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    let open = || vec![reach(SYSTEM, Protocol::Tcp, Some(8443))];
    // Only its reach goes; then the peer as well.
    for left in [vec![lab.peer(vec![])], vec![]] {
        lab.grant(open());
        let flow = Flow::open(&lab.namespaces.client, &to);
        let published = lab.controller.publish(left);
        let (client, system) = silence(&flow, &servers, LIMIT);
        for (side, last) in [("client", client), ("system", system)] {
            let took = last.saturating_duration_since(published);
            eprintln!("last packet at the {side} {took:?} after the table was written");
            assert!(took < Duration::from_secs(1), "{side}: {took:?}");
        }
        assert!(!connects(&lab.namespaces.client, &to));
    }
}

#[test]
fn an_entry_ends_at_its_instant() {
    let Some(lab) = Lab::new("an_entry_ends_at_its_instant", 60) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let flow = Flow::open(&lab.namespaces.client, &to);
    let (now, _) = lab.controller.moment();
    let began = std::time::Instant::now();
    let ends_at: Timestamp = now.after(Span::seconds(4));
    lab.grant(vec![reach_until(ends_at, 8443)]);
    let (client, system) = silence(&flow, &servers, LIMIT);
    let lasted = client.max(system) - began;
    // Whole seconds: up to one earlier, and never later than the packet under way.
    eprintln!("an entry of 4 s lasted {lasted:?}");
    assert!(lasted > Duration::from_millis(2_000), "{lasted:?}");
    assert!(lasted < Duration::from_millis(4_250), "{lasted:?}");
}
