//! When an accepted table ends. Pure.
//!
//! Two clocks are asked, and the one that closes earlier counts: the monotonic one, which nobody
//! can set, for the length of the lease since the table was received, and the wall clock for the
//! end that the server wrote. A clock set back cannot make a lease longer; one set forward, or a
//! machine that slept, ends it.
//!
//! The ends of single entries are held against the same two: the wall clock, and the time at which the
//! server issued the table with what the monotonic clock has counted since. So a wall clock that is
//! behind keeps nothing open for longer.

use std::time::Duration;

use sekisho_domain::time::{Span, Timestamp};

/// Both clocks of one machine at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock.
    pub wall: Timestamp,
    /// The monotonic clock, from an arbitrary beginning.
    pub monotonic: Duration,
}

/// The lease of an accepted table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    until: Duration,
    expires_at: Timestamp,
    issued_at: Timestamp,
    received: Duration,
}

/// The time from one instant to a later one; none at all when it is not later.
#[must_use]
pub fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(to.since(from).as_millis()).unwrap_or(0))
}

impl Lease {
    /// The lease of a table that was issued, by the server's clock, and received at a moment.
    #[must_use]
    pub fn begin(
        length: Span,
        issued_at: Timestamp,
        expires_at: Timestamp,
        received: Reading,
    ) -> Self {
        let length = Duration::from_millis(u64::try_from(length.as_millis()).unwrap_or(0));
        let told = between(received.wall, expires_at);
        Self {
            until: received.monotonic.saturating_add(length.min(told)),
            expires_at,
            issued_at,
            received: received.monotonic,
        }
    }

    /// The time that the ends of entries are held against: the later of the two clocks.
    #[must_use]
    pub fn time(&self, at: Reading) -> Timestamp {
        let since = at.monotonic.saturating_sub(self.received);
        let millis = u32::try_from(since.as_millis()).unwrap_or(u32::MAX);
        at.wall.max(self.issued_at.after(Span::millis(millis)))
    }

    /// How long it still holds; nothing once it is over.
    #[must_use]
    pub fn remaining(&self, at: Reading) -> Duration {
        let measured = self.until.saturating_sub(at.monotonic);
        measured.min(between(at.wall, self.expires_at))
    }

    /// When it ends by the wall clock, as far as that can be said now.
    #[must_use]
    pub fn ends_at(&self, at: Reading) -> Timestamp {
        let millis = u32::try_from(self.remaining(at).as_millis()).unwrap_or(u32::MAX);
        at.wall.after(Span::millis(millis))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(wall: i64, monotonic: u64) -> Reading {
        Reading {
            wall: Timestamp::from_millis(wall),
            monotonic: Duration::from_millis(monotonic),
        }
    }

    #[test]
    fn the_earlier_end_counts() {
        let [issued, expires] = [100_000, 160_000].map(Timestamp::from_millis);
        let lease = Lease::begin(Span::seconds(60), issued, expires, at(100_000, 5));
        let left = |reading| lease.remaining(reading).as_millis();
        assert_eq!(left(at(100_000, 5)), 60_000);
        assert_eq!(left(at(130_000, 30_005)), 30_000);
        assert_eq!(left(at(160_000, 60_005)), 0);
        // Set back by an hour: the monotonic clock still counts.
        assert_eq!(left(at(-3_500_000, 60_005)), 0);
        // Set forward, or asleep: the wall clock counts.
        assert_eq!(left(at(160_000, 10)), 0);
        // Received late: only what is left of it.
        let late = Lease::begin(Span::seconds(60), issued, expires, at(150_000, 0));
        assert_eq!(late.remaining(at(150_000, 0)).as_millis(), 10_000);
        assert_eq!(late.remaining(at(-1_000_000, 10_000)).as_millis(), 0);
        assert_eq!(late.ends_at(at(150_000, 0)).as_millis(), 160_000);
    }

    #[test]
    fn entries_end_by_the_clock_that_is_later() {
        let [issued, expires] = [400_000, 460_000].map(Timestamp::from_millis);
        let begun = |wall| Lease::begin(Span::seconds(60), issued, expires, at(wall, 7));
        let time = |lease: Lease, reading| lease.time(reading).as_millis();
        // Five minutes behind, on time, ahead.
        assert_eq!(time(begun(100_000), at(100_000, 7)), 400_000);
        assert_eq!(time(begun(100_000), at(120_000, 20_007)), 420_000);
        assert_eq!(time(begun(400_000), at(420_000, 20_007)), 420_000);
        assert_eq!(time(begun(410_000), at(430_000, 20_007)), 430_000);
        // Set back while it holds, and set forward.
        assert_eq!(time(begun(400_000), at(-3_000_000, 20_007)), 420_000);
        assert_eq!(time(begun(400_000), at(450_000, 20_007)), 450_000);
    }

    proptest! {
        #[test]
        fn it_is_never_longer_than_granted(
            seconds in 10_u32..=900,
            wall in 0_i64..1_000_000,
            jump in -1_000_000_i64..1_000_000,
            elapsed in 0_u64..2_000_000,
        ) {
            let expires = Timestamp::from_millis(wall).after(Span::seconds(seconds));
            let issued = Timestamp::from_millis(wall);
            let lease = Lease::begin(Span::seconds(seconds), issued, expires, at(wall, 0));
            let moment = at(wall + jump, elapsed);
            let granted = u64::from(seconds) * 1000;
            let left = u64::try_from(lease.remaining(moment).as_millis()).unwrap();
            prop_assert!(left <= granted.saturating_sub(elapsed));
            prop_assert!(left == 0 || moment.wall < expires);
        }
    }
}
