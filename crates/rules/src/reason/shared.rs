//! What of a reason is the same for every device that has it.

use sekisho_domain::code::{Param, Reason};

/// Parameters that say the same of every device with this cause.
const SHARED: &[&str] = &[
    "feed", "product", "version", "until", "ended", "fact", "software", "system",
];

/// A reason without what differs from device to device: the cause under which changes are
/// recorded together.
#[must_use]
pub fn cause(reason: &Reason) -> Reason {
    let mut cause = reason.clone();
    cause
        .params
        .retain(|name, _| SHARED.contains(&name.as_ref()));
    cause
}

/// A day as a parameter: the same in every language, so the edge may write it in its own way.
pub(crate) fn day(day: jiff::civil::Date) -> Param {
    Param::Text(day.to_string())
}
