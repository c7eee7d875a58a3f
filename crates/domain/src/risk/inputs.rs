//! What an assessment rests on, frozen: the table, what was measured and when, what its author said.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::content::{Lowered, Raised};
use super::scenario::{Answer, Question, Scenario};
use super::subject::RiskSubject;
use super::table::RiskTable;
use crate::check::DeviceCheck;
use crate::grade::Grade;
use crate::permit::particulars::TeleworkPlace;
use crate::requirement::RequirementId;
use crate::time::Timestamp;

crate::choice! {
    /// What raises a threat.
    pub enum FactKind {
        /// An incident; the subject is it.
        Incident = "incident",
        /// A vulnerability that is being exploited; the subject is the device.
        Exploited = "exploited",
        /// A vulnerability that is being exploited on the machine of a gateway; the subject is the gateway.
        Gateway = "gateway",
        /// A detection that nobody has judged.
        Detection = "detection",
    }
}

/// Something measured that raises a threat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ThreatFact {
    /// What.
    pub kind: FactKind,
    /// Of what, by id.
    pub subject: String,
    /// When it was recorded or received.
    pub at: Timestamp,
}

/// What a weakness is measured by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// A check of the devices in scope.
    Device(DeviceCheck),
    /// A row of the catalogue, by its recorded verdict.
    Row(RequirementId),
}

/// What came of one check, over the subjects in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Which.
    pub what: Bind,
    /// Subjects that pass by fresh evidence.
    pub pass: u32,
    /// Subjects that fail.
    pub fail: u32,
    /// Subjects whose evidence is no longer fresh.
    pub stale: u32,
    /// Subjects of which nothing is known.
    pub unknown: u32,
    /// When the oldest evidence was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
}

impl Bound {
    /// How many subjects there are.
    #[must_use]
    pub const fn subjects(&self) -> u32 {
        self.pass
            .saturating_add(self.fail)
            .saturating_add(self.stale)
            .saturating_add(self.unknown)
    }
}

/// What an assessment rests on. Stored as a document beside the record of its draft, whose hash names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The edition of the method.
    pub method: u32,
    /// The table.
    pub table: RiskTable,
    /// SHA-256 in hex of the file that the table was read from.
    pub table_digest: String,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// What is assessed.
    pub subject: RiskSubject,
    /// The grade of what is handled.
    pub grade: Grade,
    /// Where.
    pub places: Vec<TeleworkPlace>,
    /// How many tasks are in scope.
    pub tasks: u32,
    /// How many devices are in scope.
    pub devices: u32,
    /// What raises threats.
    pub facts: BTreeMap<Scenario, Vec<ThreatFact>>,
    /// What weaknesses are measured by.
    pub bound: BTreeMap<Scenario, Vec<Bound>>,
    /// What could not be measured, by code.
    pub unmeasured: BTreeSet<String>,
    /// What the author answered.
    pub answers: BTreeMap<Question, Answer>,
    /// Weaknesses that the author raised.
    pub raised: Vec<Raised>,
    /// Weaknesses that an exception in force lowers.
    pub lowered: Vec<Lowered>,
}

/// Writes inputs as a document.
#[must_use]
pub fn encode_inputs(inputs: &Inputs) -> Vec<u8> {
    // Plain data with string keys always serialises.
    serde_json::to_vec(inputs).unwrap_or_default()
}

/// The edition of the method that a document names, whatever else it holds; none where it names none.
#[must_use]
pub fn inputs_edition(document: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Named {
        method: u32,
    }
    let named: Named = serde_json::from_slice(document).ok()?;
    Some(named.method)
}

/// Reads a document; none where it is not of this form.
#[must_use]
pub fn decode_inputs(document: &[u8]) -> Option<Inputs> {
    serde_json::from_slice(document).ok()
}
