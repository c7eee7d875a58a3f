use proptest::prelude::*;
use sekisho_domain::time::Span;
use sekisho_protocol::access_table::{Protocol, TablePeer};
use sekisho_protocol::wireguard_key::WireGuardKey;

use super::*;
use crate::plan::PlannedPeer;
use crate::plan::tests::{NOW, content, expected, peer, reach, signer};

/// A line in memory: what the kernel would let pass.
#[derive(Default)]
struct Memory {
    elements: BTreeMap<Element, Duration>,
    addresses: BTreeMap<IpAddr, Duration>,
    peers: BTreeMap<WireGuardKey, IpAddr>,
    cuts: usize,
    breaks: bool,
}

fn broken() -> GatewayError {
    GatewayError::Filter {
        detail: "broken".to_owned(),
    }
}

impl Line for Memory {
    fn cut(&mut self, cut: &Cut) -> Result<(), GatewayError> {
        self.cuts += 1;
        for element in &cut.elements {
            self.elements.remove(element);
        }
        for address in &cut.unreached {
            self.addresses.remove(address);
        }
        for (key, _) in &cut.peers {
            self.peers.remove(key);
        }
        Ok(())
    }

    fn carry(
        &mut self,
        peers: &[(WireGuardKey, PlannedPeer)],
        elements: &Timeouts<Element>,
        addresses: &Timeouts<IpAddr>,
    ) -> Result<(), GatewayError> {
        if self.breaks {
            return Err(broken());
        }
        self.peers = peers.iter().map(|(key, it)| (*key, it.address)).collect();
        self.elements.extend(elements);
        self.addresses.extend(addresses);
        Ok(())
    }

    fn close(&mut self) -> Result<(), GatewayError> {
        self.elements.clear();
        self.addresses.clear();
        self.peers.clear();
        Ok(())
    }

    fn restore(&mut self) -> Result<(), GatewayError> {
        self.close()?;
        if self.breaks { Err(broken()) } else { Ok(()) }
    }
}

fn at(millis: u32) -> Reading {
    Reading {
        wall: NOW.after(Span::millis(millis)),
        monotonic: Duration::from_millis(u64::from(millis)),
    }
}

fn keeper() -> Keeper<Memory> {
    Keeper::new(Memory::default(), signer().verifier(), expected())
}

fn signed(sequence: u64, peers: Vec<TablePeer>) -> Vec<u8> {
    signer().sign(&content(sequence, peers)).unwrap()
}

fn web() -> TablePeer {
    peer(2, vec![reach("10.1.0.5", Protocol::Tcp, Some(443), None)])
}

#[test]
fn a_table_opens_the_next_cuts_and_the_lease_closes() {
    let mut keeper = keeper();
    let dns = reach("10.1.0.6", Protocol::Udp, Some(53), Some(20));
    keeper
        .take(&signed(1, vec![web(), peer(3, vec![dns])]), at(0))
        .unwrap();
    assert_eq!(keeper.line.elements.len(), 2);
    let timeouts: Vec<_> = keeper
        .line
        .elements
        .values()
        .map(Duration::as_secs)
        .collect();
    assert!(timeouts.contains(&60) && timeouts.contains(&20));
    assert_eq!(keeper.quiet(at(0), Duration::MAX), Duration::from_secs(20));
    // The entry ends by itself; the tunnel stays.
    assert!(!keeper.tick(at(19_999)).unwrap());
    assert_eq!(keeper.line.elements.len(), 2);
    assert!(!keeper.tick(at(20_000)).unwrap());
    assert_eq!(
        (keeper.line.elements.len(), keeper.line.peers.len()),
        (1, 2)
    );
    assert_eq!(keeper.line.addresses.len(), 1);
    // A table that names the first no longer: element, address and peer go.
    keeper
        .take(&signed(2, vec![peer(3, vec![])]), at(21_000))
        .unwrap();
    assert!(keeper.line.elements.is_empty() && keeper.line.addresses.is_empty());
    assert_eq!(keeper.line.peers.len(), 1);
    // Renewed with nothing else: nothing is cut.
    let cuts = keeper.line.cuts;
    keeper
        .take(&signed(3, vec![peer(3, vec![])]), at(22_000))
        .unwrap();
    assert_eq!(keeper.line.cuts, cuts);
    assert!(!keeper.tick(at(59_999)).unwrap());
    assert!(keeper.tick(at(60_000)).unwrap());
    assert!(keeper.line.peers.is_empty() && keeper.in_force().is_none());
    assert!(!keeper.tick(at(61_000)).unwrap());
}

#[test]
fn an_entry_ends_on_time_where_the_wall_clock_is_behind() {
    // Nearly five minutes: more behind, and no table is taken.
    let behind = Span::seconds(299);
    let at = |millis: u32| Reading {
        wall: at(millis).wall.before(behind),
        ..at(millis)
    };
    let mut keeper = keeper();
    let dns = reach("10.1.0.6", Protocol::Udp, Some(53), Some(20));
    let table = signed(1, vec![web(), peer(3, vec![dns])]);
    keeper.take(&table, at(0)).unwrap();
    let shortest = *keeper.line.elements.values().min().unwrap();
    assert_eq!(shortest, Duration::from_secs(20));
    assert_eq!(keeper.quiet(at(0), Duration::MAX), shortest);
    assert!(!keeper.tick(at(19_999)).unwrap());
    assert_eq!(keeper.line.elements.len(), 2);
    assert!(!keeper.tick(at(20_000)).unwrap());
    assert_eq!(keeper.line.elements.len(), 1);
    // Set back further while it holds: the lease ends all the same.
    let set_back = |millis: u32| Reading {
        wall: at(millis).wall.before(Span::days(1)),
        ..at(millis)
    };
    assert!(keeper.tick(set_back(60_000)).unwrap());
}

