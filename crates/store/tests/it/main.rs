//! Tests of the store from outside.

#![allow(missing_docs, clippy::unwrap_used)]

mod accounts;
mod backup;
mod damage;
mod keys;
mod observations;
mod support;
