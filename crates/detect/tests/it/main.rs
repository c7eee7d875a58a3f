//! Integration tests of the advisory engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod feeds;
mod hostile;
mod judgement;
mod lifecycle;
mod matching;
mod shared;
mod versions;
