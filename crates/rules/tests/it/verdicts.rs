//! From results to verdicts.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::event::Event;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::verdict::Verdict;

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
    assert_eq!(finding.reason.as_ref().unwrap().code, "disk.plain");
    assert_eq!(confirmed.evidence[0].at, NOW.before(Span::hours(2)));
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
