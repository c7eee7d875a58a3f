//! Whole tiles checked side by side, one thread for each processor.
//!
//! Every thread reads its tiles through a connection of its own and hashes the records where
//! SQLite holds them, without copying. Entries are never changed, so all connections see the same.

use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use sekisho_ledger::StoredEntry;
use sekisho_ledger::verify::{CheckedTile, TileCheck};

use super::{open, sql, view};
use crate::error::Result;

/// Threads at most: beyond this SQLite's shared log index is the limit.
const THREADS_MAX: usize = 16;

/// Tiles that a thread checks in a row: handing over each by itself costs more in waking up than
/// in handing over.
const ROW: u64 = 8;

/// Rows that wait at each thread: bounds the memory.
const WAITING: usize = 2;

/// Pages that SQLite keeps: no page is read twice, and a few stay in the processor's own cache.
const CACHE_PAGES: i64 = 32;

/// Fewer tiles are not worth a thread.
const TILES_MIN: u64 = 4;

/// The tiles of a row, up to one whose entries have to be looked at one by one.
struct Row {
    tiles: Vec<CheckedTile>,
    whole: bool,
}

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
        let lanes: Vec<Receiver<Result<Row>>> = (0..threads)
            .map(|lane| {
                let (sender, receiver) = sync_channel(WAITING);
                scope.spawn(move || run(path, lane as u64, threads, count, &sender));
                receiver
            })
            .collect();
        // Lane n checks the rows n, n + threads, …: taken in turn they are in order.
        for (_, lane) in (0..count.div_ceil(ROW)).zip(lanes.iter().cycle()) {
            let Ok(row) = lane.recv() else { break };
            let row = row?;
            if row.tiles.into_iter().any(|tile| each(tile).is_break()) || !row.whole {
                break;
            }
        }
        Ok(())
    })
}

/// One thread: checks its share until the end, or until nobody listens.
fn run(path: &Path, first: u64, threads: usize, count: u64, sender: &SyncSender<Result<Row>>) {
    let conn = match reader(path) {
        Ok(conn) => conn,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    for at in (first..count.div_ceil(ROW)).step_by(threads) {
        let row = row(&conn, at * ROW..count.min((at + 1) * ROW));
        let last = row.as_ref().map_or(true, |row| !row.whole);
        if sender.send(row).is_err() || last {
            return;
        }
    }
}

/// A connection for going through everything once.
fn reader(path: &Path) -> Result<Connection> {
    let conn = open::reader(path)?;
    conn.pragma_update(None, "cache_size", CACHE_PAGES)
        .map_err(sql)?;
    Ok(conn)
}

/// Reads and checks a row of tiles.
fn row(conn: &Connection, places: Range<u64>) -> Result<Row> {
    let mut row = Row {
        tiles: Vec::with_capacity(ROW as usize),
        whole: true,
    };
    for index in places {
        let Some(checked) = tile(conn, index)? else {
            row.whole = false;
            break;
        };
        row.tiles.push(checked);
    }
    Ok(row)
}

/// Reads and checks one tile.
fn tile(conn: &Connection, index: u64) -> Result<Option<CheckedTile>> {
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
