//! Appending a batch in one durable transaction.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior, params};
use sekisho_ledger::digest::{entry_hash, leaf_hash};
use sekisho_ledger::{BlobRef, Digest, Salt, TileWriter, record};

use super::view::tile_key;
use super::{Access, FILE, LedgerStore, size, sql};
use crate::error::{Result, StoreCode, StoreError};

/// An entry to append.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// 16 fresh random bytes.
    pub salt: Salt,
    /// The canonical bytes of a record.
    pub record: Vec<u8>,
    /// The blobs its payload refers to, unless they are stored already.
    pub blobs: Vec<Vec<u8>>,
}

/// Signs a size and root: the text of the checkpoint (`SignerKey::sign`).
pub type Sign<'s> = dyn Fn(u64, Digest) -> String + 's;

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The place of the batch's first entry.
    pub first_seq: u64,
    /// The number of entries now.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// A batch after its checks.
struct Checked<'b> {
    entries: &'b [NewEntry],
    blobs: HashMap<Digest, &'b [u8]>,
    recorded_at: i64,
}

impl LedgerStore {
    /// Appends `batch` with its tiles, blobs and a signed checkpoint in one transaction. When this
    /// answers, all of it is durable; when it fails, none of it is visible.
    ///
    /// # Errors
    /// `bad-input` names the record of the batch (from 0 on) and why: not canonical, its time
    /// before the newest record's, a blob missing or not referred to. `read-only`, `disk-full`,
    /// `busy`, `io`, `corrupt` as SQLite answers.
    pub fn append(&mut self, batch: &[NewEntry], sign: &Sign<'_>) -> Result<Appended> {
        if self.access == Access::Read {
            return Err(StoreError::at(StoreCode::ReadOnly, &self.path));
        }
        if self.stale {
            self.load_edge()?;
        }
        let checked = self.check(batch)?;
        let first_seq = self.tree.size();
        let mut tree = self.tree.clone();
        let recorded_at = checked.recorded_at;
        match write(&mut self.conn, &checked, &mut tree, sign) {
            Ok(checkpoint) => {
                self.tree = tree;
                self.recorded_at = recorded_at;
                Ok(Appended {
                    first_seq,
                    size: self.tree.size(),
                    root: self.tree.root(),
                    checkpoint,
                })
            }
            Err(error) => {
                self.stale = true;
                Err(error)
            }
        }
    }

    /// Signs the newest checkpoint again, durably, without appending: after a change of key.
    ///
    /// # Errors
    /// As `append`.
    pub fn sign_again(&mut self, sign: &Sign<'_>) -> Result<Appended> {
        if self.access == Access::Read {
            return Err(StoreError::at(StoreCode::ReadOnly, &self.path));
        }
        self.load_edge()?;
        let (size, root) = (self.tree.size(), self.tree.root());
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let checkpoint = put_checkpoint(&tx, size, root, sign)?;
        tx.commit().map_err(sql)?;
        Ok(Appended {
            first_seq: size,
            size,
            root,
            checkpoint,
        })
    }

