//! Events of the registers, folded.

use std::sync::Arc;

use super::apply::{duplicate, unknown};
use super::{Documents, World, WorldError};
use crate::actor::Actor;
use crate::event::{Event, StoredEvent};
use crate::id::UnitId;
use crate::register::{ClashKind, Entry, EntryId, EntryKeys, EntryState, Particulars, Register};
use crate::time::Timestamp;

/// An entry with its keys, to be put in its place.
type Made = (Entry, EntryKeys);

/// What an entry holds from now on.
struct New {
    id: EntryId,
    unit: Option<UnitId>,
    particulars: Arc<Particulars>,
    keys: EntryKeys,
}

impl New {
    fn of(id: EntryId, unit: Option<UnitId>, particulars: &Particulars) -> Self {
        Self {
            id,
            unit,
            particulars: Arc::new(particulars.clone()),
            keys: EntryKeys::of(particulars),
        }
    }
}

impl World {
    pub(super) fn apply_register(
        &mut self,
        stored: &StoredEvent,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let carried = self.carried_before(&stored.event, stored.recorded_at);
        self.fold_register(stored, docs)?;
        self.let_lapse(carried, stored.recorded_at);
        Ok(())
    }

    fn fold_register(
        &mut self,
        stored: &StoredEvent,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let (kind, at) = (stored.event.kind().0, stored.recorded_at);
        match &stored.event {
            Event::RegisterEntered {
                id,
                unit,
                particulars,
                ..
            } => {
                let made = self.entered(kind, stored, New::of(*id, *unit, particulars))?;
                self.put_entry(made, &stored.actor);
            }
            Event::RegisterChanged {
                id,
                unit,
                particulars,
                ..
            } => {
                let made = self.changed(kind, at, New::of(*id, *unit, particulars))?;
                self.put_entry(made, &stored.actor);
            }
            Event::RegisterRetired { id, .. } => {
                self.set_entry_state(kind, stored, *id, EntryState::Retired)?;
            }
            Event::RegisterRestored { id, .. } => {
                self.set_entry_state(kind, stored, *id, EntryState::Active)?;
            }
            Event::RegisterDeclaredEmpty { register, valid } => {
                self.registers.declare_empty(*register, *valid);
            }
            Event::RegisterImported {
                register, document, ..
            } => {
                let damaged = || WorldError::Document {
                    digest: document.blob.clone(),
                };
                let rows = docs.import_rows(&document.blob).ok_or_else(damaged)?;
                if let Some(clash) = rows.clash()
                    && clash.how == ClashKind::SameEntry
                {
                    return Err(duplicate(kind, &document.blob));
                }
                let made = rows.keyed().map(|(row, keys)| {
                    let new = New {
                        id: row.id,
                        unit: row.unit,
                        particulars: Arc::clone(&row.particulars),
                        keys: keys.clone(),
                    };
                    match row.expected {
                        None => self.entered(kind, stored, new),
                        Some(_) => self.changed(kind, at, new),
                    }
                });
                let made = made.collect::<Result<Vec<_>, _>>()?;
                self.put_entries(*register, made, &stored.actor);
            }
            _ => {}
        }
        Ok(())
    }

    /// An entry as it is entered.
    fn entered(
        &self,
        kind: &'static str,
        stored: &StoredEvent,
        new: New,
    ) -> Result<Made, WorldError> {
        let New {
            id,
            unit,
            particulars,
            keys,
        } = new;
        if self.registers.entry(id).is_some() {
            return Err(duplicate(kind, &id));
        }
        let author = match stored.actor {
            Actor::Person { person, .. } => Some(person),
            _ => None,
        };
        let entry = Entry {
            id,
            unit,
            particulars,
            version: 1,
            state: EntryState::Active,
            author,
            entered_at: stored.recorded_at,
            changed_at: stored.recorded_at,
        };
        Ok((entry, keys))
    }

    /// An entry as it is changed.
    fn changed(&self, kind: &'static str, at: Timestamp, new: New) -> Result<Made, WorldError> {
        let known = self.registers.entry(new.id);
        let mut entry = known.ok_or_else(|| unknown(kind, &new.id))?.clone();
        entry.unit = new.unit;
        entry.particulars = new.particulars;
        entry.version += 1;
        entry.changed_at = at;
        Ok((entry, new.keys))
    }

    fn set_entry_state(
        &mut self,
        kind: &'static str,
        stored: &StoredEvent,
        id: EntryId,
        state: EntryState,
    ) -> Result<(), WorldError> {
        let known = self.registers.entry(id);
        let mut entry = known.ok_or_else(|| unknown(kind, &id))?.clone();
        entry.state = state;
        entry.version += 1;
        entry.changed_at = stored.recorded_at;
        let keys = EntryKeys::of(&entry.particulars);
        self.put_entry((entry, keys), &stored.actor);
        Ok(())
    }

    /// Puts an entry in its place.
    fn put_entry(&mut self, (entry, keys): Made, by: &Actor) {
        self.note_tool_hand(entry.id, by);
        self.note_terms(&entry);
        self.note_domains(&entry);
        self.follow_in_device(&entry);
        self.registers.put(entry, keys);
    }

    /// Puts the entries of an import in their places.
    fn put_entries(&mut self, register: Register, made: Vec<Made>, by: &Actor) {
        for (entry, _) in &made {
            self.note_tool_hand(entry.id, by);
            self.note_terms(entry);
            self.note_domains(entry);
            self.follow_in_device(entry);
        }
        self.registers.put_all(register, made.into_iter());
    }

    /// An enrolled device belongs to the unit and person that its register names.
    fn follow_in_device(&mut self, entry: &Entry) {
        if let EntryId::Device(device) = entry.id
            && let Some(ordinal) = self.device_ordinals.get(&device)
            && let Some(known) = self.devices.get_mut(*ordinal as usize)
        {
            known.unit = entry.unit.unwrap_or(known.unit);
            known.user = entry.particulars.person();
        }
    }
}
