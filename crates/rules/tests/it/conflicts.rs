//! The automatic list of conflicts: what contradicts, what can be followed together, and what is a special
//! provision.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::event::BlobRef;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ConferenceToolId, PlanId, PostId, RuleId, ServiceId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{Cause, PlanContent, PlanDecision, PlanHead, PlanLine, PlanVersion};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::rule::{
    Approver, Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent, RuleDocument, RuleHead,
    RuleVersion,
};
use sekisho_domain::time::Span;
use sekisho_rules::access::Policies;
use sekisho_rules::conflict::{
    CONFLICTS_MAX, ConflictCode, Found, Side, Supposed, conflicts, exceeds, overlap, within,
};

use crate::fixture::{NOW, Scene, fresh};
use crate::registers::{enter, text};

pub fn rule(n: u32) -> RuleId {
    RuleId::new(fresh(80, n))
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn terms(label: &str) -> ClauseTerms {
    ClauseTerms::labelled(line(label))
}

pub fn content(clauses: Vec<ClauseTerms>) -> RuleContent {
    RuleContent {
        head: RuleHead {
            title: line("規程"),
            title_en: None,
            owner: PostId::new(fresh(81, 0)),
            acknowledge: false,
            units: Vec::new(),
            note: None,
        },
        clauses: clauses
            .into_iter()
            .zip(1_u32..)
            .map(|(terms, number)| Clause {
                number: ClauseNumber(NonZeroU32::new(number).unwrap()),
                text: ClauseText::parse("条文").unwrap(),
                terms,
            })
            .collect(),
    }
}

/// Puts a rule in force, since yesterday.
pub fn enact(scene: &mut Scene, n: u32, content: RuleContent) {
    let mut document = RuleDocument::begun(rule(n));
    document.last_clause = content.last_number();
    document.revision = 3;
    document.versions.push(RuleVersion {
        version: 1,
        content: Arc::new(content),
        revision: 2,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW.before(Span::days(1)),
        from: NOW.before(Span::days(1)),
    });
    scene.world.rules.documents.insert(rule(n), document);
}

fn found(scene: &Scene) -> Found {
    let policies = Policies::default();
    conflicts(
        &scene.world,
        scene.catalogue,
        Some(&policies),
        Supposed::default(),
        NOW,
    )
}

/// What is found, but for vacant owners and tasks that no register of these scenes has.
fn codes(scene: &Scene) -> Vec<ConflictCode> {
    let found = found(scene).conflicts;
    let codes = found.into_iter().map(|it| it.code);
    codes
        .filter(|code| !matches!(code, ConflictCode::OwnerVacant | ConflictCode::TaskGone))
        .collect()
}

fn grade(text: &str) -> Option<Grade> {
    Some(text.parse().unwrap())
}

fn task(n: u32) -> Option<TaskId> {
    Some(TaskId::new(fresh(82, n)))
}

/// Both clauses in one rule, and each in a rule of its own.
fn both(one: &ClauseTerms, other: &ClauseTerms) -> [Vec<ConflictCode>; 2] {
    let mut together = Scene::new(Profile::Gov);
    enact(&mut together, 1, content(vec![one.clone(), other.clone()]));
    let mut apart = Scene::new(Profile::Gov);
    enact(&mut apart, 1, content(vec![one.clone()]));
    enact(&mut apart, 2, content(vec![other.clone()]));
    [codes(&together), codes(&apart)]
}

/// Two clauses, and what is found where they stand in one rule and in two.
type Pair<'a> = (
    &'a str,
    &'a ClauseTerms,
    &'a ClauseTerms,
    [&'a [ConflictCode]; 2],
);

#[test]
#[expect(clippy::too_many_lines, reason = "one story or table")]
fn clauses_that_cannot_both_be_followed_are_found() {
    use ConflictCode as C;
    let of = |change: fn(&mut ClauseTerms)| {
        let mut terms = terms("第1条");
        change(&mut terms);
        terms
    };
    let c1 = of(|it| it.highest = grade("C1I1A1"));
    let c2 = of(|it| it.highest = grade("C2I1A1"));
    let c2_of_task = of(|it| {
        it.highest = grade("C2I1A1");
        it.task = task(1);
    });
    let c1_of_task = of(|it| {
        it.highest = grade("C1I1A1");
        it.task = task(1);
    });
    let other_task = of(|it| {
        it.highest = grade("C2I1A1");
        it.task = task(2);
    });
    let at_home = of(|it| {
        it.forbids = true;
        it.places = vec![TeleworkPlace::Home];
    });
    let travelling = of(|it| {
        it.highest = grade("C1I1A1");
        it.places = vec![TeleworkPlace::Travelling];
    });
    let forbidden = of(|it| it.forbids = true);
    let days = |days: u32| {
        let mut terms = terms("第1条");
        terms.days = Some(days);
        terms.permits = vec![PermitKind::TakeOut];
        terms
    };
    let approver = |approver| {
        let mut terms = terms("第1条");
        terms.approver = Some(approver);
        // Settled so by default: nothing conflicts with the settings.
        terms.permits = vec![PermitKind::OffSite];
        terms
    };
    let table: Vec<Pair<'_>> = vec![
        ("the same ceiling", &c1, &c1, [&[], &[]]),
        ("two ceilings", &c1, &c2, [&[C::Ceilings], &[C::Ceilings]]),
        ("narrower and stricter", &c2, &c1_of_task, [&[], &[]]),
        (
            "narrower and looser",
            &c1,
            &c2_of_task,
            [&[C::Special], &[C::Ceilings]],
        ),
        ("other tasks", &c1_of_task, &other_task, [&[], &[]]),
        ("other places", &at_home, &travelling, [&[], &[]]),
        (
            "forbidden and limited",
            &forbidden,
            &c1,
            [&[C::ForbidsAndAllows], &[C::ForbidsAndAllows]],
        ),
        (
            "forbidden, but for one task",
            &forbidden,
            &c1_of_task,
            [&[C::Special], &[C::ForbidsAndAllows]],
        ),
        ("one place forbidden", &c1, &at_home, [&[], &[]]),
    ];
    for (what, one, other, expected) in table {
        for (first, second) in [(one, other), (other, one)] {
            let found = both(first, second);
            assert_eq!(found[0], expected[0], "{what}, in one rule");
            assert_eq!(found[1], expected[1], "{what}, in two");
        }
    }
    assert_eq!(both(&days(10), &days(30)), [[C::Terms], [C::Terms]]);
    let approvers = both(&approver(Approver::Diso), &approver(Approver::Isso));
    for found in approvers {
        assert!(found.contains(&C::Approvers), "{found:?}");
    }
}

