//! The two documents that stand with an opinion.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One conflict, as it was found and as the body saw it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConflictLine {
    /// The stable code of what contradicts.
    pub code: String,
    /// Whether it is a contradiction, and not only something to be looked at.
    pub contradiction: bool,
    /// What stands on one side and on the other: ids and codes.
    pub between: Vec<String>,
    /// Parameters of the words by which it is told.
    pub detail: Vec<(String, String)>,
}

/// The conflicts that were found at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflicts {
    /// When.
    pub at: Timestamp,
    /// The conflicts.
    pub lines: Vec<ConflictLine>,
    /// How many more there were than are listed.
    pub more: u64,
}

/// What a check or row said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The row of the catalogue, or the check.
    pub of: String,
    /// The verdict or outcome, by its code.
    pub verdict: String,
    /// How many passed.
    pub pass: u32,
    /// How many failed.
    pub fail: u32,
    /// How many are not known.
    pub unknown: u32,
}

/// What checks said at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Technical {
    /// When.
    pub at: Timestamp,
    /// What each said.
    pub results: Vec<CheckResult>,
}

/// Writes the list of conflicts as a document.
#[must_use]
pub fn encode_conflicts(conflicts: &Conflicts) -> Vec<u8> {
    // Plain data with string keys always serialises.
    serde_json::to_vec(conflicts).unwrap_or_default()
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_conflicts(document: &[u8]) -> Option<Conflicts> {
    serde_json::from_slice(document).ok()
}

/// Writes what checks said as a document.
#[must_use]
pub fn encode_technical(technical: &Technical) -> Vec<u8> {
    serde_json::to_vec(technical).unwrap_or_default()
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_technical(document: &[u8]) -> Option<Technical> {
    serde_json::from_slice(document).ok()
}
