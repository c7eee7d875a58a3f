//! The method of risk assessment: its table cell by cell, that it is monotone, that it replays; and the rows
//! that assessments answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::event::BlobRef;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{PermitId, RiskId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::{Exception, TeleworkPlace};
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::plan::{CaseScope, Conclusion, PlanContent, PlanDecision, PlanLine, RiskLevel};
use sekisho_domain::profile::Profile;
use sekisho_domain::risk::{
    Answer, Bind, Bound, Condition, FactKind, Inputs, Lowered, Question, Raised, Rank, RiskContent,
    RiskSubject, RiskTable, RiskVersion, Scenario, ThreatFact, Treatment, decode_inputs,
    encode_inputs,
};
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::assess::Thing;
use sekisho_rules::risk::{
    FiveLevels, LossFault, LossModel, METHOD, Replay, assess, built_in_table, five_levels,
    importance, read_table, replay, simulate, threat, weakness,
};

use crate::fixture::{NOW, Scene, fresh, row};
use crate::permits::{give, over, until};
use crate::plan::in_force_and_evaluated;
use crate::plan_permits::{line, telework};

fn table() -> RiskTable {
    built_in_table().unwrap().0
}

fn grade(text: &str) -> Grade {
    text.parse().unwrap()
}

fn bound(pass: u32, fail: u32, stale: u32, unknown: u32) -> Bound {
    Bound {
        what: Bind::Device(DeviceCheck::ScreenLock),
        pass,
        fail,
        stale,
        unknown,
        oldest: None,
    }
}

/// Everything measured and in order.
pub fn inputs(of: &str) -> Inputs {
    let (table, table_digest) = built_in_table().unwrap();
    let answers = Question::ALL.iter().map(|it| (*it, Answer::No));
    let bound = Scenario::ALL
        .iter()
        .map(|it| (*it, vec![bound(20, 0, 0, 0)]));
    Inputs {
        method: METHOD,
        table_digest,
        measured_at: NOW,
        subject: RiskSubject::Tasks(CaseScope::Body),
        grade: grade(of),
        places: vec![TeleworkPlace::Home],
        tasks: 1,
        devices: 20,
        facts: BTreeMap::new(),
        bound: bound.collect(),
        unmeasured: BTreeSet::new(),
        answers: answers.collect(),
        raised: Vec::new(),
        lowered: Vec::new(),
        table,
    }
}

#[test]
fn importance_follows_the_classes_of_permission_in_all_twelve_gradings() {
    for grade in Grade::all() {
        let text = grade.to_string();
        let expected = if text.contains("C3") || text.contains("I2") || text.contains("A2") {
            3
        } else if text.contains("C2") {
            2
        } else {
            1
        };
        assert_eq!(importance(grade).number(), expected, "{text}");
    }
}

