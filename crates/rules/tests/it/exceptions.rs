//! Exceptions: what is measured of them, and the rows that they answer.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{BlobRef, Event};
use sekisho_domain::exception::{
    CompensatingMeasure, DecidedAgain, Judgement, MeasureStanding, Regularised, Reviewed, Stopped,
    Uses,
};
use sekisho_domain::id::{DeviceId, IncidentId, LineId, PermitId, PersonId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Ended, Extended, ExtensionAsked};
use sekisho_domain::permit::particulars::{Destination, Exception, TakeOut};
use sekisho_domain::permit::{Capacity, Deadlines, Decision, EndKind, Particulars, Place};
use sekisho_domain::profile::Profile;
use sekisho_domain::rule::{ClauseNumber, ClauseRef};
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::assess::Thing;
use sekisho_rules::decide::{Act, Origin, Outing, Question};
use sekisho_rules::exception::{Answered, Counting, Standings, measure, measures};
use sekisho_rules::exit::sets_exit_code;

use crate::conflicts::{content, enact, rule, terms};
use crate::fixture::{NOW, Scene, fresh, name, row};
use crate::permits::{give, over, person, route, said, sealed, until};

pub fn id(n: u32) -> PermitId {
    PermitId::new(fresh(8, n))
}

fn decision() -> Decision {
    Decision {
        by: person(),
        capacity: Capacity::Holder,
        route: route(),
    }
}

fn document() -> BlobRef {
    BlobRef {
        blob: "00".repeat(32),
        size: 2,
    }
}

fn note() -> Line {
    Line::parse("確認").unwrap()
}

/// An exception for a device, to be looked at again so many days from now.
pub fn exception(device: Option<DeviceId>, review: i64, measures: &[&str]) -> Particulars {
    let days = Span::days(u32::try_from(review.abs()).unwrap());
    let review = if review < 0 {
        NOW.before(days)
    } else {
        NOW.after(days)
    };
    let measures = measures.iter();
    Particulars::Exception(Exception {
        device,
        measures: measures
            .map(|text| CompensatingMeasure::parse(text).unwrap())
            .collect(),
        ..Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            "C1I1A1".parse().unwrap(),
            Place::ControlledArea,
            review.jst_date(),
        )
    })
}

pub fn reviewed(scene: &mut Scene, n: u32, judgement: Judgement, words: &[u32], at: Timestamp) {
    let step = Box::new(Reviewed {
        permit: id(n),
        decision: decision(),
        effect: document(),
        judgement,
        words: words.to_vec(),
        next: Some(NOW.after(Span::days(20)).jst_date()),
        note: note(),
    });
    scene.apply_at(Event::ExceptionReviewed { step }, at);
}

fn ended(scene: &mut Scene, n: u32, how: EndKind) {
    let step = Box::new(Ended {
        permit: id(n),
        how,
        at: NOW.before(Span::days(1)),
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    });
    scene.apply(Event::PermitEnded { step });
}

pub fn regularised(scene: &mut Scene, n: u32) {
    let mut clauses = ["第1条", "第2条", "第3条"].map(terms);
    clauses[2].rows = vec!["US-8.1.1-3-e".parse().unwrap()];
    enact(scene, 40, content(clauses.to_vec()));
    let step = Box::new(Regularised {
        permit: id(n),
        decision: decision(),
        effect: document(),
        into: ClauseRef {
            rule: rule(40),
            clause: ClauseNumber(3.try_into().unwrap()),
        },
        note: note(),
    });
    scene.apply(Event::ExceptionRegularised { step });
    ended(scene, n, EndKind::Regularised);
}

pub fn stopped(scene: &mut Scene, n: u32) {
    let step = Box::new(Stopped {
        permit: id(n),
        decision: decision(),
        effect: document(),
        note: note(),
    });
    scene.apply(Event::ExceptionStopped { step });
    ended(scene, n, EndKind::Revoked);
}

/// Its end is put off by a day, so many times.
fn renewed(scene: &mut Scene, n: u32, times: u32) {
    for _ in 0..times {
        let known = scene.world.permits.get(id(n)).unwrap();
        let until = known.grant().unwrap().term.until.after(Span::days(1));
        let asked = Box::new(ExtensionAsked {
            permit: id(n),
            until,
            route: route(),
            reason: sealed(),
        });
        scene.apply(Event::PermitExtensionAsked { step: asked });
        scene.apply(Event::PermitExtended {
            step: Extended {
                permit: id(n),
                until,
                deadlines: Deadlines::default(),
                decision: decision(),
            },
        });
    }
}

