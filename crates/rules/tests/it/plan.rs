//! Rows that the plan of telework answers: that there is one, that changes are reassessed in time, and that
//! reassessments stand in it.

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::Outcome;
use sekisho_domain::code::Param;
use sekisho_domain::event::{BlobRef, Event};
use sekisho_domain::id::{CaseId, PlanId, SystemId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::plan::{
    Case, CaseOpened, CaseScope, CaseState, Cause, Conclusion, Feed, Figure, FrozenUse, Measure,
    PlanContent, PlanEvaluated, PlanHead, PlanVersion, Reassessment, RiskLevel, Trigger,
};
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::AccessEvidence;
use sekisho_rules::assess::{Concerned, Thing, unseen_use};
use sekisho_rules::trigger::resting_on;

use crate::access;
use crate::fixture::{NOW, Scene, around_now, fresh, row};
use crate::permits::{give, until};

pub fn with_plan(scene: &mut Scene, until: Timestamp) {
    let text = |text| Line::parse(text).unwrap();
    let head = PlanHead {
        title: text("計画"),
        people: 1,
        person_days: 1,
        gateway_hours: None,
        note: None,
    };
    scene.world.plan.versions.push(PlanVersion {
        version: 1,
        plan: PlanId::new(fresh(70, 0)),
        content: Arc::new(PlanContent {
            head,
            lines: Vec::new(),
        }),
        cause: Cause::Approved,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW.before(Span::days(2)),
        approved_at: NOW.before(Span::days(2)),
        until,
        cites: Vec::new(),
        baseline: BlobRef {
            blob: "b".to_owned(),
            size: 1,
        },
    });
}

fn evaluated(scene: &mut Scene, at: Timestamp) {
    let day = PlanEvaluated {
        version: 1,
        day: at.day_begun(),
        body: FrozenUse::default(),
        firing: 0,
        unmeasured: Vec::new(),
        failing: Vec::new(),
        failing_units: Vec::new(),
    };
    scene.world.plan.days = vec![(at, day)];
}

/// A plan in force that use was held against today, with which nothing is wrong.
pub fn in_force_and_evaluated(scene: &mut Scene) {
    with_plan(scene, NOW.after(Span::days(1)));
    evaluated(scene, NOW.before(Span::hours(1)));
}

pub fn case(scene: &mut Scene, number: u32, figure: Figure, state: CaseState, due: Timestamp) {
    let case = CaseId::new(fresh(71, number));
    let opened = CaseOpened {
        case,
        trigger: Trigger::Functions,
        scope: CaseScope::Body,
        version: 1,
        figures: vec![figure],
        high: false,
        due,
    };
    let (opened_at, changed_at, version) = (NOW, NOW, 1);
    let case = Case {
        opened,
        latest: Vec::new(),
        opened_at,
        changed_at,
        version,
        state,
    };
    scene.world.plan.cases.insert(case.opened.case, case);
}

fn closed(conclusion: Conclusion) -> CaseState {
    CaseState::Closed {
        at: NOW,
        by: Actor::Operator,
        reassessment: Reassessment {
            level: RiskLevel::Low,
            conclusion,
            note: Line::parse("所見").unwrap(),
        },
        risk: None,
    }
}

fn said(scene: &Scene, id: &str) -> (Verdict, String) {
    let assessment = scene.assess();
    let verdict = &row(&assessment, id).verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

fn unknown(code: &str) -> (Verdict, String) {
    (Verdict::Unknown, code.to_owned())
}

pub fn added() -> Figure {
    Figure::found(Measure::FunctionAdded, "service:x".to_owned())
}

#[test]
fn without_a_plan_nothing_is_known_and_a_plan_that_is_over_fails() {
    let mut scene = Scene::new(Profile::Gov);
    for id in ["PUB-2", "GOV-1-b", "GOV-1-l", "GOV-1-m"] {
        assert_eq!(said(&scene, id), unknown("plan.none"), "{id}");
    }
    with_plan(&mut scene, NOW.after(Span::days(1)));
    // What is left is a post's word.
    assert_eq!(said(&scene, "PUB-2"), unknown("attestation.missing"));
    assert_eq!(said(&scene, "GOV-1-l"), unknown("register.nothing-entered"));
    // Where nobody looked, nothing was found that the plan would have to reflect.
    assert_eq!(said(&scene, "GOV-1-m"), unknown("plan.not-evaluated"));
    evaluated(&mut scene, NOW.before(Span::hours(48)));
    assert_eq!(said(&scene, "GOV-1-m"), unknown("attestation.missing"));
    scene.world.plan.versions[0].until = NOW;
    for id in ["PUB-2", "GOV-1-m"] {
        let over = (Verdict::NotMet, "plan.over".to_owned());
        assert_eq!(said(&scene, id), over, "{id}");
    }
}

#[test]
fn a_trigger_passes_only_where_it_was_evaluated_measured_and_reassessed_in_time() {
    let mut scene = Scene::new(Profile::Gov);
    with_plan(&mut scene, NOW.after(Span::days(100)));
    assert_eq!(said(&scene, "GOV-1-f"), unknown("plan.not-evaluated"));
    evaluated(&mut scene, NOW.before(Span::hours(49)));
    assert_eq!(said(&scene, "GOV-1-f"), unknown("plan.not-evaluated"));
    evaluated(&mut scene, NOW.before(Span::hours(48)));
    assert_eq!(said(&scene, "GOV-1-f"), unknown("attestation.missing"));
    let later = NOW.after(Span::days(1));
    case(&mut scene, 1, added(), CaseState::Open, later);
    assert_eq!(said(&scene, "GOV-1-f"), unknown("attestation.missing"));
    case(
        &mut scene,
        2,
        Figure::unmeasured(Feed::Discovery),
        CaseState::Open,
        later,
    );
    assert_eq!(said(&scene, "GOV-1-f"), unknown("plan.unmeasured"));
    case(&mut scene, 1, added(), CaseState::Open, NOW);
    assert_eq!(
        said(&scene, "GOV-1-f"),
        (Verdict::NotMet, "case.overdue".to_owned())
    );
    // Other triggers have nothing to do with it.
    assert_eq!(said(&scene, "GOV-1-b"), unknown("attestation.missing"));
    for number in [1, 2] {
        case(
            &mut scene,
            number,
            added(),
            closed(Conclusion::Unchanged),
            NOW,
        );
    }
    assert_eq!(said(&scene, "GOV-1-f"), unknown("attestation.missing"));
    let mut operator = Scene::new(Profile::Ci);
    with_plan(&mut operator, NOW.after(Span::days(100)));
    assert_eq!(said(&operator, "CI-1-f"), unknown("plan.not-evaluated"));
}

/// No case can be opened on what is not watched yet: that there is none must not read as if all had been looked at.
#[test]
fn a_row_of_unease_names_that_detections_are_not_watched_yet() {
    let mut scene = Scene::new(Profile::Gov);
    with_plan(&mut scene, NOW.after(Span::days(100)));
    evaluated(&mut scene, NOW);
    let evaluations = |scene: &Scene, id: &str| -> Vec<String> {
        let assessment = scene.assess();
        let evidence = row(&assessment, id).verdict.evidence.iter();
        let sources = evidence.map(|it| it.source.clone());
        sources
            .filter(|it| it.starts_with("plan:evaluation"))
            .collect()
    };
    let named = vec!["plan:evaluation/detections".to_owned()];
    assert_eq!(evaluations(&scene, "GOV-1-a"), named);
    assert_eq!(evaluations(&scene, "GOV-1-f"), ["plan:evaluation"]);
    // Nor once there were cases of unease, whatever became of them.
    let later = NOW.after(Span::days(1));
    for (state, due) in [
        (CaseState::Open, later),
        (CaseState::Open, NOW),
        (CaseState::Subsided { at: NOW }, later),
        (closed(Conclusion::Unchanged), later),
    ] {
        case(&mut scene, 1, added(), state.clone(), due);
        let known = scene.world.plan.cases.values_mut();
        known.for_each(|it| it.opened.trigger = Trigger::Unease);
        assert_eq!(evaluations(&scene, "GOV-1-a"), named, "{state:?}");
    }
    // Nor where a post has spoken for the row.
    let (was, _) = said(&scene, "GOV-1-a");
    assert_eq!(was, Verdict::Unknown);
    let post = scene.appoint(Role::Hiso);
    scene.attest("GOV-1-a", post, around_now());
    assert_eq!(said(&scene, "GOV-1-a").0, Verdict::Attested);
    assert_eq!(evaluations(&scene, "GOV-1-a"), named);
}

#[test]
fn what_waits_within_its_time_passes_and_is_named_with_its_day_until_it_fails_on_it() {
    let mut scene = Scene::new(Profile::Gov);
    with_plan(&mut scene, NOW.after(Span::days(100)));
    evaluated(&mut scene, NOW);
    let days = [NOW.after(Span::days(5)), NOW.after(Span::days(2))];
    for (number, due) in [(1, days[0]), (2, days[1])] {
        case(&mut scene, number, added(), CaseState::Open, due);
    }
    let due_of = |it: &Concerned| match it.reason.params.get("due") {
        Some(Param::Time { at }) => *at,
        other => panic!("{other:?}"),
    };
    for id in ["GOV-1-f", "GOV-1-h"] {
        let assessment = scene.assess();
        let found = row(&assessment, id);
        assert_eq!(found.verdict.counts.pass, 2, "{id}");
        assert_eq!(found.verdict.counts.fail, 0, "{id}");
        let named: Vec<_> = found
            .concerned
            .iter()
            .map(|it| (it.what, it.outcome, due_of(it)))
            .collect();
        let of = |number, due| {
            let case = CaseId::new(fresh(71, number));
            (Thing::Case(case), Outcome::Pass, due)
        };
        assert_eq!(named, [of(2, days[1]), of(1, days[0])], "{id}");
    }
    case(&mut scene, 2, added(), CaseState::Open, NOW);
    let late = |code: &str| (Verdict::NotMet, code.to_owned());
    assert_eq!(said(&scene, "GOV-1-f"), late("case.overdue"));
    assert_eq!(said(&scene, "GOV-1-h"), late("risk.overdue"));
    let assessment = scene.assess();
    let named = &row(&assessment, "GOV-1-h").concerned;
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].outcome, Outcome::Fail);
}

