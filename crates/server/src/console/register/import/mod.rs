//! The pages of an import: bringing a file in, waiting for it, what it would do, what was done.

mod ask;
mod mapping;
mod result;
mod status;

pub use ask::{AskView, SavedProfile, UnderWay, page as ask_page};
pub use mapping::{HeadingRow, MappingView, WordRow};
pub use result::{
    DoneView, FaultRow, Outcome, ResultView, RowChange, done_page, page as result_page,
};
pub use status::{StatusView, page as status_page};
