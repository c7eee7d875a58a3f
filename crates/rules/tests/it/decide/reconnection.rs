//! Back on the internal line: inspected since it came back, and permitted (8.1.1(3)(i), (j)).

use std::collections::BTreeSet;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{CheckSet, Decision, Denied, Lack, LaterCheck, Outing, Rulebook};

use super::scene::{Office, device, highest, join, particulars};
use crate::fixture::NOW;

fn lacks(office: &Office, outing: Outing) -> BTreeSet<Lack> {
    let book = Rulebook::built_in().unwrap();
    match office.decide(&book, &join(outing)) {
        Decision::Allow(_) => BTreeSet::new(),
        Decision::Deny(Denied::Missing(missing)) => {
            missing.iter().map(|it| it.rule.lack.unwrap()).collect()
        }
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

fn back() -> Outing {
    Outing::Back {
        last_inside: Some(NOW.before(Span::days(7))),
        since: NOW,
    }
}

const INSPECTION: Lack = Lack::Posture(CheckSet::Inspection);
const SAFEGUARDS: Lack = Lack::Posture(CheckSet::Safeguards);
const PERMIT: Lack = Lack::Permit(PermitKind::Reconnection);

#[test]
fn who_was_not_outside_joins_and_who_was_needs_inspection_and_permission() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    assert!(lacks(&office, Outing::None).is_empty());
    // Results are from the moment of the return: they count.
    assert_eq!(lacks(&office, back()), BTreeSet::from([PERMIT]));
    office.give(PermitKind::Reconnection, &join(back()));
    assert!(lacks(&office, back()).is_empty());
    // What passed before it came back proves nothing.
    office.now = NOW.after(Span::minutes(5));
    let later = Outing::Back {
        last_inside: Some(NOW.before(Span::days(7))),
        since: office.now,
    };
    assert_eq!(lacks(&office, later), BTreeSet::from([INSPECTION]));
    office.pass_all(device());
    assert!(lacks(&office, later).is_empty());
    office.result(device(), DeviceCheck::Advisories, Outcome::Fail);
    assert_eq!(lacks(&office, later), BTreeSet::from([INSPECTION]));
}

#[test]
fn a_refusal_shows_the_whole_inspection_and_what_is_not_part_of_it_yet() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    office.now = NOW.after(Span::minutes(5));
    let since = office.now;
    let outing = Outing::Back {
        last_inside: None,
        since,
    };
    office.result(device(), DeviceCheck::Advisories, Outcome::Pass);
    let book = Rulebook::built_in().unwrap();
    let Decision::Deny(Denied::Missing(missing)) = office.decide(&book, &join(outing)) else {
        panic!("it is refused");
    };
    let of = |lack| {
        missing
            .iter()
            .find(|it| it.rule.lack == Some(lack))
            .unwrap()
    };
    assert_eq!(of(PERMIT).inspection, None);
    let inspection = of(INSPECTION).inspection.clone().unwrap();
    assert_eq!(inspection.since, Some(since));
    let checks = inspection.checks.iter();
    let checks: Vec<_> = checks.map(|it| (it.check, it.outcome)).collect();
    assert_eq!(
        checks,
        [
            (DeviceCheck::SecurityUpdates, Outcome::Unknown),
            (DeviceCheck::Advisories, Outcome::Pass),
            (DeviceCheck::SoftwareDenied, Outcome::Unknown),
            (DeviceCheck::Peripherals, Outcome::Unknown),
        ]
    );
    assert_eq!(inspection.checks[0].reason.code, "check.before-return");
    assert_eq!(inspection.later, [LaterCheck::TraceScan]);
}

#[test]
fn a_permit_for_an_earlier_outing_does_not_serve_again() {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    // It says that the device is outside since today; it was inside again since.
    let permit = office.apply(
        particulars(
            PermitKind::Reconnection,
            Some(device()),
            Place::ControlledArea,
        ),
        None,
        office.term(),
    );
    office.approve(permit);
    office.take_up(permit);
    let outing = |days: i64| {
        let day = Span::days(1);
        let inside = if days < 0 {
            NOW.before(day)
        } else {
            NOW.after(day)
        };
        Outing::Back {
            last_inside: Some(inside),
            since: NOW,
        }
    };
    assert!(lacks(&office, outing(-1)).is_empty());
    assert_eq!(lacks(&office, outing(1)), BTreeSet::from([PERMIT]));
}

#[test]
fn a_persons_own_device_needs_a_connection_and_its_own_permit_besides() {
    let mut office = Office::without_permits(DeviceClass::Byod, highest());
    let all = [
        PermitKind::Reconnection,
        PermitKind::Connection,
        PermitKind::Byod,
    ];
    let expected: BTreeSet<Lack> = all.into_iter().map(Lack::Permit).collect();
    assert_eq!(lacks(&office, back()), expected);
    for kind in all {
        office.give(kind, &join(back()));
    }
    assert!(lacks(&office, back()).is_empty());
    // An outside line is no internal one.
    office.line("home");
    assert_eq!(lacks(&office, back()), BTreeSet::from([Lack::LineUnknown]));
}

#[test]
fn a_persons_own_device_joins_with_its_safeguards_whether_it_was_outside_or_not() {
    for outing in [Outing::None, back()] {
        let mut own = Office::without_permits(DeviceClass::Byod, highest());
        for kind in [
            PermitKind::Reconnection,
            PermitKind::Connection,
            PermitKind::Byod,
        ] {
            own.give(kind, &join(outing));
        }
        assert!(lacks(&own, outing).is_empty());
        for outcome in [Outcome::Fail, Outcome::Unknown] {
            own.result(device(), DeviceCheck::DiskEncryption, outcome);
            assert_eq!(lacks(&own, outing), BTreeSet::from([SAFEGUARDS]));
        }
        // Of an issued device 7.1.1(4)(c)(ア) asks them off-site alone.
        let mut issued = Office::without_permits(DeviceClass::Issued, highest());
        issued.give(PermitKind::Reconnection, &join(outing));
        issued.result(device(), DeviceCheck::DiskEncryption, Outcome::Fail);
        assert!(lacks(&issued, outing).is_empty());
    }
}

#[test]
fn of_missing_safeguards_those_are_named_that_fail_and_not_what_passed_before_the_return() {
    let mut office = Office::without_permits(DeviceClass::Byod, highest());
    office.now = NOW.after(Span::minutes(5));
    let outing = Outing::Back {
        last_inside: None,
        since: office.now,
    };
    office.result(device(), DeviceCheck::DiskEncryption, Outcome::Fail);
    let book = Rulebook::built_in().unwrap();
    let Decision::Deny(Denied::Missing(missing)) = office.decide(&book, &join(outing)) else {
        panic!("it is refused");
    };
    let mut safeguards = missing.iter().filter(|it| it.rule.lack == Some(SAFEGUARDS));
    let named = safeguards.next().unwrap();
    assert_eq!(named.rule.id, "posture.safeguards-byod-inside");
    let failing: Vec<DeviceCheck> = named.failing.iter().map(|it| it.check).collect();
    assert_eq!(failing, [DeviceCheck::DiskEncryption]);
    assert_eq!(named.inspection, None);
    assert!(safeguards.next().is_none());
}
