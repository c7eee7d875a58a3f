//! Secrets of API tokens, as hashes, and the answers to requests that were named by their sender.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Accounts, TokenHash, sql};
use crate::db;
use crate::error::{Result, StoreCode, StoreError};

/// Most answers that are kept for one token.
pub const ANSWERS_OF_A_TOKEN: i64 = 10_000;
/// How long an answer is kept, in milliseconds: a week.
pub(super) const KEPT_FOR: i64 = 7 * 86_400_000;
/// Longest answer that is kept, in bytes.
pub const ANSWER_MAX: usize = 64 * 1024;

/// An answer to a request, as it is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers and body, in the caller's form.
    pub answer: String,
}

/// What is known of a request by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: it is carried out now.
    Fresh,
    /// Another request came under that name.
    Differs,
    /// It was begun, and how it ended is not known: it is under way, or the program stopped in it.
    Unfinished,
    /// It was answered.
    Kept(KeptAnswer),
    /// So many answers are kept already that none more can be.
    Full,
}

impl Accounts {
    /// Stores the hash of a token's secret.
    ///
    /// # Errors
    /// `exists` when the token or its secret is there already.
    pub fn add_api_token(
        &self,
        token: &str,
        person: &str,
        secret: TokenHash,
        now: i64,
    ) -> Result<()> {
        self.run(
            "INSERT INTO api_tokens (token, person, secret, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![token, person, secret.0, now],
        )?;
        Ok(())
    }

    /// The id of the token with a secret.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn api_token(&self, secret: TokenHash) -> Result<Option<String>> {
        if let Some(token) = self.api_token_at_hand(secret) {
            return Ok(Some(token));
        }
        let conn = db::lock(&self.conn);
        let found: Option<String> = conn
            .prepare_cached("SELECT token FROM api_tokens WHERE secret = ?1")
            .and_then(|mut s| s.query_row([secret.0], |r| r.get(0)).optional())
            .map_err(sql)?;
        if let Some(token) = &found {
            self.tokens.put(secret, token);
        }
        Ok(found)
    }

    /// The same where it is known without waiting for the database; none does not mean that there is none.
    #[must_use]
    pub fn api_token_at_hand(&self, secret: TokenHash) -> Option<String> {
        self.tokens.get(secret)
    }

    /// Removes a token's secret and the answers kept for it. Removing it twice is no error.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn remove_api_token(&self, token: &str) -> Result<()> {
        self.run("DELETE FROM api_tokens WHERE token = ?1", [token])?;
        self.tokens.clear();
        Ok(())
    }

    /// Begins a request that its sender named, or says what is known of it. A fresh one stands as
    /// unfinished from here on, so that of two at the same moment only one is carried out.
    ///
    /// # Errors
    /// `exists` when there is no such token, and the codes of the database.
    pub fn begin_request(
        &self,
        token: &str,
        name: &str,
        digest: [u8; 32],
        now: i64,
    ) -> Result<Begun> {
        let mut conn = db::lock(&self.conn);
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let known = tx
            .prepare_cached(
                "SELECT digest, status, answer FROM api_requests WHERE token = ?1 AND name = ?2",
            )
            .and_then(|mut s| {
                s.query_row([token, name], |r| {
                    Ok((
                        r.get::<_, [u8; 32]>(0)?,
                        r.get::<_, Option<u16>>(1)?,
                        r.get::<_, Option<String>>(2)?,
                    ))
                })
                .optional()
            })
            .map_err(sql)?;
        let begun = match known {
            Some((then, _, _)) if then != digest => Begun::Differs,
            Some((_, Some(status), Some(answer))) => Begun::Kept(KeptAnswer { status, answer }),
            Some(_) => Begun::Unfinished,
            None => {
                let count: i64 = tx
                    .query_row(
                        "SELECT count(*) FROM api_requests WHERE token = ?1",
                        [token],
                        |r| r.get(0),
                    )
                    .map_err(sql)?;
                if count >= ANSWERS_OF_A_TOKEN {
                    return Ok(Begun::Full);
                }
                tx.execute(
                    "INSERT INTO api_requests (token, name, digest, begun_at)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![token, name, digest, now],
                )
                .map_err(sql)?;
                Begun::Fresh
            }
        };
        tx.commit().map_err(sql)?;
        Ok(begun)
    }

    /// Keeps the answer to a request that was begun.
    ///
    /// # Errors
    /// `unknown` when it was not begun; `bad-input` for an answer that is too long to keep.
    pub fn answer_request(&self, token: &str, name: &str, kept: &KeptAnswer) -> Result<()> {
        if kept.answer.len() > ANSWER_MAX {
            return Err(StoreError::refused(StoreCode::BadInput, "answer"));
        }
        let changed = self.run(
            "UPDATE api_requests SET status = ?3, answer = ?4 WHERE token = ?1 AND name = ?2",
            params![token, name, kept.status, kept.answer],
        )?;
        super::one(changed, name)
    }

    /// Forgets a request of which nothing was carried out, so that it can be made again.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn drop_request(&self, token: &str, name: &str) -> Result<()> {
        self.run(
            "DELETE FROM api_requests WHERE token = ?1 AND name = ?2 AND status IS NULL",
            [token, name],
        )?;
        Ok(())
    }

    /// Removes requests that were begun before `before`, and returns how many.
    ///
    /// # Errors
    /// The codes of the database.
    pub(super) fn retain_requests(&self, before: i64) -> Result<usize> {
        self.run("DELETE FROM api_requests WHERE begun_at < ?1", [before])
    }
}
