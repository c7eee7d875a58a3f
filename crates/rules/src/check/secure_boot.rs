//! Whether the machine was started through Secure Boot. Our own policy.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::FactKind;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::FirmwareSecurity];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let seen = sight!(given, FirmwareSecurity)?;
    let found = match (seen.value.uefi, seen.value.secure_boot) {
        (_, Some(true)) => Found::pass(Reason::new("boot.secure")),
        (_, Some(false)) => Found::fail(Reason::new("boot.off")),
        (true, None) => Found::unknown(Reason::new("boot.not-stated")),
        (false, None) => Found::fail(Reason::new("boot.no-uefi")),
    };
    Ok(found.unless_hidden(seen.partial))
}
