//! Registers, the organisation and lists of moves as table files: reading them in (a dry run with every
//! cell at fault, then all or nothing) and writing them out. The files themselves are
//! `sekisho_tabular`'s; this binds them to what they are tables of, to what fields refer to, and to the
//! writer.

mod check;
mod columns;
pub mod desk;
mod export;
mod import;
mod layout;
mod list;
mod moves;
mod people;
mod plan;
mod posts;
mod references;
mod row;
mod table_of;
mod units;
mod words;

pub use export::{ExportError, Exported, FileFormat, export};
pub use import::{Given, PrepareError, Prepared, Stage, may_import, prepare};
pub use layout::layout;
#[cfg(test)]
pub(crate) use list::headings_mean_one_column;
pub(crate) use list::{RowFaults, list_column, names, read_list, row_faults, write_list};
pub use moves::values as move_values;
pub use people::{PersonPlan, person_now, person_values};
pub use plan::{Plan, commit};
pub use posts::post_values;
pub use references::Names;
pub use table_of::TableOf;
pub use units::{unit_now, unit_values};
pub use words::fault_text;
