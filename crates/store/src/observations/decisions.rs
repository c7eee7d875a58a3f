//! What the decision point answered. Who reads them states a purpose, which is the server's to ask.

use rusqlite::{Transaction, params};

use super::answers::NewAnswer;
use super::{Observations, collect, exception_use, execute, refused, telework_days};
use crate::error::Result;

/// An answer to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// When it was given first.
    pub at: i64,
    /// On whose behalf it was asked; empty where a shared device joined a line in nobody's name.
    pub person: String,
    /// With which device.
    pub device: Option<String>,
    /// What was wanted: the id of a system or line.
    pub resource: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// How often the same was asked and answered within one batch; nothing where nobody asked, and what was allowed
    /// stands in another hour.
    pub times: u32,
    /// The question, as JSON.
    pub question: String,
    /// The rules that forbade it, as a JSON array.
    pub rules: String,
    /// Who put the question: the id of an API token or the code of a door for proxies; none where nobody
    /// knows.
    pub asker: Option<String>,
}

/// An answer that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its number; newer ones have higher numbers.
    pub id: i64,
    /// What was kept.
    pub decision: NewDecision,
}

/// Which answers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionsOf<'a> {
    /// All.
    Anyone,
    /// Those to a person.
    Person(&'a str),
    /// Those about a system or line.
    Resource(&'a str),
}

impl Observations {
    /// Keeps answers of which nothing else is known, in one transaction.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn add_decisions(&self, decisions: &[NewDecision]) -> Result<()> {
        let answers = decisions.iter().map(|decision| NewAnswer {
            decision: decision.clone(),
            facts: None,
            excused: None,
        });
        self.add_answers(&answers.collect::<Vec<_>>())
    }

    /// The newest answers from `from` on, at most `limit`; only refusals where it is said.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn decisions(
        &self,
        of: DecisionsOf<'_>,
        only_refused: bool,
        from: i64,
        limit: usize,
    ) -> Result<Vec<DecisionRow>> {
        let (column, value) = match of {
            // A text beside a text: a number would equal no text.
            DecisionsOf::Anyone => ("'1'", "1"),
            DecisionsOf::Person(person) => ("person", person),
            DecisionsOf::Resource(resource) => ("resource", resource),
        };
        let refused = if only_refused { "AND allowed = 0" } else { "" };
        let query = format!(
            "SELECT id, at, person, device, resource, allowed, times, question, rules, asker
             FROM decisions WHERE {column} = ?1 AND at >= ?2 {refused}
             ORDER BY at DESC, id DESC LIMIT ?3"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|conn| collect(conn, &query, params![value, from, limit], row))
    }
}

/// Answers that allowed the same on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOnADay {
    /// The question, as JSON.
    pub question: String,
    /// Who put it; none where nobody knows.
    pub asker: Option<String>,
    /// When first on that day.
    pub first_at: i64,
    /// When last on that day.
    pub last_at: i64,
}

/// That something was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAbout {
    /// The id of a system or line.
    pub resource: String,
    /// Who put the question; none where nobody knows.
    pub asker: Option<String>,
    /// When last.
    pub at: i64,
}

impl Observations {
    /// What was allowed from `from` on, equal questions of one asker and one day (UTC) together.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn allowed_by_day(&self, from: i64) -> Result<Vec<AllowedOnADay>> {
        let query = "SELECT question, asker, min(at), max(at) FROM decisions
             WHERE at >= ?1 AND allowed = 1
             GROUP BY question, asker, at / 86400000 ORDER BY min(at)";
        self.read(|conn| {
            collect(conn, query, params![from], |r| {
                Ok(AllowedOnADay {
                    question: r.get(0)?,
                    asker: r.get(1)?,
                    first_at: r.get(2)?,
                    last_at: r.get(3)?,
                })
            })
        })
    }

    /// What was asked about from `from` on, by whom, and when last, whatever the answers were.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn asked_about(&self, from: i64) -> Result<Vec<AskedAbout>> {
        let query = "SELECT resource, asker, max(at) FROM decisions WHERE at >= ?1
             GROUP BY resource, asker ORDER BY resource, asker";
        self.read(|conn| {
            collect(conn, query, params![from], |r| {
                Ok(AskedAbout {
                    resource: r.get(0)?,
                    asker: r.get(1)?,
                    at: r.get(2)?,
                })
            })
        })
    }
}

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<DecisionRow> {
    Ok(DecisionRow {
        id: r.get(0)?,
        decision: NewDecision {
            at: r.get(1)?,
            person: r.get(2)?,
            device: r.get(3)?,
            resource: r.get(4)?,
            allowed: r.get(5)?,
            times: r.get(6)?,
            question: r.get(7)?,
            rules: r.get(8)?,
            asker: r.get(9)?,
        },
    })
}

pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    exception_use::retain(tx, before)?;
    refused::retain(tx, before)?;
    telework_days::retain(tx, before)?;
    let removed = execute(tx, "DELETE FROM decisions WHERE at < ?1", [before])?;
    telework_days::follow_removal(tx)?;
    Ok(removed)
}
