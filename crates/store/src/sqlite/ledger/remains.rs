//! What is left of a ledger whose file is damaged or was cut short.
//!
//! SQLite does not open a file that is shorter than its own header says. It does where the
//! connection may rewrite the schema; this one is read-only and does not. Pages that are missing
//! are then damage like any other, found where they are needed: so the place can be named.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sekisho_ledger::record;

use super::{BUSY, FILE, sql, view};
use crate::error::{Result, StoreCode, StoreError};

/// The bytes of SQLite's header ("Database File Format", 1.3).
const HEADER: usize = 100;

/// How far a damaged ledger can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// Records that can be read, from the first one on and without a gap.
    pub records: u64,
    /// Whether the record after these cannot be read. Otherwise every record can, and the damage
    /// lies in the `parts`.
    pub broken: bool,
    /// What else cannot be read through: `tiles`, `blobs`, `checkpoints`.
    pub parts: Vec<&'static str>,
    /// Length of the file, in bytes.
    pub length: u64,
    /// The length it should have at least, by its own header; none where that cannot be read.
    pub whole: Option<u64>,
}

impl Remains {
    /// Reads all that can be read of the ledger at `path`, and changes nothing. Memory is bounded
    /// by the longest record.
    ///
    /// Not for a process that has the ledger open for writing: reading the header closes a
    /// descriptor of the file, which drops the locks that this process holds on it (POSIX).
    ///
    /// # Errors
    /// The file cannot be looked at at all: `not-found`, `permission`, `io`.
    pub fn of(path: &Path) -> Result<Self> {
        let length = std::fs::metadata(path)
            .map_err(|e| StoreError::io(path, e))?
            .len();
        let whole = whole(path)?;
        let mut remains = Self {
            records: 0,
            broken: true,
            parts: Vec::new(),
            length,
            whole,
        };
        let Ok(conn) = open(path) else {
            return Ok(remains);
        };
        (remains.records, remains.broken) = records(&conn);
        let unread = |part: &&'static str| through(&conn, part).is_err();
        remains.parts = ["tiles", "blobs", "checkpoints"]
            .into_iter()
            .filter(unread)
            .collect();
        Ok(remains)
    }

    /// Whether the file is shorter than its own header says.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.whole.is_none_or(|whole| self.length < whole)
    }
}

/// How many records can be read in order, and whether the next one cannot. A record whose end is
/// missing is zeros from there on, which no record holds; a place without a record is as bad.
pub(super) fn records(conn: &Connection) -> (u64, bool) {
    let mut next = 0;
    let read = view::range(conn, 0, u64::MAX, &mut |row| {
        let whole = row.seq == next && record::scan(row.record, &mut |_| {}).is_ok();
        if !whole {
            return Err(StoreError::refused(StoreCode::Corrupt, FILE));
        }
        next += 1;
        Ok(())
    });
    (next, read.is_err())
}

/// Opens a file that may be cut, for reading.
fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    match ready(&conn) {
        Err(StoreError::Database { source, .. }) if crate::db::needs_writable_folder(&source) => {
            let conn = crate::db::open_immutable(path, FILE)?;
            ready(&conn)?;
            Ok(conn)
        }
        tried => tried.map(|()| conn),
    }
}

fn ready(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY).map_err(sql)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)
        .map_err(sql)?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(sql)
}

/// Reads every row of a table with all its bytes.
fn through(conn: &Connection, table: &str) -> Result<()> {
    let mut statement = conn
        .prepare(&format!("SELECT * FROM {table}"))
        .map_err(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        for column in 0..columns {
            row.get_ref(column).map_err(sql)?;
        }
    }
    Ok(())
}

/// The length that the header gives: page size times number of pages.
fn whole(path: &Path) -> Result<Option<u64>> {
    let mut header = Vec::with_capacity(HEADER);
    File::open(path)
        .and_then(|file| file.take(HEADER as u64).read_to_end(&mut header))
        .map_err(|e| StoreError::io(path, e))?;
    let number = |at: usize| {
        let bytes = header.get(at..at + 4)?.try_into().ok()?;
        Some(u64::from(u32::from_be_bytes(bytes)))
    };
    let page = match header.get(16..18) {
        // 65,536 does not fit into two bytes.
        Some([0, 1]) => 65_536,
        Some([high, low]) => u64::from(u16::from_be_bytes([*high, *low])),
        _ => return Ok(None),
    };
    // The count holds only where it was written with the newest change.
    let counts = header.starts_with(b"SQLite format 3\0") && number(24) == number(92);
    let pages = number(28).filter(|_| counts && header.len() == HEADER);
    Ok(pages.map(|pages| pages * page))
}
