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
        assert!(!fresh(&meta(id, 0), i64::MAX).is_fresh());
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

const GOOD: Tally = Tally {
    fixed: 100,
    open_without_fix: 2,
    open_fix_available: 0,
    open_kev: 0,
    unknown: 0,
    set_aside: 0,
    uncovered: 0,
};

fn unknown(reason: UnknownReason) -> Judgement {
    Judgement::Unknown {
        reasons: vec![reason],
    }
}

#[test]
fn a_pass_needs_fresh_feeds() {
    use FeedId::{DebianChangelogs, DebianSecurityArchive, DebianTracker, Kev};
    let fresh = states(&[(DebianChangelogs, 7), (Kev, 7)]);
    assert_eq!(
        judge(&GOOD, 9, &fresh),
        Judgement::Clean {
            open_without_fix: 2
        }
    );
    let stale = |kind| UnknownReason::FeedStale {
        kind,
        age_days: 8,
        max_days: 7,
    };
    let missing = |kind| UnknownReason::FeedMissing { kind };
    let future = |kind| UnknownReason::FeedFromFuture { kind };
    let cases = [
        ([(DebianChangelogs, 8), (Kev, 7)], stale(FeedKind::Debian)),
        ([(DebianTracker, 7), (Kev, 8)], stale(FeedKind::Kev)),
        (
            [(DebianTracker, 7), (DebianTracker, 7)],
            missing(FeedKind::Kev),
        ),
        // The archive's index says nothing of CVEs.
        (
            [(DebianSecurityArchive, 1), (Kev, 1)],
            missing(FeedKind::Debian),
        ),
        ([(DebianTracker, -3), (Kev, 1)], future(FeedKind::Debian)),
    ];
    for (feeds, reason) in cases {
        assert_eq!(judge(&GOOD, 9, &states(&feeds)), unknown(reason));
    }
    assert!(matches!(judge(&GOOD, 9, &[]), Judgement::Unknown { .. }));
}

#[test]
fn a_pass_needs_full_coverage_and_packages() {
    let fresh = states(&[(FeedId::DebianTracker, 1), (FeedId::Kev, 1)]);
    assert_eq!(judge(&GOOD, 0, &fresh), unknown(UnknownReason::NoPackages));
    let uncovered = Tally {
        uncovered: 4,
        ..GOOD
    };
    assert_eq!(
        judge(&uncovered, 9, &fresh),
        unknown(UnknownReason::NotCovered { sources: 4 })
    );
    let undecided = Tally { unknown: 9, ..GOOD };
    assert_eq!(
        judge(&undecided, 9, &fresh),
        unknown(UnknownReason::Undecided { cves: 9 })
    );
}

#[test]
fn a_stale_tracker_is_not_made_fresh_by_changelogs_beside_it() {
    let ages = |tracker, changelogs| {
        let both = states(&[
            (FeedId::DebianTracker, tracker),
            (FeedId::DebianChangelogs, changelogs),
            (FeedId::Kev, 1),
        ]);
        judge(&GOOD, 9, &both)
    };
    let stale = UnknownReason::FeedStale {
        kind: FeedKind::Debian,
        age_days: 365,
        max_days: 7,
    };
    assert_eq!(ages(365, 0), unknown(stale));
    // The tracker states everything: old changelogs beside it take nothing away.
    assert!(matches!(ages(1, 400), Judgement::Clean { .. }));
}
