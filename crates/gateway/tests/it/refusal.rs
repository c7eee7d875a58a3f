//! Tables that are not to be believed change nothing.

use sekisho_domain::time::Span;
use sekisho_protocol::access_table::{Protocol, TableSigner};

use crate::lab::{Lab, OTHER_SYSTEM, SYSTEM, reach};
use crate::traffic::{Flow, Servers, connects};

#[test]
fn replayed_expired_and_foreign_tables_change_nothing() {
    let Some(lab) = Lab::new("replayed_expired_and_foreign_tables", 60) else {
        return;
    };
    let (to, other) = (format!("{SYSTEM}:8443"), format!("{OTHER_SYSTEM}:8443"));
    let _servers = Servers::start(&lab.namespaces.system, &[&to, &other]);
    let elsewhere = || vec![lab.peer(vec![reach(OTHER_SYSTEM, Protocol::Tcp, Some(8443))])];
    // A table of before, to be played again.
    lab.controller.publish(elsewhere());
    lab.controller.wait_in_force();
    let replayed = lab.controller.last();
    lab.grant(vec![reach(SYSTEM, Protocol::Tcp, Some(8443))]);
    let flow = Flow::open(&lab.namespaces.client, &to);

    let (now, next) = lab.controller.moment();
    let sign = |seed, content| TableSigner::new(&[seed; 32]).sign(&content).unwrap();
    let foreign = sign(9, lab.controller.content(elsewhere(), next, now));
    let past = now.before(Span::seconds(61));
    let expired = sign(1, lab.controller.content(elsewhere(), next, past));
    let mut altered = lab.controller.last();
    let last = altered.len() - 3;
    altered[last] ^= 1;
    for (bytes, code) in [
        (replayed, "access_table.not_newer"),
        (foreign, "access_table.signature"),
        (expired, "access_table.expired"),
        (altered, "access_table.signature"),
        (b"not a table".to_vec(), "access_table.form"),
    ] {
        lab.controller.send_raw(bytes);
        let seen = |report: &sekisho_protocol::gateway::GatewayReport| {
            report.refused.as_deref() == Some(code)
        };
        let report = lab.controller.wait_report(code, seen);
        assert!(report.sequence.is_some(), "{code}");
        assert!(
            !lab.rules().contains(&format!("{OTHER_SYSTEM} .")),
            "{code}"
        );
        assert!(connects(&lab.namespaces.client, &to), "{code}");
    }
    assert!(!connects(&lab.namespaces.client, &other));
    assert!(flow.last().unwrap().elapsed() < std::time::Duration::from_secs(1));
}
