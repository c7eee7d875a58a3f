//! The registers in the World: the entries, and what lists and checks look them up by.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::id::{PersonId, UnitId};
use crate::name::folded;
use crate::register::places::{self, Places};
use crate::register::{Entry, EntryId, EntryKeys, Register, Registered};
use crate::time::{Interval, Timestamp};

/// The entries of every register, in use or retired.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Stored")]
pub struct Registers {
    entries: HashMap<EntryId, Kept>,
    of: BTreeMap<Register, BTreeSet<EntryId>>,
    of_unit: HashMap<UnitId, BTreeSet<EntryId>>,
    of_person: HashMap<PersonId, BTreeSet<EntryId>>,
    keys: BTreeMap<(Register, &'static str), HashMap<Arc<str>, EntryId>>,
    empty: BTreeMap<Register, Interval>,
    /// Until an entry moves on which they rest.
    places: places::Kept,
}

/// An entry with the keys it is looked up by.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    entry: Entry,
    keys: EntryKeys,
}

/// The form in snapshots: what is looked up by is made again.
#[derive(Deserialize)]
struct Stored {
    entries: Vec<Entry>,
    empty: BTreeMap<Register, Interval>,
}

impl Serialize for Registers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Entries<'a>(&'a Registers);
        impl Serialize for Entries<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let all = self.0.entries.values().map(|kept| &kept.entry);
                let mut all: Vec<&Entry> = all.collect();
                all.sort_unstable_by_key(|entry| (entry.register(), entry.id));
                serializer.collect_seq(all)
            }
        }
        let mut stored = serializer.serialize_struct("Registers", 2)?;
        stored.serialize_field("entries", &Entries(self))?;
        stored.serialize_field("empty", &self.empty)?;
        stored.end()
    }
}

impl From<Stored> for Registers {
    fn from(stored: Stored) -> Self {
        let mut registers = Self::default();
        for entry in stored.entries {
            let keys = EntryKeys::of(&entry.particulars);
            registers.put(entry, keys);
        }
        registers.empty = stored.empty;
        registers
    }
}

impl Registers {
    /// An entry by id.
    #[must_use]
    pub fn entry(&self, id: impl Into<EntryId>) -> Option<&Entry> {
        self.at(id.into())
    }

