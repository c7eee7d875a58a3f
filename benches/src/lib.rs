//! The measured subjects, one module each, and the form of what they say.

pub mod assess;
pub mod ledger;
pub mod machine;
mod outcome;
pub mod start;

pub use outcome::{Outcome, Target};
