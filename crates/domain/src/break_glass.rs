//! Break-glass: two officers together take up the bootstrap officer's powers for an hour, when
//! those who hold them by appointment cannot act (decision 7).

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::time::{Span, Timestamp};

/// How long the powers last.
pub const LASTS: Span = Span::minutes(60);

/// One opening. Its end is found by comparing times; the recorded closing is evidence, or an
/// earlier end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// The officer who asked and gave the reason.
    pub first: PersonId,
    /// The officer who agreed.
    pub second: PersonId,
    /// Since when the powers are held.
    pub opened_at: Timestamp,
    /// The first instant at which they are no longer held, unless closed before.
    pub until: Timestamp,
    /// When the closing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl BreakGlass {
    /// Whether the powers are held at an instant.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let end = self.closed_at.map_or(self.until, |end| end.min(self.until));
        self.opened_at <= at && at < end
    }

    /// Whether a person is one of the two.
    #[must_use]
    pub fn is_held_by(&self, person: PersonId) -> bool {
        person == self.first || person == self.second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fresh;

    fn at(minute: u32) -> Timestamp {
        Timestamp::from_millis(0).after(Span::minutes(minute))
    }

    #[test]
    fn the_end_is_found_by_comparing_times_and_a_closing_only_shortens() {
        let opened = BreakGlass {
            first: PersonId::new(Fresh([1; 16])),
            second: PersonId::new(Fresh([2; 16])),
            opened_at: at(10),
            until: at(10).after(LASTS),
            closed_at: None,
        };
        for (minute, open) in [(9, false), (10, true), (69, true), (70, false)] {
            assert_eq!(opened.is_open(at(minute)), open, "{minute}");
        }
        let closed = |minute| BreakGlass {
            closed_at: Some(at(minute)),
            ..opened.clone()
        };
        assert!(closed(30).is_open(at(29)) && !closed(30).is_open(at(30)));
        assert!(
            !closed(90).is_open(at(70)),
            "a late closing prolongs nothing"
        );
        assert!(opened.is_held_by(opened.second));
        assert!(!opened.is_held_by(PersonId::new(Fresh([3; 16]))));
    }
}
