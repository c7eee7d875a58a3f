//! Accounts, passkeys, one-time links, sessions, API tokens and profiles of imports, in
//! `accounts.sqlite`.
//!
//! Storage only: hashing of passwords, making of tokens and limits of rate belong to the sign-in.
//! Tokens are never stored, only their SHA-256. An account names a person; what the person may do
//! comes from appointments in the ledger, never from here.

mod api;
mod gateway;
mod language;
mod link;
mod passkey;
mod profile;
mod schema;
mod session;
mod tokens_at_hand;
mod tunnel;

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::db;
use crate::error::{Result, StoreCode, StoreError};
use crate::keyring::ForgottenList;

pub use api::{ANSWER_MAX, ANSWERS_OF_A_TOKEN, Begun, KeptAnswer};
pub use link::Link;
pub use passkey::{PASSKEYS_MAX, Passkey};
pub use profile::{ImportProfile, PROFILES_MAX};
pub use session::Session;
pub use tunnel::{NewTunnel, Tunnel, TunnelRequest};

use schema::STYLE;
use tokens_at_hand::TokensAtHand;

/// SHA-256 of a token: what is stored and looked up in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token of at least 128 random bits. No salt is needed for a random token.
    #[must_use]
    pub fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// An account. Times are milliseconds since the epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub account: String,
    /// The person who holds it; a person has one account at most.
    pub person: String,
    /// The name typed at sign-in; unique without regard to ASCII case.
    pub login: String,
    /// PHC string of the password's Argon2id hash; `None` until one is set.
    pub password: Option<String>,
    /// TOTP secret, sealed by the caller.
    pub totp: Option<Vec<u8>>,
    /// The last TOTP time step that was accepted: no code passes twice (RFC 6238, 5.2).
    pub totp_step: i64,
    /// Failures since the last success.
    pub failed: i64,
    /// Until when sign-in is refused.
    pub locked_until: Option<i64>,
    /// When it was made.
    pub created_at: i64,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// The database of accounts.
#[derive(Debug)]
pub struct Accounts {
    conn: Mutex<Connection>,
    tokens: TokensAtHand,
}

fn sql(error: rusqlite::Error) -> StoreError {
    StoreError::sql(STYLE.file, error)
}

/// `unknown` where a change found no row.
fn one(changed: usize, id: &str) -> Result<()> {
    match changed {
        0 => Err(StoreError::refused(StoreCode::Unknown, id)),
        _ => Ok(()),
    }
}

