//! Which outside services were used: by day, unit and person, and by unit alone once nobody may know any
//! more who it was.
//!
//! What was read is kept together with how far the logs were read, in one transaction, so that a run that
//! is broken off or done twice counts nothing twice.

use std::ops::ControlFlow;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Observations, collect, execute, sql};
use crate::error::Result;

/// What was used of one service on one day by one unit and person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewServiceUse {
    /// The day, in the zone of the log (`2026-11-29`).
    pub day: String,
    /// Which service, as the list of services calls it.
    pub service: String,
    /// The unit; empty where it is not known.
    pub unit: String,
    /// Who: a person's id, or a client nobody is known for. Empty where it is a sum.
    pub who: String,
    /// How many people and clients; 1 where `who` says which.
    pub people: u32,
    /// How often.
    pub times: u64,
    /// Bytes, where the log counts them.
    pub bytes: u64,
    /// The first moment.
    pub first_at: i64,
    /// The last moment.
    pub last_at: i64,
}

/// How far the logs of a source were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSource {
    /// Its name.
    pub source: String,
    /// How many runs have been taken in.
    pub batch: u64,
    /// How far each log was read, as whoever reads them wrote it down.
    pub marks: String,
    /// When the newest run was taken in.
    pub taken_at: i64,
    /// Until when its logs had been written.
    pub through_at: Option<i64>,
    /// Since when they are read without a gap; none where that is not known.
    pub since_at: Option<i64>,
    /// Lines that were read, in all.
    pub lines: u64,
    /// Uses of services among them.
    pub matched: u64,
    /// Lines that were skipped.
    pub skipped: u64,
}

/// What a unit used of a service, by the logs of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSum {
    /// Which service.
    pub service: String,
    /// The unit; empty where it is not known.
    pub unit: String,
    /// The source.
    pub source: String,
    /// How often.
    pub times: u64,
    /// Bytes.
    pub bytes: u64,
    /// How many people and clients, at least.
    pub people: u32,
    /// The first moment.
    pub first_at: i64,
    /// The last moment.
    pub last_at: i64,
}

/// What one person or client used of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUser {
    /// Which service.
    pub service: String,
    /// The unit; empty where it is not known.
    pub unit: String,
    /// A person's id, or a client nobody is known for.
    pub who: String,
    /// On how many days.
    pub days: u32,
    /// How often.
    pub times: u64,
    /// Bytes.
    pub bytes: u64,
    /// The first moment.
    pub first_at: i64,
    /// The last moment.
    pub last_at: i64,
}

/// Sums of what was used from a day to another.
const SUMS: &str = "SELECT service, unit, source, sum(times), sum(bytes),
        max(count(DISTINCT nullif(who, '')), max(CASE who WHEN '' THEN people ELSE 0 END)),
        min(first_at), max(last_at)
     FROM service_use WHERE day BETWEEN ?1 AND ?2";
/// By what they are sums.
const SUMMED_BY: &str = "GROUP BY service, unit, source ORDER BY service, unit, source";

/// SQLite keeps signed numbers.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

fn few(row: &Row<'_>, column: usize) -> rusqlite::Result<u32> {
    Ok(u32::try_from(row.get::<_, i64>(column)?).unwrap_or(u32::MAX))
}

fn summed(row: &Row<'_>) -> rusqlite::Result<ServiceSum> {
    Ok(ServiceSum {
        service: row.get(0)?,
        unit: row.get(1)?,
        source: row.get(2)?,
        times: count(row, 3)?,
        bytes: count(row, 4)?,
        people: few(row, 5)?,
        first_at: row.get(6)?,
        last_at: row.get(7)?,
    })
}

/// Who it was, and the first and the last moment.
fn user_day<'r>(row: &'r Row<'_>) -> rusqlite::Result<(&'r str, (i64, i64))> {
    let who = row.get_ref(0)?.as_str()?;
    Ok((who, (row.get(1)?, row.get(2)?)))
}

