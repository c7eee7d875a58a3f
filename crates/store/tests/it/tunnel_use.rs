//! What tunnels were used for, from reports that come twice, end and begin anew.

use sekisho_store::Observations;
use sekisho_store::observations::{Retention, TunnelReport, TunnelsOf};

use crate::support::{NOW, Place};

const DAY: i64 = 86_400_000;

fn report(at: i64, tunnel: u64, systems: &[(&str, u64)]) -> TunnelReport {
    TunnelReport {
        gateway: "gwy_1".to_owned(),
        session: "tun_1".to_owned(),
        person: "psn_1".to_owned(),
        device: "dev_1".to_owned(),
        line: None,
        endpoint: Some("192.0.2.7:5000".to_owned()),
        run: 7,
        at,
        handshake_at: None,
        ended_at: None,
        tunnel: (tunnel, 10 * tunnel),
        systems: systems
            .iter()
            .map(|(system, bytes)| ((*system).to_owned(), *bytes, bytes / 100))
            .collect(),
    }
}

/// Bytes of the tunnel, then by line and system.
fn sums(store: &Observations) -> (u64, Vec<(Option<String>, String, u64)>) {
    let all = (0, i64::MAX);
    let sessions = store.tunnel_sessions(TunnelsOf::Anyone, all, 9).unwrap();
    let uses = store.tunnel_uses(TunnelsOf::Anyone, all, 9).unwrap();
    let [session] = sessions.as_slice() else {
        panic!("{sessions:?}");
    };
    assert_eq!(session.sent_bytes, 10 * session.received_bytes);
    let mut uses: Vec<_> = uses
        .into_iter()
        .map(|it| (it.line, it.system, it.bytes))
        .collect();
    uses.sort();
    (session.received_bytes, uses)
}

fn on(line: Option<&str>, system: &str, bytes: u64) -> (Option<String>, String, u64) {
    (line.map(str::to_owned), system.to_owned(), bytes)
}

#[test]
fn a_report_that_comes_twice_adds_nothing() {
    let place = Place::new();
    let store = place.open().observations;
    let first = report(NOW, 100, &[("sys_1", 1000)]);
    let grown = report(NOW + 1, 150, &[("sys_1", 1500), ("sys_2", 300)]);
    for told in [&first, &first, &grown, &grown] {
        store
            .add_tunnel_reports(std::slice::from_ref(told))
            .unwrap();
    }
    let expected = vec![on(None, "sys_1", 1500), on(None, "sys_2", 300)];
    assert_eq!(sums(&store), (150, expected));
    let none = store.tunnel_uses(TunnelsOf::Anyone, (NOW + 2, i64::MAX), 9);
    assert!(none.unwrap().is_empty());
}

#[test]
fn what_begins_anew_counts_from_nothing() {
    let place = Place::new();
    let store = place.open().observations;
    let ended = |at, tunnel, bytes| TunnelReport {
        ended_at: Some(at),
        ..report(at, tunnel, &[("sys_1", bytes)])
    };
    // Ended twice between two reports, and begun again above what it had counted before.
    let all = [
        ended(NOW, 100, 1000),
        ended(NOW + 1, 200, 2000),
        report(NOW + 2, 300, &[("sys_1", 3000)]),
    ];
    store.add_tunnel_reports(&all).unwrap();
    // The receipt was lost: told again, with what passed meanwhile.
    let again = [
        all[0].clone(),
        all[1].clone(),
        report(NOW + 3, 310, &[("sys_1", 3100)]),
    ];
    store.add_tunnel_reports(&again).unwrap();
    assert_eq!(sums(&store), (610, vec![on(None, "sys_1", 6100)]));
    // Another run of the gateway, which has counted more already.
    let run = TunnelReport {
        run: 8,
        ..report(NOW + 4, 400, &[("sys_1", 4000)])
    };
    store.add_tunnel_reports(&[run.clone(), run]).unwrap();
    assert_eq!(sums(&store), (1010, vec![on(None, "sys_1", 10_100)]));
    let sessions = store.tunnel_sessions(TunnelsOf::Device("dev_1"), (0, i64::MAX), 9);
    let session = sessions.unwrap().remove(0);
    assert_eq!((session.first_at, session.last_at), (NOW, NOW + 4));
    assert_eq!(session.ended_at, None);
}

#[test]
fn use_is_told_by_line_and_kept_as_long_as_decisions() {
    let place = Place::new();
    let store = place.open().observations;
    let over = |line: &str, at, bytes| TunnelReport {
        line: Some(line.to_owned()),
        ..report(at, 0, &[("sys_1", bytes)])
    };
    let lines = [over("lin_1", NOW, 1000), over("lin_2", NOW + 1, 1600)];
    store.add_tunnel_reports(&lines).unwrap();
    let by_line = vec![
        on(Some("lin_1"), "sys_1", 1000),
        on(Some("lin_2"), "sys_1", 600),
    ];
    assert_eq!(sums(&store).1, by_line);
    let count = |of| store.tunnel_uses(of, (0, i64::MAX), 9).unwrap().len();
    assert_eq!(count(TunnelsOf::Person("psn_1")), 2);
    assert_eq!(count(TunnelsOf::Person("psn_2")), 0);
    assert_eq!(count(TunnelsOf::Session("tun_1")), 2);
    assert_eq!(count(TunnelsOf::Gateway("gwy_2")), 0);
    let kept = store.retain(NOW + 92 * DAY, Retention::default()).unwrap();
    assert_eq!(kept.tunnels, 0);
    let after = NOW + 92 * DAY + 2;
    let removed = store.retain(after, Retention::default()).unwrap();
    assert_eq!(removed.tunnels, 1);
    assert_eq!(count(TunnelsOf::Anyone), 0);
    // And the counters with it: the same report is new again.
    store.add_tunnel_reports(&lines[..1]).unwrap();
    assert_eq!(sums(&store).1, vec![on(Some("lin_1"), "sys_1", 1000)]);
}
