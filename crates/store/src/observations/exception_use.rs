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
}

impl Observations {
    /// What was allowed within a stretch to any of these people or with any of these devices, equal questions
    /// of one asker and one day (UTC) together.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn allowed_to(
        &self,
        (from, until): (i64, i64),
        people: &[String],
        devices: &[String],
    ) -> Result<Vec<AllowedTimes>> {
        let list = |ids: &[String]| serde_json::to_string(ids).unwrap_or_default();
        let (people, devices) = (list(people), list(devices));
        let query = "SELECT question, asker, min(at), max(at), sum(times) FROM decisions
             WHERE at >= ?1 AND at < ?2 AND allowed = 1
               AND (person IN (SELECT value FROM json_each(?3))
                 OR device IN (SELECT value FROM json_each(?4)))
             GROUP BY question, asker, at / 86400000 ORDER BY min(at)";
        self.read(|conn| {
            collect(conn, query, params![from, until, people, devices], |r| {
                Ok(AllowedTimes {
                    question: r.get(0)?,
                    asker: r.get(1)?,
                    first_at: r.get(2)?,
                    last_at: r.get(3)?,
                    times: r.get(4)?,
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
