//! Until when the road may be open at a gateway that cannot be reached, gets no table or does not follow it.
//!
//! Nobody tells such a gateway anything: what it has holds until its lease is over. So where it is not known what it
//! has, the latest end that is possible is told.

use sekisho_domain::register::{Entry, Gateway};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_table::LEASE_SECONDS;

use super::desk::GatewaySight;
use super::standing::Standing;

/// The longest lease that a table can have.
const LONGEST_LEASE: Span = Span::seconds(LEASE_SECONDS.1);

/// What is known of the tables that earlier runs of the server signed for a gateway. They are not kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Earlier {
    /// When this run began: none of them was signed later.
    begun_at: Timestamp,
    /// When the entry was last written, where it may have been another one in an earlier run.
    rewritten_at: Option<Timestamp>,
}

impl Earlier {
    pub(super) fn of(entry: &Entry, begun_at: Timestamp, now: Timestamp) -> Self {
        // What was entered in the future was entered before the clock was set back.
        let of_this_run = begun_at <= entry.entered_at && entry.entered_at <= now;
        let rewritten = entry.version > 1 && !of_this_run;
        Self {
            begun_at,
            rewritten_at: rewritten.then_some(entry.changed_at),
        }
    }

    /// Until when one may hold that was signed before the entry was last written. It may have had a key then, been in
    /// use, or had another lease; which one is not looked up, so that the longest counts.
    fn before_it_was_rewritten(self) -> Option<Timestamp> {
        let signed_at = self.rewritten_at?.min(self.begun_at);
        Some(signed_at.after(LONGEST_LEASE))
    }

    /// Until when any of them may hold, where the entry has this lease now.
    fn until(self, lease: Span) -> Timestamp {
        // One that was signed at the very end.
        let newest = self.begun_at.after(lease);
        self.before_it_was_rewritten()
            .map_or(newest, |it| it.max(newest))
    }
}

/// Until when the road may be open at a gateway that does not follow; none where it does or is closed.
pub(super) fn open_until(
    standing: Standing,
    entry: &Gateway,
    sight: &GatewaySight,
    earlier: Earlier,
) -> Option<Timestamp> {
    match standing {
        // It is given its tables: those are no end.
        Standing::Heard | Standing::Unreported => None,
        // None was signed since its key was taken out of the entry, or the entry out of use.
        Standing::NoKey | Standing::Retired => {
            sight.lease_until.max(earlier.before_it_was_rewritten())
        }
        // One that cannot carry its table out has closed; one that refuses tables keeps the last one.
        Standing::Failing if !keeps_an_older(sight) => None,
        Standing::Failing | Standing::Unlisted(_) | Standing::NotHeard | Standing::Lost => {
            Some(worst(entry, sight, earlier))
        }
    }
}

/// Whether a gateway refuses what it is sent while something older is in force there.
fn keeps_an_older(sight: &GatewaySight) -> bool {
    let report = sight.report.as_ref();
    report.is_some_and(|it| it.refused.is_some() && it.closes_at.is_some())
}

