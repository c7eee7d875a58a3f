//! Wire types between agent, server, gateway, shell and enforcement points. Pure: values and their
//! bounds, no I/O.

pub mod access_rules;
pub mod access_table;
pub mod admin;
pub mod agent;
pub mod authzen;
pub mod gateway;
pub mod network;
pub mod request_key;
pub mod service_use;
pub mod tunnel;
pub mod wireguard_key;
