//! Exceptions: what is more to them than to other permits.

use std::sync::Arc;

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{
    Command, ExceptionAct, ExceptionCommand, Measured, PermitAct, PermitCommand,
};
use sekisho_domain::event::BlobRef;
use sekisho_domain::exception::{
    CompensatingMeasure, Effect, Judgement, MeasureEffect, MeasureStanding, NamedClause, Outcome,
};
use sekisho_domain::field::Noun;
use sekisho_domain::id::{PostId, RuleId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{EndKind, Particulars, Place, Term};
use sekisho_domain::plan::Trigger;
use sekisho_domain::rule::{
    Clause, ClauseNumber, ClauseRef, ClauseTerms, ClauseText, RuleContent, RuleDocument, RuleHead,
    RuleVersion,
};
use sekisho_domain::time::{Span, Timestamp};

use super::scene::{
    AUDITOR, CHIEF, EXCEPTIONS, STAFF, Scene, Who, application, approve, day, extend, issued,
    permit, person,
};
use crate::commands::{act, fresh, sealed};

pub(super) fn ok(answer: Result<usize, String>) {
    assert!(answer.is_ok(), "{answer:?}");
}

pub(super) fn err(answer: Result<usize, String>, code: &str) {
    assert_eq!(answer, Err(code.to_owned()));
}

pub(super) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub(super) fn exception(review: Timestamp) -> Exception {
    Exception {
        device: Some(issued(STAFF)),
        measures: vec![
            CompensatingMeasure::parse("firewall, disk_encryption: 暗号化し、接続を断る").unwrap(),
            CompensatingMeasure::parse("毎夕、課長が確認する").unwrap(),
        ],
        urgent: true,
        ..Exception::bare(
            line("US-8.1.1-3-e"),
            "C2I2A1".parse().unwrap(),
            Place::OutsideOrganisation,
            review.jst_date(),
        )
    }
}

/// What was measured of an exception, with how its measures stand.
fn effect(scene: &Scene, n: u64, standings: &[MeasureStanding]) -> Effect {
    let measures = standings.iter().zip(0..);
    Effect {
        permit: permit(n),
        at: scene.now,
        from: scene.permit(n).grant().map_or(scene.now, |it| it.term.from),
        until: scene.now,
        renewed: 0,
        devices: 1,
        uses: None,
        incidents: Vec::new(),
        checks: Vec::new(),
        measures: measures
            .map(|(standing, measure)| MeasureEffect {
                measure,
                standing: *standing,
                word_at: None,
            })
            .collect(),
    }
}

pub(super) const HOLD: [MeasureStanding; 2] = [MeasureStanding::Holds, MeasureStanding::Holds];

fn command(effect: Effect, act: ExceptionAct) -> Command {
    Command::Exception(Box::new(ExceptionCommand {
        permit: effect.permit,
        expected: None,
        measured: Measured {
            effect: Box::new(effect),
            document: BlobRef {
                blob: "00".repeat(32),
                size: 2,
            },
        },
        act,
        note: line("四半期の確認"),
    }))
}

pub(super) fn on(
    scene: &mut Scene,
    (n, who): (u64, Who),
    standings: &[MeasureStanding],
    what: ExceptionAct,
) -> Result<usize, String> {
    let command = command(effect(scene, n, standings), what);
    let actor = Actor::person(person(who));
    act(&mut scene.world, &actor, &command, scene.now)
}

pub(super) fn review(judgement: Judgement, next: Option<Timestamp>) -> ExceptionAct {
    ExceptionAct::Review {
        judgement,
        words: vec![1],
        next: next.map(Timestamp::jst_date),
    }
}

pub(super) fn regularise() -> ExceptionAct {
    ExceptionAct::Regularise {
        into: ClauseRef {
            rule: RuleId::new(fresh(77)),
            clause: ClauseNumber(3.try_into().unwrap()),
        },
    }
}

/// Puts the rule in force whose third clause it becomes.
pub(super) fn enacted(scene: &mut Scene) {
    let rule = RuleId::new(fresh(77));
    let clauses = (1_u32..=3).map(|number| Clause {
        number: ClauseNumber(number.try_into().unwrap()),
        text: ClauseText::parse("条文").unwrap(),
        terms: ClauseTerms {
            rows: (number == 3)
                .then(|| "US-8.1.1-3-e".parse().unwrap())
                .into_iter()
                .collect(),
            ..ClauseTerms::labelled(line("条"))
        },
    });
    let content = RuleContent {
        head: RuleHead {
            title: line("規程"),
            title_en: None,
            owner: PostId::new(fresh(78)),
            acknowledge: false,
            units: Vec::new(),
            note: None,
        },
        clauses: clauses.collect(),
    };
    let mut document = RuleDocument::begun(rule);
    document.versions.push(RuleVersion {
        version: 1,
        content: Arc::new(content),
        revision: 2,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: scene.now,
        from: scene.now,
    });
    scene.world.rules.documents.insert(rule, document);
}

/// An exception that runs from now on for 30 days, to be looked at again on the tenth.
pub(super) fn running(scene: &mut Scene, n: u64) {
    let review = scene.now.after(Span::days(10));
    ok(scene.apply(n, STAFF, Particulars::Exception(exception(review))));
    ok(scene.act(n, EXCEPTIONS, approve()));
    ok(scene.act(n, STAFF, PermitAct::Activate));
}

#[test]
fn an_exception_whose_end_lies_before_its_start_is_refused() {
    let mut scene = Scene::new();
    for (from, until) in [(5, 4), (5, 5)] {
        let wanted = Term {
            from: day(from),
            until: day(until),
        };
        let asked = PermitCommand::Apply {
            permit: permit(1),
            applicant: person(STAFF),
            application: application(STAFF, Particulars::Exception(exception(day(5))), wanted),
        };
        let command = Command::Permit(Box::new(asked));
        let actor = Actor::person(person(STAFF));
        let refusal = sekisho_domain::command::decide(&scene.world, &actor, &command, scene.now);
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.reason.code, "term.empty");
        assert_eq!(refusal.field.as_deref(), Some("wanted"));
    }
    running(&mut scene, 1);
}

