//! Personnel moves: checked as a whole, taken hold of at the instant, recorded in slices; and a random
//! walk of lists against a small model written separately.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::AppointmentKind;
use sekisho_domain::command::{Command, MovesCommand, SLICE, check_moves, decide, vacated};
use sekisho_domain::event::{BlobRef, StoredEvent};
use sekisho_domain::id::{AppointmentId, MoveListId, PersonId, PostId, UnitId};
use sekisho_domain::moves::{MoveKind, MoveLine, MoveState, decode_lines, encode_lines};
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::{Documents, World};

use super::commands::{act, at, founded, fresh, root};
use super::registers::{found, holder, refused};

struct One(Vec<u8>);

impl Documents for One {
    fn document(&self, _digest: &str) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

fn person(n: u64) -> PersonId {
    PersonId::new(fresh(n))
}

/// The post that [`holder`] makes for a person.
fn post(n: u64) -> PostId {
    PostId::new(fresh(n + 1000))
}

fn line(kind: MoveKind, who: u64, from: Option<u64>, to: Option<u64>) -> MoveLine {
    MoveLine {
        kind,
        person: person(who),
        from: from.map(post),
        to: to.map(post),
        unit: None,
        appointment: to.map(|to| AppointmentId::new(fresh(5000 + who * 100 + to))),
    }
}

fn list(n: u64) -> MoveListId {
    MoveListId::new(fresh(9000 + n))
}

/// Accepts a list as the edge does: the lines and the document made of them.
fn accept(
    world: &mut World,
    n: u64,
    day: Timestamp,
    lines: &[MoveLine],
    now: Timestamp,
) -> Result<usize, String> {
    let command = Command::Moves(Box::new(MovesCommand::Accept {
        list: list(n),
        at: day,
        lines: lines.to_vec(),
        document: BlobRef {
            blob: "ab".repeat(32),
            size: 1,
        },
    }));
    let actor = Actor::person(ciso());
    let decided =
        decide(world, &actor, &command, now).map_err(|refusal| refusal.reason.code.to_string())?;
    let count = decided.events.len();
    for event in decided.events {
        let stored = StoredEvent {
            actor: decided.actor.clone(),
            recorded_at: now,
            effective_from: None,
            event,
        };
        world.apply(&stored, &One(encode_lines(lines))).unwrap();
    }
    Ok(count)
}

fn carry_out(world: &mut World, n: u64, now: Timestamp) -> Result<usize, String> {
    let list = list(n);
    let command = Command::Moves(Box::new(MovesCommand::CarryOut { list }));
    act(world, &Actor::System, &command, now)
}

const CISO: u64 = 40;

fn ciso() -> PersonId {
    person(CISO)
}

/// Two sections with a chief and a member each, and who accepts lists.
fn two_sections() -> (World, UnitId, UnitId) {
    let mut world = founded();
    let (a, b) = (found(&mut world, 50, root()), found(&mut world, 51, root()));
    holder(&mut world, CISO, root(), &[Role::Ciso]);
    holder(&mut world, 60, a, &[Role::Diso]);
    holder(&mut world, 61, b, &[Role::Diso]);
    holder(&mut world, 62, a, &[Role::Staff]);
    holder(&mut world, 63, b, &[Role::Auditor]);
    (world, a, b)
}

#[test]
fn a_dry_run_names_every_line_at_fault() {
    let (world, ..) = two_sections();
    use MoveKind::{Acting, Concurrent, ConcurrentEnd, Leave, Transfer};
    let cases = [
        (line(Transfer, 60, Some(60), Some(61)), None),
        (line(Transfer, 99, None, Some(61)), Some("person.unknown")),
        (line(Transfer, 61, Some(61), None), Some("move.no-new-post")),
        (
            line(Concurrent, 61, Some(61), Some(60)),
            Some("move.post-of-no-use"),
        ),
        (
            line(ConcurrentEnd, 61, None, None),
            Some("move.no-old-post"),
        ),
        (line(Leave, 62, Some(61), None), Some("move.post-not-held")),
        (line(Transfer, 62, Some(62), Some(99)), Some("post.unknown")),
        (
            line(Concurrent, 63, None, Some(60)),
            Some("appointment.barred-combination"),
        ),
        (
            line(Acting, CISO, None, Some(60)),
            Some("appointment.oneself"),
        ),
        (line(Leave, 61, None, None), None),
        (line(Acting, 61, None, Some(60)), Some("move.person-leaves")),
        (
            line(Acting, 60, None, Some(61)),
            Some("appointment.overlaps"),
        ),
    ];
    let lines: Vec<MoveLine> = cases.iter().map(|(line, _)| line.clone()).collect();
    let faults = check_moves(&world, &Actor::person(ciso()), at(100), &lines, at(1));
    let found: BTreeMap<usize, String> = faults
        .iter()
        .map(|it| (it.line.unwrap(), it.refusal.reason.code.to_string()))
        .collect();
    let expected: BTreeMap<usize, String> = cases
        .iter()
        .enumerate()
        .filter_map(|(place, (_, code))| Some((place, (*code)?.to_owned())))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(faults.len(), expected.len(), "one fault a line");
    let late = check_moves(&world, &Actor::person(ciso()), at(0), &lines, at(1));
    assert_eq!(late[0].refusal.reason.code, "moves.in-past");
}

/// It once went by the order of the lines, and asked about concurrent posts as well.
#[test]
fn which_post_a_transfer_ends_is_asked_once_all_lines_are_known() {
    use MoveKind::{Concurrent, ConcurrentEnd, Transfer};
    let (mut world, ..) = two_sections();
    let faults = |world: &World, lines: &[MoveLine]| -> Vec<(usize, String)> {
        let found = check_moves(world, &Actor::person(ciso()), at(200), lines, at(150));
        let told = |it: sekisho_domain::command::LineFault| {
            (it.line.unwrap(), it.refusal.reason.code.to_string())
        };
        found.into_iter().map(told).collect()
    };
    let to_chief = line(Transfer, 62, None, Some(60));
    let asked = [(0, "move.which-post-ends".to_owned())];
    assert_eq!(faults(&world, std::slice::from_ref(&to_chief)), asked);
    let end = line(ConcurrentEnd, 62, Some(62), None);
    let both = [to_chief.clone(), end.clone()];
    assert_eq!(faults(&world, &both), []);
    let [one, other] = both;
    assert_eq!(faults(&world, &[other, one]), []);
    // Nor does it matter where the line stands that ends what another gives as one's own.
    let mut beside = line(Concurrent, 62, None, Some(60));
    beside.appointment = Some(AppointmentId::new(fresh(7776)));
    accept(&mut world, 9, at(50), &[beside], at(1)).unwrap();
    carry_out(&mut world, 9, at(50)).unwrap();
    let mut own = line(Transfer, 62, Some(62), Some(60));
    own.appointment = Some(AppointmentId::new(fresh(7777)));
    let free = line(ConcurrentEnd, 62, Some(60), None);
    for lines in [[own.clone(), free.clone()], [free.clone(), own]] {
        assert_eq!(faults(&world, &lines), []);
    }
    accept(&mut world, 8, at(60), &[free], at(51)).unwrap();
    carry_out(&mut world, 8, at(60)).unwrap();
    // A concurrent post alone is no post that a transfer ends.
    let beside = [line(Concurrent, 62, None, Some(61)), end];
    accept(&mut world, 1, at(100), &beside, at(61)).unwrap();
    carry_out(&mut world, 1, at(100)).unwrap();
    assert!(world.holders(post(61), at(150)).any(|it| it == person(62)));
    assert_eq!(faults(&world, &[to_chief]), []);
}

#[test]
fn a_post_that_a_list_leaves_vacant_is_named() {
    let (world, ..) = two_sections();
    let swap = [
        line(MoveKind::Transfer, 60, Some(60), Some(61)),
        line(MoveKind::Transfer, 61, Some(61), Some(60)),
        line(MoveKind::Leave, 62, None, None),
    ];
    assert_eq!(vacated(&world, at(100), &swap), []);
    let gap = vacated(&world, at(100), &swap[..1]);
    assert_eq!(gap.iter().map(|it| it.post).collect::<Vec<_>>(), [post(60)]);
}

#[test]
fn from_the_instant_on_the_old_post_gives_nothing_and_the_new_one_once_recorded() {
    let (mut world, a, b) = two_sections();
    let lines = [
        line(MoveKind::Transfer, 60, Some(60), Some(61)),
        line(MoveKind::Leave, 62, None, None),
    ];
    accept(&mut world, 1, at(100), &lines, at(1)).unwrap();
    let holds = |world: &World, who, what, second| {
        world
            .holders(post(what), at(second))
            .any(|it| it == person(who))
    };
    assert!(holds(&world, 60, 60, 99) && world.is_member(person(62), at(99)));
    // It is known ahead, and of a person who only changes posts there is nothing to know.
    assert_eq!(world.leaves_at(person(62)), Some(at(100)));
    assert_eq!(world.leaves_at(person(60)), None);
    assert!(!holds(&world, 60, 60, 100), "before anything is recorded");
    assert!(!world.is_member(person(62), at(100)));
    assert_eq!(carry_out(&mut world, 1, at(99)), refused("moves.not-yet"));
    // Some seconds late, and exact all the same.
    carry_out(&mut world, 1, at(105)).unwrap();
    assert!(holds(&world, 60, 60, 99) && !holds(&world, 60, 60, 100));
    assert!(!holds(&world, 60, 61, 99) && holds(&world, 60, 61, 100));
    assert_eq!(world.unit_of(person(60), at(105)), Some(b));
    assert_eq!(world.unit_of(person(62), at(105)), Some(a));
    assert_eq!(world.left[&person(62)], at(100));
    assert_eq!(world.moves.list(list(1)).unwrap().state, MoveState::Done);
    assert_eq!(carry_out(&mut world, 1, at(106)), refused("moves.done"));
    let snapshot = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&snapshot).unwrap(), world);
}

