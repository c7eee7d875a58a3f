//! Letters to people: what is to be said to whom, kept until the relay took it and for a while
//! after.
//!
//! A letter is known by what it follows from (its key), so that asking for it twice makes one. Only
//! codes and opaque ids are kept here; names and words are put in when it leaves.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Observations, collect, execute, json, sql};
use crate::error::{Result, StoreCode, StoreError};

/// Longest error that is kept, in characters.
const ERROR_LIMIT: usize = 500;

/// A letter to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLetter {
    /// What it follows from; the same for the same letter.
    pub key: String,
    /// The person it goes to.
    pub person: String,
    /// What is said, as codes and ids.
    pub payload: Value,
    /// Not before.
    pub due_at: i64,
}

/// How a letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LetterEnd {
    /// The relay took it.
    Sent,
    /// It was tried long enough.
    GivenUp,
    /// The person has no mail address.
    NoAddress,
    /// What it was about is over.
    Pointless,
}

impl LetterEnd {
    /// Every end.
    pub const ALL: [Self; 4] = [Self::Sent, Self::GivenUp, Self::NoAddress, Self::Pointless];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
            Self::NoAddress => "no_address",
            Self::Pointless => "pointless",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.code() == code)
    }
}

/// A letter as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRow {
    /// Its number; never used again.
    pub id: i64,
    /// What it follows from.
    pub key: String,
    /// The person it goes to.
    pub person: String,
    /// What is said.
    pub payload: Value,
    /// When it was asked for.
    pub queued_at: i64,
    /// When it is tried next; none once it has ended.
    pub due_at: Option<i64>,
    /// How often it was tried in vain.
    pub attempts: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When and how it ended.
    pub ended: Option<(i64, LetterEnd)>,
}

/// Which letters are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LettersIn {
    /// All.
    All,
    /// Those that wait, the ones that failed included.
    Waiting,
    /// Those that wait and have failed.
    Failing,
    /// Those that ended so.
    Ended(LetterEnd),
}

/// How many letters stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetterTally {
    /// Wait and have not failed.
    pub waiting: i64,
    /// Wait and have failed.
    pub failing: i64,
    /// By end, as in [`LetterEnd::ALL`].
    pub ended: [i64; 4],
    /// Since when the oldest that waits was asked for.
    pub oldest: Option<i64>,
}

const COLUMNS: &str =
    "id, key, person, payload, queued_at, due_at, attempts, last_error, ended_at, ended";

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<LetterRow> {
    let ended_at: Option<i64> = r.get(8)?;
    let end = r.get::<_, Option<String>>(9)?;
    let end = end.as_deref().and_then(LetterEnd::from_code);
    Ok(LetterRow {
        id: r.get(0)?,
        key: r.get(1)?,
        person: r.get(2)?,
        payload: json(r, 3)?,
        queued_at: r.get(4)?,
        due_at: r.get(5)?,
        attempts: r.get(6)?,
        last_error: r.get(7)?,
        ended: ended_at.zip(end),
    })
}

