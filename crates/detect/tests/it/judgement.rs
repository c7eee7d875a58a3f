//! A stale feed may prove a failure but never a pass.

use sekisho_detect::advisory::day::DAY_MS;
use sekisho_detect::advisory::feed::{FeedId, FeedKind, FeedMeta, Freshness, fresh};
use sekisho_detect::advisory::judge::{
    FeedState, Judgement, UnknownReason, cve_feed_states, judge,
};
use sekisho_detect::advisory::matching::Tally;

use crate::common::today;

fn meta(id: FeedId, age_days: i64) -> FeedMeta {
    let as_of = today() - age_days * DAY_MS;
    FeedMeta {
        id,
        as_of,
        imported_at: today(),
        digest: String::new(),
        entries: 1,
    }
}

#[test]
fn each_kind_has_its_maximum_age() {
    for (id, max) in [
        (FeedId::Kev, 7),
        (FeedId::DebianTracker, 7),
        (FeedId::DebianChangelogs, 7),
        (FeedId::DebianSecurityArchive, 7),
        (FeedId::Epss, 30),
        (FeedId::EndOfLifeDate, 180),
        (FeedId::DistroInfoDebian, 180),
    ] {
        assert_eq!(
            fresh(&meta(id, max), today()),
            Freshness::Fresh { age_days: max }
        );
        let late = fresh(&meta(id, max), today() + 1);
        assert_eq!(
            late,
            Freshness::Stale {
                age_days: max,
                max_days: max
            },
            "{id:?}"
        );
        assert_eq!(fresh(&meta(id, -2), today()), Freshness::FromFuture);
        assert_eq!(
            fresh(&meta(id, -1), today()),
            Freshness::Fresh { age_days: 0 }
        );
        assert_eq!(fresh(&meta(id, 0), i64::MAX).is_fresh(), false);
    }
}

fn states(feeds: &[(FeedId, i64)]) -> Vec<FeedState> {
    let metas: Vec<FeedMeta> = feeds.iter().map(|(id, age)| meta(*id, *age)).collect();
    cve_feed_states(&metas, today())
}

#[test]
fn failures_are_proved_by_feeds_of_any_age() {
    let open = Tally {
        open_fix_available: 3,
        open_kev: 1,
        uncovered: 5,
        ..Tally::default()
    };
    let exploited = Tally {
        open_without_fix: 1,
        open_kev: 1,
        ..Tally::default()
    };
    for feeds in [
        states(&[]),
        states(&[(FeedId::DebianTracker, 4000), (FeedId::Kev, 4000)]),
    ] {
        assert_eq!(
            judge(&open, 9, &feeds),
            Judgement::Failing { open: 3, kev: 1 }
        );
        assert_eq!(
            judge(&exploited, 9, &feeds),
            Judgement::Failing { open: 0, kev: 1 }
        );
    }
}

#[test]
fn a_pass_needs_fresh_feeds_full_coverage_and_packages() {
    let good = Tally {
        fixed: 100,
        open_without_fix: 2,
        ..Tally::default()
    };
    let fresh = states(&[(FeedId::DebianChangelogs, 7), (FeedId::Kev, 7)]);
    assert_eq!(
        judge(&good, 9, &fresh),
        Judgement::Clean {
            open_without_fix: 2
        }
    );
    let unknown = |reason| Judgement::Unknown {
        reasons: vec![reason],
    };
    let stale = |kind| UnknownReason::FeedStale {
        kind,
        age_days: 8,
        max_days: 7,
    };
    let cases = [
        (
            states(&[(FeedId::DebianChangelogs, 8), (FeedId::Kev, 7)]),
            stale(FeedKind::Debian),
        ),
        (
            states(&[(FeedId::DebianTracker, 7), (FeedId::Kev, 8)]),
            stale(FeedKind::Kev),
        ),
        (
            states(&[(FeedId::DebianTracker, 7)]),
            UnknownReason::FeedMissing {
                kind: FeedKind::Kev,
            },
        ),
        (
            // The archive's index says nothing of CVEs.
            states(&[(FeedId::DebianSecurityArchive, 1), (FeedId::Kev, 1)]),
            UnknownReason::FeedMissing {
                kind: FeedKind::Debian,
            },
        ),
        (
            states(&[(FeedId::DebianTracker, -3), (FeedId::Kev, 1)]),
            UnknownReason::FeedFromFuture {
                kind: FeedKind::Debian,
            },
        ),
    ];
    for (feeds, reason) in cases {
        assert_eq!(judge(&good, 9, &feeds), unknown(reason));
    }
    assert_eq!(judge(&good, 0, &fresh), unknown(UnknownReason::NoPackages));
    let uncovered = Tally {
        uncovered: 4,
        ..good
    };
    assert_eq!(
        judge(&uncovered, 9, &fresh),
        unknown(UnknownReason::NotCovered { sources: 4 })
    );
    let undecided = Tally { unknown: 9, ..good };
    assert_eq!(
        judge(&undecided, 9, &fresh),
        unknown(UnknownReason::Undecided { cves: 9 })
    );
    assert!(matches!(judge(&good, 9, &[]), Judgement::Unknown { .. }));
}

#[test]
fn a_fresh_feed_beside_a_stale_one_of_the_same_kind_suffices() {
    let both = states(&[
        (FeedId::DebianTracker, 400),
        (FeedId::DebianChangelogs, 1),
        (FeedId::Kev, 1),
    ]);
    assert!(
        both.iter()
            .all(|feed| feed.freshness.is_some_and(Freshness::is_fresh))
    );
}
