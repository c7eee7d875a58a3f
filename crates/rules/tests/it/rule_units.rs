//! Rules for some units: they are in nobody else's way, and what others do does not count as theirs.

use std::sync::Arc;

use jiff::civil::date;
use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::Event;
use sekisho_domain::id::{IncidentId, PersonId, TaskId, UnitId};
use sekisho_domain::permit::particulars::{Exception, Telework, TeleworkPlace};
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::plan::{PlanContent, PlanDecision, PlanLine};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Incident;
use sekisho_domain::register::incident::{IncidentKind, IncidentState, Severity};
use sekisho_domain::rule::{Approver, ClauseEffect, ClauseTerms, RuleContent};
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::unit::Unit;
use sekisho_rules::conflict::{ConflictCode, Supposed, conflicts};
use sekisho_rules::effect::{Forbidden, effect};

use crate::conflicts::{content, enact, line, rule, terms};
use crate::fixture::{NOW, Scene, device, fresh, name};
use crate::permits::{give_to, until};
use crate::plan::with_plan;

/// The root, bureau A, a section of it, and bureau B.
const ROOT: u32 = 0;
const A: u32 = 101;
const SECTION: u32 = 102;
const B: u32 = 103;

fn unit(n: u32) -> UnitId {
    UnitId::new(fresh(2, n))
}

/// Somebody of a unit.
fn of(n: u32) -> PersonId {
    PersonId::new(fresh(6, n))
}

fn scene() -> Scene {
    let mut scene = Scene::new(Profile::Gov);
    for (n, above) in [(A, ROOT), (SECTION, A), (B, ROOT)] {
        let since = Interval::starting(NOW.before(Span::days(99)));
        let founded = Unit::founded(unit(n), Some(unit(above)), name("局"), since);
        scene.apply(Event::UnitFounded { unit: founded });
        scene.world.people.insert(of(n), unit(n));
    }
    scene
}

fn task() -> TaskId {
    TaskId::new(fresh(82, 1))
}

fn telework() -> Particulars {
    Particulars::Telework(Telework {
        task: task(),
        place: TeleworkPlace::Home,
        device: None,
        grade: Some("C2I1A1".parse().unwrap()),
        days_per_week: None,
    })
}

fn days(days: u32) -> ClauseTerms {
    let mut clause = terms("第1条");
    clause.permits = vec![PermitKind::Telework];
    clause.days = Some(days);
    clause
}

fn by(units: &[u32], clause: ClauseTerms) -> RuleContent {
    let mut content = content(vec![clause]);
    content.head.units = units.iter().map(|n| unit(*n)).collect();
    content
}

fn codes(scene: &Scene, supposed: Supposed<'_>) -> Vec<ConflictCode> {
    let found = conflicts(&scene.world, scene.catalogue, None, supposed, NOW);
    let codes = found.conflicts.into_iter().map(|it| it.code);
    codes
        .filter(|code| !matches!(code, ConflictCode::OwnerVacant | ConflictCode::TaskGone))
        .collect()
}

fn in_force(scene: &Scene) -> Vec<ConflictCode> {
    codes(scene, Supposed::default())
}

/// The units and the longest term of two rules, and whether they contradict each other.
type Pair = (&'static [u32], u32, &'static [u32], u32, bool);

#[test]
fn two_rules_meet_only_where_their_units_contain_one_another() {
    let table: [Pair; 13] = [
        (&[A], 90, &[B], 30, false),
        (&[A], 90, &[A], 30, true),
        (&[A], 90, &[SECTION], 30, false),
        (&[A], 30, &[SECTION], 90, true),
        (&[SECTION], 90, &[B], 30, false),
        (&[], 90, &[B], 30, false),
        (&[], 30, &[B], 90, true),
        (&[A, B], 90, &[B], 30, false),
        (&[A, B], 30, &[B], 90, true),
        (&[SECTION, B], 90, &[A], 30, true),
        // The root is everyone.
        (&[ROOT], 90, &[], 30, true),
        (&[ROOT], 90, &[B], 30, false),
        (&[ROOT], 30, &[B], 90, true),
    ];
    for (one, first, other, second, meet) in table {
        for turned in [false, true] {
            let mut scene = scene();
            let mut both = [by(one, days(first)), by(other, days(second))];
            if turned {
                both.reverse();
            }
            let [first, second] = both;
            enact(&mut scene, 1, first);
            enact(&mut scene, 2, second);
            let expected = vec![ConflictCode::Terms; usize::from(meet)];
            assert_eq!(in_force(&scene), expected, "{one:?} {other:?} {turned}");
        }
    }
}

