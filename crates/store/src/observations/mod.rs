//! Observations: what was seen, in `observations.sqlite`, with retention.
//!
//! One connection writes, others read beside it. Durability is `NORMAL` under a write-ahead log: a
//! power cut may lose the last moments, which the next report brings again; it never damages the
//! file. Governance facts are in the ledger, never here.
//!
//! All times are milliseconds since the epoch, UTC. Devices, checks, kinds and reasons are stable
//! codes and opaque ids; names of persons are never stored here.

mod admissions;
mod answers;
mod clients;
mod decisions;
mod exception_use;
mod facts;
mod feeds;
mod letters;
mod outbox;
mod posture;
mod refused;
mod reports;
mod schema;
mod service_use;
mod signins;
mod telework_days;
mod trend;
mod tunnel_days;
mod tunnel_use;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::db::{self, Style};
use crate::error::{Result, StoreError};

pub use admissions::{AdmissionRow, AdmissionsOf, Admitted, NewAdmission};
pub use answers::{ApplicationDecision, GivenAnswer, NewAnswer, NewFacts};
pub use clients::ClientsRow;
pub use decisions::{AllowedOnADay, AskedAbout, DecisionRow, DecisionsOf, NewDecision};
pub use exception_use::{AllowedOf, AllowedTimes};
pub use facts::FactRow;
pub use feeds::{Feed, FeedState};
pub use letters::{LetterEnd, LetterRow, LetterTally, LettersIn, NewLetter};
pub use outbox::{OutboxItem, Parcel};
pub use posture::{PostureResult, PostureRow};
pub use refused::Refused;
pub use reports::{Ingest, Report, StoredReport};
pub use service_use::{NewServiceUse, ServiceSource, ServiceSum, ServiceUser};
pub use signins::SignIn;
pub use telework_days::{CountsFor, TeleworkDay, Unsummed};
pub use trend::TrendPoint;
pub use tunnel_days::{TunnelDay, TunnelSpan};
pub use tunnel_use::{TunnelReport, TunnelSession, TunnelUse, TunnelsOf};

const STYLE: Style = Style {
    file: "observations",
    pragmas: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;",
    migrations: schema::MIGRATIONS,
};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Idle reading connections that are kept.
const IDLE_READERS: usize = 4;

/// How long observations are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Reports; the newest of each device is always kept.
    pub reports: i64,
    /// Sign-ins.
    pub sign_ins: i64,
    /// Points of the trend.
    pub trend: i64,
    /// Letters that have ended.
    pub letters: i64,
    /// Answers of the decision point.
    pub decisions: i64,
    /// What tunnels were used for.
    pub tunnels: i64,
    /// Admissions at internal lines.
    pub admissions: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            reports: 35,
            sign_ins: 400,
            trend: 1_100,
            letters: 400,
            decisions: 92,
            tunnels: 92,
            admissions: 400,
        }
    }
}

/// What [`Observations::retain`] removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Reports.
    pub reports: usize,
    /// Sign-ins.
    pub sign_ins: usize,
    /// Points of the trend.
    pub trend: usize,
    /// Letters.
    pub letters: usize,
    /// Answers of the decision point.
    pub decisions: usize,
    /// Sessions of tunnels, with what they were used for.
    pub tunnels: usize,
    /// Admissions at internal lines.
    pub admissions: usize,
}

/// The database of observations.
pub struct Observations {
    path: PathBuf,
    /// Closed before the writer: only a writer that closes last empties the write-ahead log.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
}

impl std::fmt::Debug for Observations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observations")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn sql(error: rusqlite::Error) -> StoreError {
    StoreError::sql(STYLE.file, error)
}

impl Observations {
    /// Opens the database at `path`, making it where it is missing and bringing its schema up to
    /// date.
    ///
    /// # Errors
    /// The codes of the database, among them `corrupt`, `not-a-database` and `newer-version`.
    pub fn open(path: &Path) -> Result<Self> {
        let writer = db::open_writer(path, &STYLE)?;
        Ok(Self {
            path: path.to_path_buf(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Opens the database for reading only, also in a folder that cannot be written. Whatever
    /// would write fails.
    ///
    /// # Errors
    /// The codes of the database; `read-only` where a write-ahead log was left behind in a folder
    /// that cannot be written.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        let conn = db::open_reader(path, STYLE.file)?;
        Ok(Self {
            path: path.to_path_buf(),
            writer: Mutex::new(conn),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Runs `work` on a reading connection, beside the writer and other readers.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = db::lock(&self.readers).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => db::open_reader(&self.path, STYLE.file)?,
        };
        let result = work(&conn);
        let mut idle = db::lock(&self.readers);
        if idle.len() < IDLE_READERS {
            idle.push(conn);
        }
        result
    }

    /// Runs `work` in one writing transaction: all of it is kept, or nothing.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut conn = db::lock(&self.writer);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let result = work(&tx)?;
        tx.commit().map_err(sql)?;
        Ok(result)
    }

    /// Removes what is older than `retention` allows at `now`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn retain(&self, now: i64, retention: Retention) -> Result<Removed> {
        let before = |days: i64| now.saturating_sub(days.saturating_mul(DAY));
        self.write(|tx| {
            Ok(Removed {
                reports: reports::retain(tx, before(retention.reports))?,
                sign_ins: signins::retain(tx, before(retention.sign_ins))?,
                trend: trend::retain(tx, before(retention.trend))?,
                letters: letters::retain(tx, before(retention.letters))?,
                decisions: decisions::retain(tx, before(retention.decisions))?
                    + answers::retain(tx, before(retention.decisions))?,
                tunnels: tunnel_use::retain(tx, before(retention.tunnels))?,
                admissions: admissions::retain(tx, before(retention.admissions))?,
            })
        })
    }

    /// Removes every observation of a device that left for good. Followers of the posture learn it
    /// from the ledger, not from here.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn remove_device(&self, device: &str) -> Result<()> {
        self.write(|tx| {
            for query in [
                "DELETE FROM reports WHERE device = ?1",
                "DELETE FROM facts_latest WHERE device = ?1",
                "DELETE FROM posture WHERE device = ?1",
                "DELETE FROM whereabouts WHERE device = ?1",
                "DELETE FROM conference_clients WHERE device = ?1",
            ] {
                tx.execute(query, [device]).map_err(sql)?;
            }
            Ok(())
        })
    }

    /// Reads the whole database.
    ///
    /// # Errors
    /// `corrupt`.
    pub fn check(&self) -> Result<()> {
        self.read(|conn| db::check(conn, STYLE.file))
    }
}

/// Runs one statement that is kept prepared.
fn execute(conn: &Connection, query: &str, args: impl rusqlite::Params) -> Result<usize> {
    conn.prepare_cached(query)
        .and_then(|mut s| s.execute(args))
        .map_err(sql)
}

/// Collects the rows of one statement that is kept prepared.
fn collect<T>(
    conn: &Connection,
    query: &str,
    args: impl rusqlite::Params,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    conn.prepare_cached(query)
        .and_then(|mut s| s.query_map(args, read)?.collect())
        .map_err(sql)
}

/// Reads a column that holds JSON; anything else is damage.
fn json(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<serde_json::Value> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}