#[test]
fn what_is_decided_otherwise_than_a_clause_says_is_found() {
    let mut scene = Scene::new(Profile::Gov);
    let settled = scene.world.permits.approver(PermitKind::Peripheral);
    let mut clause = terms("第1条");
    clause.permits = vec![PermitKind::Peripheral];
    let all = Approver::ALL.iter().copied();
    for approver in all {
        clause.approver = Some(approver);
        enact(&mut scene, 1, content(vec![clause.clone()]));
        let expected = approver.role() != settled;
        let found = codes(&scene) == [ConflictCode::ApproverSettled];
        assert_eq!(found, expected, "{approver:?}");
    }
    // One that speaks of a single task says nothing of all permits of the kind.
    clause.approver = Some(Approver::ServiceOwner);
    clause.task = task(1);
    enact(&mut scene, 1, content(vec![clause]));
    assert!(codes(&scene).is_empty());
}

fn plan(scene: &mut Scene, highest: &str, places: Vec<TeleworkPlace>) {
    let plan_line = PlanLine {
        task: TaskId::new(fresh(82, 1)),
        decision: PlanDecision::Allow,
        reason: line("理由"),
        highest: grade(highest),
        units: Vec::new(),
        places,
        people: None,
        person_days: None,
        systems: Vec::new(),
        services: Vec::new(),
        tools: Vec::new(),
    };
    let head = PlanHead {
        title: line("計画"),
        people: 1,
        person_days: 1,
        gateway_hours: None,
        note: None,
    };
    scene.world.plan.versions = vec![PlanVersion {
        version: 1,
        plan: PlanId::new(fresh(70, 0)),
        content: Arc::new(PlanContent {
            head,
            lines: vec![plan_line],
        }),
        cause: Cause::Approved,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW,
        approved_at: NOW,
        until: NOW.after(Span::days(1)),
        cites: Vec::new(),
        baseline: BlobRef {
            blob: "b".to_owned(),
            size: 1,
        },
    }];
}

