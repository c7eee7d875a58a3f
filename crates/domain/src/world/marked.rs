//! Places of permits by what they are found by, each with its mark.

use std::collections::HashMap;
use std::hash::Hash;

use crate::permit::{Mark, Permit};

/// Places of permits by a key, the oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marked<K: Eq + Hash>(HashMap<K, Vec<(u32, Mark)>>);

impl<K: Eq + Hash> Default for Marked<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Marked<K> {
    /// Those of a key.
    pub(super) fn of(&self, key: &K) -> &[(u32, Mark)] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn put(&mut self, key: K, permit: &Permit, ordinal: u32) {
        let list = self.0.entry(key).or_default();
        if let Err(place) = list.binary_search_by_key(&ordinal, |(known, _)| *known) {
            list.insert(place, (ordinal, Mark::of(permit)));
        }
    }

    pub(super) fn take(&mut self, key: &K, ordinal: u32) {
        let Some(list) = self.0.get_mut(key) else {
            return;
        };
        if let Ok(place) = list.binary_search_by_key(&ordinal, |(known, _)| *known) {
            list.remove(place);
        }
        if list.is_empty() {
            self.0.remove(key);
        }
    }
}