/// The end of the newest lease that may be in force.
fn worst(entry: &Gateway, sight: &GatewaySight, earlier: Earlier) -> Timestamp {
    let earlier = earlier.until(Span::seconds(entry.lease()));
    sight.lease_until.map_or(earlier, |it| it.max(earlier))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_domain::id::{Fresh, GatewayId};
    use sekisho_domain::register::{EntryState, Particulars};

    use super::super::standing::tests::{NOW, entry, heard, reported};
    use super::*;

    /// Of a run that began then, with an entry that stands as it was entered.
    fn since(begun_at: Timestamp) -> Earlier {
        Earlier {
            begun_at,
            rewritten_at: None,
        }
    }

    #[test]
    fn the_worst_case_is_the_newest_lease_of_this_run_or_of_the_one_before() {
        let long_ago = NOW.before(Span::days(1));
        let sight = heard(Span::seconds(50));
        let until = worst(&entry(true), &sight, since(long_ago));
        assert_eq!(until, NOW.after(Span::seconds(10)));
        // A restart just now: what was sent before it is not known, and may be as young.
        let just_now = NOW.before(Span::seconds(2));
        let until = worst(&entry(true), &GatewaySight::default(), since(just_now));
        assert_eq!(until, NOW.after(Span::seconds(58)));
    }

    #[test]
    fn the_worst_case_is_told_wherever_an_older_table_may_be_in_force() {
        let open = |standing, sight: &GatewaySight| {
            let earlier = since(NOW.before(Span::days(1)));
            open_until(standing, &entry(true), sight, earlier).is_some()
        };
        let sight = heard(Span::seconds(30));
        for (standing, expected) in [
            (Standing::NoKey, true),
            (Standing::Retired, true),
            (Standing::Heard, false),
            (Standing::Unreported, false),
            (Standing::NotHeard, true),
            (Standing::Lost, true),
            (Standing::Unlisted("gateway.network-overlaps"), true),
        ] {
            assert_eq!(open(standing, &sight), expected, "{standing:?}");
        }
        // Without a key it was never sent one, unless the key was taken out of its entry.
        assert!(!open(Standing::NoKey, &GatewaySight::default()));
        // One that refuses what it is sent keeps what it has; one that cannot carry it out has closed.
        for (refused, still, expected) in [
            (true, true, true),
            (true, false, false),
            (false, true, false),
        ] {
            let sight = reported(refused, !refused, still);
            assert_eq!(
                open(Standing::Failing, &sight),
                expected,
                "{refused} {still}"
            );
        }
    }

    /// The page said that nothing passes at a gateway whose key had been taken out of its entry, and too early an end
    /// where the lease had been made shorter, once the server was started anew.
    #[test]
    fn after_a_start_the_longest_lease_counts_where_the_entry_was_another_one_before() {
        use Standing::{Lost, NoKey, NotHeard, Retired, Unlisted};
        let seconds = |count| Some(NOW.after(Span::seconds(count)));
        let before = |count| NOW.before(Span::seconds(count));
        let unlisted = Unlisted("gateway.hello-wanted");
        // When this run began and when the entry was rewritten, in seconds before now. Its lease is 60 seconds now.
        for (standing, begun, rewritten, expected) in [
            (NoKey, 2, Some(100), seconds(800)),
            (Retired, 2, Some(100), seconds(800)),
            (NotHeard, 2, Some(100), seconds(800)),
            (Lost, 2, Some(100), seconds(800)),
            (unlisted, 2, Some(100), seconds(800)),
            // In this run: earlier ones signed none after its beginning.
            (NoKey, 100, Some(2), seconds(800)),
            (Retired, 100, Some(2), seconds(800)),
            (NotHeard, 100, Some(2), seconds(800)),
            // So long ago that what is signed since lasts longer.
            (NotHeard, 2, Some(899), seconds(58)),
            // As it was entered: nobody had another one, and without a key none at all.
            (NotHeard, 2, None, seconds(58)),
            (NoKey, 2, None, None),
        ] {
            let earlier = Earlier {
                begun_at: before(begun),
                rewritten_at: rewritten.map(before),
            };
            let entry = entry(standing != NoKey);
            let until = open_until(standing, &entry, &GatewaySight::default(), earlier);
            assert_eq!(until, expected, "{standing:?} {begun} {rewritten:?}");
        }
        // It follows what it is given.
        let earlier = Earlier {
            begun_at: before(2),
            rewritten_at: Some(before(100)),
        };
        let sight = heard(Span::seconds(1));
        let until = open_until(Standing::Heard, &entry(true), &sight, earlier);
        assert_eq!(until, None);
    }

    #[test]
    fn an_entry_counts_as_rewritten_where_an_earlier_run_may_have_known_another() {
        let begun_at = NOW.before(Span::minutes(1));
        let entry = |version, entered_at, changed_at| Entry {
            id: GatewayId::new(Fresh([3; 16])).into(),
            unit: None,
            particulars: Arc::new(Particulars::Gateway(entry(true))),
            version,
            state: EntryState::Active,
            author: None,
            entered_at,
            changed_at,
        };
        let (hour, second) = (NOW.before(Span::hours(1)), NOW.before(Span::seconds(1)));
        let ahead = NOW.after(Span::hours(1));
        for (version, entered_at, changed_at, expected) in [
            (1, hour, hour, None),
            (2, hour, second, Some(second)),
            // No earlier run knew of it.
            (2, begun_at, second, None),
            // Entered while the clock was ahead, nobody knows by which run.
            (2, ahead, ahead, Some(ahead)),
        ] {
            let earlier = Earlier::of(&entry(version, entered_at, changed_at), begun_at, NOW);
            assert_eq!(earlier.rewritten_at, expected, "{version} {entered_at}");
        }
    }
}
