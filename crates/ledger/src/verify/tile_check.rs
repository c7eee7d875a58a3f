//! A whole tile of entries checked by itself: the part of a verification that needs nothing of
//! what stands before, so that a source may check several tiles side by side.

use super::StoredEntry;
use crate::digest::{Digest, Salt, entry_hash, leaf_hash};
use crate::record::{self, BlobRef};
use crate::tile::{TILE_BYTES, complete_root};

/// Takes the 256 entries of one tile.
#[derive(Debug)]
pub struct TileCheck {
    tile: CheckedTile,
    plain: bool,
}

/// A tile of 256 entries that are in place, legible and in order of time among themselves.
///
/// Only [`TileCheck`] makes one: whatever is out of the ordinary is left to the pass that goes
/// entry by entry and names it.
#[derive(Debug)]
pub struct CheckedTile {
    /// The index of the tile of leaf hashes.
    pub(super) index: u64,
    /// The leaf hashes, end to end.
    pub(super) leaves: Vec<u8>,
    /// The root over them.
    pub(super) root: Digest,
    /// When the first record was recorded.
    pub(super) first_at: i64,
    /// When the last was.
    pub(super) last_at: i64,
    /// The references to blobs, each with the place of its record.
    pub(super) blobs: Vec<(u64, BlobRef)>,
}

impl TileCheck {
    /// Begins the tile of leaf hashes at `index`.
    #[must_use]
    pub fn new(index: u64) -> Self {
        let tile = CheckedTile {
            index,
            leaves: Vec::with_capacity(TILE_BYTES),
            root: Digest([0; 32]),
            first_at: i64::MIN,
            last_at: i64::MIN,
            blobs: Vec::new(),
        };
        Self { tile, plain: true }
    }

    /// Checks the next entry.
    pub fn entry(&mut self, stored: StoredEntry<'_>) {
        self.plain = self.plain && self.tile.take(stored).is_some();
    }

    /// The tile, or nothing where any of its entries needs a closer look.
    #[must_use]
    pub fn finish(self) -> Option<CheckedTile> {
        let mut tile = self.tile;
        if !self.plain || tile.leaves.len() != TILE_BYTES {
            return None;
        }
        tile.root = complete_root(&tile.leaves)?;
        Some(tile)
    }
}

impl CheckedTile {
    /// Takes an entry; nothing where it is not an ordinary one.
    fn take(&mut self, stored: StoredEntry<'_>) -> Option<()> {
        let at = self.leaves.len() / 32;
        let seq = (self.index << 8) | at as u64;
        if self.leaves.len() == TILE_BYTES || stored.seq != seq {
            return None;
        }
        let (salt, record) = stored.opening?;
        let blobs = &mut self.blobs;
        let head = record::scan(record, &mut |blob| blobs.push((seq, blob))).ok()?;
        if head.recorded_at < self.last_at {
            return None;
        }
        let entry = entry_hash(&Salt(salt.try_into().ok()?), record);
        if stored.entry.is_some_and(|stored| stored != entry) {
            return None;
        }
        if at == 0 {
            self.first_at = head.recorded_at;
        }
        self.last_at = head.recorded_at;
        self.leaves.extend_from_slice(&leaf_hash(&entry).0);
        Some(())
    }
}
