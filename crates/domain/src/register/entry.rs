//! An entry of a register.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{EntryId, Particulars, Register};
use crate::id::{PersonId, UnitId};
use crate::time::Timestamp;

/// Whether an entry is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// It is.
    Active,
    /// It is not any more.
    Retired,
}

/// An entry of a register, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The unit that answers for it; none where the organisation as a whole does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// What the register holds of it. Never changed in place, so that every World shares it.
    #[serde(with = "super::shared")]
    pub particulars: Arc<Particulars>,
    /// How often it was written: 1 when it is entered, one more with every change.
    pub version: u64,
    /// Whether it is in use.
    pub state: EntryState,
    /// Who entered it, where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PersonId>,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// When it was last written.
    pub changed_at: Timestamp,
}

impl Entry {
    /// The register it stands in.
    #[must_use]
    pub fn register(&self) -> Register {
        self.particulars.register()
    }

    /// Whether it is in use.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, EntryState::Active)
    }
}
