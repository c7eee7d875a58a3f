//! Where an exception stands, as lists say it.

use sekisho_domain::exception::Outcome;
use sekisho_domain::permit::{Permit, Status};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

sekisho_domain::choice! {
    /// Where an exception stands.
    pub enum ExceptionState {
        /// It was given and its holder has not taken it up.
        Approved = "approved",
        /// It holds, or will within its term.
        Running = "running",
        /// It was not looked at again by its date.
        Late = "late",
        /// It does not hold for the time being.
        Held = "held",
        /// It became ordinary operation.
        Regularised = "regularised",
        /// It was stopped.
        Stopped = "stopped",
        /// It is over.
        Over = "over",
    }
}

impl ExceptionState {
    /// Where an exception stands at an instant; none where it was never given.
    #[must_use]
    pub fn of(world: &World, permit: &Permit, now: Timestamp) -> Option<Self> {
        permit.grant()?;
        let record = world.exceptions.get(&permit.id);
        match record.and_then(|it| it.outcome.as_ref()) {
            Some(Outcome::Regularised { .. }) => return Some(Self::Regularised),
            Some(Outcome::Stopped { .. }) => return Some(Self::Stopped),
            None => {}
        }
        if world.is_exception_past_review(permit, now) {
            return Some(Self::Late);
        }
        Some(match permit.status(now) {
            Status::Approved => Self::Approved,
            Status::Active => Self::Running,
            Status::Suspended => Self::Held,
            _ => Self::Over,
        })
    }

    /// Whether it can still hold.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Approved | Self::Running | Self::Late | Self::Held
        )
    }
}
