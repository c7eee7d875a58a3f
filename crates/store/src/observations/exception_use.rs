//! What was answered to those whom an exception concerns. Answers that may rest on an exception are marked beside the
//! answers when they are kept, by the built-in rules that were excused: the others are never looked at, and neither are
//! those that rested on exceptions from other rows.

use rusqlite::{Row, Transaction, params};

use super::answers::NewAnswer;
use super::{Observations, collect, execute, sql};
use crate::error::Result;

/// The marked answers with whom and what is looked for, in the order of the marks from the newest on. An answer itself
/// is read where its mark is of those.
const ALLOWED: &str = "
    SELECT d.question, d.asker, d.at, d.times, f.facts
    FROM excused_answers e CROSS JOIN decisions d ON d.id = e.answer
    LEFT JOIN decision_facts f ON f.id = d.facts
    WHERE e.excused = ?1 AND e.at >= ?2 AND e.at < ?3
      AND (?4 IS NULL OR e.resource = ?4)
      AND (?5 = '[]' AND ?6 = '[]'
        OR e.person IN (SELECT value FROM json_each(?5))
        OR e.device IN (SELECT value FROM json_each(?6)))
    ORDER BY e.at DESC LIMIT ?7";

/// What was excused with the marked answers, each once: of each the least that is greater than the one before, so that
/// not every mark is read.
const KINDS: &str = "
    WITH RECURSIVE kinds (kind) AS (
        SELECT min(excused) FROM excused_answers
        UNION ALL
        SELECT (SELECT min(e.excused) FROM excused_answers e WHERE e.excused > kinds.kind)
        FROM kinds WHERE kinds.kind IS NOT NULL)
    SELECT kind FROM kinds WHERE kind IS NOT NULL";

/// Equal questions of one asker that were answered with yes within one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedTimes {
    /// The question, as JSON.
    pub question: String,
    /// Who put it; none where nobody knows.
    pub asker: Option<String>,
    /// When.
    pub at: i64,
    /// How often.
    pub times: i64,
    /// What rules could see, as JSON; none where it was not kept.
    pub facts: Option<String>,
}

/// Which answers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedOf<'a> {
    /// To any of these people or with any of these devices; to anybody where there is none of either.
    pub people: &'a [String],
    /// See [`Self::people`].
    pub devices: &'a [String],
    /// About this system alone, where one is named.
    pub resource: Option<&'a str>,
    /// With which one of these was excused, each as [`Observations::excused`] says it.
    pub excused: &'a [String],
}

impl Observations {
    /// What was excused with answers that may rest on an exception, each once: the built-in rules as a JSON array; an
    /// empty text where nobody knows.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn excused(&self) -> Result<Vec<String>> {
        self.read(|conn| collect(conn, KINDS, [], |r| r.get(0)))
    }

    /// Hands what was allowed within a stretch and may rest on an exception to `each`; of the answers with which the
    /// same was excused the newest, from the newest on, and at most `most`, so that what is read is bounded. Whether
    /// that was all.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn each_allowed(
        &self,
        (from, until): (i64, i64),
        of: AllowedOf<'_>,
        most: usize,
        mut each: impl FnMut(AllowedTimes),
    ) -> Result<bool> {
        let list = |ids: &[String]| serde_json::to_string(ids).unwrap_or_default();
        let (people, devices) = (list(of.people), list(of.devices));
        // One more, to see whether there is more.
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        self.read(|conn| {
            let mut statement = conn.prepare_cached(ALLOWED).map_err(sql)?;
            let mut whole = true;
            for excused in of.excused {
                let given = params![excused, from, until, of.resource, people, devices, limit];
                let mut rows = statement.query(given).map_err(sql)?;
                let mut left = most;
                while let Some(row) = rows.next().map_err(sql)? {
                    if left == 0 {
                        whole = false;
                        break;
                    }
                    left -= 1;
                    each(allowed(row).map_err(sql)?);
                }
            }
            Ok(whole)
        })
    }

    /// Whether anything at all was answered within a stretch.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn any_answer(&self, (from, until): (i64, i64)) -> Result<bool> {
        let query = "SELECT 1 FROM decisions WHERE at >= ?1 AND at < ?2 LIMIT 1";
        let found: Vec<i64> =
            self.read(|conn| collect(conn, query, params![from, until], |r| r.get(0)))?;
        Ok(!found.is_empty())
    }
}

fn allowed(row: &Row<'_>) -> rusqlite::Result<AllowedTimes> {
    Ok(AllowedTimes {
        question: row.get(0)?,
        asker: row.get(1)?,
        at: row.get(2)?,
        times: row.get(3)?,
        facts: row.get(4)?,
    })
}

/// Marks an answer that was kept under a number, where it may rest on an exception.
pub(super) fn mark(tx: &Transaction<'_>, answer: &NewAnswer, number: i64) -> Result<()> {
    let decision = &answer.decision;
    let is_known = answer.facts.is_some();
    if !decision.allowed || is_known && answer.excused.is_none() {
        return Ok(());
    }
    let rules = answer.excused.as_ref().filter(|_| is_known);
    // A list of texts can always be written.
    let excused = rules.map(|rules| serde_json::to_string(rules).unwrap_or_default());
    let excused = excused.unwrap_or_default();
    let add = "INSERT INTO excused_answers (excused, at, answer, person, device, resource)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (at, person) = (decision.at, &decision.person);
    let (device, resource) = (&decision.device, &decision.resource);
    execute(
        tx,
        add,
        params![excused, at, number, person, device, resource],
    )?;
    Ok(())
}

/// Marks go with their answers.
pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<()> {
    let query = format!("DELETE FROM excused_answers WHERE excused IN ({KINDS}) AND at < ?1");
    execute(tx, &query, [before])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::STYLE;
    use super::*;
    use crate::migrations;

    /// How the database goes about a query.
    fn plan(query: &str, args: impl rusqlite::Params) -> Vec<String> {
        let mut conn = Connection::open_in_memory().unwrap();
        migrations::run(&mut conn, STYLE.file, STYLE.migrations).unwrap();
        let mut plan = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap();
        plan.query_map(args, |r| r.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    fn has(plan: &[String], step: &str) -> bool {
        plan.iter().any(|it| it.contains(step))
    }

    #[test]
    fn answers_are_found_by_their_marks_from_the_newest_on_and_none_is_read_beside() {
        let given = params!["", 0, 1, Option::<&str>::None, "[]", "[]", 1];
        let steps = plan(ALLOWED, given);
        let by_mark = "SEARCH e USING PRIMARY KEY (excused=? AND at>? AND at<?)";
        assert!(has(&steps, by_mark), "{steps:?}");
        let by_number = "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)";
        assert!(has(&steps, by_number), "{steps:?}");
        assert!(
            !has(&steps, "SCAN e") && !has(&steps, "SCAN d"),
            "{steps:?}"
        );
        // They come in that order, so that those beyond the most are not looked at.
        assert!(!has(&steps, "TEMP B-TREE"), "{steps:?}");
    }

    #[test]
    fn marks_are_removed_without_reading_those_that_stay() {
        let query = format!("DELETE FROM excused_answers WHERE excused IN ({KINDS}) AND at < ?1");
        let steps = plan(&query, [1]);
        let by_mark = "SEARCH excused_answers USING PRIMARY KEY (excused=? AND at<?)";
        assert!(has(&steps, by_mark), "{steps:?}");
        assert!(!has(&steps, "SCAN excused_answers"), "{steps:?}");
    }
}
