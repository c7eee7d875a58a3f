//! Every check: seen, unseen, in part, stale.

use jiff::civil::date;
use proptest::prelude::*;
use sekisho_detect::advisory::lifecycle::{Cycle, End, LifecycleTable};
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::fact::{
    DiskEncryption, EncryptionLayer, Fact, FactValue, OsFamily, OsRelease, PendingUpdate,
    PendingUpdates, ScreenLock, UnseenReason, Volume, VolumeUse,
};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::time::Span;
use sekisho_rules::check::{DeviceFacts, Knowledge, needs, run};

use crate::fixture::{NOW, fact, feed, seen, unseen};
use crate::more_checks::index;

fn table() -> LifecycleTable {
    let cycle = |version: &str, standard, lts| Cycle {
        product: "debian".into(),
        version: version.into(),
        codename: Some(format!("name{version}").into()),
        released: Some(date(2020, 1, 1)),
        standard: End::On(standard),
        lts,
        extended: None,
    };
    let mut table = LifecycleTable::default();
    table.add([
        cycle("9", date(2022, 6, 30), None),
        cycle("12", date(2026, 6, 10), Some(date(2028, 6, 30))),
        cycle("13", date(2028, 8, 9), None),
    ]);
    table
}

pub fn judged(check: DeviceCheck, facts: &[Fact], feeds: &[FeedState]) -> CheckResult {
    let (table, index) = (table(), index());
    let lists = crate::lists::some();
    let knowledge = Knowledge::new(feeds)
        .with_lifecycle(&table)
        .with_advisories(&index)
        .with_lists(&lists);
    let result = run(check, &DeviceFacts::new(facts), &knowledge, NOW).expect("a fact was given");
    entered(result)
}

/// The result, whose reason has an entry with every parameter it carries.
pub fn entered(result: CheckResult) -> CheckResult {
    let known = sekisho_rules::reason::entry(&result.reason).expect("a known reason");
    let given: Vec<&str> = result.reason.params.keys().map(|name| &**name).collect();
    let mut named = known.params.to_vec();
    named.sort_unstable();
    assert_eq!(given, named, "{}", known.code);
    result
}

pub fn os(version: &str) -> FactValue {
    FactValue::OsRelease(OsRelease {
        family: OsFamily::Linux,
        product: "debian".to_owned(),
        version: version.to_owned(),
        codename: None,
        pretty: "Debian".to_owned(),
        modified: None,
    })
}

fn lifecycle_feed(age: Span) -> Vec<FeedState> {
    vec![feed(FeedKind::EndOfLife, "end_of_life_date", age)]
}

#[test]
fn the_end_of_support_is_told_and_old_data_proves_only_an_end() {
    let (young, old) = (
        lifecycle_feed(Span::days(10)),
        lifecycle_feed(Span::days(400)),
    );
    for (version, feeds, outcome, code) in [
        ("13", &young, Outcome::Pass, "os.supported-until"),
        ("12", &young, Outcome::Pass, "os.lts-only"),
        ("9", &young, Outcome::Fail, "os.ended-on"),
        ("9", &old, Outcome::Fail, "os.ended-on"),
        ("13", &old, Outcome::Unknown, "feed.stale"),
        ("13", &Vec::new(), Outcome::Unknown, "feed.missing"),
        ("77", &young, Outcome::Unknown, "os.not-listed"),
        ("", &young, Outcome::Unknown, "os.not-listed"),
    ] {
        let result = judged(DeviceCheck::OsSupported, &[seen(os(version))], feeds);
        assert_eq!(
            (result.outcome, &*result.reason.code),
            (outcome, code),
            "{version}"
        );
    }
}

#[test]
fn a_pass_by_a_feed_ends_when_the_feed_is_too_old() {
    let feeds = lifecycle_feed(Span::days(179));
    let result = judged(DeviceCheck::OsSupported, &[seen(os("13"))], &feeds);
    assert_eq!(result.outcome, Outcome::Pass);
    assert_eq!(result.fresh_until, NOW.after(Span::days(1)));
}

pub fn updates(security: &[bool], age: Option<Span>, source: bool) -> FactValue {
    let update = |(n, security): (usize, &bool)| PendingUpdate {
        name: format!("package{n}"),
        installed: "1".to_owned(),
        candidate: "2".to_owned(),
        security: *security,
    };
    FactValue::PendingUpdates(PendingUpdates {
        updates: security.iter().enumerate().map(update).collect(),
        metadata_at: age.map(|age| NOW.before(Span::hours(1)).before(age)),
        security_source: source,
    })
}

#[test]
fn pending_updates_fail_and_old_metadata_never_passes() {
    let day = Some(Span::days(1));
    for (value, outcome, code) in [
        (
            updates(&[], day, true),
            Outcome::Pass,
            "update.none-pending",
        ),
        (
            updates(&[false], day, true),
            Outcome::Pass,
            "update.none-pending",
        ),
        (
            updates(&[false, true], day, true),
            Outcome::Fail,
            "update.security-pending",
        ),
        (
            updates(&[true], Some(Span::days(400)), true),
            Outcome::Fail,
            "update.security-pending",
        ),
        (
            updates(&[], Some(Span::days(8)), true),
            Outcome::Unknown,
            "update.metadata-old",
        ),
        (
            updates(&[], None, true),
            Outcome::Unknown,
            "update.never-fetched",
        ),
        (
            updates(&[], day, false),
            Outcome::Unknown,
            "update.no-security-source",
        ),
    ] {
        let result = judged(DeviceCheck::SecurityUpdates, &[seen(value)], &[]);
        assert_eq!((result.outcome, &*result.reason.code), (outcome, code));
    }
}

