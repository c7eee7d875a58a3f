//! Feeds of advisories and of ends of support, as normalised by their importers.

use rusqlite::{OptionalExtension, params};

use super::{Observations, collect, execute, sql};
use crate::error::{Result, StoreCode, StoreError};

/// Longest content of a feed, in bytes.
const CONTENT_LIMIT: usize = 512 << 20;

/// What is known of a feed without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// Its name, such as `kev`.
    pub name: String,
    /// The time the publisher gives it.
    pub as_of: i64,
    /// When it was imported.
    pub imported_at: i64,
    /// SHA-256 of what was imported.
    pub digest: [u8; 32],
    /// How many entries it holds.
    pub entries: i64,
}

/// A feed with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// What is known of it.
    pub state: FeedState,
    /// The bytes its importer made.
    pub content: Vec<u8>,
}

impl Observations {
    /// Stores a feed in place of its earlier state.
    ///
    /// # Errors
    /// `bad-input` above 512 MiB; `exists` when the stored one is newer by its publisher's time:
    /// an old copy must not hide a newer one.
    pub fn put_feed(&self, feed: &Feed) -> Result<()> {
        if feed.content.len() > CONTENT_LIMIT {
            return Err(StoreError::refused(StoreCode::BadInput, "feed length"));
        }
        let state = &feed.state;
        let changed = self.write(|tx| {
            execute(
                tx,
                "INSERT INTO feeds (name, as_of, imported_at, digest, entries, content)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (name) DO UPDATE SET as_of = excluded.as_of,
                    imported_at = excluded.imported_at, digest = excluded.digest,
                    entries = excluded.entries, content = excluded.content
                 WHERE excluded.as_of >= feeds.as_of",
                params![
                    state.name,
                    state.as_of,
                    state.imported_at,
                    state.digest,
                    state.entries,
                    feed.content
                ],
            )
        })?;
        match changed {
            0 => Err(StoreError::refused(StoreCode::Exists, state.name.clone())),
            _ => Ok(()),
        }
    }

    /// The states of all feeds, by name.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn feed_states(&self) -> Result<Vec<FeedState>> {
        self.read(|conn| {
            collect(
                conn,
                "SELECT name, as_of, imported_at, digest, entries FROM feeds ORDER BY name",
                [],
                state,
            )
        })
    }

    /// A feed with its content.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn feed(&self, name: &str) -> Result<Option<Feed>> {
        self.read(|conn| {
            conn.prepare_cached(
                "SELECT name, as_of, imported_at, digest, entries, content FROM feeds
                 WHERE name = ?1",
            )
            .and_then(|mut s| {
                s.query_row([name], |r| {
                    Ok(Feed {
                        state: state(r)?,
                        content: r.get(5)?,
                    })
                })
                .optional()
            })
            .map_err(sql)
        })
    }
}

fn state(r: &rusqlite::Row<'_>) -> rusqlite::Result<FeedState> {
    Ok(FeedState {
        name: r.get(0)?,
        as_of: r.get(1)?,
        imported_at: r.get(2)?,
        digest: r.get(3)?,
        entries: r.get(4)?,
    })
}
