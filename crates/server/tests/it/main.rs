//! Tests of the server against real folders.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod access_evidence;
mod assessor;
mod break_glass;
mod compared;
mod feeds;
mod golden;
mod golden_events;
mod http;
mod log_sources;
mod lost_findings;
mod reconcile;
mod reconcile_house;
mod reconcile_peers;
mod reconcile_smtp;
mod reconcile_witness;
mod rotation;
mod service_lists;
mod settle;
mod unused;
mod writer;
