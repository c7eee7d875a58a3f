//! XLSX files: read with calamine behind a check of our own, written with rust_xlsxwriter.

mod check;
mod read;
mod write;

pub use read::read;
pub use write::write;