#[test]
fn a_change_that_a_reassessment_asked_for_has_to_stand_in_the_plan() {
    let mut scene = Scene::new(Profile::Gov);
    with_plan(&mut scene, NOW.after(Span::days(100)));
    case(&mut scene, 1, added(), closed(Conclusion::PlanChange), NOW);
    assert_eq!(
        said(&scene, "GOV-1-m"),
        (Verdict::NotMet, "plan.not-reflected".to_owned())
    );
    scene.world.plan.versions[0].cites = vec![CaseId::new(fresh(71, 1))];
    assert_eq!(said(&scene, "GOV-1-m"), unknown("attestation.missing"));
}

#[test]
fn each_case_needs_a_frozen_assessment_and_a_word_alone_is_none() {
    let mut scene = Scene::new(Profile::Gov);
    assert_eq!(said(&scene, "GOV-1-h"), unknown("plan.none"));
    with_plan(&mut scene, NOW.after(Span::days(100)));
    assert_eq!(said(&scene, "GOV-1-h"), unknown("plan.not-evaluated"));
    evaluated(&mut scene, NOW);
    // What is left is a post's word.
    let in_order = unknown("attestation.missing");
    assert_eq!(said(&scene, "GOV-1-h"), in_order);
    let failed = |code: &str| (Verdict::NotMet, code.to_owned());
    case(
        &mut scene,
        1,
        added(),
        CaseState::Open,
        NOW.after(Span::days(1)),
    );
    assert_eq!(said(&scene, "GOV-1-h"), in_order);
    case(&mut scene, 1, added(), CaseState::Open, NOW);
    assert_eq!(said(&scene, "GOV-1-h"), failed("risk.overdue"));
    case(&mut scene, 1, added(), closed(Conclusion::Unchanged), NOW);
    assert_eq!(said(&scene, "GOV-1-h"), failed("risk.by-word"));
    let CaseState::Closed {
        at,
        by,
        reassessment,
        ..
    } = closed(Conclusion::Unchanged)
    else {
        panic!("closed");
    };
    let risk = Some(sekisho_domain::id::RiskId::new(fresh(81, 1)));
    let assessed = CaseState::Closed {
        at,
        by,
        reassessment,
        risk,
    };
    case(&mut scene, 1, added(), assessed, NOW);
    assert_eq!(said(&scene, "GOV-1-h"), in_order);
    // That something is not measured is answered by a word, since there is nothing to assess; and once it is measured
    // nothing is left of it.
    let unmeasured = Figure::unmeasured(Feed::Discovery);
    case(
        &mut scene,
        2,
        unmeasured,
        closed(Conclusion::Unchanged),
        NOW,
    );
    assert_eq!(said(&scene, "GOV-1-h"), in_order);
}

