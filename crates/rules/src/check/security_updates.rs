//! Whether security updates wait to be installed, by metadata that is fresh.

use sekisho_domain::code::Reason;
use sekisho_domain::device::StateSource;
use sekisho_domain::fact::{FactKind, PendingUpdates};
use sekisho_domain::time::{Span, Timestamp};

use super::facts::{Sight, sight};
use super::knowledge::days;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::PendingUpdates];

/// The age past which update metadata can still prove that updates wait, and no longer that none
/// does. Our own policy.
pub const METADATA_MAX_AGE: Span = Span::days(7);

/// How far ahead of the device's own clock metadata may be dated before nothing is believed.
const SKEW: Span = Span::days(1);

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let pending = sight!(given, PendingUpdates)?;
    let mut waiting: Vec<&str> = pending
        .value
        .updates
        .iter()
        .filter(|update| update.security)
        .map(|update| update.name.as_str())
        .collect();
    waiting.sort_unstable();
    if let Some(first) = waiting.first() {
        let reason = Reason::new("update.security-pending")
            .with("n", waiting.len())
            .with("first", *first);
        return Ok(Found::fail(reason));
    }
    if !pending.value.security_source {
        // Without a security source an empty list proves nothing.
        return Ok(Found::unknown(Reason::new("update.no-security-source")));
    }
    let source = given.facts.source();
    Ok(none_waiting(&pending, source).unless_hidden(pending.partial))
}

fn none_waiting(pending: &Sight<'_, PendingUpdates>, source: StateSource) -> Found {
    let Some(fetched) = pending.value.metadata_at else {
        return Found::unknown(Reason::new("update.never-fetched"));
    };
    // Both instants are of the device's clock, so its error cancels out.
    if fetched > pending.observed_at.after(SKEW) {
        return Found::unknown(Reason::new("update.metadata-from-future"));
    }
    let age = pending.observed_at.since(fetched);
    if age > METADATA_MAX_AGE {
        let reason = Reason::new("update.metadata-old")
            .with("days", days(age.as_millis()))
            .with("max", METADATA_MAX_AGE.whole_days());
        return Found::unknown(reason);
    }
    if source == StateSource::Declared {
        // The person looked when it was declared; a declaration counts as long as any other.
        return Found::pass(Reason::new("update.none-pending"));
    }
    let left = METADATA_MAX_AGE.as_millis() - age.as_millis();
    Found::pass(Reason::new("update.none-pending")).until(Timestamp::from_millis(
        pending.received_at.as_millis().saturating_add(left),
    ))
}
