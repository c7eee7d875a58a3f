//! Rules (規程): documents made of clauses, with versions, and what each clause is bound to.
//!
//! A rule is drafted, proposed and approved by somebody else, and is in force from a day. Each clause keeps
//! its number for good and says, as data, which rows of the catalogue it answers, which checks and policies
//! carry it out, which permits run under it and what limit it sets. So it can be counted whether a clause
//! works, and found where clauses, permits, plan and policies contradict each other (notices, 2 and 5).

mod clause;
mod clause_ref;
mod code;
mod content;
mod diff;
mod effect;
mod measure;
mod text;
mod version;

pub use clause::{Approver, Clause, ClauseTerms};
pub use clause_ref::{ClauseNumber, ClauseRef};
pub use code::CheckCode;
pub use content::{CLAUSES_MAX, RuleContent, RuleHead, TEXT_MAX};
pub use diff::{ClauseChange, DIFF_MAX, Piece, clause_changes, text_pieces};
pub use effect::{
    CheckedRule, ClauseEffect, EffectReport, Finding, RULE_CHECK_DAYS, RULE_REVISE_DAYS,
    RuleChecked, decode_effect, encode_effect,
};
pub use measure::{DecidedMeasure, MeasureRef};
pub use text::{CLAUSE_TEXT_MAX, ClauseText};
pub use version::{
    ACKNOWLEDGE_DAYS, Acknowledged, RuleAcknowledged, RuleApproved, RuleDocument, RuleDrafted,
    RuleProposed, RuleSentBack, RuleVersion, RuleWork,
};