#[test]
fn an_exception_is_looked_at_again_within_its_term() {
    let mut scene = Scene::new();
    for days in [0, 29] {
        let review = scene.now.after(Span::days(days));
        let n = u64::from(days) + 1;
        ok(scene.apply(n, STAFF, Particulars::Exception(exception(review))));
    }
    let before = scene.now.before(Span::days(1));
    let late = scene.now.after(Span::days(31));
    for review in [before, late] {
        let asked = Particulars::Exception(exception(review));
        err(
            scene.apply(90, STAFF, asked),
            "exception.review-outside-term",
        );
    }
    // Given for less time than was asked for, it would not be looked at any more.
    let term = Term {
        from: scene.now,
        until: scene.now.after(Span::days(20)),
    };
    let shorter = PermitAct::Approve {
        term: Some(term),
        conditions: None,
        remark: None,
        answer: None,
    };
    err(
        scene.act(30, EXCEPTIONS, shorter),
        "exception.review-outside-term",
    );
}

#[test]
fn only_who_decides_looks_at_it_again_and_never_the_applicant() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let next = Some(day(20));
    for (who, code) in [
        (STAFF, "authorise.own-application"),
        (CHIEF, "authorise.not-on-route"),
        (AUDITOR, "authorise.not-on-route"),
    ] {
        let found = review(Judgement::Effective, next);
        err(on(&mut scene, (1, who), &HOLD, found), code);
        err(on(&mut scene, (1, who), &HOLD, ExceptionAct::Stop), code);
    }
    ok(on(
        &mut scene,
        (1, EXCEPTIONS),
        &HOLD,
        review(Judgement::Effective, next),
    ));
}

