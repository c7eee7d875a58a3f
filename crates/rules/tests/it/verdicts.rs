//! From results to verdicts.

use proptest::prelude::*;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::event::Event;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::assess::{Assessment, bar_to_attesting};
use sekisho_rules::catalogue::Parts;
use sekisho_rules::reason::all;

use crate::fixture::{NOW, Scene, around_now, row};

const STOLEN: &str = "US-7.1.1-1-a-盗難";

#[test]
fn without_a_device_nothing_is_known() {
    let assessment = Scene::new(Profile::Gov).assess();
    for id in ["GOV-3-1-c", "GOV-3-1-d", STOLEN, "US-7.1.1-1-a-操作"] {
        let row = row(&assessment, id);
        assert_eq!(row.verdict.verdict, Verdict::Unknown, "{id}");
        assert_eq!(row.verdict.reason.code, "row.no-subjects", "{id}");
    }
}

#[test]
fn a_row_that_asks_to_confirm_is_met_by_knowing_and_carries_what_was_found() {
    let mut scene = Scene::new(Profile::Gov);
    scene.feeds(Span::days(1));
    let (good, bad) = (
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Issued),
    );
    scene.all_results(good, Outcome::Pass);
    scene.all_results(bad, Outcome::Pass);
    scene.result(bad, DeviceCheck::SecurityUpdates, Outcome::Fail);
    let assessment = scene.assess();
    let confirmed = &row(&assessment, "GOV-3-1-c").verdict;
    assert_eq!(confirmed.verdict, Verdict::Met);
    assert_eq!(confirmed.counts.pass, 2);
    let finding = confirmed.finding.as_ref().unwrap();
    assert_eq!((finding.counts.fail, finding.counts.pass), (1, 1));
    let found = finding.reason.as_ref().unwrap();
    assert_eq!(found.code, "row.found");
    assert_eq!(found.params["cause"], "disk.plain".into());
    assert_eq!(found.params["failing"], 1_i64.into());
    assert_eq!(confirmed.evidence[0].at, NOW.before(Span::hours(2)));
}

#[test]
fn an_old_feed_confirms_nothing_and_what_it_shows_stands_as_a_finding() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    scene.result(device, DeviceCheck::Advisories, Outcome::Fail);
    let reason = |scene: &Scene| {
        let assessment = scene.assess();
        let verdict = &row(&assessment, "GOV-3-1-d").verdict;
        assert_eq!(verdict.verdict, Verdict::Unknown);
        assert_eq!(verdict.finding.as_ref().unwrap().counts.fail, 1);
        verdict.reason.code.to_string()
    };
    assert_eq!(reason(&scene), "feed.missing");
    scene.feeds(Span::days(8));
    assert_eq!(reason(&scene), "feed.part-stale");
    scene.feeds(Span::days(7));
    let assessment = scene.assess();
    assert_eq!(row(&assessment, "GOV-3-1-d").verdict.verdict, Verdict::Met);
}

#[test]
fn one_result_missing_leaves_a_confirmation_unknown_and_the_finding_stands() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.result(device, DeviceCheck::SecurityUpdates, Outcome::Fail);
    let assessment = scene.assess();
    let verdict = &row(&assessment, "GOV-3-1-c").verdict;
    assert_eq!(verdict.verdict, Verdict::Unknown);
    assert_eq!(verdict.finding.as_ref().unwrap().counts.fail, 1);
}

#[test]
fn a_clause_fails_on_the_state_of_one_device() {
    let mut scene = Scene::new(Profile::Gov);
    let isso = scene.appoint(Role::Isso);
    let (good, bad) = (
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Issued),
    );
    scene.all_results(good, Outcome::Pass);
    scene.all_results(bad, Outcome::Pass);
    scene.attest(STOLEN, isso, around_now());
    assert_eq!(
        row(&scene.assess(), STOLEN).verdict.verdict,
        Verdict::Attested
    );
    scene.result(bad, DeviceCheck::DiskEncryption, Outcome::Fail);
    let verdict = row(&scene.assess(), STOLEN).verdict.clone();
    assert_eq!(verdict.verdict, Verdict::NotMet);
    assert_eq!((verdict.counts.fail, verdict.counts.pass), (1, 1));
    // Given up, it is no subject any more.
    scene.apply(Event::DeviceStateChanged {
        device: bad,
        state: DeviceState::Retired,
        reason: sekisho_domain::code::Reason::new("device.retired"),
    });
    assert_eq!(
        row(&scene.assess(), STOLEN).verdict.verdict,
        Verdict::Attested
    );
}

