//! Whether the clock is synchronised. Our own policy: logs and evidence rest on it.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::TimeSync];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let seen = sight!(given, TimeSync)?;
    let found = match seen.value.synchronised {
        Some(true) => Found::pass(Reason::new("clock.synchronised")),
        Some(false) => Found::fail(Reason::new("clock.not-synchronised")),
        None if seen.value.active => Found::unknown(Reason::new("clock.running")),
        None => Found::fail(Reason::new("clock.no-service")),
    };
    Ok(found.unless_hidden(seen.partial))
}
