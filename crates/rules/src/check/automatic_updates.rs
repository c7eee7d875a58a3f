//! Whether security updates install themselves. Our own policy.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::AutomaticUpdates];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let seen = sight!(given, AutomaticUpdates)?;
    let found = if seen.value.mechanism.is_none() || !seen.value.enabled {
        Found::fail(Reason::new("automatic.off"))
    } else if !seen.value.security {
        Found::fail(Reason::new("automatic.not-security"))
    } else {
        Found::pass(Reason::new("automatic.on"))
    };
    Ok(found.unless_hidden(seen.partial))
}
