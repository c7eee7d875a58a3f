//! The ledger in SQLite: one file, write-ahead log, every batch durable before it is answered.
//!
//! Only what [`sekisho_ledger::verify()`] finds clean is ever written: records are checked for
//! canonical form, time order and blobs before they are appended. The store holds no key; the
//! caller signs.

mod ahead;
mod append;
mod lock;
mod open;
mod remains;
mod side_by_side;
mod view;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use sekisho_ledger::{Digest, Salt, TileWriter};

pub use append::{Appended, NewEntry, Sign};
pub use lock::{DataLock, LOCK_FILE};
pub use remains::Remains;
pub use view::{EntryRow, LedgerView};

use crate::error::{Result, StoreError};

/// The name of this database in errors.
const FILE: &str = "ledger";

/// How long a connection waits for another before it answers `busy`.
const BUSY: Duration = Duration::from_secs(10);

/// How a ledger is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To append; the file is made where it is missing. The caller holds the [`DataLock`].
    Write,
    /// To read only, also while another process appends.
    Read,
}

/// An open ledger.
#[derive(Debug)]
pub struct LedgerStore {
    conn: Connection,
    path: PathBuf,
    access: Access,
    /// The right edge of the tree; kept by a writer only.
    tree: TileWriter,
    /// The time of the newest record; kept by a writer only.
    recorded_at: i64,
    /// A batch failed: what is known of the edge is read again before the next one.
    stale: bool,
}

impl LedgerStore {
    /// Opens the ledger at `path`.
    ///
    /// # Errors
    /// `not-found`, `permission`, `read-only`, `disk-full`, `not-a-database`, `foreign-files` (a
    /// database, but not a ledger), `newer-version`, `corrupt` (damaged, or for writing: entries
    /// and checkpoint do not count the same), `busy`, `io`.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        let conn = match access {
            Access::Write => open::writer(path)?,
            Access::Read => open::reader(path)?,
        };
        let mut store = Self {
            conn,
            path: path.to_path_buf(),
            access,
            tree: TileWriter::new(),
            recorded_at: i64::MIN,
            stale: false,
        };
        if access == Access::Write {
            store.load_edge()?;
        }
        Ok(store)
    }

    /// Where the ledger lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A view of the ledger as it is at this moment: entries appended later do not appear in it.
    ///
    /// # Errors
    /// Reading fails.
    pub fn view(&self) -> Result<LedgerView<'_>> {
        LedgerView::new(&self.conn, &self.path)
    }

    /// Folds the write-ahead log into the main file, so that this file alone is the ledger. Done
    /// when a writer stops; readers that are still open may keep a part of it in the log.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn settle(&self) -> Result<()> {
        self.conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(sql)
    }

    /// The number of entries.
    ///
    /// # Errors
    /// Reading fails.
    pub fn size(&self) -> Result<u64> {
        size(&self.conn)
    }

    /// The root over all entries.
    ///
    /// # Errors
    /// Reading fails.
    pub fn root(&self) -> Result<Digest> {
        let view = self.view()?;
        sekisho_ledger::tree::root(&view, view.size())
    }

    /// One entry: its salt and record.
    ///
    /// # Errors
    /// Reading fails.
    pub fn entry(&self, seq: u64) -> Result<Option<(Salt, Vec<u8>)>> {
        let mut found = None;
        self.range(seq, 1, &mut |row| {
            found = (row.seq == seq).then(|| (row.salt, row.record.to_vec()));
            Ok(())
        })?;
        Ok(found)
    }

    /// Streams up to `limit` entries from `from` on, in order, without copying them; the number
    /// streamed.
    ///
    /// # Errors
    /// Reading fails, or whatever `each` answers.
    pub fn range(
        &self,
        from: u64,
        limit: u64,
        each: &mut dyn FnMut(EntryRow<'_>) -> Result<()>,
    ) -> Result<u64> {
        view::range(&self.conn, from, limit, each)
    }

    /// The first record that cannot be read, found by reading them all in order; none where every
    /// one can be read.
    #[must_use]
    pub fn first_unreadable(&self) -> Option<u64> {
        let (readable, broken) = remains::records(&self.conn);
        broken.then_some(readable)
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// Reading fails.
    pub fn checkpoint(&self) -> Result<Option<String>> {
        let text = view::checkpoint(&self.conn)?;
        Ok(text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// Reading fails.
    pub fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        view::blob(&self.conn, digest)
    }
}

/// Turns SQLite's errors into ours.
fn sql(error: rusqlite::Error) -> StoreError {
    StoreError::sql(FILE, error)
}

/// The number of entries, by the newest one.
fn size(conn: &Connection) -> Result<u64> {
    let newest: Option<i64> = conn
        .prepare_cached("SELECT seq FROM entries ORDER BY seq DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(sql)?;
    Ok(newest.map_or(0, |seq| seq.cast_unsigned().saturating_add(1)))
}
