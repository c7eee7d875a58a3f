//! Rows that permits answer, or show to fail.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::{Event, Sealed};
use sekisho_domain::id::{DeviceId, PermitId, PersonId, PostId, ServiceId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Applied, Approved, Request};
use sekisho_domain::permit::particulars::{Byod, Destination, Exception, Media, Service, TakeOut};
use sekisho_domain::permit::{
    Capacity, Clause, Deadlines, Decision, NumberSeries, Particulars, PermitNumber, Place, Route,
    Term,
};
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;

use crate::fixture::{NOW, Scene, fresh, row};

pub fn person() -> PersonId {
    PersonId::new(fresh(6, 900))
}

fn unit() -> UnitId {
    UnitId::new(fresh(2, 0))
}

pub fn sealed() -> Sealed {
    let text = "AAAA".to_owned();
    Sealed {
        person: person(),
        key: text.clone(),
        nonce: text.clone(),
        ciphertext: text,
    }
}

pub fn route() -> Route {
    Route {
        post: PostId::new(fresh(4, 900)),
        role: Role::Diso,
        clause: Clause::Default,
    }
}

/// Applied for so many days ago.
pub fn apply(scene: &mut Scene, n: u32, particulars: Particulars, days: u32, term: Term) {
    apply_by(scene, (n, person()), particulars, days, term);
}

fn apply_by(
    scene: &mut Scene,
    (n, applicant): (u32, PersonId),
    particulars: Particulars,
    days: u32,
    term: Term,
) {
    let grade = particulars.stated_grade();
    let known = scene.world.people.get(&applicant).copied();
    let applied = Applied {
        permit: PermitId::new(fresh(8, n)),
        applicant,
        request: Request {
            particulars,
            grade,
            wanted: term,
            unit: known.unwrap_or_else(unit),
            route: route(),
            purpose: sealed(),
        },
    };
    let applied = Box::new(applied);
    scene.apply_at(Event::PermitApplied { applied }, ago(days));
}

/// Given and taken up on the day of the application.
pub fn give(scene: &mut Scene, n: u32, particulars: Particulars, days: u32, term: Term) {
    give_to(scene, (n, person()), particulars, days, term);
}

/// Given to somebody, and taken up on the day of the application.
pub fn give_to(
    scene: &mut Scene,
    (n, applicant): (u32, PersonId),
    particulars: Particulars,
    days: u32,
    term: Term,
) {
    let kind = particulars.kind();
    let for_everybody = matches!(&particulars, Particulars::Exception(it) if it.is_open());
    apply_by(scene, (n, applicant), particulars, days, term);
    let permit = PermitId::new(fresh(8, n));
    let step = Box::new(Approved {
        permit,
        number: PermitNumber {
            series: NumberSeries::at(kind, ago(days), false),
            serial: n,
        },
        decision: Decision {
            by: person(),
            capacity: Capacity::Holder,
            route: route(),
        },
        term,
        deadlines: Deadlines::default(),
        conditions: None,
        remark: None,
        for_everybody,
    });
    scene.apply_at(Event::PermitApproved { step }, ago(days));
    scene.apply_at(Event::PermitActivated { permit }, ago(days));
}

fn ago(days: u32) -> Timestamp {
    NOW.before(Span::days(days))
}

pub fn until(days: u32) -> Term {
    Term {
        from: ago(40),
        until: NOW.after(Span::days(days)),
    }
}

pub fn over(days: u32) -> Term {
    Term {
        from: ago(60),
        until: ago(days),
    }
}

fn byod(device: DeviceId, tasks: Vec<TaskId>, grade: &str) -> Particulars {
    Particulars::Byod(Byod {
        device,
        tasks,
        grade: grade.parse().unwrap(),
        restrictions: Vec::new(),
        lines: Vec::new(),
        systems: Vec::new(),
    })
}

fn take_out(device: DeviceId) -> Particulars {
    Particulars::TakeOut(TakeOut {
        device,
        destination: Destination::Home,
        grade: "C2I1A1".parse().unwrap(),
    })
}

