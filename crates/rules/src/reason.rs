//! The codes that these rules give, with their parameters, and what to do about each.
//!
//! Texts stand in `catalog/messages/reason.toml`: `reason.<code>` says what is the case,
//! `next.<code>` what to do. A test holds the two against each other.

mod of_facts;
mod of_rows;
mod shared;
mod told;

pub use shared::cause;
pub(crate) use shared::day;
pub use told::{entry, next_key, next_step, reason_key};

use of_facts::OF_FACTS;
use of_rows::OF_ROWS;

/// A reason that these rules can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: &'static str,
    /// Names of its parameters.
    pub params: &'static [&'static str],
    /// Code of what to do about it; `nothing` where nothing is to be done.
    pub next: &'static str,
}

const fn known(code: &'static str, params: &'static [&'static str], next: &'static str) -> Known {
    Known { code, params, next }
}

/// Every reason, in the order of the rooms that give them.
pub fn all() -> impl Iterator<Item = &'static Known> {
    OF_FACTS.iter().chain(OF_ROWS)
}
