//! The decision point.

mod declared;
mod exceptions;
mod fixes;
mod memory;
mod own_rules;
mod policies;
mod read_own;
mod reconnection;
mod risks;
mod scene;
mod seen;
mod truth_table;
