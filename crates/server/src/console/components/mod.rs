//! The pieces that pages are built of.

mod alert;
mod badge;
mod facts;
mod form;
mod icon;
mod pagination;
mod table;
mod tile;
mod time;

pub use alert::{Tone, alert, empty_state};
pub use badge::{
    outcome_badge, outcome_badge_worded, row_badge, verdict_badge, verdict_badge_counted,
};
pub use facts::{Definitions, definitions, lang_text, yes_no};
pub use form::{
    Choice, Field, Input, choices, confirmation, csrf_field, error_at, error_summary, field, mark,
    select, submit, text_area,
};
pub use icon::{Icon, icon};
pub use pagination::{Pages, pagination};
pub use table::{Column, cell, row_header, table};
pub use tile::{Tile, tiles};
pub use time::{age, instant, instant_with_age};
