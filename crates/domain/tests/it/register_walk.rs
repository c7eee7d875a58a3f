//! A random walk over a register against a small model written separately: what is accepted, what is
//! refused and why, and what stands in the register afterwards.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::MediumId;
use sekisho_domain::register::{Medium, Register};
use sekisho_domain::role::Role;
use sekisho_domain::world::{NoDocuments, World};

use super::commands::{at, founded, fresh, root};
use super::registers::{holder, medium};

/// What is asked: about which entry, with which number, on which version.
#[derive(Clone, Debug)]
enum Step {
    Enter(u64, u8),
    Change(u64, u8, Option<u64>),
    Retire(u64, Option<u64>),
    Restore(u64, Option<u64>),
    DeclareEmpty,
}

/// An entry as somebody with paper and pencil would keep it.
#[derive(Clone, Debug)]
struct Paper {
    number: u8,
    active: bool,
    version: u64,
}

#[derive(Default)]
struct Model {
    entries: BTreeMap<u64, Paper>,
    empty: bool,
}

impl Model {
    fn taken(&self, id: u64, number: u8) -> bool {
        let mut others = self.entries.iter();
        others.any(|(other, it)| *other != id && it.active && it.number == number)
    }

    fn known(&self, id: u64, expected: Option<u64>) -> Result<Paper, &'static str> {
        let known = self.entries.get(&id).ok_or("entry.unknown")?;
        match expected {
            Some(version) if version != known.version => Err("command.stale"),
            _ => Ok(known.clone()),
        }
    }

    fn take(&mut self, step: &Step) -> Result<(), &'static str> {
        match *step {
            Step::Enter(id, number) => {
                if self.entries.contains_key(&id) {
                    return Err("entry.exists");
                }
                if self.taken(id, number) {
                    return Err("entry.duplicate");
                }
                let (active, version) = (true, 1);
                let entry = Paper {
                    number,
                    active,
                    version,
                };
                self.entries.insert(id, entry);
                self.empty = false;
            }
            Step::Change(id, number, expected) => return self.change(id, number, expected),
            Step::Retire(id, expected) => {
                let known = self.known(id, expected)?;
                if !known.active {
                    return Err("entry.retired");
                }
                self.turn(id, known, false);
            }
            Step::Restore(id, expected) => {
                let known = self.known(id, expected)?;
                if known.active {
                    return Err("entry.in-use");
                }
                if self.taken(id, known.number) {
                    return Err("entry.duplicate");
                }
                self.turn(id, known, true);
                self.empty = false;
            }
            Step::DeclareEmpty => {
                if self.entries.values().any(|it| it.active) {
                    return Err("register.not-empty");
                }
                self.empty = true;
            }
        }
        Ok(())
    }

    fn change(&mut self, id: u64, number: u8, expected: Option<u64>) -> Result<(), &'static str> {
        if !self.known(id, None)?.active {
            return Err("entry.retired");
        }
        if self.taken(id, number) {
            return Err("entry.duplicate");
        }
        let known = self.known(id, expected)?;
        if known.number == number {
            return Err("entry.unchanged");
        }
        let version = known.version + 1;
        let entry = Paper {
            number,
            version,
            ..known
        };
        self.entries.insert(id, entry);
        Ok(())
    }

    fn turn(&mut self, id: u64, known: Paper, active: bool) {
        let version = known.version + 1;
        let entry = Paper {
            active,
            version,
            ..known
        };
        self.entries.insert(id, entry);
    }
}

fn id(n: u64) -> MediumId {
    MediumId::new(fresh(900 + n))
}

fn command(step: &Step) -> Command {
    let (register, remark) = (Register::Medium, None);
    let written = |number: u8| medium(&format!("M-{number}"));
    Command::Register(Box::new(match *step {
        Step::Enter(n, number) => RegisterCommand::Enter {
            id: id(n).into(),
            unit: Some(root()),
            particulars: written(number),
            remark,
        },
        Step::Change(n, number, expected) => RegisterCommand::Change {
            id: id(n).into(),
            unit: Some(root()),
            particulars: written(number),
            remark,
            expected,
        },
        Step::Retire(n, expected) => RegisterCommand::Retire {
            register,
            id: id(n).into(),
            remark,
            expected,
        },
        Step::Restore(n, expected) => RegisterCommand::Restore {
            register,
            id: id(n).into(),
            remark,
            expected,
        },
        Step::DeclareEmpty => RegisterCommand::DeclareEmpty { register },
    }))
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0_u64..5;
    let version = prop_oneof![2 => Just(None), 1 => (1_u64..5).prop_map(Some)];
    prop_oneof![
        3 => (which.clone(), 0_u8..6).prop_map(|(id, number)| Step::Enter(id, number)),
        4 => (which.clone(), 0_u8..6, version.clone()).prop_map(|(id, number, v)| Step::Change(id, number, v)),
        3 => (which.clone(), version.clone()).prop_map(|(id, v)| Step::Retire(id, v)),
        2 => (which, version).prop_map(|(id, v)| Step::Restore(id, v)),
        1 => Just(Step::DeclareEmpty),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_register_is_kept_as_on_paper(steps in prop::collection::vec(step(), 1..160)) {
        let mut world = founded();
        let keeper: Actor = holder(&mut world, 60, root(), &[Role::Isso]);
        let mut model = Model::default();
        let mut stored: Vec<StoredEvent> = Vec::new();
        let before = world.clone();
        for (second, step) in (1_i64..).zip(&steps) {
            let now = at(second);
            let decided = sekisho_domain::command::decide(&world, &keeper, &command(step), now);
            let said = decided.as_ref().map(|_| ()).map_err(|refusal| refusal.reason.code.to_string());
            prop_assert_eq!(said, model.take(step).map_err(str::to_owned), "{:?}", step);
            for event in decided.map(|it| it.events).unwrap_or_default() {
                let event = StoredEvent { actor: keeper.clone(), recorded_at: now, effective_from: None, event };
                world.apply(&event, &NoDocuments).unwrap();
                stored.push(event);
            }
            for (n, paper) in &model.entries {
                let (entry, noun) = world.registers.get::<Medium>(id(*n)).unwrap();
                prop_assert_eq!(entry.version, paper.version);
                prop_assert_eq!(entry.is_active(), paper.active);
                prop_assert_eq!(noun.number.as_str(), format!("M-{}", paper.number));
            }
            prop_assert_eq!(world.registers.len(Register::Medium), model.entries.len());
            let active = model.entries.values().filter(|it| it.active).count();
            prop_assert_eq!(world.registers.active(Register::Medium).count(), active);
            prop_assert_eq!(world.registers.declared_empty(Register::Medium, now).is_some(), model.empty);
        }
        let mut again = before;
        for event in &stored {
            let (kind, version) = event.event.kind();
            let read = Event::decode(kind, version, event.event.payload()).unwrap();
            again.apply(&StoredEvent { event: read, ..event.clone() }, &NoDocuments).unwrap();
        }
        prop_assert_eq!(&again, &world);
        let snapshot = serde_json::to_string(&world).unwrap();
        prop_assert_eq!(&serde_json::from_str::<World>(&snapshot).unwrap(), &world);
    }
}
