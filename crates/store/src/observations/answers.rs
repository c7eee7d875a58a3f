//! Answers with what rules could see when they were given, so that other rules can be put to the same
//! facts; and what applications of the organisation's own answered.

use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::decisions::NewDecision;
use super::{Observations, collect, exception_use, execute, refused, sql};
use crate::error::Result;

/// What rules could see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFacts {
    /// It, as JSON. Equal texts are kept once.
    pub facts: String,
    /// Whether the built-in rules alone allowed it.
    pub built_in: bool,
}

/// An answer to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    /// The answer.
    pub decision: NewDecision,
    /// On which facts; none where the rules could not be evaluated.
    pub facts: Option<NewFacts>,
    /// The built-in rules that were excused, where it let somebody through by exceptions; none where it did not. Without
    /// facts nobody knows, and an answer that allowed is then kept as one that may have.
    pub excused: Option<Vec<String>>,
}

/// An answer as rules are put to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAnswer {
    /// Its number.
    pub id: i64,
    /// When it was given.
    pub at: i64,
    /// Whether it allowed.
    pub allowed: bool,
    /// How often the same was asked.
    pub times: u32,
    /// The question, as JSON.
    pub question: String,
    /// The rules that forbade it, as a JSON array.
    pub rules: String,
    /// Whether the built-in rules alone allowed it, where that is known.
    pub built_in: Option<bool>,
    /// The number of its facts and they themselves; none where they were not kept.
    pub facts: Option<(i64, String)>,
}

/// An answer of an application of the organisation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationDecision {
    /// When it was given last.
    pub at: i64,
    /// Which application.
    pub application: String,
    /// Type and id of the subject.
    pub subject: String,
    /// What was to be done.
    pub action: String,
    /// Type and id of the resource.
    pub resource: String,
    /// Whether it was allowed.
    pub allowed: bool,
    /// How often the same was asked and answered within one batch.
    pub times: u32,
    /// The policies that settled it, as a JSON array.
    pub rules: String,
}

impl Observations {
    /// Keeps answers with their facts, in one transaction.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn add_answers(&self, answers: &[NewAnswer]) -> Result<()> {
        self.write(|tx| {
            for answer in answers {
                let NewAnswer {
                    decision, facts, ..
                } = answer;
                let known = match facts {
                    Some(facts) => Some(number_of(tx, &facts.facts, decision.at)?),
                    None => None,
                };
                execute(
                    tx,
                    "INSERT INTO decisions
                     (at, person, device, resource, allowed, times, question, rules, built_in, facts,
                      asker)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        decision.at,
                        decision.person,
                        decision.device,
                        decision.resource,
                        decision.allowed,
                        decision.times,
                        decision.question,
                        decision.rules,
                        facts.as_ref().map(|it| it.built_in),
                        known,
                        decision.asker
                    ],
                )?;
                exception_use::mark(tx, answer, tx.last_insert_rowid())?;
                refused::count(tx, decision)?;
            }
            Ok(())
        })
    }

    /// At most `limit` answers from `from` on with a lower number than `below`, the newest first.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn answers_below(&self, below: i64, from: i64, limit: usize) -> Result<Vec<GivenAnswer>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query =
            "SELECT d.id, d.at, d.allowed, d.times, d.question, d.rules, d.built_in, f.id, f.facts
             FROM decisions d LEFT JOIN decision_facts f ON f.id = d.facts
             WHERE d.id < ?1 AND d.at >= ?2 ORDER BY d.id DESC LIMIT ?3";
        self.read(|conn| {
            collect(conn, query, params![below, from, limit], |r| {
                let facts: Option<i64> = r.get(7)?;
                Ok(GivenAnswer {
                    id: r.get(0)?,
                    at: r.get(1)?,
                    allowed: r.get(2)?,
                    times: r.get(3)?,
                    question: r.get(4)?,
                    rules: r.get(5)?,
                    built_in: r.get(6)?,
                    facts: match facts {
                        Some(id) => Some((id, r.get(8)?)),
                        None => None,
                    },
                })
            })
        })
    }

    /// How often what was asked from `from` on and before `until` was refused, by the rules that forbade it
    /// together (a JSON array).
    ///
    /// # Errors
    /// The codes of the database.
    pub fn refusals_by_rules(&self, (from, until): (i64, i64)) -> Result<Vec<(String, u64)>> {
        let query = "SELECT rules, sum(times) FROM decisions
             WHERE allowed = 0 AND at >= ?1 AND at < ?2 GROUP BY rules ORDER BY rules";
        self.read(|conn| {
            collect(conn, query, params![from, until], |r| {
                let times: i64 = r.get(1)?;
                Ok((r.get(0)?, u64::try_from(times).unwrap_or_default()))
            })
        })
    }

    /// How many rows of answers there are from `from` on.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count_answers(&self, from: i64) -> Result<u64> {
        let query = "SELECT count(*) FROM decisions WHERE at >= ?1";
        self.read(|conn| {
            let count: i64 = conn.query_row(query, [from], |r| r.get(0)).map_err(sql)?;
            Ok(u64::try_from(count).unwrap_or_default())
        })
    }

    /// Keeps answers of applications, in one transaction.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn add_application_decisions(&self, decisions: &[ApplicationDecision]) -> Result<()> {
        self.write(|tx| {
            for it in decisions {
                execute(
                    tx,
                    "INSERT INTO application_decisions
                     (at, application, subject, action, resource, allowed, times, rules)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        it.at,
                        it.application,
                        it.subject,
                        it.action,
                        it.resource,
                        it.allowed,
                        it.times,
                        it.rules
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// The newest answers of applications from `from` on, at most `limit`.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn application_decisions(
        &self,
        from: i64,
        limit: usize,
    ) -> Result<Vec<ApplicationDecision>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = "SELECT at, application, subject, action, resource, allowed, times, rules
             FROM application_decisions WHERE at >= ?1 ORDER BY at DESC, id DESC LIMIT ?2";
        self.read(|conn| {
            collect(conn, query, params![from, limit], |r| {
                Ok(ApplicationDecision {
                    at: r.get(0)?,
                    application: r.get(1)?,
                    subject: r.get(2)?,
                    action: r.get(3)?,
                    resource: r.get(4)?,
                    allowed: r.get(5)?,
                    times: r.get(6)?,
                    rules: r.get(7)?,
                })
            })
        })
    }
}

/// The number of facts, which are kept if they are new.
fn number_of(tx: &Transaction<'_>, facts: &str, at: i64) -> Result<i64> {
    let digest: [u8; 32] = Sha256::digest(facts.as_bytes()).into();
    let find =
        "UPDATE decision_facts SET used_at = max(used_at, ?2) WHERE digest = ?1 RETURNING id";
    let known = tx
        .prepare_cached(find)
        .and_then(|mut it| it.query_row(params![digest, at], |r| r.get(0)).optional())
        .map_err(sql)?;
    if let Some(id) = known {
        return Ok(id);
    }
    let add = "INSERT INTO decision_facts (digest, facts, used_at) VALUES (?1, ?2, ?3)";
    execute(tx, add, params![digest, facts, at])?;
    Ok(tx.last_insert_rowid())
}

/// Facts go with the last answer that rests on them.
pub(super) fn retain(tx: &Transaction<'_>, before: i64) -> Result<usize> {
    execute(
        tx,
        "DELETE FROM decision_facts WHERE used_at < ?1",
        [before],
    )?;
    let query = "DELETE FROM application_decisions WHERE at < ?1";
    execute(tx, query, [before])
}
