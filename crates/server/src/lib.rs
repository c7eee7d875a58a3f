//! The single writer, the HTTP surface and the console.

pub mod access;
pub mod acme;
pub mod admin;
pub mod app;
pub mod assessor;
pub mod break_glass;
pub mod checklist;
pub mod console;
pub mod exception;
mod histogram;
pub mod http;
pub mod identity;
pub mod keeper;
pub mod knowledge;
pub mod listed;
pub mod mail;
pub mod plan;
pub mod reconcile;
pub mod retention;
pub mod risk;
pub mod rule;
pub mod service_use;
pub mod tables;
pub mod unease;
