//! Which post decides.

use std::collections::BTreeMap;

use proptest::prelude::*;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PermitCommand};
use sekisho_domain::delegation::Delegation;
use sekisho_domain::id::DelegationId;
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::role::Role;
use sekisho_domain::time::Interval;

use super::asked::particulars;
use super::scene::*;
use crate::commands::{fresh, officer};

fn decides(scene: &mut Scene, n: u64, applicant: Who, kind: PermitKind) -> Result<Who, String> {
    scene.apply(n, applicant, particulars(kind, applicant, "C1I2A1"))?;
    let post = scene.permit(n).route.post;
    let all = [CISO, BUREAU_HEAD, CHIEF, SYSTEMS, EXCEPTIONS, OTHER_CHIEF];
    let mut found = all.into_iter().filter(|who| post_of(*who) == post);
    Ok(found.next().unwrap())
}

fn leave(scene: &mut Scene, who: Who) {
    let end = Command::EndAppointment {
        appointment: appointment_of(who),
        until: scene.now,
    };
    scene.must(&Actor::person(officer()), &end);
}

#[test]
fn the_section_officer_is_the_applicants_own_from_the_team_upwards() {
    let mut scene = Scene::new();
    assert_eq!(decides(&mut scene, 1, STAFF, PermitKind::Media), Ok(CHIEF));
    assert_eq!(
        decides(&mut scene, 2, OTHER_STAFF, PermitKind::Media),
        Ok(OTHER_CHIEF)
    );
}

#[test]
fn where_the_applicant_would_decide_the_superior_does() {
    let mut scene = Scene::new();
    assert_eq!(
        decides(&mut scene, 1, CHIEF, PermitKind::Media),
        Ok(BUREAU_HEAD)
    );
    // Someone without a section officer of their own, and whose superior is themselves.
    let alone = decides(&mut scene, 2, BUREAU_HEAD, PermitKind::Media);
    assert_eq!(alone, Err("permit.no-approver-post".to_owned()));
    assert_eq!(
        decides(&mut scene, 3, EXCEPTIONS, PermitKind::Connection),
        Ok(SYSTEMS)
    );
}

/// Someone for whom an exception is once decided on it, since another had applied.
#[test]
fn nobody_decides_on_an_exception_that_is_for_themselves_and_the_superior_does() {
    let mut scene = Scene::new();
    let mut asked = particulars(PermitKind::Exception, STAFF, "C1I2A1");
    let Particulars::Exception(exception) = &mut asked else {
        panic!("{asked:?}")
    };
    exception.people = vec![person(EXCEPTIONS)];
    exception.review_on = scene.now.jst_date();
    scene.apply(1, STAFF, asked).unwrap();
    assert_eq!(scene.permit(1).route.role, Role::Hiso);
    assert_eq!(
        scene.act(1, EXCEPTIONS, approve()).unwrap_err(),
        "authorise.own-application"
    );
    let head = Actor::person(officer());
    scene.act_as(1, &head, approve()).unwrap();
}

/// Whoever asks for the same exception anew counts as going on with it.
#[test]
fn another_applicant_does_not_make_an_exception_young_again() {
    let mut scene = Scene::new();
    let mut given = |n, who: Who, days: i64, people: &[Who], row: &str| {
        scene.now = day(days);
        let mut asked = particulars(PermitKind::Exception, who, "C1I2A1");
        let Particulars::Exception(exception) = &mut asked else {
            panic!("{asked:?}")
        };
        exception.device = None;
        exception.requirement = sekisho_domain::name::Line::parse(row).unwrap();
        exception.people = people.iter().map(|who| person(*who)).collect();
        exception.review_on = scene.now.jst_date();
        scene.apply(n, who, asked).unwrap();
        scene.act(n, EXCEPTIONS, approve()).unwrap();
        scene.world.exception_renewals(permit(n))
    };
    assert_eq!(given(1, STAFF, 1, &[], "US-8.1.1-3-e"), 0);
    assert_eq!(given(2, COLLEAGUE, 33, &[], "US-8.1.1-3-e"), 1);
    // One that is for other people alone is another one.
    assert_eq!(given(3, STAFF, 34, &[STAFF], "US-8.1.1-3-d"), 0);
    assert_eq!(given(4, COLLEAGUE, 35, &[COLLEAGUE], "US-8.1.1-3-d"), 0);
}

#[test]
fn a_vacant_post_is_named_and_nobody_decides_in_its_place() {
    let mut scene = Scene::new();
    scene
        .apply(1, STAFF, particulars(PermitKind::Media, STAFF, "C1I2A1"))
        .unwrap();
    leave(&mut scene, CHIEF);
    let refused = scene.apply(2, STAFF, particulars(PermitKind::Media, STAFF, "C1I2A1"));
    assert_eq!(refused, Err("permit.approver-vacant".to_owned()));
    // What waits there waits on; nobody else may decide.
    for who in [CHIEF, BUREAU_HEAD, CISO] {
        assert_eq!(
            scene.act(1, who, approve()).unwrap_err(),
            "authorise.not-on-route"
        );
    }
}

