//! Risk assessments in force, and what they put in the way of access.

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::BlobRef;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PermitId, RiskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_domain::plan::{CaseScope, Conclusion, RiskLevel};
use sekisho_domain::risk::{
    Condition, Lowered, Rank, RiskContent, RiskResult, RiskSubject, RiskVersion, Scenario,
    TaskLimit, Treatment,
};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{Bar, Decision, Denied, Fix, Missing, Rulebook};

use super::fixes::Dice;
use super::scene::{Office, device, exception, highest, reach, task, unit};
use crate::fixture::{NOW, fresh};

fn version(number: u32, subject: RiskSubject, treatments: Vec<Treatment>) -> RiskVersion {
    let by = Actor::Operator;
    RiskVersion {
        risk: RiskId::new(fresh(80, number)),
        content: RiskContent {
            subject,
            grade: highest(),
            places: vec![TeleworkPlace::Home],
            cases: Vec::new(),
            answers: std::collections::BTreeMap::new(),
            raised: Vec::new(),
            lowered: Vec::new(),
            conclusion: Conclusion::Measures,
            reason: Line::parse("紛失が続いたため").unwrap(),
            treatments,
        },
        frozen: BlobRef {
            blob: String::new(),
            size: 0,
        },
        result: RiskResult {
            importance: Rank::Three,
            scenarios: Vec::new(),
            risk: 9,
            level: RiskLevel::High,
        },
        frozen_at: NOW,
        by: by.clone(),
        proposed_by: by.clone(),
        approved_by: by,
        approved_at: NOW,
        supersedes: None,
        superseded_at: None,
    }
}

fn put(office: &mut Office, version: RiskVersion) {
    let risks = &mut office.scene.world.risks;
    let (subject, id) = (version.content.subject, version.risk);
    risks.current.insert(subject, id);
    risks.limiting.insert(subject, id);
    risks.approved.insert(id, version);
}

fn treatment(dice: &mut Dice) -> Treatment {
    let ceiling = dice.one_in(2).then(|| dice.of(&Grade::all()));
    let places = match dice.roll(3) {
        0 => vec![TeleworkPlace::Home],
        1 => vec![TeleworkPlace::SatelliteOffice],
        _ => Vec::new(),
    };
    match dice.roll(5) {
        0 => Treatment::Stop,
        1 => Treatment::Limit(TaskLimit { ceiling, places }),
        2 => Treatment::Measure {
            check: dice.of(&DeviceCheck::ALL),
        },
        3 => {
            // It is nine o'clock in Japan.
            let (from_hour, until_hour) =
                dice.of(&[(None, None), (Some(8), Some(12)), (Some(10), None)]);
            Treatment::Condition(Condition {
                ceiling,
                places,
                from_hour,
                until_hour,
                ..Condition::default()
            })
        }
        _ => Treatment::Accept {
            until: dice.of(&[NOW, NOW.after(Span::days(1))]),
        },
    }
}

/// Some assessments with random treatments: of the task, of a unit, of the whole.
pub fn assessed(office: &mut Office, dice: &mut Dice) {
    let subjects = [
        RiskSubject::Task(task()),
        RiskSubject::Tasks(CaseScope::Unit(unit())),
        RiskSubject::Tasks(CaseScope::Body),
    ];
    for number in 0..=u32::try_from(dice.roll(2)).unwrap() {
        let treatments = (0..dice.roll(3)).map(|_| treatment(dice)).collect();
        let subject = dice.of(&subjects);
        put(office, version(number, subject, treatments));
    }
}

/// The risk was looked at again: nothing is in the way any more.
pub fn reviewed(office: &mut Office, risk: RiskId) {
    let risks = &mut office.scene.world.risks;
    risks.limiting.retain(|_, id| *id != risk);
}

fn ready() -> (Office, Rulebook) {
    let mut office = Office::without_permits(DeviceClass::Issued, "C2I1A1".parse().unwrap());
    let asked = reach(Place::OutsideOrganisation);
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::OffSite,
        PermitKind::RemoteAccess,
        PermitKind::Line,
    ] {
        office.give(kind, &asked);
    }
    (office, Rulebook::built_in().unwrap())
}

