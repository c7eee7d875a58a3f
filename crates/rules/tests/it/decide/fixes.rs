//! A refusal names everything that is missing: whoever does all that it says is let through.
//!
//! Random situations, each denied, each mended by carrying out the fixes that the refusal names, and
//! nothing else.

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::event::{BlobRef, Event};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DeviceId, PersonId, PlanId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Answer, Resumed, Suspended};
use sekisho_domain::permit::{Capacity, Decision as Taken, HoldCause, PermitKind, Place, Term};
use sekisho_domain::plan::{Cause, PlanContent, PlanDecision, PlanHead, PlanLine, PlanVersion};
use sekisho_domain::time::Span;
use sekisho_domain::world::TeleworkPlan;
use sekisho_rules::decide::{
    Act, Decision, Denied, Fix, Lack, Missing, Outing, Question, Rulebook,
};

use super::scene::{
    Office, device, exception, highest, join, line, particulars, reach, route, system, task,
};
use crate::fixture::{NOW, fresh};
use crate::permits::{person, sealed};

/// So many refusals are mended.
const DENIALS: usize = 100_000;

/// xorshift64*: the same situations every time.
pub struct Dice(pub u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    pub(super) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()]
    }
}

const KINDS: [PermitKind; 8] = [
    PermitKind::Telework,
    PermitKind::TakeOut,
    PermitKind::OffSite,
    PermitKind::Byod,
    PermitKind::RemoteAccess,
    PermitKind::Line,
    PermitKind::Reconnection,
    PermitKind::Connection,
];

/// A random situation and a question in it.
pub fn situation(dice: &mut Dice) -> (Office, Question) {
    let question = question(dice);
    (office(dice, &question), question)
}

pub(super) fn question(dice: &mut Dice) -> Question {
    let mut question = if dice.one_in(3) {
        let last_inside = dice.one_in(2).then(|| NOW.before(Span::days(3)));
        let outing = if dice.one_in(3) {
            Outing::None
        } else {
            Outing::Back {
                last_inside,
                since: NOW.before(Span::minutes(10)),
            }
        };
        join(outing)
    } else {
        let place = dice.of(Place::ALL);
        reach(place)
    };
    if dice.one_in(8) {
        question.origin.place = Place::OutsideOrganisation;
    }
    if dice.one_in(2) {
        question.task = Some(task());
    }
    if dice.one_in(4) {
        question.origin.line = Some(line());
    }
    if dice.one_in(3) {
        question.grade = Some(dice.of(&Grade::all()));
    }
    if dice.one_in(20) {
        question.device = None;
    }
    question
}

pub(super) fn office(dice: &mut Dice, question: &Question) -> Office {
    let mut office = Office::empty();
    office.clock_sure = !dice.one_in(30);
    if !dice.one_in(20) {
        office.member();
    }
    if !dice.one_in(20) {
        office.account();
    }
    if !dice.one_in(15) {
        enrolled(&mut office, dice);
    }
    registers(&mut office, dice);
    for kind in KINDS {
        for _ in 0..dice.roll(3) {
            permit(&mut office, dice, kind, question);
        }
    }
    if dice.one_in(6) {
        let row = dice.of(&[
            "US-8.1.1-3-h-ア",
            "US-8.1.1-3-j",
            "GOV-3-1-d",
            "US-8.1.1-3-b",
        ]);
        let wanted = office.term();
        let id = office.apply(
            exception(row, question.origin.place),
            Some(highest()),
            wanted,
        );
        office.approve(id);
        office.take_up(id);
    }
    office
}

fn enrolled(office: &mut Office, dice: &mut Dice) {
    let user = dice.of(&[
        Some(person()),
        Some(person()),
        Some(person()),
        None,
        Some(PersonId::new(fresh(6, 901))),
    ]);
    let class = dice.of(&[DeviceClass::Issued, DeviceClass::Byod]);
    office.enrol(device(), class, user);
    let state = dice.of(&[
        DeviceState::Active,
        DeviceState::Active,
        DeviceState::Active,
        DeviceState::Suspended,
        DeviceState::Retired,
    ]);
    if state != DeviceState::Active {
        change(office, device(), state);
    }
    if user.is_some() && dice.one_in(6) {
        office.declares(device());
    }
    office.pass_all(device());
    for check in DeviceCheck::ALL {
        if dice.one_in(12) {
            let outcome = dice.of(&[Outcome::Fail, Outcome::Unknown]);
            office.result(device(), check, outcome);
        }
    }
}

