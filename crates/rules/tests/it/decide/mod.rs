//! The decision point.

mod fixes;
mod memory;
mod own_rules;
mod policies;
mod reconnection;
mod scene;
mod truth_table;