#[test]
fn a_rule_for_a_unit_that_another_has_succeeded_is_in_nobodys_way() {
    let mut scene = scene();
    enact(&mut scene, 1, by(&[A], days(90)));
    enact(&mut scene, 2, by(&[B], days(30)));
    enact(&mut scene, 3, by(&[B], days(60)));
    assert_eq!(in_force(&scene), [ConflictCode::Terms]);
    let gone = scene.world.units.get_mut(&unit(B)).unwrap();
    gone.valid.until = Some(NOW.before(Span::days(1)));
    gone.heirs = vec![unit(A)];
    assert!(in_force(&scene).is_empty());
}

#[test]
fn a_permit_is_held_against_the_rules_of_its_holders_units_alone() {
    let mut scene = scene();
    // Sixty days, by somebody of the section.
    give_to(&mut scene, (1, of(SECTION)), telework(), 30, until(20));
    let long = vec![ConflictCode::PermitTooLong];
    let table: [(&[u32], bool); 6] = [
        (&[B], false),
        (&[A], true),
        (&[SECTION], true),
        (&[B, SECTION], true),
        (&[ROOT], true),
        (&[], true),
    ];
    for (units, found) in table {
        enact(&mut scene, 1, by(units, days(30)));
        let expected = if found { long.clone() } else { Vec::new() };
        assert_eq!(in_force(&scene), expected, "{units:?}");
    }
    // Who moves to another unit takes the permit along.
    enact(&mut scene, 1, by(&[B], days(30)));
    scene.world.people.insert(of(SECTION), unit(B));
    assert_eq!(in_force(&scene), long);
}

fn planned(scene: &mut Scene, units: &[u32]) {
    let version = &mut scene.world.plan.versions[0];
    version.content = Arc::new(PlanContent {
        head: version.content.head.clone(),
        lines: vec![PlanLine {
            task: task(),
            decision: PlanDecision::Allow,
            reason: line("通常の業務"),
            highest: Some("C2I1A1".parse().unwrap()),
            units: units.iter().map(|n| unit(*n)).collect(),
            places: Vec::new(),
            people: None,
            person_days: None,
            systems: Vec::new(),
            services: Vec::new(),
            tools: Vec::new(),
        }],
    });
}

#[test]
fn the_plan_is_held_against_a_rule_where_its_line_is_for_people_of_the_rule() {
    let mut scene = scene();
    with_plan(&mut scene, NOW.after(Span::days(1)));
    let mut clause = terms("第1条");
    clause.highest = Some("C1I1A1".parse().unwrap());
    enact(&mut scene, 1, by(&[A], clause));
    let table: [(&[u32], bool); 5] = [
        (&[B], false),
        (&[A], true),
        (&[SECTION], true),
        (&[ROOT], true),
        (&[], true),
    ];
    for (units, found) in table {
        planned(&mut scene, units);
        let expected = vec![ConflictCode::PlanBeyond; usize::from(found)];
        assert_eq!(in_force(&scene), expected, "{units:?}");
    }
}

#[test]
fn who_decides_by_a_rule_for_some_units_says_nothing_of_all_permits() {
    let mut scene = scene();
    let settled = scene.world.permits.approver(PermitKind::Telework);
    let mut approvers = Approver::ALL.iter();
    let other = approvers.find(|it| it.role() != settled).unwrap();
    let mut clause = terms("第1条");
    clause.permits = vec![PermitKind::Telework];
    clause.approver = Some(*other);
    enact(&mut scene, 1, by(&[], clause.clone()));
    assert_eq!(in_force(&scene), [ConflictCode::ApproverSettled]);
    enact(&mut scene, 1, by(&[A], clause));
    assert!(in_force(&scene).is_empty());
}

fn counted(scene: &Scene, units: &[u32], terms: &ClauseTerms, refused: u64) -> ClauseEffect {
    let content = by(units, terms.clone());
    let within = Interval {
        from: NOW.before(Span::days(100)),
        until: Some(NOW),
    };
    let forbidden = Forbidden {
        counts: [("reach.place".to_owned(), refused)].into(),
        whole: true,
    };
    let mut all = effect(&scene.world, (rule(9), &content), &within, Some(&forbidden));
    assert_eq!(all.len(), 1);
    all.remove(0).1
}

