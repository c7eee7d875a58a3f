//! Units, posts and people by a whole file: every row by the checks of its own, and all or none.

use sekisho_domain::actor::Actor;
use sekisho_domain::arrival::{ARRIVALS_MAX, encode_arrivals};
use sekisho_domain::command::{
    Command, NewPerson, PersonRow, PostRow, ROSTER_MAX, RosterCommand, UnitRow, arrivals,
    check_roster, decide,
};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::{Documents, World};

use super::commands::{act, act_with, at, founded, fresh, name, root, sealed};
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
    let documents = (0..arrivals(&rows).len().div_ceil(ARRIVALS_MAX)).map(|part| BlobRef {
        blob: part.to_string(),
        size: 0,
    });
    RosterCommand::People {
        documents: documents.collect(),
        rows,
    }
}

/// The documents of people who come, by their place.
struct Parts(Vec<Vec<u8>>);

impl Documents for Parts {
    fn document(&self, digest: &str) -> Option<Vec<u8>> {
        self.0.get(digest.parse::<usize>().ok()?).cloned()
    }
}

/// Carries a file of people out, as the writer does.
fn come(
    world: &mut World,
    actor: &Actor,
    file: RosterCommand,
    now: Timestamp,
) -> Result<usize, String> {
    let RosterCommand::People { rows, .. } = &file else {
        panic!("{file:?}")
    };
    let new = arrivals(rows);
    let parts = Parts(new.chunks(ARRIVALS_MAX).map(encode_arrivals).collect());
    act_with(world, actor, &command(file), now, &parts)
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
    assert_eq!(come(&mut world, &hiso, sound, at(10)), Ok(1));
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
        // Who is out of reach stays so, though the row is right about her.
        person_row(101, root(), &[], Some(0)),
    ]);
    let wrong = [
        "1  authorise.out-of-reach",
        "2  authorise.no-authority",
        "3  authorise.out-of-reach",
    ];
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
    come(world, &hiso, file, at(5)).unwrap();
    Actor::person(person(n))
}

#[test]
fn many_who_come_at_once_come_as_if_each_had_been_registered_alone() {
    let mut world = founded();
    let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
    found_by(&mut world, 50);
    let rows: Vec<PostRow> = (10..20)
        .map(|n| PostRow {
            post: Post::created(post(n), root(), name("官職"), vec![Role::Staff]),
            expected: None,
        })
        .collect();
    let posts = RosterCommand::Posts { rows };
    act(&mut world, &hiso, &command(posts), at(6)).unwrap();
    let mut alone = world.clone();
    // More than two documents hold, some with posts, into two units.
    let rows: Vec<PersonRow> = (0..2_500_u64)
        .map(|n| {
            let posts: &[u64] = if n % 7 == 0 { &[10 + n % 10] } else { &[] };
            let unit = if n % 3 == 0 { unit(50) } else { root() };
            person_row(10_000 + n, unit, posts, None)
        })
        .collect();
    for row in &rows {
        let person = NewPerson {
            id: row.id,
            profile: row.profile.clone().unwrap(),
        };
        let unit = row.unit;
        let register = Command::RegisterPerson { person, unit };
        act(&mut alone, &hiso, &register, at(10)).unwrap();
        for (id, post) in &row.posts {
            let appoint = Command::Appoint {
                id: *id,
                person: row.id,
                post: *post,
                valid: Interval::starting(at(10)),
            };
            act(&mut alone, &hiso, &appoint, at(10)).unwrap();
        }
    }
    assert_eq!(come(&mut world, &hiso, people(rows), at(10)), Ok(3));
    assert_ne!(world.events, alone.events);
    alone.events = world.events;
    assert_eq!(world, alone);
}

#[test]
fn what_would_keep_others_waiting_is_split_over_several_files() {
    let mut world = founded();
    let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
    let most = u64::try_from(ROSTER_MAX).unwrap();
    let many = units(
        (0..=most)
            .map(|n| unit_row(1_000 + n, root(), None))
            .collect(),
    );
    assert_eq!(faults(&world, &hiso, &many), ["-1  import.too-many"]);
    let rows = (0..=most).map(|n| person_row(20_000 + n, root(), &[], Some(0)));
    let known = people(rows.collect());
    assert_eq!(
        faults(&world, &hiso, &known),
        ["-1  import.too-many-changes"]
    );
    // Those who are new do not count.
    let rows = (0..=most).map(|n| person_row(20_000 + n, root(), &[], None));
    assert_eq!(
        faults(&world, &hiso, &people(rows.collect())),
        Vec::<String>::new()
    );
    // Documents that are not those of the rows are not stored.
    let row = person_row(20_000, root(), &[], None);
    let none = RosterCommand::People {
        rows: vec![row],
        documents: Vec::new(),
    };
    let refused = decide(&world, &hiso, &command(none), at(10));
    assert_eq!(refused.unwrap_err().reason.code, "record.refused");
}
