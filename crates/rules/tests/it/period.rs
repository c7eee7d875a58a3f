//! Confirming over a period: what was found within it, and what went unobserved.

use proptest::prelude::*;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{CheckChange, DeviceSet, Event, VerdictChange};
use sekisho_domain::id::{DeviceId, UnitId};
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::verdict::{Counts, Finding, Period, PeriodStart, RowVerdict, Scope, Verdict};
use sekisho_rules::assess::DEFAULT_DAYS;

use crate::fixture::{NOW, Scene, device, fresh, row};

const UPDATES: &str = "GOV-3-1-c";
const CHECKS: [DeviceCheck; 3] = [
    DeviceCheck::OsSupported,
    DeviceCheck::SecurityUpdates,
    DeviceCheck::RestartDone,
];

fn ago(days: u32) -> Timestamp {
    NOW.before(Span::days(days))
}

/// A scene with fresh feeds and one device enrolled so many days ago.
fn scene(enrolled: u32) -> (Scene, DeviceId) {
    let mut scene = Scene::new(Profile::Gov);
    scene.feeds(Span::days(1));
    let event = Event::DeviceEnrolled {
        device: device(0),
        ordinal: 0,
        key: DeviceKey::try_from("0".repeat(44)).unwrap(),
        class: DeviceClass::Issued,
        unit: UnitId::new(fresh(2, 0)),
        user: None,
    };
    scene.apply_at(event, ago(enrolled));
    (scene, device(0))
}

/// Reports that pass every check of the row, so many days ago each, oldest first.
fn reports(scene: &mut Scene, device: DeviceId, days: impl IntoIterator<Item = u32>) {
    let enrolled = scene.world.devices[0].enrolled_at;
    for day in days {
        let at = ago(day);
        for check in CHECKS {
            let result = CheckResult {
                outcome: Outcome::Pass,
                reason: Reason::new("update.none-pending"),
                observed_at: at,
                received_at: at,
                fresh_until: at.after(check.freshness()),
            };
            let posture = &mut scene.posture;
            let continuity =
                posture.continued(device, check, &result, Some(enrolled), check.freshness());
            posture.put(device, check, &result, continuity, 1);
        }
    }
}

/// The ledger's word that the device came to an outcome so many days ago.
fn came_to(scene: &mut Scene, outcome: Outcome, days: u32) {
    let change = CheckChange {
        check: DeviceCheck::SecurityUpdates,
        to: outcome,
        cause: Reason::new("update.security-pending"),
        devices: DeviceSet::Listed(vec![0]),
    };
    scene.apply_at(Event::CheckChanged { change }, ago(days));
}

/// The ledger's word on the row, so many days ago.
fn recorded(scene: &mut Scene, verdict: Verdict, reason: &'static str, days: u32) {
    let change = VerdictChange {
        row: UPDATES.parse().unwrap(),
        scope: Scope::Body,
        verdict: RowVerdict {
            verdict,
            reason: Reason::new(reason),
            counts: Counts::default(),
            finding: None,
            evidence: Vec::new(),
        },
    };
    scene.apply_at(Event::VerdictChanged { change }, ago(days));
}

/// The owner's word, so many days ago, on a row that the ledger had as confirmed.
fn attested(scene: &mut Scene, role: Role, days: u32) {
    recorded(scene, Verdict::Met, "row.confirmed", days);
    said(scene, role, days);
}

fn said(scene: &mut Scene, role: Role, days: u32) {
    let held = scene.world.appointments.keys().next().copied();
    let appointment = held.unwrap_or_else(|| scene.appoint(role));
    let valid = Interval {
        from: ago(days),
        until: Some(NOW.after(Span::days(1))),
    };
    scene.attest(UPDATES, appointment, valid);
}

fn told(scene: &Scene) -> RowVerdict {
    row(&scene.assess(), UPDATES).verdict.clone()
}

fn period(verdict: &RowVerdict) -> Period {
    let finding: &Finding = verdict.finding.as_ref().unwrap();
    finding.period.unwrap()
}

#[test]
fn steady_reports_confirm_the_whole_period() {
    let (mut scene, device) = scene(60);
    reports(&mut scene, device, (0..=60).rev());
    let verdict = told(&scene);
    assert_eq!(verdict.verdict, Verdict::Met);
    assert_eq!(verdict.reason.code, "row.confirmed");
    let period = period(&verdict);
    assert_eq!(period.start, PeriodStart::LastDays(DEFAULT_DAYS));
    assert_eq!(
        (period.failed_within, period.longest_unobserved_days),
        (0, 0)
    );
}

