//! What is counted under clauses, and permits in force that go beyond them.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::id::{DeviceId, Fresh, RuleId, TaskId};
use sekisho_domain::permit::particulars::{Destination, Exception, TakeOut};
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::profile::Profile;
use sekisho_domain::rule::{ClauseEffect, ClauseTerms};
use sekisho_domain::time::{Interval, Span};
use sekisho_rules::conflict::{ConflictCode, Supposed, conflicts};
use sekisho_rules::effect::{Forbidden, effect};

use crate::conflicts::{content, enact, line, terms};
use crate::fixture::{NOW, Scene, fresh};
use crate::permits::{give, over, until};

fn take_out(grade: &str) -> Particulars {
    Particulars::TakeOut(TakeOut {
        device: DeviceId::new(fresh(1, 0)),
        destination: Destination::Home,
        grade: grade.parse().unwrap(),
    })
}

fn exception(row: &str) -> Particulars {
    Particulars::Exception(Exception::bare(
        line(row),
        "C2I1A1".parse().unwrap(),
        Place::OutsideOrganisation,
        NOW.jst_date(),
    ))
}

fn within(days: u32) -> Interval {
    Interval {
        from: NOW.before(Span::days(days)),
        until: Some(NOW),
    }
}

fn counted(
    scene: &Scene,
    terms: ClauseTerms,
    days: u32,
    forbidden: Option<&Forbidden>,
) -> ClauseEffect {
    let content = content(vec![terms]);
    let rule = RuleId::new(Fresh([9; 16]));
    let mut counted = effect(&scene.world, (rule, &content), &within(days), forbidden);
    assert_eq!(counted.len(), 1);
    counted.remove(0).1
}

fn whole() -> Forbidden {
    Forbidden {
        counts: BTreeMap::new(),
        whole: true,
    }
}

#[test]
fn permits_and_exceptions_are_counted_by_what_a_clause_names() {
    let mut scene = Scene::new(Profile::Gov);
    // Both began within a hundred days and neither within thirty; one has ended since.
    give(&mut scene, 1, take_out("C2I1A1"), 70, until(9));
    give(&mut scene, 2, take_out("C2I1A1"), 70, over(20));
    give(&mut scene, 3, exception("US-8.1.1-3-e"), 70, until(9));
    give(&mut scene, 4, exception("US-8.1.1-3-d"), 70, until(9));
    let mut clause = terms("第1条");
    clause.permits = vec![PermitKind::TakeOut];
    clause.rows = vec!["US-8.1.1-3-e".parse().unwrap()];
    let long = counted(&scene, clause.clone(), 100, Some(&whole()));
    assert_eq!((long.given, long.ended, long.exceptions), (2, 1, 1));
    assert_eq!(long.is_unused(), Some(false));
    let month = counted(&scene, clause.clone(), 30, Some(&whole()));
    assert_eq!((month.given, month.ended, month.exceptions), (0, 1, 0));
    let week = counted(&scene, clause.clone(), 7, Some(&whole()));
    assert_eq!(week.is_unused(), Some(true));
    // One of another task is not the clause's.
    clause.task = Some(TaskId::new(fresh(82, 1)));
    let other = counted(&scene, clause, 100, Some(&whole()));
    assert_eq!((other.given, other.ended), (0, 0));
}

#[test]
fn what_was_not_kept_is_never_taken_for_disuse() {
    let scene = Scene::new(Profile::Gov);
    let mut clause = terms("第1条");
    clause.policies = vec![line("reach.place")];
    let mut kept = whole();
    let unused = |clause: &ClauseTerms, kept: Option<&Forbidden>| {
        let counted = counted(&scene, clause.clone(), 366, kept);
        (counted.forbidden, counted.is_unused())
    };
    assert_eq!(unused(&clause, Some(&kept)), (Some(0), Some(true)));
    assert_eq!(unused(&clause, None), (None, None));
    kept.whole = false;
    assert_eq!(unused(&clause, Some(&kept)), (None, None));
    kept.counts.insert("reach.place".to_owned(), 3);
    kept.counts.insert("another".to_owned(), 9);
    assert_eq!(unused(&clause, Some(&kept)), (Some(3), Some(false)));
    // A clause that is bound to nothing cannot be seen to be used.
    assert_eq!(unused(&terms("第1条"), Some(&whole())), (Some(0), None));
}

#[test]
fn devices_that_fail_a_check_are_counted_once_and_none_seen_is_not_none() {
    let mut scene = Scene::new(Profile::Gov);
    let mut clause = terms("第1条");
    clause.checks = vec!["CK-LOCK".parse().unwrap(), "CK-DEV-ENC".parse().unwrap()];
    let failing = |scene: &Scene| counted(scene, clause.clone(), 30, Some(&whole())).failing;
    assert_eq!(failing(&scene), None);
    // Nobody knows whether a clause is used that only checks show which no device ever reported.
    let unused = counted(&scene, clause.clone(), 30, Some(&whole())).is_unused();
    assert_eq!(unused, None);
    let set = |ids: &[u32]| ids.iter().copied().collect::<RoaringBitmap>();
    let checks = &mut scene.world.checks;
    checks.insert(
        DeviceCheck::ScreenLock,
        [(Outcome::Fail, set(&[1, 2])), (Outcome::Pass, set(&[3]))].into(),
    );
    checks.insert(
        DeviceCheck::DiskEncryption,
        [(Outcome::Fail, set(&[2])), (Outcome::Unknown, set(&[1, 3]))].into(),
    );
    assert_eq!(failing(&scene), Some(2));
    scene.world.checks.clear();
    scene.world.checks.insert(
        DeviceCheck::DiskEncryption,
        [(Outcome::Unknown, set(&[1]))].into(),
    );
    assert_eq!(failing(&scene), None);
}

fn codes(scene: &Scene) -> Vec<ConflictCode> {
    let found = conflicts(
        &scene.world,
        scene.catalogue,
        None,
        Supposed::default(),
        NOW,
    );
    let codes = found.conflicts.into_iter().map(|it| it.code);
    codes
        .filter(|code| *code != ConflictCode::OwnerVacant)
        .collect()
}

#[test]
fn permits_in_force_beyond_a_clause_are_found() {
    let mut scene = Scene::new(Profile::Gov);
    give(&mut scene, 1, take_out("C2I1A1"), 30, until(9));
    give(&mut scene, 2, take_out("C3I1A1"), 70, over(20));
    give(&mut scene, 3, exception("US-8.1.1-3-e"), 30, until(9));
    let mut clause = terms("第1条");
    clause.permits = vec![PermitKind::TakeOut, PermitKind::Exception];
    clause.highest = Some("C1I1A1".parse().unwrap());
    // The one that is over, and the exception, are none of the clause's business.
    enact(&mut scene, 1, content(vec![clause.clone()]));
    assert_eq!(codes(&scene), [ConflictCode::PermitBeyond]);
    clause.highest = Some("C2I1A1".parse().unwrap());
    enact(&mut scene, 1, content(vec![clause.clone()]));
    assert!(codes(&scene).is_empty());
    clause.days = Some(48);
    enact(&mut scene, 1, content(vec![clause.clone()]));
    assert_eq!(codes(&scene), [ConflictCode::PermitTooLong]);
    clause.days = Some(49);
    enact(&mut scene, 1, content(vec![clause.clone()]));
    assert!(codes(&scene).is_empty());
    let mut forbids = terms("第2条");
    forbids.permits = vec![PermitKind::TakeOut];
    forbids.forbids = true;
    enact(&mut scene, 1, content(vec![forbids]));
    assert_eq!(codes(&scene), [ConflictCode::PermitForbidden]);
}
