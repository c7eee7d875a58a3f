//! Tests of the domain from outside.

// A test that cannot go on says so by panicking.
#![allow(clippy::unwrap_used)]

mod authority;
mod break_glass;
mod commands;
mod findings;
mod gateway_inside;
mod imports;
mod moves;
mod permit;
mod person_changes;
mod register_walk;
mod registers;
mod roster;
mod rule_diff;
mod rules;
mod structure;
mod system_addresses;
mod tokens;
mod unease;
mod unit_figures;
mod unit_names;
mod working_day;
mod world_walk;
