//! Opening SQLite databases the same way everywhere.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::Access;

use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::migrations::{self, Migration};

/// `SKSO`: marks a database file as one of ours.
pub(crate) const APPLICATION_ID: i32 = 0x534b_534f;

/// How long a connection waits for another before it answers `busy`.
const BUSY: Duration = Duration::from_secs(10);

/// What is set on a connection that writes.
pub(crate) struct Style {
    /// The name of the database in errors.
    pub(crate) file: &'static str,
    /// The pragmas of journal and durability.
    pub(crate) pragmas: &'static str,
    /// The schema, step by step.
    pub(crate) migrations: &'static [Migration],
}

/// Opens for writing, making the file (0600) and bringing its schema up to date.
pub(crate) fn open_writer(path: &Path, style: &Style) -> Result<Connection> {
    // SQLite would make the file by the umask; the journal files take over the mode we give. It
    // would also open a file it may not write for reading; here that must be an error at once.
    let mut options = OpenOptions::new();
    match options
        .write(true)
        .create_new(true)
        .mode(files::FILE_MODE)
        .open(path)
    {
        Ok(_) => files::sync_parent(path)?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            require_access(path, Access::READ_OK | Access::WRITE_OK)?;
        }
        Err(e) => return Err(StoreError::io(path, e)),
    }
    let sql = |e| StoreError::sql(style.file, e);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    conn.busy_timeout(BUSY).map_err(sql)?;
    claim(&conn, path, style.file)?;
    conn.execute_batch(style.pragmas).map_err(sql)?;
    migrations::run(&mut conn, style.file, style.migrations)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Marks an empty database as ours; refuses one that belongs to another program.
fn claim(conn: &Connection, path: &Path, file: &'static str) -> Result<()> {
    let sql = |e| StoreError::sql(file, e);
    let id: i32 = conn
        .pragma_query_value(None, "application_id", |r| r.get(0))
        .map_err(sql)?;
    if id == APPLICATION_ID {
        return Ok(());
    }
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
        .map_err(sql)?;
    if id != 0 || tables != 0 {
        return Err(StoreError::at(StoreCode::ForeignFiles, path));
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(sql)
}

/// Opens for reading only.
pub(crate) fn open_reader(path: &Path, file: &'static str) -> Result<Connection> {
    let sql = |e| StoreError::sql(file, e);
    require_access(path, Access::READ_OK)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    conn.busy_timeout(BUSY).map_err(sql)?;
    // The first look is what fails in a folder that cannot be written.
    let looked: rusqlite::Result<i64> =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    let conn = match looked {
        Err(error) if needs_writable_folder(&error) => open_immutable(path, file)?,
        looked => looked.map(|_| conn).map_err(sql)?,
    };
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Whether SQLite failed because it could not make its files beside the database.
pub(crate) fn needs_writable_folder(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    )
}

/// Opens a database in a folder that cannot be written, where the shared-memory file of the
/// write-ahead log cannot be made. Without a log left behind the file alone is the whole database
/// and is read as it is.
pub(crate) fn open_immutable(path: &Path, file: &'static str) -> Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|meta| meta.len() > 0) {
        return Err(StoreError::at(StoreCode::ReadOnly, log));
    }
    let mut name = String::from("file:");
    for &byte in std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(name + "?immutable=1", flags).map_err(|e| StoreError::sql(file, e))
}

/// Asks whether a file may be opened: SQLite answers every failure with one word, the system call
/// says which it is. The file is not opened for it, because closing it would drop the locks that
/// other connections of this process hold on it (a rule of POSIX; see "How To Corrupt An SQLite
/// Database File", 2.2).
pub(crate) fn require_access(path: &Path, access: Access) -> Result<()> {
    rustix::fs::access(path, access).map_err(|e| StoreError::io(path, e.into()))
}

/// Reads the whole database and answers `corrupt` when it is damaged.
pub(crate) fn check(conn: &Connection, file: &'static str) -> Result<()> {
    let verdict: String = conn
        .query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))
        .map_err(|e| StoreError::sql(file, e))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::refused(StoreCode::Corrupt, file))
}

/// Takes the lock. A thread that panicked inside left no half-written state behind, because every
/// change is a transaction that rolls back when dropped.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses a file that ends in the midst of a page: SQLite takes what is missing of the last one for
/// zeros. Where a log beside it holds that very page, it may still come from there (a full disk
/// leaves a file so), and SQLite reads it from there.
///
/// Asked without opening: closing a descriptor of the file would drop the locks that this process
/// holds on it (POSIX).
pub(crate) fn require_whole_pages(
    conn: &Connection,
    path: &Path,
    subject: &'static str,
) -> Result<()> {
    let page: u32 = conn
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .map_err(|e| StoreError::sql(subject, e))?;
    let io = |e| StoreError::io(path, e);
    let length = std::fs::metadata(path).map_err(io)?.len();
    let whole = length.checked_div(u64::from(page)).unwrap_or_default();
    if length == whole * u64::from(page) || crate::wal::holds(path, page, whole + 1).map_err(io)? {
        Ok(())
    } else {
        Err(StoreError::refused(StoreCode::Corrupt, subject))
    }
}
