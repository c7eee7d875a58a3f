//! Records against stored tiles: which of them was changed.
//!
//! The hash one level up decides; at the right edge the signed root decides.

use super::{Level, Walk};
use crate::digest::Digest;
use crate::tile::{TILE_BYTES, TileId, complete_root, read_tile};
use crate::tree::root_of;
use crate::verify::LedgerSource;
use crate::verify::report::{FindingCode as Code, Place};

impl<S: LedgerSource> Walk<'_, S> {
    /// Closes the full tile of leaf hashes, whose root may be known, and every full tile above it.
    pub(super) fn close_tiles(&mut self, mut known: Option<Digest>) -> Result<(), S::Error> {
        let mut at = 0;
        while self.levels[at].bytes.len() == TILE_BYTES {
            let level = &mut self.levels[at];
            let id = TileId {
                // Eight levels are all that 2^64 entries fill.
                level: at as u8,
                index: level.index,
            };
            level.index += 1;
            let computed = std::mem::take(&mut level.bytes);
            let own = known
                .take()
                .or_else(|| complete_root(&computed))
                .unwrap_or(Digest([0; 32]));
            let root = self.close_tile(id, &computed, own)?;
            // The buffer is used again: no allocation for each tile.
            let level = &mut self.levels[at];
            level.bytes = computed;
            level.bytes.clear();
            at += 1;
            if self.levels.len() == at {
                self.levels.push(Level::default());
            }
            self.levels[at].bytes.extend_from_slice(&root.0);
        }
        Ok(())
    }

    /// Compares a full tile with the stored one; the root to go on with.
    fn close_tile(&mut self, id: TileId, computed: &[u8], own: Digest) -> Result<Digest, S::Error> {
        self.report.tiles += 1;
        let stored = self.source.tile(id)?;
        if stored.as_deref() == Some(computed) {
            return Ok(own);
        }
        let above = self.hash_above(id)?;
        let Some(stored) = stored else {
            self.report.find(Code::TileMissing, Place::Tile(id), None);
            if above.is_some_and(|above| above != own) {
                self.blame_all(id);
            }
            return Ok(above.unwrap_or(own));
        };
        if above == Some(own) {
            self.report.find(Code::TileMismatch, Place::Tile(id), None);
            return Ok(own);
        }
        self.blame_differences(id, computed, &stored);
        if above.is_some() && above == complete_root(&stored) {
            return Ok(above.unwrap_or(own));
        }
        self.report.find(Code::TileMismatch, Place::Tile(id), None);
        Ok(own)
    }

    /// The hash of a full tile that the stored tile above it holds.
    fn hash_above(&self, id: TileId) -> Result<Option<Digest>, S::Error> {
        let above = TileId {
            level: id.level + 1,
            index: id.index >> 8,
        };
        let first = ((id.index & 0xff) * 32) as usize;
        let tile = self.source.tile(above)?;
        Ok(tile.and_then(|tile| tile.get(first..first + 32).and_then(Digest::from_slice)))
    }

    /// Names everything below a tile.
    fn blame_all(&mut self, id: TileId) {
        match id.level {
            0 => {
                let place = Place::Range(id.index << 8, (id.index + 1) << 8);
                self.report.find(Code::EntryMismatch, place, None);
            }
            _ => self.report.find(Code::TileMismatch, Place::Tile(id), None),
        }
    }

    /// Names each entry (or tile below) whose hash differs from the stored tile's.
    fn blame_differences(&mut self, id: TileId, computed: &[u8], stored: &[u8]) {
        let stored = stored.chunks(32).map(Some).chain(std::iter::repeat(None));
        let first = id.index << 8;
        for (at, (computed, stored)) in (first..).zip(computed.chunks(32).zip(stored)) {
            if stored == Some(computed) {
                continue;
            }
            let (code, place) = match id.level {
                0 => (Code::EntryMismatch, Place::Seq(at)),
                _ => {
                    let level = id.level - 1;
                    (Code::TileMismatch, Place::Tile(TileId { level, index: at }))
                }
            };
            self.report.find(code, place, None);
        }
    }

    /// The partial tiles at the right edge, and the root.
    pub(super) fn check_edge(&mut self) -> Result<(), S::Error> {
        let mut stored = Vec::new();
        let mut differing = Vec::new();
        for (at, level) in (0u8..).zip(&self.levels) {
            let id = TileId {
                level: at,
                index: level.index,
            };
            if level.bytes.is_empty() {
                stored.push(Vec::new());
                continue;
            }
            self.report.tiles += 1;
            let found = self.source.tile(id)?;
            if found.as_ref() != Some(&level.bytes) {
                differing.push((id, found.is_some()));
            }
            stored.push(found.unwrap_or_else(|| level.bytes.clone()));
        }
        let signed = self.signed.as_ref().map(|signed| signed.root);
        let records_right = signed == Some(self.report.root);
        let tiles_right =
            !records_right && signed == Self::root_over(stored.iter().map(Vec::as_slice));
        if signed.is_some() && !records_right && !tiles_right {
            self.report
                .find(Code::RootMismatch, Place::Checkpoint, None);
        }
        for (id, there) in differing {
            let level = usize::from(id.level);
            if !records_right && there {
                let computed = std::mem::take(&mut self.levels[level].bytes);
                self.blame_differences(id, &computed, &stored[level]);
                self.levels[level].bytes = computed;
            }
            match there {
                false => self.report.find(Code::TileMissing, Place::Tile(id), None),
                true if !tiles_right => {
                    self.report.find(Code::TileMismatch, Place::Tile(id), None);
                }
                true => {}
            }
        }
        Ok(())
    }

    /// Tiles that do not belong to the tree.
    pub(super) fn check_extra_tiles(&mut self) -> Result<(), S::Error> {
        let (size, report) = (self.report.size, &mut self.report);
        self.source.tile_ids(&mut |id| {
            if id.width(size) == 0 {
                report.find(Code::TileExtra, Place::Tile(id), None);
            }
        })
    }

    /// The root over the tiles as they stand, with `tiles` in place of the levels' own bytes.
    pub(super) fn root_over<'t>(tiles: impl Iterator<Item = &'t [u8]>) -> Option<Digest> {
        let mut below = None;
        for bytes in tiles {
            let mut row = read_tile(bytes)?;
            row.extend(below);
            below = (!row.is_empty()).then(|| root_of(&row));
        }
        Some(below.unwrap_or_else(|| root_of(&[])))
    }
}
