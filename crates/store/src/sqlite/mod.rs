//! What is kept in SQLite in a form of its own.

pub mod ledger;
