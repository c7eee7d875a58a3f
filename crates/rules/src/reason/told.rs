//! How a reason is found among those that are known, and by which keys texts tell of it.

use sekisho_domain::code::Reason;

use super::{Known, all};

/// The entry of a reason; none when another room gave it.
#[must_use]
pub fn entry(reason: &Reason) -> Option<&'static Known> {
    all().find(|known| known.code == reason.code)
}

/// What to do about a reason, with the same parameters.
#[must_use]
pub fn next_step(reason: &Reason) -> Reason {
    let code = entry(reason).map_or("see-source", |known| known.next);
    let mut next = Reason::new(code);
    next.params.clone_from(&reason.params);
    next
}

/// The message key of a reason.
#[must_use]
pub fn reason_key(reason: &Reason) -> String {
    format!("reason.{}", reason.code)
}

/// The message key of what to do.
#[must_use]
pub fn next_key(step: &Reason) -> String {
    format!("next.{}", step.code)
}
