//! The seeded ministry: reproducible, well-formed, and accepted by the real system.

// A test that cannot go on says so by panicking.
#![allow(clippy::unwrap_used)]

mod access_table;
mod demo;
mod machine;
mod movers;
mod organisation;
mod population;
mod registers;
mod table_places;
mod triggers;
mod unit_triggers;
mod widened;
