//! Wire types between agent, server, gateway, shell and enforcement points. Pure: values and their
//! bounds, no I/O.

pub mod admin;
pub mod agent;
pub mod authzen;
