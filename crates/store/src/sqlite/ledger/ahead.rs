//! Reading ahead: a second thread reads entries in batches while the first one hashes.
//!
//! Verification costs about as much for reading as for hashing; side by side it is bound by the
//! hashing alone.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use sekisho_ledger::StoredEntry;

use super::{open, sql, view};
use crate::error::Result;

/// Entries in a batch, and batches that wait at most: bounds the memory.
const BATCH: usize = 256;
const WAITING: usize = 4;

/// Some entries, their bytes laid end to end.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    rows: Vec<(u64, Range<usize>, Range<usize>)>,
}

impl Batch {
    /// Adds bytes; where they lie.
    fn add(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }
}

/// Streams the entries from `from` to before `size` of the ledger at `path`, and before them any
/// with negative numbers, which no entry has. Entries are never changed, so a
/// connection of its own sees the same as the view that asks.
pub(super) fn entries(
    path: &Path,
    places: Range<u64>,
    each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Result<Batch>>(WAITING);
        scope.spawn(move || {
            if let Err(error) = read(path, &places, &sender) {
                // Nobody listens any more where `each` broke off.
                let _ = sender.send(Err(error));
            }
        });
        for batch in receiver {
            let batch = batch?;
            for (seq, salt, record) in &batch.rows {
                let stored = StoredEntry {
                    seq: *seq,
                    entry: None,
                    opening: Some((&batch.bytes[salt.clone()], &batch.bytes[record.clone()])),
                };
                if each(stored).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

/// Reads and sends batch by batch, until the end or until nobody listens.
fn read(path: &Path, places: &Range<u64>, sender: &SyncSender<Result<Batch>>) -> Result<()> {
    let conn = open::reader(path)?;
    let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut batch = Batch::default();
    for (from, until) in [(i64::MIN, 0), (clamp(places.start), clamp(places.end))] {
        let mut statement = conn.prepare_cached(view::PLACES).map_err(sql)?;
        let mut rows = statement.query([from, until]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let seq = row.get::<_, i64>(0).map_err(sql)?.cast_unsigned();
            let salt = batch.add(view::bytes(row, 1)?);
            let record = batch.add(view::bytes(row, 2)?);
            batch.rows.push((seq, salt, record));
            if batch.rows.len() == BATCH {
                let capacity = batch.bytes.len();
                if sender.send(Ok(batch)).is_err() {
                    return Ok(());
                }
                batch = Batch {
                    bytes: Vec::with_capacity(capacity + capacity / 8),
                    rows: Vec::with_capacity(BATCH),
                };
            }
        }
    }
    let _ = sender.send(Ok(batch));
    Ok(())
}
