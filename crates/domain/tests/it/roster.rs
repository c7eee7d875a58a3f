//! Units, posts and people by a whole file: every row by the checks of its own, and all or none.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{
    Command, PersonRow, PostRow, RosterCommand, UnitRow, check_roster, decide,
};
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, root, sealed};
use super::registers::{found, holder, refused};

fn unit(n: u64) -> UnitId {
    UnitId::new(fresh(n))
}

fn person(n: u64) -> PersonId {
    PersonId::new(fresh(n))
}

fn post(n: u64) -> PostId {
    PostId::new(fresh(n))
}

fn unit_row(n: u64, parent: UnitId, expected: Option<u64>) -> UnitRow {
    UnitRow {
        id: unit(n),
        parent,
        name: name(&format!("第{n}課")),
        expected,
    }
}

fn person_row(n: u64, unit: UnitId, posts: &[u64], expected: Option<u64>) -> PersonRow {
    PersonRow {
        id: person(n),
        unit,
        profile: expected.is_none().then(|| sealed(person(n))),
        posts: posts
            .iter()
            .map(|to| (AppointmentId::new(fresh(n * 1000 + to)), post(*to)))
            .collect(),
        expected,
    }
}

fn units(rows: Vec<UnitRow>) -> RosterCommand {
    RosterCommand::Units { rows }
}

fn people(rows: Vec<PersonRow>) -> RosterCommand {
    RosterCommand::People { rows }
}

fn command(roster: RosterCommand) -> Command {
    Command::Roster(Box::new(roster))
}

/// Line, field and code of everything wrong.
fn faults(world: &World, actor: &Actor, roster: &RosterCommand) -> Vec<String> {
    let all = check_roster(world, actor, roster, at(10));
    let told = all.into_iter().map(|fault| {
        let line = fault.line.map_or(-1, |line| i64::try_from(line).unwrap());
        let field = fault.refusal.field.unwrap_or_default();
        format!("{line} {field} {}", fault.refusal.reason.code)
    });
    told.collect()
}

#[test]
fn new_units_stand_below_new_units_and_old_ones_change_places() {
    let mut world = founded();
    let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
    for n in [50, 51] {
        found(&mut world, n, root());
    }
    found(&mut world, 52, unit(51));
    // Who stood below the other now stands above it, and a new one between them.
    let file = units(vec![
        unit_row(52, root(), Some(0)),
        unit_row(60, unit(52), None),
        unit_row(61, unit(60), None),
        unit_row(51, unit(61), Some(0)),
    ]);
    assert_eq!(faults(&world, &hiso, &file), Vec::<String>::new());
    assert_eq!(act(&mut world, &hiso, &command(file), at(10)), Ok(4));
    assert!(world.unit_is_within(unit(51), unit(52), at(10)));
    assert!(!world.unit_is_within(unit(52), unit(51), at(10)));
    // At the versions of before nothing happens any more.
    let stale = units(vec![unit_row(52, unit(50), Some(0))]);
    let stale = act(&mut world, &hiso, &command(stale), at(11));
    assert_eq!(stale, refused("command.stale"));
}

#[test]
fn what_does_not_fit_in_the_tree_is_named_and_all_of_it_stays_out() {
    let mut world = founded();
    let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
    for n in [50, 51] {
        found(&mut world, n, root());
    }
    let file = units(vec![
        unit_row(50, unit(51), Some(0)),
        unit_row(51, unit(50), Some(0)),
        unit_row(60, unit(99), None),
        unit_row(61, root(), None),
        unit_row(61, root(), None),
    ]);
    let wrong = [
        "0 parent unit.cycle",
        "1 parent unit.cycle",
        "2 parent unit.unknown",
        "4 id roster.twice",
    ];
    assert_eq!(faults(&world, &hiso, &file), wrong);
    let before = world.clone();
    let done = act(&mut world, &hiso, &command(file), at(10));
    assert_eq!(done, refused("unit.cycle"));
    assert_eq!(world.units, before.units);
    let empty = act(&mut world, &hiso, &command(units(Vec::new())), at(10));
    assert_eq!(empty, refused("import.empty"));
}

#[test]
fn people_come_with_their_posts_and_nobody_comes_to_hold_what_is_barred() {
    let mut world = founded();
    let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
    let posts = [(10, Role::Staff), (11, Role::Auditor), (12, Role::Diso)];
    let rows = posts.map(|(n, role)| PostRow {
        post: Post::created(post(n), root(), name("官職"), vec![role]),
        expected: None,
    });
    let file = RosterCommand::Posts { rows: rows.into() };
    assert_eq!(act(&mut world, &hiso, &command(file), at(10)), Ok(3));
    let file = people(vec![
        person_row(20, root(), &[10, 11], None),
        person_row(21, root(), &[11, 12], None),
        person_row(22, root(), &[12, 12], None),
        person_row(23, unit(99), &[], None),
        person_row(24, root(), &[99], None),
        // Appointing oneself is nobody's.
        person_row(100, root(), &[12], Some(0)),
    ]);
    let wrong = [
        "1 posts appointment.barred-combination",
        "2 posts appointment.overlaps",
        "3 unit unit.unknown",
        "4 posts post.unknown",
        "5 posts appointment.oneself",
    ];
    assert_eq!(faults(&world, &hiso, &file), wrong);
    let sound = people(vec![person_row(20, root(), &[10, 11], None)]);
    assert_eq!(act(&mut world, &hiso, &command(sound), at(10)), Ok(3));
    assert_eq!(world.posts_held(person(20), at(10)).count(), 2);
}

#[test]
fn every_row_is_asked_for_at_the_gate() {
    let mut world = founded();
    holder(&mut world, 100, root(), &[Role::Hiso]);
    holder(&mut world, 101, root(), &[Role::Ciso]);
    for n in [50, 51] {
        found_by(&mut world, n);
    }
    let iso = holder_by(&mut world, 102, unit(50), Role::Iso);
    let file = people(vec![
        person_row(20, unit(50), &[], None),
        person_row(21, unit(51), &[], None),
        person_row(22, unit(50), &[1102], None),
    ]);
    let wrong = ["1  authorise.out-of-reach", "2  authorise.no-authority"];
    assert_eq!(faults(&world, &iso, &file), wrong);
    // The first row alone opens nothing for the others.
    let done = decide(&world, &iso, &command(file), at(10));
    assert_eq!(done.unwrap_err().reason.code, "authorise.out-of-reach");
    let shell = people(vec![person_row(20, unit(50), &[], None)]);
    let done = decide(&world, &Actor::Operator, &command(shell), at(10));
    assert_eq!(done.unwrap_err().reason.code, "authorise.no-authority");
}

/// A unit founded by the head officer, since the first officer's power is over.
fn found_by(world: &mut World, n: u64) {
    let hiso = Actor::person(person(100));
    let file = units(vec![unit_row(n, root(), None)]);
    act(world, &hiso, &command(file), at(5)).unwrap();
}

fn holder_by(world: &mut World, n: u64, unit: UnitId, role: Role) -> Actor {
    let hiso = Actor::person(person(100));
    let row = PostRow {
        post: Post::created(post(n + 1000), unit, name("官職"), vec![role]),
        expected: None,
    };
    let posts = RosterCommand::Posts { rows: vec![row] };
    act(world, &hiso, &command(posts), at(5)).unwrap();
    let file = people(vec![person_row(n, unit, &[n + 1000], None)]);
    act(world, &hiso, &command(file), at(5)).unwrap();
    Actor::person(person(n))
}
