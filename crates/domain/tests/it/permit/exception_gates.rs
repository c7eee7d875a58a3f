//! What stands before an exception is put off, made ordinary operation, or suppresses anything.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, ExceptionAct, OpinionCommand, PermitAct};
use sekisho_domain::event::BlobRef;
use sekisho_domain::exception::{Judgement, NamedClause};
use sekisho_domain::id::RuleId;
use sekisho_domain::opinion::{Opinion, Proposal, Stance, Subject};
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::plan::{CaseScope, Trigger};
use sekisho_domain::role::Role;
use sekisho_domain::rule::{ClauseNumber, ClauseRef};
use sekisho_domain::time::Span;

use super::exceptions::{HOLD, enacted, err, exception, line, ok, on, regularise, review, running};
use super::scene::{
    EXCEPTIONS, OTHER_SECTION, SECTION, STAFF, Scene, TEAM, Who, approve, day, permit, person, unit,
};
use crate::commands::{act, fresh, root, sealed};

#[test]
fn its_end_is_not_put_off_before_the_promotion_body_is_heard() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let body = Who(1020);
    scene.appoint(body, root(), Role::PromotionBody);
    let reason = sealed(person(STAFF));
    let until = day(60);
    ok(scene.act(1, STAFF, PermitAct::AskExtension { until, reason }));
    let again = || ExceptionAct::DecideAgain {
        until: Some(until),
        next: day(20).jst_date(),
        answer: None,
        for_everybody: false,
    };
    let by = (1, EXCEPTIONS);
    err(on(&mut scene, by, &HOLD, again()), "opinion.lacking");
    let document = BlobRef {
        blob: "00".repeat(32),
        size: 2,
    };
    let opinion = Box::new(Opinion {
        proposal: Proposal {
            subject: Subject::Exception(permit(1)),
            state: scene.permit(1).version(),
        },
        stance: Stance::Agree,
        sentence: line("整合性を確認した"),
        consistency: document.clone(),
        contradictions: 0,
        technical: document,
        results: 0,
    });
    let give = Command::Opinion(Box::new(OpinionCommand::Give { opinion }));
    let actor = Actor::person(person(body));
    ok(act(&mut scene.world, &actor, &give, scene.now));
    ok(on(&mut scene, by, &HOLD, again()));
    assert_eq!(scene.permit(1).grant().unwrap().term.until, until);
}

#[test]
fn an_exception_becomes_no_clause_that_has_nothing_to_do_with_it() {
    let mut scene = Scene::new();
    enacted(&mut scene);
    let clause = |number: u32| ClauseRef {
        rule: RuleId::new(fresh(77)),
        clause: ClauseNumber(number.try_into().unwrap()),
    };
    let later = |scene: &mut Scene| scene.now = scene.now.after(Span::days(1));
    later(&mut scene);
    let departs = Exception {
        clause: Some(NamedClause(clause(3))),
        ..exception(day(12))
    };
    ok(scene.apply(1, STAFF, Particulars::Exception(departs)));
    ok(scene.act(1, EXCEPTIONS, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let by = (1, EXCEPTIONS);
    let found = review(Judgement::Effective, Some(day(20)));
    ok(on(&mut scene, by, &HOLD, found));
    // Neither one of something else, nor the very one from which it departs.
    for number in [1, 3] {
        let into = clause(number);
        let act = ExceptionAct::Regularise { into };
        let answer = on(&mut scene, by, &HOLD, act);
        err(answer, "exception.clause-not-its");
    }
    later(&mut scene);
    enacted(&mut scene);
    ok(on(&mut scene, by, &HOLD, regularise()));
}

#[test]
fn a_units_authority_suppresses_nothing_beyond_its_unit() {
    let mut scene = Scene::new();
    let authority = Who(1021);
    scene.appoint(authority, unit(SECTION), Role::ExceptionAuthority);
    let of = |unit| {
        Particulars::Exception(Exception {
            unit,
            suppresses: Some(Trigger::Users),
            ..exception(day(10))
        })
    };
    for (n, beyond) in [(1, None), (2, Some(unit(OTHER_SECTION)))] {
        ok(scene.apply(n, STAFF, of(beyond)));
        let answer = scene.act(n, authority, approve());
        err(answer, "exception.suppresses-beyond");
    }
    ok(scene.apply(3, STAFF, of(Some(unit(TEAM)))));
    ok(scene.act(3, authority, approve()));
}

#[test]
fn a_trigger_is_suppressed_by_an_exception_in_force_within_its_unit_alone() {
    let mut scene = Scene::new();
    let of_section = Exception {
        unit: Some(unit(SECTION)),
        suppresses: Some(Trigger::Users),
        ..exception(day(10))
    };
    ok(scene.apply(1, STAFF, Particulars::Exception(of_section)));
    ok(scene.act(1, EXCEPTIONS, approve()));
    let suppressed =
        |scene: &Scene, trigger, scope, at| scene.world.suppressing(trigger, scope, at).is_some();
    let team = CaseScope::Unit(unit(TEAM));
    // Approved is not in force.
    assert!(!suppressed(&scene, Trigger::Users, team, scene.now));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let now = scene.now;
    assert!(suppressed(&scene, Trigger::Users, team, now));
    let section = CaseScope::Unit(unit(SECTION));
    assert!(suppressed(&scene, Trigger::Users, section, now));
    for (trigger, scope) in [
        (Trigger::Volume, team),
        (Trigger::Users, CaseScope::Body),
        (Trigger::Users, CaseScope::Unit(unit(OTHER_SECTION))),
    ] {
        assert!(
            !suppressed(&scene, trigger, scope, now),
            "{trigger:?} {scope:?}"
        );
    }
    let end = scene.permit(1).grant().unwrap().term.until;
    assert!(suppressed(
        &scene,
        Trigger::Users,
        team,
        end.before(Span::millis(1))
    ));
    assert!(!suppressed(&scene, Trigger::Users, team, end));
}