    /// Checks a batch: only what verifies may be appended.
    fn check<'b>(&self, batch: &'b [NewEntry]) -> Result<Checked<'b>> {
        if batch.is_empty() {
            return Err(bad(0, "empty-batch"));
        }
        let mut checked = Checked {
            entries: batch,
            blobs: HashMap::new(),
            recorded_at: self.recorded_at,
        };
        let mut refs: Vec<BlobRef> = Vec::new();
        for (at, entry) in batch.iter().enumerate() {
            refs.clear();
            let head = record::scan(&entry.record, &mut |blob| refs.push(blob))
                .map_err(|error| bad(at, error.code()))?;
            if head.recorded_at < checked.recorded_at {
                return Err(bad(at, "time-backwards"));
            }
            checked.recorded_at = head.recorded_at;
            for bytes in &entry.blobs {
                let blob = BlobRef::of(bytes);
                if !refs.contains(&blob) {
                    return Err(bad(at, "blob-unreferenced"));
                }
                checked.blobs.insert(blob.blob, bytes);
            }
            for blob in &refs {
                let size = match checked.blobs.get(&blob.blob) {
                    Some(bytes) => Some(bytes.len() as u64),
                    None => self.blob_size(&blob.blob)?,
                };
                if size != Some(blob.size) {
                    return Err(bad(at, "blob-missing"));
                }
            }
        }
        Ok(checked)
    }

    /// The size of a stored blob.
    fn blob_size(&self, digest: &Digest) -> Result<Option<u64>> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT length(bytes) FROM blobs WHERE digest = ?1")
            .map_err(sql)?;
        let mut rows = statement.query([digest.0]).map_err(sql)?;
        let row = rows.next().map_err(sql)?;
        row.map(|row| row.get(0).map(i64::cast_unsigned).map_err(sql))
            .transpose()
    }
}

/// A refusal of the record at `at` in the batch.
fn bad(at: usize, code: &str) -> StoreError {
    StoreError::refused(StoreCode::BadInput, format!("record {at}: {code}"))
}

/// The transaction.
fn write(
    conn: &mut Connection,
    batch: &Checked<'_>,
    tree: &mut TileWriter,
    sign: &Sign<'_>,
) -> Result<String> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let stored = size(&tx)?;
    if stored != tree.size() {
        // Somebody else appended: the lock on the folder was not held.
        let subject = format!("{FILE}: {} entries expected, {stored} found", tree.size());
        return Err(StoreError::refused(StoreCode::Locked, subject));
    }
    let mut full = Vec::new();
    {
        let mut insert = tx
            .prepare_cached("INSERT INTO entries (seq, salt, record) VALUES (?1, ?2, ?3)")
            .map_err(sql)?;
        for (seq, entry) in (stored.cast_signed()..).zip(batch.entries) {
            insert
                .execute(params![seq, entry.salt.0, entry.record])
                .map_err(sql)?;
            let hash = leaf_hash(&entry_hash(&entry.salt, &entry.record));
            tree.push(hash, &mut |id, bytes| full.push((id, bytes)));
        }
        let mut insert = tx
            .prepare_cached("INSERT OR REPLACE INTO tiles (id, hashes) VALUES (?1, ?2)")
            .map_err(sql)?;
        for (id, bytes) in &full {
            insert.execute(params![tile_key(*id), bytes]).map_err(sql)?;
        }
        for (id, bytes) in tree.partial() {
            // The levels above change only when a tile below is full.
            if id.level == 0 || !full.is_empty() {
                insert.execute(params![tile_key(id), bytes]).map_err(sql)?;
            }
        }
        let mut insert = tx
            .prepare_cached("INSERT OR IGNORE INTO blobs (digest, bytes) VALUES (?1, ?2)")
            .map_err(sql)?;
        for (digest, bytes) in &batch.blobs {
            insert.execute(params![digest.0, bytes]).map_err(sql)?;
        }
    }
    let checkpoint = put_checkpoint(&tx, tree.size(), tree.root(), sign)?;
    tx.commit().map_err(sql)?;
    Ok(checkpoint)
}

/// Puts the signed checkpoint in the place of the one before.
fn put_checkpoint(
    tx: &Connection,
    size: u64,
    root: sekisho_ledger::Digest,
    sign: &Sign<'_>,
) -> Result<String> {
    let checkpoint = sign(size, root);
    let size = size.cast_signed();
    tx.prepare_cached("DELETE FROM checkpoints")
        .and_then(|mut statement| statement.execute([]))
        .map_err(sql)?;
    tx.prepare_cached("INSERT INTO checkpoints (size, text) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute(params![size, checkpoint.as_bytes()]))
        .map_err(sql)?;
    Ok(checkpoint)
}