impl Observations {
    /// Takes in what a run has read, where it goes on from the newest one: `source.batch` is one more than
    /// what is kept. Whether it did; nothing is kept where it did not. Lines are added to those of before.
    ///
    /// # Errors
    /// The codes of the database; then nothing is kept.
    pub fn add_service_use(
        &self,
        source: &ServiceSource,
        services: &[(String, String)],
        uses: &[NewServiceUse],
    ) -> Result<bool> {
        self.write(|tx| {
            if !put_source(tx, source)? {
                return Ok(false);
            }
            for (service, stored) in services {
                execute(
                    tx,
                    "INSERT INTO known_services VALUES (?1, ?2)
                     ON CONFLICT (service) DO UPDATE SET stored = excluded.stored",
                    params![service, stored],
                )?;
            }
            for it in uses {
                // Sums of two runs may be of the same people: at least as many as the larger says.
                execute(
                    tx,
                    "INSERT INTO service_use VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (day, service, source, unit, who) DO UPDATE SET
                        times = times + excluded.times, bytes = bytes + excluded.bytes,
                        people = max(people, excluded.people),
                        first_at = min(first_at, excluded.first_at),
                        last_at = max(last_at, excluded.last_at)",
                    params![
                        it.day,
                        it.service,
                        source.source,
                        it.unit,
                        it.who,
                        number(it.times),
                        number(it.bytes),
                        it.people,
                        it.first_at,
                        it.last_at
                    ],
                )?;
            }
            Ok(true)
        })
    }

