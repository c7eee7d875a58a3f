//! Reading the ledger: a view of one moment, for replay, proofs and verification.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sekisho_ledger::tile::{node_in_tile, tile_of_node};
use sekisho_ledger::verify::CheckedTile;
use sekisho_ledger::{Digest, LedgerSource, NodeSource, Salt, StoredEntry, TileId};

use super::{size, sql};
use crate::error::{Result, StoreCode, StoreError};

/// One entry as it is streamed.
#[derive(Debug, Clone, Copy)]
pub struct EntryRow<'r> {
    /// Its place, from 0 on.
    pub seq: u64,
    /// Its salt.
    pub salt: Salt,
    /// The canonical bytes of its record.
    pub record: &'r [u8],
}

/// The ledger as it was when the view was taken.
#[derive(Debug)]
pub struct LedgerView<'c> {
    tx: Transaction<'c>,
    path: &'c Path,
    size: u64,
}

impl<'c> LedgerView<'c> {
    /// Begins a read transaction; reading the size fixes the moment.
    pub(super) fn new(conn: &'c Connection, path: &'c Path) -> Result<Self> {
        let tx = conn.unchecked_transaction().map_err(sql)?;
        let size = size(&tx)?;
        Ok(Self { tx, path, size })
    }

    /// The number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// As `LedgerStore::range`.
    ///
    /// # Errors
    /// Reading fails, or whatever `each` answers.
    pub fn range(
        &self,
        from: u64,
        limit: u64,
        each: &mut dyn FnMut(EntryRow<'_>) -> Result<()>,
    ) -> Result<u64> {
        range(&self.tx, from, limit, each)
    }
}

/// The entries of a half-open range of places.
pub(super) const PLACES: &str =
    "SELECT seq, salt, record FROM entries WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";

/// The key of a tile: its level in the highest byte, its index below.
pub(super) const fn tile_key(id: TileId) -> i64 {
    ((id.level as i64) << 56) | (id.index & ((1 << 56) - 1)).cast_signed()
}

/// The bytes of a column.
pub(super) fn bytes<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8]> {
    match row.get_ref(column).map_err(sql)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(bytes),
        _ => Err(StoreError::refused(StoreCode::BadValue, "ledger")),
    }
}

/// As `LedgerStore::range`.
pub(super) fn range(
    conn: &Connection,
    from: u64,
    limit: u64,
    each: &mut dyn FnMut(EntryRow<'_>) -> Result<()>,
) -> Result<u64> {
    let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut statement = conn
        .prepare_cached(
            "SELECT seq, salt, record FROM entries WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
        )
        .map_err(sql)?;
    let mut rows = statement
        .query(params![clamp(from), clamp(limit)])
        .map_err(sql)?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(sql)? {
        let seq = row.get::<_, i64>(0).map_err(sql)?.cast_unsigned();
        let salt = bytes(row, 1)?
            .try_into()
            .map_err(|_| StoreError::refused(StoreCode::BadValue, format!("ledger: seq {seq}")))?;
        each(EntryRow {
            seq,
            salt: Salt(salt),
            record: bytes(row, 2)?,
        })?;
        count += 1;
    }
    Ok(count)
}

/// The newest checkpoint.
pub(super) fn checkpoint(conn: &Connection) -> Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT text FROM checkpoints ORDER BY size DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(sql)
}

/// A blob.
pub(super) fn blob(conn: &Connection, digest: &Digest) -> Result<Option<Vec<u8>>> {
    conn.prepare_cached("SELECT bytes FROM blobs WHERE digest = ?1")
        .and_then(|mut statement| statement.query_row([digest.0], |row| row.get(0)).optional())
        .map_err(sql)
}

impl NodeSource for LedgerView<'_> {
    type Error = StoreError;

    fn node(&self, level: u8, index: u64) -> Result<Digest> {
        let id = tile_of_node(level, index);
        let tile = self.tile(id)?.unwrap_or_default();
        node_in_tile(&tile, level, index)
            .ok_or_else(|| StoreError::refused(StoreCode::Corrupt, format!("ledger: {id}")))
    }
}

impl LedgerSource for LedgerView<'_> {
    type Error = StoreError;

    fn entries(&self, each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>) -> Result<()> {
        super::ahead::entries(self.path, 0..self.size, each)
    }

    fn entries_from(
        &self,
        from: u64,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        super::ahead::entries(self.path, from..self.size, each)
    }

    fn checked_tiles(
        &self,
        count: u64,
        each: &mut dyn FnMut(CheckedTile) -> ControlFlow<()>,
    ) -> Result<()> {
        super::side_by_side::tiles(self.path, count.min(self.size >> 8), each)
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>> {
        self.tx
            .prepare_cached("SELECT hashes FROM tiles WHERE id = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([tile_key(id)], |row| row.get(0))
                    .optional()
            })
            .map_err(sql)
    }

    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<()> {
        let mut statement = self
            .tx
            .prepare_cached("SELECT id FROM tiles ORDER BY id")
            .map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let key = row.get::<_, i64>(0).map_err(sql)?.cast_unsigned();
            each(TileId {
                // The highest byte of a u64.
                level: (key >> 56) as u8,
                index: key & ((1 << 56) - 1),
            });
        }
        Ok(())
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        blob(&self.tx, digest)
    }

    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut statement = self
            .tx
            .prepare_cached("SELECT digest FROM blobs ORDER BY digest")
            .map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            each(bytes(row, 0)?);
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>> {
        checkpoint(&self.tx)
    }
}
