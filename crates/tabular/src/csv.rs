//! CSV files (RFC 4180), read with bounds and written the one way.

mod read;
mod write;

pub use read::read;
pub use write::write;
