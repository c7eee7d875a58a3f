//! The nouns of telework control and the one state machine over them.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no I/O, no
//! async. Time comes in as [`time::Timestamp`], fresh identifiers as [`id::Fresh`]. What is
//! stored for ever is in [`event`]; what is true now is the fold of it in [`world`]; what may be
//! asked for is in [`command`]; who may ask is decided by [`authorise`] alone.

pub mod access;
pub mod access_rules;
pub mod account;
pub mod actor;
pub mod admission;
pub mod appointment;
pub mod arrival;
pub mod attestation;
pub mod authorise;
pub mod break_glass;
pub mod check;
pub mod checklist;
pub mod code;
pub mod command;
pub mod concern;
pub mod continuity;
pub mod delegation;
pub mod device;
mod document;
pub mod event;
pub mod exception;
pub mod fact;
pub mod feed;
pub mod field;
pub mod fold;
pub mod grade;
pub mod id;
pub mod mapping;
pub mod moves;
pub mod name;
pub mod net;
pub mod opinion;
pub mod organisation;
pub mod permit;
pub mod plan;
pub mod post;
pub mod posture;
pub mod profile;
pub mod register;
pub mod requirement;
pub mod restriction;
pub mod risk;
pub mod role;
pub mod rule;
pub mod sighting;
pub mod stand_in;
pub mod time;
pub mod token;
pub mod unit;
pub mod verdict;
pub mod working_day;
pub mod world;
