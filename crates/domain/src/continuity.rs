//! Continuity of evidence: when the state behind a check was last known, and the stretches in
//! which it was not.
//!
//! To have confirmed something over a period is more than to know it today (requirements.md 1.0).

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// Most stretches that are remembered of one check of one device.
const GAPS_MAX: usize = 8;

/// A stretch in which the state was not known: from when it was last known to when it was known
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// When it was last known.
    pub from: Timestamp,
    /// When it was known again.
    pub until: Timestamp,
}

impl Gap {
    /// How long it lasted.
    #[must_use]
    pub const fn length(self) -> Span {
        self.until.since(self.from)
    }

    /// The part of it that lies at or after an instant; none where nothing does.
    #[must_use]
    pub fn after(self, instant: Timestamp) -> Option<Self> {
        let from = self.from.max(instant);
        (from < self.until).then_some(Self { from, ..self })
    }
}

/// What is remembered of how steadily the state behind one check of one device was known.
///
/// Of the stretches only those are kept that can be the longest one after some instant: one that
/// is followed by a longer one never is. The newest is therefore always among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuity {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "<[Gap]>::is_empty")]
    gaps: Box<[Gap]>,
}

impl Continuity {
    /// When the state was last known; none when it never was.
    #[must_use]
    pub const fn known_at(&self) -> Option<Timestamp> {
        self.known_at
    }

    /// The stretches in which it was not known for longer than the limit, oldest first.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The state was known at an instant. `since` is from when it should have been (the
    /// enrolment); `limit` is how long it may go unobserved.
    #[must_use]
    pub fn known(&self, at: Timestamp, since: Option<Timestamp>, limit: Span) -> Self {
        if self.known_at.is_some_and(|known| at <= known) {
            return self.clone();
        }
        let mut gaps = self.gaps.to_vec();
        let gap = self.known_at.or(since).map(|from| Gap { from, until: at });
        if let Some(gap) = gap.filter(|gap| gap.length() > limit) {
            gaps.retain(|known| known.length() > gap.length());
            gaps.push(gap);
            if gaps.len() > GAPS_MAX {
                gaps.remove(0);
            }
        }
        Self {
            known_at: Some(at),
            gaps: gaps.into(),
        }
    }

    /// The stretches up to `now`, the one still open included where it is longer than the limit.
    /// `since` is from when the state should have been known.
    pub fn gaps_until(
        &self,
        now: Timestamp,
        since: Timestamp,
        limit: Span,
    ) -> impl Iterator<Item = Gap> {
        let from = self.known_at.unwrap_or(since);
        let open = Gap { from, until: now };
        let open = (open.length() > limit).then_some(open);
        self.gaps.iter().copied().chain(open)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400_000;
    const LIMIT: Span = Span::days(3);

    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(n * DAY)
    }

    fn told(days: &[i64]) -> Continuity {
        days.iter().fold(Continuity::default(), |known, n| {
            known.known(day(*n), Some(day(0)), LIMIT)
        })
    }

    #[test]
    fn only_stretches_beyond_the_limit_are_gaps() {
        assert_eq!(told(&[1, 4, 7]).gaps(), []);
        let gap = |from, until| Gap {
            from: day(from),
            until: day(until),
        };
        assert_eq!(told(&[1, 5, 6]).gaps(), [gap(1, 5)]);
        // Enrolled at 0 and silent until day 4.
        assert_eq!(told(&[4]).gaps(), [gap(0, 4)]);
        // A longer one hides what came before it; a shorter one does not.
        assert_eq!(told(&[1, 5, 10]).gaps(), [gap(5, 10)]);
        assert_eq!(told(&[1, 6, 10]).gaps(), [gap(1, 6), gap(6, 10)]);
    }

    #[test]
    fn what_comes_late_changes_nothing() {
        let known = told(&[1, 9]);
        assert_eq!(known.known(day(5), None, LIMIT), known);
    }

    #[test]
    fn what_was_never_known_is_open_since_it_should_have_been() {
        let open: Vec<_> = Continuity::default()
            .gaps_until(day(10), day(2), LIMIT)
            .collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].length(), Span::days(8));
    }

    proptest! {
        /// The longest stretch after any instant is the longest that really was.
        #[test]
        fn the_longest_after_any_instant_is_kept(
            steps in proptest::collection::vec(1_i64..8, 1..12),
            from in 0_i64..60,
        ) {
            let mut at = 0;
            let days: Vec<i64> = steps.iter().map(|step| { at += step; at }).collect();
            let starts = std::iter::once(0).chain(days.iter().copied());
            let longest = |gaps: &mut dyn Iterator<Item = Gap>| gaps
                .filter_map(|gap| gap.after(day(from)))
                .map(Gap::length)
                .filter(|length| *length > LIMIT)
                .max();
            let real = longest(&mut starts
                .zip(&days)
                .map(|(from, until)| Gap { from: day(from), until: day(*until) }));
            let kept = longest(&mut told(&days).gaps().iter().copied());
            prop_assert_eq!(kept, real);
        }
    }
}
