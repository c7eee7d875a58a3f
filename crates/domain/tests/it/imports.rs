//! Many entries at once: all or none, one record with its rows beside it.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand, decide};
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::MediumId;
use sekisho_domain::register::{ImportRow, Register, decode_rows, encode_rows};
use sekisho_domain::role::Role;
use sekisho_domain::world::{Documents, NoDocuments, World};

use super::commands::{act, at, founded, fresh, root};
use super::registers::{enter, holder, medium};

struct One(Vec<u8>);

impl Documents for One {
    fn document(&self, _digest: &str) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

fn row(n: u64, number: &str, expected: Option<u64>) -> ImportRow {
    ImportRow {
        id: MediumId::new(fresh(n)).into(),
        unit: Some(root()),
        particulars: medium(number).into(),
        expected,
    }
}

fn import(rows: &[ImportRow]) -> Command {
    Command::Register(Box::new(RegisterCommand::Import {
        register: Register::Medium,
        rows: rows.to_vec().into(),
        document: BlobRef {
            blob: "ab".repeat(32),
            size: 1,
        },
    }))
}

/// A World with one medium, M-1, and who keeps the register.
fn with_medium() -> (World, Actor) {
    let mut world = founded();
    let keeper = holder(&mut world, 60, root(), &[Role::Isso]);
    let first = MediumId::new(fresh(70));
    let command = enter(first, Some(root()), medium("M-1"));
    act(&mut world, &keeper, &command, at(1)).unwrap();
    (world, keeper)
}

#[test]
fn an_import_is_refused_as_a_whole_and_names_the_row() {
    let (world, keeper) = with_medium();
    let new = |n, number| row(n, number, None);
    let cases = [
        (vec![], "import.empty", None),
        (vec![row(70, "M-2", Some(9))], "command.stale", Some(1)),
        (
            vec![new(71, "M-2"), new(72, "m-1")],
            "entry.duplicate",
            Some(2),
        ),
        (
            vec![new(71, "M-2"), new(73, "ｍ－２")],
            "entry.duplicate",
            Some(2),
        ),
        (
            vec![new(71, "M-2"), new(71, "M-3")],
            "entry.exists",
            Some(2),
        ),
        // The number is free only once the first row has taken another; rows are held against
        // what is there.
        (
            vec![row(70, "M-2", Some(1)), new(71, "M-1")],
            "entry.duplicate",
            Some(2),
        ),
    ];
    for (rows, code, number) in cases {
        let refusal = decide(&world, &keeper, &import(&rows), at(2)).unwrap_err();
        assert_eq!(refusal.reason.code, code);
        let named = refusal.reason.params.get("row").cloned();
        assert_eq!(named, number.map(|n: i64| n.into()), "{code}");
    }
}

#[test]
fn an_import_is_one_record_with_its_rows_beside_it() {
    let (mut world, keeper) = with_medium();
    let rows = vec![
        row(70, "M-4", Some(1)),
        row(71, "M-2", None),
        row(72, "M-3", None),
    ];
    let decided = decide(&world, &keeper, &import(&rows), at(2)).unwrap();
    let bytes = encode_rows(&rows);
    assert_eq!(decode_rows(&bytes).unwrap(), rows);
    assert_eq!(decode_rows(&bytes[..bytes.len() - 9]), None);
    let event = decided.events[0].clone();
    let counted = matches!(
        event,
        Event::RegisterImported {
            entered: 2,
            changed: 1,
            ..
        }
    );
    assert!(counted, "{event:?}");
    let stored = StoredEvent {
        actor: decided.actor,
        recorded_at: at(2),
        effective_from: None,
        event,
    };
    assert!(world.clone().apply(&stored, &NoDocuments).is_err());
    world.apply(&stored, &One(bytes)).unwrap();
    assert_eq!(world.registers.active(Register::Medium).count(), 3);
    let changed = world.registers.entry(MediumId::new(fresh(70))).unwrap();
    assert_eq!(changed.version, 2);
    let snapshot = serde_json::to_string(&world).unwrap();
    assert_eq!(serde_json::from_str::<World>(&snapshot).unwrap(), world);
}

#[test]
fn a_chief_imports_what_is_below_and_nothing_else() {
    let (mut world, _) = with_medium();
    let section = super::registers::found(&mut world, 50, root());
    let chief = holder(&mut world, 61, section, &[Role::Diso]);
    let at_unit = |row: ImportRow| ImportRow {
        unit: Some(section),
        ..row
    };
    let own = at_unit(row(71, "M-2", None));
    assert!(decide(&world, &chief, &import(std::slice::from_ref(&own)), at(2)).is_ok());
    let outside = [own.clone(), row(72, "M-3", None)];
    let taken = [own, at_unit(row(70, "M-1", Some(1)))];
    for rows in [outside, taken] {
        let refusal = decide(&world, &chief, &import(&rows), at(2)).unwrap_err();
        assert_eq!(refusal.reason.code, "authorise.out-of-reach");
    }
}
