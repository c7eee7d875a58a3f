//! The rules: what is asked, what the facts say of it, and what follows.
//!
//! [`catalogue`] holds the rows as data, [`check`] turns facts into results per device, [`access`] holds
//! what enforcement points saw, [`assess`] turns results, registers and access into a verdict per row, [`transitions`] says what of that is new
//! and belongs in the ledger, and [`past`] answers what was known at an earlier moment.
//!
//! Pure: time is an argument, and nothing here reads a file, a clock or the network. No rule asks
//! which collector, package manager or operating system a fact came from.

pub mod access;
pub mod application;
pub mod assess;
pub mod bearing;
pub mod catalogue;
pub mod check;
pub mod conflict;
pub mod decide;
mod digest;
pub mod effect;
pub mod exception;
pub mod exit;
mod feed_part;
pub mod halves;
pub mod past;
pub mod reason;
pub mod risk;
pub mod transitions;
pub mod trigger;
