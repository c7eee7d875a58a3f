//! What tunnels were used for: who, with what, over which line, to which systems, how much.
//!
//! A gateway tells sums that only grow within one of its runs; a session that has ended and begins anew
//! counts from nothing. What is kept here are the increments, so that a report that comes twice adds
//! nothing the second time.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Observations, collect, execute, sql};
use crate::error::Result;

/// What a gateway reported of one session, with what the server knows of it. Times are milliseconds
/// since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelReport {
    /// The gateway.
    pub gateway: String,
    /// The session.
    pub session: String,
    /// The person.
    pub person: String,
    /// The device.
    pub device: String,
    /// The line of the register that the endpoint belongs to, where one does.
    pub line: Option<String>,
    /// From where the device came: address and port.
    pub endpoint: Option<String>,
    /// When the gateway's run began: names the run.
    pub run: i64,
    /// When the report was received.
    pub at: i64,
    /// The last handshake, by the gateway's clock.
    pub handshake_at: Option<i64>,
    /// When the gateway cut the session off; none while it stands.
    pub ended_at: Option<i64>,
    /// Sums of the whole tunnel, as WireGuard counts them: from the device, to the device.
    pub tunnel: (u64, u64),
    /// Sums by system: bytes and packets, in both directions.
    pub systems: Vec<(String, u64, u64)>,
}

/// A session as it was seen at a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelSession {
    /// The gateway.
    pub gateway: String,
    /// The session.
    pub session: String,
    /// The person.
    pub person: String,
    /// The device.
    pub device: String,
    /// The line it came over last, where it is known.
    pub line: Option<String>,
    /// From where it came last: address and port.
    pub endpoint: Option<String>,
    /// When it was reported first.
    pub first_at: i64,
    /// When it was reported last.
    pub last_at: i64,
    /// The last handshake, by the gateway's clock.
    pub handshake_at: Option<i64>,
    /// When the gateway cut it off; none while it stands or where nobody has told.
    pub ended_at: Option<i64>,
    /// Bytes from the device.
    pub received_bytes: u64,
    /// Bytes to the device.
    pub sent_bytes: u64,
}

/// What passed in one session between the device and one system, over one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelUse {
    /// The gateway.
    pub gateway: String,
    /// The session.
    pub session: String,
    /// The person.
    pub person: String,
    /// The device.
    pub device: String,
    /// The line, where it is known.
    pub line: Option<String>,
    /// The system.
    pub system: String,
    /// The report with which something had passed first.
    pub first_at: i64,
    /// The report with which something had passed last.
    pub last_at: i64,
    /// Bytes of IP packets, both directions together.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
}