pub fn said(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

#[test]
fn a_device_not_issued_is_known_by_its_permit_in_force_and_unknown_without() {
    let mut scene = Scene::new(Profile::Gov);
    let (one, other) = (
        scene.enrol(DeviceClass::Byod),
        scene.enrol(DeviceClass::Byod),
    );
    give(&mut scene, 1, byod(one, Vec::new(), "C2I1A1"), 5, until(30));
    give(
        &mut scene,
        2,
        byod(other, Vec::new(), "C2I1A1"),
        50,
        over(1),
    );
    let unknown = (Verdict::Unknown, "permit.byod-unknown".to_owned());
    for id in ["GOV-3-2-a", "GOV-3-2-b", "GOV-3-2-c"] {
        assert_eq!(said(&scene, id), unknown, "{id}");
    }
    let task = TaskId::new(fresh(9, 1));
    give(
        &mut scene,
        3,
        byod(other, vec![task], "C2I1A1"),
        5,
        until(30),
    );
    // Known by the permit; a person has to attest what it says (both parts).
    let attest = (Verdict::Unknown, "attestation.missing".to_owned());
    assert_eq!(said(&scene, "GOV-3-2-a"), attest);
    // The first permit names no task.
    assert_eq!(said(&scene, "GOV-3-2-c"), unknown);
}

#[test]
fn erasure_is_overdue_some_days_after_the_end_and_never_where_nothing_secret_was_handled() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Byod);
    give(
        &mut scene,
        1,
        byod(device, Vec::new(), "C1I2A1"),
        50,
        over(20),
    );
    assert_eq!(said(&scene, "GOV-3-2-m").1, "permit.none");
    give(
        &mut scene,
        2,
        byod(device, Vec::new(), "C2I1A1"),
        50,
        over(2),
    );
    assert_eq!(said(&scene, "GOV-3-2-m").1, "permit.none", "not due yet");
    give(
        &mut scene,
        3,
        byod(device, Vec::new(), "C2I1A1"),
        50,
        over(4),
    );
    let expected = (Verdict::NotMet, "permit.erasure-overdue".to_owned());
    assert_eq!(said(&scene, "GOV-3-2-m"), expected);
}

#[test]
fn devices_not_issued_that_report_without_permit_or_exception_are_found() {
    let mut scene = Scene::new(Profile::Gov);
    let adverse = |scene: &Scene| {
        let assessment = scene.assess();
        let finding = row(&assessment, "GOV-3-2-f").verdict.finding.clone();
        finding.map(|it| (it.counts.fail, it.is_adverse()))
    };
    assert_eq!(adverse(&scene), None);
    let own = [(); 3].map(|()| scene.enrol(DeviceClass::Byod));
    let none = (Verdict::Unknown, "permit.byod-without".to_owned());
    assert_eq!(said(&scene, "GOV-3-2-f"), none);
    assert_eq!(adverse(&scene), Some((3, true)));
    give(
        &mut scene,
        1,
        byod(own[0], Vec::new(), "C2I1A1"),
        5,
        until(30),
    );
    let exception = Particulars::Exception(Exception {
        device: Some(own[1]),
        ..Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            "C1I1A1".parse().unwrap(),
            Place::OutsideOrganisation,
            jiff::civil::date(2099, 1, 1),
        )
    });
    give(&mut scene, 2, exception, 5, until(30));
    let unseen = (Verdict::Unknown, "permit.byod-use-unseen".to_owned());
    assert_eq!(said(&scene, "GOV-3-2-f"), unseen);
    assert_eq!(adverse(&scene), Some((1, true)));
    give(
        &mut scene,
        3,
        byod(own[2], Vec::new(), "C2I1A1"),
        5,
        until(30),
    );
    // That use keeps within the permits nothing sees yet.
    assert_eq!(said(&scene, "GOV-3-2-f"), unseen);
    assert_eq!(adverse(&scene), Some((0, false)));
}