/// The feeds that were missing when use was last held against the plan.
fn missing(scene: &mut Scene, feeds: &[Feed]) {
    let (_, day) = scene.world.plan.days.last_mut().unwrap();
    day.unmeasured = feeds.to_vec();
}

#[test]
fn a_word_on_what_is_not_measured_lets_no_row_pass_until_it_is() {
    let mut scene = Scene::new(Profile::Gov);
    in_force_and_evaluated(&mut scene);
    let rows = [
        "GOV-1-a", "GOV-1-b", "GOV-1-c", "GOV-1-d", "GOV-1-e", "GOV-1-f", "GOV-1-g", "GOV-1-h",
    ];
    for (feed, resting) in [
        (Feed::Use, &["GOV-1-b", "GOV-1-c", "GOV-1-d"][..]),
        (Feed::Gateways, &["GOV-1-b"][..]),
        (Feed::Discovery, &["GOV-1-f"][..]),
        (Feed::Checks, &["GOV-1-a"][..]),
        (Feed::Exploited, &["GOV-1-g"][..]),
    ] {
        missing(&mut scene, &[feed]);
        let trigger = resting_on(feed)[0];
        let states = [CaseState::Open, closed(Conclusion::Unchanged)];
        for state in states.into_iter().map(Some).chain([None]) {
            scene.world.plan.cases.clear();
            if let Some(state) = &state {
                let figure = Figure::unmeasured(feed);
                let later = NOW.after(Span::days(1));
                case(&mut scene, 1, figure, state.clone(), later);
                let known = scene.world.plan.cases.values_mut();
                known.for_each(|it| it.opened.trigger = trigger);
            }
            for id in rows {
                let is_unknown = id == "GOV-1-h" || resting.contains(&id);
                let expected = if is_unknown {
                    unknown("plan.unmeasured")
                } else {
                    unknown("attestation.missing")
                };
                assert_eq!(said(&scene, id), expected, "{id} {feed:?} {state:?}");
            }
        }
    }
    // Nor does a post's word.
    let post = scene.appoint(Role::Hiso);
    scene.attest("GOV-1-g", post, around_now());
    assert_eq!(said(&scene, "GOV-1-g"), unknown("plan.unmeasured"));
    missing(&mut scene, &[]);
    assert_eq!(said(&scene, "GOV-1-g").0, Verdict::Attested);
    // What was left undone fails all the same.
    missing(&mut scene, &[Feed::Discovery]);
    case(&mut scene, 1, added(), CaseState::Open, NOW);
    let late = |code: &str| (Verdict::NotMet, code.to_owned());
    assert_eq!(said(&scene, "GOV-1-f"), late("case.overdue"));
    assert_eq!(said(&scene, "GOV-1-h"), late("risk.overdue"));
}