/// Which tunnels are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelsOf<'a> {
    /// All.
    Anyone,
    /// Those of a person.
    Person(&'a str),
    /// Those of a device.
    Device(&'a str),
    /// One session.
    Session(&'a str),
    /// Those at a gateway.
    Gateway(&'a str),
}

impl<'a> TunnelsOf<'a> {
    const fn column(self) -> (&'static str, &'a str) {
        match self {
            // A text beside a text: a number would equal no text.
            Self::Anyone => ("'1'", "1"),
            Self::Person(id) => ("person", id),
            Self::Device(id) => ("device", id),
            Self::Session(id) => ("session", id),
            Self::Gateway(id) => ("gateway", id),
        }
    }
}

/// The last reading of one counter of a session; the whole tunnel stands under no system.
const TUNNEL: &str = "";

impl Observations {
    /// Takes in what a gateway reported, in one transaction. Of a session, what ended comes before what
    /// stands, as a gateway tells it.
    ///
    /// # Errors
    /// The codes of the database; then nothing of the report is kept.
    pub fn add_tunnel_reports(&self, reports: &[TunnelReport]) -> Result<()> {
        self.write(|tx| {
            for report in reports {
                take(tx, report)?;
            }
            Ok(())
        })
    }

    /// The sessions that were seen between two instants, the last seen first, at most `limit`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnel_sessions(
        &self,
        of: TunnelsOf<'_>,
        (from, until): (i64, i64),
        limit: usize,
    ) -> Result<Vec<TunnelSession>> {
        let (column, value) = of.column();
        let query = format!(
            "SELECT gateway, session, person, device, line, endpoint, first_at, last_at,
                handshake_at, ended_at, received_bytes, sent_bytes
             FROM tunnel_seen WHERE {column} = ?1 AND last_at >= ?2 AND first_at < ?3
             ORDER BY last_at DESC, session DESC LIMIT ?4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| collect(conn, &query, params![value, from, until, limit], session))
    }

    /// What was used between two instants, the last used first, at most `limit`. A use that reaches over
    /// the ends of the period is told whole; no session lasts longer than a working day.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnel_uses(
        &self,
        of: TunnelsOf<'_>,
        (from, until): (i64, i64),
        limit: usize,
    ) -> Result<Vec<TunnelUse>> {
        let (column, value) = of.column();
        let query = format!(
            "SELECT gateway, session, person, device, line, system, first_at, last_at, bytes, packets
             FROM tunnel_used WHERE {column} = ?1 AND last_at >= ?2 AND first_at < ?3
             ORDER BY last_at DESC, session DESC, system LIMIT ?4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| collect(conn, &query, params![value, from, until, limit], used))
    }
}

/// What was read last of a session's counters.
struct Last {
    run: i64,
    ended_at: Option<i64>,
}

fn take(tx: &Transaction<'_>, report: &TunnelReport) -> Result<()> {
    let last = last(tx, report)?;
    let same_run = last.as_ref().is_some_and(|it| it.run == report.run);
    let told_before = |it: &Last| it.ended_at >= report.ended_at;
    if report.ended_at.is_some() && same_run && last.as_ref().is_some_and(told_before) {
        // Its receipt was lost, so that it is told again.
        return Ok(());
    }
    if !same_run {
        forget(tx, report)?;
    }
    let (received, sent) = report.tunnel;
    let (received, sent) = grown(tx, report, TUNNEL, (received, sent))?;
    seen(tx, report, (received, sent))?;
    for (system, bytes, packets) in &report.systems {
        let (bytes, packets) = grown(tx, report, system, (*bytes, *packets))?;
        if bytes > 0 || packets > 0 {
            add(tx, report, system, (bytes, packets))?;
        }
    }
    if report.ended_at.is_some() {
        // Whatever begins again begins from nothing.
        forget(tx, report)?;
    }
    Ok(())
}

fn last(tx: &Transaction<'_>, report: &TunnelReport) -> Result<Option<Last>> {
    tx.prepare_cached("SELECT run, told_end FROM tunnel_seen WHERE gateway = ?1 AND session = ?2")
        .and_then(|mut statement| {
            statement
                .query_row(params![report.gateway, report.session], |row| {
                    Ok(Last {
                        run: row.get(0)?,
                        ended_at: row.get(1)?,
                    })
                })
                .optional()
        })
        .map_err(sql)
}

fn forget(tx: &Transaction<'_>, report: &TunnelReport) -> Result<()> {
    execute(
        tx,
        "DELETE FROM tunnel_counted WHERE gateway = ?1 AND session = ?2",
        params![report.gateway, report.session],
    )
    .map(|_| ())
}

/// By how much two counters have grown since they were read last; one that is lower began anew.
fn grown(
    tx: &Transaction<'_>,
    report: &TunnelReport,
    system: &str,
    now: (u64, u64),
) -> Result<(i64, i64)> {
    // SQLite has no larger numbers; no gateway counts as far.
    let narrow = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let now = (narrow(now.0), narrow(now.1));
    let key = params![report.gateway, report.session, system];
    let before: (i64, i64) = tx
        .prepare_cached(
            "SELECT first, second FROM tunnel_counted
             WHERE gateway = ?1 AND session = ?2 AND system = ?3",
        )
        .and_then(|mut statement| {
            let row = statement.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)));
            row.optional()
        })
        .map_err(sql)?
        .unwrap_or_default();
    execute(
        tx,
        "INSERT OR REPLACE INTO tunnel_counted VALUES (?1, ?2, ?3, ?4, ?5)",
        params![report.gateway, report.session, system, now.0, now.1],
    )?;
    let began_anew = now.0 < before.0 || now.1 < before.1;
    Ok(if began_anew {
        now
    } else {
        (now.0 - before.0, now.1 - before.1)
    })
}