#[test]
fn take_out_and_media_can_be_shown_to_fail_and_never_to_pass() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    let (out, media) = ("US-7.1.1-1-a-持出", "US-8.1.1-3-k");
    let unseen = (Verdict::Unknown, "permit.sightings-missing".to_owned());
    give(&mut scene, 1, take_out(device), 5, until(5));
    assert_eq!(said(&scene, out), unseen);
    assert_eq!(said(&scene, media), unseen);
    give(&mut scene, 2, take_out(device), 50, over(9));
    let overdue = (Verdict::NotMet, "permit.return-overdue".to_owned());
    assert_eq!(said(&scene, out), overdue);
    // The row that asks to confirm keeps what was found, and stays unconfirmed.
    assert_eq!(said(&scene, "GOV-3-1-b"), unseen);
    let assessment = scene.assess();
    let found = row(&assessment, "GOV-3-1-b")
        .verdict
        .finding
        .clone()
        .unwrap();
    assert!(found.is_adverse());
    let medium = Particulars::Media(Media {
        medium: sekisho_domain::id::MediumId::new(fresh(9, 2)),
        destination: Destination::Home,
        grade: "C3I1A1".parse().unwrap(),
        restrictions: Vec::new(),
        encrypted: true,
    });
    give(&mut scene, 3, medium, 50, over(9));
    assert_eq!(said(&scene, media), overdue);
}

#[test]
fn applications_for_take_out_are_looked_through_and_what_waits_is_found() {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    assert_eq!(said(&scene, "GOV-3-1-a").1, "permit.none");
    apply(&mut scene, 1, take_out(device), 4, until(5));
    let adverse = |scene: &Scene| {
        let assessment = scene.assess();
        let found = row(&assessment, "GOV-3-1-a").verdict.finding.clone();
        found.unwrap().is_adverse()
    };
    assert!(!adverse(&scene));
    apply(&mut scene, 2, take_out(device), 6, until(5));
    assert!(adverse(&scene));
}

#[test]
fn services_under_their_terms_and_exceptions_are_looked_at_while_they_hold() {
    let mut scene = Scene::new(Profile::Gov);
    for id in ["US-4.1.2-1-a-禁", "US-4.1.2-2-a-i"] {
        assert_eq!(said(&scene, id).1, "register.nothing-entered", "{id}");
    }
    assert_eq!(said(&scene, "GOV-2-c").1, "permit.none");
    let service = |grade: &str| {
        Particulars::Service(Service {
            service: ServiceId::new(fresh(9, 3)),
            task: None,
            grade: grade.parse().unwrap(),
            terms_edition: Line::parse("2026-10").unwrap(),
            terms_read_on: jiff::civil::date(2026, 10, 1),
            secondary_use_judged: true,
            location_judged: true,
            loss_judged: true,
            acceptable: true,
            measures: Vec::new(),
        })
    };
    give(&mut scene, 1, service("C1I1A1"), 5, until(30));
    assert_eq!(said(&scene, "US-4.1.2-1-a-禁").1, "attestation.missing");
    assert_eq!(said(&scene, "US-4.1.2-2-a-i").1, "attestation.missing");
    // No command can give this; a ledger that held it would show it.
    give(&mut scene, 2, service("C2I1A1"), 5, until(30));
    let secret = (Verdict::NotMet, "permit.service-with-secrets".to_owned());
    assert_eq!(said(&scene, "US-4.1.2-1-a-禁"), secret);
    let exception = |month: i8| {
        Particulars::Exception(Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            "C1I1A1".parse().unwrap(),
            Place::ControlledArea,
            jiff::civil::date(2026, month, 1),
        ))
    };
    give(&mut scene, 3, exception(12), 5, until(30));
    assert_eq!(said(&scene, "GOV-2-c").1, "attestation.missing");
    give(&mut scene, 4, exception(11), 5, until(30));
    let past = (Verdict::NotMet, "permit.exceptions-past-review".to_owned());
    assert_eq!(said(&scene, "GOV-2-c"), past);
}
