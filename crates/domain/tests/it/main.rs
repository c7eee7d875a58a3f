//! Tests of the domain from outside.

// A test that cannot go on says so by panicking.
#![allow(clippy::unwrap_used)]

mod authority;
mod commands;
mod world_walk;