/// What is missing, with and without the task being named.
fn asked(office: &Office, book: &Rulebook) -> [Vec<Missing>; 2] {
    let unnamed = reach(Place::OutsideOrganisation);
    let mut named = unnamed.clone();
    named.task = Some(task());
    [named, unnamed].map(|question| match office.decide(book, &question) {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => missing,
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    })
}

fn bars(missing: &[Missing]) -> Vec<Bar> {
    let risks = missing.iter().flat_map(|it| &it.risks);
    let mut bars: Vec<Bar> = Vec::new();
    for it in risks {
        if !bars.contains(&it.bar) {
            bars.push(it.bar);
        }
    }
    bars
}

#[test]
fn a_treatment_is_in_the_next_decision_whether_the_task_is_named_or_comes_by_a_permit() {
    let check = DeviceCheck::DiskEncryption;
    let ceiling = Some("C1I1A1".parse().unwrap());
    let cases = [
        (Treatment::Stop, Bar::Stopped, "GOV-1-i"),
        (
            Treatment::Limit(TaskLimit {
                ceiling,
                places: Vec::new(),
            }),
            Bar::Limited,
            "GOV-1-i",
        ),
        (Treatment::Measure { check }, Bar::Measure(check), "GOV-1-j"),
        (
            Treatment::Condition(Condition {
                places: vec![TeleworkPlace::SatelliteOffice],
                ..Condition::default()
            }),
            Bar::Condition,
            "GOV-1-k",
        ),
        (
            Treatment::Condition(Condition {
                from_hour: Some(10),
                ..Condition::default()
            }),
            Bar::Condition,
            "GOV-1-k",
        ),
        (Treatment::Accept { until: NOW }, Bar::Stopped, "GOV-1-i"),
    ];
    for (treatment, bar, clause) in cases {
        let (mut office, book) = ready();
        assert_eq!(asked(&office, &book), [Vec::new(), Vec::new()]);
        office.result(device(), check, Outcome::Fail);
        let before = asked(&office, &book);
        let risk = version(0, RiskSubject::Task(task()), vec![treatment.clone()]);
        let id = risk.risk;
        put(&mut office, risk);
        for (missing, before) in asked(&office, &book).iter().zip(before) {
            assert_eq!(bars(missing), [bar], "{treatment:?}");
            assert_eq!(bar.clause(), clause);
            let its: Vec<&Missing> = missing.iter().filter(|it| !it.risks.is_empty()).collect();
            for it in its {
                assert!(it.risks.iter().all(|it| it.risk == id));
                assert!(it.grantor.is_some(), "{it:?}");
                let fix = match bar {
                    Bar::Measure(check) => Fix::Check(device(), check),
                    _ => Fix::ReviewRisk(id),
                };
                assert_eq!(it.fixes, [fix], "{treatment:?}");
            }
            assert!(missing.len() > before.len(), "{treatment:?}");
        }
        reviewed(&mut office, id);
        office.result(device(), check, Outcome::Pass);
        assert_eq!(asked(&office, &book), [Vec::new(), Vec::new()]);
    }
}

#[test]
fn the_least_limit_that_is_taken_changes_the_decision_and_what_narrows_nothing_does_not() {
    let limit = |ceiling: Option<&str>, places: &[TeleworkPlace]| TaskLimit {
        ceiling: ceiling.map(|it| it.parse().unwrap()),
        places: places.to_vec(),
    };
    let elsewhere = [
        TeleworkPlace::SatelliteOffice,
        TeleworkPlace::Travelling,
        TeleworkPlace::Other,
    ];
    // What is reached is of C2I1A1, and the permit is for home.
    let reached: Grade = "C2I1A1".parse().unwrap();
    for (limit, narrows) in [
        (limit(Some("C2I1A1"), &[]), false),
        (limit(Some("C3I2A2"), &[]), false),
        (limit(None, TeleworkPlace::ALL), false),
        (limit(Some("C1I2A2"), &[]), true),
        (limit(None, &elsewhere), true),
    ] {
        let said = limit.narrows(reached, TeleworkPlace::ALL);
        assert_eq!(said, narrows, "{limit:?}");
        let (mut office, book) = ready();
        let treatments = vec![Treatment::Limit(limit.clone())];
        put(
            &mut office,
            version(0, RiskSubject::Task(task()), treatments),
        );
        let expected: &[Bar] = if narrows { &[Bar::Limited] } else { &[] };
        for missing in asked(&office, &book) {
            assert_eq!(bars(&missing), expected, "{limit:?}");
        }
    }
}

