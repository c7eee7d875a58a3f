//! Whether a restart is outstanding for installed updates to take effect.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::RebootNeeded, FactKind::Kernel];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let reboot = sight!(given, RebootNeeded)?;
    if reboot.value.needed {
        return Ok(Found::fail(Reason::new("restart.needed")));
    }
    let kernel = sight!(given, Kernel)?;
    let newer = kernel.value.newest_installed.as_ref();
    if newer.is_some_and(|newest| *newest != kernel.value.release) {
        return Ok(Found::fail(Reason::new("restart.old-kernel")));
    }
    Ok(Found::pass(Reason::new("restart.done"))
        .unless_hidden(reboot.partial)
        .unless_hidden(kernel.partial))
}
