//! What was answered to those whom an exception concerns.

use rusqlite::{Row, params};

use super::{Observations, collect, sql};
use crate::error::Result;

/// Equal questions of one asker that were answered with yes on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedTimes {
    /// The question, as JSON.
    pub question: String,
    /// Who put it; none where nobody knows.
    pub asker: Option<String>,
    /// When first on that day.
    pub first_at: i64,
    /// When last on that day.
    pub last_at: i64,
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
    /// Those whose facts hold something at this path of JSON, and those whose facts were not kept; all where none is
    /// named.
    pub holding: Option<&'a str>,
}

impl Observations {
    /// Hands what was allowed within a stretch to `each`, equal questions of one asker on the same facts and one day
    /// (UTC) together, in no order; of the answers the newest, at most `most`, so that what is held at once is bounded.
    /// Whether that was all.
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
        // Facts are few, since equal ones are kept once: which of them hold nothing is looked up once.
        let query = "SELECT g.question, g.asker, g.first_at, g.last_at, g.times, f.facts, g.answers
             FROM (SELECT question, asker, facts, min(at) AS first_at, max(at) AS last_at,
                   sum(times) AS times, count(*) AS answers
                 FROM (SELECT d.question, d.asker, d.facts, d.at, d.times FROM decisions d
                     WHERE d.at >= ?1 AND d.at < ?2 AND d.allowed = 1
                       AND (?5 IS NULL OR d.resource = ?5)
                       AND (?6 IS NULL OR d.facts IS NULL OR d.facts NOT IN (
                         SELECT id FROM decision_facts WHERE CASE WHEN json_valid(facts)
                           THEN json_extract(facts, ?6) IS NULL ELSE 0 END))
                       AND (?3 = '[]' AND ?4 = '[]'
                         OR d.person IN (SELECT value FROM json_each(?3))
                         OR d.device IN (SELECT value FROM json_each(?4)))
                     ORDER BY d.at DESC LIMIT ?7)
                 GROUP BY question, asker, facts, at / 86400000) g
             LEFT JOIN decision_facts f ON f.id = g.facts";
        let (resource, holding) = (of.resource, of.holding);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // One more, to see whether there is more.
        let limit = most.saturating_add(1);
        self.read(|conn| {
            let mut read = 0_i64;
            let given = params![from, until, people, devices, resource, holding, limit];
            let mut statement = conn.prepare_cached(query).map_err(sql)?;
            let mut rows = statement.query(given).map_err(sql)?;
            while let Some(row) = rows.next().map_err(sql)? {
                let answers: i64 = row.get(6).map_err(sql)?;
                read = read.saturating_add(answers);
                each(allowed(row).map_err(sql)?);
            }
            Ok(read <= most)
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
        first_at: row.get(2)?,
        last_at: row.get(3)?,
        times: row.get(4)?,
        facts: row.get(5)?,
    })
}