#[test]
fn past_its_time_evidence_is_unknown_without_any_event() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let row_at = |now| {
        row(&scene.assess_at(now), "US-7.1.1-1-a-操作")
            .verdict
            .verdict
    };
    assert_eq!(row_at(NOW), Verdict::Met);
    assert_eq!(row_at(NOW.after(Span::days(1))), Verdict::Unknown);
}

#[test]
fn only_the_right_post_attests_and_only_for_its_time() {
    let mut scene = Scene::new(Profile::Gov);
    let (isso, auditor) = (scene.appoint(Role::Isso), scene.appoint(Role::Auditor));
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let said = |scene: &Scene| {
        let verdict = row(&scene.assess(), STOLEN).verdict.clone();
        (verdict.verdict, verdict.reason.code.into_owned())
    };
    let unknown = |code: &str| (Verdict::Unknown, code.to_owned());
    assert_eq!(said(&scene), unknown("attestation.missing"));
    scene.attest(STOLEN, auditor, around_now());
    assert_eq!(said(&scene), unknown("attestation.missing"));
    let over = Interval {
        from: NOW.before(Span::days(20)),
        until: Some(NOW),
    };
    scene.attest(STOLEN, isso, over);
    assert_eq!(said(&scene), unknown("attestation.expired"));
    scene.attest(STOLEN, isso, around_now());
    assert_eq!(
        said(&scene),
        (Verdict::Attested, "attestation.given".to_owned())
    );
}

#[test]
fn the_other_notice_does_not_apply() {
    let gov = Scene::new(Profile::Gov).assess();
    let ci = Scene::new(Profile::Ci).assess();
    for (assessment, id) in [(&gov, "CI-3-1-c"), (&ci, "GOV-3-1-c"), (&ci, STOLEN)] {
        let row = row(assessment, id);
        assert_eq!(row.verdict.verdict, Verdict::NotApplicable, "{id}");
        assert_eq!(row.verdict.reason.code, "profile.other-notice");
    }
    let general = Scene::new(Profile::General).assess();
    for id in ["CI-3-1-c", "GOV-3-1-c", STOLEN] {
        assert_ne!(
            row(&general, id).verdict.verdict,
            Verdict::NotApplicable,
            "{id}"
        );
    }
}

/// Every reason and step that an assessment gives has an entry, and so a text.
fn all_known(assessment: &Assessment) {
    for row in &assessment.rows {
        let reason = &row.verdict.reason;
        let finding = row
            .verdict
            .finding
            .as_ref()
            .and_then(|it| it.reason.as_ref());
        for reason in std::iter::once(reason).chain(finding) {
            let known = all().find(|known| known.code == reason.code);
            assert!(known.is_some(), "{}: {}", row.id, reason.code);
        }
        assert!(
            all().any(|known| known.next == row.next_step.code),
            "{}",
            row.id
        );
    }
}

#[test]
fn the_profile_in_force_still_needs_the_word_that_it_fits() {
    let mut scene = Scene::new(Profile::Gov);
    let said = |scene: &Scene| row(&scene.assess(), "PUB-1").verdict.clone();
    assert_eq!(said(&scene).verdict, Verdict::Unknown);
    assert_eq!(said(&scene).reason.code, "attestation.missing");
    let ciso = scene.appoint(Role::Ciso);
    scene.attest("PUB-1", ciso, around_now());
    assert_eq!(said(&scene).verdict, Verdict::Attested);
}

#[test]
fn what_no_machine_sees_is_attested_or_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    let id = "US-7.1.1-1-a-他";
    assert_eq!(row(&scene.assess(), id).verdict.verdict, Verdict::Unknown);
    let isso = scene.appoint(Role::Isso);
    scene.attest(id, isso, around_now());
    assert_eq!(row(&scene.assess(), id).verdict.verdict, Verdict::Attested);
}

#[test]
fn a_unit_with_private_devices_needs_its_officer() {
    let mut scene = Scene::new(Profile::Gov);
    let id = "US-7.1.1-4-b";
    let said = |scene: &Scene| {
        let verdict = row(&scene.assess(), id).verdict.clone();
        (verdict.verdict, verdict.reason.code.into_owned())
    };
    assert_eq!(
        said(&scene),
        (Verdict::Unknown, "row.no-subjects".to_owned())
    );
    scene.enrol(DeviceClass::Byod);
    assert_eq!(said(&scene), (Verdict::NotMet, "tmo.missing".to_owned()));
    scene.appoint(Role::Tmo);
    assert_eq!(
        said(&scene),
        (Verdict::Unknown, "attestation.missing".to_owned())
    );
    let iso = scene.appoint(Role::Iso);
    scene.attest(id, iso, around_now());
    assert_eq!(said(&scene).0, Verdict::Attested);
}

