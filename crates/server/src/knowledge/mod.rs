//! Knowledge from outside: feeds as stored, and what is built of them.

mod base;
pub mod holidays;
mod import;
pub mod services;

pub use base::{Editions, KnowledgeBase};
pub(crate) use import::feed_line;
pub use import::{ImportError, ImportHints, ImportedFeed, import, lines};