#[test]
fn a_review_says_when_the_next_one_is_and_its_words_stand_for_a_time() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let by = (1, EXCEPTIONS);
    let missing = review(Judgement::NotClear, None);
    err(on(&mut scene, by, &HOLD, missing), "exception.next-missing");
    let outside = review(Judgement::NotClear, Some(day(40)));
    err(
        on(&mut scene, by, &HOLD, outside),
        "exception.review-outside-term",
    );
    let seen = ExceptionAct::Review {
        judgement: Judgement::NotClear,
        words: vec![0],
        next: Some(day(20).jst_date()),
    };
    err(on(&mut scene, by, &HOLD, seen), "exception.word-not-asked");

    assert!(
        !scene
            .world
            .is_exception_past_review(scene.permit(1), day(10))
    );
    assert!(
        scene
            .world
            .is_exception_past_review(scene.permit(1), day(12))
    );
    let reviews = |scene: &Scene, by| {
        let found = scene.world.reviews_for(person(EXCEPTIONS), by, scene.now);
        found.len()
    };
    assert_eq!((reviews(&scene, day(5)), reviews(&scene, day(12))), (0, 1));
    ok(on(
        &mut scene,
        by,
        &HOLD,
        review(Judgement::NotClear, Some(day(20))),
    ));
    assert!(
        !scene
            .world
            .is_exception_past_review(scene.permit(1), day(12))
    );
    let record = scene.world.exception_record(permit(1));
    assert!(!record.is_effective());
    assert_eq!(record.word(1, scene.now), Some(scene.now));
    assert_eq!(
        record.word(1, scene.now.after(Span::days(89))),
        Some(scene.now)
    );
    assert_eq!(record.word(1, scene.now.after(Span::days(90))), None);
    assert_eq!(record.word(0, scene.now), None);
}

#[test]
fn ordinary_operation_needs_a_confirmed_effect_and_every_measure() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let by = (1, EXCEPTIONS);
    err(
        on(&mut scene, by, &HOLD, regularise()),
        "exception.effect-not-confirmed",
    );
    ok(on(
        &mut scene,
        by,
        &HOLD,
        review(Judgement::Effective, Some(day(20))),
    ));
    use MeasureStanding::{Fails, Holds, Unknown};
    for wrong in [&[Holds, Unknown][..], &[Fails, Holds], &[Holds], &[]] {
        err(
            on(&mut scene, by, wrong, regularise()),
            "exception.measures-not-in-effect",
        );
    }
    // What was found since counts.
    ok(on(
        &mut scene,
        by,
        &HOLD,
        review(Judgement::NotEffective, Some(day(20))),
    ));
    err(
        on(&mut scene, by, &HOLD, regularise()),
        "exception.effect-not-confirmed",
    );
    ok(on(
        &mut scene,
        by,
        &HOLD,
        review(Judgement::Effective, Some(day(20))),
    ));
    assert!(scene.permit(1).is_in_force(scene.now));
    // Nor does it become a clause that is not there.
    let none = on(&mut scene, by, &HOLD, regularise());
    err(none, "exception.clause-unknown");
    enacted(&mut scene);
    ok(on(&mut scene, by, &HOLD, regularise()));
    assert!(!scene.permit(1).is_in_force(scene.now));
    let end = scene.permit(1).grant().unwrap().end(scene.now).unwrap();
    assert_eq!((end.how, end.at), (EndKind::Regularised, scene.now));
    let outcome = scene.world.exception_record(permit(1)).outcome;
    assert!(matches!(outcome, Some(Outcome::Regularised { .. })));
    err(
        on(&mut scene, by, &HOLD, ExceptionAct::Stop),
        "exception.not-now",
    );
    // Its measures go on being vouched for.
    ok(on(
        &mut scene,
        by,
        &HOLD,
        review(Judgement::Effective, None),
    ));
}

