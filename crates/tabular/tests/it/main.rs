//! Tests of table files as a whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod office_table;
mod round_trip;
