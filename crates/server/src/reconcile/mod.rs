//! What must be true outside this machine, kept true: idempotent reconcilers that compare what is
//! with what should be. Replaying the ledger never causes an effect; only these threads do.
//!
//! The first one takes signed checkpoints out of the machine (design decision 2): what is kept
//! outside is the only thing that can reveal a truncation, a roll-back of the whole folder or a
//! rewrite signed with the real key.

pub mod checkpoints;
mod deliveries;
mod failure;
pub(crate) mod file;
mod mail;
mod prune;
mod schedule;
pub mod settle;
pub mod status;
pub mod target;
mod witness;

pub use checkpoints::{Reconciler, Settings};
pub use failure::Failure;
pub use settle::Settler;
pub use status::{TargetStatus, has_left, status, tally};
pub use target::{Target, check_targets};
