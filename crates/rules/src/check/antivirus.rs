//! Whether malware protection runs with fresh signatures. Our own policy.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;
use sekisho_domain::time::{Span, Timestamp};

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Antivirus];

/// Oldest signatures that still count as fresh. Our own policy.
pub const SIGNATURES_MAX_AGE: Span = Span::days(7);

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let seen = sight!(given, Antivirus)?;
    let antivirus = seen.value;
    if antivirus.product.is_none() {
        return Ok(Found::fail(Reason::new("antivirus.none")));
    }
    if !antivirus.active {
        return Ok(Found::fail(Reason::new("antivirus.inactive")));
    }
    let Some(updated) = antivirus.signatures_at else {
        return Ok(Found::unknown(Reason::new("antivirus.signatures-unknown")));
    };
    let age = seen.observed_at.since(updated);
    if age > SIGNATURES_MAX_AGE {
        let reason = Reason::new("antivirus.old-signatures")
            .with("days", age.whole_days())
            .with("max", SIGNATURES_MAX_AGE.whole_days());
        return Ok(Found::fail(reason));
    }
    let left = SIGNATURES_MAX_AGE.as_millis() - age.as_millis();
    let until = Timestamp::from_millis(seen.received_at.as_millis().saturating_add(left));
    Ok(Found::pass(Reason::new("antivirus.active"))
        .until(until)
        .unless_hidden(seen.partial))
}
