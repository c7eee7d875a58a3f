//! Verification of a whole ledger, streaming: every record, entry, tile, blob and the signed
//! checkpoint.
//!
//! What the folder itself cannot tell (truncation, a roll-back, a rewrite signed again with the
//! real key) needs a checkpoint kept outside; without one the report says so
//! ([`Unknown::NoOutsideCheckpoint`]).

mod report;
mod tile_check;
mod walk;
mod watched;

use std::ops::ControlFlow;

pub use report::{Finding, FindingCode, Place, Report, Unknown};
pub use tile_check::{CheckedTile, TileCheck};
pub use watched::Watched;

use crate::digest::Digest;
use crate::keys::CheckpointKeys;
use crate::tile::TileId;

/// One stored entry as a source gives it.
#[derive(Debug, Clone, Copy)]
pub struct StoredEntry<'a> {
    /// Its place, from 0 on.
    pub seq: u64,
    /// The 32 bytes of the log entry, where they are stored apart from the record.
    pub entry: Option<Digest>,
    /// The salt and the record, unless they were left out of a disclosure copy.
    pub opening: Option<(&'a [u8], &'a [u8])>,
}

/// Where the stored parts of a ledger are read from.
pub trait LedgerSource {
    /// What reading can fail with.
    type Error;

    /// All entries in ascending order of their places, until `each` breaks off.
    ///
    /// # Errors
    /// Reading fails.
    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Self::Error>;

    /// The entries from `from` on, and any that stand at places no entry can have.
    ///
    /// # Errors
    /// Reading fails.
    fn entries_from(
        &self,
        from: u64,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Self::Error> {
        self.entries(&mut |stored| match stored.seq < from {
            true => ControlFlow::Continue(()),
            false => each(stored),
        })
    }

    /// The first `count` whole tiles of entries in ascending order, each checked already, as far
    /// as nothing in them is out of the ordinary and `each` does not break off. What is not given
    /// here is asked for entry by entry: a source that cannot check several at once gives none.
    ///
    /// # Errors
    /// Reading fails.
    fn checked_tiles(
        &self,
        _count: u64,
        _each: &mut dyn FnMut(CheckedTile) -> ControlFlow<()>,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// The stored bytes of a tile, full or partial.
    ///
    /// # Errors
    /// Reading fails.
    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The coordinates of all stored tiles, so that tiles which do not belong are found. A source
    /// that cannot list gives none.
    ///
    /// # Errors
    /// Reading fails.
    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<(), Self::Error>;

    /// The bytes of a blob.
    ///
    /// # Errors
    /// Reading fails.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The addresses of all stored blobs, so that blobs which do not belong are found. A source
    /// that cannot list gives none.
    ///
    /// # Errors
    /// Reading fails.
    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Self::Error>;

    /// The newest stored checkpoint.
    ///
    /// # Errors
    /// Reading fails.
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Whether records and blobs may have been left out on purpose.
    fn is_disclosure_copy(&self) -> bool {
        false
    }
}

/// Verifies everything `source` holds against `keys`, one or a ledger's history of them, and against the signed checkpoint `outside`
/// where one was kept elsewhere.
///
/// # Errors
/// Only what the source fails with; everything wrong with the ledger is in the report.
pub fn verify<S: LedgerSource, K: CheckpointKeys + ?Sized>(
    source: &S,
    keys: &K,
    outside: Option<&[u8]>,
) -> Result<Report, S::Error> {
    walk::Walk::new(source, keys, outside)?.run()
}
