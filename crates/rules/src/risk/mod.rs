//! The method of risk assessment (requirements.md 3.1): frozen inputs in, a number out, and the same number
//! whenever they are put to it again.
//!
//! Importance follows from the grade. A threat has its default from the table and is raised one step by
//! what was measured. A weakness is computed from checks; what nobody measures counts as 3, a person can
//! raise it, and nothing but an exception in force lowers it.

mod crosswalk;
mod loss;
mod method;
mod replay;
mod table;

pub use crosswalk::{FiveLevels, five_levels};
pub use loss::{LOSS_DRAWS, LOSS_SHARES, Loss, LossFault, LossModel, simulate};
pub use method::{importance, threat, weakness};
pub use replay::{METHOD, Replay, assess, replay};
pub use table::{TableError, built_in_table, read_table};