impl Accounts {
    /// Opens the database at `path`, making it where it is missing.
    ///
    /// # Errors
    /// The codes of the database, among them `corrupt`, `not-a-database` and `newer-version`.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            conn: Mutex::new(db::open_writer(path, &STYLE)?),
            tokens: TokensAtHand::default(),
        })
    }

    fn run(&self, query: &str, args: impl rusqlite::Params) -> Result<usize> {
        let conn = db::lock(&self.conn);
        conn.prepare_cached(query)
            .and_then(|mut s| s.execute(args))
            .map_err(sql)
    }

    fn find<T>(
        &self,
        query: &str,
        args: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let conn = db::lock(&self.conn);
        conn.prepare_cached(query)
            .and_then(|mut s| s.query_row(args, read).optional())
            .map_err(sql)
    }

    /// Several changes as one.
    fn within<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let done = change(&tx)?;
        tx.commit().map_err(sql)?;
        Ok(done)
    }

    /// A change that answers with a row. The commit is explicit, so that its failure is seen: a
    /// statement that is reset after its row commits silently or not at all.
    fn change<T>(
        &self,
        query: &str,
        args: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let row = tx
            .prepare_cached(query)
            .and_then(|mut s| s.query_row(args, read).optional())
            .map_err(sql)?;
        tx.commit().map_err(sql)?;
        Ok(row)
    }

    /// Adds an account without password.
    ///
    /// # Errors
    /// `exists` when the id, the person or the login name is taken; `bad-input` for a login name
    /// that is empty or longer than 254 bytes.
    pub fn add(&self, account: &str, person: &str, login: &str, now: i64) -> Result<()> {
        if !(1..=254).contains(&login.len()) {
            return Err(StoreError::refused(StoreCode::BadInput, "login"));
        }
        self.run(
            "INSERT INTO accounts (account, person, login, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![account, person, login, now],
        )?;
        Ok(())
    }

    /// An account by its id.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn get(&self, account: &str) -> Result<Option<Account>> {
        self.select("account", account)
    }

    /// An account by its login name.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn by_login(&self, login: &str) -> Result<Option<Account>> {
        self.select("login", login)
    }

    /// An account by its person.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn by_person(&self, person: &str) -> Result<Option<Account>> {
        self.select("person", person)
    }

    fn select(&self, column: &'static str, value: &str) -> Result<Option<Account>> {
        let query = format!(
            "SELECT account, person, login, password, totp, totp_step, failed, locked_until,
                created_at FROM accounts WHERE {column} = ?1"
        );
        self.find(&query, [value], |r| {
            Ok(Account {
                account: r.get(0)?,
                person: r.get(1)?,
                login: r.get(2)?,
                password: r.get(3)?,
                totp: r.get(4)?,
                totp_step: r.get(5)?,
                failed: r.get(6)?,
                locked_until: r.get(7)?,
                created_at: r.get(8)?,
            })
        })
    }

    /// How many accounts there are: none means that the set-up is not done.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count(&self) -> Result<i64> {
        let count = self.find("SELECT count(*) FROM accounts", [], |r| r.get(0))?;
        Ok(count.unwrap_or(0))
    }

    /// Sets the password's PHC string, clears failures and ends every session of the account.
    ///
    /// # Errors
    /// `unknown`.
    pub fn set_password(&self, account: &str, phc: &str) -> Result<()> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let changed = tx
            .execute(
                "UPDATE accounts SET password = ?2, failed = 0, locked_until = NULL
                 WHERE account = ?1",
                params![account, phc],
            )
            .map_err(sql)?;
        one(changed, account)?;
        tx.execute("DELETE FROM sessions WHERE account = ?1", [account])
            .map_err(sql)?;
        tunnel::sign_out(&tx, tunnel::Whose::Account(account))?;
        tx.commit().map_err(sql)
    }

    /// Replaces the PHC string only: for a password that was right and whose hash is renewed with
    /// today's cost.
    ///
    /// # Errors
    /// `unknown`.
    pub fn rehash_password(&self, account: &str, phc: &str) -> Result<()> {
        let changed = self.run(
            "UPDATE accounts SET password = ?2 WHERE account = ?1",
            params![account, phc],
        )?;
        one(changed, account)
    }

    /// Sets or removes the sealed TOTP secret.
    ///
    /// # Errors
    /// `unknown`.
    pub fn set_totp(&self, account: &str, sealed: Option<&[u8]>) -> Result<()> {
        let changed = self.run(
            "UPDATE accounts SET totp = ?2, totp_step = 0 WHERE account = ?1",
            params![account, sealed],
        )?;
        one(changed, account)
    }

    /// Uses up a TOTP time step. `false` when this or a later step was used before, also by a
    /// sign-in at the same moment: the code must then be refused.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn use_totp_step(&self, account: &str, step: i64) -> Result<bool> {
        let changed = self.run(
            "UPDATE accounts SET totp_step = ?2 WHERE account = ?1 AND totp_step < ?2",
            params![account, step],
        )?;
        Ok(changed == 1)
    }

    /// Counts a failure and returns how many there are now.
    ///
    /// # Errors
    /// `unknown`.
    pub fn count_failure(&self, account: &str) -> Result<i64> {
        self.change(
            "UPDATE accounts SET failed = failed + 1 WHERE account = ?1 RETURNING failed",
            [account],
            |r| r.get(0),
        )?
        .ok_or_else(|| StoreError::refused(StoreCode::Unknown, account))
    }

    /// Refuses sign-in until `until`, milliseconds since the epoch.
    ///
    /// # Errors
    /// `unknown`.
    pub fn lock_until(&self, account: &str, until: i64) -> Result<()> {
        let changed = self.run(
            "UPDATE accounts SET locked_until = ?2 WHERE account = ?1",
            params![account, until],
        )?;
        one(changed, account)
    }

    /// Clears failures and lock after a success.
    ///
    /// # Errors
    /// `unknown`.
    pub fn clear_failures(&self, account: &str) -> Result<()> {
        let changed = self.run(
            "UPDATE accounts SET failed = 0, locked_until = NULL WHERE account = ?1",
            [account],
        )?;
        one(changed, account)
    }

    /// Removes everything that names a person: account, passkeys, links and sessions, and returns the ids of
    /// the accounts. The deleted bytes are overwritten and the write-ahead log, which still holds
    /// them, is emptied.
    ///
    /// # Errors
    /// The codes of the database; `busy` when a reader kept the log from being emptied.
    pub fn forget(&self, person: &str) -> Result<Vec<String>> {
        self.forget_all([person].into_iter())
    }

    /// [`Accounts::forget`] for everyone on a list, in one transaction.
    ///
    /// # Errors
    /// As [`Accounts::forget`].
    pub fn apply_forgotten(&self, list: &ForgottenList) -> Result<Vec<String>> {
        self.forget_all(list.iter().map(|(person, _)| person))
    }

    fn forget_all<'a>(&self, persons: impl Iterator<Item = &'a str>) -> Result<Vec<String>> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let mut gone = Vec::new();
        for person in persons {
            tx.prepare_cached("DELETE FROM links WHERE person = ?1")
                .and_then(|mut s| s.execute([person]))
                .map_err(sql)?;
            tx.prepare_cached("DELETE FROM api_tokens WHERE person = ?1")
                .and_then(|mut s| s.execute([person]))
                .map_err(sql)?;
            let account: Option<String> = tx
                .prepare_cached("DELETE FROM accounts WHERE person = ?1 RETURNING account")
                .and_then(|mut s| s.query_row([person], |r| r.get(0)).optional())
                .map_err(sql)?;
            gone.extend(account);
        }
        tx.commit().map_err(sql)?;
        self.tokens.clear();
        let busy: i64 = conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))
            .map_err(sql)?;
        if busy != 0 {
            return Err(StoreError::refused(StoreCode::Busy, STYLE.file));
        }
        Ok(gone)
    }

    /// Removes expired sessions and links, and answers kept long enough, and returns how many.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn retain(&self, now: i64) -> Result<usize> {
        let sessions = self.run("DELETE FROM sessions WHERE expires_at <= ?1", [now])?;
        let links = self.run("DELETE FROM links WHERE expires_at <= ?1", [now])?;
        let requests = self.retain_requests(now.saturating_sub(api::KEPT_FOR))?;
        let tunnels = self.retain_tunnels(now.saturating_sub(tunnel::KEPT_FOR))?;
        Ok(sessions + links + requests + tunnels)
    }

    /// Reads the whole database.
    ///
    /// # Errors
    /// `corrupt`.
    pub fn check(&self) -> Result<()> {
        db::check(&db::lock(&self.conn), STYLE.file)
    }
}
