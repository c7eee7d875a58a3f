//! What tables say of systems at an address that is none, and of systems at one place.

use std::sync::Arc;

use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::id::SystemId;
use sekisho_domain::register::places::Places;
use sekisho_domain::register::{EntryId, Register};
use sekisho_protocol::access_table::{Reach, TablePeer};
use sekisho_sim::population::Population;

use super::access_table::Walk;

impl Walk {
    /// A system's address becomes another one, as the ledger says it: also one that is refused by now.
    fn put_at(&mut self, system: SystemId, address: &str) {
        let (unit, mut values) = {
            let entry = self.world.registers.entry(EntryId::System(system)).unwrap();
            (entry.unit, entry.particulars.values())
        };
        values.insert("address".to_owned(), Value::Text(address.to_owned()));
        self.happen(Event::RegisterChanged {
            id: system.into(),
            unit,
            particulars: Register::System.read(&values).unwrap(),
            remark: None,
        });
    }
}

/// Enough people who are ready for two systems: those of five sections ask about one.
const SECTIONS: Population = Population {
    people: 400,
    devices: 400,
    permits: 1_600,
    ready: 240,
};

/// Roads to two systems.
fn two_reached(peers: &[TablePeer]) -> (Reach, Reach) {
    let mut all = peers.iter().flat_map(|it| &it.reach);
    let first = all.next().expect("a road").clone();
    let second = all.find(|it| it.system != first.system);
    let second = second.expect("a road to another system").clone();
    (first, second)
}

#[test]
fn a_system_at_an_address_of_none_is_left_out_and_closes_nobody_elses_road() {
    let mut walk = Walk::of(SECTIONS);
    let (_, before, _) = walk.tables();
    let (bad, _) = two_reached(&before);
    let rest: Vec<TablePeer> = before
        .iter()
        .map(|peer| {
            let mut peer = peer.clone();
            peer.reach.retain(|it| it.system != bad.system);
            peer
        })
        .collect();
    assert!(rest != before && rest.iter().any(|it| !it.reach.is_empty()));
    // The last two lie where the tunnels are.
    for address in [
        "0.0.0.0/0",
        "127.0.0.1",
        "224.0.0.1",
        "10.90.0.0/16",
        "10.90.0.7",
    ] {
        walk.put_at(bad.system, address);
        let (kept, made, _) = walk.tables();
        assert_eq!(kept, made, "{address}");
        assert_eq!(made, rest, "{address}");
    }
    walk.put_at(bad.system, &bad.address.to_string());
    let (_, made, _) = walk.tables();
    assert_eq!(made, before);
}

#[test]
fn a_place_that_systems_share_is_closed_to_those_who_reach_one_of_them() {
    let mut walk = Walk::of(SECTIONS);
    let (_, before, _) = walk.tables();
    let (first, second) = two_reached(&before);
    let both = |peer: &TablePeer| {
        let reaches = |of: &Reach| peer.reach.iter().any(|it| it.system == of.system);
        reaches(&first) && reaches(&second)
    };
    // In this population everybody reaches one.
    assert!(!before.iter().any(both));
    walk.put_at(second.system, &first.address.to_string());
    let (kept, made, _) = walk.tables();
    assert_eq!(kept, made);
    let shared = [first.system, second.system];
    for (before, now) in before.iter().zip(&made) {
        let mut rest = before.clone();
        rest.reach.retain(|it| !shared.contains(&it.system));
        assert_eq!(*now, rest);
    }
    // The address is the second's own again, and everything is as before.
    walk.put_at(second.system, &second.address.to_string());
    let (_, made, _) = walk.tables();
    assert_eq!(made, before);
}

#[test]
fn places_are_worked_out_once_and_anew_when_a_system_moves() {
    let mut walk = Walk::of(SECTIONS);
    let (_, peers, _) = walk.tables();
    let (system, _) = two_reached(&peers);
    let before = Places::of(&walk.world);
    assert!(Arc::ptr_eq(&before, &Places::of(&walk.world)));
    assert!(before.stand(system.system).is_some());
    walk.put_at(system.system, "127.0.0.1");
    let after = Places::of(&walk.world);
    assert!(after.stand(system.system).is_none());
    assert!(Arc::ptr_eq(&after, &Places::of(&walk.world)));
    // Whoever still holds what was before holds that.
    assert!(before.stand(system.system).is_some());
}
