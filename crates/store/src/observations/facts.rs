//! The latest facts of each device.

use rusqlite::{Transaction, params};
use serde_json::Value;

use super::{Observations, collect, execute, json};
use crate::error::{Result, StoreCode, StoreError};

/// Most facts of one origin of one device.
const LIMIT: usize = 100_000;

/// One fact as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FactRow {
    /// Its stable kind.
    pub kind: String,
    /// Its value, or why it could not be seen.
    pub json: Value,
    /// Where the collector saw it.
    pub source: String,
    /// By the device's clock.
    pub observed_at: i64,
    /// By the server's clock.
    pub received_at: i64,
}

impl Observations {
    /// Replaces the facts that `origin` stated of a device. Facts of other origins stay.
    ///
    /// # Errors
    /// `bad-input` for more than 100,000 facts, and the codes of the database.
    pub fn replace_facts(&self, device: &str, origin: &str, facts: &[FactRow]) -> Result<()> {
        self.write(|tx| replace(tx, device, origin, facts))
    }

    /// The facts of a device with their origin, in the order stated.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn facts(&self, device: &str) -> Result<Vec<(String, FactRow)>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT kind, json, source, observed_at, received_at, origin FROM facts_latest
                 WHERE device = ?1 ORDER BY origin, position",
                [device],
                |r| {
                    let fact = FactRow {
                        kind: r.get(0)?,
                        json: json(r, 1)?,
                        source: r.get(2)?,
                        observed_at: r.get(3)?,
                        received_at: r.get(4)?,
                    };
                    Ok((r.get(5)?, fact))
                },
            )
        })
    }

    /// The facts of one kind of a device, from all origins.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn facts_of_kind(&self, device: &str, kind: &str) -> Result<Vec<FactRow>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT json, source, observed_at, received_at FROM facts_latest
                 WHERE device = ?1 AND kind = ?2 ORDER BY origin, position",
                [device, kind],
                |r| of_kind(r, kind),
            )
        })
    }

    /// The first fact of one kind of a device, in the order stated; what stands after it is not read.
    ///
    /// # Errors
    /// `bad-value` when the row is damaged, and the codes of the database.
    pub fn first_fact(&self, device: &str, kind: &str) -> Result<Option<FactRow>> {
        self.read(|conn| {
            let first = collect(
                conn,
                "SELECT json, source, observed_at, received_at FROM facts_latest
                 WHERE device = ?1 AND kind = ?2 ORDER BY origin, position LIMIT 1",
                [device, kind],
                |r| of_kind(r, kind),
            )?;
            Ok(first.into_iter().next())
        })
    }

    /// The devices that have facts.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn devices_with_facts(&self) -> Result<Vec<String>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT DISTINCT device FROM facts_latest ORDER BY device",
                [],
                |r| r.get(0),
            )
        })
    }
}

fn of_kind(r: &rusqlite::Row<'_>, kind: &str) -> rusqlite::Result<FactRow> {
    Ok(FactRow {
        kind: kind.to_owned(),
        json: json(r, 0)?,
        source: r.get(1)?,
        observed_at: r.get(2)?,
        received_at: r.get(3)?,
    })
}

pub(super) fn replace(
    tx: &Transaction<'_>,
    device: &str,
    origin: &str,
    facts: &[FactRow],
) -> Result<()> {
    if facts.len() > LIMIT {
        return Err(StoreError::refused(StoreCode::BadInput, "number of facts"));
    }
    execute(
        tx,
        "DELETE FROM facts_latest WHERE device = ?1 AND origin = ?2",
        params![device, origin],
    )?;
    for (position, fact) in (0_i64..).zip(facts) {
        execute(
            tx,
            "INSERT INTO facts_latest
                (device, origin, position, kind, json, source, observed_at, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                device,
                origin,
                position,
                fact.kind,
                fact.json.to_string(),
                fact.source,
                fact.observed_at,
                fact.received_at
            ],
        )?;
    }
    Ok(())
}
