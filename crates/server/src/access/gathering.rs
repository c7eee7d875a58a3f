//! Where answers gather until they are stored, so that nobody who asks waits for the others.
//!
//! A map under one lock makes everybody wait while it grows: what it holds is moved then, for milliseconds
//! where it is much. So there are many small ones, and what they have grown to they keep.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::log::{HELD_MAX, Tally};

/// How many maps there are.
const PLACES: usize = 64;

/// The answers.
pub(super) struct Gathering<K> {
    places: [Mutex<HashMap<K, Tally>>; PLACES],
    /// An emptied map, which takes the place of the next one that is emptied.
    spare: Mutex<HashMap<K, Tally>>,
    hasher: RandomState,
    len: AtomicUsize,
}

impl<K> Default for Gathering<K> {
    fn default() -> Self {
        Self {
            places: std::array::from_fn(|_| Mutex::default()),
            spare: Mutex::default(),
            hasher: RandomState::new(),
            len: AtomicUsize::new(0),
        }
    }
}

impl<K: Eq + Hash> Gathering<K> {
    /// Takes an answer in; `place` is the same for equal answers. `false` where so many different ones are
    /// held that there is no room for another.
    pub(super) fn put(&self, place: impl Hash, answer: K, tally: Tally) -> bool {
        let place = self.hasher.hash_one(place) % PLACES as u64;
        // Less than the number of places.
        let place = usize::try_from(place).unwrap_or_default();
        let mut held = lock(&self.places[place]);
        match held.entry(answer) {
            Entry::Occupied(mut known) => {
                let joined = known.get().joined(tally);
                known.insert(joined);
            }
            Entry::Vacant(_) if self.len.load(Ordering::Relaxed) >= HELD_MAX => return false,
            Entry::Vacant(room) => {
                self.len.fetch_add(1, Ordering::Relaxed);
                room.insert(tally);
            }
        }
        true
    }

    /// How many different ones are held.
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Moves all out.
    pub(super) fn take_into(&self, all: &mut Vec<(K, Tally)>) {
        let mut spare = lock(&self.spare);
        for place in &self.places {
            // Held for no longer than this: what is in it is moved afterwards.
            std::mem::swap(&mut *lock(place), &mut *spare);
            self.len.fetch_sub(spare.len(), Ordering::Relaxed);
            all.extend(spare.drain());
        }
    }
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use sekisho_domain::time::Timestamp;

    use super::*;

    fn at(second: i64) -> Tally {
        Tally::once(Timestamp::from_millis(second * 1000))
    }

    #[test]
    fn equal_answers_are_one_with_a_count_wherever_they_gather() {
        let gathering = Gathering::default();
        for n in 0..1_000_u32 {
            assert!(gathering.put(n % 300, n % 300, at(i64::from(n))));
        }
        assert_eq!(gathering.len(), 300);
        for _ in 0..3 {
            let mut all = Vec::new();
            gathering.take_into(&mut all);
            assert_eq!(gathering.len(), 0);
            all.sort_unstable_by_key(|(answer, _)| *answer);
            let answers: Vec<u32> = all.iter().map(|(answer, _)| *answer).collect();
            assert_eq!(answers, (0..300).collect::<Vec<_>>());
            let times: u32 = all.iter().map(|(_, tally)| tally.times).sum();
            assert_eq!(times, 1_000);
            assert!(all.iter().all(|(answer, tally)| {
                let last = (u32::try_from(tally.last_at.as_millis()).unwrap() / 1000) % 300;
                last == *answer
            }));
            // The maps that were emptied serve again, and nothing of before is in them.
            for n in 0..1_000_u32 {
                assert!(gathering.put(n % 300, n % 300, at(i64::from(n))));
            }
        }
    }

    #[test]
    fn beyond_the_bound_only_known_answers_are_counted() {
        let gathering = Gathering::default();
        for n in 0..HELD_MAX {
            assert!(gathering.put(n, n, at(0)));
        }
        assert!(!gathering.put(HELD_MAX, HELD_MAX, at(0)));
        assert!(gathering.put(7_usize, 7, at(1)));
        let mut all = Vec::new();
        gathering.take_into(&mut all);
        assert_eq!(all.len(), HELD_MAX);
        assert!(gathering.put(HELD_MAX, HELD_MAX, at(0)));
    }
}