#[test]
fn a_risk_that_an_exception_made_less_stops_the_task_when_the_exception_is_over() {
    let (mut office, book) = ready();
    let low = |permit: Option<PermitId>| {
        let mut risk = version(0, RiskSubject::Task(task()), Vec::new());
        risk.result.level = RiskLevel::Low;
        risk.content.lowered.extend(permit.map(|permit| Lowered {
            scenario: Scenario::Loss,
            to: Rank::One,
            permit,
        }));
        risk
    };
    put(&mut office, low(None));
    assert_eq!(asked(&office, &book), [Vec::new(), Vec::new()]);
    put(&mut office, low(Some(PermitId::new(fresh(8, 977)))));
    for missing in asked(&office, &book) {
        assert_eq!(bars(&missing), [Bar::Stopped]);
    }
    let said = exception("US-8.1.1-3-e", Place::OutsideOrganisation);
    let term = office.term();
    let permit = office.apply(said, Some(highest()), term);
    office.approve(permit);
    office.take_up(permit);
    put(&mut office, low(Some(permit)));
    assert_eq!(asked(&office, &book), [Vec::new(), Vec::new()]);
}

#[test]
fn inside_the_controlled_area_and_for_other_tasks_nothing_is_in_the_way() {
    let (mut office, book) = ready();
    put(
        &mut office,
        version(0, RiskSubject::Task(task()), vec![Treatment::Stop]),
    );
    let mut inside = reach(Place::ControlledArea);
    inside.task = Some(task());
    assert!(office.decide(&book, &inside).is_allowed());
    let (mut office, book) = ready();
    let other = sekisho_domain::id::TaskId::new(fresh(22, 9));
    put(
        &mut office,
        version(0, RiskSubject::Task(other), vec![Treatment::Stop]),
    );
    assert_eq!(asked(&office, &book), [Vec::new(), Vec::new()]);
}

#[test]
fn what_stands_only_for_a_time_ends_the_answer_with_it() {
    let (mut office, book) = ready();
    let until = NOW.after(Span::hours(5));
    let accept = Treatment::Accept { until };
    put(
        &mut office,
        version(0, RiskSubject::Tasks(CaseScope::Body), vec![accept]),
    );
    let answer = |office: &Office| match office.decide(&book, &reach(Place::OutsideOrganisation)) {
        Decision::Allow(allowed) => allowed.until,
        Decision::Deny(denied) => panic!("{denied:?}"),
    };
    assert_eq!(answer(&office), Some(until));
    office.scene.world.risks = sekisho_domain::world::Risks::default();
    let hours = Treatment::Condition(Condition {
        until_hour: Some(10),
        ..Condition::default()
    });
    put(
        &mut office,
        version(1, RiskSubject::Task(task()), vec![hours]),
    );
    // It is nine o'clock in Japan.
    assert!(answer(&office).is_some_and(|it| it <= NOW.after(Span::hours(1))));
    // Hours that are said to begin alone close at midnight all the same.
    office.scene.world.risks = sekisho_domain::world::Risks::default();
    let hours = Treatment::Condition(Condition {
        from_hour: Some(8),
        ..Condition::default()
    });
    put(
        &mut office,
        version(2, RiskSubject::Task(task()), vec![hours]),
    );
    assert!(answer(&office).is_some_and(|it| it <= NOW.after(Span::hours(15))));
}