fn take_out(scene: &mut Scene, n: u32) {
    let device = scene.enrol(DeviceClass::Issued);
    let particulars = Particulars::TakeOut(TakeOut {
        device,
        destination: Destination::Home,
        grade: "C2I1A1".parse().unwrap(),
    });
    give(scene, n, particulars, 5, until(30));
}

fn finding(scene: &Scene, row_id: &str) -> Option<(u32, Option<String>)> {
    let assessment = scene.assess();
    let found = row(&assessment, row_id).verdict.finding.clone()?;
    Some((
        found.counts.fail,
        found.reason.map(|it| it.code.to_string()),
    ))
}

pub const ROWS: [(Profile, &str, &str); 2] = [
    (Profile::Gov, "GOV-2-c", "GOV-2-d"),
    (Profile::Ci, "CI-2-c", "CI-2-d"),
];

#[test]
fn that_there_is_no_exception_says_something_only_where_permits_are_given() {
    for (profile, reviewed, regular) in ROWS {
        let mut scene = Scene::new(profile);
        let unknown = (Verdict::Unknown, "permit.none".to_owned());
        assert_eq!(said(&scene, reviewed), unknown);
        assert_eq!(said(&scene, regular), unknown);
        take_out(&mut scene, 1);
        // The machine part is in order, and the owner's word is asked for beside it.
        assert_eq!(said(&scene, reviewed).1, "attestation.missing");
        assert_eq!(said(&scene, regular).1, "attestation.missing");
    }
}

#[test]
fn an_exception_past_its_date_fails_until_somebody_looks_at_it_ended_or_not() {
    for (profile, row_id, _) in ROWS {
        let mut scene = Scene::new(profile);
        give(&mut scene, 1, exception(None, 3, &[]), 30, until(30));
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
        give(&mut scene, 2, exception(None, -3, &[]), 30, until(30));
        let past = (Verdict::NotMet, "permit.exceptions-past-review".to_owned());
        assert_eq!(said(&scene, row_id), past);
        let assessment = scene.assess();
        let concerned = &row(&assessment, row_id).concerned;
        let named: Vec<Thing> = concerned.iter().map(|it| it.what).collect();
        assert_eq!(named, [Thing::Permit(id(2))]);
        reviewed(
            &mut scene,
            2,
            Judgement::NotClear,
            &[],
            NOW.before(Span::days(1)),
        );
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
        // It ran out without anybody having looked at it.
        give(&mut scene, 3, exception(None, -20, &[]), 50, over(10));
        assert_eq!(said(&scene, row_id), past);
        reviewed(
            &mut scene,
            3,
            Judgement::NotEffective,
            &[],
            NOW.before(Span::days(1)),
        );
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
    }
}

#[test]
fn an_exception_that_ends_before_its_date_is_not_in_order_while_nobody_looked_at_it() {
    for (profile, row_id, _) in ROWS {
        let mut scene = Scene::new(profile);
        give(&mut scene, 1, exception(None, 20, &[]), 30, until(30));
        ended(&mut scene, 1, EndKind::Returned);
        let wanted = (Verdict::Unknown, "exception.ended-to-review".to_owned());
        assert_eq!(said(&scene, row_id), wanted);
        let later = scene.assess_at(NOW.after(Span::days(9)));
        let verdict = &row(&later, row_id).verdict;
        let past = (Verdict::NotMet, "permit.exceptions-past-review");
        assert_eq!((verdict.verdict, &*verdict.reason.code), past);
        reviewed(&mut scene, 1, Judgement::NotClear, &[], NOW);
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
    }
}

#[test]
fn what_works_does_not_stay_an_exception() {
    for (profile, _, row_id) in ROWS {
        let mut scene = Scene::new(profile);
        let device = scene.enrol(DeviceClass::Issued);
        let bound = exception(Some(device), 10, &["firewall: 断る"]);
        give(&mut scene, 1, bound, 30, until(30));
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
        reviewed(
            &mut scene,
            1,
            Judgement::Effective,
            &[],
            NOW.before(Span::days(2)),
        );
        let left = (Verdict::NotMet, "exception.not-regular".to_owned());
        assert_eq!(said(&scene, row_id), left);
        // Necessary for infrastructure operators; for government bodies it is advised.
        let force = row_force(&scene, row_id);
        let fails = sets_exit_code(force, Verdict::NotMet, false);
        assert_eq!(fails, profile == Profile::Ci);

        regularised(&mut scene, 1);
        let unknown = (Verdict::Unknown, "exception.regular-unknown".to_owned());
        assert_eq!(said(&scene, row_id), unknown);
        scene.result(device, DeviceCheck::Firewall, Outcome::Fail);
        assert_eq!(said(&scene, row_id), left);
        scene.result(device, DeviceCheck::Firewall, Outcome::Pass);
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
        // A result that is not fresh any more is not known.
        let later = scene.assess_at(NOW.after(Span::days(2)));
        assert_eq!(row(&later, row_id).verdict.verdict, Verdict::Unknown);
    }
}