#[test]
fn a_later_report_closes_a_gap_of_cumulative_state_and_its_length_is_found() {
    for (enrolled, days, longest) in [
        // Silent for ten days in the middle.
        (60, vec![60, 20, 10, 7, 4, 1], 10),
        // A gap that began before the period counts from its start.
        (60, vec![60, 20, 17, 14, 11, 8, 5, 2], 8),
        // What lies before the period is no part of it.
        (60, vec![60, 29, 26, 23, 20, 17, 14, 11, 8, 5, 2], 0),
        // Enrolled within the period: it starts then.
        (9, vec![2], 7),
        (9, vec![7, 4, 1], 0),
    ] {
        let (mut scene, device) = scene(enrolled);
        reports(&mut scene, device, days.clone());
        let verdict = told(&scene);
        assert_eq!(verdict.verdict, Verdict::Met, "{days:?}");
        assert_eq!(
            period(&verdict).longest_unobserved_days,
            longest,
            "{days:?}"
        );
    }
}

#[test]
fn a_silence_that_lasts_is_unconfirmed_and_counted() {
    let (mut scene, device) = scene(60);
    reports(&mut scene, device, [60, 12]);
    let verdict = told(&scene);
    assert_eq!(verdict.verdict, Verdict::Unknown);
    assert_eq!(verdict.reason.code, "check.stale");
    assert_eq!(period(&verdict).longest_unobserved_days, 16);
    assert!(!verdict.finding.unwrap().is_adverse());
}

#[test]
fn who_failed_within_the_period_is_found_though_all_is_well_now() {
    let (mut scene, device) = scene(60);
    reports(&mut scene, device, (0..=60).rev());
    came_to(&mut scene, Outcome::Fail, 40);
    came_to(&mut scene, Outcome::Pass, 20);
    let verdict = told(&scene);
    assert_eq!(verdict.verdict, Verdict::Met);
    assert_eq!(verdict.reason.code, "row.confirmed-adverse-within");
    let finding = verdict.finding.as_ref().unwrap();
    assert_eq!((finding.counts.fail, finding.counts.pass), (0, 1));
    assert_eq!(finding.reason.as_ref().unwrap().code, "row.failed-within");
    assert_eq!(period(&verdict).failed_within, 1);
    let assessment = scene.assess();
    let review = &row(&assessment, "GOV-3-1-f").verdict;
    assert_eq!(review.verdict, Verdict::NotMet);
    // The other row rests on the same check.
    assert_eq!(review.reason.params["rows"], "GOV-3-1-c, GOV-3-1-d".into());
}

#[test]
fn what_ended_before_the_period_is_no_finding() {
    let (mut scene, device) = scene(60);
    reports(&mut scene, device, (0..=60).rev());
    came_to(&mut scene, Outcome::Fail, 40);
    came_to(&mut scene, Outcome::Pass, DEFAULT_DAYS + 1);
    assert_eq!(period(&told(&scene)).failed_within, 0);
}

#[test]
fn a_failure_that_the_ledger_still_has_is_found_before_its_end_is_recorded() {
    let (mut scene, device) = scene(60);
    reports(&mut scene, device, (0..=60).rev());
    came_to(&mut scene, Outcome::Fail, 40);
    assert_eq!(period(&told(&scene)).failed_within, 1);
}

#[test]
fn the_period_starts_with_the_last_word_of_the_owner() {
    let story = |role: Role, days: u32| {
        let (mut scene, device) = scene(90);
        reports(&mut scene, device, (0..=90).rev());
        came_to(&mut scene, Outcome::Fail, 45);
        came_to(&mut scene, Outcome::Pass, 40);
        attested(&mut scene, role, days);
        period(&told(&scene))
    };
    let long = story(Role::Isso, 50);
    assert_eq!(long.start, PeriodStart::Attested(ago(50)));
    assert_eq!(long.failed_within, 1);
    assert_eq!(story(Role::Isso, 10).failed_within, 0);
    // Another post's word confirms nothing.
    let other = story(Role::Auditor, 50);
    assert_eq!(other.start, PeriodStart::LastDays(DEFAULT_DAYS));
    assert_eq!(other.failed_within, 0);
}

