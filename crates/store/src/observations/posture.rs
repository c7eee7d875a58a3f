//! Posture rows: the result of every check of every device, followed by their own sequence.
//!
//! Every change gives a row the next number, so that a follower who knows everything up to a
//! number asks for what came after it, as with the ledger.

use rusqlite::{Transaction, params};

use super::{Observations, collect, execute, sql};
use crate::error::Result;

/// A result to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostureResult<'a> {
    /// The device's id.
    pub device: &'a str,
    /// The check's id.
    pub check: &'a str,
    /// The outcome's code.
    pub result: &'a str,
    /// The reason: code and parameters, as JSON text.
    pub reason: &'a str,
    /// By the device's clock.
    pub observed_at: i64,
    /// By the server's clock.
    pub received_at: i64,
    /// From when on the result counts as unknown.
    pub fresh_until: i64,
    /// When the state behind the check was last known, as JSON text: the rules' own form.
    pub continuity: &'a str,
    /// Digest of the knowledge that it was judged with; empty where it is not known.
    pub knowledge: &'a str,
}

/// A stored result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostureRow {
    /// Its number in the posture's sequence.
    pub sequence: i64,
    /// The device's id.
    pub device: String,
    /// The check's id.
    pub check: String,
    /// The outcome's code.
    pub result: String,
    /// The reason as JSON text.
    pub reason: String,
    /// By the device's clock.
    pub observed_at: i64,
    /// By the server's clock.
    pub received_at: i64,
    /// From when on the result counts as unknown.
    pub fresh_until: i64,
    /// How steadily the state was known, as JSON text.
    pub continuity: String,
    /// Digest of the knowledge that it was judged with; empty where it is not known.
    pub knowledge: String,
}

impl Observations {
    /// Stores results in one transaction and returns the sequence after them.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn put_results<'a>(
        &self,
        results: impl IntoIterator<Item = PostureResult<'a>>,
    ) -> Result<i64> {
        self.write(|tx| put(tx, results.into_iter()))
    }

    /// The devices that have facts of any of some kinds and no result of a check that was judged
    /// with the knowledge of this digest, each with the digest that its result has, where it has one.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn judged_otherwise(
        &self,
        check: &str,
        knowledge: &str,
        kinds: &[&str],
    ) -> Result<Vec<(String, Option<String>)>> {
        let kinds = serde_json::Value::from(kinds.to_vec()).to_string();
        self.read(|conn| {
            collect(
                conn,
                "SELECT DISTINCT f.device, p.knowledge FROM facts_latest AS f
                 LEFT JOIN posture AS p ON p.device = f.device AND p.check_id = ?1
                 WHERE f.kind IN (SELECT value FROM json_each(?3)) AND p.knowledge IS NOT ?2
                 ORDER BY f.device",
                params![check, knowledge, kinds],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
        })
    }

    /// The highest sequence number given so far; 0 when none was.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn posture_sequence(&self) -> Result<i64> {
        self.read(head)
    }

    /// At most `limit` rows with a number higher than `after`, in order.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn posture_since(&self, after: i64, limit: usize) -> Result<Vec<PostureRow>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT sequence, device, check_id, result, reason, observed_at, received_at,
                    fresh_until, continuity, knowledge FROM posture WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
                params![after, i64::try_from(limit).unwrap_or(i64::MAX)],
                row,
            )
        })
    }

    /// The rows of one device, by check.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn posture_of(&self, device: &str) -> Result<Vec<PostureRow>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT sequence, device, check_id, result, reason, observed_at, received_at,
                    fresh_until, continuity, knowledge FROM posture WHERE device = ?1 ORDER BY check_id",
                [device],
                row,
            )
        })
    }

    /// Hands every row to `each` in order of the sequence, without holding them all, as one
    /// consistent view; returns the sequence of that view. For filling the table in memory at the
    /// start.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn for_each_result(&self, mut each: impl FnMut(i64, PostureResult<'_>)) -> Result<i64> {
        self.read(|conn| {
            let tx = conn.unchecked_transaction().map_err(sql)?;
            let sequence = head(&tx)?;
            let mut scan = tx
                .prepare_cached(
                    "SELECT sequence, device, check_id, result, reason, observed_at, received_at,
                        fresh_until, continuity, knowledge FROM posture ORDER BY sequence",
                )
                .map_err(sql)?;
            let mut rows = scan.query([]).map_err(sql)?;
            while let Some(r) = rows.next().map_err(sql)? {
                borrowed(r, &mut each).map_err(sql)?;
            }
            Ok(sequence)
        })
    }
}

fn borrowed(
    r: &rusqlite::Row<'_>,
    each: &mut impl FnMut(i64, PostureResult<'_>),
) -> rusqlite::Result<()> {
    let result = PostureResult {
        device: r.get_ref(1)?.as_str()?,
        check: r.get_ref(2)?.as_str()?,
        result: r.get_ref(3)?.as_str()?,
        reason: r.get_ref(4)?.as_str()?,
        observed_at: r.get(5)?,
        received_at: r.get(6)?,
        fresh_until: r.get(7)?,
        continuity: r.get_ref(8)?.as_str()?,
        knowledge: r.get_ref(9)?.as_str()?,
    };
    each(r.get(0)?, result);
    Ok(())
}

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<PostureRow> {
    Ok(PostureRow {
        sequence: r.get(0)?,
        device: r.get(1)?,
        check: r.get(2)?,
        result: r.get(3)?,
        reason: r.get(4)?,
        observed_at: r.get(5)?,
        received_at: r.get(6)?,
        fresh_until: r.get(7)?,
        continuity: r.get(8)?,
        knowledge: r.get(9)?,
    })
}

fn head(conn: &rusqlite::Connection) -> Result<i64> {
    conn.prepare_cached("SELECT sequence FROM posture_head")
        .and_then(|mut s| s.query_row([], |r| r.get(0)))
        .map_err(sql)
}

pub(super) fn put<'a>(
    tx: &Transaction<'_>,
    results: impl Iterator<Item = PostureResult<'a>>,
) -> Result<i64> {
    let mut sequence = head(tx)?;
    // A result that rests on older facts than the stored one was overtaken on its way and is left
    // aside.
    let mut insert = tx
        .prepare_cached(
            "INSERT INTO posture
                (sequence, device, check_id, result, reason, observed_at, received_at, fresh_until,
                    continuity, knowledge)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (device, check_id) DO UPDATE SET
                sequence = excluded.sequence, result = excluded.result, reason = excluded.reason,
                observed_at = excluded.observed_at, received_at = excluded.received_at,
                fresh_until = excluded.fresh_until, continuity = excluded.continuity,
                knowledge = excluded.knowledge
             WHERE excluded.received_at >= posture.received_at",
        )
        .map_err(sql)?;
    for r in results {
        sequence += 1;
        insert
            .execute(params![
                sequence,
                r.device,
                r.check,
                r.result,
                r.reason,
                r.observed_at,
                r.received_at,
                r.fresh_until,
                r.continuity,
                r.knowledge
            ])
            .map_err(sql)?;
    }
    execute(tx, "UPDATE posture_head SET sequence = ?1", [sequence])?;
    Ok(sequence)
}