pub fn row_force(scene: &Scene, id: &str) -> sekisho_domain::requirement::Force {
    let mut rows = scene.catalogue.rows().iter();
    rows.find(|row| row.id.as_str() == id).unwrap().force
}

#[test]
fn an_exception_that_is_late_or_stopped_is_told_apart() {
    let mut scene = Scene::new(Profile::Ci);
    give(&mut scene, 1, exception(None, -3, &[]), 30, until(30));
    let unknown = (Verdict::Unknown, "exception.regular-unknown".to_owned());
    assert_eq!(said(&scene, "CI-2-d"), unknown);
    stopped(&mut scene, 1);
    assert_eq!(said(&scene, "CI-2-c").1, "attestation.missing");
    assert_eq!(said(&scene, "CI-2-d").1, "attestation.missing");
}

#[test]
fn our_own_limit_is_a_finding_and_no_demand_of_the_notice() {
    let mut scene = Scene::new(Profile::Gov);
    give(&mut scene, 1, exception(None, 10, &[]), 30, until(30));
    assert_eq!(finding(&scene, "GOV-2-d"), Some((0, None)));
    renewed(&mut scene, 1, 1);
    assert_eq!(finding(&scene, "GOV-2-d"), Some((0, None)));
    renewed(&mut scene, 1, 1);
    let undecided = Some("exception.undecided".to_owned());
    assert_eq!(finding(&scene, "GOV-2-d"), Some((1, undecided.clone())));
    assert_eq!(said(&scene, "GOV-2-d").1, "attestation.missing");
    // Deciding again is neither ordinary operation nor an end.
    let step = Box::new(DecidedAgain {
        permit: id(1),
        decision: decision(),
        effect: document(),
        until: None,
        next: NOW.after(Span::days(9)).jst_date(),
        note: note(),
        for_everybody: false,
    });
    scene.apply(Event::ExceptionDecidedAgain { step });
    assert_eq!(finding(&scene, "GOV-2-d"), Some((1, undecided.clone())));
    stopped(&mut scene, 1);
    assert_eq!(finding(&scene, "GOV-2-d"), None);
    // More than ninety days.
    let mut scene = Scene::new(Profile::Gov);
    give(&mut scene, 2, exception(None, 10, &[]), 30, until(60));
    assert_eq!(finding(&scene, "GOV-2-d"), Some((0, None)));
    let later = scene.assess_at(NOW.after(Span::days(51)));
    let found = row(&later, "GOV-2-d").verdict.finding.clone().unwrap();
    assert_eq!(found.counts.fail, 1);
}

#[test]
fn measures_hold_by_fresh_checks_on_every_device_and_by_words_that_stand() {
    let mut scene = Scene::new(Profile::Gov);
    let (one, other) = (
        scene.enrol(DeviceClass::Issued),
        scene.enrol(DeviceClass::Issued),
    );
    let particulars = Exception {
        devices: vec![other],
        ..match exception(Some(one), 10, &["firewall, lines: 断る", "二人で行う"]) {
            Particulars::Exception(it) => it,
            _ => unreachable!(),
        }
    };
    give(
        &mut scene,
        1,
        Particulars::Exception(particulars),
        30,
        until(30),
    );
    let standing = |scene: &Scene, at| -> Vec<MeasureStanding> {
        let permit = scene.world.permits.get(id(1)).unwrap();
        let found = measures(&scene.world, &scene.posture, permit, at);
        found.iter().map(|it| it.standing).collect()
    };
    use MeasureStanding::{Fails, Holds, Unknown};
    assert_eq!(standing(&scene, NOW), [Unknown, Unknown]);
    for (device, check) in [
        (one, DeviceCheck::Firewall),
        (one, DeviceCheck::Lines),
        (other, DeviceCheck::Firewall),
    ] {
        scene.result(device, check, Outcome::Pass);
        assert_eq!(standing(&scene, NOW)[0], Unknown);
    }
    scene.result(other, DeviceCheck::Lines, Outcome::Fail);
    assert_eq!(standing(&scene, NOW)[0], Fails);
    scene.result(other, DeviceCheck::Lines, Outcome::Pass);
    assert_eq!(standing(&scene, NOW), [Holds, Unknown]);
    reviewed(
        &mut scene,
        1,
        Judgement::NotClear,
        &[1],
        NOW.before(Span::days(1)),
    );
    assert_eq!(standing(&scene, NOW), [Holds, Holds]);
    // Neither lasts for ever.
    assert_eq!(standing(&scene, NOW.after(Span::days(1))), [Unknown, Holds]);
    assert_eq!(
        standing(&scene, NOW.after(Span::days(90))),
        [Unknown, Unknown]
    );
}

