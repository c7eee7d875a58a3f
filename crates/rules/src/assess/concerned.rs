//! What a row speaks of, one by one, where something is not as it should be.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::id::{CaseId, DeviceId, PermitId, PersonId, RiskId, RuleId};
use sekisho_domain::opinion::Subject;
use sekisho_domain::register::EntryId;

/// A thing that a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A device.
    Device(DeviceId),
    /// An entry of a register: a system, a line, a gateway.
    Entry(EntryId),
    /// A case that calls for a reassessment.
    Case(CaseId),
    /// A risk assessment.
    Risk(RiskId),
    /// A rule.
    Rule(RuleId),
    /// Something that the promotion body gives an opinion on.
    Subject(Subject),
    /// A permit.
    Permit(PermitId),
}

/// One thing that is not as it should be, of which too little is known, or that passes only until its day. Not
/// recorded: none in answers about the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerned {
    /// What.
    pub what: Thing,
    /// Whose doing it was, where it was a person's.
    pub person: Option<PersonId>,
    /// Whether it fails or is unknown; that it passes where it waits within its time.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

/// Things that a row names, those that fail before those that are unknown.
pub const CONCERNED: usize = 20;
