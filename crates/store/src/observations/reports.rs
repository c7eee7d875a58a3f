//! Reports of devices as they came, and taking one in with all that follows from it.

use rusqlite::{OptionalExtension, Transaction, params};

use super::clients::{self, ClientsRow};
use super::facts::{self, FactRow};
use super::posture::{self, PostureResult};
use super::{Observations, execute, sql};
use crate::error::{Result, StoreCode, StoreError};

/// Longest body of a report, in bytes.
const BODY_LIMIT: usize = 16 << 20;

/// A report as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report<'a> {
    /// The device's id.
    pub device: &'a str,
    /// The device's own count of reports; never comes twice.
    pub sequence: i64,
    /// By the device's clock.
    pub observed_at: i64,
    /// By the server's clock.
    pub received_at: i64,
    /// SHA-256 of `body`.
    pub digest: [u8; 32],
    /// The signed bytes, at most 16 MiB.
    pub body: &'a [u8],
}

/// A stored report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// The device's own count.
    pub sequence: i64,
    /// By the device's clock.
    pub observed_at: i64,
    /// By the server's clock.
    pub received_at: i64,
    /// SHA-256 of `body`.
    pub digest: [u8; 32],
    /// The bytes.
    pub body: Vec<u8>,
}

/// A report with the facts and results made of it: taken in together or not at all.
#[derive(Debug, Clone, Copy)]
pub struct Ingest<'a> {
    /// The report.
    pub report: Report<'a>,
    /// Who speaks, such as `agent`: facts of the same device and origin are replaced.
    pub origin: &'a str,
    /// Its facts.
    pub facts: &'a [FactRow],
    /// The results of the checks.
    pub results: &'a [PostureResult<'a>],
    /// The clients of conference tools, where they were looked for.
    pub clients: Option<&'a ClientsRow>,
}

impl Observations {
    /// Takes a report in and returns the posture's sequence after it.
    ///
    /// # Errors
    /// `exists` when the device's count is not higher than that of its newest report: a replay, or
    /// one key used in two places; `bad-input` when the body is too long.
    pub fn ingest(&self, ingest: &Ingest<'_>) -> Result<i64> {
        let report = ingest.report;
        if report.body.len() > BODY_LIMIT {
            return Err(StoreError::refused(StoreCode::BadInput, "report length"));
        }
        self.write(|tx| {
            let newest: Option<i64> = newest(tx, report.device)?;
            if newest.is_some_and(|n| report.sequence <= n) {
                return Err(StoreError::refused(StoreCode::Exists, report.device));
            }
            execute(
                tx,
                "INSERT INTO reports (device, sequence, observed_at, received_at, digest, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    report.device,
                    report.sequence,
                    report.observed_at,
                    report.received_at,
                    report.digest,
                    report.body
                ],
            )?;
            facts::replace(tx, report.device, ingest.origin, ingest.facts)?;
            if let Some(row) = ingest.clients {
                clients::put(tx, row)?;
            }
            posture::put(tx, ingest.results.iter().copied())
        })
    }

    /// The count of a device's newest report.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn last_sequence(&self, device: &str) -> Result<Option<i64>> {
        self.read(|conn| newest(conn, device))
    }

    /// A device's newest report.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn last_report(&self, device: &str) -> Result<Option<StoredReport>> {
        self.read(|conn| {
            conn.prepare_cached(
                "SELECT sequence, observed_at, received_at, digest, body FROM reports
                 WHERE device = ?1 ORDER BY sequence DESC LIMIT 1",
            )
            .and_then(|mut s| {
                s.query_row([device], |r| {
                    Ok(StoredReport {
                        sequence: r.get(0)?,
                        observed_at: r.get(1)?,
                        received_at: r.get(2)?,
                        digest: r.get(3)?,
                        body: r.get(4)?,
                    })
                })
                .optional()
            })
            .map_err(sql)
        })
    }
}

fn newest(conn: &rusqlite::Connection, device: &str) -> Result<Option<i64>> {
    conn.prepare_cached("SELECT max(sequence) FROM reports WHERE device = ?1")
        .and_then(|mut s| s.query_row([device], |r| r.get(0)))
        .map_err(sql)
}

/// Removes reports received before `before`, but never a device's newest: it holds the count
/// against replays.
pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    execute(
        tx,
        "DELETE FROM reports WHERE received_at < ?1 AND sequence <
            (SELECT max(r.sequence) FROM reports r WHERE r.device = reports.device)",
        [before],
    )
}
