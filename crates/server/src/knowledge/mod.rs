//! Knowledge from outside: feeds as stored, and what is built of them.

mod base;
pub mod holidays;
mod import;

pub use base::{Editions, KnowledgeBase};
pub use import::{ImportError, ImportHints, ImportedFeed, import, lines};
