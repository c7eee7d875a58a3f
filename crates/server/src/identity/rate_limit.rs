//! How often an address may try something: a token bucket for each, in memory and bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Most keys that are remembered. Beyond, those whose bucket is full again are dropped, and where
/// none is, newcomers share one bucket.
const KEYS_MAX: usize = 10_000;

/// A limit: a burst, and one more after each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most at once.
    pub burst: u32,
    /// Milliseconds until one more is allowed.
    pub every: i64,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Milliseconds of credit used up; falls by the time that passes.
    used: i64,
    at: i64,
}

/// Buckets by key.
pub struct RateLimit<K> {
    limit: Limit,
    buckets: Mutex<HashMap<Option<K>, Bucket>>,
}

impl<K> std::fmt::Debug for RateLimit<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimit")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<K: Eq + Hash> RateLimit<K> {
    /// No key has used anything yet.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        Self {
            limit,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one, or says after how many milliseconds there is one.
    ///
    /// # Errors
    /// The waiting time in milliseconds.
    pub fn take(&self, key: K, now: i64) -> Result<(), i64> {
        let Limit { burst, every } = self.limit;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = Some(key);
        if buckets.len() >= KEYS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.used > now.saturating_sub(bucket.at));
            if buckets.len() >= KEYS_MAX {
                key = None;
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { used: 0, at: now });
        let passed = now.saturating_sub(bucket.at).max(0);
        bucket.used = bucket.used.saturating_sub(passed).max(0);
        bucket.at = bucket.at.max(now);
        let wait = bucket.used + every - every * i64::from(burst);
        if wait > 0 {
            return Err(wait);
        }
        bucket.used += every;
        Ok(())
    }

    /// Gives one back: what was tried succeeded, and only failures count.
    pub fn give_back(&self, key: K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&Some(key)) {
            bucket.used = bucket.used.saturating_sub(self.limit.every).max(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_at_a_time() {
        let limit = RateLimit::new(Limit {
            burst: 3,
            every: 1000,
        });
        for _ in 0..3 {
            assert_eq!(limit.take("a", 0), Ok(()));
        }
        assert_eq!(limit.take("a", 0), Err(1000));
        assert_eq!(limit.take("a", 400), Err(600));
        assert_eq!(limit.take("b", 400), Ok(()));
        assert_eq!(limit.take("a", 1000), Ok(()));
        assert_eq!(limit.take("a", 1000), Err(1000));
        for _ in 0..3 {
            assert_eq!(limit.take("a", 60_000), Ok(()));
        }
    }

    #[test]
    fn memory_stays_bounded_and_nobody_is_free() {
        let limit = RateLimit::new(Limit {
            burst: 1,
            every: 1_000_000,
        });
        for key in 0..KEYS_MAX + 50 {
            let _ = limit.take(key, 0);
        }
        assert!(limit.buckets.lock().unwrap().len() <= KEYS_MAX + 1);
        assert!(limit.take(usize::MAX, 0).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let limit = RateLimit::new(Limit {
            burst: 1,
            every: 1000,
        });
        assert_eq!(limit.take("a", 5000), Ok(()));
        assert!(limit.take("a", 0).is_err());
        assert!(limit.take("a", 5500).is_err());
    }
}
