//! Tests of the ledger from outside.

#![allow(missing_docs, clippy::unwrap_used)]

mod exports;
mod memory;
mod mutations;
mod others;
mod outside;
mod rotation;
