//! The measured subjects, one module each, and the form of what they say.

pub mod assess;
pub mod authzen;
pub mod decide;
pub mod discovery;
pub mod imports;
pub mod ledger;
pub mod machine;
pub mod measure;
mod ministry;
pub mod moves;
mod office;
mod outcome;
pub mod permits;
pub mod revocation;
pub mod rosters;
pub mod start;
mod stirred;
mod stored_use;
pub mod tables;
pub mod throughput;
pub mod triggers;
mod tunnels;

pub use outcome::{Outcome, Target};