#[test]
fn a_list_is_withdrawn_before_its_day_only() {
    let (mut world, ..) = two_sections();
    let lines = [line(MoveKind::Acting, 60, None, Some(61))];
    let withdraw = |n| Command::Moves(Box::new(MovesCommand::Withdraw { list: list(n) }));
    let who = Actor::person(ciso());
    for n in [1, 2] {
        let mut lines = lines.clone();
        lines[0].appointment = Some(AppointmentId::new(fresh(7000 + n)));
        accept(&mut world, n, at(100), &lines, at(1)).unwrap();
    }
    let early = act(&mut world, &who, &withdraw(1), at(99));
    assert_eq!(early, Ok(1));
    let late = act(&mut world, &who, &withdraw(2), at(100));
    assert_eq!(late, refused("moves.day-has-come"));
    assert_eq!(
        carry_out(&mut world, 1, at(101)),
        refused("moves.withdrawn")
    );
    carry_out(&mut world, 2, at(101)).unwrap();
    let acting = &world.appointments[&AppointmentId::new(fresh(7002))];
    assert_eq!(acting.kind, AppointmentKind::Acting);
    let person = Actor::person(person(60));
    let command = Command::Moves(Box::new(MovesCommand::CarryOut { list: list(2) }));
    assert_eq!(
        act(&mut world, &person, &command, at(102)),
        refused("authorise.no-authority")
    );
}

