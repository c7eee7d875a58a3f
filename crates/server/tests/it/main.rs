//! Tests of the server against real folders.

mod golden;
mod golden_events;
mod http;
mod reconcile;
mod reconcile_house;
mod reconcile_peers;
mod reconcile_smtp;
mod reconcile_witness;
