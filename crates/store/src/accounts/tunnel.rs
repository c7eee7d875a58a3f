//! Sessions of tunnels, from the device's wish to their end, and the count of what devices ask.
//!
//! Kept beside the console's sessions, because they end together: in one transaction.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Accounts, TokenHash, sql};
use crate::error::Result;

/// How long a row is kept after it was asked for, in milliseconds: a week. Its key is refused to
/// other devices for as long.
pub(super) const KEPT_FOR: i64 = 7 * 86_400_000;

/// Why a session ended that signing out took along.
const SIGNED_OUT: &str = "signed-out";
/// Why one ended that a newer one of the same device replaced.
const REPLACED: &str = "replaced";

/// What a device asks for. Times are milliseconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub struct NewTunnel<'a> {
    /// The session's random id.
    pub session: &'a str,
    /// The device.
    pub device: &'a str,
    /// The WireGuard public key made on it.
    pub key: &'a str,
    /// Keyed hash of the code that a person types.
    pub code: TokenHash,
    /// When.
    pub requested_at: i64,
    /// Until when the code can be used.
    pub code_until: i64,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelRequest {
    /// It waits for a person.
    Waiting,
    /// Another device has that WireGuard key.
    KeyInUse,
    /// Another wish has that code: take another one.
    CodeTaken,
}

/// A session of a tunnel as it is stored. Whether it is open depends on time and ledger as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnel {
    /// Its id.
    pub session: String,
    /// The device.
    pub device: String,
    /// The WireGuard public key.
    pub key: String,
    /// When the device asked.
    pub requested_at: i64,
    /// Until when a person can confirm it.
    pub code_until: i64,
    /// The account of the person who confirmed it.
    pub account: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: Option<i64>,
    /// When it ends, whatever happens.
    pub expires_at: Option<i64>,
    /// Why it has ended.
    pub ended: Option<String>,
}

const COLUMNS: &str = "session, device, key, requested_at, code_until, account, confirmed_at,
    expires_at, ended";

fn read(row: &Row<'_>) -> rusqlite::Result<Tunnel> {
    Ok(Tunnel {
        session: row.get(0)?,
        device: row.get(1)?,
        key: row.get(2)?,
        requested_at: row.get(3)?,
        code_until: row.get(4)?,
        account: row.get(5)?,
        confirmed_at: row.get(6)?,
        expires_at: row.get(7)?,
        ended: row.get(8)?,
    })
}

/// Whose tunnels end with a sign-out.
pub(super) enum Whose<'a> {
    /// Those confirmed in one session of the console.
    Console(TokenHash),
    /// All of an account.
    Account(&'a str),
}

/// Ends tunnels as part of a sign-out.
pub(super) fn sign_out(tx: &Transaction<'_>, whose: Whose<'_>) -> Result<()> {
    let ended = match whose {
        Whose::Console(token) => tx.execute(
            "UPDATE tunnel_sessions SET ended = ?2 WHERE console = ?1 AND ended IS NULL",
            params![token.0, SIGNED_OUT],
        ),
        Whose::Account(account) => tx.execute(
            "UPDATE tunnel_sessions SET ended = ?2 WHERE account = ?1 AND ended IS NULL",
            params![account, SIGNED_OUT],
        ),
    };
    ended.map(|_| ()).map_err(sql)
}