#[test]
fn private_devices_count_in_their_own_rows_only() {
    let mut scene = Scene::new(Profile::Gov);
    let (issued, own) = (
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Byod),
    );
    scene.all_results(issued, Outcome::Pass);
    scene.all_results(own, Outcome::Fail);
    let assessment = scene.assess();
    let finding = |id: &str| row(&assessment, id).verdict.finding.clone().unwrap().counts;
    assert_eq!(
        (finding("GOV-3-1-c").fail, finding("GOV-3-1-c").pass),
        (0, 1)
    );
    assert_eq!(
        (finding("GOV-3-2-g").fail, finding("GOV-3-2-g").pass),
        (1, 0)
    );
}

#[test]
fn an_adverse_finding_without_a_review_breaks_the_review_row() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let review = |scene: &Scene| row(&scene.assess(), "GOV-3-1-f").verdict.clone();
    // Other rows of the section are not confirmed yet.
    assert_eq!(review(&scene).verdict, Verdict::Unknown);
    assert_eq!(review(&scene).reason.code, "review.twins-unconfirmed");
    scene.result(device, DeviceCheck::SecurityUpdates, Outcome::Fail);
    assert_eq!(review(&scene).verdict, Verdict::NotMet);
    assert_eq!(
        review(&scene).reason.params["rows"],
        "GOV-3-1-c, GOV-3-1-d".into()
    );
}

#[test]
fn what_nothing_feeds_names_what_will_and_no_word_lifts_it() {
    let mut scene = Scene::new(Profile::Gov);
    let roles = Role::ALL.map(|role| scene.appoint(role));
    let ids: Vec<String> = scene
        .catalogue
        .rows()
        .iter()
        .map(|row| row.id.to_string())
        .collect();
    for appointment in roles {
        for id in &ids {
            scene.attest(id, appointment, around_now());
        }
    }
    let assessment = scene.assess();
    all_known(&assessment);
    let of = |verdict: Verdict| -> Vec<&str> {
        assessment
            .rows
            .iter()
            .filter(|row| row.verdict.verdict == verdict)
            .map(|row| row.id.as_str())
            .collect()
    };
    // However much is attested, only these rest on nothing that the organisation still has to enter.
    let attested = ["PUB-1", "PUB-5", "US-7.1.1-1-a-他"];
    assert_eq!(of(Verdict::Attested), attested);
    assert_eq!(of(Verdict::Met), [""; 0]);
    assert_eq!(of(Verdict::NotApplicable).len(), 51);
    let waiting = row(&assessment, "GOV-3-1-g");
    assert_eq!(waiting.verdict.reason.code, "carrier.not-yet");
    assert_eq!(
        waiting.verdict.reason.params["carrier"],
        "STOCK, CK-STOCK".into()
    );
}

fn outcome(n: usize) -> Option<Outcome> {
    [
        None,
        Some(Outcome::Pass),
        Some(Outcome::Fail),
        Some(Outcome::Unknown),
    ][n]
}

/// The better a verdict, the higher.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotMet => 0,
        Verdict::Unknown => 1,
        Verdict::Attested | Verdict::Met | Verdict::NotApplicable => 2,
    }
}

proptest! {
    #[test]
    fn verdicts_follow_the_devices(
        results in proptest::collection::vec(
            proptest::collection::vec(0_usize..4, DeviceCheck::COUNT), 1..5),
        attested in any::<bool>(),
        gone in 0_usize..60,
    ) {
        let build = |without: Option<usize>| {
            let mut scene = Scene::new(Profile::General);
            if attested {
                let isso = scene.appoint(Role::Isso);
                scene.attest(STOLEN, isso, around_now());
            }
            for (n, row) in results.iter().enumerate() {
                let device = scene.enrol(DeviceClass::Issued);
                for check in DeviceCheck::ALL {
                    let place = n * DeviceCheck::COUNT + check.column();
                    if let Some(outcome) = outcome(row[check.column()])
                        && without != Some(place)
                    {
                        scene.result(device, check, outcome);
                    }
                }
            }
            scene.assess()
        };
        let (whole, less) = (build(None), build(Some(gone)));
        all_known(&whole);
        // One result less never makes a row good that was not.
        for (before, after) in whole.rows.iter().zip(&less.rows) {
            if rank(before.verdict.verdict) < 2 {
                prop_assert!(rank(after.verdict.verdict) < 2, "{}", before.id);
            }
        }
        let disk = |n: usize| results.iter().any(|row| {
            row[DeviceCheck::DiskEncryption.column()] == n
        });
        let expected = match (disk(2), disk(0) || disk(3)) {
            (true, _) => Verdict::NotMet,
            (false, true) => Verdict::Unknown,
            (false, false) if attested => Verdict::Attested,
            (false, false) => Verdict::Unknown,
        };
        let stolen = &row(&whole, STOLEN).verdict;
        prop_assert_eq!(stolen.verdict, expected);
        prop_assert_eq!(stolen.counts.total() as usize, results.len());
    }
}

