//! Wire types between agent, server, gateway and shell. Pure: values and their bounds, no I/O.

pub mod admin;
pub mod agent;
pub mod tunnel;
