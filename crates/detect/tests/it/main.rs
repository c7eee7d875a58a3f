//! Integration tests of the advisory engine and of reading logs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod feeds;
mod hostile;
mod judgement;
mod lifecycle;
mod matching;
mod recorded_logs;
mod shared;
mod versions;