#[test]
fn an_exception_without_measures_cannot_become_ordinary_operation() {
    let mut scene = Scene::new();
    let bare = Exception {
        measures: Vec::new(),
        ..exception(day(10))
    };
    ok(scene.apply(1, STAFF, Particulars::Exception(bare)));
    ok(scene.act(1, EXCEPTIONS, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let found = ExceptionAct::Review {
        judgement: Judgement::Effective,
        words: Vec::new(),
        next: Some(day(20).jst_date()),
    };
    ok(on(&mut scene, (1, EXCEPTIONS), &[], found));
    err(
        on(&mut scene, (1, EXCEPTIONS), &[], regularise()),
        "exception.no-measures",
    );
    ok(on(&mut scene, (1, EXCEPTIONS), &[], ExceptionAct::Stop));
    let end = scene.permit(1).grant().unwrap().end(scene.now).unwrap();
    assert_eq!(end.how, EndKind::Revoked);
}

#[test]
fn its_end_is_put_off_by_deciding_again_alone_and_that_is_counted() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let by = (1, EXCEPTIONS);
    let again = |until: Option<i64>, next: i64| ExceptionAct::DecideAgain {
        until: until.map(day),
        next: day(next).jst_date(),
        answer: None,
        for_everybody: false,
    };
    err(
        on(&mut scene, by, &HOLD, again(Some(60), 40)),
        "permit.no-extension-asked",
    );
    for (n, until) in [(1, 60), (2, 90)] {
        ok(scene.act(
            1,
            STAFF,
            PermitAct::AskExtension {
                until: day(until),
                reason: sealed(person(STAFF)),
            },
        ));
        let plain = extend(None);
        err(scene.act(1, EXCEPTIONS, plain), "exception.decide-again");
        err(
            on(&mut scene, by, &HOLD, again(Some(until + 1), 20)),
            "permit.beyond-what-was-asked",
        );
        ok(on(&mut scene, by, &HOLD, again(Some(until), until - 1)));
        assert_eq!(scene.permit(1).grant().unwrap().term.until, day(until));
        assert_eq!(scene.world.exception_renewals(permit(1)), n);
        let review = scene.world.exception_review_on(scene.permit(1)).unwrap();
        assert_eq!(review, day(until - 1).jst_date());
    }
    // Without a later end it goes on to the end that it has.
    ok(on(&mut scene, by, &HOLD, again(None, 50)));
    assert_eq!(scene.world.exception_renewals(permit(1)), 2);
    assert_eq!(
        scene.world.exception_record(permit(1)).decided_again.len(),
        3
    );
}

#[test]
fn what_is_decided_was_measured_just_now_and_of_this_exception() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    running(&mut scene, 2);
    let actor = Actor::person(person(EXCEPTIONS));
    let stop = |scene: &mut Scene, change: &dyn Fn(&mut Effect)| {
        let mut effect = effect(scene, 1, &HOLD);
        change(&mut effect);
        let Command::Exception(mut command) = command(effect, ExceptionAct::Stop) else {
            unreachable!()
        };
        command.permit = permit(1);
        act(
            &mut scene.world,
            &actor,
            &Command::Exception(command),
            scene.now,
        )
    };
    let now = scene.now;
    for change in [
        &(|effect: &mut Effect| effect.permit = permit(2)) as &dyn Fn(&mut Effect),
        &|effect| effect.at = now.before(Span::minutes(11)),
        &|effect| effect.at = now.after(Span::seconds(1)),
    ] {
        err(stop(&mut scene, change), "exception.figures-old");
    }
    ok(stop(&mut scene, &|effect| {
        effect.at = now.before(Span::minutes(9));
    }));
}