    /// Every source, by name.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn service_sources(&self) -> Result<Vec<ServiceSource>> {
        let query = "SELECT source, batch, marks, taken_at, through_at, lines, matched, skipped,
                since_at
             FROM service_sources ORDER BY source";
        self.read(|conn| {
            collect(conn, query, [], |r| {
                Ok(ServiceSource {
                    source: r.get(0)?,
                    batch: count(r, 1)?,
                    marks: r.get(2)?,
                    taken_at: r.get(3)?,
                    through_at: r.get(4)?,
                    lines: count(r, 5)?,
                    matched: count(r, 6)?,
                    skipped: count(r, 7)?,
                    since_at: r.get(8)?,
                })
            })
        })
    }

    /// The services that were ever seen, as whoever read the logs described them: id and JSON.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn known_services(&self) -> Result<Vec<(String, String)>> {
        let query = "SELECT service, stored FROM known_services ORDER BY service";
        self.read(|conn| collect(conn, query, [], |r| Ok((r.get(0)?, r.get(1)?))))
    }

    /// What was used from a day to another, by service, unit and source.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn service_sums(&self, (from, to): (&str, &str)) -> Result<Vec<ServiceSum>> {
        let query = format!("{SUMS} {SUMMED_BY}");
        self.read(|conn| collect(conn, &query, params![from, to], summed))
    }

    /// The same of one service: how much else was used costs nothing.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn service_sums_of(
        &self,
        service: &str,
        (from, to): (&str, &str),
    ) -> Result<Vec<ServiceSum>> {
        let query = format!("{SUMS} AND service = ?3 {SUMMED_BY}");
        self.read(|conn| collect(conn, &query, params![from, to, service], summed))
    }

    /// When each service was used last that was used from a day to another.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn services_last_used(&self, (from, to): (&str, &str)) -> Result<Vec<(String, i64)>> {
        let query = "SELECT service, max(last_at) FROM service_use WHERE day BETWEEN ?1 AND ?2
             GROUP BY service ORDER BY service";
        self.read(|conn| {
            collect(conn, query, params![from, to], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
        })
    }

    /// Who used services from a day to another, the newest first; of one service, or of all where none is named.
    /// **Personal**: whoever shows this to people asks for a purpose and records the reading.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn service_users(
        &self,
        service: Option<&str>,
        (from, to): (&str, &str),
        limit: usize,
    ) -> Result<Vec<ServiceUser>> {
        let query = "SELECT service, unit, who, count(DISTINCT day), sum(times), sum(bytes),
                min(first_at), max(last_at)
             FROM service_use
             WHERE who <> '' AND day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR service = ?3)
             GROUP BY service, unit, who ORDER BY max(last_at) DESC, service, who LIMIT ?4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| {
            collect(conn, query, params![from, to, service, limit], |r| {
                Ok(ServiceUser {
                    service: r.get(0)?,
                    unit: r.get(1)?,
                    who: r.get(2)?,
                    days: few(r, 3)?,
                    times: count(r, 4)?,
                    bytes: count(r, 5)?,
                    first_at: r.get(6)?,
                    last_at: r.get(7)?,
                })
            })
        })
    }

    /// Hands who used a service from a day to another to `each`, with the first and the last moment: once for each day,
    /// source and unit, one by one, since they are many. What came between two days is no part of either. Whether that
    /// were all: `each` says when it is enough. **Personal**, as above.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn each_service_user_day(
        &self,
        service: &str,
        (from, to): (&str, &str),
        mut each: impl FnMut(&str, (i64, i64)) -> ControlFlow<()>,
    ) -> Result<bool> {
        let query = "SELECT who, first_at, last_at FROM service_use
             WHERE service = ?3 AND who <> '' AND day BETWEEN ?1 AND ?2";
        self.read(|conn| {
            let mut statement = conn.prepare_cached(query).map_err(sql)?;
            let mut rows = statement.query(params![from, to, service]).map_err(sql)?;
            while let Some(row) = rows.next().map_err(sql)? {
                let (who, within) = user_day(row).map_err(sql)?;
                if each(who, within).is_break() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Makes sums by unit of what is of no day of a stretch, so that nobody can tell any more who it was, and
    /// removes sums of before another day. How many rows told of persons, and how many sums went. What a wrong clock
    /// put behind the stretch would tell of persons for years.
    ///
    /// # Errors
    /// The codes of the database; then everything is as before.
    pub fn forget_service_users(
        &self,
        (from, to): (&str, &str),
        sums: &str,
    ) -> Result<(usize, usize)> {
        self.write(|tx| {
            execute(
                tx,
                "INSERT INTO service_use
                 SELECT day, service, source, unit, '', sum(times), sum(bytes), count(*),
                    min(first_at), max(last_at)
                 FROM service_use WHERE who <> '' AND day NOT BETWEEN ?1 AND ?2
                 GROUP BY day, service, source, unit
                 ON CONFLICT (day, service, source, unit, who) DO UPDATE SET
                    times = times + excluded.times, bytes = bytes + excluded.bytes,
                    people = people + excluded.people,
                    first_at = min(first_at, excluded.first_at),
                    last_at = max(last_at, excluded.last_at)",
                params![from, to],
            )?;
            let told = execute(
                tx,
                "DELETE FROM service_use WHERE who <> '' AND day NOT BETWEEN ?1 AND ?2",
                params![from, to],
            )?;
            let gone = execute(tx, "DELETE FROM service_use WHERE day < ?1", params![sums])?;
            Ok((told, gone))
        })
    }
}

/// Notes how far a source was read; whether this goes on from what is kept.
fn put_source(tx: &Transaction<'_>, source: &ServiceSource) -> Result<bool> {
    let known: Option<i64> = tx
        .prepare_cached("SELECT batch FROM service_sources WHERE source = ?1")
        .and_then(|mut s| s.query_row([&source.source], |r| r.get(0)).optional())
        .map_err(sql)?;
    if known.unwrap_or(0).saturating_add(1) != number(source.batch) {
        return Ok(false);
    }
    execute(
        tx,
        "INSERT INTO service_sources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (source) DO UPDATE SET batch = excluded.batch, marks = excluded.marks,
            taken_at = excluded.taken_at,
            through_at = max(coalesce(through_at, excluded.through_at), coalesce(excluded.through_at, through_at)),
            lines = lines + excluded.lines, matched = matched + excluded.matched,
            skipped = skipped + excluded.skipped, since_at = excluded.since_at",
        params![
            source.source,
            number(source.batch),
            source.marks,
            source.taken_at,
            source.through_at,
            number(source.lines),
            number(source.matched),
            number(source.skipped),
            source.since_at
        ],
    )?;
    Ok(true)
}
