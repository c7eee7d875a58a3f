//! What a person declares of a telephone, as the facts that it becomes.
//!
//! A declaration is one whatever the report says of itself: its source is written here, and nothing is
//! taken that no person can tell.

use sekisho_domain::fact::{FactKind, Observation};

use super::intake::IntakeError;

/// Who speaks in declarations, and the source of what they say.
pub(super) const ORIGIN: &str = "declaration";

/// Whether a person who holds a device can tell of this.
const fn is_declarable(kind: FactKind) -> bool {
    matches!(
        kind,
        FactKind::MachineIdentity
            | FactKind::OsRelease
            | FactKind::PendingUpdates
            | FactKind::RebootNeeded
            | FactKind::DiskEncryption
            | FactKind::ScreenLock
    )
}

/// The observations of a declaration, marked as such.
///
/// # Errors
/// [`IntakeError::NotDeclarable`].
pub(super) fn taken(declared: &[Observation]) -> Result<Vec<Observation>, IntakeError> {
    let one = |declared: &Observation| {
        if !is_declarable(declared.seen.kind()) {
            return Err(IntakeError::NotDeclarable);
        }
        Ok(Observation {
            source: ORIGIN.to_owned(),
            ..declared.clone()
        })
    };
    declared.iter().map(one).collect()
}
