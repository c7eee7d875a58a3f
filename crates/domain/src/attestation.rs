//! Attestations: a dated statement by the holder of a post, which expires (decision 5).

use serde::{Deserialize, Serialize};

use crate::id::{AppointmentId, AttestationId};
use crate::requirement::RequirementId;
use crate::time::{Interval, Span};
use crate::verdict::Scope;

/// How long an attestation holds unless a shorter time is chosen.
pub const ATTESTATION_DEFAULT: Span = Span::days(180);

/// One attestation. What was said stands sealed in the ledger, under its author's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Its id.
    pub id: AttestationId,
    /// The row attested.
    pub row: RequirementId,
    /// Of which subjects.
    pub scope: Scope,
    /// The appointment under which it was given.
    pub appointment: AppointmentId,
    /// When it holds.
    pub valid: Interval,
}