    fn at(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id).map(|kept| &kept.entry)
    }

    /// An entry with its noun, where the id is of that register.
    #[must_use]
    pub fn get<N: Registered>(&self, id: impl Into<EntryId>) -> Option<(&Entry, &N)> {
        let entry = self.entry(id)?;
        Some((entry, N::of(&entry.particulars)?))
    }

    /// Every entry of a register, by id.
    pub fn all(&self, register: Register) -> impl DoubleEndedIterator<Item = &Entry> {
        self.of
            .get(&register)
            .into_iter()
            .flatten()
            .filter_map(|id| self.at(*id))
    }

    /// The entries of a register that are in use, by id.
    pub fn active(&self, register: Register) -> impl DoubleEndedIterator<Item = &Entry> {
        self.all(register).filter(|entry| entry.is_active())
    }

    /// The nouns of a register that are in use, with their entries.
    pub fn nouns<N: Registered + 'static>(&self) -> impl Iterator<Item = (&Entry, &N)> {
        self.active(N::REGISTER)
            .filter_map(|entry| Some((entry, N::of(&entry.particulars)?)))
    }

    /// Where the systems in use stand: worked out once for each state of systems and gateways, however many ask.
    #[must_use]
    pub fn places(&self) -> Arc<Places> {
        self.places.of(self)
    }

    /// How many entries a register has, in use or retired.
    #[must_use]
    pub fn len(&self, register: Register) -> usize {
        self.of.get(&register).map_or(0, BTreeSet::len)
    }

    /// Whether a register has no entry at all.
    #[must_use]
    pub fn is_empty(&self, register: Register) -> bool {
        self.len(register) == 0
    }

    /// The entries that name a unit as the one that answers for them. Units that have been abolished
    /// keep theirs: ask for each of [`World::units_within`](crate::world::World::units_within).
    pub fn of_unit(&self, unit: UnitId) -> impl Iterator<Item = &Entry> {
        self.of_unit
            .get(&unit)
            .into_iter()
            .flatten()
            .filter_map(|id| self.at(*id))
    }

    /// The entries of things that a person has: devices used or owned, media kept.
    pub fn of_person(&self, person: PersonId) -> impl Iterator<Item = &Entry> {
        self.of_person
            .get(&person)
            .into_iter()
            .flatten()
            .filter_map(|id| self.at(*id))
    }

    /// The entries in use that refer to something, by its id, with the field that does. This looks
    /// through every register but those of devices.
    pub fn referring_to<'a>(
        &'a self,
        id: &'a str,
    ) -> impl Iterator<Item = (&'a Entry, &'static str)> {
        let registers = Register::ALL
            .iter()
            .filter(|it| it.prefix() != crate::id::DeviceId::PREFIX);
        registers
            .flat_map(|register| self.active(*register))
            .filter_map(move |entry| {
                let fields = entry.register().fields().iter();
                let holds = |field: &&crate::field::Field| match entry.particulars.value(field.code)
                {
                    crate::field::Value::Text(text) => text == id,
                    crate::field::Value::Many(list) => list.iter().any(|text| text == id),
                    _ => false,
                };
                let is_reference = |field: &&crate::field::Field| {
                    matches!(field.kind, crate::field::FieldKind::Reference(_))
                };
                let mut fields = fields.filter(is_reference).filter(holds);
                Some((entry, fields.next()?.code))
            })
    }

    /// The entry in use that a key names, in whatever width and case it is written.
    #[must_use]
    pub fn by_key(&self, register: Register, field: &'static str, key: &str) -> Option<EntryId> {
        self.by_folded(register, field, &folded(key))
    }

    fn by_folded(&self, register: Register, field: &'static str, key: &str) -> Option<EntryId> {
        self.keys.get(&(register, field))?.get(key).copied()
    }

    /// Another entry in use that shares a key, with the field that holds it.
    #[must_use]
    pub fn twin(&self, id: EntryId, keys: &EntryKeys) -> Option<(&'static str, EntryId)> {
        keys.iter().find_map(|(field, key)| {
            let other = self.by_folded(keys.register(), field, key)?;
            (other != id).then_some((field, other))
        })
    }

    /// When the register was declared empty and until when that word stands, at an instant; none
    /// where it was not, or an entry has come since.
    #[must_use]
    pub fn declared_empty(&self, register: Register, at: Timestamp) -> Option<Interval> {
        self.empty
            .get(&register)
            .copied()
            .filter(|word| word.holds(at))
    }

    pub(super) fn declare_empty(&mut self, register: Register, word: Interval) {
        self.empty.insert(register, word);
    }

    /// What a snapshot holds: the entries and the words that there are none.
    pub(super) fn frozen(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            empty: self.empty.clone(),
            ..Self::default()
        }
    }

    /// Puts an entry in the place of the one with its id.
    pub(super) fn put(&mut self, entry: Entry, keys: EntryKeys) {
        let mut sets = Sets::default();
        self.put_but_for_sets(entry, keys, &mut sets);
        self.add_to_sets(sets);
    }

    /// Puts many entries of a register, no two of one id.
    pub(super) fn put_all(
        &mut self,
        register: Register,
        all: impl ExactSizeIterator<Item = (Entry, EntryKeys)>,
    ) {
        self.entries.reserve(all.len());
        for field in register.keys() {
            let named = self.keys.entry((register, field)).or_default();
            named.reserve(all.len());
        }
        let mut sets = Sets::default();
        for (entry, keys) in all {
            self.put_but_for_sets(entry, keys, &mut sets);
        }
        self.keys.retain(|_, named| !named.is_empty());
        self.add_to_sets(sets);
    }

    /// Puts an entry in its place but for the sets that it has newly come into: one after the other they
    /// would cost more than all the rest.
    fn put_but_for_sets(&mut self, entry: Entry, keys: EntryKeys, sets: &mut Sets) {
        let (id, register) = (entry.id, entry.register());
        if matches!(register, Register::System | Register::Gateway) {
            self.places = places::Kept::default();
        }
        let before = self.entries.remove(&id);
        // Nothing moves an entry to another register.
        if before.is_none() {
            sets.of.entry(register).or_default().push(id);
        }
        let had = before.as_ref().and_then(|it| it.entry.unit);
        if had != entry.unit {
            had.iter().for_each(|it| take_of(&mut self.of_unit, it, id));
            sets.of_unit.extend(entry.unit.map(|unit| (unit, id)));
        }
        let had = before.as_ref().and_then(|it| it.entry.particulars.person());
        let has = entry.particulars.person();
        if had != has {
            had.iter()
                .for_each(|it| take_of(&mut self.of_person, it, id));
            sets.of_person.extend(has.map(|person| (person, id)));
        }
        if let Some(before) = &before {
            self.free_keys(before);
        }
        if entry.is_active() {
            for (field, key) in keys.iter() {
                let named = self.keys.entry((register, field)).or_default();
                named.insert(Arc::clone(key), id);
            }
            self.empty.remove(&register);
        }
        self.entries.insert(id, Kept { entry, keys });
    }

    fn add_to_sets(&mut self, sets: Sets) {
        for (register, ids) in sets.of {
            join(self.of.entry(register).or_default(), ids);
        }
        for (unit, ids) in grouped(sets.of_unit) {
            join(self.of_unit.entry(unit).or_default(), ids);
        }
        for (person, ids) in grouped(sets.of_person) {
            join(self.of_person.entry(person).or_default(), ids);
        }
    }

    /// Nobody is looked up by the keys of what an entry was.
    fn free_keys(&mut self, before: &Kept) {
        let register = before.entry.register();
        for (field, key) in before.keys.iter() {
            let place = (register, field);
            let Some(named) = self.keys.get_mut(&place) else {
                continue;
            };
            if named.get(key) == Some(&before.entry.id) {
                named.remove(key);
            }
            if named.is_empty() {
                self.keys.remove(&place);
            }
        }
    }
}

/// Entries that have newly come into the sets of a register, a unit, a person.
#[derive(Default)]
struct Sets {
    of: BTreeMap<Register, Vec<EntryId>>,
    of_unit: Vec<(UnitId, EntryId)>,
    of_person: Vec<(PersonId, EntryId)>,
}

fn grouped<K: Copy + Ord>(mut pairs: Vec<(K, EntryId)>) -> Vec<(K, Vec<EntryId>)> {
    pairs.sort_unstable();
    pairs
        .chunk_by(|one, other| one.0 == other.0)
        .map(|group| (group[0].0, group.iter().map(|(_, id)| *id).collect()))
        .collect()
}

/// Many at once are sorted and merged, few are put in one by one.
fn join(set: &mut BTreeSet<EntryId>, ids: Vec<EntryId>) {
    if ids.len() > set.len() / 16 {
        set.append(&mut ids.into_iter().collect());
    } else {
        set.extend(ids);
    }
}

/// No set is left empty, so that a World is the one that its snapshot makes.
fn take_of<K: Copy + Eq + Hash>(sets: &mut HashMap<K, BTreeSet<EntryId>>, of: &K, id: EntryId) {
    if let Some(set) = sets.get_mut(of) {
        set.remove(&id);
        if set.is_empty() {
            sets.remove(of);
        }
    }
}
