//! Passkeys: the public keys that accounts are signed in with.

use rusqlite::{Row, TransactionBehavior, params};

use super::{Accounts, one, sql};
use crate::db;
use crate::error::{Result, StoreCode, StoreError};

/// Most passkeys of one account.
pub const PASSKEYS_MAX: i64 = 20;

/// Longest credential id in bytes (WebAuthn Level 3, section 4: at most 1023).
const CREDENTIAL_MAX: usize = 1023;

/// A passkey. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id; no two accounts have the same.
    pub credential: Vec<u8>,
    /// Whose it is.
    pub account: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key with what is known about it, as the caller writes it. No secret.
    pub key: String,
    /// The newest signature counter that was seen; 0 for a key that does not count.
    pub counter: u32,
    /// When it was registered.
    pub created_at: i64,
    /// When it last signed in.
    pub last_used_at: Option<i64>,
    /// Since when it is refused, because its counter shows that there is a copy.
    pub blocked_at: Option<i64>,
}

const COLUMNS: &str =
    "credential, account, name, key, counter, created_at, last_used_at, blocked_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Passkey> {
    Ok(Passkey {
        credential: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        key: row.get(3)?,
        counter: row.get(4)?,
        created_at: row.get(5)?,
        last_used_at: row.get(6)?,
        blocked_at: row.get(7)?,
    })
}

impl Accounts {
    /// Adds a passkey to an account. `false` when the account has [`PASSKEYS_MAX`] already.
    ///
    /// # Errors
    /// `exists` when the credential is known or the account is not; `bad-input` for an id that is
    /// empty or too long.
    pub fn add_passkey(&self, passkey: &Passkey) -> Result<bool> {
        if !(1..=CREDENTIAL_MAX).contains(&passkey.credential.len()) {
            return Err(StoreError::refused(StoreCode::BadInput, "credential"));
        }
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let held: i64 = tx
            .query_row(
                "SELECT count(*) FROM passkeys WHERE account = ?1",
                [&passkey.account],
                |r| r.get(0),
            )
            .map_err(sql)?;
        if held >= PASSKEYS_MAX {
            return Ok(false);
        }
        tx.execute(
            "INSERT INTO passkeys (credential, account, name, key, counter, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                passkey.credential,
                passkey.account,
                passkey.name,
                passkey.key,
                passkey.counter,
                passkey.created_at
            ],
        )
        .map_err(sql)?;
        tx.commit().map_err(sql)?;
        Ok(true)
    }

    /// The passkeys of an account, oldest first.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn passkeys(&self, account: &str) -> Result<Vec<Passkey>> {
        let conn = db::lock(&self.conn);
        let query =
            format!("SELECT {COLUMNS} FROM passkeys WHERE account = ?1 ORDER BY created_at, name");
        let mut statement = conn.prepare_cached(&query).map_err(sql)?;
        let rows = statement.query_map([account], read).map_err(sql)?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map_err(sql)
    }

    /// A passkey by the id of its credential.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn passkey(&self, credential: &[u8]) -> Result<Option<Passkey>> {
        let query = format!("SELECT {COLUMNS} FROM passkeys WHERE credential = ?1");
        self.find(&query, params![credential], read)
    }

    /// Notes that a passkey has signed in with this counter. `false` when it is blocked or gone,
    /// or when this or a later counter was seen before, also by a sign-in at the same moment: the
    /// sign-in must then be refused. A key that does not count always says 0.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn use_passkey(
        &self,
        credential: &[u8],
        (counter, key): (u32, &str),
        now: i64,
    ) -> Result<bool> {
        let changed = self.run(
            "UPDATE passkeys SET counter = ?2, key = ?3, last_used_at = ?4
             WHERE credential = ?1 AND blocked_at IS NULL
               AND (counter < ?2 OR (counter = 0 AND ?2 = 0))",
            params![credential, counter, key, now],
        )?;
        Ok(changed == 1)
    }

    /// Refuses a passkey from now on.
    ///
    /// # Errors
    /// `unknown`.
    pub fn block_passkey(&self, credential: &[u8], now: i64) -> Result<()> {
        let changed = self.run(
            "UPDATE passkeys SET blocked_at = coalesce(blocked_at, ?2) WHERE credential = ?1",
            params![credential, now],
        )?;
        one(changed, "passkey")
    }

    /// Removes a passkey of an account, unless it is the last means of signing in: then `false`.
    /// A blocked passkey is no means.
    ///
    /// # Errors
    /// `unknown` when the account has no such passkey.
    pub fn remove_passkey(&self, account: &str, credential: &[u8]) -> Result<bool> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let removed = tx
            .execute(
                "DELETE FROM passkeys WHERE account = ?1 AND credential = ?2",
                params![account, credential],
            )
            .map_err(sql)?;
        one(removed, "passkey")?;
        let left: bool = tx
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?1 AND password IS NOT NULL)
                     OR EXISTS (SELECT 1 FROM passkeys WHERE account = ?1 AND blocked_at IS NULL)",
                [account],
                |r| r.get(0),
            )
            .map_err(sql)?;
        if !left {
            return Ok(false);
        }
        tx.commit().map_err(sql)?;
        Ok(true)
    }
}
