//! Populations for benchmarks.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::permit::{Permit, PermitKind, Status};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_sim::population::Population;

const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);
const SOME: Population = Population {
    people: 500,
    devices: 700,
    permits: 900,
};

#[test]
fn the_world_holds_what_was_asked_for() {
    let world = SOME.world(1, NOW).unwrap();
    assert_eq!(world.people.len(), 500);
    assert_eq!(world.devices.len(), 700);
    assert_eq!(world.permits.len(), 900);
    assert_eq!(world, SOME.world(1, NOW).unwrap());
    assert_ne!(world, SOME.world(2, NOW).unwrap());
    let people_in_known_units = world
        .people
        .values()
        .all(|unit| world.units.contains_key(unit));
    assert!(people_in_known_units);
}

#[test]
fn permits_are_of_every_kind_and_state_and_wait_where_they_are_decided() {
    let world = SOME.world(1, NOW).unwrap();
    for kind in PermitKind::ALL {
        assert!(world.permits.of_kind(*kind).next().is_some(), "{kind:?}");
    }
    for status in Status::ALL {
        let mut all = world.permits.iter();
        assert!(all.any(|it| it.status(NOW) == *status), "{status:?}");
    }
    assert!(world.permits.overdue(NOW).next().is_some());
    assert_eq!(world.misrouted(NOW), Vec::new());
    let of_the_register = |it: &&Permit| it.grade == world.grade_of(&it.particulars);
    assert_eq!(world.permits.iter().filter(of_the_register).count(), 900);
}

#[test]
fn a_snapshot_of_it_is_the_replay_of_its_events() {
    let world = SOME.world(3, NOW).unwrap();
    let snapshot = serde_json::to_vec(&world).unwrap();
    assert_eq!(serde_json::from_slice::<World>(&snapshot).unwrap(), world);
}

#[test]
fn the_posture_has_every_outcome() {
    let world = SOME.world(1, NOW).unwrap();
    let posture = SOME.posture(1, NOW);
    assert!(
        posture.len() < 700 && posture.len() > 600,
        "{}",
        posture.len()
    );
    let count = |outcome| {
        let of = |id| {
            posture
                .standing(id, DeviceCheck::SecurityUpdates, NOW)
                .outcome()
        };
        world
            .devices
            .iter()
            .filter(|device| of(device.id) == outcome)
            .count()
    };
    assert!(count(Outcome::Pass) > 500);
    assert!(count(Outcome::Fail) > 10 && count(Outcome::Unknown) > 10);
}
