//! What goes to the ledger, and what is answered about the past.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::{DeviceSet, Event, LISTED_MAX, StoredEvent};
use sekisho_domain::profile::Profile;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_domain::world::Documents;
use sekisho_rules::past;
use sekisho_rules::transitions::{Transitions, is_due, transitions};

use crate::fixture::{NOW, Scene, row};

struct Blobs<'a>(&'a Transitions);

impl Documents for Blobs<'_> {
    fn document(&self, digest: &str) -> Option<Vec<u8>> {
        self.0.blobs.get(digest).cloned()
    }
}

impl Scene {
    fn news(&self, now: Timestamp) -> Transitions {
        let assessment = self.assess_at(now);
        transitions(
            &self.world,
            &self.posture,
            &assessment,
            self.catalogue,
            "0.1.0",
        )
    }

    fn record(&mut self, new: &Transitions, recorded_at: Timestamp) {
        let checks = new
            .checks
            .iter()
            .cloned()
            .map(|change| Event::CheckChanged { change });
        let verdicts = new
            .verdicts
            .iter()
            .cloned()
            .map(|change| Event::VerdictChanged { change });
        let held = new
            .held
            .iter()
            .cloned()
            .map(|held| Event::AssessmentHeld { held });
        for event in checks.chain(verdicts).chain(held) {
            let stored = StoredEvent {
                actor: sekisho_domain::actor::Actor::System,
                recorded_at,
                effective_from: None,
                event,
            };
            self.world.apply(&stored, &Blobs(new)).unwrap();
        }
    }
}

#[test]
fn the_first_assessment_records_every_row_and_the_second_nothing() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let first = scene.news(NOW);
    assert_eq!(first.verdicts.len(), scene.catalogue.rows().len());
    assert_eq!(first.checks.len(), DeviceCheck::COUNT);
    scene.record(&first, NOW);
    let again = scene.news(NOW.after(Span::minutes(59)));
    assert!(again.is_empty(), "{again:?}");
    let hourly = scene.news(NOW.after(Span::hours(1)));
    assert!(hourly.verdicts.is_empty() && hourly.checks.is_empty());
    assert!(hourly.held.is_some());
    assert_eq!(hourly.held.unwrap().rows.values().sum::<u32>(), 149);
}

#[test]
fn one_cause_over_many_devices_is_one_event() {
    let mut scene = Scene::new(Profile::Gov);
    let many = u32::try_from(LISTED_MAX).unwrap() + 1;
    let devices: Vec<_> = (0..many)
        .map(|_| scene.enrol(DeviceClass::Issued))
        .collect();
    for device in &devices {
        scene.result(*device, DeviceCheck::DiskEncryption, Outcome::Fail);
    }
    let new = scene.news(NOW);
    let [change] = new.checks.as_slice() else {
        panic!("{:?}", new.checks);
    };
    let DeviceSet::Stored { document, count } = &change.devices else {
        panic!("{:?}", change.devices);
    };
    assert_eq!((*count, document.size), (many, u64::from(many) * 4));
    scene.record(&new, NOW);
    let recorded = &scene.world.checks[&DeviceCheck::DiskEncryption][&Outcome::Fail];
    assert_eq!(recorded.len(), u64::from(many));
    // One of them is put right: one event with one device.
    scene.result(devices[3], DeviceCheck::DiskEncryption, Outcome::Pass);
    let new = scene.news(NOW);
    assert_eq!(new.checks.len(), 1);
    assert_eq!(new.checks[0].devices, DeviceSet::Listed(vec![3]));
}

#[test]
fn evidence_that_expires_is_a_change_of_its_own() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    let first = scene.news(NOW);
    scene.record(&first, NOW);
    let later = NOW.after(Span::days(2));
    let new = scene.news(later);
    assert!(
        new.checks
            .iter()
            .all(|change| { change.to == Outcome::Unknown && change.cause.code == "check.stale" })
    );
    assert_eq!(new.checks.len(), DeviceCheck::COUNT);
    scene.record(&new, later);
    assert!(scene.news(later).is_empty());
}

