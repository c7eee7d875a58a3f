//! Tests of the store from outside.

#![allow(missing_docs, clippy::unwrap_used)]

mod accounts;
mod api_requests;
mod backup;
mod damage;
mod exception_use;
mod keys;
mod ledger;
mod ledger_export;
mod ledger_kill;
mod ledger_places;
mod letters;
mod observations;
mod passkeys;
mod refused;
mod remains;
mod service_use;
mod support;
mod telework_days;
mod tunnel_days;
mod tunnel_use;
mod tunnels;
