//! The organisation's own rules of access, as far as the ledger knows them: which text is in force
//! since when, who put it there and why. What the text says is for the decision point to read.
//!
//! A version is never changed. Going back is a version of its own with an earlier text, and taking
//! all rules back is one without a text.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::event::BlobRef;
use crate::name::Line;
use crate::time::Timestamp;

/// Most bytes of such a text: each rule is evaluated for every question.
pub const ACCESS_RULES_MAX: usize = 256 * 1024;

/// A version of the rules as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRules {
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// The text; none where all rules were taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<BlobRef>,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub note: Line,
}

/// A version as the World knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRulesVersion {
    /// What is stored.
    #[serde(flatten)]
    pub rules: AccessRules,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}