/// Else a word would make what is unknown look confirmed: the time before it would be looked at no
/// more.
#[test]
fn a_word_given_while_something_was_unknown_starts_no_period() {
    let story = |word: Option<(Verdict, &'static str)>| {
        let (mut scene, device) = scene(90);
        reports(&mut scene, device, (0..=90).rev());
        came_to(&mut scene, Outcome::Fail, 25);
        came_to(&mut scene, Outcome::Pass, 20);
        if let Some((verdict, reason)) = word {
            recorded(&mut scene, verdict, reason, 10);
        }
        said(&mut scene, Role::Isso, 10);
        period(&told(&scene))
    };
    let usual = PeriodStart::LastDays(DEFAULT_DAYS);
    for (word, start) in [
        (None, usual),
        (Some((Verdict::Unknown, "row.unconfirmed")), usual),
        (Some((Verdict::Unknown, "row.gap-in-evidence")), usual),
        (Some((Verdict::Unknown, "feed.stale")), usual),
        (Some((Verdict::NotMet, "row.failing")), usual),
        (
            Some((Verdict::NotApplicable, "profile.other-notice")),
            usual,
        ),
        (
            Some((Verdict::Met, "row.confirmed")),
            PeriodStart::Attested(ago(10)),
        ),
        (
            Some((Verdict::Met, "row.confirmed-adverse")),
            PeriodStart::Attested(ago(10)),
        ),
        // In rows of both parts the machine part is in order where only the word is lacking.
        (
            Some((Verdict::Attested, "attestation.given")),
            PeriodStart::Attested(ago(10)),
        ),
        (
            Some((Verdict::Unknown, "attestation.missing")),
            PeriodStart::Attested(ago(10)),
        ),
        (
            Some((Verdict::Unknown, "attestation.expired")),
            PeriodStart::Attested(ago(10)),
        ),
    ] {
        let period = story(word);
        assert_eq!(period.start, start, "{word:?}");
        assert_eq!(period.failed_within, u32::from(start == usual), "{word:?}");
    }
}

#[test]
fn a_later_word_on_what_was_not_known_does_not_undo_an_earlier_confirmation() {
    let (mut scene, device) = scene(90);
    reports(&mut scene, device, (0..=90).rev());
    attested(&mut scene, Role::Isso, 40);
    recorded(&mut scene, Verdict::Unknown, "row.unconfirmed", 10);
    said(&mut scene, Role::Isso, 9);
    assert_eq!(period(&told(&scene)).start, PeriodStart::Attested(ago(40)));
}

/// That the owner confirmed a finding is what calls for the review, and no way round it.
#[test]
fn a_confirmed_finding_stays_with_the_review_row() {
    let review = |failed_until: u32, confirmed: u32| {
        let (mut scene, device) = scene(90);
        reports(&mut scene, device, (0..=90).rev());
        came_to(&mut scene, Outcome::Fail, failed_until + 3);
        came_to(&mut scene, Outcome::Pass, failed_until);
        attested(&mut scene, Role::Isso, confirmed);
        let told = told(&scene);
        assert_eq!(told.verdict, Verdict::Met);
        let adverse = told.finding.unwrap().is_adverse();
        let assessment = scene.assess();
        let review = row(&assessment, "GOV-3-1-f").verdict.clone();
        let named = review.reason.params.get("rows");
        let named = named.is_some_and(|rows| format!("{rows:?}").contains(UPDATES));
        (adverse, review.reason.code == "review.none-opened" && named)
    };
    // Found in the row's own period, and found before it by the review alone.
    assert_eq!(review(5, 10), (true, true));
    assert_eq!(review(20, 10), (false, true));
    // As without any word: what ended before the usual period is over.
    assert_eq!(review(DEFAULT_DAYS + 1, 10), (false, false));
    // A long period is the row's own.
    assert_eq!(review(DEFAULT_DAYS + 10, 60), (true, true));
}

proptest! {
    /// Looking further back never takes a finding away.
    #[test]
    fn a_longer_period_never_finds_less(
        reported in proptest::collection::btree_set(0_u32..80, 1..12),
        turns in proptest::collection::btree_set(0_u32..80, 0..8),
        words in (1_u32..80, 1_u32..80),
    ) {
        let story = |days: u32| {
            let (mut scene, device) = scene(90);
            reports(&mut scene, device, reported.iter().rev().copied());
            for (n, day) in turns.iter().rev().enumerate() {
                came_to(&mut scene, [Outcome::Fail, Outcome::Pass][n % 2], *day);
            }
            attested(&mut scene, Role::Isso, days);
            let verdict = told(&scene);
            (verdict.verdict, period(&verdict))
        };
        let (short, long) = (words.0.min(words.1), words.0.max(words.1));
        let ((near, less), (far, more)) = (story(short), story(long));
        prop_assert!(more.failed_within >= less.failed_within);
        prop_assert!(more.longest_unobserved_days >= less.longest_unobserved_days);
        // Nor does it confirm what the shorter one does not.
        prop_assert!(near == Verdict::Met || far != Verdict::Met);
    }
}
