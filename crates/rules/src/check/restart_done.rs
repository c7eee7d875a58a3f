//! Whether a restart is outstanding for installed updates to take effect.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::RebootNeeded];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let reboot = sight!(given, RebootNeeded)?;
    let found = if reboot.value.needed {
        Found::fail(Reason::new("restart.needed"))
    } else {
        Found::pass(Reason::new("restart.done"))
    };
    Ok(found.unless_hidden(reboot.partial))
}
