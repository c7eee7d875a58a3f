//! Clients of conference tools that devices report: the newest of each device, beside its results.

use rusqlite::{Transaction, params};

use super::{Observations, collect, execute};
use crate::error::Result;

/// What a device shows of clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientsRow {
    /// The device's id.
    pub device: String,
    /// When the server received what it rests on.
    pub received_at: i64,
    /// Digest of the knowledge that it was judged with.
    pub knowledge: String,
    /// The clients, as JSON text: the rules' own form.
    pub stored: String,
}

impl Observations {
    /// Stores what devices show of clients. What rests on older facts than what is stored is left aside.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn put_clients(&self, rows: &[ClientsRow]) -> Result<()> {
        self.write(|tx| rows.iter().try_for_each(|row| put(tx, row)))
    }

    /// What every device shows of clients.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn clients(&self) -> Result<Vec<ClientsRow>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT device, received_at, knowledge, stored FROM conference_clients ORDER BY device",
                [],
                |r| {
                    Ok(ClientsRow {
                        device: r.get(0)?,
                        received_at: r.get(1)?,
                        knowledge: r.get(2)?,
                        stored: r.get(3)?,
                    })
                },
            )
        })
    }

    /// The devices that have a fact of a kind and of whose clients nothing is stored that was judged with the
    /// knowledge of this digest.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn clients_judged_otherwise(&self, knowledge: &str, kind: &str) -> Result<Vec<String>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT DISTINCT f.device FROM facts_latest AS f
                 LEFT JOIN conference_clients AS c ON c.device = f.device
                 WHERE f.kind = ?2 AND c.knowledge IS NOT ?1
                 ORDER BY f.device",
                params![knowledge, kind],
                |r| r.get(0),
            )
        })
    }
}

pub(super) fn put(tx: &Transaction<'_>, row: &ClientsRow) -> Result<()> {
    execute(
        tx,
        "INSERT INTO conference_clients (device, received_at, knowledge, stored)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (device) DO UPDATE SET
            received_at = excluded.received_at, knowledge = excluded.knowledge, stored = excluded.stored
         WHERE excluded.received_at >= conference_clients.received_at",
        params![row.device, row.received_at, row.knowledge, row.stored],
    )?;
    Ok(())
}
