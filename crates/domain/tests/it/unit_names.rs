//! Two units below the same unit bore one name, and whoever chose one from a list could not tell which.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RosterCommand, StructureCommand, UnitRow};
use sekisho_domain::id::UnitId;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use super::commands::{act, at, founded, fresh, name, root};
use super::registers::holder;

const TAKEN: Result<usize, &str> = Err("unit.name-taken");

fn unit(n: u64) -> UnitId {
    UnitId::new(fresh(n))
}

struct Scene {
    world: World,
    hiso: Actor,
}

impl Scene {
    fn new() -> Self {
        let mut world = founded();
        let hiso = holder(&mut world, 100, root(), &[Role::Hiso]);
        Self { world, hiso }
    }

    fn asks(&mut self, command: &Command) -> Result<usize, String> {
        act(&mut self.world, &self.hiso, command, at(10))
    }

    fn founds(
        &mut self,
        n: u64,
        parent: UnitId,
        called: &str,
        from: Timestamp,
    ) -> Result<usize, String> {
        self.asks(&Command::FoundUnit {
            id: unit(n),
            parent,
            name: name(called),
            valid: Interval::starting(from),
        })
    }

    fn renames(&mut self, n: u64, called: &str, from: Timestamp) -> Result<usize, String> {
        self.asks(&Command::Structure(Box::new(
            StructureCommand::RenameUnit {
                unit: unit(n),
                name: name(called),
                from,
                expected: None,
            },
        )))
    }

    fn moves(&mut self, n: u64, parent: UnitId) -> Result<usize, String> {
        self.asks(&Command::Structure(Box::new(StructureCommand::MoveUnit {
            unit: unit(n),
            parent,
            from: at(10),
            expected: None,
        })))
    }

    fn loads(&mut self, rows: &[(u64, UnitId, &str, Option<u64>)]) -> Result<usize, String> {
        let row = |(n, parent, called, expected): &(u64, UnitId, &str, Option<u64>)| UnitRow {
            id: unit(*n),
            parent: *parent,
            name: name(called),
            expected: *expected,
        };
        let rows = rows.iter().map(row).collect();
        self.asks(&Command::Roster(Box::new(RosterCommand::Units { rows })))
    }
}

fn told(answer: &Result<usize, String>) -> Result<usize, &str> {
    answer.as_ref().copied().map_err(String::as_str)
}

#[test]
fn a_name_is_given_once_below_a_unit_and_may_be_given_again_below_another() {
    let mut scene = Scene::new();
    scene.founds(50, root(), "第1課", at(10)).unwrap();
    for same in ["第1課", "第１課", "第 1 課"] {
        assert_eq!(
            told(&scene.founds(51, root(), same, at(10))),
            TAKEN,
            "{same}"
        );
    }
    scene.founds(51, unit(50), "第1課", at(10)).unwrap();
    assert_eq!(told(&scene.moves(51, root())), TAKEN);
    scene.renames(51, "第2課", at(10)).unwrap();
    scene.moves(51, root()).unwrap();
    assert_eq!(told(&scene.renames(51, "第１課", at(10))), TAKEN);
}

#[test]
fn what_is_still_to_come_counts_and_what_is_over_does_not() {
    let mut scene = Scene::new();
    scene.founds(50, root(), "第1課", at(10)).unwrap();
    scene.founds(51, root(), "第2課", at(500)).unwrap();
    assert_eq!(told(&scene.renames(50, "第2課", at(10))), TAKEN);
    // From the day on which the other gives its name up, it is free.
    scene.renames(50, "第3課", at(100)).unwrap();
    assert_eq!(told(&scene.founds(52, root(), "第1課", at(50))), TAKEN);
    scene.founds(52, root(), "第1課", at(100)).unwrap();
}

#[test]
fn units_do_not_come_to_bear_one_name_by_a_merger() {
    let mut scene = Scene::new();
    scene.founds(50, root(), "第1課", at(10)).unwrap();
    scene.founds(51, root(), "第2課", at(10)).unwrap();
    scene.founds(60, unit(50), "庶務係", at(10)).unwrap();
    scene.founds(61, unit(51), "庶務係", at(10)).unwrap();
    let merger = Command::Structure(Box::new(StructureCommand::AbolishUnit {
        unit: unit(51),
        until: at(20),
        heirs: vec![unit(50)],
        shares: Vec::new(),
        expected: None,
    }));
    assert_eq!(told(&scene.asks(&merger)), TAKEN);
    scene.renames(61, "第2庶務係", at(10)).unwrap();
    scene.asks(&merger).unwrap();
    // From then on it stands below the heir, and may not take the name either.
    assert_eq!(told(&scene.renames(61, "庶務係", at(30))), TAKEN);
}

#[test]
fn a_file_may_hand_names_on_and_may_not_double_them() {
    let mut scene = Scene::new();
    scene.founds(50, root(), "第1課", at(10)).unwrap();
    scene.founds(51, root(), "第2課", at(10)).unwrap();
    let doubled = [(50, root(), "第2課", Some(0))];
    assert_eq!(told(&scene.loads(&doubled)), TAKEN);
    let new = [(60, root(), "企画課", None), (61, root(), "企画課", None)];
    assert_eq!(told(&scene.loads(&new)), TAKEN);
    let swapped = [
        (50, root(), "第2課", Some(0)),
        (51, root(), "第1課", Some(0)),
    ];
    scene.loads(&swapped).unwrap();
    let handed_on = [(62, root(), "第1課", None), (51, root(), "第3課", Some(1))];
    scene.loads(&handed_on).unwrap();
    assert_eq!(
        scene.world.units[&unit(50)].name_at(at(11)).ja.as_str(),
        "第2課"
    );
}
