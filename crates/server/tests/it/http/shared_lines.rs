//! Issued devices that several share at internal lines: in nobody's name where they never left, and by the permit
//! of whoever brought them back (8.1.1(3)(i), (j)).

use sekisho_domain::actor::Actor;
use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::check::Outcome as Found;
use sekisho_domain::command::Command;
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Span;
use sekisho_rules::decide::Whereabouts;
use sekisho_server::access::inside::Period;
use sekisho_server::app::fresh;

use super::agents::key;
use super::internal_lines::{Floor, SWITCH, lacks, section};

/// The key of the device without a user.
const SEED: u8 = 7;

/// A floor on which everything is about a device without a user.
async fn floor(class: DeviceClass) -> Floor {
    let mut floor = Floor::new().await;
    let device = DeviceId::new(fresh().unwrap());
    let command = Command::EnrolDevice {
        device,
        key: key(SEED).1,
        class,
        unit: floor.section.unit,
        user: None,
        source: StateSource::Observed,
    };
    let app = &floor.section.house.app;
    app.command(Actor::Operator, command).await.unwrap();
    floor.section.issued = device;
    floor
}

/// The device was known to be inside, and nothing ever said otherwise.
pub(super) fn never_left(floor: &Floor) {
    let app = &floor.section.house.app;
    let mut known = Whereabouts::default();
    assert!(known.known_inside(app.now()));
    let stored = serde_json::to_string(&known).unwrap();
    let row = [(floor.section.issued.to_string(), stored)];
    app.observations().put_whereabouts(&row).unwrap();
    app.access().inside().load(app.observations()).unwrap();
}

#[tokio::test]
async fn a_shared_device_that_never_left_joins_by_itself_and_its_page_says_so() {
    let floor = floor(DeviceClass::Issued).await;
    never_left(&floor);
    let joined = floor.ask(SEED, SWITCH);
    assert_eq!(lacks(&joined), Vec::<&str>::new());
    assert_eq!(
        (joined.outcome, joined.vlan, joined.person),
        (Outcome::Admitted, Some(120), None)
    );
    assert!(!joined.came_back && joined.permit.is_none());
    // It stands there, so that it is asked about again like any other.
    let app = floor.section.house.app.clone();
    let standing = app.access().inside().connections();
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].person, None);
    for (lang, words) in [
        ("ja", "組織内通信回線に接続できます"),
        ("en", "It may join the internal line now"),
    ] {
        let said = section(&floor, lang).await;
        assert!(said.contains(words), "{said}");
    }
    let keeper = app.clone();
    let kept = tokio::task::spawn_blocking(move || {
        keeper.keep_admissions().unwrap();
        keeper.keep_decisions().unwrap();
    });
    kept.await.unwrap();
    let now = app.now();
    let period = Period {
        from: now.before(Span::days(1)),
        until: now.after(Span::days(1)),
    };
    let kept = app.admissions(None, false, period, 10).unwrap();
    assert_eq!((kept.len(), kept[0].outcome), (1, Outcome::Admitted));
    assert_eq!(kept[0].person, None);
    // Once it has been outside it is one that came back.
    app.seen_outside(floor.section.issued, app.now().after(Span::minutes(1)))
        .unwrap();
    floor.section.house.pass(120_000);
    app.clock().confirm();
    let back = floor.ask(SEED, SWITCH);
    assert_eq!(back.outcome, Outcome::Quarantined);
}

#[tokio::test]
async fn a_shared_device_that_came_back_lacks_inspection_and_permit_and_no_user() {
    let floor = floor(DeviceClass::Issued).await;
    let waits = floor.ask(SEED, SWITCH);
    assert_eq!(
        (waits.outcome, waits.vlan, waits.person),
        (Outcome::Quarantined, Some(900), None)
    );
    let mut missing = lacks(&waits);
    missing.sort_unstable();
    assert_eq!(missing, ["permit.pr", "posture.inspection"]);
    for (lang, said_there, unsaid) in [
        (
            "ja",
            "課室情報セキュリティ責任者の許可がない",
            "有効なアカウント",
        ),
        ("en", "no permission of the section", "open account"),
    ] {
        let said = section(&floor, lang).await;
        assert!(said.contains(said_there), "{said}");
        assert!(!said.contains(unsaid), "{said}");
    }
    // Somebody brings it back by a permit: it is asked about in that name, and let on once it is inspected.
    let path = floor.permit().await;
    let holder = floor.section.staff.0;
    let waits = floor.ask(SEED, SWITCH);
    assert_eq!(lacks(&waits), ["posture.inspection"]);
    assert_eq!(waits.person, Some(holder));
    floor.pass_all(Found::Pass);
    let joined = floor.ask(SEED, SWITCH);
    assert_eq!(joined.outcome, Outcome::Admitted, "{joined:?}");
    assert_eq!(joined.person, Some(holder));
    assert_eq!(joined.permit, Some(floor.section.permit(&path).id));
}

#[tokio::test]
async fn a_device_that_is_not_issued_and_has_no_user_waits_for_one() {
    let floor = floor(DeviceClass::Byod).await;
    never_left(&floor);
    let waits = floor.ask(SEED, SWITCH);
    assert_eq!(waits.outcome, Outcome::Quarantined);
    assert_eq!(lacks(&waits), ["person"]);
    for (lang, words) in [
        ("ja", "この支給外端末には、利用者が登録されていません"),
        ("en", "This device is not issued and has no user"),
    ] {
        let said = section(&floor, lang).await;
        assert!(said.contains(words), "{said}");
    }
}
