//! Exceptions (例外措置, notices 2): what is more to a permit of the kind PE than to other permits. It names
//! the rule that it departs from and the measures that compensate for it, is looked at again by a date with
//! what was measured of it, and ends as ordinary operation, stopped, or decided again.
//!
//! The permit itself ([`crate::permit`]) has the life that all permits have; what stands here is recorded
//! beside it as further steps of that permit.

mod clause;
mod effect;
mod event;
mod measure;
mod record;

pub use clause::NamedClause;
pub use effect::{
    CheckEffect, Effect, FIGURES_STAND, MeasureEffect, MeasureStanding, Uses, decode_effect,
    encode_effect,
};
pub use event::{DecidedAgain, Judgement, Regularised, Reviewed, Stopped};
pub use measure::{CompensatingMeasure, MEASURES_MAX};
pub use record::{ExceptionRecord, Outcome, Review, WORD_STANDS};

use crate::time::Span;

/// For how long an exception may run before it is to be made ordinary operation or stopped. Our own choice.
pub const LONG: Span = Span::days(90);
/// Within how long after another one's end the same exception counts as going on with it. Our own choice.
pub const GAP: Span = Span::days(7);
/// How often its end may be put off before that. Our own choice.
pub const RENEWALS: u32 = 2;
