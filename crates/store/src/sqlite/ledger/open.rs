//! Opening the ledger's database: its mark, its version, its pragmas.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sekisho_ledger::{TileWriter, record, tree};

use super::{BUSY, FILE, LedgerStore, sql, view};
use crate::error::{Result, StoreCode, StoreError};
use crate::files;

/// `SKLG`: marks the file as a ledger of ours, apart from the other databases.
const APPLICATION_ID: i32 = 0x534b_4c47;

/// The version of the tables. Records have versions of their own.
const FORMAT: i32 = 1;

/// Bytes of a page of a new ledger: twice SQLite's own choice, so that going through everything
/// reads half as many pages; at four times, appending one by one was slower. One made before keeps
/// its own.
const PAGE_BYTES: u32 = 8192;

/// A tile's key is its level in the highest byte, its index below. Only the newest checkpoint is
/// kept: older ones say nothing that it does not say.
const SCHEMA: &str = "
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY, salt BLOB NOT NULL, record BLOB NOT NULL
    ) STRICT;
    CREATE TABLE tiles (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
    CREATE TABLE blobs (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;";

/// Opens for writing, making the file (0600) and its tables where they are missing.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    // SQLite would make the file by the umask; the journal files take over the mode we give.
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(files::FILE_MODE)
        .open(path)
    {
        Ok(_) => files::sync_parent(path)?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            // SQLite would silently open a file without write permission for reading. Asked
            // without opening, for the same reason as in `reader`.
            crate::db::require_access(
                path,
                rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK,
            )?;
        }
        Err(e) => return Err(StoreError::io(path, e)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    conn.busy_timeout(BUSY).map_err(sql)?;
    let fresh = require_ledger(&conn, path)?;
    if fresh {
        conn.pragma_update(None, "page_size", PAGE_BYTES)
            .map_err(sql)?;
    }
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        .map_err(sql)?;
    if fresh {
        let tx = conn.transaction().map_err(sql)?;
        tx.execute_batch(SCHEMA).map_err(sql)?;
        tx.pragma_update(None, "user_version", FORMAT)
            .map_err(sql)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(sql)?;
        tx.commit().map_err(sql)?;
    }
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Opens for reading.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    // Asked without opening: closing any descriptor of the file would drop the locks that this
    // process holds on it through SQLite (POSIX).
    crate::db::require_access(path, rustix::fs::Access::READ_OK)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    conn.busy_timeout(BUSY).map_err(sql)?;
    let fresh = match require_ledger(&conn, path) {
        Err(StoreError::Database { source, .. }) if crate::db::needs_writable_folder(&source) => {
            return immutable_reader(path);
        }
        other => other?,
    };
    finish_reader(conn, path, fresh)
}

/// As `reader`, in a folder that cannot be written.
fn immutable_reader(path: &Path) -> Result<Connection> {
    let conn = crate::db::open_immutable(path, FILE)?;
    let fresh = require_ledger(&conn, path)?;
    finish_reader(conn, path, fresh)
}

/// What is common to both ways of reading.
fn finish_reader(conn: Connection, path: &Path, fresh: bool) -> Result<Connection> {
    if fresh {
        return Err(StoreError::at(StoreCode::ForeignFiles, path));
    }
    crate::db::require_whole_pages(&conn, path, FILE)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Whether the database is empty; otherwise it must be a ledger of a version we know.
fn require_ledger(conn: &Connection, path: &Path) -> Result<bool> {
    let pragma = |name: &str| -> Result<i32> {
        conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(sql)
    };
    let (mark, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql)?;
    match (mark, version, tables) {
        (0, 0, 0) => Ok(true),
        (APPLICATION_ID, FORMAT, _) => Ok(false),
        (APPLICATION_ID, version, _) if version > FORMAT => {
            Err(StoreError::at(StoreCode::NewerVersion, path))
        }
        _ => Err(StoreError::at(StoreCode::ForeignFiles, path)),
    }
}

impl LedgerStore {
    /// Reads the right edge of the tree and the newest record's time. Refuses to go on from a
    /// ledger whose parts do not fit: signing what follows would cover up what happened.
    pub(super) fn load_edge(&mut self) -> Result<()> {
        let view = self.view()?;
        let size = view.size();
        let broken = |subject: String| StoreError::refused(StoreCode::Corrupt, subject);
        let counted: Option<i64> = self
            .conn
            .query_row("SELECT max(size) FROM checkpoints", [], |row| row.get(0))
            .optional()
            .map_err(sql)?
            .flatten();
        let counted = counted.map_or(0, i64::cast_unsigned);
        if counted != size {
            return Err(broken(format!(
                "{FILE}: {size} entries, checkpoint counts {counted}"
            )));
        }
        let tree = TileWriter::load(&view, size)?;
        if tree.root() != tree::root(&view, size)? {
            return Err(broken(format!("{FILE}: tiles")));
        }
        let mut recorded_at = i64::MIN;
        if size > 0 {
            view::range(&self.conn, size - 1, 1, &mut |row| {
                let head = record::scan(row.record, &mut |_| {}).map_err(|error| {
                    broken(format!("{FILE}: seq {}: {}", row.seq, error.code()))
                })?;
                recorded_at = head.recorded_at;
                Ok(())
            })?;
        }
        drop(view);
        self.tree = tree;
        self.recorded_at = recorded_at;
        self.stale = false;
        Ok(())
    }
}