/// Rows that a post can attest once their machine part is in order.
const OPEN: &[&str] = &[
    "PUB-1",
    "PUB-2",
    "PUB-3",
    "PUB-4",
    "PUB-5",
    "GOV-1-a",
    "GOV-1-b",
    "GOV-1-c",
    "GOV-1-d",
    "GOV-1-e",
    "GOV-1-f",
    "GOV-1-g",
    "GOV-1-h",
    "GOV-1-i",
    "GOV-1-j",
    "GOV-1-k",
    "GOV-1-l",
    "GOV-1-m",
    "GOV-2-a",
    "GOV-2-b",
    "GOV-2-c",
    "GOV-2-d",
    "GOV-2-e",
    "GOV-3-1-a",
    "GOV-3-2-a",
    "GOV-3-2-b",
    "GOV-3-2-c",
    "GOV-3-2-m",
    "GOV-3-3-a",
    "GOV-3-3-b",
    "GOV-4-a",
    "GOV-4-b",
    "GOV-4-c",
    "GOV-4-d",
    "GOV-4-e",
    "GOV-4-f",
    "GOV-4-g",
    "GOV-4-h",
    "GOV-5-a",
    "GOV-5-b",
    "GOV-5-c",
    "CI-1-a",
    "CI-1-b",
    "CI-1-c",
    "CI-1-d",
    "CI-1-e",
    "CI-1-f",
    "CI-1-g",
    "CI-1-h",
    "CI-1-i",
    "CI-1-j",
    "CI-1-k",
    "CI-2-a",
    "CI-2-b",
    "CI-2-c",
    "CI-2-d",
    "CI-2-e",
    "CI-3-1-a",
    "CI-3-2-a",
    "CI-3-2-b",
    "CI-3-2-c",
    "CI-3-2-m",
    "CI-3-3-a",
    "CI-3-3-b",
    "CI-4-0",
    "CI-4-a",
    "CI-4-b",
    "CI-4-c",
    "CI-4-d",
    "CI-5-a",
    "CI-5-b",
    "CI-5-c",
    "CI-6",
    "US-4.1.2-1-a",
    "US-4.1.2-1-a-ア",
    "US-4.1.2-1-a-イ",
    "US-4.1.2-1-a-ウ",
    "US-4.1.2-1-a-禁",
    "US-4.1.2-1-b",
    "US-4.1.2-2-a-i",
    "US-4.1.2-2-a-iii",
    STOLEN,
    "US-7.1.1-1-a-他",
    "US-7.1.1-1-b-許",
    "US-7.1.1-1-b-禁",
    "US-7.1.1-4-a-ア",
    "US-7.1.1-4-a-イ",
    "US-7.1.1-4-b",
    "US-8.1.1-3-b",
    "US-8.1.1-3-d2",
    "US-8.1.1-3-f",
    "US-8.1.1-3-h-ア",
    "US-8.1.1-3-h-イ",
];

#[test]
fn nothing_that_no_carrier_feeds_can_be_attested() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let (mut open, mut confirmed) = (Vec::new(), Vec::new());
    for (row, judged) in scene.catalogue.rows().iter().zip(&scene.assess().rows) {
        let bar = bar_to_attesting(row);
        if judged.verdict.reason.code == "carrier.not-yet" {
            assert!(bar.is_some(), "{} could be attested unseen", row.id);
        }
        let list = match row.parts {
            Parts::Machine => &mut confirmed,
            Parts::Attestation | Parts::Both => &mut open,
        };
        if bar.is_none() {
            list.push(row.id.as_str());
        }
    }
    // With a date, and without a word on the verdict.
    let twins = ["3-1-c", "3-1-d", "3-2-g", "3-2-h"];
    let both = ["GOV", "CI"].map(|notice| twins.map(|twin| format!("{notice}-{twin}")));
    assert_eq!(confirmed, both.concat());
    assert_eq!(open, OPEN);
}
