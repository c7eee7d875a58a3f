//! The mix of a population's permits: how often each kind is asked for, and how far they have come.

use sekisho_domain::permit::PermitKind;

use crate::random::SplitMix64;

/// How often a kind is asked for, in a hundred.
pub(super) const KINDS: [(PermitKind, u32); 13] = [
    (PermitKind::Telework, 30),
    (PermitKind::RemoteAccess, 15),
    (PermitKind::TakeOut, 12),
    (PermitKind::OffSite, 10),
    (PermitKind::Media, 8),
    (PermitKind::Conference, 6),
    (PermitKind::Reconnection, 5),
    (PermitKind::Service, 4),
    (PermitKind::Software, 3),
    (PermitKind::Peripheral, 3),
    (PermitKind::Line, 2),
    (PermitKind::Connection, 1),
    (PermitKind::Exception, 1),
];

/// How far permits have come, in a thousand.
pub(super) const STATES: [(State, u32); 11] = [
    (State::Applied, 20),
    (State::SentBack, 8),
    (State::Withdrawn, 12),
    (State::Refused, 20),
    (State::Approved, 20),
    (State::Active, 380),
    (State::Held, 6),
    (State::Asking, 8),
    (State::Owing, 10),
    (State::Overdue, 16),
    (State::Closed, 500),
];

/// How far a permit of a population has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It waits for the decision.
    Applied,
    /// It is with the applicant again.
    SentBack,
    /// It was taken back.
    Withdrawn,
    /// It was refused.
    Refused,
    /// It was approved and not taken up.
    Approved,
    /// It holds.
    Active,
    /// An officer holds it.
    Held,
    /// It holds, and a later end is asked for.
    Asking,
    /// It has ended, and what is owed is not due yet.
    Owing,
    /// It has ended long ago, and what is owed was not done.
    Overdue,
    /// It has ended, and nothing is owed.
    Closed,
}

/// One of several by their shares of `whole`.
pub(super) fn draw<T: Copy>(random: &mut SplitMix64, of: &[(T, u32)], whole: u32) -> T {
    let mut left = random.below(whole);
    for (one, share) in of {
        if left < *share {
            return *one;
        }
        left -= share;
    }
    of[0].0
}
