//! An organisation's own rules of access, as shell and API show them.

use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most days that a what-if looks back: answers are kept for so long.
pub const WHAT_IF_DAYS_MAX: u32 = 92;

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesVersion {
    /// Its number; 0 where no rules were ever set.
    pub version: u32,
    /// Since when it was in force.
    pub at: Option<Timestamp>,
    /// Who set it: `operator`, or the id of a person or token.
    pub by: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// Bytes of the text; 0 where all rules were taken back.
    pub size: u64,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// What it says, in Japanese.
    pub ja: String,
    /// In English; the Japanese where nothing else was written.
    pub en: String,
}

/// Something to be told of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFault {
    /// The stable code.
    pub code: String,
    /// The rule, by its id or its number in the text; none where it is the whole text.
    pub rule: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1, in characters.
    pub column: Option<u32>,
    /// What the policy language says of it, in its own words (English).
    pub detail: Option<String>,
}

/// A text, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesChecked {
    /// Whether it can be put in force.
    pub sound: bool,
    /// What is wrong.
    pub faults: Vec<RuleFault>,
    /// What is sound and can never matter.
    pub remarks: Vec<RuleFault>,
    /// Its rules, by id; none where something is wrong.
    pub rules: Vec<RuleLine>,
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesShown {
    /// Which version.
    pub version: RulesVersion,
    /// Its text.
    pub text: String,
    /// How it is read by this program. While it is not sound nobody is let through.
    #[serde(flatten)]
    pub checked: RulesChecked,
}

/// How many answers, by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersOf {
    /// The id of a system, line or unit, or of a rule.
    pub id: String,
    /// How many.
    pub answers: u64,
}

/// An answer that would have been another one. Who asked is not told here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedAnswer {
    /// When it was given.
    pub at: Timestamp,
    /// The system or line.
    pub resource: String,
    /// The unit of whoever asked.
    pub unit: Option<String>,
    /// The code of the place.
    pub place: String,
    /// The rules that forbid, or forbade.
    pub rules: Vec<String>,
}

/// Answers that would have been other ones, one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// How many.
    pub answers: u64,
    /// To how many people.
    pub people: u64,
    /// By system or line, the most first.
    pub resources: Vec<AnswersOf>,
    /// By unit, the most first.
    pub units: Vec<AnswersOf>,
    /// By the rules that forbid, or forbade; an answer counts for each.
    pub rules: Vec<AnswersOf>,
    /// The newest of them.
    pub examples: Vec<ChangedAnswer>,
}

/// What other rules would have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIfReport {
    /// From when on answers were looked at.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many answers were looked at.
    pub answers: u64,
    /// How many of them were put to the rules, on the facts of their own moment.
    pub replayed: u64,
    /// How many were given before facts were kept, or by facts that this program does not know.
    pub without_facts: u64,
    /// How many were refused because the rules could not be evaluated.
    pub failed: u64,
    /// How many rows there are that were not looked at, since there are too many.
    pub beyond: u64,
    /// Allowed then, and refused by these rules.
    pub refused: Changed,
    /// Refused then by an own rule alone, and allowed by these rules.
    pub allowed: Changed,
}
