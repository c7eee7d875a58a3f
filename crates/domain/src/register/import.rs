//! The rows of an import, and the document that holds them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{EntryId, EntryKeys, Particulars};
use crate::document;
use crate::id::UnitId;

/// One row of an import: a new entry, or a change of one that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The entry.
    pub id: EntryId,
    /// The unit that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// What the register holds of it from now on.
    #[serde(with = "super::shared")]
    pub particulars: Arc<Particulars>,
    /// The version that the change was decided on; none for a new entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
}

/// The rows of an import with their keys and the first clash among themselves. Made once by whoever
/// brings them and shared from then on: what is left to the writer, for which everybody waits, is to
/// look up and put in place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<ImportRow>", into = "Vec<ImportRow>")]
pub struct ImportRows {
    rows: Arc<[(ImportRow, EntryKeys)]>,
    clash: Option<Clash>,
}

/// That a row says again what an earlier row has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The row, from 0.
    pub row: usize,
    /// In which way.
    pub how: ClashKind,
}

/// In which way two rows clash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClashKind {
    /// Both are of one entry.
    SameEntry,
    /// Both have one key.
    SameKey {
        /// The field that holds it.
        field: &'static str,
        /// The entry of the earlier row.
        other: EntryId,
    },
}

impl ImportRows {
    /// Each row with its keys, in order.
    pub fn keyed(&self) -> impl ExactSizeIterator<Item = (&ImportRow, &EntryKeys)> {
        self.rows.iter().map(|(row, keys)| (row, keys))
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &ImportRow> {
        self.rows.iter().map(|(row, _)| row)
    }

    /// The first row that clashes with an earlier one.
    #[must_use]
    pub const fn clash(&self) -> Option<Clash> {
        self.clash
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl From<Vec<ImportRow>> for ImportRows {
    fn from(rows: Vec<ImportRow>) -> Self {
        let keyed = rows.into_iter().map(|row| {
            let keys = EntryKeys::of(&row.particulars);
            (row, keys)
        });
        let rows: Arc<[_]> = keyed.collect();
        Self {
            clash: first_clash(&rows),
            rows,
        }
    }
}

impl From<ImportRows> for Vec<ImportRow> {
    fn from(rows: ImportRows) -> Self {
        rows.iter().cloned().collect()
    }
}

fn first_clash(rows: &[(ImportRow, EntryKeys)]) -> Option<Clash> {
    let mut ids = HashSet::with_capacity(rows.len());
    let mut taken = HashMap::with_capacity(rows.len());
    rows.iter().enumerate().find_map(|(row, (it, keys))| {
        if !ids.insert(it.id) {
            let how = ClashKind::SameEntry;
            return Some(Clash { row, how });
        }
        keys.iter().find_map(|(field, key)| {
            let other = taken.insert((field, key), it.id)?;
            let how = ClashKind::SameKey { field, other };
            Some(Clash { row, how })
        })
    })
}

/// The keys follow from the rows.
impl PartialEq for ImportRows {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ImportRows {}

/// The document of an import: one row a line. An event refers to it by its digest.
#[must_use]
pub fn encode_rows(rows: &[ImportRow]) -> Vec<u8> {
    document::encode(rows)
}

/// Reads the document of an import; none where it is damaged.
#[must_use]
pub fn decode_rows(bytes: &[u8]) -> Option<Vec<ImportRow>> {
    document::decode(bytes)
}
