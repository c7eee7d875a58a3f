//! Sessions of signed-in accounts.

use rusqlite::params;

use super::tunnel::{self, Whose};
use super::{Accounts, TokenHash, sql};
use crate::error::Result;

/// A session. Times are milliseconds since the epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub account: String,
    /// Secret against forged requests.
    pub csrf: [u8; 32],
    /// When it began.
    pub created_at: i64,
    /// When it was last used.
    pub last_seen_at: i64,
    /// When it ends, whatever happens.
    pub expires_at: i64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl Accounts {
    /// Stores a session under the hash of its token.
    ///
    /// # Errors
    /// `exists` when the token was used before or the account does not exist.
    pub fn add_session(&self, token: TokenHash, session: &Session) -> Result<()> {
        self.run(
            "INSERT INTO sessions (token, account, csrf, created_at, last_seen_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                token.0,
                session.account,
                session.csrf,
                session.created_at,
                session.last_seen_at,
                session.expires_at
            ],
        )?;
        Ok(())
    }

    /// The session, if it is not over at `now` and was used within the last `idle` milliseconds.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn session(&self, token: TokenHash, now: i64, idle: i64) -> Result<Option<Session>> {
        self.find(
            "SELECT account, csrf, created_at, last_seen_at, expires_at FROM sessions
             WHERE token = ?1 AND expires_at > ?2 AND last_seen_at > ?3",
            params![token.0, now, now.saturating_sub(idle)],
            |r| {
                Ok(Session {
                    account: r.get(0)?,
                    csrf: r.get(1)?,
                    created_at: r.get(2)?,
                    last_seen_at: r.get(3)?,
                    expires_at: r.get(4)?,
                })
            },
        )
    }

    /// Notes that the session was used. Call it once a minute at most, not at every request: it is
    /// a durable write.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn touch_session(&self, token: TokenHash, now: i64) -> Result<()> {
        self.run(
            "UPDATE sessions SET last_seen_at = ?2 WHERE token = ?1 AND last_seen_at < ?2",
            params![token.0, now],
        )?;
        Ok(())
    }

    /// How many sessions are in force, as [`Accounts::session`] has it.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count_sessions(&self, now: i64, idle: i64) -> Result<i64> {
        let count = self.find(
            "SELECT count(*) FROM sessions WHERE expires_at > ?1 AND last_seen_at > ?2",
            params![now, now.saturating_sub(idle)],
            |r| r.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Ends a session, and the tunnels that were confirmed in it.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn end_session(&self, token: TokenHash) -> Result<()> {
        self.within(|tx| {
            tx.execute("DELETE FROM sessions WHERE token = ?1", params![token.0])
                .map_err(sql)?;
            tunnel::sign_out(tx, Whose::Console(token))
        })
    }

    /// Ends every session and every tunnel of an account, and returns how many sessions.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn end_sessions(&self, account: &str) -> Result<usize> {
        self.within(|tx| {
            let ended = tx
                .execute("DELETE FROM sessions WHERE account = ?1", [account])
                .map_err(sql)?;
            tunnel::sign_out(tx, Whose::Account(account))?;
            Ok(ended)
        })
    }
}
