//! The life of permits of every kind, step by step.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PermitAct, PermitCommand, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ServiceId, StandInId};
use sekisho_domain::permit::{Capacity, EndKind, HoldCause, Obligation, PermitKind, Proof, Term};
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::Timestamp;

use super::asked::particulars;
use super::scene::*;
use crate::commands::{fresh, officer, root, sealed};

fn ok(answer: Result<usize, String>) {
    assert!(answer.is_ok(), "{answer:?}");
}

fn err(answer: Result<usize, String>, code: &str) {
    assert_eq!(answer, Err(code.to_owned()));
}

/// Who decides on each kind that a member of staff applies for.
fn decider(kind: PermitKind) -> Who {
    match kind.approver().0 {
        Role::Diso => CHIEF,
        Role::Isso => SYSTEMS,
        Role::ExceptionAuthority => EXCEPTIONS,
        other => panic!("{other:?}"),
    }
}

fn meet(obligation: Obligation) -> PermitAct {
    if obligation.is_stated_by_the_applicant() {
        PermitAct::Meet {
            obligation,
            proof: Proof::Statement,
            statement: Some(sealed(person(STAFF))),
        }
    } else {
        PermitAct::Meet {
            obligation,
            proof: Proof::Received,
            statement: None,
        }
    }
}

#[test]
fn every_kind_runs_from_application_to_closed() {
    let mut scene = Scene::new();
    for (n, kind) in (1..).zip(PermitKind::ALL) {
        let grade = if *kind == PermitKind::Service {
            "C1I1A1"
        } else {
            "C2I2A1"
        };
        ok(scene.apply(n, STAFF, particulars(*kind, STAFF, grade)));
        assert_eq!(scene.status(n), "applied", "{kind:?}");
        err(scene.act(n, STAFF, approve()), "authorise.own-application");
        err(scene.act(n, AUDITOR, approve()), "authorise.not-on-route");
        let decides = decider(*kind);
        for other in [CHIEF, SYSTEMS, EXCEPTIONS, OTHER_CHIEF, BUREAU_HEAD, CISO] {
            if other != decides {
                err(scene.act(n, other, approve()), "authorise.not-on-route");
            }
        }
        assert_eq!(scene.world.waiting_for(person(decides), scene.now).len(), 1);
        ok(scene.act(n, decides, approve()));
        assert_eq!(scene.status(n), "approved");
        assert!(!scene.permit(n).is_in_force(scene.now));
        let number = scene.permit(n).grant().unwrap().number;
        assert_eq!(number.serial, 1, "each kind runs by itself");
        ok(scene.act(n, STAFF, PermitAct::Activate));
        assert!(scene.permit(n).is_in_force(scene.now));
        ok(scene.act(n, STAFF, PermitAct::Return));
        assert!(!scene.permit(n).is_in_force(scene.now));
        for obligation in scene.permit(n).grant().unwrap().owed.iter() {
            assert_eq!(scene.status(n), "ended");
            let by = if obligation.is_stated_by_the_applicant() {
                STAFF
            } else {
                CHIEF
            };
            if by != STAFF {
                let own = scene.act(n, STAFF, meet(obligation));
                err(own, "authorise.no-authority");
            }
            ok(scene.act(n, by, meet(obligation)));
        }
        assert_eq!(scene.status(n), "closed", "{kind:?}");
        assert_eq!(
            scene.permit(n).version(),
            scene.permit(n).records.len() as u64
        );
    }
}

#[test]
fn an_application_goes_back_and_forth_and_ends_in_refusal_or_withdrawal() {
    let mut scene = Scene::new();
    let telework = || particulars(PermitKind::Telework, STAFF, "C1I1A1");
    ok(scene.apply(1, STAFF, telework()));
    let reason = || sealed(person(STAFF));
    ok(scene.act(1, CHIEF, PermitAct::SendBack { reason: reason() }));
    assert_eq!(scene.status(1), "sent_back");
    err(scene.act(1, CHIEF, approve()), "permit.not-now");
    let wanted = Term {
        from: day(0),
        until: day(10),
    };
    let again = |particulars| PermitAct::Resubmit {
        application: Box::new(application(STAFF, particulars, wanted)),
    };
    let other = particulars(PermitKind::TakeOut, STAFF, "C1I1A1");
    err(scene.act(1, STAFF, again(other)), "permit.other-kind");
    ok(scene.act(1, STAFF, again(telework())));
    assert_eq!(scene.permit(1).wanted, wanted);
    ok(scene.act(1, CHIEF, PermitAct::Refuse { reason: reason() }));
    assert_eq!(scene.status(1), "refused");
    for act in [approve(), PermitAct::SendBack { reason: reason() }] {
        err(scene.act(1, CHIEF, act), "permit.not-now");
    }
    ok(scene.apply(2, STAFF, telework()));
    err(
        scene.act(2, COLLEAGUE, PermitAct::Withdraw),
        "authorise.out-of-reach",
    );
    ok(scene.act(2, STAFF, PermitAct::Withdraw));
    err(scene.act(2, STAFF, PermitAct::Withdraw), "permit.not-now");
}