fn seen(tx: &Transaction<'_>, report: &TunnelReport, grown: (i64, i64)) -> Result<()> {
    execute(
        tx,
        "INSERT INTO tunnel_seen (gateway, session, person, device, line, endpoint, first_at, last_at,
            handshake_at, ended_at, received_bytes, sent_bytes, run, told_end)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?9)
         ON CONFLICT (gateway, session) DO UPDATE SET
            line = coalesce(excluded.line, line),
            endpoint = coalesce(excluded.endpoint, endpoint),
            last_at = max(last_at, excluded.last_at),
            handshake_at = max(coalesce(handshake_at, excluded.handshake_at),
                coalesce(excluded.handshake_at, handshake_at)),
            ended_at = excluded.ended_at,
            received_bytes = received_bytes + excluded.received_bytes,
            sent_bytes = sent_bytes + excluded.sent_bytes,
            told_end = CASE WHEN run = excluded.run
                THEN coalesce(excluded.told_end, told_end) ELSE excluded.told_end END,
            run = excluded.run",
        params![
            report.gateway,
            report.session,
            report.person,
            report.device,
            report.line,
            report.endpoint,
            report.at,
            report.handshake_at,
            report.ended_at,
            grown.0,
            grown.1,
            report.run,
        ],
    )
    .map(|_| ())
}

fn add(
    tx: &Transaction<'_>,
    report: &TunnelReport,
    system: &str,
    (bytes, packets): (i64, i64),
) -> Result<()> {
    execute(
        tx,
        "INSERT INTO tunnel_used (gateway, session, person, device, line, system, first_at, last_at,
            bytes, packets)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)
         ON CONFLICT (gateway, session, coalesce(line, ''), system) DO UPDATE SET
            last_at = max(last_at, excluded.last_at),
            bytes = bytes + excluded.bytes,
            packets = packets + excluded.packets",
        params![
            report.gateway,
            report.session,
            report.person,
            report.device,
            report.line,
            system,
            report.at,
            bytes,
            packets,
        ],
    )
    .map(|_| ())
}

/// A count, which is never negative here.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let count: i64 = row.get(column)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn session(row: &Row<'_>) -> rusqlite::Result<TunnelSession> {
    Ok(TunnelSession {
        gateway: row.get(0)?,
        session: row.get(1)?,
        person: row.get(2)?,
        device: row.get(3)?,
        line: row.get(4)?,
        endpoint: row.get(5)?,
        first_at: row.get(6)?,
        last_at: row.get(7)?,
        handshake_at: row.get(8)?,
        ended_at: row.get(9)?,
        received_bytes: count(row, 10)?,
        sent_bytes: count(row, 11)?,
    })
}

fn used(row: &Row<'_>) -> rusqlite::Result<TunnelUse> {
    Ok(TunnelUse {
        gateway: row.get(0)?,
        session: row.get(1)?,
        person: row.get(2)?,
        device: row.get(3)?,
        line: row.get(4)?,
        system: row.get(5)?,
        first_at: row.get(6)?,
        last_at: row.get(7)?,
        bytes: count(row, 8)?,
        packets: count(row, 9)?,
    })
}

pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    let removed = execute(tx, "DELETE FROM tunnel_seen WHERE last_at < ?1", [before])?;
    execute(tx, "DELETE FROM tunnel_used WHERE last_at < ?1", [before])?;
    execute(
        tx,
        "DELETE FROM tunnel_counted WHERE NOT EXISTS (SELECT 1 FROM tunnel_seen
            WHERE tunnel_seen.gateway = tunnel_counted.gateway
                AND tunnel_seen.session = tunnel_counted.session)",
        [],
    )?;
    Ok(removed)
}
