use std::time::Duration;

use sekisho_domain::time::Span;
use sekisho_protocol::access_table::{Protocol, TablePeer};
use sekisho_tunnel::PublicKey;

use super::*;
use crate::lease::Lease;
use crate::plan::plan;
use crate::plan::tests::{NOW, peer, reach, table};
use crate::usage::Count;

fn begin() -> Watched {
    let machine = Machine {
        forwards_others: false,
        listen_port: Some(51_820),
    };
    Watched::begin(NOW, machine)
}

fn at(seconds: u32) -> Reading {
    Reading {
        wall: NOW.after(Span::seconds(seconds)),
        monotonic: Duration::from_secs(u64::from(seconds)),
    }
}

/// Who reaches one system.
fn web(number: u8) -> TablePeer {
    peer(
        number,
        vec![reach("10.1.0.5", Protocol::Tcp, Some(443), None)],
    )
}

fn in_force(sequence: u64, numbers: &[u8]) -> InForce {
    let peers = numbers.iter().map(|it| web(*it)).collect();
    InForce {
        sequence,
        plan: plan(&table(peers), NOW),
        lease: Lease::begin(Span::seconds(60), NOW, NOW.after(Span::seconds(60)), at(0)),
        granted: Span::seconds(60),
    }
}

fn state(number: u8, received_bytes: u64) -> PeerState {
    PeerState {
        key: PublicKey::new([number; 32]),
        networks: Vec::new(),
        endpoint: None,
        keepalive_seconds: None,
        handshake_at: None,
        received_bytes,
        sent_bytes: 2 * received_bytes,
    }
}

fn dropped(dropped: u64) -> Counters {
    Counters {
        dropped,
        ..Counters::default()
    }
}

/// What each element of a table has counted since it was added.
fn passed(in_force: &InForce, bytes: u64) -> Counters {
    let count = Count { bytes, packets: 1 };
    let elements = in_force.plan.elements.keys();
    Counters {
        elements: elements.map(|it| (*it, count)).collect(),
        dropped: 0,
    }
}

/// A reading that nothing comes between.
fn read(watched: &mut Watched, states: Vec<PeerState>, counters: &Counters) {
    let begun = watched.reading();
    watched.counted(begun, states, counters);
}

/// The sessions as they are reported: of which peer, whether ended, bytes received, and bytes to systems.
fn told(watched: &Watched) -> Vec<(u8, bool, u64, u64)> {
    let sessions = watched.report(NOW, None).sessions;
    let told = sessions.iter().map(|it| {
        let number = (2_u8..9).find(|number| web(*number).session == it.session);
        assert_eq!(it.sent_bytes, 2 * it.received_bytes);
        (
            number.unwrap(),
            it.ended_at.is_some(),
            it.received_bytes,
            it.systems.iter().map(|system| system.bytes).sum::<u64>(),
        )
    });
    told.collect()
}

#[test]
fn what_cannot_be_counted_fails_and_a_filter_that_was_gone_stays_told() {
    let mut watched = begin();
    read(&mut watched, Vec::new(), &dropped(7));
    let report = watched.report(NOW, Some("gateway.filter"));
    assert_eq!(report.failing.as_deref(), Some("gateway.filter"));
    assert_eq!((report.dropped_packets, report.filter_gone_at), (7, None));
    assert_eq!(watched.report(NOW, None).failing, None);
    // Told as news once, and what was dropped is summed over counters that begin anew.
    assert!(watched.failing("gateway.filter_gone"));
    assert!(!watched.failing("gateway.filter_gone"));
    watched.filter_gone(NOW);
    read(&mut watched, Vec::new(), &dropped(9));
    assert!(watched.report(NOW, None).failing.is_some());
    assert!(watched.taken());
    assert!(!watched.taken());
    let report = watched.report(NOW, None);
    assert_eq!((report.failing, report.filter_gone_at), (None, Some(NOW)));
    assert_eq!(
        (report.dropped_packets, report.listen_port),
        (16, Some(51_820))
    );
}

