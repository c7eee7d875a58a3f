//! Whole tiles checked side by side, one thread for each processor.
//!
//! Every thread reads its tiles through a connection of its own and hashes the records where
//! SQLite holds them, without copying. Entries are never changed, so all connections see the same.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use sekisho_ledger::StoredEntry;
use sekisho_ledger::verify::{CheckedTile, TileCheck};

use super::{open, sql, view};
use crate::error::Result;

/// Threads at most: beyond this SQLite's shared log index is the limit.
const THREADS_MAX: usize = 16;

/// Tiles that wait at each thread: bounds the memory.
const WAITING: usize = 8;

/// Fewer tiles are not worth a thread.
const TILES_MIN: u64 = 4;

/// A tile, or nothing where its entries have to be looked at one by one.
type Checked = Result<Option<CheckedTile>>;

/// Gives the first `count` tiles of the ledger at `path` in order, up to one that needs a closer
/// look.
pub(super) fn tiles(
    path: &Path,
    count: u64,
    each: &mut dyn FnMut(CheckedTile) -> ControlFlow<()>,
) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(THREADS_MAX);
    if count < TILES_MIN {
        return Ok(());
    }
    std::thread::scope(|scope| {
        let lanes: Vec<Receiver<Checked>> = (0..threads)
            .map(|lane| {
                let (sender, receiver) = sync_channel(WAITING);
                scope.spawn(move || run(path, lane as u64, threads, count, &sender));
                receiver
            })
            .collect();
        // Lane n checks the tiles n, n + threads, …: taken in turn they are in order.
        for (_, lane) in (0..count).zip(lanes.iter().cycle()) {
            let Ok(checked) = lane.recv() else { break };
            let Some(tile) = checked? else { break };
            if each(tile).is_break() {
                break;
            }
        }
        Ok(())
    })
}

/// One thread: checks its share until the end, or until nobody listens.
fn run(path: &Path, first: u64, threads: usize, count: u64, sender: &SyncSender<Checked>) {
    let conn = match open::reader(path) {
        Ok(conn) => conn,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    for index in (first..count).step_by(threads) {
        if sender.send(tile(&conn, index)).is_err() {
            return;
        }
    }
}

/// Reads and checks one tile.
fn tile(conn: &Connection, index: u64) -> Checked {
    let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (from, until) = (clamp(index << 8), clamp((index + 1) << 8));
    let mut statement = conn.prepare_cached(view::PLACES).map_err(sql)?;
    let mut rows = statement.query([from, until]).map_err(sql)?;
    let mut check = TileCheck::new(index);
    while let Some(row) = rows.next().map_err(sql)? {
        let seq = row.get::<_, i64>(0).map_err(sql)?.cast_unsigned();
        let opening = Some((view::bytes(row, 1)?, view::bytes(row, 2)?));
        check.entry(StoredEntry {
            seq,
            entry: None,
            opening,
        });
    }
    Ok(check.finish())
}