fn registers(office: &mut Office, dice: &mut Dice) {
    if !dice.one_in(10) {
        let grade = dice.of(&Grade::all());
        let remote = !dice.one_in(5);
        office.system(grade, remote);
        if dice.one_in(10) {
            retire(office, system().into());
        }
    }
    if !dice.one_in(6) {
        let kind = dice.of(&["internal", "remote_access", "home"]);
        office.line(kind);
        if dice.one_in(10) {
            retire(office, line().into());
        }
    }
    if !dice.one_in(6) {
        if dice.one_in(5) {
            planned(office, dice);
        }
        if dice.one_in(4) {
            super::risks::assessed(office, dice);
        }
        let state = dice.of(&["allowed", "allowed", "stopped"]);
        let grade = dice.of(&Grade::all());
        office.task(state, grade);
        if dice.one_in(10) {
            retire(office, task().into());
        }
    }
}

/// A plan that refuses the task, limits it, or allows it up to some grade.
fn planned(office: &mut Office, dice: &mut Dice) {
    let decision = dice.of(&[
        PlanDecision::Refuse,
        PlanDecision::Limit,
        PlanDecision::Allow,
    ]);
    let elsewhere = UnitId::new(fresh(2, 77));
    let text = |text| Line::parse(text).unwrap();
    let planned = PlanLine {
        task: task(),
        decision,
        reason: text("審査のため"),
        highest: Some(dice.of(&Grade::all())),
        units: if decision == PlanDecision::Limit {
            vec![elsewhere]
        } else {
            Vec::new()
        },
        places: Vec::new(),
        people: None,
        person_days: None,
        systems: Vec::new(),
        services: Vec::new(),
        tools: Vec::new(),
    };
    let head = PlanHead {
        title: text("計画"),
        people: 1,
        person_days: 1,
        gateway_hours: None,
        note: None,
    };
    office.scene.world.plan.versions = vec![PlanVersion {
        version: 1,
        plan: PlanId::new(fresh(60, 0)),
        content: Arc::new(PlanContent {
            head,
            lines: vec![planned],
        }),
        cause: Cause::Approved,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW,
        approved_at: NOW,
        until: NOW,
        cites: Vec::new(),
        baseline: BlobRef {
            blob: String::new(),
            size: 0,
        },
    }];
}

fn retire(office: &mut Office, id: sekisho_domain::register::EntryId) {
    office
        .scene
        .apply(Event::RegisterRetired { id, remark: None });
}

fn change(office: &mut Office, device: DeviceId, state: DeviceState) {
    office.scene.apply(Event::DeviceStateChanged {
        device,
        state,
        reason: Reason::new("device.lost"),
    });
}

/// A permit in any state, for more or less than what is asked.
fn permit(office: &mut Office, dice: &mut Dice, kind: PermitKind, question: &Question) {
    let place = dice.of(&[
        question.origin.place,
        question.origin.place,
        Place::OutsideArea,
    ]);
    let mut asked = particulars(kind, question.device, place);
    if let sekisho_domain::permit::Particulars::RemoteAccess(it) = &mut asked
        && dice.one_in(3)
    {
        // It is nine o'clock in Japan.
        (it.from_hour, it.until_hour) = dice.of(&[(Some(8), Some(12)), (Some(10), Some(12))]);
    }
    if let sekisho_domain::permit::Particulars::RemoteAccess(it) = &mut asked
        && dice.one_in(6)
    {
        it.part = Some(sekisho_domain::name::Line::parse("月次処理").unwrap());
    }
    let grade = dice.of(&[
        highest(),
        highest(),
        "C1I1A1".parse().unwrap(),
        "C2I1A1".parse().unwrap(),
    ]);
    let day = Span::days(1);
    let wanted = dice.of(&[
        office.term(),
        office.term(),
        Term {
            from: NOW.after(day),
            until: NOW.after(Span::days(9)),
        },
        Term {
            from: NOW.before(Span::days(9)),
            until: NOW.before(day),
        },
    ]);
    let id = office.apply(asked, Some(grade), wanted);
    come(office, dice.roll(8), id);
}

