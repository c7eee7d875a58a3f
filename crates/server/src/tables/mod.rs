//! Registers as table files: reading them in (a dry run with every cell at fault, then all or nothing)
//! and writing them out. The files themselves are `sekisho_tabular`'s; this binds them to the
//! registers, to what fields refer to, and to the writer.

mod check;
pub mod desk;
mod export;
mod import;
mod layout;
mod references;
mod words;

pub use export::{ExportError, Exported, FileFormat, export};
pub use import::{PrepareError, Prepared, Stage, commit, prepare};
pub use layout::layout;
pub use words::fault_text;
