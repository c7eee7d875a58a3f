//! Forms, tables and histories of any noun, made from its fields (`sekisho_domain::field`).
//!
//! Whoever adds a register entry or a kind of permit writes a `noun!` and its words, nothing here:
//!
//! 1. [`Words`] finds the label `<area>.<noun>.<field>` in the catalogues, the support text
//!    `….<field>_help`, the name of a choice `….<field>.<code>` and its explanation
//!    `….<field>.<code>_help`. What several nouns share stands once, under `<area>.any`.
//! 2. [`Entered`] is what a browser sent (or what a stored noun looks like in a form); it is kept as
//!    it was entered, so that a form shown again after an error has lost nothing.
//! 3. [`inputs`] renders every field; [`read`] turns what was entered into `Values`, with a
//!    [`Fault`] for each field that cannot be read. `Noun::read` then judges the values.
//! 4. [`Referents`] is what a page must say of the things that fields refer to: their names, and how
//!    to find them. Few are offered as a list, many are searched and picked, without scripts.
//! 5. [`show`] renders a value as people read it, [`changes`] tells two versions of a noun apart.
//!
//! In a form, the field `serial` is called `f-serial`; what it consists of is told apart by a
//! further part (`f-since-era`, `f-grade-c`, `f-user-q`). The button that only searches is called
//! [`LOOK`] and carries the field's code: such a form is shown again, and nothing is carried out.

mod changes;
mod date;
mod entered;
mod grade;
mod input;
mod read;
mod reference;
mod restriction;
mod show;
mod words;

pub use changes::{FieldChange, changes};
pub use date::civil_day;
pub use entered::{Entered, LOOK, anchored, input_name};
pub use grade::{grade_badge, grade_words};
pub use input::{FieldForm, inputs};
pub use read::{Fault, Read, read, sentence};
pub use reference::{FEW, Found, Referent, Referents};
pub use restriction::restriction_words;
pub use show::{show, sort_key};
pub use words::Words;
