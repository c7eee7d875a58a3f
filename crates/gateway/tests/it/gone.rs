//! The packet filter is every administrator's to flush: a gateway at work notices, closes and goes on; one that cannot
//! start leaves nothing open.

use std::time::Duration;

use sekisho_protocol::access_table::Protocol;

use crate::lab::{Lab, OTHER_SYSTEM, SYSTEM, reach, until};
use crate::reach::done;
use crate::traffic::{Servers, connects};

/// How long the filter may be gone, on a busy machine.
const BACK: Duration = Duration::from_secs(3);
/// How long the road may take to be open again: WireGuard may have to begin anew.
const AGAIN: Duration = Duration::from_secs(30);

/// A lab with a road to one system, and a way past the tunnel to the other that only the filter closes.
fn lab(test: &str) -> Option<(Lab, Servers, [String; 2])> {
    let lab = Lab::new(test, 60)?;
    let to = [SYSTEM, OTHER_SYSTEM].map(|it| format!("{it}:8443"));
    let servers = Servers::start(&lab.namespaces.system, &[&to[0], &to[1]]);
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let past = format!("ip route add {OTHER_SYSTEM}/32 via 192.0.2.1 dev c0");
    done(&lab, &lab.namespaces.client, &past);
    until("the road is open", AGAIN, || {
        connects(&lab.namespaces.client, &to[0])
    });
    assert!(!connects(&lab.namespaces.client, &to[1]));
    Some((lab, servers, to))
}

/// Whether what is forwarded comes by the gateway's own rules, and no others before them.
fn stands(lab: &Lab) -> bool {
    let rules = lab.rules();
    let Some((_, forward)) = rules.split_once("chain forward {") else {
        return false;
    };
    let forward = forward.split_once("\n\t}").map_or(forward, |(it, _)| it);
    let own = ["jump from_tunnel", "jump to_tunnel", "drop"];
    own.iter().all(|it| forward.contains(it)) && !forward.contains("\t\taccept")
}

#[test]
fn a_filter_that_is_taken_away_or_changed_is_back_at_once_and_the_road_after_it() {
    let Some((lab, _servers, [to, past])) = lab("a_filter_that_is_taken_away") else {
        return;
    };
    let (client, gateway) = (&lab.namespaces.client, &lab.namespaces.gateway);
    let table = lab.table();
    let mut told = None;
    for line in [
        format!("nft delete table inet {table}"),
        "nft flush ruleset".to_owned(),
        format!("nft flush chain inet {table} forward"),
        format!("nft insert rule inet {table} forward accept"),
    ] {
        done(&lab, gateway, &line);
        until(&line, BACK, || stands(&lab));
        assert!(!connects(client, &past), "{line}");
        until("the road is open again", AGAIN, || connects(client, &to));
        assert!(!connects(client, &past), "{line}");
        let report = lab.controller.wait_report(&line, |report| {
            told < report.filter_gone_at && report.failing.is_none()
        });
        assert!(report.sequence.is_some(), "{line}");
        told = report.filter_gone_at;
    }
}

#[test]
fn a_filter_that_is_taken_away_while_the_server_is_gone_is_put_back_closed() {
    let Some((lab, _servers, [to, past])) = lab("a_filter_taken_away_without_a_server") else {
        return;
    };
    let (client, gateway) = (&lab.namespaces.client, &lab.namespaces.gateway);
    lab.controller.down(true);
    done(&lab, gateway, "nft flush ruleset");
    until("the filter is back", BACK, || stands(&lab));
    assert!(!lab.rules().contains("198.51.100.5 ."), "{}", lab.rules());
    for road in [&to, &past] {
        assert!(!connects(client, road), "{road}");
    }
    lab.controller.down(false);
    until("the road is open again", AGAIN, || connects(client, &to));
}

#[test]
fn a_gateway_that_cannot_start_forwards_nothing() {
    let Some((mut lab, _servers, [to, past])) = lab("a_gateway_that_cannot_start") else {
        return;
    };
    let (client, gateway) = (
        lab.namespaces.client.clone(),
        lab.namespaces.gateway.clone(),
    );
    // As after a start of the machine: no filter yet.
    lab.process = None;
    done(&lab, &gateway, "nft flush ruleset");
    until("the way past is there", BACK, || connects(&client, &past));
    lab.spoil_enrolment();
    lab.start_gateway();
    until("it is closed", Duration::from_secs(10), || {
        lab.rules().contains("chain forward")
    });
    for road in [&to, &past] {
        assert!(!connects(&client, road), "{road}");
    }
    // Nothing of it is of an enrolment.
    assert!(!lab.rules().contains("from_tunnel"), "{}", lab.rules());
}
