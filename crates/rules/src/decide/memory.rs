//! The memory of the built-in rulebook: what it has answered to facts, so that the policies are
//! evaluated once for them and not for every question.
//!
//! An answer of the built-in policies follows from [`Stated`] alone, so that remembering it changes no
//! answer, whoever asks and in whatever order. What could not be evaluated is not remembered. A rulebook
//! has a memory of its own: another one begins with none.

use std::sync::{PoisonError, RwLock};

use super::stated::Stated;
use crate::halves::{Found, Halves};

/// Most answers in one half: some megabytes in all. Offices meet a few thousand combinations of facts.
const HALF_MAX: usize = 32_768;

/// What the built-in rulebook answers to facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It may be done.
    Allowed,
    /// These rules forbid, a bit each by their place.
    Forbidden(u64),
}

/// The memory.
#[derive(Debug)]
pub(super) struct Memory {
    halves: RwLock<Halves<Stated, Answer>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            halves: RwLock::new(Halves::new(HALF_MAX)),
        }
    }
}

impl Memory {
    /// The answer, remembered or else found out.
    ///
    /// # Errors
    /// What finding it out says; that is not remembered.
    pub(super) fn answer(
        &self,
        stated: Stated,
        find_out: impl FnOnce() -> Result<Answer, String>,
    ) -> Result<Answer, String> {
        let found = {
            let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
            halves.find(&stated)
        };
        let answer = match found {
            Found::Newer(answer) => return Ok(answer),
            Found::Older(answer) => answer,
            Found::Nowhere => find_out()?,
        };
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        halves.put(stated, answer);
        Ok(answer)
    }

    /// How many answers are remembered.
    pub(super) fn len(&self) -> usize {
        let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
        halves.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_often_stays_and_the_rest_is_bounded() {
        let memory = Memory::default();
        let often = Stated::for_test(u64::MAX);
        let found = |answer| move || Ok(answer);
        let allowed = memory.answer(often, found(Answer::Allowed));
        assert_eq!(allowed, Ok(Answer::Allowed));
        for number in 0..200_000 {
            let rare = Stated::for_test(number);
            let answer = memory.answer(rare, found(Answer::Forbidden(number)));
            assert_eq!(answer, Ok(Answer::Forbidden(number)));
            if number % 1_000 == 0 {
                let again = memory.answer(often, || panic!("it is remembered"));
                assert_eq!(again, Ok(Answer::Allowed));
                assert!(memory.len() <= 2 * HALF_MAX);
            }
        }
    }

    #[test]
    fn what_could_not_be_found_out_is_asked_again() {
        let memory = Memory::default();
        let stated = Stated::for_test(1);
        let failed = memory.answer(stated, || Err("too large".to_owned()));
        assert_eq!(failed, Err("too large".to_owned()));
        assert_eq!(memory.len(), 0);
        let answer = memory.answer(stated, || Ok(Answer::Forbidden(1)));
        assert_eq!(answer, Ok(Answer::Forbidden(1)));
    }
}