#[test]
fn a_line_that_does_not_fit_any_more_is_skipped_and_named() {
    use sekisho_domain::command::PersonCommand;
    let (mut world, ..) = two_sections();
    let lines = [
        line(MoveKind::Transfer, 60, Some(60), Some(61)),
        line(MoveKind::Acting, 61, None, Some(60)),
    ];
    accept(&mut world, 1, at(100), &lines, at(1)).unwrap();
    holder(&mut world, 45, root(), &[Role::Hiso]);
    let leave = Command::Person(Box::new(PersonCommand::Leave {
        person: person(60),
        expected: None,
    }));
    act(&mut world, &Actor::person(person(45)), &leave, at(50)).unwrap();
    carry_out(&mut world, 1, at(100)).unwrap();
    let done = world.moves.list(list(1)).unwrap();
    assert_eq!(done.skipped.len(), 1);
    assert_eq!(
        (done.skipped[0].line, done.skipped[0].code.as_str()),
        (0, "person.left")
    );
    assert!(world.holders(post(60), at(100)).any(|it| it == person(61)));
}

#[test]
fn lines_survive_their_document() {
    let lines = [
        line(MoveKind::Transfer, 60, Some(60), Some(61)),
        line(MoveKind::Leave, 62, None, None),
    ];
    let bytes = encode_lines(&lines);
    assert_eq!(decode_lines(&bytes).unwrap(), lines);
    assert_eq!(decode_lines(&bytes[..bytes.len() - 3]), None);
}

/// Twelve people with a post each, all of them chiefs.
fn office() -> World {
    let mut world = founded();
    holder(&mut world, CISO, root(), &[Role::Ciso]);
    for n in 60..72 {
        holder(&mut world, n, root(), &[Role::Staff]);
    }
    world
}

/// What each person holds, as somebody with paper and pencil would keep it.
type Paper = BTreeMap<u64, BTreeSet<u64>>;

/// Takes a line if it makes sense on paper.
fn on_paper(paper: &mut Paper, line: (MoveKind, u64, u64, u64)) -> Option<MoveLine> {
    let (kind, who, from, to) = line;
    let held = paper.get_mut(&who)?;
    let lacks = !held.contains(&to);
    match kind {
        MoveKind::Transfer if held.contains(&from) && from != to && lacks => {
            held.remove(&from);
            held.insert(to);
            Some(self::line(kind, who, Some(from), Some(to)))
        }
        MoveKind::Concurrent | MoveKind::Acting if lacks => {
            held.insert(to);
            Some(self::line(kind, who, None, Some(to)))
        }
        MoveKind::ConcurrentEnd if held.remove(&from) => {
            Some(self::line(kind, who, Some(from), None))
        }
        MoveKind::Leave => {
            paper.remove(&who);
            Some(self::line(kind, who, None, None))
        }
        _ => None,
    }
}