/// One of the states in which a permit can stand.
fn come(office: &mut Office, state: u64, id: sekisho_domain::id::PermitId) {
    let taken = Taken {
        by: person(),
        capacity: Capacity::Holder,
        route: route(),
    };
    match state {
        0 => {}
        1 => office.scene.apply(Event::PermitSentBack {
            step: Box::new(Answer {
                permit: id,
                decision: taken,
                reason: sealed(),
            }),
        }),
        2 => office.scene.apply(Event::PermitRefused {
            step: Box::new(Answer {
                permit: id,
                decision: taken,
                reason: sealed(),
            }),
        }),
        3 => office.approve(id),
        4 => {
            office.approve(id);
            office.take_up(id);
            hold(office, id);
        }
        _ => {
            office.approve(id);
            office.take_up(id);
        }
    }
}

fn hold(office: &mut Office, permit: sekisho_domain::id::PermitId) {
    office.scene.apply(Event::PermitSuspended {
        step: Suspended {
            permit,
            cause: HoldCause::Officer,
            remark: None,
        },
    });
}

/// Whether a fix takes another device, or makes one of what was none.
const fn replaces(fix: Fix) -> bool {
    matches!(
        fix,
        Fix::UseDevice
            | Fix::UseOtherDevice
            | Fix::UseOwnDevice
            | Fix::EnrolDevice
            | Fix::UseObserved
    )
}

/// Carries a fix out; a device that it takes is of this class.
fn mend(office: &mut Office, question: &mut Question, fix: Fix, class: DeviceClass) {
    match fix {
        Fix::ConfirmClock => office.clock_sure = true,
        Fix::OpenAccount => {
            if !office.scene.world.people.contains_key(&person()) {
                office.member();
            }
            office.account();
        }
        Fix::UseDevice
        | Fix::UseOtherDevice
        | Fix::UseOwnDevice
        | Fix::EnrolDevice
        | Fix::UseObserved => {
            another(office, question, fix, class);
        }
        Fix::ResumeDevice(device) => change(office, device, DeviceState::Active),
        Fix::AssignDevice(device) => office.assign(device),
        Fix::RegisterSystem(_) | Fix::OpenToOutside(_) => {
            let grade = office
                .scene
                .world
                .registers
                .get::<sekisho_domain::register::System>(system())
                .map_or_else(highest, |(_, known)| known.highest);
            office.system(grade, true);
        }
        Fix::RegisterLine(_) => office.line("internal"),
        Fix::ComeInside => question.origin.place = Place::ControlledArea,
        Fix::RegisterTask(_) | Fix::AllowTask(_) | Fix::RaiseTaskGrade(_) => {
            office.task("allowed", highest());
        }
        Fix::ChangePlan(_) => office.scene.world.plan = TeleworkPlan::default(),
        Fix::ReviewRisk(risk) => super::risks::reviewed(office, risk),
        Fix::Check(device, check) => office.result(device, check, Outcome::Pass),
        Fix::Declare(device) => {
            for check in DeviceCheck::ALL.into_iter().filter(|it| it.is_declarable()) {
                office.result(device, check, Outcome::Pass);
            }
        }
        Fix::Apply(kind) | Fix::ApplyWhole(kind) => {
            office.give(kind, question);
        }
        Fix::TakeUp(permit) => office.take_up(permit),
        Fix::AwaitDecision(permit) => {
            office.approve(permit);
            office.take_up(permit);
        }
        Fix::Resubmit(permit) => {
            resubmit(office, permit);
            office.approve(permit);
            office.take_up(permit);
        }
        Fix::Resume(permit) => office.scene.apply(Event::PermitResumed {
            step: Resumed {
                permit,
                decision: None,
                remark: None,
            },
        }),
    }
}

fn resubmit(office: &mut Office, permit: sekisho_domain::id::PermitId) {
    let known = office.scene.world.permits.get(permit).unwrap();
    let request = sekisho_domain::permit::event::Request {
        particulars: known.particulars.as_ref().clone(),
        grade: known.grade,
        wanted: known.wanted,
        unit: known.unit,
        route: known.route,
        purpose: sealed(),
    };
    office.scene.apply(Event::PermitResubmitted {
        step: Box::new(sekisho_domain::permit::event::Resubmitted { permit, request }),
    });
}