#[test]
fn nothing_asked_is_not_taken_for_no_use() {
    let mut scene = Scene::new(Profile::Gov);
    give(&mut scene, 1, exception(None, 10, &[]), 30, until(30));
    let permit = scene.world.permits.get(id(1)).unwrap();
    let effect = measure(&scene.world, &scene.posture, permit, None, NOW).unwrap();
    assert_eq!(effect.uses, None);
    assert_eq!((effect.days(), effect.renewed), (40, 0));
    assert!(!effect.measures_hold());
    assert_eq!(effect.incidents, Vec::<IncidentId>::new());
    let none = Particulars::TakeOut(TakeOut {
        device: DeviceId::new(fresh(1, 99)),
        destination: Destination::Home,
        grade: "C2I1A1".parse().unwrap(),
    });
    give(&mut scene, 2, none, 5, until(30));
    let other = scene.world.permits.get(id(2)).unwrap();
    assert_eq!(
        measure(&scene.world, &scene.posture, other, None, NOW),
        None
    );
}

#[test]
fn how_often_one_person_used_an_exception_is_not_told() {
    let of = |people| Uses {
        since: NOW,
        answers: 20,
        days: 3,
        people,
        cut: false,
    };
    assert_eq!(of(0).told(), None);
    assert_eq!(of(1).told(), None);
    assert_eq!(of(2).told(), Some((20, 3)));
}

fn colleague() -> PersonId {
    PersonId::new(fresh(6, 901))
}

fn stranger() -> PersonId {
    PersonId::new(fresh(6, 902))
}

fn bureau() -> UnitId {
    UnitId::new(fresh(2, 1))
}

/// A line that was joined yesterday: by whom, how often, and whether that rested on an exception.
fn joined(person: PersonId, times: u64, rested: Option<bool>) -> Answered {
    let at = NOW.before(Span::days(1));
    Answered {
        question: Question {
            person: Some(person),
            device: None,
            act: Act::Join {
                line: LineId::new(fresh(21, 0)),
                outing: Outing::None,
            },
            origin: Origin {
                place: Place::ControlledArea,
                line: None,
            },
            task: None,
            grade: Some("C1I1A1".parse().unwrap()),
        },
        first: at,
        last: at,
        times,
        rested,
    }
}

/// Three people with a device each, one of them in the bureau.
fn three() -> Scene {
    let mut scene = Scene::new(Profile::Gov);
    let valid = Interval::starting(NOW.before(Span::days(90)));
    scene.apply(Event::UnitFounded {
        unit: Unit::founded(bureau(), Some(UnitId::new(fresh(2, 0))), name("局"), valid),
    });
    for (person, unit) in [
        (person(), UnitId::new(fresh(2, 0))),
        (colleague(), bureau()),
        (stranger(), UnitId::new(fresh(2, 0))),
    ] {
        scene.apply(Event::PersonRegistered {
            person,
            unit,
            profile: sealed(),
        });
    }
    for (n, user) in [person(), colleague(), stranger()].into_iter().enumerate() {
        let ordinal = u32::try_from(n).unwrap();
        let unit = scene.world.people[&user];
        scene.apply(Event::DeviceEnrolled {
            device: crate::fixture::device(ordinal),
            ordinal,
            key: DeviceKey::try_from(format!("{ordinal:0>44}")).unwrap(),
            class: DeviceClass::Issued,
            unit,
            user: Some(user),
        });
    }
    scene
}

fn bare(measures: &[&str]) -> Exception {
    match exception(None, 10, measures) {
        Particulars::Exception(bare) => bare,
        _ => panic!("an exception"),
    }
}

