//! What waits for the next step of the same browser, for minutes, in memory and bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sekisho_store::accounts::TokenHash;

/// Most entries; beyond, the one that ends first gives way.
const ENTRIES_MAX: usize = 4096;

/// Entries by the hash of a token that the browser holds.
pub struct Pending<T> {
    lifetime: i64,
    entries: Mutex<HashMap<TokenHash, (i64, T)>>,
}

impl<T> std::fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

impl<T: Clone> Pending<T> {
    /// Nothing waits. Entries end after `lifetime` milliseconds.
    #[must_use]
    pub fn new(lifetime: i64) -> Self {
        Self {
            lifetime,
            entries: Mutex::new(HashMap::new()),
        }
    }

    /// Puts an entry in place of an earlier one.
    pub fn put(&self, token: TokenHash, value: T, now: i64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, (until, _)| *until > now);
        }
        if entries.len() >= ENTRIES_MAX {
            let first = entries
                .iter()
                .min_by_key(|(_, (until, _))| *until)
                .map(|(key, _)| *key);
            first.map(|key| entries.remove(&key));
        }
        entries.insert(token, (now.saturating_add(self.lifetime), value));
    }

    /// The entry, if it is not over.
    pub fn get(&self, token: TokenHash, now: i64) -> Option<T> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(&token)
            .filter(|(until, _)| *until > now)
            .map(|(_, value)| value.clone())
    }

    /// Removes the entry and gives it, if it is not over.
    pub fn take(&self, token: TokenHash, now: i64) -> Option<T> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .remove(&token)
            .filter(|(until, _)| *until > now)
            .map(|(_, value)| value)
    }

    /// Removes the entry.
    pub fn end(&self, token: TokenHash) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_and_stay_bounded() {
        let pending = Pending::new(1000);
        let key = |n: usize| TokenHash::of(&n.to_be_bytes());
        pending.put(key(0), 'a', 0);
        assert_eq!(pending.get(key(0), 999), Some('a'));
        assert_eq!(pending.get(key(0), 1000), None);
        assert_eq!(pending.take(key(0), 500), Some('a'));
        assert_eq!(pending.get(key(0), 500), None);
        for n in 0..ENTRIES_MAX + 10 {
            pending.put(key(n), 'b', i64::try_from(n).unwrap());
        }
        assert!(pending.entries.lock().unwrap().len() <= ENTRIES_MAX);
        assert_eq!(pending.get(key(ENTRIES_MAX + 9), 4200), Some('b'));
    }
}