#[test]
fn where_use_is_not_measured_each_system_before_which_nothing_asks_is_named() {
    let mut scene = Scene::new(Profile::Gov);
    in_force_and_evaluated(&mut scene);
    missing(&mut scene, &[Feed::Use]);
    scene.access.read_from(NOW.before(Span::days(80)));
    access::line(&mut scene, 1, "internal", true);
    access::system(&mut scene, "C2I1A1", true);
    let named = |scene: &Scene, id: &str| -> Vec<(Thing, String)> {
        let assessment = scene.assess();
        let concerned = row(&assessment, id).concerned.iter();
        let named = concerned.map(|it| (it.what, it.reason.code.to_string()));
        named.collect()
    };
    let system = Thing::Entry(access::system_id().into());
    let open = vec![(system, "reach.system-unguarded".to_owned())];
    for id in ["GOV-1-b", "GOV-1-c", "GOV-1-d", "GOV-1-h"] {
        assert_eq!(named(&scene, id), open, "{id}");
    }
    // Where other feeds are missing, use is none of it.
    missing(&mut scene, &[Feed::Discovery]);
    assert_eq!(named(&scene, "GOV-1-f"), []);
}

#[test]
fn use_is_seen_only_while_what_stands_before_every_system_asks() {
    let unseen = |scene: &Scene| -> Vec<(bool, String)> {
        let all = unseen_use(&scene.world, &scene.posture, &scene.access, NOW);
        let all = all.iter();
        all.map(|it| (it.system.is_some(), it.why.code.to_string()))
            .collect()
    };
    let only = |system: bool, code: &str| vec![(system, code.to_owned())];
    let mut scene = Scene::new(Profile::Gov);
    scene.access = AccessEvidence::default();
    assert_eq!(unseen(&scene), only(false, "access.not-read"));
    scene.access.read_from(NOW.before(Span::days(80)));
    assert_eq!(unseen(&scene), only(false, "risk.nothing-asks"));
    access::line(&mut scene, 1, "internal", true);
    access::system(&mut scene, "C2I1A1", true);
    assert_eq!(unseen(&scene), only(true, "reach.system-unguarded"));
    access::asked(&mut scene, NOW.before(Span::days(6)));
    assert_eq!(unseen(&scene), []);
    // Another beside it, before which nothing stands: one that asks speaks for itself alone.
    let other = SystemId::new(fresh(20, 2));
    let event = Event::RegisterEntered {
        id: other.into(),
        unit: None,
        particulars: access::a_system("C2I1A1", true),
        remark: None,
    };
    scene.apply_at(event, NOW.before(Span::days(80)));
    let all = unseen_use(&scene.world, &scene.posture, &scene.access, NOW);
    let systems: Vec<_> = all.iter().map(|it| it.system).collect();
    assert_eq!(systems, [Some(other)]);
    // What asked last week and not since may be gone.
    let later = NOW.after(Span::days(2));
    let all = unseen_use(&scene.world, &scene.posture, &scene.access, later);
    assert_eq!(all.len(), 2);
    scene.access.lost(1);
    assert_eq!(unseen(&scene), only(false, "access.answers-lost"));
}