#[test]
fn a_refused_table_changes_nothing() {
    let mut keeper = keeper();
    let first = signed(5, vec![web()]);
    keeper.take(&first, at(0)).unwrap();
    let foreign = sekisho_protocol::access_table::TableSigner::new(&[9; 32]);
    let foreign = foreign.sign(&content(6, vec![])).unwrap();
    for (bytes, moment, code) in [
        (&first, 1, "access_table.not_newer"),
        (&signed(4, vec![]), 1, "access_table.not_newer"),
        (&foreign, 1, "access_table.signature"),
        (&signed(6, vec![]), 60_000, "access_table.expired"),
    ] {
        let error = keeper.take(bytes, at(moment)).unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(keeper.line.elements.len(), 1);
        assert_eq!(keeper.in_force().unwrap().sequence, 5);
    }
    assert_eq!(keeper.sequence(), 5);
}

#[test]
fn what_cannot_be_carried_out_closes_everything() {
    let mut keeper = keeper();
    keeper.take(&signed(1, vec![web()]), at(0)).unwrap();
    keeper.line.breaks = true;
    let error = keeper.take(&signed(2, vec![web()]), at(1)).unwrap_err();
    assert_eq!(error.code(), "gateway.filter");
    assert!(keeper.line.elements.is_empty() && keeper.line.peers.is_empty());
    assert!(keeper.in_force().is_none());
    // It was accepted all the same, and is not accepted twice.
    let again = keeper.take(&signed(2, vec![web()]), at(2)).unwrap_err();
    assert_eq!(again.code(), "access_table.not_newer");
    keeper.line.breaks = false;
    keeper.take(&signed(3, vec![web()]), at(3)).unwrap();
    assert_eq!(keeper.line.elements.len(), 1);
}

#[test]
fn a_filter_that_is_put_back_is_closed_until_the_next_table() {
    for breaks in [false, true] {
        let mut keeper = keeper();
        keeper.take(&signed(1, vec![web()]), at(0)).unwrap();
        keeper.line.breaks = breaks;
        assert_eq!(keeper.restore().is_err(), breaks);
        assert!(keeper.in_force().is_none() && keeper.line.elements.is_empty());
        assert!(!keeper.tick(at(1)).unwrap());
        keeper.line.breaks = false;
        // The one before is not taken again; the next one opens.
        let again = keeper.take(&signed(1, vec![web()]), at(2)).unwrap_err();
        assert_eq!(again.code(), "access_table.not_newer");
        keeper.take(&signed(2, vec![web()]), at(3)).unwrap();
        assert_eq!(keeper.line.elements.len(), 1);
        assert_eq!(keeper.in_force().unwrap().granted, Span::seconds(60));
    }
}

#[test]
fn another_session_on_the_same_address_begins_anew() {
    let mut keeper = keeper();
    keeper.take(&signed(1, vec![web()]), at(0)).unwrap();
    let mut other = web();
    other.session = peer(7, vec![]).session;
    let cuts = keeper.line.cuts;
    keeper.take(&signed(2, vec![other]), at(1)).unwrap();
    assert_eq!(keeper.line.cuts, cuts + 1);
    assert_eq!(keeper.line.elements.len(), 1);
}

fn any_reach() -> impl Strategy<Value = (u8, u8, Option<u32>)> {
    (2_u8..5, 1_u8..4, prop::option::of(0_u32..40))
}

fn peers_of(entries: &[(u8, u8, Option<u32>)]) -> Vec<TablePeer> {
    let mut by_peer: BTreeMap<u8, Vec<_>> = BTreeMap::new();
    for (number, host, seconds) in entries {
        let address = format!("10.1.0.{host}");
        let entry = reach(&address, Protocol::Tcp, Some(443), *seconds);
        by_peer.entry(*number).or_default().push(entry);
    }
    by_peer
        .into_iter()
        .map(|(number, it)| peer(number, it))
        .collect()
}

proptest! {
    /// Whatever came before: after a table the line holds exactly what that table names, for no
    /// longer than it names it.
    #[test]
    fn the_line_follows_the_newest_table(
        tables in prop::collection::vec(prop::collection::vec(any_reach(), 0..6), 1..5),
    ) {
        let mut keeper = keeper();
        for (number, entries) in (1_u32..).zip(&tables) {
            let moment = at(number * 5_000);
            let sequence = u64::from(number);
            keeper.take(&signed(sequence, peers_of(entries)), moment).unwrap();
            let lasting = |it: &&(u8, u8, Option<u32>)| {
                it.2.is_none_or(|seconds| NOW.after(Span::seconds(seconds)) > moment.wall)
            };
            let mut named: Vec<_> =
                entries.iter().filter(lasting).map(|(peer, host, _)| (*peer, *host)).collect();
            named.sort_unstable();
            named.dedup();
            prop_assert_eq!(keeper.line.elements.len(), named.len());
            let most = Duration::from_millis(60_000 - u64::from(number) * 5_000);
            prop_assert!(keeper.line.elements.values().all(|it| *it <= most && !it.is_zero()));
            let peers: std::collections::BTreeSet<_> = entries.iter().map(|it| it.0).collect();
            prop_assert_eq!(keeper.line.peers.len(), peers.len());
        }
    }
}
