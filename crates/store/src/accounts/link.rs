//! One-time links: set-up, invitation, reset of a password.

use rusqlite::params;

use super::{Accounts, TokenHash};
use crate::error::Result;

/// A one-time link that was found. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is for, such as `setup` or `invite`.
    pub purpose: String,
    /// The person it was made for.
    pub person: Option<String>,
    /// The account it was made for.
    pub account: Option<String>,
    /// When it ends.
    pub expires_at: i64,
}

impl Accounts {
    /// Stores a link under the hash of its token.
    ///
    /// # Errors
    /// `exists` when the token was used before or the account does not exist.
    pub fn add_link(&self, token: TokenHash, link: &Link, now: i64) -> Result<()> {
        self.run(
            "INSERT INTO links (token, purpose, person, account, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                token.0,
                link.purpose,
                link.person,
                link.account,
                now,
                link.expires_at
            ],
        )?;
        Ok(())
    }

    /// The link, if it is for `purpose`, not used and not over at `now`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn link(&self, token: TokenHash, purpose: &str, now: i64) -> Result<Option<Link>> {
        self.find(
            "SELECT purpose, person, account, expires_at FROM links
             WHERE token = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3",
            params![token.0, purpose, now],
            read,
        )
    }

    /// Uses the link up: of two callers at the same moment only one gets it.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn use_link(&self, token: TokenHash, purpose: &str, now: i64) -> Result<Option<Link>> {
        self.change(
            "UPDATE links SET used_at = ?3
             WHERE token = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3
             RETURNING purpose, person, account, expires_at",
            params![token.0, purpose, now],
            read,
        )
    }

    /// Ends every unused link of a purpose, so that a new one replaces the old.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn end_links(&self, purpose: &str) -> Result<usize> {
        self.run(
            "DELETE FROM links WHERE purpose = ?1 AND used_at IS NULL",
            [purpose],
        )
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        purpose: row.get(0)?,
        person: row.get(1)?,
        account: row.get(2)?,
        expires_at: row.get(3)?,
    })
}