#[test]
fn a_delegate_decides_kinds_up_to_a_ceiling() {
    let mut scene = Scene::new();
    let delegation = Delegation {
        id: DelegationId::new(fresh(1)),
        post: post_of(CHIEF),
        to: post_of(DEPUTY),
        kinds: vec![PermitKind::Media],
        ceiling: Some("C2I2A1".parse().unwrap()),
        valid: Interval::starting(scene.now),
    };
    let to_auditor = Delegation {
        to: post_of(AUDITOR),
        ..delegation.clone()
    };
    let chief = Actor::person(person(CHIEF));
    let refused = scene.ask(&chief, PermitCommand::Delegate(to_auditor));
    assert_eq!(refused, Err("delegation.to-auditor".to_owned()));
    scene
        .ask(&chief, PermitCommand::Delegate(delegation))
        .unwrap();
    for (n, grade, allowed) in [
        (1, "C2I2A1", true),
        (2, "C3I1A1", false),
        (3, "C1I1A2", false),
    ] {
        scene
            .apply(n, STAFF, particulars(PermitKind::Media, STAFF, grade))
            .unwrap();
        let answer = scene.act(n, DEPUTY, approve());
        assert_eq!(answer.is_ok(), allowed, "{grade}: {answer:?}");
    }
    let end = PermitCommand::EndDelegation {
        delegation: DelegationId::new(fresh(1)),
        until: scene.now,
    };
    scene.ask(&chief, end).unwrap();
    scene
        .apply(4, STAFF, particulars(PermitKind::Media, STAFF, "C2I2A1"))
        .unwrap();
    assert_eq!(
        scene.act(4, DEPUTY, approve()).unwrap_err(),
        "authorise.not-on-route"
    );
}

#[test]
fn the_rules_choose_who_decides_only_where_no_notice_does() {
    let mut scene = Scene::new();
    let head = Actor::person(officer());
    let rules = |kind, role| PermitCommand::SetRules {
        by_half: false,
        approvers: BTreeMap::from([(kind, role)]),
    };
    for kind in PermitKind::ALL {
        for role in Role::ALL {
            let chosen = scene.ask(&head, rules(*kind, role));
            assert_eq!(
                chosen.is_ok(),
                kind.choosable().contains(&role),
                "{kind:?} {role:?}"
            );
        }
    }
    scene
        .ask(&head, rules(PermitKind::TakeOut, Role::Diso))
        .unwrap();
    assert_eq!(
        decides(&mut scene, 1, STAFF, PermitKind::TakeOut),
        Ok(CHIEF)
    );
    assert_eq!(
        decides(&mut scene, 2, STAFF, PermitKind::Peripheral),
        Ok(SYSTEMS)
    );
    let by_staff = scene.ask(
        &Actor::person(person(STAFF)),
        rules(PermitKind::TakeOut, Role::Isso),
    );
    assert_eq!(by_staff, Err("authorise.no-authority".to_owned()));
}

#[test]
fn numbers_run_without_gaps_per_kind_and_by_half_where_configured() {
    let mut scene = Scene::new();
    let mut printed = Vec::new();
    for n in 1..=4 {
        if n == 3 {
            let by_half = PermitCommand::SetRules {
                by_half: true,
                approvers: BTreeMap::new(),
            };
            scene.ask(&Actor::person(officer()), by_half).unwrap();
        }
        scene
            .apply(n, STAFF, particulars(PermitKind::Telework, STAFF, "C1I1A1"))
            .unwrap();
        scene.act(n, CHIEF, approve()).unwrap();
        printed.push(scene.permit(n).grant().unwrap().number.to_string());
    }
    // The scene begins in January 2027.
    assert_eq!(
        printed,
        [
            "令和8年度第1号",
            "令和8年度第2号",
            "令和8年度下半期第1号",
            "令和8年度下半期第2号"
        ]
    );
}

const EVERYONE: [Who; 12] = [
    CISO,
    BUREAU_HEAD,
    CHIEF,
    DEPUTY,
    STAFF,
    COLLEAGUE,
    SYSTEMS,
    EXCEPTIONS,
    AUDITOR,
    OTHER_CHIEF,
    OTHER_STAFF,
    BYOD_OFFICER,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whoever holds, shares or has left whatever post: no applicant is let decide, nobody who is not on
    /// the route decides, and the numbers given have no gap.
    #[test]
    fn nobody_decides_on_their_own_and_numbers_have_no_gap(
        shared in prop::collection::vec((0..12_usize, 0..12_usize), 0..10),
        gone in prop::collection::vec(0..12_usize, 0..3),
        asked in prop::collection::vec((0..12_usize, 0..12_usize), 1..14),
    ) {
        let mut scene = Scene::new();
        for (number, (who, of)) in (0_u64..).zip(shared) {
            // Barred combinations and second appointments to one post are refused, as they are.
            let appoint = Command::Appoint {
                id: sekisho_domain::id::AppointmentId::new(fresh(70_000 + number)),
                person: person(EVERYONE[who]),
                post: post_of(EVERYONE[of]),
                valid: Interval::starting(scene.now),
            };
            let head = Actor::person(officer());
            let _ = crate::commands::act(&mut scene.world, &head, &appoint, scene.now);
        }
        for who in gone {
            let end = Command::EndAppointment {
                appointment: appointment_of(EVERYONE[who]),
                until: scene.now,
            };
            let head = Actor::person(officer());
            let _ = crate::commands::act(&mut scene.world, &head, &end, scene.now);
        }
        let mut given = 0;
        for (n, (applicant, _)) in (1_u64..).zip(&asked) {
            let applicant = EVERYONE[*applicant];
            let kind = PermitKind::Connection;
            if scene.apply(n, applicant, particulars(kind, applicant, "C1I1A1")).is_err() {
                continue;
            }
            let post = scene.permit(n).route.post;
            let mut decided = 0;
            for who in EVERYONE.into_iter().chain([HEAD]) {
                let own = scene.act(n, who, approve()).is_ok();
                if own {
                    prop_assert_ne!(who, applicant);
                    let mut holders = scene.world.holders(post, scene.now);
                    prop_assert!(holders.any(|holder| holder == person(who)));
                    decided += 1;
                }
            }
            prop_assert_eq!(decided, 1, "someone decides, once");
            given += 1;
            let number = scene.permit(n).grant().unwrap().number;
            prop_assert_eq!(number.serial, given);
        }
    }
}
