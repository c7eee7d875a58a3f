//! Events of the registers, folded.

use std::sync::Arc;

use super::apply::{duplicate, unknown};
use super::{Documents, World, WorldError};
use crate::actor::Actor;
use crate::event::{Event, StoredEvent};
use crate::id::UnitId;
use crate::register::{Entry, EntryId, EntryKeys, EntryState, Particulars};
use crate::time::Timestamp;

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
        let (kind, at) = (stored.event.kind().0, stored.recorded_at);
        match &stored.event {
            Event::RegisterEntered {
                id,
                unit,
                particulars,
                ..
            } => self.enter(kind, stored, New::of(*id, *unit, particulars))?,
            Event::RegisterChanged {
                id,
                unit,
                particulars,
                ..
            } => self.change_entry(kind, at, New::of(*id, *unit, particulars))?,
            Event::RegisterRetired { id, .. } => {
                self.set_entry_state(kind, at, *id, EntryState::Retired)?;
            }
            Event::RegisterRestored { id, .. } => {
                self.set_entry_state(kind, at, *id, EntryState::Active)?;
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
                self.registers.reserve(*register, rows.len());
                for (row, keys) in rows.keyed() {
                    let new = New {
                        id: row.id,
                        unit: row.unit,
                        particulars: Arc::clone(&row.particulars),
                        keys: keys.clone(),
                    };
                    match row.expected {
                        None => self.enter(kind, stored, new)?,
                        Some(_) => self.change_entry(kind, at, new)?,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(
        &mut self,
        kind: &'static str,
        stored: &StoredEvent,
        new: New,
    ) -> Result<(), WorldError> {
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
        self.put_entry(entry, keys);
        Ok(())
    }

    fn change_entry(
        &mut self,
        kind: &'static str,
        at: Timestamp,
        new: New,
    ) -> Result<(), WorldError> {
        let known = self.registers.entry(new.id);
        let mut entry = known.ok_or_else(|| unknown(kind, &new.id))?.clone();
        entry.unit = new.unit;
        entry.particulars = new.particulars;
        entry.version += 1;
        entry.changed_at = at;
        self.put_entry(entry, new.keys);
        Ok(())
    }

    fn set_entry_state(
        &mut self,
        kind: &'static str,
        at: Timestamp,
        id: EntryId,
        state: EntryState,
    ) -> Result<(), WorldError> {
        let known = self.registers.entry(id);
        let mut entry = known.ok_or_else(|| unknown(kind, &id))?.clone();
        entry.state = state;
        entry.version += 1;
        entry.changed_at = at;
        let keys = EntryKeys::of(&entry.particulars);
        self.put_entry(entry, keys);
        Ok(())
    }

    /// Puts an entry in its place. An enrolled device belongs to the unit and person that its register
    /// names.
    fn put_entry(&mut self, entry: Entry, keys: EntryKeys) {
        if let EntryId::Device(device) = entry.id
            && let Some(ordinal) = self.device_ordinals.get(&device)
            && let Some(known) = self.devices.get_mut(*ordinal as usize)
        {
            known.unit = entry.unit.unwrap_or(known.unit);
            known.user = entry.particulars.person();
        }
        self.registers.put_keyed(entry, keys);
    }
}