#[test]
fn permits_of_strangers_do_not_count_under_a_rule_for_some_units() {
    let mut scene = scene();
    for (n, holder) in [(1, A), (2, SECTION), (3, B)] {
        give_to(&mut scene, (n, of(holder)), telework(), 30, until(20));
    }
    let table: [(&[u32], u64); 5] = [
        (&[A], 2),
        (&[SECTION], 1),
        (&[B], 1),
        (&[ROOT], 3),
        (&[], 3),
    ];
    for (units, given) in table {
        let counted = counted(&scene, units, &days(90), 0);
        assert_eq!(counted.given, given, "{units:?}");
    }
}

#[test]
fn exceptions_from_a_row_count_where_their_people_are_concerned_or_they_are_for_everybody() {
    let mut scene = scene();
    let row = || {
        let place = Place::OutsideOrganisation;
        let grade = "C2I1A1".parse().unwrap();
        Exception::bare(line("US-8.1.1-3-e"), grade, place, NOW.jst_date())
    };
    let named = Exception {
        people: vec![of(B)],
        ..row()
    };
    let named = Particulars::Exception(named);
    give_to(&mut scene, (1, of(B)), named, 30, until(20));
    let mut clause = terms("第1条");
    clause.rows = vec!["US-8.1.1-3-e".parse().unwrap()];
    let exceptions = |scene: &Scene, units: &[u32]| counted(scene, units, &clause, 0).exceptions;
    assert_eq!(
        [&[A][..], &[B], &[]].map(|it| exceptions(&scene, it)),
        [0, 1, 1]
    );
    let open = Particulars::Exception(row());
    give_to(&mut scene, (2, of(B)), open, 30, until(20));
    assert_eq!(
        [&[A][..], &[B], &[]].map(|it| exceptions(&scene, it)),
        [1, 2, 2]
    );
}

fn misuse() -> Incident {
    Incident {
        kind: IncidentKind::Misuse,
        found: date(2026, 11, 20),
        happened: None,
        severity: Severity::Low,
        state: IncidentState::Open,
        leaked: false,
        tasks: vec![task()],
        systems: Vec::new(),
        devices: Vec::new(),
        media: Vec::new(),
        concerns: Vec::new(),
        permits: Vec::new(),
    }
}

#[test]
fn devices_and_incidents_of_strangers_do_not_count_and_those_of_nobody_known_do() {
    let mut scene = scene();
    for (ordinal, n) in [(0, A), (1, B), (2, B)] {
        scene.apply(Event::DeviceEnrolled {
            device: device(ordinal),
            ordinal,
            key: DeviceKey::try_from(format!("{ordinal:0>44}")).unwrap(),
            class: DeviceClass::Issued,
            unit: unit(n),
            user: None,
        });
    }
    let failing: RoaringBitmap = [0, 1].into_iter().collect();
    scene
        .world
        .checks
        .insert(DeviceCheck::ScreenLock, [(Outcome::Fail, failing)].into());
    for (n, holder) in [(1, Some(A)), (2, Some(B)), (3, None)] {
        scene.apply(Event::RegisterEntered {
            id: IncidentId::new(fresh(85, n)).into(),
            unit: holder.map(unit),
            particulars: sekisho_domain::register::Particulars::Incident(misuse()),
            remark: None,
        });
    }
    let mut clause = terms("第1条");
    clause.checks = vec!["CK-LOCK".parse().unwrap()];
    clause.task = Some(task());
    let table: [(&[u32], u64, u64); 3] = [(&[A], 1, 2), (&[B], 1, 2), (&[], 2, 3)];
    for (units, failing, breaches) in table {
        let counted = counted(&scene, units, &clause, 0);
        let found = (counted.failing, counted.breaches);
        assert_eq!(found, (Some(failing), breaches), "{units:?}");
    }
    // Of a section that has no device nobody has seen whether it keeps the clause.
    assert_eq!(counted(&scene, &[SECTION], &clause, 0).failing, None);
    // What was found of a device that nobody enrolled is nobody's, and every clause finds the same of theirs.
    let checks = scene.world.checks.get_mut(&DeviceCheck::ScreenLock);
    checks.unwrap().get_mut(&Outcome::Fail).unwrap().insert(3);
    let content = content(vec![clause.clone(), terms("第2条"), clause]);
    let failing = |units: &[u32]| {
        let mut content = content.clone();
        content.head.units = units.iter().map(|n| unit(*n)).collect();
        let within = Interval {
            from: NOW.before(Span::days(30)),
            until: Some(NOW),
        };
        let all = effect(&scene.world, (rule(1), &content), &within, None);
        let all = all.into_iter().map(|(_, it)| it.failing);
        all.collect::<Vec<_>>()
    };
    assert_eq!(failing(&[A]), [Some(1), None, Some(1)]);
    assert_eq!(failing(&[SECTION, B]), [Some(1), None, Some(1)]);
    assert_eq!(failing(&[A, B]), [Some(2), None, Some(2)]);
}

