//! Whether inbound connections are refused unless allowed.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged, unseen};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Firewall];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let seen = sight!(given, Firewall)?;
    if let Some(why) = seen.partial {
        // The rules that were not seen decide either way: neither good nor bad is proved.
        return Err(unseen(why));
    }
    let firewall = seen.value;
    Ok(if firewall.filter.is_none() {
        Found::fail(Reason::new("firewall.none"))
    } else if !firewall.inbound_default_deny {
        Found::fail(Reason::new("firewall.open"))
    } else if !firewall.enforced {
        Found::unknown(Reason::new("firewall.only-configured"))
    } else {
        Found::pass(Reason::new("firewall.denies"))
    })
}
