//! Until when an answer holds that an organisation's own rules let through.
//!
//! Of time such rules see the hour, the weekday and whether it is a working day, which all change where an hour begins:
//! Japan is nine whole hours ahead. So the next hour is looked at, on the facts of now; of what comes after it nothing
//! is said. Whoever obeys the answer closes by himself where a rule begins to forbid, and asks again within two hours.

use cedar_policy::Policy;
use sekisho_domain::time::{Span, Timestamp};

use super::explain::Case;
use super::more::More;
use super::rulebook::Asked;
use super::stated::Stated;

const HOUR: Span = Span::hours(1);
/// What of the facts goes by the time alone.
const BY_TIME: [&str; 3] = ["hour", "weekday", "working_day"];

impl Case<'_> {
    /// When an answer has to be asked again that own rules let through and that otherwise ends then.
    pub(super) fn asked_again_at(
        &self,
        stated: Stated,
        more: &More,
        ends: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let next = next_hour(self.ground.now);
        if !self.book.own_go_by_time() || ends.is_some_and(|ends| ends <= next) {
            return ends;
        }
        let then = more.at(self.ground.world, next);
        let request = self.book.request(self.question, stated, &then);
        // What cannot be evaluated then forbids.
        let allows = request.is_ok_and(|it| matches!(self.book.ask_own(&it), Asked::Allowed));
        let again = if allows { next.after(HOUR) } else { next };
        Some(ends.map_or(again, |ends| ends.min(again)))
    }
}

/// Where the next hour begins.
fn next_hour(now: Timestamp) -> Timestamp {
    let hour = HOUR.as_millis();
    let next = now.as_millis().div_euclid(hour) + 1;
    Timestamp::from_millis(next.saturating_mul(hour))
}

/// Whether a rule may answer otherwise at another hour or on another day: its conditions name something of that, in
/// whatever way. A rule that cannot be looked through counts as one.
pub(super) fn goes_by_time(rule: &Policy) -> bool {
    let Ok(rule) = rule.to_json() else {
        return true;
    };
    rule.get("conditions").is_none_or(|conditions| {
        let conditions = conditions.to_string();
        BY_TIME.iter().any(|name| conditions.contains(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_after_every_instant() {
        for (now, next) in [
            (0, 3_600_000),
            (1, 3_600_000),
            (3_599_999, 3_600_000),
            (3_600_000, 7_200_000),
            (-1, 0),
            (-3_600_000, 0),
            (-3_600_001, -3_600_000),
        ] {
            let found = next_hour(Timestamp::from_millis(now));
            assert_eq!(found, Timestamp::from_millis(next), "{now}");
        }
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(next_hour(last), last);
    }
}