#[test]
fn metadata_from_the_future_is_not_believed() {
    let value = FactValue::PendingUpdates(PendingUpdates {
        updates: Vec::new(),
        metadata_at: Some(NOW.after(Span::days(30))),
        security_source: true,
    });
    let result = judged(DeviceCheck::SecurityUpdates, &[seen(value)], &[]);
    assert_eq!(result.outcome, Outcome::Unknown);
    assert_eq!(result.reason.code, "update.metadata-from-future");
}

#[test]
fn a_pass_by_metadata_ends_when_the_metadata_is_too_old() {
    let value = updates(&[], Some(Span::days(6)), true);
    let result = judged(DeviceCheck::SecurityUpdates, &[seen(value)], &[]);
    assert_eq!(result.outcome, Outcome::Pass);
    assert_eq!(
        result.fresh_until,
        NOW.before(Span::hours(1)).after(Span::days(1))
    );
}

fn disks(layers: &[(VolumeUse, EncryptionLayer)]) -> FactValue {
    let volume = |(n, (used_for, layer)): (usize, &(VolumeUse, EncryptionLayer))| Volume {
        mount: format!("/m{n}"),
        device: format!("/dev/sda{n}"),
        used_for: *used_for,
        layer: *layer,
    };
    FactValue::DiskEncryption(DiskEncryption {
        volumes: layers.iter().enumerate().map(volume).collect(),
    })
}

#[test]
fn one_plain_volume_fails_and_one_untraceable_is_unknown() {
    use EncryptionLayer as Layer;
    use VolumeUse::{Boot, FileSystem, Swap};
    for (layers, outcome, code) in [
        (
            vec![(FileSystem, Layer::Luks), (Swap, Layer::DmCrypt)],
            Outcome::Pass,
            "disk.encrypted",
        ),
        (
            vec![(FileSystem, Layer::Luks), (Boot, Layer::None)],
            Outcome::Pass,
            "disk.encrypted",
        ),
        (
            vec![(FileSystem, Layer::Luks), (Swap, Layer::None)],
            Outcome::Fail,
            "disk.plain",
        ),
        (
            vec![(FileSystem, Layer::Unknown), (Swap, Layer::None)],
            Outcome::Fail,
            "disk.plain",
        ),
        (
            vec![(FileSystem, Layer::Unknown)],
            Outcome::Unknown,
            "disk.untraceable",
        ),
        (
            vec![(Boot, Layer::None)],
            Outcome::Unknown,
            "disk.nothing-stored",
        ),
        (vec![], Outcome::Unknown, "disk.nothing-stored"),
    ] {
        let result = judged(DeviceCheck::DiskEncryption, &[seen(disks(&layers))], &[]);
        assert_eq!(
            (result.outcome, &*result.reason.code),
            (outcome, code),
            "{layers:?}"
        );
    }
}

fn desktop(enabled: bool, idle_seconds: Option<u32>) -> FactValue {
    FactValue::ScreenLock(ScreenLock::Desktop {
        desktop: "gnome".to_owned(),
        enabled,
        idle_seconds,
        locked_by_policy: false,
    })
}

#[test]
fn a_screen_that_never_locks_or_locks_late_fails() {
    for (value, outcome, code) in [
        (
            FactValue::ScreenLock(ScreenLock::Headless),
            Outcome::Pass,
            "screen.headless",
        ),
        (desktop(true, Some(900)), Outcome::Pass, "screen.locks"),
        (desktop(true, Some(901)), Outcome::Fail, "screen.locks-late"),
        (desktop(true, None), Outcome::Fail, "screen.never-locks"),
        (
            desktop(false, Some(60)),
            Outcome::Fail,
            "screen.never-locks",
        ),
    ] {
        let result = judged(DeviceCheck::ScreenLock, &[seen(value)], &[]);
        assert_eq!((result.outcome, &*result.reason.code), (outcome, code));
    }
}

/// For each check, a value of each of its facts with which it passes.
fn passing() -> Vec<(DeviceCheck, Vec<FactValue>)> {
    let mut all = vec![
        (DeviceCheck::OsSupported, vec![os("13")]),
        (
            DeviceCheck::SecurityUpdates,
            vec![updates(&[], Some(Span::days(1)), true)],
        ),
        (
            DeviceCheck::DiskEncryption,
            vec![disks(&[(VolumeUse::FileSystem, EncryptionLayer::Luks)])],
        ),
        (DeviceCheck::ScreenLock, vec![desktop(true, Some(300))]),
    ];
    all.extend(crate::more_checks::passing());
    all.extend(crate::lists::passing());
    all
}

