//! The pages of registers, whatever stands in them: the list, one entry with its history, and the
//! forms that change it. Routes fill the view-models; `console::fields` makes the parts.

mod detail;
mod form;
mod history;
pub mod import;
mod list;

pub use detail::{DetailView, page as detail_page};
pub use form::{FormView, Remark, page as form_page};
pub use history::{Change, history};
pub use list::{Filter, Head, LinkTo, ListView, States, links, page as list_page};
