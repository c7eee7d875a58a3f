//! Sign-ins. Reading them needs a stated purpose, which is the server's to ask and to record.

use rusqlite::{Transaction, params};

use super::{Observations, collect, execute};
use crate::error::Result;

/// One attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: i64,
    /// The account, where the login name was one.
    pub account: Option<String>,
    /// The outcome's code.
    pub outcome: String,
    /// Keyed hash of the address: tells equal from different without telling where.
    pub address: Vec<u8>,
}

impl Observations {
    /// Records an attempt.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn add_sign_in(&self, sign_in: &SignIn) -> Result<()> {
        self.write(|tx| {
            execute(
                tx,
                "INSERT INTO sign_ins (at, account, outcome, address) VALUES (?1, ?2, ?3, ?4)",
                params![
                    sign_in.at,
                    sign_in.account,
                    sign_in.outcome,
                    sign_in.address
                ],
            )
        })?;
        Ok(())
    }

    /// The newest attempts on an account, at most `limit`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn sign_ins(&self, account: &str, limit: usize) -> Result<Vec<SignIn>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT at, account, outcome, address FROM sign_ins WHERE account = ?1
                 ORDER BY at DESC, rowid DESC LIMIT ?2",
                params![account, i64::try_from(limit).unwrap_or(i64::MAX)],
                |r| {
                    Ok(SignIn {
                        at: r.get(0)?,
                        account: r.get(1)?,
                        outcome: r.get(2)?,
                        address: r.get(3)?,
                    })
                },
            )
        })
    }

    /// Removes the attempts on an account, when its person is forgotten.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn forget_sign_ins(&self, account: &str) -> Result<usize> {
        self.write(|tx| execute(tx, "DELETE FROM sign_ins WHERE account = ?1", [account]))
    }
}

pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    execute(tx, "DELETE FROM sign_ins WHERE at < ?1", [before])
}
