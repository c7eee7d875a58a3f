//! What waits to leave the machine: checkpoints to a file, by mail or to a witness.
//!
//! A parcel stays until its delivery was confirmed, so it may leave twice and never not at all.

use rusqlite::params;
use serde_json::Value;

use super::{Observations, collect, execute, json, sql};
use crate::error::{Result, StoreCode, StoreError};

/// Longest error that is kept, in characters.
const ERROR_LIMIT: usize = 500;

/// Something to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// The way it leaves: `file`, `mail` or `witness`.
    pub kind: String,
    /// What the way needs.
    pub payload: Value,
    /// Not before.
    pub due_at: i64,
}

/// A parcel that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxItem {
    /// Its number; never used again.
    pub id: i64,
    /// What and when.
    pub parcel: Parcel,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Observations {
    /// Puts a parcel into the outbox and returns its number.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn send(&self, parcel: &Parcel) -> Result<i64> {
        self.write(|tx| {
            execute(
                tx,
                "INSERT INTO outbox (kind, payload, due_at) VALUES (?1, ?2, ?3)",
                params![parcel.kind, parcel.payload.to_string(), parcel.due_at],
            )?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// At most `limit` parcels that are due at `now`, the longest waiting first.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn due(&self, now: i64, limit: usize) -> Result<Vec<OutboxItem>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT id, kind, payload, due_at, attempts, last_error FROM outbox
                 WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
                params![now, i64::try_from(limit).unwrap_or(i64::MAX)],
                |r| {
                    let parcel = Parcel {
                        kind: r.get(1)?,
                        payload: json(r, 2)?,
                        due_at: r.get(3)?,
                    };
                    Ok(OutboxItem {
                        id: r.get(0)?,
                        parcel,
                        attempts: r.get(4)?,
                        last_error: r.get(5)?,
                    })
                },
            )
        })
    }

    /// Removes a parcel that was delivered. Removing it twice is no error.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn delivered(&self, id: i64) -> Result<()> {
        self.write(|tx| execute(tx, "DELETE FROM outbox WHERE id = ?1", [id]))?;
        Ok(())
    }

    /// Notes a failure and when to try again.
    ///
    /// # Errors
    /// `unknown` when there is no such parcel.
    pub fn not_delivered(&self, id: i64, error: &str, again_at: i64) -> Result<()> {
        let error: String = error.chars().take(ERROR_LIMIT).collect();
        let changed = self.write(|tx| {
            execute(
                tx,
                "UPDATE outbox SET attempts = attempts + 1, last_error = ?2, due_at = ?3
                 WHERE id = ?1",
                params![id, error, again_at],
            )
        })?;
        match changed {
            0 => Err(StoreError::refused(StoreCode::Unknown, id.to_string())),
            _ => Ok(()),
        }
    }

    /// How many parcels wait, and since when the oldest is due: an operator must see checkpoints
    /// that do not get out.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn waiting(&self) -> Result<(i64, Option<i64>)> {
        self.read(|conn| {
            conn.query_row("SELECT count(*), min(due_at) FROM outbox", [], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .map_err(sql)
        })
    }
}
