//! A source that tells how far a verification has come.

use std::ops::ControlFlow;

use super::{CheckedTile, LedgerSource, StoredEntry};
use crate::digest::Digest;
use crate::tile::{TILE_WIDTH, TileId};

/// Hands on what `source` gives, and tells `read` how many entries were read with each step.
pub struct Watched<'s, S> {
    /// The source itself.
    pub source: &'s S,
    /// Takes the number of entries just read: 1, or a tile of them.
    pub read: &'s dyn Fn(u64),
}

impl<S: LedgerSource> LedgerSource for Watched<'_, S> {
    type Error = S::Error;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        self.source.entries(&mut |stored| {
            (self.read)(1);
            each(stored)
        })
    }

    fn entries_from(
        &self,
        from: u64,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        self.source.entries_from(from, &mut |stored| {
            (self.read)(1);
            each(stored)
        })
    }

    fn checked_tiles(
        &self,
        count: u64,
        each: &mut dyn FnMut(CheckedTile) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        self.source.checked_tiles(count, &mut |tile| {
            (self.read)(TILE_WIDTH as u64);
            each(tile)
        })
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.tile(id)
    }

    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<(), S::Error> {
        self.source.tile_ids(each)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.blob(digest)
    }

    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), S::Error> {
        self.source.blob_ids(each)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.checkpoint()
    }

    fn is_disclosure_copy(&self) -> bool {
        self.source.is_disclosure_copy()
    }
}
