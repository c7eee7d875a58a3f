//! Units and posts change: renamed, moved, succeeded, widened or not.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, StructureCommand};
use sekisho_domain::id::{Fresh, MediumId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::unit::{Follower, Share};
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, officer, root};
use super::registers::{change, enter, found, holder, medium, refused};

const OLD: u64 = 50;
const LEFT: u64 = 51;
const RIGHT: u64 = 52;
const BELOW: u64 = 53;

fn unit(n: u64) -> UnitId {
    UnitId::new(fresh(n))
}

/// A unit with one below it, and two that can be its heirs.
fn with_units() -> World {
    let mut world = founded();
    for n in [OLD, LEFT, RIGHT] {
        found(&mut world, n, root());
    }
    found(&mut world, BELOW, unit(OLD));
    world
}

/// Abolishes the old unit; one medium is shared out.
fn abolish(heirs: &[u64], second: i64, to: u64) -> Command {
    Command::Structure(Box::new(StructureCommand::AbolishUnit {
        unit: unit(OLD),
        until: at(second),
        heirs: heirs.iter().map(|n| unit(*n)).collect(),
        shares: vec![Share {
            what: Follower::Entry(MediumId::new(fresh(71)).into()),
            to: unit(to),
        }],
        expected: None,
    }))
}

#[test]
fn a_unit_is_abolished_with_heirs_that_will_be_there() {
    let mut world = with_units();
    let first = Actor::person(officer());
    let unshared = Command::Structure(Box::new(StructureCommand::AbolishUnit {
        unit: unit(OLD),
        until: at(100),
        heirs: vec![unit(BELOW)],
        shares: Vec::new(),
        expected: None,
    }));
    for (command, code) in [
        (abolish(&[], 100, RIGHT), "unit.no-heir"),
        (abolish(&[OLD], 100, OLD), "unit.heir-not-in-force"),
        (abolish(&[LEFT], 100, RIGHT), "unit.share-unknown"),
        (unshared, "unit.cycle"),
        (abolish(&[LEFT], 0, LEFT), "unit.change-in-past"),
    ] {
        assert_eq!(act(&mut world, &first, &command, at(2)), refused(code));
    }
}

#[test]
fn what_an_abolished_unit_had_follows_to_its_heirs_at_the_instant() {
    let mut world = with_units();
    let first = Actor::person(officer());
    let chief = holder(&mut world, 60, unit(OLD), &[Role::Diso]);
    let successor = holder(&mut world, 61, unit(RIGHT), &[Role::Diso]);
    let (stays, goes) = (MediumId::new(fresh(70)), MediumId::new(fresh(71)));
    for (id, number) in [(stays, "M-1"), (goes, "M-2")] {
        let command = enter(id, Some(unit(OLD)), medium(number));
        act(&mut world, &chief, &command, at(1)).unwrap();
    }
    act(
        &mut world,
        &first,
        &abolish(&[LEFT, RIGHT], 100, RIGHT),
        at(2),
    )
    .unwrap();
    let of = |world: &World, id: MediumId, second| world.unit_of_entry(id.into(), at(second));
    assert_eq!(of(&world, stays, 99), Some(unit(OLD)));
    assert_eq!(of(&world, stays, 100), Some(unit(LEFT)));
    assert_eq!(of(&world, goes, 99), Some(unit(OLD)));
    assert_eq!(of(&world, goes, 100), Some(unit(RIGHT)));
    assert!(world.unit_is_within(unit(BELOW), unit(LEFT), at(100)));
    assert!(!world.unit_is_within(unit(BELOW), unit(LEFT), at(99)));
    assert!(world.units_within(unit(LEFT), at(100)).contains(&unit(OLD)));
    // The post ends with its unit, and the chief of the heir keeps what came.
    let write = |number: &str, n| change(goes, Some(unit(n)), medium(number), None);
    let late = act(&mut world, &chief, &write("M-5", OLD), at(100));
    assert_eq!(late, refused("authorise.no-authority"));
    act(&mut world, &successor, &write("M-5", OLD), at(100)).unwrap();
    act(&mut world, &successor, &write("M-6", RIGHT), at(101)).unwrap();
    let snapshot = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&snapshot).unwrap(), world);
}

#[test]
fn units_are_renamed_and_moved_from_a_day_on_and_never_in_a_ring() {
    let mut world = founded();
    let first = Actor::person(officer());
    let (a, b) = (found(&mut world, 50, root()), found(&mut world, 51, root()));
    let structure = |command| Command::Structure(Box::new(command));
    let rename = structure(StructureCommand::RenameUnit {
        unit: a,
        name: name("企画課"),
        from: at(50),
        expected: Some(0),
    });
    act(&mut world, &first, &rename, at(1)).unwrap();
    assert_eq!(
        act(&mut world, &first, &rename, at(1)),
        refused("command.stale")
    );
    let named = |second| world.units[&a].name_at(at(second)).ja.as_str().to_owned();
    assert_eq!(
        (named(49).as_str(), named(50).as_str()),
        ("第50課", "企画課")
    );
    let shift = |unit, parent, from| {
        structure(StructureCommand::MoveUnit {
            unit,
            parent,
            from: at(from),
            expected: None,
        })
    };
    act(&mut world, &first, &shift(a, b, 60), at(2)).unwrap();
    // Below itself later on, although not now.
    let ring = act(&mut world, &first, &shift(b, a, 30), at(2));
    assert_eq!(ring, refused("unit.cycle"));
    let root = act(&mut world, &first, &shift(root(), a, 30), at(2));
    assert_eq!(root, refused("unit.root"));
    let unknown = shift(a, UnitId::new(Fresh([9; 16])), 30);
    assert_eq!(
        act(&mut world, &first, &unknown, at(2)),
        refused("unit.unknown")
    );
}

#[test]
fn a_post_is_not_widened_by_its_holder_nor_into_a_barred_pair() {
    let mut world = founded();
    let first = Actor::person(officer());
    let auditor = holder(&mut world, 60, root(), &[Role::Auditor]);
    let head = holder(&mut world, 61, root(), &[Role::Hiso]);
    let change = |n: u64, roles: &[Role]| {
        Command::Structure(Box::new(StructureCommand::ChangePost {
            post: Box::new(Post::created(
                PostId::new(fresh(n + 1000)),
                root(),
                name("官職"),
                roles.to_vec(),
            )),
            expected: None,
        }))
    };
    assert_eq!(
        act(
            &mut world,
            &head,
            &change(61, &[Role::Hiso, Role::Ciso]),
            at(1)
        ),
        refused("post.own")
    );
    assert_eq!(
        act(
            &mut world,
            &first,
            &change(60, &[Role::Auditor, Role::Isso]),
            at(1)
        ),
        refused("appointment.barred-combination")
    );
    assert_eq!(
        act(&mut world, &auditor, &change(61, &[Role::Hiso]), at(1)),
        refused("authorise.no-authority")
    );
    act(
        &mut world,
        &first,
        &change(61, &[Role::Hiso, Role::Isso]),
        at(1),
    )
    .unwrap();
    assert_eq!(world.posts[&PostId::new(fresh(1061))].version, 1);
    assert!(world.role_is_held(Role::Isso, at(2)));
    let abolish = Command::Structure(Box::new(StructureCommand::AbolishPost {
        post: PostId::new(fresh(1061)),
        unit: root(),
        until: at(5),
        expected: Some(1),
    }));
    act(&mut world, &first, &abolish, at(3)).unwrap();
    assert!(world.role_is_held(Role::Isso, at(4)));
    assert!(!world.role_is_held(Role::Isso, at(5)));
}
