//! A memory of bounded size for what follows from its key alone.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by keys, in two halves: when the newer one is full it becomes the older one, and what stood
/// in that is forgotten. So what is asked for often stays, without a note for each time.
#[derive(Debug)]
pub struct Halves<K, V> {
    most: usize,
    newer: HashMap<K, V>,
    older: HashMap<K, V>,
}

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<V> {
    /// It stays for now.
    Newer(V),
    /// It is forgotten before long unless it is put again.
    Older(V),
    /// It is not known.
    Nowhere,
}

impl<K: Hash + Eq, V: Clone> Halves<K, V> {
    /// With room for so many values in each half.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            newer: HashMap::new(),
            older: HashMap::new(),
        }
    }

    /// Looks a value up.
    #[must_use]
    pub fn find(&self, key: &K) -> Found<V> {
        if let Some(value) = self.newer.get(key) {
            return Found::Newer(value.clone());
        }
        let older = self.older.get(key);
        older.map_or(Found::Nowhere, |value| Found::Older(value.clone()))
    }

    /// Remembers a value.
    pub fn put(&mut self, key: K, value: V) {
        if self.newer.len() >= self.most {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, value);
    }

    /// How many values are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let newer = self.newer.keys();
        self.older.len() + newer.filter(|it| !self.older.contains_key(it)).count()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.newer.is_empty() && self.older.is_empty()
    }
}
