//! The two clocks of a machine, read together.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sekisho_domain::time::Timestamp;

use crate::lease::Reading;

/// Reads both clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// A clock whose monotonic reading begins now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Both clocks now.
    #[must_use]
    pub fn read(self) -> Reading {
        Reading {
            wall: wall(),
            monotonic: self.0.elapsed(),
        }
    }
}

/// The time by this machine's clock.
#[must_use]
pub fn wall() -> Timestamp {
    of_system(SystemTime::now())
}

/// An instant of the operating system.
#[must_use]
pub fn of_system(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