fn feeds() -> Vec<FeedState> {
    let mut all = lifecycle_feed(Span::days(1));
    all.push(feed(FeedKind::Debian, "debian_tracker", Span::days(1)));
    all.push(feed(FeedKind::Kev, "kev", Span::days(1)));
    let support = "debian_support_ended";
    all.push(feed(FeedKind::Debian, support, Span::days(1)));
    all
}

#[test]
fn every_check_is_tried() {
    let tried: Vec<DeviceCheck> = passing().into_iter().map(|(check, _)| check).collect();
    assert!(DeviceCheck::ALL.iter().all(|check| tried.contains(check)));
}

/// Taking any fact away never makes a check pass that did not.
#[test]
fn a_fact_less_never_passes() {
    for (check, values) in passing() {
        let facts: Vec<Fact> = values.into_iter().map(seen).collect();
        for missing in 0..facts.len() {
            let fewer: Vec<&Fact> = facts
                .iter()
                .enumerate()
                .filter(|(place, _)| *place != missing)
                .map(|(_, fact)| fact)
                .collect();
            let (table, index) = (table(), index());
            let lists = crate::lists::some();
            let knowledge = Knowledge::new(&feeds())
                .with_lifecycle(&table)
                .with_advisories(&index)
                .with_lists(&lists);
            let result = run(check, &DeviceFacts::new(fewer), &knowledge, NOW);
            let passes = result.is_some_and(|result| result.outcome == Outcome::Pass);
            assert!(!passes, "{check:?} without its fact {missing}");
        }
    }
}

#[test]
fn whole_fresh_facts_pass() {
    for (check, values) in passing() {
        let facts: Vec<Fact> = values.into_iter().map(seen).collect();
        let result = judged(check, &facts, &feeds());
        assert_eq!(
            result.outcome,
            Outcome::Pass,
            "{check:?}: {:?}",
            result.reason
        );
        assert!(result.fresh_until > NOW);
        assert_eq!(result.received_at, NOW.before(Span::hours(1)));
    }
}

#[test]
fn what_was_not_seen_is_unknown_with_its_reason() {
    for (check, _) in passing() {
        let facts: Vec<Fact> = needs(check).iter().map(|kind| unseen(*kind)).collect();
        let result = judged(check, &facts, &feeds());
        assert_eq!(result.outcome, Outcome::Unknown, "{check:?}");
        assert_eq!(result.reason.code, "unseen.needs-privilege", "{check:?}");
    }
}

#[test]
fn nothing_ever_received_gives_no_result() {
    let knowledge = Knowledge::default();
    for check in DeviceCheck::ALL {
        assert_eq!(run(check, &DeviceFacts::new([]), &knowledge, NOW), None);
    }
}

#[test]
fn old_facts_never_pass() {
    for (check, values) in passing() {
        let mut facts: Vec<Fact> = values.into_iter().map(seen).collect();
        for fact in &mut facts {
            fact.received_at = NOW.before(check.freshness());
        }
        let result = judged(check, &facts, &feeds());
        assert_eq!(result.outcome, Outcome::Unknown, "{check:?}");
        assert_eq!(result.reason.code, "check.stale");
        assert!(result.fresh_until <= NOW);
    }
}

#[test]
fn the_clock_of_the_device_makes_nothing_fresh() {
    for (check, values) in passing() {
        let mut facts: Vec<Fact> = values.into_iter().map(seen).collect();
        for fact in &mut facts {
            fact.received_at = NOW.before(Span::days(30));
            fact.observation.observed_at = NOW.after(Span::days(30));
        }
        let result = judged(check, &facts, &feeds());
        assert_ne!(result.outcome, Outcome::Pass, "{check:?}");
    }
}

proptest! {
    #[test]
    fn a_part_left_unseen_never_passes(
        layers in proptest::collection::vec(0_usize..6, 0..6),
        idle in proptest::option::of(0_u32..4000),
        security in proptest::collection::vec(any::<bool>(), 0..4),
    ) {
        use EncryptionLayer as Layer;
        let all = [
            Layer::Luks, Layer::DmCrypt, Layer::Native, Layer::Memory, Layer::None, Layer::Unknown,
        ];
        let layers: Vec<_> = layers.iter().map(|n| (VolumeUse::FileSystem, all[*n])).collect();
        let partial = || Some(UnseenReason::NeedsPrivilege { what: "x".to_owned() });
        for (check, value) in [
            (DeviceCheck::DiskEncryption, disks(&layers)),
            (DeviceCheck::ScreenLock, desktop(true, idle)),
            (DeviceCheck::SecurityUpdates, updates(&security, Some(Span::days(1)), true)),
        ] {
            let whole = judged(check, &[seen(value.clone())], &[]).outcome;
            let seen_in_part = sekisho_domain::fact::Seen::Value(value);
            let part = judged(check, &[fact(seen_in_part, partial())], &[]).outcome;
            prop_assert_ne!(part, Outcome::Pass);
            // What was seen to fail fails all the same.
            prop_assert_eq!(whole == Outcome::Fail, part == Outcome::Fail);
        }
    }
}
