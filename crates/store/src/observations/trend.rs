//! The trend of the verdicts, for the overview. The verdicts themselves are in the ledger.

use rusqlite::{Transaction, params};
use serde_json::Value;

use super::{Observations, collect, execute, json};
use crate::error::Result;

/// The counts of one section at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// When.
    pub at: i64,
    /// The section of the catalogue.
    pub section: String,
    /// Verdict → number of rows.
    pub counts: Value,
}

impl Observations {
    /// Stores points of a profile; one of the same section and moment is replaced.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn put_trend(&self, profile: &str, points: &[TrendPoint]) -> Result<()> {
        self.write(|tx| {
            for point in points {
                execute(
                    tx,
                    "INSERT OR REPLACE INTO trend (profile, section, at, counts)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![profile, point.section, point.at, point.counts.to_string()],
                )?;
            }
            Ok(())
        })
    }

    /// The points of a profile from `from` on, by section and time.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn trend(&self, profile: &str, from: i64) -> Result<Vec<TrendPoint>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT at, section, counts FROM trend WHERE profile = ?1 AND at >= ?2
                 ORDER BY section, at",
                params![profile, from],
                |r| {
                    Ok(TrendPoint {
                        at: r.get(0)?,
                        section: r.get(1)?,
                        counts: json(r, 2)?,
                    })
                },
            )
        })
    }
}

pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    execute(tx, "DELETE FROM trend WHERE at < ?1", [before])
}