#[test]
fn what_the_plan_allows_beyond_a_clause_is_found() {
    let mut scene = Scene::new(Profile::Gov);
    let mut clause = terms("第1条");
    clause.highest = grade("C1I2A1");
    clause.permits = vec![PermitKind::Telework];
    clause.places = vec![TeleworkPlace::Home];
    enact(&mut scene, 1, content(vec![clause.clone()]));
    for (highest, places, expected) in [
        ("C1I1A1", vec![], &[][..]),
        ("C2I1A1", vec![], &[ConflictCode::PlanBeyond][..]),
        ("C2I1A1", vec![TeleworkPlace::SatelliteOffice], &[][..]),
        (
            "C1I1A2",
            vec![TeleworkPlace::Home],
            &[ConflictCode::PlanBeyond][..],
        ),
    ] {
        plan(&mut scene, highest, places.clone());
        assert_eq!(codes(&scene), expected, "{highest} {places:?}");
    }
    clause.highest = None;
    clause.forbids = true;
    enact(&mut scene, 1, content(vec![clause.clone()]));
    assert_eq!(codes(&scene), [ConflictCode::PlanForbidden]);
    // A clause on other permits says nothing of telework.
    clause.permits = vec![PermitKind::Media];
    enact(&mut scene, 1, content(vec![clause]));
    assert!(codes(&scene).is_empty());
}

#[test]
fn work_with_secrets_that_the_plan_has_use_a_service_under_terms_is_found() {
    let mut scene = Scene::new(Profile::Gov);
    let (terms, cloud) = (ServiceId::new(fresh(83, 1)), ServiceId::new(fresh(83, 2)));
    for (id, kind) in [(terms, "terms"), (cloud, "cloud")] {
        let fields = [
            ("name", text(kind)),
            ("provider", text("社")),
            ("kind", text(kind)),
            ("highest", text("C1I1A1")),
        ];
        enter(&mut scene, Register::Service, id, &fields);
    }
    let tool = ConferenceToolId::new(fresh(84, 1));
    let fields = [
        ("name", text("会議")),
        ("scope", text("others")),
        ("service", text(&terms.to_string())),
    ];
    enter(&mut scene, Register::ConferenceTool, tool, &fields);
    for (highest, services, tools, found) in [
        ("C1I2A2", vec![terms], vec![tool], 0),
        ("C2I1A1", vec![cloud], vec![], 0),
        ("C2I1A1", vec![cloud, terms], vec![], 1),
        ("C3I1A1", vec![terms], vec![tool], 2),
    ] {
        plan(&mut scene, highest, Vec::new());
        let content = Arc::make_mut(&mut scene.world.plan.versions[0].content);
        (content.lines[0].services, content.lines[0].tools) = (services, tools);
        let expected = vec![ConflictCode::PlanOnTerms; found];
        assert_eq!(codes(&scene), expected, "{highest}");
    }
}

#[test]
fn bindings_to_what_is_not_there_are_found() {
    let mut scene = Scene::new(Profile::Gov);
    let mut clause = terms("第1条");
    clause.rows = vec!["GOV-4-h".parse().unwrap(), "GOV-9-z".parse().unwrap()];
    clause.checks = vec![
        "CK-DEV-ENC".parse().unwrap(),
        "CK-RULE-USED".parse().unwrap(),
        "CK-NO-SUCH".parse().unwrap(),
    ];
    clause.policies = vec![line("no-night-work")];
    enact(&mut scene, 1, content(vec![clause]));
    use ConflictCode as C;
    assert_eq!(
        codes(&scene),
        [C::RowUnknown, C::CheckUnknown, C::PolicyMissing]
    );
    let ask = |policies: Option<&Policies>| {
        let supposed = Supposed::default();
        conflicts(&scene.world, scene.catalogue, policies, supposed, NOW)
    };
    let there = Policies {
        ids: BTreeSet::from(["no-night-work".to_owned()]),
        unusable: true,
    };
    let of = |found: &Found, code| found.conflicts.iter().any(|it| it.code == code);
    assert!(!of(&ask(Some(&there)), C::PolicyMissing));
    let unusable = Policies {
        unusable: true,
        ..Policies::default()
    };
    assert!(of(&ask(Some(&unusable)), C::PoliciesUnusable));
    let unseen = ask(None);
    assert!(unseen.policies_unseen && !of(&unseen, C::PolicyMissing));
}

