//! Tests of the server against real folders.

mod golden;
mod golden_events;
