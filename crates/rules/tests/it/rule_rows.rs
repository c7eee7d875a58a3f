//! Rows of sections 2 and 5 and of the clauses that rules and opinions answer.

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::code::Param;
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AppointmentId, CaseId, PersonId, PostId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{
    Given, Heard, Opinion, Proposal, Stance, Subject, Weighed, WeighedAt,
};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::plan::{
    Case, CaseOpened, CaseScope, CaseState, Conclusion, Figure, FrozenUse, Measure, PlanEvaluated,
    Reassessment, RiskLevel, Trigger,
};
use sekisho_domain::profile::Profile;
use sekisho_domain::risk::{Condition, Treatment};
use sekisho_domain::role::Role;
use sekisho_domain::rule::{
    Acknowledged, CheckedRule, ClauseTerms, Finding, MeasureRef, RULE_CHECK_DAYS, RuleChecked,
    RuleContent,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::Policies;
use sekisho_rules::assess::Thing;

use crate::conflicts::{content, enact, line, rule, terms};
use crate::fixture::{NOW, Scene, fresh, row};

fn said(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

fn is(verdict: Verdict, code: &str) -> (Verdict, String) {
    (verdict, code.to_owned())
}

/// Where only the post's word is missing.
fn in_order() -> (Verdict, String) {
    is(Verdict::Unknown, "attestation.missing")
}

fn answering(row: &str) -> ClauseTerms {
    let mut terms = terms("第1条");
    terms.rows = vec![row.parse().unwrap()];
    terms
}

/// The post of an appointment.
fn post(scene: &Scene, appointment: AppointmentId) -> PostId {
    scene.world.appointments[&appointment].post
}

/// Puts a clause in force, in a rule that the head officer owns.
fn owned(scene: &mut Scene, clauses: Vec<ClauseTerms>) {
    let head = scene.appoint(Role::Hiso);
    let owner = post(scene, head);
    let mut content = content(clauses);
    content.head.owner = owner;
    enact(scene, 1, content);
}

const ROWS: [&str; 8] = [
    "GOV-2-a",
    "GOV-2-e",
    "GOV-4-h",
    "GOV-5-b",
    "US-4.1.2-1-a",
    "US-7.1.1-4-a-ア",
    "US-7.1.1-4-a-イ",
    "GOV-2-b",
];

#[test]
fn without_a_rule_nothing_is_known() {
    let scene = Scene::new(Profile::Gov);
    for id in &ROWS[..7] {
        assert_eq!(said(&scene, id), is(Verdict::Unknown, "rule.none"), "{id}");
    }
    assert_eq!(said(&scene, "GOV-2-b"), is(Verdict::Unknown, "plan.none"));
    for id in ["GOV-5-a", "GOV-5-c"] {
        let none = is(Verdict::Unknown, "opinion.no-changes");
        assert_eq!(said(&scene, id), none, "{id}");
    }
}

#[test]
fn a_rule_exists_where_a_clause_in_force_answers_and_its_owner_is_in_post() {
    let id = "US-4.1.2-1-a";
    let mut scene = Scene::new(Profile::Gov);
    enact(&mut scene, 1, content(vec![terms("第1条")]));
    assert_eq!(said(&scene, id), is(Verdict::NotMet, "rule.no-clause"));
    enact(&mut scene, 1, content(vec![answering(id)]));
    assert_eq!(said(&scene, id), is(Verdict::NotMet, "rule.owner-vacant"));
    owned(&mut scene, vec![answering(id)]);
    assert_eq!(said(&scene, id), in_order());
    // Another officer's rule is not the head officer's.
    let isso = scene.appoint(Role::Isso);
    let mut others = content(vec![answering(id)]);
    others.head.owner = post(&scene, isso);
    enact(&mut scene, 1, others);
    assert_eq!(said(&scene, id), is(Verdict::NotMet, "rule.owner-vacant"));
}

#[test]
fn a_rule_for_one_unit_does_not_answer_for_the_whole_organisation() {
    let id = "US-4.1.2-1-a";
    let mut scene = Scene::new(Profile::Gov);
    let root = scene.world.organisation.as_ref().unwrap().root;
    let outside = PersonId::new(fresh(90, 1));
    scene.world.people.insert(outside, root);
    let head = scene.appoint(Role::Hiso);
    let mut rules = content(vec![answering(id)]);
    rules.head.owner = post(&scene, head);
    rules.head.units = vec![UnitId::new(fresh(91, 1))];
    enact(&mut scene, 1, rules.clone());
    assert_eq!(said(&scene, id), is(Verdict::NotMet, "rule.not-for-all"));
    // One for everybody beside it answers for the rest.
    rules.head.units = Vec::new();
    enact(&mut scene, 2, rules);
    assert_eq!(said(&scene, id), in_order());
}

#[test]
fn safeguards_need_checks_and_duties() {
    for (id, code) in [
        ("US-7.1.1-4-a-ア", "rule.no-checks-bound"),
        ("US-7.1.1-4-a-イ", "rule.no-duties"),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        owned(&mut scene, vec![answering(id)]);
        assert_eq!(said(&scene, id), is(Verdict::NotMet, code), "{id}");
    }
    let mut bound = answering("US-7.1.1-4-a-ア");
    bound.rows.push("US-7.1.1-4-a-イ".parse().unwrap());
    bound.checks = vec!["CK-DEV-ENC".parse().unwrap()];
    bound.duties = vec![line("画面を施錠する")];
    let mut scene = Scene::new(Profile::Gov);
    owned(&mut scene, vec![bound]);
    for id in ["US-7.1.1-4-a-ア", "US-7.1.1-4-a-イ"] {
        assert_eq!(said(&scene, id), in_order(), "{id}");
    }
}

pub fn concluded(scene: &mut Scene, at: Timestamp, finding: Finding, due: Option<Timestamp>) {
    let newest = scene.world.rules.documents[&rule(1)].newest();
    let version = newest.map_or(1, |it| it.version);
    let report = BlobRef {
        blob: "r".to_owned(),
        size: 1,
    };
    let checked = RuleChecked {
        rule: rule(1),
        version,
        finding,
        note: line("所見"),
        report,
        due,
    };
    let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
    document.checked.push(CheckedRule {
        checked,
        at,
        by: Actor::Operator,
    });
}

#[test]
fn a_rule_is_looked_at_within_a_year_and_revised_where_it_is_wanting() {
    let mut scene = Scene::new(Profile::Gov);
    owned(&mut scene, vec![terms("第1条")]);
    let young = is(Verdict::Unknown, "rule.to-be-checked");
    assert_eq!(said(&scene, "GOV-2-a"), young);
    // What was not looked at may be wanting.
    assert_eq!(said(&scene, "GOV-2-e"), young);
    let version = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
    version.versions[0].from = NOW.before(Span::days(RULE_CHECK_DAYS + 1));
    version.versions[0].at = version.versions[0].from;
    assert_eq!(
        said(&scene, "GOV-2-a"),
        is(Verdict::NotMet, "rule.unchecked")
    );
    let lately = NOW.before(Span::days(3));
    concluded(&mut scene, lately, Finding::Works, None);
    assert_eq!(said(&scene, "GOV-2-a"), in_order());
    assert_eq!(said(&scene, "GOV-2-e"), in_order());
    let due = NOW.after(Span::days(1));
    concluded(&mut scene, lately, Finding::Wanting, Some(due));
    assert_eq!(said(&scene, "GOV-2-a"), in_order());
    assert_eq!(said(&scene, "GOV-2-e"), in_order());
    let assessment = scene.assess_at(due);
    let late = &row(&assessment, "GOV-2-e").verdict;
    assert_eq!(late.reason.code, "rule.revisions-late");
    assert_eq!(late.verdict, Verdict::NotMet);
    // A version that came after the finding carries it out.
    let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
    let mut next = document.versions[0].clone();
    next.version = 2;
    next.at = NOW.before(Span::days(2));
    // One that comes into force after the revision is late does not.
    next.from = due.after(Span::days(30));
    document.versions.push(next);
    let assessment = scene.assess_at(due);
    let late = &row(&assessment, "GOV-2-e").verdict;
    assert_eq!(late.reason.code, "rule.revisions-late");
    let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
    document.versions[1].from = document.versions[1].at;
    // A look at the text before says nothing of the new one.
    let assessment = scene.assess_at(due);
    for id in ["GOV-2-a", "GOV-2-e"] {
        let unseen = &row(&assessment, id).verdict;
        assert_eq!(unseen.reason.code, "rule.to-be-checked", "{id}");
    }
    concluded(&mut scene, NOW, Finding::Works, None);
    let assessment = scene.assess_at(due);
    let revised = &row(&assessment, "GOV-2-e").verdict;
    assert_eq!(revised.reason.code, "attestation.missing");
}

fn decided(scene: &mut Scene, number: u32) -> CaseId {
    let case = CaseId::new(fresh(71, number));
    let opened = CaseOpened {
        case,
        trigger: Trigger::Functions,
        scope: CaseScope::Body,
        version: 1,
        figures: vec![Figure::found(
            Measure::FunctionAdded,
            "service:x".to_owned(),
        )],
        high: false,
        due: NOW,
    };
    let reassessment = Reassessment {
        level: RiskLevel::Medium,
        conclusion: Conclusion::Measures,
        note: line("媒体を暗号化する"),
    };
    let known = Case {
        opened,
        latest: Vec::new(),
        opened_at: NOW,
        changed_at: NOW,
        version: 2,
        state: CaseState::Closed {
            at: NOW,
            by: Actor::Operator,
            reassessment,
            risk: None,
        },
    };
    scene.world.plan.cases.insert(case, known);
    case
}

#[test]
fn every_measure_stands_in_a_clause() {
    for (profile, ids) in [
        (Profile::Gov, &["GOV-2-b"][..]),
        (Profile::Ci, &["CI-2-b", "CI-1-k"][..]),
    ] {
        let mut scene = Scene::new(profile);
        let case = decided(&mut scene, 1);
        for id in ids {
            assert_eq!(
                said(&scene, id),
                is(Verdict::NotMet, "rule.measures-missing"),
                "{id}"
            );
        }
        let mut clause = terms("第1条");
        clause.measures = vec![MeasureRef::Case(case)];
        enact(&mut scene, 1, content(vec![clause]));
        for id in ids {
            assert_eq!(said(&scene, id), in_order(), "{id}");
        }
        decided(&mut scene, 2);
        assert_eq!(said(&scene, ids[0]).0, Verdict::NotMet);
    }
}

#[test]
fn a_treatment_that_no_clause_carries_is_named_with_its_number() {
    let mut scene = Scene::new(Profile::Gov);
    let condition = Condition {
        two_persons: true,
        ..Condition::default()
    };
    let treatments = vec![Treatment::Stop, Treatment::Condition(condition)];
    let risk = crate::risk::approved(&mut scene, "C3I1A1", true, treatments);
    let case = decided(&mut scene, 1);
    let assessment = scene.assess();
    let of_row = row(&assessment, "GOV-2-b");
    assert_eq!(of_row.verdict.counts.fail, 2);
    let named: Vec<_> = of_row
        .concerned
        .iter()
        .map(|it| (it.what, &*it.reason.code, it.reason.params.get("number")))
        .collect();
    let second = Param::Int(2);
    let expected = [
        (Thing::Case(case), "rule.measure-in-no-clause", None),
        (
            Thing::Risk(risk),
            "rule.treatment-in-no-clause",
            Some(&second),
        ),
    ];
    assert_eq!(named, expected);
}

#[test]
fn that_there_is_no_measure_is_known_only_where_somebody_looked() {
    let mut scene = Scene::new(Profile::Gov);
    crate::plan::with_plan(&mut scene, NOW.after(Span::days(1)));
    assert_eq!(
        said(&scene, "GOV-2-b"),
        is(Verdict::Unknown, "plan.not-evaluated")
    );
    let day = PlanEvaluated {
        version: 1,
        day: NOW.day_begun(),
        body: FrozenUse::default(),
        firing: 0,
        unmeasured: Vec::new(),
        failing: Vec::new(),
        failing_units: Vec::new(),
    };
    scene.world.plan.days = vec![(NOW, day)];
    // Nobody has assessed anything yet.
    assert_eq!(said(&scene, "GOV-2-b"), is(Verdict::Unknown, "risk.none"));
    let case = decided(&mut scene, 1);
    let known = scene.world.plan.cases.get_mut(&case).unwrap();
    if let CaseState::Closed { reassessment, .. } = &mut known.state {
        reassessment.conclusion = Conclusion::Unchanged;
    }
    assert_eq!(said(&scene, "GOV-2-b"), in_order());
    scene.world.plan.days[0].0 = NOW.before(Span::hours(49));
    assert_eq!(
        said(&scene, "GOV-2-b"),
        is(Verdict::Unknown, "plan.not-evaluated")
    );
}

#[test]
fn conference_use_has_a_clause_that_its_readers_have_read() {
    for (profile, id) in [(Profile::Gov, "GOV-4-h"), (Profile::Ci, "CI-4-d")] {
        let mut scene = Scene::new(profile);
        let people: Vec<PersonId> = (0..2).map(|n| PersonId::new(fresh(90, n))).collect();
        let root = scene.world.organisation.as_ref().unwrap().root;
        for person in &people {
            scene.world.people.insert(*person, root);
        }
        let mut rules = content(vec![answering("GOV-4-h")]);
        enact(&mut scene, 1, rules.clone());
        let part = |scene: &Scene| said(scene, id);
        let not_asked = is(Verdict::NotMet, "rule.not-acknowledged-at-all");
        // CI-4-d rests on the matrix of conference tools besides, which nothing fills here.
        let expected = |of: (Verdict, String)| match (profile, of.0) {
            (Profile::Ci, Verdict::Met | Verdict::Unknown) => Verdict::Unknown,
            _ => of.0,
        };
        assert_eq!(part(&scene).0, expected(not_asked), "{id}");
        rules.head.acknowledge = true;
        enact(&mut scene, 1, rules);
        assert_eq!(part(&scene).0, Verdict::Unknown, "{id}");
        let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
        let long_ago = NOW.before(Span::days(60));
        document.versions[0].from = long_ago;
        document.versions[0].at = long_ago;
        assert_eq!(part(&scene).0, Verdict::NotMet, "{id}");
        let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
        let read = Acknowledged {
            version: 1,
            at: NOW,
        };
        let all = people.iter().map(|person| (*person, read)).collect();
        document.acknowledged = Arc::new(all);
        assert_eq!(part(&scene).0, Verdict::Unknown, "{id}");
        if profile == Profile::Gov {
            assert_eq!(part(&scene), in_order());
        }
    }
}

pub fn opinion(scene: &mut Scene, subject: Subject, state: u64, results: u32) {
    let blob = BlobRef {
        blob: "o".to_owned(),
        size: 1,
    };
    let opinion = Opinion {
        proposal: Proposal { subject, state },
        stance: Stance::Agree,
        sentence: Line::parse("確認した").unwrap(),
        consistency: blob.clone(),
        contradictions: 0,
        technical: blob,
        results,
    };
    scene.world.opinions.given.push(Given {
        opinion,
        at: NOW,
        by: Actor::Operator,
    });
}

pub fn weighed(scene: &mut Scene, subject: Subject, state: u64, heard: Heard) {
    let weighed = Weighed {
        proposal: Proposal { subject, state },
        heard,
        answer: None,
    };
    scene
        .world
        .opinions
        .weighed
        .push(WeighedAt { weighed, at: NOW });
}

#[test]
fn the_body_takes_part_in_every_change_before_its_approval() {
    for (profile, a, c) in [
        (Profile::Gov, "GOV-5-a", "GOV-5-c"),
        (Profile::Ci, "CI-5-a", "CI-5-c"),
    ] {
        let mut scene = Scene::new(profile);
        let about = Subject::Rule(rule(1));
        let mut clause = terms("第1条");
        clause.rows = vec!["GOV-4-h".parse().unwrap()];
        enact(&mut scene, 1, content(vec![clause]));
        assert_eq!(said(&scene, a), is(Verdict::NotMet, "opinion.no-body"));
        scene.appoint(Role::PromotionBody);
        let missing = is(Verdict::NotMet, "opinion.missing-on");
        assert_eq!(said(&scene, a), missing);
        // One on another state, or one that the approval did not rest on, is none.
        opinion(&mut scene, about, 1, 0);
        weighed(&mut scene, about, 2, Heard::None);
        assert_eq!(said(&scene, a), missing);
        opinion(&mut scene, about, 2, 0);
        assert_eq!(said(&scene, a), missing);
        scene.world.opinions.weighed.clear();
        weighed(&mut scene, about, 2, Heard::Opinion);
        assert_eq!(said(&scene, a), in_order());
        // Without results of checks the technical side was not confirmed.
        assert_eq!(said(&scene, c), missing);
        opinion(&mut scene, about, 2, 3);
        assert_eq!(said(&scene, c), in_order());
    }
}

/// A rule with one clause, and where asked for the version that takes it out of force; the body was heard on both.
fn adopted(profile: Profile, clause: ClauseTerms, repealed: bool) -> Scene {
    let mut scene = Scene::new(profile);
    scene.appoint(Role::PromotionBody);
    enact(&mut scene, 1, content(vec![clause]));
    let about = Subject::Rule(rule(1));
    weighed(&mut scene, about, 2, Heard::Opinion);
    if repealed {
        opinion(&mut scene, about, 2, 3);
        weighed(&mut scene, about, 4, Heard::Opinion);
        let document = scene.world.rules.documents.get_mut(&rule(1)).unwrap();
        let mut version = document.versions[0].clone();
        (version.version, version.revision) = (2, 4);
        version.content = Arc::new(RuleContent {
            head: version.content.head.clone(),
            clauses: Vec::new(),
        });
        document.versions.push(version);
    }
    scene
}

#[test]
fn results_are_asked_of_a_rule_that_is_bound_to_something_and_of_a_repeal_by_what_it_repeals() {
    let of = |change: fn(&mut ClauseTerms)| {
        let mut terms = terms("第1条");
        change(&mut terms);
        terms
    };
    let table = [
        ("nothing", of(|_| {}), false),
        (
            "a row",
            of(|it| it.rows = vec!["GOV-4-h".parse().unwrap()]),
            true,
        ),
        (
            "a check",
            of(|it| it.checks = vec!["CK-DEV-ENC".parse().unwrap()]),
            true,
        ),
        // What the catalogue does not know has no results.
        (
            "no row",
            of(|it| it.rows = vec!["GOV-9-z".parse().unwrap()]),
            false,
        ),
        (
            "permits",
            of(|it| it.permits = vec![PermitKind::Telework]),
            false,
        ),
    ];
    let missing = is(Verdict::NotMet, "opinion.missing-on");
    for (profile, id) in [(Profile::Gov, "GOV-5-c"), (Profile::Ci, "CI-5-c")] {
        for (bound, clause, asked) in &table {
            for (repealed, state) in [(false, 2), (true, 4)] {
                let mut scene = adopted(profile, clause.clone(), repealed);
                let about = Subject::Rule(rule(1));
                // The body is heard all the same.
                assert_eq!(said(&scene, id), missing, "{bound} {repealed}");
                opinion(&mut scene, about, state, 0);
                let expected = if *asked { missing.clone() } else { in_order() };
                assert_eq!(said(&scene, id), expected, "{bound} {repealed}");
                opinion(&mut scene, about, state, 1);
                assert_eq!(said(&scene, id), in_order(), "{bound} {repealed}");
            }
        }
    }
}

#[test]
fn rules_that_contradict_each_other_fail_whatever_the_body_said() {
    for (profile, id) in [(Profile::Gov, "GOV-5-b"), (Profile::Ci, "CI-5-b")] {
        let mut scene = Scene::new(profile);
        let mut one = terms("第1条");
        one.highest = Some("C1I1A1".parse().unwrap());
        enact(&mut scene, 1, content(vec![one.clone()]));
        assert_eq!(said(&scene, id), is(Verdict::NotMet, "conflict.unheard"));
        opinion(&mut scene, Subject::Rule(rule(1)), 2, 1);
        assert_eq!(said(&scene, id), in_order());
        one.highest = Some("C3I1A1".parse().unwrap());
        enact(&mut scene, 2, content(vec![one]));
        opinion(&mut scene, Subject::Rule(rule(2)), 2, 1);
        assert_eq!(said(&scene, id), is(Verdict::NotMet, "conflict.found"));
    }
}

#[test]
fn policies_that_were_not_seen_leave_it_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    let mut clause = terms("第1条");
    clause.policies = vec![line("own-rule")];
    enact(&mut scene, 1, content(vec![clause]));
    opinion(&mut scene, Subject::Rule(rule(1)), 2, 1);
    assert_eq!(
        said(&scene, "GOV-5-b"),
        is(Verdict::Unknown, "conflict.policies-unseen")
    );
    scene.access.see_policies(Policies::default());
    assert_eq!(
        said(&scene, "GOV-5-b"),
        is(Verdict::NotMet, "conflict.found")
    );
    let policies = Policies {
        ids: ["own-rule".to_owned()].into(),
        unusable: false,
    };
    scene.access.see_policies(policies);
    assert_eq!(said(&scene, "GOV-5-b"), in_order());
}