/// A device of the person's, enrolled and no more than that: no check of it has a result, and no permit
/// speaks of it. What it lacks is told when it asks.
fn another(office: &mut Office, question: &mut Question, fix: Fix, class: DeviceClass) {
    let id = match question.device {
        Some(named) if fix == Fix::EnrolDevice => named,
        _ => crate::fixture::device(77),
    };
    if office.scene.world.device(id).is_none() {
        office.enrol(id, class, Some(person()));
    }
    question.device = Some(id);
}

/// Carries out all that a refusal says; whether that took another device.
fn mend_all(
    office: &mut Office,
    question: &mut Question,
    named: &[Missing],
    class: DeviceClass,
) -> bool {
    let mut fixes = Vec::new();
    for it in named {
        assert!(!it.fixes.is_empty() && it.grantor.is_some(), "{it:?}");
        for fix in &it.fixes {
            if !fixes.contains(fix) {
                fixes.push(*fix);
            }
        }
    }
    // The place first: permits speak of it. Devices last: the rest was said of the one that was named.
    fixes.sort_by_key(|fix| match fix {
        Fix::ComeInside => 0,
        fix if replaces(*fix) => 2,
        _ => 1,
    });
    for fix in &fixes {
        mend(office, question, *fix, class);
    }
    fixes.into_iter().any(replaces)
}

/// What can only be told of a device once it asks.
fn is_of_device(missing: &Missing) -> bool {
    matches!(
        missing.rule.lack,
        Some(Lack::Posture(_) | Lack::Permit(_) | Lack::RiskMeasure)
    )
}

fn missing(decision: Decision) -> Vec<Missing> {
    match decision {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => missing,
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

#[test]
fn whoever_does_all_that_a_refusal_says_is_let_through() {
    let book = Rulebook::built_in().unwrap();
    let mut dice = Dice(0x5e15_4000_2020_0611);
    let (mut denied, mut again) = (0_usize, 0_usize);
    let mut seen = std::collections::BTreeSet::<Lack>::new();
    while denied < DENIALS {
        let mut asked = question(&mut dice);
        let mut office = office(&mut dice, &asked);
        let named = missing(office.decide(&book, &asked));
        if named.is_empty() {
            continue;
        }
        denied += 1;
        seen.extend(named.iter().filter_map(|it| it.rule.lack));
        let class = if denied.is_multiple_of(2) {
            DeviceClass::Issued
        } else {
            DeviceClass::Byod
        };
        let replaced = mend_all(&mut office, &mut asked, &named, class);
        let mut left = missing(office.decide(&book, &asked));
        if replaced && !left.is_empty() {
            // Another device asks: what it lacks is told now, all of it, and nothing else.
            assert!(left.iter().all(is_of_device), "case {denied}: {left:#?}");
            again += 1;
            assert!(
                !mend_all(&mut office, &mut asked, &left, class),
                "{left:#?}"
            );
            left = missing(office.decide(&book, &asked));
        }
        assert!(
            left.is_empty(),
            "case {denied}: {named:#?}\nleft: {left:#?}\n{asked:?}"
        );
    }
    let never: Vec<Lack> = super::policies::nameable()
        .filter(|lack| !seen.contains(lack))
        .collect();
    assert!(never.is_empty(), "never denied for {never:?}");
    assert!(
        again > 1_000,
        "other devices were asked about {again} times"
    );
}

#[test]
fn a_question_without_any_record_is_denied_with_everything_named() {
    let book = Rulebook::built_in().unwrap();
    let office = Office::empty();
    let named = missing(office.decide(&book, &reach(Place::OutsideOrganisation)));
    let codes: Vec<String> = named.iter().map(|it| it.rule.id.clone()).collect();
    assert!(codes.contains(&"person".to_owned()) && codes.contains(&"device.enrolled".to_owned()));
    assert!(codes.contains(&"system.in-use".to_owned()), "{codes:?}");
    assert!(matches!(
        reach(Place::ControlledArea).act,
        Act::Reach { .. }
    ));
}