#[test]
fn the_table_is_that_of_the_method_cell_by_cell() {
    let table = table();
    // Rows: threat 3, 2, 1; columns: weakness 3, 2, 1 (requirements.md 3.1).
    let expected = [[3, 2, 1], [2, 1, 1], [1, 1, 1]];
    let down = [Rank::Three, Rank::Two, Rank::One];
    for (row, threat) in expected.iter().zip(down) {
        for (cell, weakness) in row.iter().zip(down) {
            assert_eq!(table.likelihood(threat, weakness).number(), *cell);
        }
    }
    let levels = [
        (1, "low"),
        (2, "low"),
        (3, "medium"),
        (4, "medium"),
        (6, "high"),
        (9, "high"),
    ];
    for (risk, level) in levels {
        assert_eq!(table.level(risk).code(), level, "{risk}");
    }
    assert_eq!((table.few, table.within_days), (100, 90));
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let text = include_str!("../../../../catalog/risk.toml");
    assert!(read_table(text).is_ok());
    for (from, to) in [
        ("[[3, 2, 1], [2, 1, 1]", "[[2, 2, 1], [3, 1, 1]"),
        ("[3, 2, 1]", "[1, 2, 3]"),
        ("high = 6", "high = 3"),
        ("medium = 3", "medium = 0"),
        ("code = \"misuse\"", "code = \"loss\""),
        ("few = 100", "few = 1000"),
        ("threat = 2", "threat = 4"),
        ("within_days", "with_in"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(read_table(&text.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn a_weakness_is_measured_and_what_nobody_measures_is_the_weakest() {
    let table = table();
    let of = |list: &[Bound], importance| weakness(&table, list, importance).number();
    assert_eq!(of(&[], Rank::One), 3);
    assert_eq!(of(&[bound(0, 0, 0, 0)], Rank::One), 3);
    assert_eq!(of(&[bound(5, 0, 0, 0)], Rank::Three), 1);
    // One of ten: up to a tenth, and never on a task of the highest importance.
    for short in [bound(9, 1, 0, 0), bound(9, 0, 1, 0)] {
        assert_eq!(of(std::slice::from_ref(&short), Rank::Two), 2, "{short:?}");
        assert_eq!(
            of(std::slice::from_ref(&short), Rank::Three),
            3,
            "{short:?}"
        );
        // The worst check counts.
        assert_eq!(of(&[bound(9, 0, 0, 0), short], Rank::One), 2);
    }
    assert_eq!(of(&[bound(8, 1, 0, 0)], Rank::One), 3);
    // What is not known is the weakest, however little of it there is.
    assert_eq!(of(&[bound(99, 0, 0, 1)], Rank::One), 3);
    assert_eq!(of(&[bound(0, 0, 9, 0)], Rank::One), 3);
}

#[test]
fn a_threat_is_raised_one_step_by_facts_however_many() {
    assert_eq!(threat(Rank::One, 0), Rank::One);
    assert_eq!(threat(Rank::One, 1), Rank::Two);
    assert_eq!(threat(Rank::One, 9), Rank::Two);
    assert_eq!(threat(Rank::Three, 1), Rank::Three);
}

#[test]
fn the_highest_scenario_is_the_risk() {
    // All measured and in order: likelihood 1 everywhere.
    let calm = assess(&inputs("C3I2A2"));
    assert_eq!((calm.risk, calm.level), (3, RiskLevel::Medium));
    assert_eq!(assess(&inputs("C1I1A1")).risk, 1);
    let mut one = inputs("C3I2A2");
    one.bound.remove(&Scenario::Malware);
    let found = assess(&one);
    assert_eq!((found.risk, found.level), (9, RiskLevel::High));
    assert_eq!(found.gravest().unwrap().scenario, Scenario::Malware);
    let five = five_levels(&found);
    assert_eq!(
        five,
        (FiveLevels::High, FiveLevels::High, FiveLevels::VeryHigh)
    );
}

#[test]
fn an_answer_that_is_not_no_raises_and_only_an_exception_lowers() {
    let of = |inputs: &Inputs, scenario| {
        let found = assess(inputs);
        let it = found.scenarios.iter().find(|it| it.scenario == scenario);
        it.unwrap().weakness.number()
    };
    let mut asked = inputs("C2I1A1");
    assert_eq!(of(&asked, Scenario::Peeping), 1);
    asked.answers.insert(Question::Overlooked, Answer::Unknown);
    assert_eq!(of(&asked, Scenario::Peeping), 3);
    asked.answers.remove(&Question::Overlooked);
    assert_eq!(of(&asked, Scenario::Peeping), 3);
    let mut by_hand = inputs("C2I1A1");
    let raise = |to| Raised {
        scenario: Scenario::Loss,
        to,
        reason: Line::parse("置き忘れが多い").unwrap(),
    };
    by_hand.raised = vec![raise(Rank::Two)];
    assert_eq!(of(&by_hand, Scenario::Loss), 2);
    // By hand nothing goes down.
    by_hand.bound.remove(&Scenario::Loss);
    by_hand.raised = vec![raise(Rank::One)];
    assert_eq!(of(&by_hand, Scenario::Loss), 3);
    by_hand.lowered = vec![Lowered {
        scenario: Scenario::Loss,
        to: Rank::Two,
        permit: PermitId::new(fresh(8, 1)),
    }];
    assert_eq!(of(&by_hand, Scenario::Loss), 2);
}

fn any_rank() -> impl Strategy<Value = Rank> {
    prop::sample::select(Rank::ALL.to_vec())
}

prop_compose! {
    fn any_inputs()(
        place in 0..12usize,
        counts in prop::collection::vec((0..30u32, 0..4u32, 0..4u32, 0..4u32), 8),
        measured in prop::collection::vec(any::<bool>(), 8),
        facts in prop::collection::vec(0..3usize, 8),
        answers in prop::collection::vec(0..4usize, 3),
        raised in prop::option::of((0..8usize, any_rank())),
        lowered in prop::option::of((0..8usize, any_rank())),
    ) -> Inputs {
        let mut it = inputs("C1I1A1");
        it.grade = Grade::all()[place];
        it.bound.clear();
        for (at, scenario) in Scenario::ALL.iter().enumerate() {
            if measured[at] {
                let (pass, fail, stale, unknown) = counts[at];
                it.bound.insert(*scenario, vec![bound(pass, fail, stale, unknown)]);
            }
            let found = (0..facts[at]).map(|n| ThreatFact {
                kind: FactKind::Incident,
                subject: n.to_string(),
                at: NOW,
            });
            it.facts.insert(*scenario, found.collect());
        }
        it.answers.clear();
        for (question, at) in Question::ALL.iter().zip(answers) {
            if let Some(answer) = Answer::ALL.get(at) {
                it.answers.insert(*question, *answer);
            }
        }
        let reason = Line::parse("実情のため").unwrap();
        it.raised.extend(raised.map(|(at, to)| Raised { scenario: Scenario::ALL[at], to, reason }));
        it.lowered.extend(lowered.map(|(at, to)| Lowered {
            scenario: Scenario::ALL[at],
            to,
            permit: PermitId::new(fresh(8, 2)),
        }));
        it
    }
}

proptest! {
    #[test]
    fn a_frozen_record_gives_the_same_number_when_it_is_replayed(it in any_inputs()) {
        let result = assess(&it);
        let document = encode_inputs(&it);
        prop_assert_eq!(decode_inputs(&document), Some(it));
        prop_assert_eq!(replay(&document, &result), Replay::Same);
        let mut other = result.clone();
        other.risk = if result.risk == 9 { 6 } else { 9 };
        prop_assert_eq!(replay(&document, &other), Replay::Different(Box::new(result)));
    }

    #[test]
    fn worse_inputs_never_make_less_risk(it in any_inputs(), at in 0..8usize, how in 0..8u8) {
        let before = assess(&it);
        let mut worse = it.clone();
        let scenario = Scenario::ALL[at];
        match how {
            0 => worse.grade = worse.grade.join(grade("C2I1A1")),
            1 => worse.grade = worse.grade.join(grade("C1I2A1")),
            2 => worse.facts.entry(scenario).or_default().push(ThreatFact {
                kind: FactKind::Exploited, subject: "x".to_owned(), at: NOW,
            }),
            3 => { worse.bound.remove(&scenario); }
            4 => for it in worse.bound.values_mut().flatten() {
                if it.pass > 0 { it.pass -= 1; it.fail += 1; }
            },
            5 => worse.answers.clear(),
            6 => worse.raised.push(Raised {
                scenario, to: Rank::Three, reason: Line::parse("懸念").unwrap(),
            }),
            _ => worse.lowered.clear(),
        }
        let after = assess(&worse);
        prop_assert!(after.risk >= before.risk);
        for (one, other) in before.scenarios.iter().zip(&after.scenarios) {
            prop_assert!(other.risk >= one.risk, "{:?}", one.scenario);
        }
    }
}

#[test]
fn what_is_no_record_is_not_replayed() {
    let it = inputs("C2I1A1");
    let result = assess(&it);
    assert_eq!(replay(b"{}", &result), Replay::Unreadable);
    let later = Inputs {
        method: METHOD + 1,
        ..it
    };
    let document = encode_inputs(&later);
    assert_eq!(replay(&document, &result), Replay::OtherMethod(METHOD + 1));
    // A later edition may freeze what this program cannot read: no fault of the ledger.
    let document = format!(r#"{{"method":{},"shape":"new"}}"#, METHOD + 1);
    let said = replay(document.as_bytes(), &result);
    assert_eq!(said, Replay::OtherMethod(METHOD + 1));
    let document = format!(r#"{{"method":{METHOD},"shape":"new"}}"#);
    assert_eq!(replay(document.as_bytes(), &result), Replay::Unreadable);
}

#[test]
fn the_annex_draws_the_same_years_from_the_same_seed() {
    let model = LossModel {
        frequency: 0.5,
        low: 100_000.0,
        high: 10_000_000.0,
        seed: 7,
        years: 20_000,
    };
    let found = simulate(model).unwrap();
    assert_eq!(simulate(model).unwrap(), found);
    assert_ne!(simulate(LossModel { seed: 8, ..model }).unwrap(), found);
    // The mean of one loss is exp(μ + σ²/2), of which half a one comes a year.
    let middle = f64::midpoint(model.low.ln(), model.high.ln());
    let spread = (model.high.ln() - model.low.ln()) / (2.0 * 1.644_853_626_951_472_2);
    let expected = 0.5 * (middle + spread * spread / 2.0).exp();
    assert!(
        (found.mean / expected - 1.0).abs() < 0.1,
        "{found:?} {expected}"
    );
    assert!(found.median <= found.mean && found.mean < found.p95);
    assert!(
        simulate(LossModel {
            frequency: -1.0,
            ..model
        })
        .is_err()
    );
    assert!(simulate(LossModel { low: 0.0, ..model }).is_err());
    assert!(simulate(LossModel { years: 1, ..model }).is_err());
    assert_eq!(
        (found.shares[50], found.shares[95]),
        (found.median, found.p95)
    );
    assert!(found.shares.is_sorted());
}

#[test]
fn the_annex_draws_no_more_at_once_than_takes_a_moment() {
    let often = |frequency, years| {
        let model = LossModel {
            frequency,
            low: 1.0,
            high: 1.0,
            seed: 1,
            years,
        };
        simulate(model).map(|found| found.mean)
    };
    assert_eq!(often(365.0, 100_000), Err(LossFault::Draws));
    assert_eq!(often(19.001, 100_000), Err(LossFault::Draws));
    // A loss of one yen, each time: the mean is how often.
    let mean = often(365.0, 5_000).unwrap();
    assert!((mean / 365.0 - 1.0).abs() < 0.01, "{mean}");
    assert_eq!(often(0.0, 100_000), Ok(0.0));
}

pub fn approved(scene: &mut Scene, of: &str, open: bool, treatments: Vec<Treatment>) -> RiskId {
    let mut it = inputs(of);
    if open {
        it.bound.clear();
    }
    let subject = RiskSubject::Task(TaskId::new(fresh(22, 5)));
    let by = Actor::Operator;
    let version = RiskVersion {
        risk: RiskId::new(fresh(81, 1)),
        content: RiskContent {
            subject,
            grade: it.grade,
            places: it.places.clone(),
            cases: Vec::new(),
            answers: it.answers.clone(),
            raised: Vec::new(),
            lowered: Vec::new(),
            conclusion: Conclusion::Measures,
            reason: Line::parse("理由").unwrap(),
            treatments,
        },
        frozen: BlobRef {
            blob: "f".to_owned(),
            size: 1,
        },
        result: assess(&it),
        frozen_at: NOW,
        by: by.clone(),
        proposed_by: by.clone(),
        approved_by: by,
        approved_at: NOW,
        supersedes: None,
        superseded_at: None,
    };
    let risks = &mut scene.world.risks;
    risks.current.insert(subject, version.risk);
    let id = version.risk;
    risks.approved.insert(id, version);
    id
}

fn said(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

/// What is left for the machine part to say where it is in order: a post's word.
fn in_order() -> (Verdict, String) {
    (Verdict::Unknown, "attestation.missing".to_owned())
}

#[test]
fn a_high_risk_has_to_be_acted_on_and_nobody_assessing_is_no_pass() {
    // The notice to operators has measures and conditions in one row.
    for (profile, rows) in [
        (Profile::Gov, &["GOV-1-i", "GOV-1-j", "GOV-1-k"][..]),
        (Profile::Ci, &["CI-1-i", "CI-1-j"][..]),
    ] {
        let mut scene = Scene::new(profile);
        for id in rows {
            let none = (Verdict::Unknown, "risk.none".to_owned());
            assert_eq!(said(&scene, id), none, "{id}");
        }
        approved(&mut scene, "C2I1A1", false, Vec::new());
        for id in rows {
            assert_eq!(said(&scene, id), in_order(), "{id}");
        }
        approved(&mut scene, "C3I1A1", true, vec![Treatment::Stop]);
        for id in rows {
            assert_eq!(said(&scene, id), in_order(), "{id}");
        }
        let accept = |until| vec![Treatment::Accept { until }];
        approved(&mut scene, "C3I1A1", true, accept(NOW.after(Span::days(1))));
        assert_eq!(said(&scene, rows[0]), in_order());
        approved(&mut scene, "C3I1A1", true, accept(NOW));
        for id in &rows[..2] {
            let open = (Verdict::NotMet, "risk.high-open".to_owned());
            assert_eq!(said(&scene, id), open, "{id}");
        }
    }
}

/// That one task was assessed as low says nothing of the others.
#[test]
fn a_task_done_by_telework_that_nobody_assessed_leaves_it_unknown_whether_a_risk_is_high() {
    for (profile, rows) in [
        (Profile::Gov, &["GOV-1-i", "GOV-1-j", "GOV-1-k"][..]),
        (Profile::Ci, &["CI-1-i", "CI-1-j"][..]),
    ] {
        let mut scene = Scene::new(profile);
        in_force_and_evaluated(&mut scene);
        let risk = approved(&mut scene, "C2I1A1", false, Vec::new());
        let all = |scene: &Scene, expected: &(Verdict, String)| {
            for id in rows {
                assert_eq!(said(scene, id), *expected, "{id}");
            }
        };
        let planned = |scene: &mut Scene, decision| {
            let version = &mut scene.world.plan.versions[0];
            version.content = Arc::new(PlanContent {
                head: version.content.head.clone(),
                lines: vec![PlanLine { decision, ..line() }],
            });
        };
        all(&scene, &in_order());
        planned(&mut scene, PlanDecision::Refuse);
        all(&scene, &in_order());
        let left = (Verdict::Unknown, "risk.tasks-unassessed".to_owned());
        planned(&mut scene, PlanDecision::Allow);
        all(&scene, &left);
        let assessment = scene.assess();
        let named = &row(&assessment, rows[0]).concerned;
        let named: Vec<Thing> = named.iter().map(|it| it.what).collect();
        assert_eq!(named, [Thing::Entry(line().task.into())]);
        // Somebody holds a permit for it, whatever became of the line.
        planned(&mut scene, PlanDecision::Refuse);
        let held = telework(TeleworkPlace::Home);
        give(&mut scene, 1, held, 5, until(30));
        all(&scene, &left);
        // What is high and left open fails all the same.
        approved(&mut scene, "C3I1A1", true, Vec::new());
        let open = (Verdict::NotMet, "risk.high-open".to_owned());
        assert_eq!(said(&scene, rows[0]), open);
        // One of the whole speaks of every task.
        approved(&mut scene, "C2I1A1", false, Vec::new());
        let version = scene.world.risks.approved.get_mut(&risk).unwrap();
        version.content.subject = RiskSubject::Tasks(CaseScope::Body);
        all(&scene, &in_order());
    }
}

#[test]
fn a_risk_that_an_exception_made_less_is_open_when_the_exception_is_over() {
    let exception = || {
        Particulars::Exception(Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            grade("C1I1A1"),
            Place::ControlledArea,
            NOW.after(Span::days(10)).jst_date(),
        ))
    };
    for (profile, id) in [(Profile::Gov, "GOV-1-i"), (Profile::Ci, "CI-1-i")] {
        let mut scene = Scene::new(profile);
        give(&mut scene, 1, exception(), 30, until(30));
        give(&mut scene, 2, exception(), 50, over(10));
        let risk = approved(&mut scene, "C2I1A1", false, Vec::new());
        for (permit, open) in [(1, false), (2, true)] {
            let version = scene.world.risks.approved.get_mut(&risk).unwrap();
            version.content.lowered = vec![Lowered {
                scenario: Scenario::Loss,
                to: Rank::One,
                permit: PermitId::new(fresh(8, permit)),
            }];
            if !open {
                assert_eq!(said(&scene, id), in_order(), "{id}");
                continue;
            }
            let found = (Verdict::NotMet, "risk.high-open".to_owned());
            assert_eq!(said(&scene, id), found, "{id}");
            let assessment = scene.assess();
            let concerned = &row(&assessment, id).concerned;
            let codes: Vec<_> = concerned.iter().map(|it| &*it.reason.code).collect();
            assert!(codes.contains(&"risk.lowering-over"), "{codes:?}");
            assert!(!codes.contains(&"risk.acceptance-over"), "{codes:?}");
        }
    }
}

#[test]
fn conditions_that_the_decision_asks_are_kept_by_it() {
    let mut scene = Scene::new(Profile::Gov);
    let condition = |two_persons| {
        vec![Treatment::Condition(Condition {
            until_hour: Some(20),
            two_persons,
            ..Condition::default()
        })]
    };
    let unknown = |code: &str| (Verdict::Unknown, code.to_owned());
    approved(&mut scene, "C3I1A1", true, condition(false));
    // Where nothing asks, nobody knows whether they are kept.
    assert_eq!(said(&scene, "GOV-1-k"), unknown("risk.nothing-asks"));
    crate::access::line(&mut scene, 1, "internal", true);
    crate::access::system(&mut scene, "C3I2A2", true);
    assert_eq!(said(&scene, "GOV-1-k"), unknown("reach.system-unguarded"));
    crate::access::asked(&mut scene, NOW.before(Span::days(1)));
    assert_eq!(said(&scene, "GOV-1-k"), in_order());
    // Nobody holds a permit that would have to bear it.
    approved(&mut scene, "C3I1A1", true, condition(true));
    let nobody = unknown("risk.conditions-on-no-permit");
    assert_eq!(said(&scene, "GOV-1-k"), nobody);
}