#[test]
fn a_reason_is_sealed_for_its_author_or_the_applicant() {
    let mut scene = Scene::new();
    ok(scene.apply(1, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1")));
    let of_another = PermitAct::Refuse {
        reason: sealed(person(COLLEAGUE)),
    };
    err(scene.act(1, CHIEF, of_another), "permit.text-of-another");
    ok(scene.act(
        1,
        CHIEF,
        PermitAct::Refuse {
            reason: sealed(person(CHIEF)),
        },
    ));
}

#[test]
fn access_ends_by_comparing_times_and_the_record_only_says_so() {
    let mut scene = Scene::new();
    ok(scene.apply(1, STAFF, particulars(PermitKind::OffSite, STAFF, "C3I1A1")));
    ok(scene.act(1, CHIEF, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let until = scene.permit(1).grant().unwrap().term.until;
    let before = Timestamp::from_millis(until.as_millis() - 1);
    assert!(scene.permit(1).is_in_force(before) && !scene.permit(1).is_in_force(until));
    scene.now = until;
    assert_eq!(scene.status(1), "ended");
    err(
        scene.act(
            1,
            CHIEF,
            PermitAct::Revoke {
                reason: sealed(person(STAFF)),
            },
        ),
        "permit.not-now",
    );
    assert_eq!(scene.world.permits.expired(until).count(), 1);
    let record = PermitCommand::RecordEnds {
        permits: vec![permit(1), permit(1), permit(9)],
    };
    assert_eq!(scene.ask(&Actor::System, record.clone()), Ok(1));
    assert_eq!(scene.ask(&Actor::System, record), Ok(0), "once");
    assert_eq!(
        scene.permit(1).grant().unwrap().end(day(0)).unwrap().how,
        EndKind::Expired
    );
    // A recorded end is final whatever the clock says later.
    assert!(!scene.permit(1).is_in_force(before));
}

#[test]
fn what_is_overdue_bars_a_new_permit_of_the_kind_until_it_is_done() {
    let mut scene = Scene::new();
    let off_site = || particulars(PermitKind::OffSite, STAFF, "C3I1A1");
    ok(scene.apply(1, STAFF, off_site()));
    ok(scene.act(1, CHIEF, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    // Three working days from the end on the thirtieth day: a week has them, whatever its weekend.
    scene.now = day(31);
    assert_eq!(
        scene.world.overdue_within(unit(SECTION), scene.now).count(),
        0
    );
    scene.now = day(40);
    assert_eq!(
        scene.world.overdue_within(unit(SECTION), scene.now).count(),
        1
    );
    assert_eq!(
        scene
            .world
            .overdue_within(unit(OTHER_SECTION), scene.now)
            .count(),
        0
    );
    err(scene.apply(2, STAFF, off_site()), "permit.overdue");
    ok(scene.apply(3, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1")));
    ok(scene.apply(
        4,
        COLLEAGUE,
        particulars(PermitKind::OffSite, COLLEAGUE, "C3I1A1"),
    ));
    // Its end is recorded with it.
    assert_eq!(
        scene.act(1, STAFF, meet(Obligation::InformationErased)),
        Ok(3)
    );
    assert_eq!(scene.status(1), "closed");
    ok(scene.apply(2, STAFF, off_site()));
}

#[test]
fn a_later_end_is_asked_for_and_never_exceeded() {
    let mut scene = Scene::new();
    ok(scene.apply(1, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1")));
    ok(scene.act(1, CHIEF, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    err(
        scene.act(1, CHIEF, extend(None)),
        "permit.no-extension-asked",
    );
    let ask = |until| PermitAct::AskExtension {
        until,
        reason: sealed(person(STAFF)),
    };
    err(scene.act(1, STAFF, ask(day(20))), "permit.not-longer");
    err(scene.act(1, STAFF, ask(day(1_200))), "term.too-long");
    ok(scene.act(1, STAFF, ask(day(60))));
    assert_eq!(scene.world.waiting_for(person(CHIEF), scene.now).len(), 1);
    err(
        scene.act(1, CHIEF, extend(Some(day(61)))),
        "permit.beyond-what-was-asked",
    );
    ok(scene.act(1, CHIEF, extend(None)));
    assert_eq!(scene.permit(1).grant().unwrap().term.until, day(60));
    ok(scene.act(1, STAFF, ask(day(90))));
    ok(scene.act(
        1,
        CHIEF,
        PermitAct::RefuseExtension {
            reason: sealed(person(CHIEF)),
        },
    ));
    assert!(scene.world.waiting_for(person(CHIEF), scene.now).is_empty());
    scene.now = day(60);
    err(scene.act(1, STAFF, ask(day(90))), "permit.not-now");
}

#[test]
fn the_program_holds_for_what_it_sees_and_officers_for_what_they_know() {
    let mut scene = Scene::new();
    ok(scene.apply(1, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1")));
    ok(scene.act(1, CHIEF, approve()));
    ok(scene.act(1, STAFF, PermitAct::Activate));
    let hold = |cause| PermitAct::Suspend {
        cause,
        remark: None,
    };
    err(
        scene.act_as(1, &Actor::System, hold(HoldCause::Officer)),
        "permit.cause-of-another",
    );
    err(
        scene.act(1, CHIEF, hold(HoldCause::Posture)),
        "permit.cause-of-another",
    );
    ok(scene.act_as(1, &Actor::System, hold(HoldCause::Posture)));
    assert!(!scene.permit(1).is_in_force(scene.now));
    ok(scene.act_as(1, &Actor::System, PermitAct::Release));
    assert!(scene.permit(1).is_in_force(scene.now));
    ok(scene.act(1, CHIEF, hold(HoldCause::Incident)));
    err(
        scene.act_as(1, &Actor::System, PermitAct::Release),
        "permit.cause-of-another",
    );
    err(
        scene.act_as(1, &Actor::System, PermitAct::Resume { remark: None }),
        "authorise.no-authority",
    );
    err(
        scene.act(1, OTHER_CHIEF, PermitAct::Resume { remark: None }),
        "authorise.not-on-route",
    );
    ok(scene.act(1, CHIEF, PermitAct::Resume { remark: None }));
    err(
        scene.act(1, OTHER_CHIEF, hold(HoldCause::Officer)),
        "authorise.out-of-reach",
    );
}

#[test]
fn nothing_confidential_is_permitted_in_a_service_under_its_terms() {
    let mut scene = Scene::new();
    for grade in Grade::all() {
        let answer = scene.apply(
            1,
            STAFF,
            particulars(PermitKind::Service, STAFF, &grade.to_string()),
        );
        if grade.is_confidential() {
            err(answer, "permit.forbidden");
        } else {
            ok(answer);
            ok(scene.act(1, STAFF, PermitAct::Withdraw));
            scene = Scene::new();
        }
    }
}

#[test]
fn no_use_under_terms_is_permitted_against_what_the_register_judged_of_them() {
    let judged = |scene: &mut Scene, change: &[(&str, &str)]| {
        let judge = post_of(SYSTEMS).to_string();
        let mut fields = vec![
            ("name", "翻訳"),
            ("provider", "社"),
            ("kind", "terms"),
            ("highest", "C1I1A1"),
            ("terms_version", "2026-10"),
            ("judged_terms", "2026-10"),
            ("judged_on", "2026-10-01"),
            ("judged_by", judge.as_str()),
            ("judgement", "acceptable"),
        ];
        for (code, value) in change {
            fields.retain(|(known, _)| known != code);
            if !value.is_empty() {
                fields.push((*code, *value));
            }
        }
        let values = fields.into_iter();
        let values = values.map(|(code, value)| (code.to_owned(), Value::Text(value.to_owned())));
        let change = RegisterCommand::Change {
            id: ServiceId::new(fresh(904)).into(),
            unit: Some(root()),
            particulars: Register::Service.read(&values.collect()).unwrap(),
            remark: None,
            expected: None,
        };
        scene.must(
            &Actor::person(officer()),
            &Command::Register(Box::new(change)),
        );
    };
    for (change, code) in [
        (
            &[("judgement", "unacceptable")][..],
            "permit.terms-unacceptable",
        ),
        (
            &[("terms_version", "2027-01")][..],
            "permit.terms-judged-before",
        ),
        (&[("judgement", "")][..], "permit.terms-unjudged"),
        (&[("terms_version", "")][..], "permit.terms-unjudged"),
    ] {
        let mut scene = Scene::new();
        let asked = || particulars(PermitKind::Service, STAFF, "C1I1A1");
        judged(&mut scene, change);
        err(scene.apply(1, STAFF, asked()), code);
        // Asked for before the register said so: it is not given, and what was given is not taken up.
        judged(&mut scene, &[]);
        ok(scene.apply(1, STAFF, asked()));
        judged(&mut scene, change);
        let decides = decider(PermitKind::Service);
        err(scene.act(1, decides, approve()), code);
        judged(&mut scene, &[]);
        ok(scene.act(1, decides, approve()));
        judged(&mut scene, change);
        err(scene.act(1, STAFF, PermitAct::Activate), code);
    }
}

#[test]
fn a_stand_in_decides_in_absence_and_the_holder_views_it_later() {
    let mut scene = Scene::new();
    let stand_in = |id: u64, who: Who, from: i64, until: i64| {
        PermitCommand::NameStandIn(StandIn {
            id: StandInId::new(fresh(id)),
            post: post_of(CHIEF),
            person: person(who),
            absence: Absence::Leave,
            kinds: vec![PermitKind::Telework],
            valid: Term {
                from: day(from),
                until: day(until),
            },
        })
    };
    let chief = Actor::person(person(CHIEF));
    err(
        scene.ask(
            &Actor::person(person(OTHER_CHIEF)),
            stand_in(1, DEPUTY, 1, 5),
        ),
        "authorise.out-of-reach",
    );
    err(
        scene.ask(&chief, stand_in(1, CHIEF, 1, 5)),
        "stand-in.holder",
    );
    ok(scene.ask(&chief, stand_in(1, DEPUTY, 1, 5)));
    for (n, who) in [(1, STAFF), (2, COLLEAGUE)] {
        ok(scene.apply(n, who, particulars(PermitKind::Telework, who, "C1I1A1")));
    }
    ok(scene.apply(3, STAFF, particulars(PermitKind::Media, STAFF, "C3I1A1")));
    err(scene.act(1, DEPUTY, approve()), "authorise.not-on-route");
    scene.now = day(1);
    assert_eq!(scene.world.waiting_for(person(DEPUTY), scene.now).len(), 2);
    ok(scene.act(1, DEPUTY, approve()));
    err(scene.act(3, DEPUTY, approve()), "authorise.not-on-route");
    let decision = scene.permit(1).grant().unwrap().decision;
    let expected = Capacity::StandIn {
        stand_in: StandInId::new(fresh(1)),
    };
    assert_eq!(
        (decision.capacity, decision.by, decision.route.post),
        (expected, person(DEPUTY), post_of(CHIEF))
    );
    // Nothing waits for the viewing, which is due from the decision on whatever comes after it.
    scene.now = day(2);
    ok(scene.act(1, STAFF, PermitAct::Activate));
    assert_eq!(scene.permit(1).to_view[0].since, day(1));
    assert_eq!(scene.world.awaiting_view(person(CHIEF), scene.now).len(), 1);
    err(
        scene.act(1, DEPUTY, PermitAct::View),
        "permit.nothing-to-view",
    );
    ok(scene.act(1, CHIEF, PermitAct::View));
    err(
        scene.act(1, CHIEF, PermitAct::View),
        "permit.nothing-to-view",
    );
    scene.now = day(5);
    err(scene.act(2, DEPUTY, approve()), "authorise.not-on-route");
}

#[test]
fn a_command_may_say_which_version_it_means() {
    let mut scene = Scene::new();
    ok(scene.apply(1, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1")));
    let approve_at = |expected| PermitCommand::Act {
        permit: permit(1),
        expected: Some(expected),
        act: approve(),
    };
    let chief = Actor::person(person(CHIEF));
    err(scene.ask(&chief, approve_at(2)), "command.stale");
    ok(scene.ask(&chief, approve_at(1)));
    err(scene.ask(&chief, approve_at(1)), "command.stale");
}
