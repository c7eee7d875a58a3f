//! What the kernel remembers of a flow goes with it, where another table of the machine has it remember flows.

use std::fs::File;
use std::net::UdpSocket;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use sekisho_protocol::access_table::Protocol;

use crate::lab::{CLIENT_ADDRESS, Lab, OTHER_SYSTEM, SYSTEM, reach, until, within};
use crate::reach::done;
use crate::traffic::{Flow, Servers, connects};

/// Entries of flows that nobody forgets last longer: 30 s at least.
const SOON: Duration = Duration::from_secs(10);
/// How long the road may take to be open: WireGuard may have to begin anew.
const OPEN: Duration = Duration::from_secs(30);

/// Has the kernel of the gateway remember flows, by a table that is none of the gateway's.
fn remember(lab: &Lab) {
    for line in [
        "nft add table inet remembers",
        "nft add chain inet remembers forward { type filter hook forward priority 10 ; policy accept ; }",
        "nft add rule inet remembers forward ct state new accept",
    ] {
        done(lab, &lab.namespaces.gateway, line);
    }
}

/// What is remembered of the client's flows, whoever began them.
fn remembered(lab: &Lab) -> Vec<String> {
    let mut list = lab.command(&lab.namespaces.gateway, "conntrack -L");
    let output = list.output().unwrap();
    let own = format!("={CLIENT_ADDRESS} ");
    let listed = String::from_utf8(output.stdout).unwrap();
    let lines = listed.lines().filter(|line| line.contains(&own));
    lines.map(str::to_owned).collect()
}

fn forgotten(lab: &Lab, what: &str, limit: Duration) {
    until(&format!("{what}: it is forgotten"), limit, || {
        remembered(lab).is_empty()
    });
}

/// A lab in which flows are remembered, with a server and where it is.
fn lab(test: &str, lease: u32) -> Option<(Lab, Servers, String)> {
    let lab = Lab::new(test, lease)?;
    remember(&lab);
    let to = format!("{SYSTEM}:8443");
    let servers = Servers::start(&lab.namespaces.system, &[&to]);
    Some((lab, servers, to))
}

/// An open flow, which is remembered.
fn flow(lab: &Lab, to: &str) -> Flow {
    until("the road is open", OPEN, || {
        connects(&lab.namespaces.client, to)
    });
    let flow = Flow::open(&lab.namespaces.client, to);
    let open = || {
        let remembered = remembered(lab);
        remembered.iter().any(|it| it.contains("ESTABLISHED"))
    };
    until("the flow is remembered", SOON, open);
    flow
}

#[test]
fn a_flow_is_forgotten_when_its_host_its_network_or_its_peer_is_revoked() {
    let Some((lab, _servers, to)) = lab("a_flow_is_forgotten", 60) else {
        return;
    };
    // A peer that keeps something loses single elements; else all that it has goes at once.
    let kept = || reach(OTHER_SYSTEM, Protocol::Tcp, Some(8443));
    let keeps = || vec![lab.peer(vec![kept()])];
    for (what, address, port, left) in [
        ("a host", SYSTEM, Some(8443), keeps()),
        ("a network", "198.51.100.4/31", Some(8443), keeps()),
        ("a network, any port", "198.51.100.4/31", None, keeps()),
        ("all reach", SYSTEM, Some(8443), vec![lab.peer(vec![])]),
        ("the peer", SYSTEM, Some(8443), vec![]),
    ] {
        lab.grant(vec![reach(address, Protocol::Tcp, port), kept()]);
        let flow = flow(&lab, &to);
        lab.controller.publish(left);
        forgotten(&lab, what, SOON);
        drop(flow);
    }
}

#[test]
fn a_flow_in_which_the_system_spoke_first_is_forgotten_as_well() {
    let Some(lab) = Lab::new("a_flow_of_the_system", 60) else {
        return;
    };
    remember(&lab);
    let kept = || reach(OTHER_SYSTEM, Protocol::Tcp, Some(8443));
    lab.grant(vec![reach(SYSTEM, Protocol::Udp, Some(9443)), kept()]);
    // As an answer to what was asked before the kernel began to remember.
    let bind = || UdpSocket::bind((SYSTEM, 9443)).unwrap();
    let socket = within(&lab.namespaces.system, bind);
    let began = format!("src={SYSTEM} dst={CLIENT_ADDRESS} sport=9443");
    until("it is remembered", OPEN, || {
        socket.send_to(b"answer", (CLIENT_ADDRESS, 9)).unwrap();
        remembered(&lab).iter().any(|it| it.contains(&began))
    });
    lab.controller.publish(vec![lab.peer(vec![kept()])]);
    forgotten(&lab, "what the system sent", SOON);
}

#[test]
fn flows_are_forgotten_when_the_lease_ends_with_the_server_gone() {
    let lease = 10;
    let Some((lab, _servers, to)) = lab("flows_at_the_end_of_the_lease", lease) else {
        return;
    };
    // One element that is exact, and one that is a network.
    lab.grant(vec![
        reach(SYSTEM, Protocol::Tcp, Some(8443)),
        reach("198.51.100.4/30", Protocol::Tcp, None),
    ]);
    let _flow = flow(&lab, &to);
    lab.controller.down(true);
    let limit = Duration::from_secs(u64::from(lease)) + SOON;
    forgotten(&lab, "the end of the lease", limit);
}

#[test]
fn a_gateway_that_is_started_after_it_was_killed_forgets_flows_of_before() {
    let Some((mut lab, _servers, to)) = lab("a_gateway_forgets_flows_of_before", 60) else {
        return;
    };
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let _flow = flow(&lab, &to);
    lab.controller.down(true);
    lab.process = None;
    assert!(!remembered(&lab).is_empty());
    lab.start_gateway();
    forgotten(&lab, "the start", OPEN);
}

/// Where a program is on this machine.
fn found(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut places = std::env::split_paths(&path).map(|it| it.join(program));
    places.find(|it| it.is_file()).unwrap()
}

#[test]
fn a_gateway_without_the_program_conntrack_says_so_and_goes_on() {
    let Some(mut lab) = Lab::new("a_gateway_without_conntrack", 60) else {
        return;
    };
    lab.process = None;
    let folder = tempfile::tempdir().unwrap();
    for program in ["ip", "nft"] {
        symlink(found(program), folder.path().join(program)).unwrap();
    }
    let said = folder.path().join("said");
    let errors = File::create(&said).unwrap();
    lab.start_gateway_prepared(|command| {
        command.env("PATH", folder.path()).stderr(errors);
    });
    until("it says so", OPEN, || {
        let said = std::fs::read_to_string(&said).unwrap();
        said.contains("gateway.conntrack_missing")
    });
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
}
