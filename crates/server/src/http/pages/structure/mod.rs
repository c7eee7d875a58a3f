//! People, units and posts as registers: lists, single ones with their history, and what changes
//! them. Units are dated, so every change says from which day it holds.

mod ask;
mod history;
pub(in crate::http) mod moves;
pub(in crate::http) mod person;
pub(in crate::http) mod post;
pub(in crate::http) mod unit;
pub(in crate::http) mod units;

use maud::{Markup, html as markup};

use history::history;
pub(in crate::http) use history::history_of;

/// Links that stand as buttons, where there are any.
fn buttons(list: &[(std::borrow::Cow<'static, str>, String)]) -> Markup {
    markup! {
        @if !list.is_empty() {
            p class="actions" {
                @for (label, href) in list { a class="button button--secondary" href=(href) { (label) } }
            }
        }
    }
}
