//! What was answered to those whom an exception concerns.

use rusqlite::params;

use super::{Observations, collect};
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
    /// What was allowed within a stretch, equal questions of one asker on the same facts and one day (UTC) together.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn allowed_to(
        &self,
        (from, until): (i64, i64),
        of: AllowedOf<'_>,
    ) -> Result<Vec<AllowedTimes>> {
        let list = |ids: &[String]| serde_json::to_string(ids).unwrap_or_default();
        let (people, devices) = (list(of.people), list(of.devices));
        let query = "SELECT d.question, d.asker, min(d.at), max(d.at), sum(d.times), f.facts
             FROM decisions d LEFT JOIN decision_facts f ON f.id = d.facts
             WHERE d.at >= ?1 AND d.at < ?2 AND d.allowed = 1
               AND (?5 IS NULL OR d.resource = ?5)
               AND CASE WHEN ?6 IS NULL OR NOT coalesce(json_valid(f.facts), 0) THEN 1
                 ELSE json_extract(f.facts, ?6) IS NOT NULL END
               AND (?3 = '[]' AND ?4 = '[]'
                 OR d.person IN (SELECT value FROM json_each(?3))
                 OR d.device IN (SELECT value FROM json_each(?4)))
             GROUP BY d.question, d.asker, d.facts, d.at / 86400000 ORDER BY min(d.at)";
        let (resource, holding) = (of.resource, of.holding);
        self.read(|conn| {
            let given = params![from, until, people, devices, resource, holding];
            collect(conn, query, given, |r| {
                Ok(AllowedTimes {
                    question: r.get(0)?,
                    asker: r.get(1)?,
                    first_at: r.get(2)?,
                    last_at: r.get(3)?,
                    times: r.get(4)?,
                    facts: r.get(5)?,
                })
            })
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