#[test]
fn sessions_whose_peers_stay_while_the_filter_is_put_back_stand_and_count_on() {
    let (both, one) = (in_force(1, &[2, 3]), in_force(2, &[2]));
    let mut watched = begin();
    watched.in_force(Some(&both), false, at(0));
    let states = vec![state(2, 100), state(3, 10)];
    read(&mut watched, states, &passed(&both, 80));
    watched.filter_gone(NOW);
    watched.in_force(None, true, at(1));
    let report = watched.report(NOW, None);
    assert_eq!((report.sequence, report.closes_at), (None, None));
    let standing = [(2, false, 100, 80), (3, false, 10, 80)];
    assert_eq!(told(&watched), standing);
    // The next table names one of them; the other was taken away with what its tunnel had come to.
    watched.states_read(vec![state(2, 130), state(3, 15)]);
    watched.in_force(Some(&one), false, at(2));
    assert_eq!(told(&watched), [(3, true, 15, 80), (2, false, 130, 80)]);
    // Its tunnel counts on; the filter's counters have begun anew, and may be past what they were.
    read(&mut watched, vec![state(2, 230)], &passed(&one, 90));
    assert_eq!(told(&watched), [(3, true, 15, 80), (2, false, 230, 170)]);
}

#[test]
fn sessions_whose_peers_are_taken_away_end_and_begin_again_from_nothing() {
    let one = in_force(1, &[2]);
    let mut watched = begin();
    watched.in_force(Some(&one), false, at(0));
    read(&mut watched, vec![state(2, 100)], &passed(&one, 80));
    // The peers stayed at first, as where the filter could not be put back nor the tunnel be emptied.
    watched.in_force(None, true, at(1));
    assert_eq!(told(&watched), [(2, false, 100, 80)]);
    watched.in_force(None, false, at(2));
    assert_eq!(told(&watched), [(2, true, 100, 80)]);
    // Nothing was read since: what was told with the end is not told as passed again.
    watched.in_force(Some(&in_force(2, &[2])), false, at(3));
    assert_eq!(told(&watched), [(2, true, 100, 80), (2, false, 0, 0)]);
}

#[test]
fn a_reading_that_began_before_another_or_before_counters_did_adds_nothing() {
    let mut watched = begin();
    let sum = |watched: &Watched| watched.report(NOW, None).dropped_packets;
    read(&mut watched, Vec::new(), &dropped(7));
    let begun = watched.reading();
    watched.filter_gone(NOW);
    watched.counted(begun, Vec::new(), &dropped(7));
    assert_eq!(sum(&watched), 7);
    read(&mut watched, Vec::new(), &dropped(2));
    assert_eq!(sum(&watched), 9);
    // Two at once, and the one that read earlier is taken in later.
    let begun = watched.reading();
    watched.counted(begun, Vec::new(), &dropped(5));
    watched.counted(begun, Vec::new(), &dropped(4));
    assert_eq!(sum(&watched), 12);
}

#[test]
fn elements_that_are_replaced_count_anew_and_what_is_dropped_counts_on() {
    let one = in_force(1, &[2]);
    let mut watched = begin();
    watched.in_force(Some(&one), false, at(0));
    let counters = |bytes, dropped| Counters {
        dropped,
        ..passed(&one, bytes)
    };
    read(&mut watched, vec![state(2, 100)], &counters(80, 3));
    let begun = watched.reading();
    watched.elements_replaced();
    // As much again, and a reading of before the elements were replaced.
    watched.counted(begun, vec![state(2, 100)], &counters(80, 3));
    read(&mut watched, vec![state(2, 200)], &counters(80, 5));
    assert_eq!(told(&watched), [(2, false, 200, 160)]);
    assert_eq!(watched.report(NOW, None).dropped_packets, 5);
}
