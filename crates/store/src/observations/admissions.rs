//! What became of devices at internal lines, and where they have been since. No names of persons.

use rusqlite::{Transaction, params};

use super::{Observations, collect, execute};
use crate::error::Result;

/// What became of a device at an internal line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdmission {
    /// When.
    pub at: i64,
    /// Which device, where one is named.
    pub device: Option<String>,
    /// In whose name it was asked.
    pub person: Option<String>,
    /// Which line, where the switch belongs to one.
    pub line: Option<String>,
    /// The code of what became of it.
    pub outcome: String,
    /// The switch's address.
    pub switch: String,
    /// Its port, as it names it.
    pub port: Option<String>,
    /// The hardware address that the switch saw.
    pub station: Option<String>,
    /// Whether it had been at an outside line, or nobody knew.
    pub came_back: bool,
    /// The permission to join again that it rests on.
    pub permit: Option<String>,
    /// What was missing, as a JSON array of codes.
    pub missing: String,
}

/// An admission that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionRow {
    /// Its number; newer ones have higher numbers.
    pub id: i64,
    /// What was kept.
    pub admission: NewAdmission,
}

/// Which admissions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionsOf<'a> {
    /// All.
    Any,
    /// Those of a device.
    Device(&'a str),
    /// Those at a line.
    Line(&'a str),
}

impl Observations {
    /// Keeps admissions and the connections that changed by them (none: it is gone), in one transaction.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn add_admissions(
        &self,
        admissions: &[NewAdmission],
        sessions: &[(String, Option<String>)],
    ) -> Result<()> {
        self.write(|tx| {
            put_sessions(tx, sessions)?;
            for it in admissions {
                execute(
                    tx,
                    "INSERT INTO admissions
                     (at, device, person, line, outcome, switch, port, station, came_back,
                      permit, missing)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        it.at,
                        it.device,
                        it.person,
                        it.line,
                        it.outcome,
                        it.switch,
                        it.port,
                        it.station,
                        it.came_back,
                        it.permit,
                        it.missing
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// The newest admissions from `from` on and before `until`, at most `limit`; without those that
    /// had nothing to account for where only those that came back from outside are asked for.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn admissions(
        &self,
        of: AdmissionsOf<'_>,
        only_came_back: bool,
        (from, until): (i64, i64),
        limit: usize,
    ) -> Result<Vec<AdmissionRow>> {
        let (column, value) = match of {
            AdmissionsOf::Any => ("'1'", "1"),
            AdmissionsOf::Device(device) => ("device", device),
            AdmissionsOf::Line(line) => ("line", line),
        };
        let back = if only_came_back {
            "AND came_back = 1"
        } else {
            ""
        };
        let query = format!(
            "SELECT id, at, device, person, line, outcome, switch, port, station, came_back,
                    permit, missing
             FROM admissions WHERE {column} = ?1 AND at >= ?2 AND at < ?3 {back}
             ORDER BY at DESC, id DESC LIMIT ?4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| collect(conn, &query, params![value, from, until, limit], row))
    }

    /// How many admissions there were in a period, by the code of what became of them and by whether
    /// the device came back from outside.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn admission_tally(&self, (from, until): (i64, i64)) -> Result<Vec<(String, bool, i64)>> {
        let query = "SELECT outcome, came_back, count(*) FROM admissions
             WHERE at >= ?1 AND at < ?2 GROUP BY outcome, came_back ORDER BY outcome, came_back";
        self.read(|conn| {
            collect(conn, query, params![from, until], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })
        })
    }

    /// Where every device has been, as the server wrote it: id and JSON.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn whereabouts(&self) -> Result<Vec<(String, String)>> {
        let query = "SELECT device, stored FROM whereabouts";
        self.read(|conn| collect(conn, query, [], |r| Ok((r.get(0)?, r.get(1)?))))
    }

    /// Stores where devices have been, in one transaction.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn put_whereabouts(&self, all: &[(String, String)]) -> Result<()> {
        self.write(|tx| {
            for (device, stored) in all {
                execute(
                    tx,
                    "INSERT INTO whereabouts VALUES (?1, ?2)
                     ON CONFLICT (device) DO UPDATE SET stored = excluded.stored",
                    params![device, stored],
                )?;
            }
            Ok(())
        })
    }

    /// The connections that stand at internal lines, as the server wrote them.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn line_sessions(&self) -> Result<Vec<(String, String)>> {
        let query = "SELECT key, stored FROM line_sessions";
        self.read(|conn| collect(conn, query, [], |r| Ok((r.get(0)?, r.get(1)?))))
    }
}

fn put_sessions(tx: &Transaction<'_>, all: &[(String, Option<String>)]) -> Result<()> {
    for (key, stored) in all {
        match stored {
            Some(stored) => execute(
                tx,
                "INSERT INTO line_sessions VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET stored = excluded.stored",
                params![key, stored],
            )?,
            None => execute(tx, "DELETE FROM line_sessions WHERE key = ?1", [key])?,
        };
    }
    Ok(())
}

/// That a device was let onto a line, and when last; without those that came back from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Which device, where one is named.
    pub device: Option<String>,
    /// In whose name it was asked.
    pub person: Option<String>,
    /// Which line.
    pub line: String,
    /// When last.
    pub at: i64,
}

impl Observations {
    /// What was let onto lines from `from` on without having been outside: each device at each line
    /// once, the earliest first.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn admitted(&self, from: i64) -> Result<Vec<Admitted>> {
        let query = "SELECT device, person, line, max(at) FROM admissions
             WHERE at >= ?1 AND outcome = 'admitted' AND came_back = 0 AND line IS NOT NULL
             GROUP BY device, person, line ORDER BY max(at)";
        self.read(|conn| {
            collect(conn, query, params![from], |r| {
                Ok(Admitted {
                    device: r.get(0)?,
                    person: r.get(1)?,
                    line: r.get(2)?,
                    at: r.get(3)?,
                })
            })
        })
    }

    /// At which lines something asked from `from` on, and when last, whatever came of it.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn asked_at_lines(&self, from: i64) -> Result<Vec<(String, i64)>> {
        let query = "SELECT line, max(at) FROM admissions WHERE at >= ?1 AND line IS NOT NULL
             GROUP BY line ORDER BY line";
        self.read(|conn| collect(conn, query, params![from], |r| Ok((r.get(0)?, r.get(1)?))))
    }
}

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<AdmissionRow> {
    Ok(AdmissionRow {
        id: r.get(0)?,
        admission: NewAdmission {
            at: r.get(1)?,
            device: r.get(2)?,
            person: r.get(3)?,
            line: r.get(4)?,
            outcome: r.get(5)?,
            switch: r.get(6)?,
            port: r.get(7)?,
            station: r.get(8)?,
            came_back: r.get(9)?,
            permit: r.get(10)?,
            missing: r.get(11)?,
        },
    })
}

pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    execute(tx, "DELETE FROM admissions WHERE at < ?1", [before])
}