#[test]
fn a_draft_is_looked_at_in_the_place_of_what_it_would_replace() {
    let mut scene = Scene::new(Profile::Gov);
    let mut one = terms("第1条");
    one.highest = grade("C1I1A1");
    enact(&mut scene, 1, content(vec![one.clone()]));
    let mut other = one.clone();
    other.highest = grade("C2I1A1");
    let draft = content(vec![other]);
    let supposed = |n| Supposed {
        rule: Some((rule(n), &draft)),
        plan: None,
    };
    let ask = |n| {
        let found = conflicts(&scene.world, scene.catalogue, None, supposed(n), NOW);
        found.contradictions()
    };
    assert_eq!((ask(1), ask(2)), (0, 1));
    let found = conflicts(&scene.world, scene.catalogue, None, supposed(2), NOW);
    let conflict = found
        .conflicts
        .iter()
        .find(|it| it.code == ConflictCode::Ceilings)
        .unwrap();
    assert!(matches!(conflict.one, Side::Clause(of) if of.rule == rule(1)));
    assert_eq!(conflict.values, ["C1I1A1", "C2I1A1"]);
    let told = conflict.line();
    assert!(told.contradiction && told.between[1].starts_with(&rule(2).to_string()));
}

#[test]
fn what_is_beyond_the_list_is_counted() {
    let mut scene = Scene::new(Profile::Gov);
    let all = Grade::all();
    let clauses = (0..60).map(|n| {
        let mut clause = terms(&format!("第{n}条"));
        clause.highest = Some(all[n % all.len()]);
        clause
    });
    enact(&mut scene, 1, content(clauses.collect()));
    let found = found(&scene);
    assert_eq!(found.conflicts.len(), CONFLICTS_MAX);
    // 60 clauses of 12 grades, five of each: 1770 pairs, of which 12 × 10 agree.
    assert_eq!(found.contradictions(), 1770 - 120);
    let document = found.document(NOW);
    assert_eq!(document.lines.len() as u64 + document.more, 1770 - 120 + 1);
}

fn any_terms() -> impl Strategy<Value = ClauseTerms> {
    let kinds = prop::collection::vec(
        prop::sample::select(vec![
            PermitKind::Telework,
            PermitKind::TakeOut,
            PermitKind::Byod,
        ]),
        0..3,
    );
    let places = prop::collection::vec(prop::sample::select(TeleworkPlace::ALL.to_vec()), 0..3);
    let grades = prop::option::of(prop::sample::select(Grade::all()));
    let days = prop::option::of(1_u32..4);
    let tasks = prop::option::of(0_u32..2);
    (kinds, places, grades, days, tasks, any::<bool>()).prop_map(
        |(permits, places, highest, days, task, forbids)| {
            let mut terms = terms("条");
            terms.permits = permits;
            terms.places = places;
            terms.task = task.map(|n| TaskId::new(fresh(82, n)));
            terms.forbids = forbids;
            terms.highest = highest.filter(|_| !forbids);
            terms.days = days.filter(|_| !forbids);
            terms
        },
    )
}

proptest! {
    #[test]
    fn conflicts_are_the_same_from_both_sides(one in any_terms(), other in any_terms()) {
        for (first, second) in both(&one, &other).iter().zip(both(&other, &one)) {
            let mut mirrored = second.clone();
            let mut found = first.clone();
            mirrored.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, mirrored);
        }
    }

    #[test]
    fn a_clause_agrees_with_itself_and_what_lies_apart_never_conflicts(one in any_terms(), other in any_terms()) {
        prop_assert!(both(&one, &one).iter().all(Vec::is_empty));
        prop_assert!(within(&one, &one) && overlap(&one, &one));
        if within(&one, &other) {
            prop_assert!(overlap(&one, &other));
        }
        if !overlap(&one, &other) {
            prop_assert!(both(&one, &other).iter().all(Vec::is_empty));
        }
    }

    #[test]
    fn a_special_provision_is_a_contradiction_in_another_rule(one in any_terms(), other in any_terms()) {
        let [together, apart] = both(&one, &other);
        prop_assert_eq!(together.len(), apart.len());
        prop_assert!(!apart.contains(&ConflictCode::Special));
    }

    #[test]
    fn a_grade_exceeds_exactly_where_joining_raises(one in prop::sample::select(Grade::all()), other in prop::sample::select(Grade::all())) {
        prop_assert_eq!(exceeds(one, other), one.join(other) != other);
    }
}
