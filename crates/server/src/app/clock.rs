//! The writer's trusted time (decision 9).
//!
//! It never runs behind the newest record. A step of more than five minutes against the monotonic
//! clock, or a start with the wall clock that far behind the newest record, makes decisions deny
//! and the writer refuse until an operator confirms the time.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sekisho_domain::time::Timestamp;

/// The step that is no longer taken for drift, in milliseconds.
const STEP_LIMIT: i64 = 5 * 60 * 1000;
/// How often small drift is taken over, in milliseconds.
const REBASE_EVERY: i64 = 60 * 60 * 1000;

/// Where wall and monotonic time come from: the machine, or a test.
pub trait TimeSource: Send + Sync {
    /// Milliseconds since the epoch by the wall clock.
    fn wall(&self) -> i64;
    /// Milliseconds since some fixed moment, never going back.
    fn monotonic(&self) -> i64;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct MachineTime {
    started: Instant,
}

impl Default for MachineTime {
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl TimeSource for MachineTime {
    fn wall(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

struct State {
    /// Wall and monotonic time that are held to belong together.
    wall: i64,
    monotonic: i64,
    /// The time given out at that moment: from here time goes on, whatever the wall clock says.
    floor: i64,
    /// The latest time given out: time never goes back behind it.
    latest: i64,
    /// A step that no operator has confirmed yet, in milliseconds.
    step: Option<i64>,
}

/// The trusted clock.
pub struct TrustedClock {
    source: Box<dyn TimeSource>,
    state: Mutex<State>,
}

impl TrustedClock {
    /// Starts the clock. `newest` is the time of the newest record.
    #[must_use]
    pub fn new(source: Box<dyn TimeSource>, newest: Option<Timestamp>) -> Self {
        let (wall, monotonic) = (source.wall(), source.monotonic());
        let newest = newest.map_or(i64::MIN, Timestamp::as_millis);
        let behind = wall.saturating_sub(newest);
        let step = (behind < -STEP_LIMIT).then_some(behind);
        let latest = wall.max(newest);
        let state = State {
            wall,
            monotonic,
            floor: latest,
            latest,
            step,
        };
        Self {
            source,
            state: Mutex::new(state),
        }
    }

    /// The trusted time now. While a step is unconfirmed it runs on by the monotonic clock; behind
    /// the newest record it runs at half speed until the wall clock has caught up, so that it
    /// neither goes back nor stands still.
    pub fn now(&self) -> Timestamp {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (wall, monotonic) = (self.source.wall(), self.source.monotonic());
        let elapsed = monotonic - state.monotonic;
        let difference = wall - (state.wall + elapsed);
        if state.step.is_none() && difference.abs() > STEP_LIMIT {
            state.step = Some(difference);
        }
        let now = if state.step.is_some() {
            state.floor + elapsed
        } else {
            wall.max(state.floor + elapsed / 2)
        };
        state.latest = state.latest.max(now);
        if state.step.is_none() && elapsed > REBASE_EVERY {
            state.wall = wall;
            state.monotonic = monotonic;
            state.floor = state.latest;
        }
        Timestamp::from_millis(state.latest)
    }

    /// The step that waits for an operator's confirmation, in milliseconds; none when the time is
    /// trusted.
    pub fn step(&self) -> Option<i64> {
        self.now();
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .step
    }

    /// Takes the wall clock as right from now on. Time still never goes back.
    pub fn confirm(&self) {
        let latest = self.now().as_millis();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wall = self.source.wall();
        state.monotonic = self.source.monotonic();
        state.floor = latest;
        state.step = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Clone, Default)]
    struct Hands {
        wall: Arc<AtomicI64>,
        monotonic: Arc<AtomicI64>,
    }

    impl Hands {
        fn pass(&self, millis: i64) {
            self.wall.fetch_add(millis, Ordering::SeqCst);
            self.monotonic.fetch_add(millis, Ordering::SeqCst);
        }
    }

    impl TimeSource for Hands {
        fn wall(&self) -> i64 {
            self.wall.load(Ordering::SeqCst)
        }

        fn monotonic(&self) -> i64 {
            self.monotonic.load(Ordering::SeqCst)
        }
    }

    const DAY: i64 = 86_400_000;

    fn clock(newest: i64) -> (Hands, TrustedClock) {
        let hands = Hands::default();
        hands.wall.store(100 * DAY, Ordering::SeqCst);
        let clock = TrustedClock::new(
            Box::new(hands.clone()),
            Some(Timestamp::from_millis(newest)),
        );
        (hands, clock)
    }

    #[test]
    fn a_clock_set_back_before_the_start_is_a_step() {
        let (hands, clock) = clock(101 * DAY);
        assert_eq!(clock.step(), Some(-DAY));
        assert_eq!(clock.now().as_millis(), 101 * DAY);
        clock.confirm();
        assert_eq!(clock.step(), None);
        hands.pass(1000);
        assert_eq!(clock.now().as_millis(), 101 * DAY + 500);
        assert_eq!(clock.step(), None);
        // Every hour half an hour is caught up, until the wall clock is ahead again.
        for _ in 0..49 {
            hands.pass(DAY / 24 + 1);
            assert_eq!(clock.step(), None);
        }
        assert_eq!(clock.now().as_millis(), hands.wall());
    }

    #[test]
    fn a_step_while_running_stops_trust_and_time_goes_on() {
        for step in [-DAY, DAY, STEP_LIMIT + 1] {
            let (hands, clock) = clock(100 * DAY);
            hands.pass(5000);
            assert_eq!(clock.step(), None);
            hands.wall.fetch_add(step, Ordering::SeqCst);
            hands.pass(1000);
            assert_eq!(clock.step(), Some(step));
            assert_eq!(clock.now().as_millis(), 100 * DAY + 6000);
        }
    }

    #[test]
    fn time_never_goes_back_within_the_limit_either() {
        let (hands, clock) = clock(100 * DAY);
        hands.pass(60_000);
        let before = clock.now();
        hands.wall.fetch_sub(30_000, Ordering::SeqCst);
        assert!(clock.now() >= before);
        assert_eq!(clock.step(), None);
    }
}
