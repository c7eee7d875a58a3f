//! Secrets of API tokens that were shown lately, so that programs which ask often wait for no file.
//!
//! Only hashes are held, as in the database. Whether a token is in force is not said here.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::TokenHash;

/// Most that are held: more than any organisation has programs that ask at the same time.
const HELD_MAX: usize = 1_024;

/// The ids of tokens by their secrets.
#[derive(Debug, Default)]
pub(super) struct TokensAtHand(RwLock<HashMap<TokenHash, String>>);

impl TokensAtHand {
    pub(super) fn get(&self, secret: TokenHash) -> Option<String> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&secret).cloned()
    }

    /// Call it while the database is held in which the token was found, so that it is not put back after
    /// it was removed there.
    pub(super) fn put(&self, secret: TokenHash, token: &str) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD_MAX {
            held.clear();
        }
        held.insert(secret, token.to_owned());
    }

    /// Forgets all: one of them was removed.
    pub(super) fn clear(&self) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.clear();
    }
}