fn any_line() -> impl Strategy<Value = (MoveKind, u64, u64, u64)> {
    let one = 60_u64..72;
    (0..MoveKind::ALL.len() * 3, one.clone(), one.clone(), one).prop_map(|(kind, who, from, to)| {
        // Leaving is rare, or nobody is left.
        let kind = if kind > MoveKind::ALL.len() * 2 || kind < MoveKind::ALL.len() {
            MoveKind::ALL[kind % MoveKind::ALL.len()]
        } else {
            MoveKind::Transfer
        };
        (
            kind,
            who,
            if kind == MoveKind::Transfer {
                who
            } else {
                from
            },
            to,
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Lists of one line a person, one list after another: what the World says is what the paper says,
    /// before and after they are recorded.
    #[test]
    fn lists_come_out_as_on_paper(lists in prop::collection::vec(prop::collection::vec(any_line(), 1..8), 1..12)) {
        let mut world = office();
        let mut paper: Paper = (60..72).map(|n| (n, BTreeSet::from([n]))).collect();
        let mut ids = 20_000_u64;
        for (n, wanted) in (1_u64..).zip(lists) {
            let (now, day) = (at(i64::try_from(n).unwrap() * 100), at(i64::try_from(n).unwrap() * 100 + 50));
            let before = paper.clone();
            let mut busy = BTreeSet::new();
            let mut lines = Vec::new();
            for line in wanted {
                if !busy.insert(line.1) {
                    continue;
                }
                if let Some(mut line) = on_paper(&mut paper, line) {
                    ids += 1;
                    line.appointment = line.appointment.map(|_| AppointmentId::new(fresh(ids)));
                    lines.push(line);
                }
            }
            if lines.is_empty() {
                continue;
            }
            prop_assert_eq!(accept(&mut world, n, day, &lines, now), Ok(1));
            agree(&world, &before, at(i64::try_from(n).unwrap() * 100 + 49))?;
            while world.moves.due(day).is_some() {
                carry_out(&mut world, n, day).unwrap();
            }
            agree(&world, &paper, day)?;
            prop_assert!(world.moves.list(list(n)).unwrap().skipped.is_empty());
        }
    }
}

fn agree(world: &World, paper: &Paper, when: Timestamp) -> Result<(), TestCaseError> {
    for n in 60..72 {
        let held: BTreeSet<PostId> = world
            .posts_held(person(n), when)
            .map(|(_, post)| post.id)
            .collect();
        let expected = paper
            .get(&n)
            .into_iter()
            .flatten()
            .map(|n| post(*n))
            .collect();
        prop_assert_eq!(held, expected, "person {}", n);
        prop_assert_eq!(world.is_member(person(n), when), paper.contains_key(&n));
    }
    Ok(())
}

#[test]
fn a_long_list_is_carried_out_in_slices_and_others_go_on_in_between() {
    let mut world = founded();
    holder(&mut world, CISO, root(), &[Role::Ciso]);
    let target = found(&mut world, 50, root());
    let most = u64::from(SLICE) * 2 + 7;
    for n in 0..most {
        holder(&mut world, 100_000 + n * 10_000, root(), &[Role::Staff]);
    }
    let lines: Vec<MoveLine> = (0..most)
        .map(|n| MoveLine {
            kind: MoveKind::Transfer,
            person: person(100_000 + n * 10_000),
            from: Some(post(100_000 + n * 10_000)),
            to: Some(post(100_000 + ((n + 1) % most) * 10_000)),
            unit: Some(target),
            appointment: Some(AppointmentId::new(fresh(8_000_000 + n))),
        })
        .collect();
    accept(&mut world, 1, at(10), &lines, at(1)).unwrap();
    let mut slices = 0;
    while let Some(due) = world.moves.due(at(10)).map(|it| it.done) {
        assert_eq!(due, slices * SLICE);
        carry_out(&mut world, 1, at(10)).unwrap();
        slices += 1;
        found(&mut world, 1_000 + u64::from(slices), root());
    }
    assert_eq!(slices, 3);
    for n in 0..most {
        let who = person(100_000 + n * 10_000);
        assert_eq!(world.posts_held(who, at(10)).count(), 1);
        assert_eq!(world.unit_of(who, at(10)), Some(target));
    }
}
