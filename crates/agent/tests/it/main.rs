//! The agent against recorded hosts and against a server on this machine.

// A test that fails by panicking has said what it must.
#![allow(clippy::unwrap_used)]

mod hosts;
mod talk;
