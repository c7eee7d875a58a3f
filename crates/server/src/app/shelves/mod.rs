//! What list pages look through: a shelf for every register, and one for people.
//!
//! The shelves stand beside the World, as the directory does, and follow the same events.

mod columns;
mod parcel;
mod rows;
mod shelf;

use std::collections::BTreeMap;

use sekisho_domain::arrival::Arrival;
use sekisho_domain::event::Event;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::{EntryId, ImportRows, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::directory::{Directory, PersonProfile};
pub use columns::{Columns, columns};
pub use parcel::Parcel;
pub use shelf::{Cursor, NO_FACET, Page, Query, Row, Shelf};

/// The shelves.
#[derive(Debug, Default)]
pub struct Shelves {
    registers: BTreeMap<Register, Shelf>,
    people: Shelf,
}

impl Shelves {
    /// The shelves of a World.
    #[must_use]
    pub fn of(world: &World, directory: &Directory) -> Self {
        let registers = Register::ALL
            .iter()
            .map(|register| (*register, register_shelf(world, *register)));
        Self {
            registers: registers.collect(),
            people: people_shelf(world, directory),
        }
    }

    /// The shelf of a register.
    #[must_use]
    pub fn register(&self, register: Register) -> Option<&Shelf> {
        self.registers.get(&register)
    }

    /// The shelf of people.
    #[must_use]
    pub const fn people(&self) -> &Shelf {
        &self.people
    }

    /// Takes in what an event has changed in the World.
    pub(super) fn follow(&mut self, event: &Event, world: &World, directory: &Directory) {
        match event {
            Event::RegisterEntered { id, .. }
            | Event::RegisterChanged { id, .. }
            | Event::RegisterRetired { id, .. }
            | Event::RegisterRestored { id, .. } => self.entry(*id, world),
            Event::ConcernTold { told } => self.entry(told.concern.into(), world),
            Event::ConcernSaid { said } => self.entry(said.concern.into(), world),
            Event::ConcernAnswered { answered } => self.entry(answered.concern.into(), world),
            Event::RegisterImported { register, .. } => {
                self.registers
                    .insert(*register, register_shelf(world, *register));
            }
            Event::PersonRegistered { person, .. }
            | Event::PersonChanged { person, .. }
            | Event::PersonLeft { person, .. }
            | Event::PersonReturned { person, .. } => self.person(*person, world, directory),
            Event::PeopleImported { .. } => self.people = people_shelf(world, directory),
            Event::PersonForgotten { person } => self.forget(*person),
            _ => {}
        }
    }

    /// Takes in the rows of an import that was recorded at this instant.
    pub(super) fn import(&mut self, register: Register, parcel: Parcel, at: Timestamp) {
        if let Some(shelf) = self.registers.get_mut(&register) {
            let when = rows::when(at);
            shelf.take_in(parcel.map(|row| rows::written(row, &when)));
        }
    }

    /// Takes in people who come at once.
    pub(super) fn people_come(&mut self, parcel: Parcel) {
        self.people.take_in(parcel);
    }

    fn entry(&mut self, id: EntryId, world: &World) {
        let Some(entry) = world.registers.entry(id) else {
            return;
        };
        if let Some(shelf) = self.registers.get_mut(&entry.register()) {
            shelf.put(rows::entry(entry));
        }
    }

    /// Takes a person away, with everything the person was found by.
    pub(super) fn forget(&mut self, person: PersonId) {
        self.people.forget(&person.to_string());
    }

    fn person(&mut self, person: PersonId, world: &World, directory: &Directory) {
        match rows::person(world, directory, person) {
            Some(row) => self.people.put(row),
            None => self.people.forget(&person.to_string()),
        }
    }
}

/// The rows of an import, laid out for their shelf.
pub(super) fn parcel(register: Register, rows: &ImportRows) -> Parcel {
    let rows = rows.iter().map(rows::imported);
    Parcel::of(shelf_columns(register), rows.collect())
}

/// People who come at once, laid out for their shelf.
pub(super) fn parcel_of_people(coming: &[(&Arrival, PersonProfile)]) -> Parcel {
    let rows = coming
        .iter()
        .map(|(arrival, profile)| rows::arriving(arrival, profile));
    Parcel::of(rows::PEOPLE_COLUMNS, rows.collect())
}

fn people_shelf(world: &World, directory: &Directory) -> Shelf {
    let people = world.people.keys();
    let rows = people.filter_map(|person| rows::person(world, directory, *person));
    Shelf::of(rows::PEOPLE_COLUMNS, rows.collect())
}

/// The columns of its list, and when each entry was last written.
const fn shelf_columns(register: Register) -> usize {
    columns(register).sorted.len() + 1
}

fn register_shelf(world: &World, register: Register) -> Shelf {
    let rows = world.registers.all(register).map(rows::entry);
    Shelf::of(shelf_columns(register), rows.collect())
}
