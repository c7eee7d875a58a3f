//! Rows over devices of which one is a telephone: judged by what its user can tell, and unknown where
//! nobody can.

use sekisho_domain::check::{CheckResult, DECLARATION_FRESH, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey, StateSource};
use sekisho_domain::event::Event;
use sekisho_domain::id::{DeviceId, UnitId};
use sekisho_domain::profile::Profile;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{RowVerdict, Verdict};

use crate::fixture::{NOW, Scene, device, fresh, row};

fn ago(days: u32) -> Timestamp {
    NOW.before(Span::days(days))
}

/// A person's own telephone, enrolled 60 days ago and declared so many days ago each, oldest first.
fn telephone(declared: &[u32]) -> (Scene, DeviceId) {
    let mut scene = Scene::new(Profile::Gov);
    scene.feeds(Span::days(1));
    let id = device(0);
    let enrolled = Event::DeviceEnrolled {
        device: id,
        ordinal: 0,
        key: DeviceKey::try_from("0".repeat(44)).unwrap(),
        class: DeviceClass::Byod,
        unit: UnitId::new(fresh(2, 0)),
        user: None,
    };
    scene.apply_at(enrolled, ago(60));
    scene.apply_at(Event::DeviceDeclares { device: id }, ago(60));
    scene.posture.told_by(id, StateSource::Declared);
    for days in declared {
        let at = ago(*days);
        for check in DeviceCheck::ALL.into_iter().filter(|it| it.is_declarable()) {
            let result = CheckResult {
                outcome: Outcome::Pass,
                reason: Reason::new("update.none-pending"),
                observed_at: at,
                received_at: at,
                fresh_until: at.after(DECLARATION_FRESH),
            };
            let since = Some(ago(60));
            let posture = &mut scene.posture;
            let lasting = check.freshness_of(StateSource::Declared);
            let continuity = posture.continued(id, check, &result, since, lasting);
            posture.put(id, check, &result, continuity, 1);
        }
    }
    (scene, id)
}

fn told(scene: &Scene, id: &str) -> RowVerdict {
    row(&scene.assess(), id).verdict.clone()
}

#[test]
fn monthly_declarations_confirm_the_rows_of_updates_and_are_called_declarations() {
    let (scene, _) = telephone(&[60, 31, 2]);
    // The system, and software as far as anyone can tell of it: packages nobody can.
    for id in ["GOV-3-2-g", "GOV-3-2-h"] {
        let verdict = told(&scene, id);
        assert_eq!(verdict.verdict, Verdict::Met, "{id}: {:?}", verdict.reason);
        let sources: Vec<&str> = verdict.evidence.iter().map(|it| &*it.source).collect();
        assert!(
            sources.contains(&"declaration:security_updates"),
            "{sources:?}"
        );
        assert!(
            !sources.iter().any(|it| it.starts_with("check:")),
            "{sources:?}"
        );
    }
}

#[test]
fn a_declaration_that_is_over_leaves_the_row_unknown_and_says_what_to_do() {
    let (scene, _) = telephone(&[60, 30]);
    let verdict = told(&scene, "GOV-3-2-g");
    assert_eq!(verdict.verdict, Verdict::Unknown);
    assert_eq!(verdict.reason.code, "check.declaration-over");
    let step = sekisho_rules::reason::next_step(&verdict.reason);
    assert_eq!(step.code, "declare-again");
    let (never, _) = telephone(&[]);
    assert_eq!(told(&never, "GOV-3-2-g").reason.code, "check.not-declared");
}

/// What the requirements want measured (theft, operation by others, updates of issued devices) no word
/// shows; what a word admits counts.
#[test]
fn rows_that_want_evidence_stay_unknown_whatever_is_declared() {
    let (mut scene, _) = telephone(&[60, 31, 2]);
    let id = device(1);
    let enrolled = Event::DeviceEnrolled {
        device: id,
        ordinal: 1,
        key: DeviceKey::try_from("1".repeat(44)).unwrap(),
        class: DeviceClass::Issued,
        unit: UnitId::new(fresh(2, 0)),
        user: None,
    };
    scene.apply_at(enrolled, ago(60));
    scene.apply_at(Event::DeviceDeclares { device: id }, ago(60));
    scene.posture.told_by(id, StateSource::Declared);
    let at = ago(2);
    let declared = |outcome, code: &'static str| CheckResult {
        outcome,
        reason: Reason::new(code),
        observed_at: at,
        received_at: at,
        fresh_until: at.after(DECLARATION_FRESH),
    };
    let good = declared(Outcome::Pass, "update.none-pending");
    for check in DeviceCheck::ALL.into_iter().filter(|it| it.is_declarable()) {
        scene.posture.set(id, check, &good, 1);
    }
    for row in [
        "GOV-3-1-c",
        "GOV-3-1-d",
        "US-7.1.1-1-a-盗難",
        "US-8.1.1-3-f",
    ] {
        let verdict = told(&scene, row);
        assert_eq!(verdict.verdict, Verdict::Unknown, "{row}");
        assert_eq!(verdict.reason.code, "check.word-not-enough", "{row}");
        assert!(verdict.evidence.is_empty(), "{row}: {:?}", verdict.evidence);
    }
    let bad = declared(Outcome::Fail, "disk.plain");
    let check = DeviceCheck::DiskEncryption;
    scene.posture.set(id, check, &bad, 1);
    assert_eq!(told(&scene, "US-7.1.1-1-a-盗難").verdict, Verdict::NotMet);
}

/// Only rows whose wording in the requirements names a declaration take one.
#[test]
fn the_rows_that_take_a_word_are_those_of_the_requirements() {
    let catalogue = sekisho_rules::catalogue::Catalogue::builtin().unwrap();
    let rows = catalogue.rows().iter().filter(|row| row.declared);
    let ids: Vec<&str> = rows.map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["GOV-3-2-g", "GOV-3-2-h", "CI-3-2-g", "CI-3-2-h"]);
}

#[test]
fn a_computer_beside_it_is_judged_as_ever() {
    let (mut scene, _) = telephone(&[60, 31, 2]);
    let computer = scene.enrol(DeviceClass::Byod);
    scene.all_results(computer, Outcome::Pass);
    scene.result(computer, DeviceCheck::Advisories, Outcome::Unknown);
    let verdict = told(&scene, "GOV-3-2-h");
    assert_eq!(verdict.verdict, Verdict::Unknown, "{:?}", verdict.reason);
    assert_eq!(verdict.counts.total(), 2);
    assert_eq!(verdict.counts.unknown, 1);
}
