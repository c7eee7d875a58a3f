//! The memory of the built-in rulebook: what it has answered to facts, so that the policies are
//! evaluated once for them and not for every question.
//!
//! An answer of the built-in policies follows from [`Stated`] alone, so that remembering it changes no
//! answer, whoever asks and in whatever order. What could not be evaluated is not remembered. A rulebook
//! has a memory of its own: another one begins with none.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::stated::Stated;

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

/// Answers by facts. When the newer half is full it becomes the older one, which is forgotten: so what
/// is asked often stays.
#[derive(Debug, Default)]
struct Halves {
    newer: HashMap<Stated, Answer>,
    older: HashMap<Stated, Answer>,
}

/// The memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    halves: RwLock<Halves>,
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
        let known = {
            let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
            let newer = halves.newer.get(&stated).copied();
            if let Some(answer) = newer {
                return Ok(answer);
            }
            halves.older.get(&stated).copied()
        };
        let answer = match known {
            Some(answer) => answer,
            None => find_out()?,
        };
        let mut halves = self.halves.write().unwrap_or_else(PoisonError::into_inner);
        halves.put(stated, answer);
        Ok(answer)
    }

    /// How many answers are remembered.
    pub(super) fn len(&self) -> usize {
        let halves = self.halves.read().unwrap_or_else(PoisonError::into_inner);
        let newer = halves.newer.keys();
        halves.older.len() + newer.filter(|it| !halves.older.contains_key(it)).count()
    }
}

impl Halves {
    fn put(&mut self, stated: Stated, answer: Answer) {
        if self.newer.len() >= HALF_MAX {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(stated, answer);
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
