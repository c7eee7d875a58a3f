//! The decision point.

mod fixes;
mod memory;
mod own_rules;
mod policies;
mod reconnection;
mod read_own;
mod scene;
mod seen;
mod truth_table;
