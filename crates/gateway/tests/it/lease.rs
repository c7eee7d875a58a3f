//! Whoever is gone closes the road by being gone.

use std::time::Duration;

use sekisho_protocol::access_table::Protocol;

use crate::lab::{Lab, SYSTEM, reach, until};
use crate::traffic::{Flow, Servers, connects, silence};

const LEASE: u32 = 10;
/// The lease and the second that it may take to close.
const CLOSED: Duration = Duration::from_secs(11);
/// The longest silence of a flow that goes on.
const GAP: Duration = Duration::from_millis(2_500);
const LIMIT: Duration = Duration::from_secs(20);

/// How many whole seconds the element of the system has left.
fn seconds_left(rules: &str) -> Option<u32> {
    let element = rules.split_once("tcp . 8443")?.1.split_once("expires ")?.1;
    let seconds = element.split_once('s')?.0;
    // `980ms`, without seconds.
    Some(seconds.parse().unwrap_or(0))
}

#[test]
fn a_server_that_is_gone_closes_at_the_end_of_the_lease() {
    let Some(lab) = Lab::new("a_server_that_is_gone", LEASE) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let flow = Flow::open(&lab.namespaces.client, &to);
    // Over more than one lease, renewals open no gap. A second is not enough to tell one from a busy machine; so
    // the kernel is asked how much of its timeout the element has left: renewed, it never comes near its end.
    let began = std::time::Instant::now();
    until("two leases have passed", LIMIT * 2, || {
        assert!(flow.last().unwrap().elapsed() < GAP, "a gap");
        let rules = lab.rules();
        let left = seconds_left(&rules).unwrap_or_else(|| panic!("it has expired: {rules}"));
        assert!(left >= 2, "it is not renewed: {left} s left");
        began.elapsed() > Duration::from_secs(u64::from(LEASE) + 5)
    });
    let gone = lab.controller.down(true);
    let (client, system) = silence(&flow, &servers, LIMIT);
    let lasted = client.max(system) - gone;
    eprintln!("server gone: last packet after {lasted:?} of a lease of {LEASE} s");
    assert!(lasted < CLOSED, "{lasted:?}");
    assert!(!connects(&lab.namespaces.client, &to));
    // It is back: so is the road.
    lab.controller.down(false);
    until("the road is open again", LIMIT, || {
        connects(&lab.namespaces.client, &to)
    });
}

#[test]
fn a_gateway_that_is_killed_closes_and_starts_closed() {
    let Some(mut lab) = Lab::new("a_gateway_that_is_killed", LEASE) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let flow = Flow::open(&lab.namespaces.client, &to);
    assert!(lab.rules().contains("10.9.0.2 . 198.51.100.5 . tcp . 8443"));
    lab.process.as_mut().unwrap().kill();
    let killed = std::time::Instant::now();
    // The userspace tunnel dies with its process; what a kernel's would still carry is closed by
    // the timeouts.
    until("the elements have expired", LIMIT, || {
        !lab.rules().contains("198.51.100.5 .")
    });
    let lasted = killed.elapsed();
    eprintln!("gateway killed: elements gone after {lasted:?} of a lease of {LEASE} s");
    assert!(lasted < CLOSED, "{lasted:?}");
    silence(&flow, &servers, LIMIT);
    assert!(lab.rules().contains("drop"), "{}", lab.rules());
    // Started again without a server it stays closed, whatever was there before.
    lab.controller.down(true);
    lab.start_gateway();
    until("the interface is back", LIMIT, || {
        lab.rules().contains("probe")
    });
    assert!(!connects(&lab.namespaces.client, &to));
    assert!(!lab.rules().contains("198.51.100.5 ."));
    lab.controller.down(false);
    until("the road is open again", LIMIT, || {
        connects(&lab.namespaces.client, &to)
    });
}

#[test]
fn a_server_that_began_anew_is_told_the_key_again_and_the_road_stays_open() {
    let Some(lab) = Lab::new("a_server_that_began_anew", LEASE) else {
        return;
    };
    let to = format!("{SYSTEM}:8443");
    let _servers = Servers::start(&lab.namespaces.system, &[&to]);
    let open = || vec![reach(SYSTEM, Protocol::Tcp, Some(8443))];
    lab.grant(open());
    let flow = Flow::open(&lab.namespaces.client, &to);
    let before = lab.controller.forget();
    // What it waits for comes; its next request is refused until it has said hello.
    lab.grant(open());
    lab.controller.wait_hello(before);
    lab.grant(open());
    assert!(flow.last().unwrap().elapsed() < GAP, "a gap");
}
