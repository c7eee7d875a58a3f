//! Answers to the items of checklists in the World.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apply::unknown;
use super::{World, WorldError};
use crate::checklist::{Given, Standing};
use crate::event::{Event, StoredEvent};
use crate::id::ChecklistItemId;
use crate::register::{ChecklistItem, Entry, EntryId};
use crate::time::Timestamp;

/// Answers by item, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChecklistAnswers(BTreeMap<ChecklistItemId, Vec<Given>>);

impl ChecklistAnswers {
    /// Whether nothing was ever answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers to an item, the oldest first.
    #[must_use]
    pub fn of(&self, item: ChecklistItemId) -> &[Given] {
        self.0.get(&item).map_or(&[], Vec::as_slice)
    }

    /// The newest answer to an item.
    #[must_use]
    pub fn newest(&self, item: ChecklistItemId) -> Option<&Given> {
        self.of(item).last()
    }
}

impl World {
    /// The items of checklists in use, with what the newest answer to each is worth at an instant.
    pub fn checklist_items(
        &self,
        at: Timestamp,
    ) -> impl Iterator<Item = (ChecklistItemId, &Entry, &ChecklistItem, Standing)> {
        let items = self.registers.nouns::<ChecklistItem>();
        items.filter_map(move |(entry, item)| {
            let EntryId::ChecklistItem(id) = entry.id else {
                return None;
            };
            let newest = self.checklist.newest(id);
            Some((id, entry, item, Standing::of(newest, entry.version, at)))
        })
    }

    pub(super) fn apply_checklist(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let Event::ChecklistAnswered { answered } = &stored.event else {
            return Ok(());
        };
        let entry = self.registers.entry(answered.item);
        entry.ok_or_else(|| unknown(stored.event.kind().0, &answered.item))?;
        let given = Given {
            answered: (**answered).clone(),
            at: stored.recorded_at,
            by: stored.actor.clone(),
            record: self.events,
        };
        self.checklist
            .0
            .entry(answered.item)
            .or_default()
            .push(given);
        Ok(())
    }
}
