//! The pages of permits: rows of lists, the page of one permit, and its form (様式).

mod page;
mod paper;
mod row;
mod words;

pub use page::{Duty, PermitView, page as permit_page};
pub use paper::{Done, PaperView, paper};
pub use row::{Row, Ticks, rows, tick_rows};
pub use words::{clause_word, kind_help, kind_name, status_badge, status_word, term_words};
