//! An entry of a register, and the rows of an import.

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
    /// What the register holds of it.
    pub particulars: Particulars,
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
    pub const fn register(&self) -> Register {
        self.particulars.register()
    }

    /// Whether it is in use.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, EntryState::Active)
    }
}

/// One row of an import: a new entry, or a change of one that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The entry.
    pub id: EntryId,
    /// The unit that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// What the register holds of it from now on.
    pub particulars: Particulars,
    /// The version that the change was decided on; none for a new entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
}

/// The document of an import: one row a line. An event refers to it by its digest.
#[must_use]
pub fn encode_rows(rows: &[ImportRow]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        // Plain data with string keys always has a JSON form.
        if let Ok(line) = serde_json::to_vec(row) {
            bytes.extend(line);
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Reads the document of an import; none where it is damaged.
#[must_use]
pub fn decode_rows(bytes: &[u8]) -> Option<Vec<ImportRow>> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).ok())
        .collect()
}
