//! The truth table of requirements.md 1.7, exhaustively: every grading, place, class of device and
//! set of permits held.

use std::collections::BTreeSet;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{Access, Needed, PermitKind, Place, Setting};
use sekisho_rules::decide::{Decision, Denied, Lack, Rulebook};

use super::scene::{Office, device, reach};

const KINDS: [PermitKind; 6] = [
    PermitKind::Telework,
    PermitKind::TakeOut,
    PermitKind::OffSite,
    PermitKind::Byod,
    PermitKind::RemoteAccess,
    PermitKind::Line,
];
pub(super) const PLACES: [Place; 3] = [
    Place::ControlledArea,
    Place::OutsideArea,
    Place::OutsideOrganisation,
];
pub(super) const CLASSES: [DeviceClass; 2] = [DeviceClass::Issued, DeviceClass::Byod];

pub(super) fn lacking(decision: &Decision) -> BTreeSet<Lack> {
    match decision {
        Decision::Allow(_) => BTreeSet::new(),
        Decision::Deny(Denied::Missing(missing)) => {
            missing.iter().map(|it| it.rule.lack.unwrap()).collect()
        }
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

/// What the access needs, by the domain's own table; `catalog/access-matrix.csv` is its other hand.
pub(super) fn needed(setting: Setting) -> BTreeSet<PermitKind> {
    let access = if setting.place.is_off_site() {
        Access::Remote
    } else {
        Access::Local
    };
    match access.needed(setting, false) {
        Needed::Permits(kinds) => kinds.into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn exactly_the_permits_that_the_clauses_ask_for_are_missing_whatever_is_held() {
    let book = Rulebook::built_in().unwrap();
    let mut looked = 0;
    for place in PLACES {
        for class in CLASSES {
            for grade in Grade::all() {
                let needed = needed(Setting {
                    grade,
                    place,
                    device: Some(class),
                });
                for mask in 0_u32..1 << KINDS.len() {
                    let held = |place: usize| mask & (1 << place) != 0;
                    let mut office = Office::without_permits(class, grade);
                    let question = reach(place);
                    let kinds = KINDS.into_iter().enumerate();
                    for (_, kind) in kinds.filter(|(place, _)| held(*place)) {
                        office.give(kind, &question);
                    }
                    let kinds = KINDS.into_iter().enumerate();
                    let expected: BTreeSet<Lack> = kinds
                        .filter(|(place, kind)| !held(*place) && needed.contains(kind))
                        .map(|(_, kind)| Lack::Permit(kind))
                        .collect();
                    let decision = office.decide(&book, &question);
                    assert_eq!(
                        lacking(&decision),
                        expected,
                        "{grade} {place:?} {class:?} {mask:b}"
                    );
                    if let Decision::Allow(allowed) = decision {
                        assert_eq!(allowed.permits.len(), needed.len());
                    }
                    looked += 1;
                }
            }
        }
    }
    assert_eq!(looked, 3 * 2 * 12 * 64);
}

/// In how many of the twelve gradings something is missing.
fn count(class: DeviceClass, place: Place, lack: Lack, spoil: bool) -> usize {
    let book = Rulebook::built_in().unwrap();
    let all = Grade::all();
    let missing = all.iter().filter(|grade| {
        let mut office = Office::without_permits(class, **grade);
        if spoil {
            office.result(device(), DeviceCheck::DiskEncryption, Outcome::Fail);
        }
        lacking(&office.decide(&book, &reach(place))).contains(&lack)
    });
    missing.count()
}

#[test]
fn each_clause_binds_in_as_many_gradings_as_the_table_says() {
    use DeviceClass::{Byod, Issued};
    use Place::{ControlledArea as Inside, OutsideOrganisation as Outside};
    use sekisho_rules::decide::CheckSet::Safeguards;
    let permit = Lack::Permit;
    // 8.1.1(3)(h)(ア): all but C1I1A1 and C2I1A1.
    assert_eq!(
        count(Issued, Outside, permit(PermitKind::OffSite), false),
        10
    );
    assert_eq!(count(Issued, Inside, permit(PermitKind::OffSite), false), 0);
    // 8.1.1(3)(h)(イ): all but C1I1A1, wherever it is.
    assert_eq!(count(Byod, Outside, permit(PermitKind::Byod), false), 11);
    assert_eq!(count(Byod, Inside, permit(PermitKind::Byod), false), 11);
    assert_eq!(count(Issued, Outside, permit(PermitKind::Byod), false), 0);
    // 7.1.1(4)(c): C2 and C3.
    let safeguards = Lack::Posture(Safeguards);
    assert_eq!(count(Issued, Outside, safeguards, true), 8);
    assert_eq!(count(Issued, Inside, safeguards, true), 0);
    assert_eq!(count(Byod, Inside, safeguards, true), 8);
}

#[test]
fn permission_is_not_posture_and_neither_stands_in_for_the_other() {
    let book = Rulebook::built_in().unwrap();
    for class in CLASSES {
        let grade: Grade = "C3I2A2".parse().unwrap();
        let question = reach(Place::OutsideOrganisation);
        let mut office = Office::without_permits(class, grade);
        // In order, and nothing is permitted.
        let lacks = lacking(&office.decide(&book, &question));
        assert!(!lacks.is_empty() && lacks.iter().all(|it| matches!(it, Lack::Permit(_))));
        for kind in KINDS {
            office.give(kind, &question);
        }
        assert!(office.decide(&book, &question).is_allowed());
        // Permitted, and not in order: whether it fails or is not known.
        for outcome in [Outcome::Fail, Outcome::Unknown] {
            for (check, set) in [
                (DeviceCheck::OsSupported, "posture.baseline"),
                (DeviceCheck::ScreenLock, "posture.safeguards"),
            ] {
                office.result(device(), check, outcome);
                let decision = office.decide(&book, &question);
                assert_eq!(lacking(&decision), BTreeSet::from([set.parse().unwrap()]));
                let Decision::Deny(Denied::Missing(missing)) = decision else {
                    panic!("denied")
                };
                assert_eq!(missing[0].failing[0].check, check);
                assert_eq!(missing[0].failing[0].outcome, outcome);
                office.result(device(), check, Outcome::Pass);
            }
        }
    }
}

#[test]
fn evidence_that_has_expired_passes_nothing_and_a_permit_that_has_ended_opens_nothing() {
    let book = Rulebook::built_in().unwrap();
    let question = reach(Place::OutsideOrganisation);
    let mut office = Office::without_permits(DeviceClass::Issued, "C2I1A1".parse().unwrap());
    for kind in KINDS {
        office.give(kind, &question);
    }
    let Decision::Allow(allowed) = office.decide(&book, &question) else {
        panic!("allowed")
    };
    // Until the first of all ends, which is the evidence here.
    let until = allowed.until.unwrap();
    office.now = until.before(sekisho_domain::time::Span::millis(1));
    assert!(office.decide(&book, &question).is_allowed());
    office.now = until;
    let lacks = lacking(&office.decide(&book, &question));
    assert!(
        lacks.iter().all(|it| matches!(it, Lack::Posture(_))),
        "{lacks:?}"
    );
    office.pass_all(device());
    assert!(office.decide(&book, &question).is_allowed());
    // The last instant of the term is not in it.
    office.now = office.term().until;
    let ends = office
        .scene
        .world
        .permits
        .iter()
        .next()
        .unwrap()
        .grant()
        .unwrap()
        .term
        .until;
    // Permits say for themselves when they end, whatever evidence is renewed.
    assert_eq!(allowed.permits_until, Some(ends));
    office.now = ends;
    office.pass_all(device());
    let lacks = lacking(&office.decide(&book, &question));
    assert!(
        lacks.iter().all(|it| matches!(it, Lack::Permit(_))) && lacks.len() == 4,
        "{lacks:?}"
    );
    office.now = ends.before(sekisho_domain::time::Span::millis(1));
    assert!(office.decide(&book, &question).is_allowed());
}
