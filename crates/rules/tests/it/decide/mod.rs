//! The decision point.

mod declared;
mod ended;
mod excepted;
mod exceptions;
mod fixes;
mod join_table;
mod line_permits;
mod memory;
mod own_rules;
mod parts;
mod permit_states;
mod policies;
mod read_own;
mod reconnection;
mod restrictions;
mod risks;
mod scene;
mod seen;
mod taken_out;
mod truth_table;
mod until;
mod whose_device;
