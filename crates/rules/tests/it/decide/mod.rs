//! The decision point.

mod exceptions;
mod fixes;
mod memory;
mod own_rules;
mod policies;
mod read_own;
mod reconnection;
mod scene;
mod seen;
mod truth_table;