#[test]
fn the_digest_of_all_results_moves_with_any_device() {
    let mut scene = Scene::new(Profile::Gov);
    let devices = [
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Issued),
    ];
    scene.result(devices[0], DeviceCheck::SecureBoot, Outcome::Fail);
    scene.result(devices[1], DeviceCheck::SecureBoot, Outcome::Pass);
    let one = scene.news(NOW).held.unwrap().results;
    assert_eq!(one, scene.news(NOW).held.unwrap().results);
    scene.result(devices[0], DeviceCheck::SecureBoot, Outcome::Pass);
    scene.result(devices[1], DeviceCheck::SecureBoot, Outcome::Fail);
    assert_ne!(one, scene.news(NOW).held.unwrap().results);
}

#[test]
fn the_past_is_what_was_recorded_and_unknown_where_nothing_was_judging() {
    let mut scene = Scene::new(Profile::Gov);
    scene.feeds(Span::days(1));
    let device = scene.enrol(DeviceClass::Issued);
    scene.all_results(device, Outcome::Pass);
    assert!(is_due(&scene.world, NOW));
    let before = past::at(&scene.world, scene.catalogue, NOW).unwrap();
    assert!(
        before
            .rows
            .iter()
            .all(|row| row.verdict.reason.code == "row.not-assessed")
    );
    let new = scene.news(NOW);
    scene.record(&new, NOW);
    // The device is given up afterwards: the answer about the past stays.
    scene.result(device, DeviceCheck::SecurityUpdates, Outcome::Fail);
    let soon = past::at(&scene.world, scene.catalogue, NOW.after(past::FRESHNESS)).unwrap();
    assert_eq!(row(&soon, "GOV-3-1-c").verdict.verdict, Verdict::Met);
    let late = NOW.after(past::FRESHNESS).after(Span::seconds(1));
    let late = past::at(&scene.world, scene.catalogue, late).unwrap();
    assert!(
        late.rows
            .iter()
            .all(|row| row.verdict.verdict == Verdict::Unknown)
    );
    let early = past::at(&scene.world, scene.catalogue, NOW.before(Span::seconds(1))).unwrap();
    assert!(
        early
            .rows
            .iter()
            .all(|row| row.verdict.verdict == Verdict::Unknown)
    );
}

#[test]
fn a_cause_that_changes_under_the_same_verdict_is_not_recorded_at_once() {
    let mut scene = Scene::new(Profile::Gov);
    scene.feeds(Span::days(1));
    let devices: Vec<_> = (0..4).map(|_| scene.enrol(DeviceClass::Issued)).collect();
    // One never reports, so that the row stays unknown whatever the others show.
    scene.all_results(devices[0], Outcome::Pass);
    let first = scene.news(NOW);
    scene.record(&first, NOW);
    let confirmed = |new: &Transitions| -> usize {
        let rows = new.verdicts.iter();
        rows.filter(|change| change.row.as_str() == "GOV-3-1-c")
            .count()
    };
    // Nothing adverse was found, now something is: news.
    scene.result(devices[0], DeviceCheck::SecurityUpdates, Outcome::Fail);
    let new = scene.news(NOW);
    assert_eq!(confirmed(&new), 1);
    scene.record(&new, NOW);
    // One more fails, another way, and one is known that was not: the same is said of the row.
    scene.all_results(devices[1], Outcome::Pass);
    scene.result(devices[1], DeviceCheck::OsSupported, Outcome::Fail);
    scene.result(devices[1], DeviceCheck::RestartDone, Outcome::Unknown);
    let new = scene.news(NOW.after(Span::minutes(1)));
    assert_eq!(confirmed(&new), 0, "{:?}", new.verdicts);
    // The numbers stand with the hourly assessment.
    assert_eq!(confirmed(&scene.news(NOW.after(Span::hours(1)))), 1);
    // All are known: another verdict.
    for device in &devices {
        scene.all_results(*device, Outcome::Pass);
    }
    let new = scene.news(NOW.after(Span::minutes(2)));
    assert_eq!(confirmed(&new), 1);
}