impl Accounts {
    /// Takes the number of a device's request. `false` when this or a higher one came before: a
    /// replay, or one key used in two places. Reports are counted by themselves.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count_device_request(&self, device: &str, sequence: i64) -> Result<bool> {
        let changed = self.run(
            "INSERT INTO device_requests (device, sequence) VALUES (?1, ?2)
             ON CONFLICT (device) DO UPDATE SET sequence = excluded.sequence
             WHERE excluded.sequence > sequence",
            params![device, sequence],
        )?;
        Ok(changed == 1)
    }

    /// Stores a device's wish for a tunnel. What it wished before and nobody confirmed ends.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn request_tunnel(&self, new: &NewTunnel<'_>) -> Result<TunnelRequest> {
        self.within(|tx| {
            let there = |query: &str, args: &[&dyn rusqlite::ToSql]| {
                let found = tx.query_row(query, args, |_| Ok(())).optional();
                found.map(|row| row.is_some()).map_err(sql)
            };
            let of_another = "SELECT 1 FROM tunnel_sessions WHERE key = ?1 AND device <> ?2";
            if there(of_another, &[&new.key, &new.device])? {
                return Ok(TunnelRequest::KeyInUse);
            }
            let taken = "SELECT 1 FROM tunnel_sessions WHERE code = ?1";
            if there(taken, &[&new.code.0])? {
                return Ok(TunnelRequest::CodeTaken);
            }
            tx.execute(
                "UPDATE tunnel_sessions SET ended = ?2
                 WHERE device = ?1 AND confirmed_at IS NULL AND ended IS NULL",
                params![new.device, REPLACED],
            )
            .map_err(sql)?;
            tx.execute(
                "INSERT INTO tunnel_sessions
                    (session, device, key, code, requested_at, code_until)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    new.session,
                    new.device,
                    new.key,
                    new.code.0,
                    new.requested_at,
                    new.code_until
                ],
            )
            .map_err(sql)?;
            Ok(TunnelRequest::Waiting)
        })
    }

    /// A session by its id.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnel(&self, session: &str) -> Result<Option<Tunnel>> {
        let query = format!("SELECT {COLUMNS} FROM tunnel_sessions WHERE session = ?1");
        self.find(&query, [session], read)
    }

    /// The session that waits under a code at `now`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnel_of_code(&self, code: TokenHash, now: i64) -> Result<Option<Tunnel>> {
        let query = format!(
            "SELECT {COLUMNS} FROM tunnel_sessions WHERE code = ?1 AND code_until > ?2
             AND confirmed_at IS NULL AND ended IS NULL"
        );
        self.find(&query, params![code.0, now], read)
    }

    /// Confirms a session that waits: for an account, in a session of the console, from `now`
    /// until `expires_at`. The device's earlier tunnel ends. `false` when it no longer waits, also
    /// because somebody confirmed it at the same moment.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn confirm_tunnel(
        &self,
        session: &str,
        (account, console): (&str, TokenHash),
        now: i64,
        expires_at: i64,
    ) -> Result<bool> {
        self.within(|tx| {
            let changed = tx
                .execute(
                    "UPDATE tunnel_sessions SET account = ?2, console = ?3, confirmed_at = ?4,
                        expires_at = ?5
                     WHERE session = ?1 AND confirmed_at IS NULL AND ended IS NULL
                        AND code_until > ?4",
                    params![session, account, console.0, now, expires_at],
                )
                .map_err(sql)?;
            if changed == 0 {
                return Ok(false);
            }
            tx.execute(
                "UPDATE tunnel_sessions SET ended = ?2
                 WHERE device = (SELECT device FROM tunnel_sessions WHERE session = ?1)
                    AND session <> ?1 AND ended IS NULL",
                params![session, REPLACED],
            )
            .map_err(sql)?;
            Ok(true)
        })
    }

    /// Ends a session. Of one that has ended the first reason stays.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn end_tunnel(&self, session: &str, why: &str) -> Result<()> {
        self.run(
            "UPDATE tunnel_sessions SET ended = ?2 WHERE session = ?1 AND ended IS NULL",
            [session, why],
        )?;
        Ok(())
    }

    /// Every session that is confirmed, has not ended and is not over at `now`, in the order of
    /// their ids. The ledger may know better of account or device.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnels(&self, now: i64) -> Result<Vec<Tunnel>> {
        let conn = crate::db::lock(&self.conn);
        let query = format!(
            "SELECT {COLUMNS} FROM tunnel_sessions
             WHERE ended IS NULL AND expires_at > ?1 ORDER BY session"
        );
        let mut statement = conn.prepare_cached(&query).map_err(sql)?;
        let rows = statement.query_map([now], read).map_err(sql)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql)
    }

    /// Removes sessions that were asked for before `before`, and returns how many.
    pub(super) fn retain_tunnels(&self, before: i64) -> Result<usize> {
        self.run(
            "DELETE FROM tunnel_sessions WHERE requested_at < ?1",
            [before],
        )
    }
}
