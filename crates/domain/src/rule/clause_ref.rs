//! How other records name a clause of a rule.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::id::RuleId;

/// The number by which a clause is known within its rule: given once, in order of adoption, and never given
/// again. What is printed before the clause (第3条第2項) is a label of its own, since clauses move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClauseNumber(pub NonZeroU32);

/// A clause of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClauseRef {
    /// The rule.
    pub rule: RuleId,
    /// The clause.
    pub clause: ClauseNumber,
}
