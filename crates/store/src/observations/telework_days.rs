//! Days on which somebody teleworked or was refused it, summed from the answers of the decision point a batch at a time as
//! they come: the plan of telework counts days, and whoever holds use against it need not read weeks of answers.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};

use super::{DAY, Observations, execute, sql};
use crate::error::Result;

/// An answer that was not summed up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsummed<'a> {
    /// The question, as JSON.
    pub question: &'a str,
    /// Who put it; none where nobody knows.
    pub asker: Option<&'a str>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// When.
    pub at: i64,
}

/// What an answer counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountsFor {
    /// When the day began on which it was given.
    pub day: i64,
    /// For which task, where one was named.
    pub task: Option<String>,
}

/// What one person was answered for one task on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TeleworkDay<'a> {
    /// When the day began.
    pub day: i64,
    /// Who.
    pub person: &'a str,
    /// For which task, where one was named.
    pub task: Option<&'a str>,
    /// When first on that day.
    pub first_at: i64,
    /// When last on that day.
    pub last_at: i64,
}

/// When first and last, by whether it was allowed, the day, the person and the task.
type Sums = BTreeMap<(bool, i64, String, String), (i64, i64)>;

const UNSUMMED: &str = "
    SELECT id, person, question, asker, allowed, at FROM decisions WHERE id > ?1 ORDER BY id LIMIT ?2";

const SUMMED: &str = "
    SELECT day, person, task, first_at, last_at FROM telework_days WHERE allowed = ?1 AND day >= ?2";

impl Observations {
    /// Sums up answers that were kept since the last time, the oldest first and at most `most`, in one transaction. What
    /// one of them counts for says `counts`; none where it is no telework. Returns whether those were all.
    ///
    /// # Errors
    /// The codes of the database; then nothing of it was summed up.
    pub fn sum_telework(
        &self,
        most: usize,
        counts: impl Fn(Unsummed<'_>) -> Option<CountsFor>,
    ) -> Result<bool> {
        self.write(|tx| {
            let of_mark = "SELECT answer FROM telework_summed";
            let mark: i64 = tx.query_row(of_mark, [], |r| r.get(0)).map_err(sql)?;
            let (sums, last, read) = unsummed(tx, (mark, most), counts).map_err(sql)?;
            for ((allowed, day, person, task), (first_at, last_at)) in sums {
                let add = "INSERT INTO telework_days VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (allowed, day, person, task) DO UPDATE SET
                        first_at = min(first_at, excluded.first_at),
                        last_at = max(last_at, excluded.last_at)";
                execute(
                    tx,
                    add,
                    params![allowed, day, person, task, first_at, last_at],
                )?;
            }
            execute(tx, "UPDATE telework_summed SET answer = ?1", [last])?;
            Ok(read < most)
        })
    }

    /// Hands what was summed up of the days that began at `from` or later to `each`, day by day: of what was allowed, or
    /// of what was refused.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn each_telework_day(
        &self,
        allowed: bool,
        from: i64,
        mut each: impl FnMut(TeleworkDay<'_>),
    ) -> Result<()> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(SUMMED).map_err(sql)?;
            let mut rows = statement.query(params![allowed, from]).map_err(sql)?;
            while let Some(row) = rows.next().map_err(sql)? {
                each(summed(row).map_err(sql)?);
            }
            Ok(())
        })
    }
}

/// The next answers, summed up; the number of the last one, and how many they were.
fn unsummed(
    tx: &Transaction<'_>,
    (mark, most): (i64, usize),
    counts: impl Fn(Unsummed<'_>) -> Option<CountsFor>,
) -> rusqlite::Result<(Sums, i64, usize)> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(UNSUMMED)?;
    let mut rows = statement.query([mark, limit])?;
    let (mut sums, mut last, mut read) = (Sums::new(), mark, 0);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        read += 1;
        let answer = Unsummed {
            question: row.get_ref(2)?.as_str()?,
            asker: row.get_ref(3)?.as_str_or_null()?,
            allowed: row.get(4)?,
            at: row.get(5)?,
        };
        let Some(CountsFor { day, task }) = counts(answer) else {
            continue;
        };
        let key = (answer.allowed, day, row.get(1)?, task.unwrap_or_default());
        let (first, last) = sums.entry(key).or_insert((answer.at, answer.at));
        *first = answer.at.min(*first);
        *last = answer.at.max(*last);
    }
    Ok((sums, last, read))
}

fn summed<'a>(row: &'a rusqlite::Row<'_>) -> rusqlite::Result<TeleworkDay<'a>> {
    let task = row.get_ref(2)?.as_str()?;
    Ok(TeleworkDay {
        day: row.get(0)?,
        person: row.get_ref(1)?.as_str()?,
        task: Some(task).filter(|it| !it.is_empty()),
        first_at: row.get(3)?,
        last_at: row.get(4)?,
    })
}

/// Days go when all answers of them have gone.
pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<()> {
    for allowed in [false, true] {
        let query = "DELETE FROM telework_days WHERE allowed = ?1 AND day <= ?2";
        execute(tx, query, params![allowed, before.saturating_sub(DAY)])?;
    }
    Ok(())
}

/// After answers were removed: the next one may get a number that a removed one had, and is not summed up yet.
pub(super) fn follow_removal(tx: &Transaction<'_>) -> Result<()> {
    let query = "UPDATE telework_summed
         SET answer = min(answer, coalesce((SELECT max(id) FROM decisions), 0))";
    execute(tx, query, [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::STYLE;
    use super::*;
    use crate::migrations;

    fn steps(query: &str) -> Vec<String> {
        let mut conn = Connection::open_in_memory().unwrap();
        migrations::run(&mut conn, STYLE.file, STYLE.migrations).unwrap();
        let mut plan = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap();
        plan.query_map([1, 2], |r| r.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    #[test]
    fn what_was_summed_up_is_not_read_again_and_days_before_are_not_read_at_all() {
        let by_number = "SEARCH decisions USING INTEGER PRIMARY KEY (rowid>?)";
        assert_eq!(steps(UNSUMMED), [by_number]);
        let by_day = "SEARCH telework_days USING PRIMARY KEY (allowed=? AND day>?)";
        assert_eq!(steps(SUMMED), [by_day]);
    }
}