#[test]
fn a_suppressed_trigger_is_not_met_because_nothing_fired() {
    let mut scene = Scene::new(Profile::Gov);
    in_force_and_evaluated(&mut scene);
    assert_eq!(said(&scene, "GOV-1-f"), unknown("attestation.missing"));
    let exception = Exception {
        suppresses: Some(Trigger::Functions),
        ..Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            "C1I1A1".parse().unwrap(),
            Place::ControlledArea,
            NOW.after(Span::days(10)).jst_date(),
        )
    };
    let exception = Particulars::Exception(exception);
    give(&mut scene, 1, exception, 30, until(30));
    for id in ["GOV-1-f", "GOV-1-h"] {
        assert_eq!(said(&scene, id), unknown("plan.suppressed"), "{id}");
    }
    // One that waits in time speaks for none that opens no case.
    let later = NOW.after(Span::days(1));
    case(&mut scene, 1, added(), CaseState::Open, later);
    assert_eq!(said(&scene, "GOV-1-h"), unknown("plan.suppressed"));
    // Other triggers have nothing to do with it, and what is late fails all the same.
    assert_eq!(said(&scene, "GOV-1-b"), unknown("attestation.missing"));
    case(&mut scene, 1, added(), CaseState::Open, NOW);
    let late = (Verdict::NotMet, "case.overdue".to_owned());
    assert_eq!(said(&scene, "GOV-1-f"), late);
}
