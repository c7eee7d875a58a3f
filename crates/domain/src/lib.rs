//! The nouns of telework control and the one state machine over them.
//!
//! Everything here is a pure function of its arguments: no clock, no randomness, no I/O, no
//! async. Time comes in as [`time::Timestamp`], fresh identifiers as [`id::Fresh`]. What is
//! stored for ever is in [`event`]; what is true now is the fold of it in [`world`]; what may be
//! asked for is in [`command`]; who may ask is decided by [`authorise`] alone.

pub mod fact;
pub mod id;
pub mod time;
