//! Seeded organisations and machines for the demonstration, tests and benchmarks.
//!
//! Everything is made of a seed: the same seed gives the same ministry, people and machines. The
//! demonstration goes in by the same commands and reports as real life; nothing is written into
//! a table directly.

pub mod demo;
pub mod machine;
pub mod organisation;
pub mod population;
pub mod random;
pub mod usage;
