//! Days on which somebody had a tunnel, summed by the database: the plan of telework counts days, however many sessions
//! there are.

use rusqlite::params;

use super::{Observations, collect};
use crate::error::Result;

/// The tunnels of one person that began and ended on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelDay {
    /// The person.
    pub person: String,
    /// How many days before the last one of the period; 0 for that one.
    pub days_back: i64,
    /// How long they stood together, each in whole minutes.
    pub minutes: i64,
}

/// A tunnel that reaches over the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelSpan {
    /// The person.
    pub person: String,
    /// When it was reported first.
    pub first_at: i64,
    /// When it was reported last, or cut off where that was before.
    pub last_at: i64,
}

/// The tunnels of a period with the end of each; none that ended before it began.
const TUNNELS: &str = "WITH tunnels AS (
        SELECT person, first_at, min(coalesce(ended_at, last_at), last_at) AS ended
        FROM tunnel_seen WHERE last_at >= ?1 AND first_at < ?2)";
/// Whether one lies within one day, days being counted back from the end of the period.
const WITHIN_A_DAY: &str =
    "(ended < ?2 AND (?2 - 1 - first_at) / 86400000 = (?2 - 1 - ended) / 86400000)";

impl Observations {
    /// Tunnels of a period that lie within one day, by person and day. Days are counted back from the end of the
    /// period.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnel_days(&self, (from, until): (i64, i64)) -> Result<Vec<TunnelDay>> {
        let query = format!(
            "{TUNNELS} SELECT person, (?2 - 1 - first_at) / 86400000 AS back,
                sum((ended - first_at) / 60000)
             FROM tunnels WHERE ended >= first_at AND {WITHIN_A_DAY}
             GROUP BY person, back"
        );
        self.read(|conn| {
            collect(conn, &query, params![from, until], |r| {
                Ok(TunnelDay {
                    person: r.get(0)?,
                    days_back: r.get(1)?,
                    minutes: r.get(2)?,
                })
            })
        })
    }

    /// Tunnels of a period that do not lie within one day of it, the last seen first, at most `limit`: with
    /// [`Self::tunnel_days`] all of them.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn tunnels_over_days(
        &self,
        (from, until): (i64, i64),
        limit: usize,
    ) -> Result<Vec<TunnelSpan>> {
        let query = format!(
            "{TUNNELS} SELECT person, first_at, ended
             FROM tunnels WHERE ended >= first_at AND NOT {WITHIN_A_DAY}
             ORDER BY ended DESC, first_at, person LIMIT ?3"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| {
            collect(conn, &query, params![from, until, limit], |r| {
                Ok(TunnelSpan {
                    person: r.get(0)?,
                    first_at: r.get(1)?,
                    last_at: r.get(2)?,
                })
            })
        })
    }
}
