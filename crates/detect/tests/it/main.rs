//! Integration tests of the advisory engine.

mod common;
mod feeds;
mod hostile;
mod judgement;
mod lifecycle;
mod matching;
mod shared;
mod versions;
