//! Table files: bytes of XLSX and CSV to tables and back, tables to the values of nouns and back.
//!
//! Pure: bytes in, bytes out. What comes in is hostile until checked; every bound is in
//! [`limits`], every fault names its cell. What goes out is for machines first: one table a sheet,
//! its header in row 1, no merged cells, days with their Western year.

mod archive;
pub mod cell;
pub mod csv;
pub mod encoding;
pub mod fault;
pub mod guard;
pub mod layout;
pub mod limits;
mod open;
pub mod place;
pub mod sheet;
pub mod table;
pub mod values;
pub mod xlsx;

pub use cell::Cell;
pub use fault::Fault;
pub use layout::Layout;
pub use limits::Limits;
pub use open::open;
pub use place::Place;
pub use sheet::{Book, Format, Merge, Sheet};
pub use table::Table;
pub use values::References;
