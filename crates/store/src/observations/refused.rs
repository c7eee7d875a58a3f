//! What was refused, summed by the hour when answers are kept: whoever asks in vain again and again makes one row an
//! hour, so that nobody else's refusals are crowded out by his.

use rusqlite::{Transaction, params};

use super::decisions::NewDecision;
use super::{Observations, collect, execute};
use crate::error::Result;

/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// Those of some hours on, equal ones together. Of the first of these hours all of it, if anything of it counts.
const SUMMED: &str = "
    SELECT person, device, resource, rules, sum(times), max(last_at)
    FROM refused_hours WHERE hour >= ?1 AND last_at >= ?2
    GROUP BY person, device, resource, rules ORDER BY person, device, resource, rules";

/// Refusals of the same to one person with one device, by the same rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Who asked; empty where a shared device joined a line in nobody's name.
    pub person: String,
    /// With which device.
    pub device: Option<String>,
    /// What was wanted: the id of a system or line.
    pub resource: String,
    /// The rules that forbade it, as a JSON array.
    pub rules: String,
    /// How often it was asked.
    pub times: u64,
    /// When last.
    pub last_at: i64,
}

impl Observations {
    /// All that was refused from `from` on, to the hour, equal refusals together; those of one person beside each other.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn refused(&self, from: i64) -> Result<Vec<Refused>> {
        self.read(|conn| {
            collect(conn, SUMMED, params![from.div_euclid(HOUR), from], |r| {
                let device: String = r.get(1)?;
                let times: i64 = r.get(4)?;
                Ok(Refused {
                    person: r.get(0)?,
                    device: Some(device).filter(|it| !it.is_empty()),
                    resource: r.get(2)?,
                    rules: r.get(3)?,
                    times: u64::try_from(times).unwrap_or_default(),
                    last_at: r.get(5)?,
                })
            })
        })
    }
}

/// Counts an answer that is kept, where it refuses.
pub(super) fn count(tx: &Transaction<'_>, decision: &NewDecision) -> Result<()> {
    if decision.allowed {
        return Ok(());
    }
    let add = "INSERT INTO refused_hours (hour, person, device, resource, rules, times, last_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (hour, person, device, resource, rules) DO UPDATE SET
            times = times + excluded.times, last_at = max(last_at, excluded.last_at)";
    let hour = decision.at.div_euclid(HOUR);
    let device = decision.device.as_deref().unwrap_or_default();
    let (person, resource) = (&decision.person, &decision.resource);
    let (rules, times) = (&decision.rules, decision.times);
    execute(
        tx,
        add,
        params![hour, person, device, resource, rules, times, decision.at],
    )?;
    Ok(())
}

/// They go with their answers.
pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<()> {
    let query = "DELETE FROM refused_hours WHERE hour < ?1";
    execute(tx, query, [before.div_euclid(HOUR)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::STYLE;
    use super::*;
    use crate::migrations;

    #[test]
    fn the_hours_of_a_stretch_are_read_and_none_before() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrations::run(&mut conn, STYLE.file, STYLE.migrations).unwrap();
        let mut plan = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {SUMMED}"))
            .unwrap();
        let steps: Vec<String> = plan
            .query_map([0, 0], |r| r.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let by_hour = "SEARCH refused_hours USING PRIMARY KEY (hour>?)";
        assert!(steps.iter().any(|it| it.contains(by_hour)), "{steps:?}");
    }
}
