//! Whether the screen locks by itself, soon enough.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, ScreenLock};
use sekisho_domain::time::Span;

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::ScreenLock];

/// Longest time without input until the screen locks. Our own policy: the clauses name none.
pub const IDLE_MAX: Span = Span::minutes(15);

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let lock = sight!(given, ScreenLock)?;
    let found = match lock.value {
        ScreenLock::Headless => Found::pass(Reason::new("screen.headless")),
        ScreenLock::Desktop {
            enabled: true,
            idle_seconds: Some(idle),
            ..
        } => within(*idle),
        ScreenLock::Desktop { .. } => Found::fail(Reason::new("screen.never-locks")),
    };
    Ok(found.unless_hidden(lock.partial))
}

fn within(idle_seconds: u32) -> Found {
    let minutes = idle_seconds.div_ceil(60);
    if Span::seconds(idle_seconds) <= IDLE_MAX {
        Found::pass(Reason::new("screen.locks").with("minutes", minutes))
    } else {
        let reason = Reason::new("screen.locks-late")
            .with("minutes", minutes)
            .with("max", IDLE_MAX.as_millis() / 60_000);
        Found::fail(reason)
    }
}
