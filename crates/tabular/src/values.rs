//! Cells to the values of a noun, and back.

mod read;
mod several;
mod words;
mod write;

use std::fmt;

pub use read::{Reading, read};
pub use words::{Meant, words};
pub use write::{codes_sheet, write};

/// Why a reference finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nothing has that name.
    Unknown,
    /// Several have that name.
    Several,
}

/// The things that fields refer to, by the names that people have for them.
pub trait References {
    /// The id of the thing that a text names, by the prefix of its kind of id.
    ///
    /// # Errors
    /// [`Lost`] when none or several have that name.
    fn find(&self, prefix: &str, text: &str) -> Result<String, Lost>;

    /// The text that names a thing and no other; its id where there is no such text.
    fn name(&self, prefix: &str, id: &str) -> String;
}

/// No things at all: only ids name them.
#[derive(Clone, Copy, Debug)]
pub struct IdsOnly;

impl References for IdsOnly {
    fn find(&self, prefix: &str, text: &str) -> Result<String, Lost> {
        let is_id = text
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('_'));
        if is_id {
            Ok(text.to_owned())
        } else {
            Err(Lost::Unknown)
        }
    }

    fn name(&self, _prefix: &str, id: &str) -> String {
        id.to_owned()
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "cell.unknown-reference",
            Self::Several => "cell.ambiguous-reference",
        })
    }
}