#[test]
fn what_exceptions_look_at_in_common_stands_as_of_each_by_itself() {
    use MeasureStanding::{Fails, Holds, Unknown};
    let mut scene = three();
    let devices = [0, 1, 2].map(crate::fixture::device);
    // The stranger's has no firewall; of the applicant's nobody knows which lines it joined.
    for (device, check, outcome) in [
        (0, DeviceCheck::Firewall, Outcome::Pass),
        (1, DeviceCheck::Firewall, Outcome::Pass),
        (2, DeviceCheck::Firewall, Outcome::Fail),
        (1, DeviceCheck::Lines, Outcome::Pass),
        (2, DeviceCheck::Lines, Outcome::Pass),
    ] {
        scene.result(devices[device], check, outcome);
    }
    let of = |people: &[PersonId], unit, device| Exception {
        people: people.to_vec(),
        unit,
        device,
        ..bare(&["firewall: 断る", "lines: 断る"])
    };
    let whole = UnitId::new(fresh(2, 0));
    let table = [
        (of(&[], None, None), [Fails, Unknown]),
        (of(&[], Some(bureau()), None), [Holds, Holds]),
        (of(&[], Some(whole), None), [Fails, Unknown]),
        (of(&[colleague()], None, None), [Holds, Unknown]),
        (of(&[stranger()], None, None), [Fails, Unknown]),
        (of(&[], None, Some(devices[2])), [Fails, Holds]),
        // Once more, when it is known.
        (of(&[], Some(bureau()), None), [Holds, Holds]),
    ];
    for (n, (exception, _)) in (1..).zip(&table) {
        let particulars = Particulars::Exception(exception.clone());
        give(&mut scene, n, particulars, 30, until(30));
    }
    let mut standings = Standings::new(&scene.world, &scene.posture, NOW);
    for (n, (_, expected)) in (1..).zip(&table) {
        let permit = scene.world.permits.get(id(n)).unwrap();
        let found = standings.measures(permit);
        let stand: Vec<MeasureStanding> = found.iter().map(|it| it.standing).collect();
        assert_eq!(stand, expected, "{n}");
        let alone = measures(&scene.world, &scene.posture, permit, NOW);
        assert_eq!(found, alone, "{n}");
    }
}

/// How often it was used and by how many, and on how many devices its measures are looked at.
fn used(people: &[PersonId], unit: Option<UnitId>, answers: &[Answered]) -> (u64, u32, u32) {
    let mut scene = three();
    let particulars = Exception {
        people: people.to_vec(),
        unit,
        ..bare(&[])
    };
    give(
        &mut scene,
        1,
        Particulars::Exception(particulars),
        30,
        until(30),
    );
    let permit = scene.world.permits.get(id(1)).unwrap();
    let since = NOW.before(Span::days(30));
    let mut counting = Counting::new(permit, since, NOW).unwrap();
    for answered in answers {
        counting.take(&scene.world, permit, answered);
    }
    let uses = counting.uses();
    assert_eq!((uses.since, uses.cut), (since, false));
    let told = Some(uses.clone());
    let effect = measure(&scene.world, &scene.posture, permit, told, NOW).unwrap();
    counting.cut();
    assert!(counting.uses().cut);
    (uses.answers, uses.people, effect.devices)
}

#[test]
fn uses_are_those_of_whom_an_exception_covers_and_not_of_its_applicant_alone() {
    let all = [
        joined(person(), 1, Some(true)),
        joined(colleague(), 20, Some(true)),
        joined(stranger(), 300, None),
    ];
    assert_eq!(used(&[], None, &all), (321, 3, 3));
    assert_eq!(used(&[], Some(bureau()), &all), (20, 1, 1));
    assert_eq!(used(&[colleague()], None, &all), (21, 2, 2));
    // The unit narrows it for those who are named as well, its applicant included.
    assert_eq!(used(&[colleague(), stranger()], Some(bureau()), &all).0, 20);
}

#[test]
fn what_would_have_been_allowed_without_an_exception_is_no_use_of_it() {
    let all = [
        joined(person(), 1, Some(true)),
        joined(person(), 20, Some(false)),
        joined(colleague(), 300, Some(false)),
    ];
    for people in [vec![], vec![colleague()]] {
        let (answers, by, _) = used(&people, None, &all);
        assert_eq!((answers, by), (1, 1), "{people:?}");
    }
}