#[test]
fn exceptions_of_before_read_with_nothing_more_than_they_said() {
    let stored = r#"{"requirement":"US-8.1.1-3-e","grade":"C1I1A1","place":"controlled","review_on":"2026-12-01"}"#;
    let read: Exception = serde_json::from_str(stored).unwrap();
    assert_eq!(
        read,
        Exception::bare(
            line("US-8.1.1-3-e"),
            "C1I1A1".parse().unwrap(),
            Place::ControlledArea,
            jiff::civil::date(2026, 12, 1),
        )
    );
    let clause = NamedClause::parse(&format!("{}/4", RuleId::new(fresh(1)))).unwrap();
    assert_eq!(NamedClause::parse(&clause.text()), Ok(clause));
    for wrong in ["", "/1", "rul_x/1", &format!("{}/0", RuleId::new(fresh(1)))] {
        assert!(NamedClause::parse(wrong).is_err(), "{wrong}");
    }
    let whole = Exception {
        clause: Some(clause),
        suppresses: Some(Trigger::Other),
        people: vec![person(STAFF)],
        ..exception(day(3))
    };
    assert_eq!(Exception::read(&whole.values()), Ok(whole));
}

proptest! {
    /// Never active past its end, not for one second: whatever was put off, and whenever it is asked.
    #[test]
    fn an_exception_is_never_in_force_at_or_after_its_end(
        days in 2_i64..60,
        later in proptest::option::of(1_i64..60),
        beyond in 0_u32..1_000_000,
    ) {
        let mut scene = Scene::new();
        let from = scene.now;
        let wanted = Term { from, until: day(days) };
        let asked = PermitCommand::Apply {
            permit: permit(1),
            applicant: person(STAFF),
            application: application(STAFF, Particulars::Exception(exception(day(1))), wanted),
        };
        ok(scene.ask(&Actor::person(person(STAFF)), asked));
        ok(scene.act(1, EXCEPTIONS, approve()));
        ok(scene.act(1, STAFF, PermitAct::Activate));
        let mut end = day(days);
        if let Some(later) = later {
            let until = day(days + later);
            let reason = sealed(person(STAFF));
            ok(scene.act(1, STAFF, PermitAct::AskExtension { until, reason }));
            let again = ExceptionAct::DecideAgain {
                until: Some(until),
                next: day(1).jst_date(),
                answer: None,
                for_everybody: false,
            };
            ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, again));
            end = until;
        }
        let permit = scene.permit(1);
        prop_assert!(permit.is_in_force(end.before(Span::millis(1))));
        prop_assert!(!permit.is_in_force(end));
        prop_assert!(!permit.is_in_force(end.after(Span::millis(beyond))));
        // A review that is late makes nothing longer.
        prop_assert!(scene.world.live_exceptions(end).next().is_none());
    }
}

/// Applied for anew, it would otherwise be young again.
#[test]
fn the_same_exception_given_anew_goes_on_with_the_one_before() {
    let mut scene = Scene::new();
    running(&mut scene, 1);
    let began = scene.now;
    let to_settle = |scene: &Scene, n, at| {
        let world = &scene.world;
        world.is_exception_to_settle(scene.permit(n), at)
    };
    scene.now = day(33);
    running(&mut scene, 2);
    assert_eq!(scene.world.exception_renewals(permit(2)), 1);
    assert_eq!(scene.world.exception_began(scene.permit(2)), Some(began));
    assert_eq!(
        scene.world.exception_record(permit(2)).follows,
        Some(permit(1))
    );
    assert!(!to_settle(&scene, 2, scene.now));
    scene.now = day(65);
    running(&mut scene, 3);
    assert_eq!(scene.world.exception_renewals(permit(3)), 2);
    assert!(to_settle(&scene, 3, scene.now));
    // More than a week later, or for other things, it is another one.
    scene.now = day(104);
    running(&mut scene, 4);
    assert_eq!(scene.world.exception_renewals(permit(4)), 0);
    let other = Exception {
        device: None,
        ..exception(scene.now.after(Span::days(3)))
    };
    ok(scene.apply(5, STAFF, Particulars::Exception(other)));
    ok(scene.act(5, EXCEPTIONS, approve()));
    assert_eq!(scene.world.exception_renewals(permit(5)), 0);
    assert!(!to_settle(&scene, 4, day(133)));
}
