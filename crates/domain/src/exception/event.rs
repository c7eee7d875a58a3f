//! What is recorded of an exception besides the steps that all permits have.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::event::BlobRef;
use crate::id::PermitId;
use crate::name::Line;
use crate::permit::Decision;
use crate::rule::ClauseRef;
use crate::time::Timestamp;

crate::choice! {
    /// Whether an exception was found to work.
    pub enum Judgement {
        /// Its effect is confirmed.
        Effective = "effective",
        /// It does not work.
        NotEffective = "not_effective",
        /// It cannot be told yet.
        NotClear = "not_clear",
    }
}

/// Somebody looked at an exception again, with what was measured of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Which.
    pub permit: PermitId,
    /// Who, for which post and in what capacity.
    #[serde(flatten)]
    pub decision: Decision,
    /// What was measured: a document of [`Effect`](super::Effect).
    pub effect: BlobRef,
    /// Whether it works.
    pub judgement: Judgement,
    /// The measures, by their places, of which it is said that they are done: no sensor sees them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<u32>,
    /// When it is to be looked at again; none where it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Date>,
    /// Why, in one sentence. It stands in the ledger as it is, and names nobody.
    pub note: Line,
}

/// An exception became ordinary operation: a clause says from now on what it allowed, with its measures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regularised {
    /// Which.
    pub permit: PermitId,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// What was measured; every measure was in effect.
    pub effect: BlobRef,
    /// The clause that says from now on what it allowed.
    pub into: ClauseRef,
    /// Why.
    pub note: Line,
}

/// An exception was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Which.
    pub permit: PermitId,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// What was measured.
    pub effect: BlobRef,
    /// Why.
    pub note: Line,
}

/// It was decided, with what was measured in view, that an exception goes on as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedAgain {
    /// Which.
    pub permit: PermitId,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// What was measured.
    pub effect: BlobRef,
    /// Its end from now on, where a later one was asked for and given: a record of its own puts it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it is to be looked at again.
    pub next: Date,
    /// Why.
    pub note: Line,
    /// That it goes on as one for everybody, as [`Approved`](crate::permit::event::Approved) says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_everybody: bool,
}
