//! The decision point.

mod fixes;
mod own_rules;
mod policies;
mod reconnection;
mod scene;
mod truth_table;