impl Observations {
    /// Up to where letters have been derived from what a name stands for; none before the first
    /// time.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn letters_mark(&self, name: &str) -> Result<Option<i64>> {
        self.read(|conn| {
            conn.prepare_cached("SELECT value FROM letter_marks WHERE name = ?1")
                .and_then(|mut s| s.query_row([name], |r| r.get(0)).optional())
                .map_err(sql)
        })
    }

    /// Asks for letters, and notes up to where they have been derived, both or neither. A letter
    /// whose key is known already is passed over. Says how many are new.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn ask_for_letters(
        &self,
        letters: &[NewLetter],
        mark: Option<(&str, i64)>,
        now: i64,
    ) -> Result<usize> {
        self.write(|tx| {
            let mut new = 0;
            for letter in letters {
                new += execute(
                    tx,
                    "INSERT INTO letters (key, person, payload, queued_at, due_at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING",
                    params![
                        letter.key,
                        letter.person,
                        letter.payload.to_string(),
                        now,
                        letter.due_at
                    ],
                )?;
            }
            if let Some((name, value)) = mark {
                execute(
                    tx,
                    "INSERT INTO letter_marks (name, value) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET value = ?2",
                    params![name, value],
                )?;
            }
            Ok(new)
        })
    }

    /// At most `limit` letters that are due at `now`, the longest due first.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn letters_due(&self, now: i64, limit: usize) -> Result<Vec<LetterRow>> {
        self.read(|conn| {
            let query = format!(
                "SELECT {COLUMNS} FROM letters WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            collect(conn, &query, params![now, limit], row)
        })
    }

    /// When the next letter is due; none when none waits.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn next_letter(&self) -> Result<Option<i64>> {
        self.read(|conn| {
            conn.query_row("SELECT min(due_at) FROM letters", [], |r| r.get(0))
                .map_err(sql)
        })
    }

    /// Notes a failure and when to try again.
    ///
    /// # Errors
    /// `unknown` when no such letter waits.
    pub fn letter_failed(&self, id: i64, error: &str, again_at: i64) -> Result<()> {
        let error: String = error.chars().take(ERROR_LIMIT).collect();
        self.one_letter(
            id,
            "UPDATE letters SET attempts = attempts + 1, last_error = ?2, due_at = ?3
             WHERE id = ?1 AND ended IS NULL",
            params![id, error, again_at],
        )
    }

    /// Notes that a letter has ended, and why where that is told.
    ///
    /// # Errors
    /// `unknown` when no such letter waits.
    pub fn letter_ended(
        &self,
        id: i64,
        end: LetterEnd,
        error: Option<&str>,
        now: i64,
    ) -> Result<()> {
        let error: Option<String> = error.map(|it| it.chars().take(ERROR_LIMIT).collect());
        self.one_letter(
            id,
            "UPDATE letters SET ended = ?2, ended_at = ?3, due_at = NULL,
                last_error = coalesce(?4, last_error)
             WHERE id = ?1 AND ended IS NULL",
            params![id, end.code(), now, error],
        )
    }

    /// Has a letter tried at once that waits or was given up; one that was sent stays so.
    ///
    /// # Errors
    /// `unknown` when there is no such letter.
    pub fn letter_again(&self, id: i64, now: i64) -> Result<()> {
        self.one_letter(
            id,
            "UPDATE letters SET due_at = ?2, ended = NULL, ended_at = NULL
             WHERE id = ?1 AND (ended IS NULL OR ended IN ('given_up', 'no_address'))",
            params![id, now],
        )
    }

    fn one_letter(&self, id: i64, query: &str, args: impl rusqlite::Params) -> Result<()> {
        match self.write(|tx| execute(tx, query, args))? {
            0 => Err(StoreError::refused(StoreCode::Unknown, id.to_string())),
            _ => Ok(()),
        }
    }

    /// At most `limit` letters before a number, the newest first.
    ///
    /// # Errors
    /// `bad-value` when a row is damaged, and the codes of the database.
    pub fn letters(&self, of: LettersIn, before: i64, limit: usize) -> Result<Vec<LetterRow>> {
        let (condition, end) = match of {
            LettersIn::All => ("?3 IS NULL", None),
            LettersIn::Waiting => ("ended IS NULL AND ?3 IS NULL", None),
            LettersIn::Failing => ("ended IS NULL AND attempts > 0 AND ?3 IS NULL", None),
            LettersIn::Ended(end) => ("ended = ?3", Some(end.code())),
        };
        self.read(|conn| {
            let query = format!(
                "SELECT {COLUMNS} FROM letters WHERE id < ?1 AND {condition}
                 ORDER BY id DESC LIMIT ?2"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            collect(conn, &query, params![before, limit, end], row)
        })
    }

    /// How many letters stand how.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn letter_tally(&self) -> Result<LetterTally> {
        let rows: Vec<(Option<String>, bool, i64, i64)> = self.read(|conn| {
            collect(
                conn,
                "SELECT ended, attempts > 0, count(*), min(queued_at) FROM letters
                 GROUP BY ended, attempts > 0",
                [],
                |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
            )
        })?;
        let mut tally = LetterTally::default();
        for (end, failed, count, oldest) in rows {
            match end.as_deref().and_then(LetterEnd::from_code) {
                Some(end) => tally.ended[end as usize] += count,
                None => {
                    let slot = if failed {
                        &mut tally.failing
                    } else {
                        &mut tally.waiting
                    };
                    *slot += count;
                    tally.oldest = Some(tally.oldest.map_or(oldest, |it: i64| it.min(oldest)));
                }
            }
        }
        Ok(tally)
    }
}

/// Removes letters that ended before `before`.
pub(super) fn retain(tx: &rusqlite::Transaction<'_>, before: i64) -> Result<usize> {
    tx.execute("DELETE FROM letters WHERE ended_at < ?1", [before])
        .map_err(sql)
}
