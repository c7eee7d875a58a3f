//! When a target is due: a pure comparison of what was delivered with what there is.

use super::deliveries::Delivery;

/// How often and how soon, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The least time between two deliveries to one target.
    pub(super) interval: i64,
    /// Before the first retry.
    pub(super) retry_first: i64,
    /// The longest time between retries.
    pub(super) retry_most: i64,
}

/// What a target's standing is at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Now.
    pub(super) now: i64,
    /// Records in the ledger.
    pub(super) size: u64,
    /// Forgotten persons, where the target keeps their list.
    pub(super) forgotten: Option<u64>,
    /// What was delivered last.
    pub(super) last: Option<Delivery>,
    /// When the waiting parcel is due, if one waits.
    pub(super) waiting: Option<i64>,
    /// The last chance before the end.
    pub(super) stopping: bool,
}

/// What to do about a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// All is there.
    Nothing,
    /// Not before this moment.
    At(i64),
    /// At once.
    Now,
}

impl Pace {
    /// What to do about a target in this standing.
    pub(super) fn due(&self, standing: &Standing) -> Due {
        let Standing { now, size, .. } = *standing;
        let Some(last) = standing.last else {
            // A new target is served at once; one that failed waits for its retry.
            return match (size, standing.waiting) {
                (0, _) => Due::Nothing,
                (_, Some(at)) if !standing.stopping => soonest(now, at, self.retry_most),
                _ => Due::Now,
            };
        };
        let list_grew = standing.forgotten.is_some_and(|n| n > last.forgotten);
        // A smaller ledger than was delivered is reported, so it is no standstill either.
        if size == last.size && !list_grew {
            return Due::Nothing;
        }
        match standing.waiting {
            _ if standing.stopping => Due::Now,
            Some(at) => soonest(now, at, self.retry_most),
            None => soonest(now, last.at.saturating_add(self.interval), self.interval),
        }
    }

    /// When to try again after so many failures: twice as long each time.
    pub(super) fn retry_at(&self, now: i64, failures: i64) -> i64 {
        let doublings = u32::try_from(failures.clamp(0, 30)).unwrap_or(30);
        let delay = self.retry_first.saturating_mul(1_i64 << doublings);
        now.saturating_add(delay.min(self.retry_most))
    }
}

/// A moment further away than any delay comes from a clock that was ahead: it is now.
fn soonest(now: i64, at: i64, farthest: i64) -> Due {
    if at <= now || at > now.saturating_add(farthest) {
        Due::Now
    } else {
        Due::At(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        interval: 600,
        retry_first: 30,
        retry_most: 3600,
    };

    fn standing(size: u64, last: Option<(u64, i64)>, waiting: Option<i64>) -> Standing {
        let last = last.map(|(size, at)| Delivery {
            size,
            at,
            forgotten: 2,
        });
        Standing {
            now: 1000,
            size,
            forgotten: Some(2),
            last,
            waiting,
            stopping: false,
        }
    }

    #[test]
    fn a_target_is_due_when_the_ledger_grew_and_the_interval_passed() {
        for (case, expected) in [
            (standing(0, None, None), Due::Nothing),
            (standing(5, None, None), Due::Now),
            (standing(5, None, Some(1020)), Due::At(1020)),
            (standing(5, None, Some(1000)), Due::Now),
            (standing(5, Some((5, 100)), None), Due::Nothing),
            (standing(6, Some((5, 401)), None), Due::At(1001)),
            (standing(6, Some((5, 400)), None), Due::Now),
            (standing(6, Some((5, 100)), Some(1020)), Due::At(1020)),
            // Delivered, and the machine stopped before the parcel was taken out.
            (standing(5, Some((5, 100)), Some(900)), Due::Nothing),
            // The ledger is smaller than what was delivered.
            (standing(4, Some((5, 100)), None), Due::Now),
            // Times of a clock that was ahead.
            (standing(6, Some((5, 99_000)), None), Due::Now),
            (standing(6, None, Some(99_000)), Due::Now),
        ] {
            assert_eq!(PACE.due(&case), expected, "{case:?}");
        }
    }

    #[test]
    fn at_the_end_everything_that_lags_is_due() {
        for (case, expected) in [
            (standing(6, Some((5, 999)), None), Due::Now),
            (standing(6, None, Some(1020)), Due::Now),
            (standing(5, Some((5, 100)), None), Due::Nothing),
            (standing(0, None, None), Due::Nothing),
        ] {
            let case = Standing {
                stopping: true,
                ..case
            };
            assert_eq!(PACE.due(&case), expected, "{case:?}");
        }
    }

    #[test]
    fn a_longer_list_of_forgotten_persons_is_due_without_a_new_record() {
        let case = Standing {
            forgotten: Some(3),
            ..standing(5, Some((5, 100)), None)
        };
        assert_eq!(PACE.due(&case), Due::Now);
        let mail = Standing {
            forgotten: None,
            ..case
        };
        assert_eq!(PACE.due(&mail), Due::Nothing);
    }

    #[test]
    fn retries_slow_down_to_a_limit() {
        let delays: Vec<_> = (0..9).map(|n| PACE.retry_at(0, n)).collect();
        assert_eq!(delays, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(PACE.retry_at(i64::MAX - 1, i64::MAX), i64::MAX);
    }
}