#[test]
fn of_refusals_that_are_kept_by_policy_alone_a_rule_for_some_units_knows_only_that_there_were_none()
{
    let scene = scene();
    let mut clause = terms("第1条");
    clause.policies = vec![line("reach.place")];
    let forbidden = |units: &[u32], refused| counted(&scene, units, &clause, refused).forbidden;
    assert_eq!(forbidden(&[], 3), Some(3));
    assert_eq!(forbidden(&[ROOT], 3), Some(3));
    assert_eq!(forbidden(&[A], 3), None);
    assert_eq!(forbidden(&[A], 0), Some(0));
}

/// Adopted for a later day, after whatever version there is.
fn adopt(scene: &mut Scene, n: u32, in_days: u32, content: RuleContent) {
    let mut later = Scene::new(Profile::Gov);
    enact(&mut later, n, content);
    let mut version = later.world.rules.documents[&rule(n)].versions[0].clone();
    version.from = NOW.after(Span::days(in_days));
    let document = scene.world.rules.documents.get_mut(&rule(n));
    match document {
        Some(document) => {
            version.version = u32::try_from(document.versions.len()).unwrap() + 1;
            document.versions.push(version);
        }
        None => {
            enact(scene, n, version.content.as_ref().clone());
            let document = scene.world.rules.documents.get_mut(&rule(n)).unwrap();
            document.versions = vec![version];
        }
    }
}

#[test]
fn a_draft_is_held_against_what_was_adopted_for_a_later_day() {
    let draft = by(&[], days(30));
    let supposed = || Supposed {
        rule: Some((rule(2), &draft)),
        plan: None,
    };
    let mut scene = scene();
    adopt(&mut scene, 1, 10, by(&[], days(90)));
    // Nothing of it is in force.
    assert!(in_force(&scene).is_empty());
    assert_eq!(codes(&scene, supposed()), [ConflictCode::Terms]);
    // What another version takes the place of before it begins never is.
    adopt(&mut scene, 1, 5, by(&[], days(30)));
    assert!(codes(&scene, supposed()).is_empty());
    // A draft in the place of the rule itself is not held against it.
    let of_itself = by(&[], days(60));
    let itself = Supposed {
        rule: Some((rule(1), &of_itself)),
        plan: None,
    };
    assert!(codes(&scene, itself).is_empty());
}

#[test]
fn what_is_in_force_and_stays_is_told_once() {
    let draft = by(&[], days(30));
    let supposed = || Supposed {
        rule: Some((rule(2), &draft)),
        plan: None,
    };
    let mut scene = scene();
    enact(&mut scene, 1, by(&[], days(90)));
    adopt(&mut scene, 1, 10, by(&[], days(90)));
    assert_eq!(codes(&scene, supposed()), [ConflictCode::Terms]);
    adopt(&mut scene, 1, 20, by(&[], days(60)));
    assert_eq!(codes(&scene, supposed()), [ConflictCode::Terms; 2]);
}

#[test]
fn what_stays_is_counted_once_beyond_the_list_too() {
    let many = |n: u32| content(vec![days(n); 30]);
    let draft = many(30);
    let supposed = Supposed {
        rule: Some((rule(2), &draft)),
        plan: None,
    };
    let mut scene = scene();
    enact(&mut scene, 1, many(90));
    let count = |scene: &Scene| {
        let found = conflicts(&scene.world, scene.catalogue, None, supposed, NOW);
        found.contradictions()
    };
    assert_eq!(count(&scene), 30 * 30);
    adopt(&mut scene, 1, 10, many(90));
    assert_eq!(count(&scene), 30 * 30);
    // Each of another term contradicts anew; what came before and comes back does not.
    adopt(&mut scene, 1, 20, many(60));
    assert_eq!(count(&scene), 2 * 30 * 30);
    adopt(&mut scene, 1, 30, many(90));
    assert_eq!(count(&scene), 2 * 30 * 30);
}
