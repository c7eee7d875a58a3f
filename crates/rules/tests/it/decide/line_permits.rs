//! Permits for lines (PL) that name a system: its officer decides, and has no say over others.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::SystemId;
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_rules::decide::{Decision, Denied, Lack, Rulebook};

use super::scene::{Office, device, highest, particulars, reach, system};
use crate::fixture::fresh;

const PLACE: Place = Place::OutsideOrganisation;

fn lacks(office: &Office) -> Vec<Option<Lack>> {
    match office.decide(&Rulebook::built_in().unwrap(), &reach(PLACE)) {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => missing.iter().map(|it| it.rule.lack).collect(),
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

fn give(office: &mut Office, named: Option<SystemId>) {
    let mut wanted = particulars(PermitKind::Line, Some(device()), PLACE);
    if let Particulars::Line(it) = &mut wanted {
        it.system = named;
    }
    let permit = office.apply(wanted, Some(highest()), office.term());
    office.approve(permit);
    office.take_up(permit);
}

/// Everything but the permit for the line is there.
fn office() -> Office {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::OffSite,
        PermitKind::RemoteAccess,
    ] {
        office.give(kind, &reach(PLACE));
    }
    office
}

#[test]
fn a_permit_for_a_line_that_names_a_system_is_for_reaching_that_one_alone() {
    let wanting = [Some(Lack::Permit(PermitKind::Line))];
    let mut office = office();
    assert_eq!(lacks(&office), wanting);
    give(&mut office, Some(SystemId::new(fresh(20, 7))));
    assert_eq!(lacks(&office), wanting, "of another system");
    give(&mut office, Some(system()));
    assert!(lacks(&office).is_empty());
}

#[test]
fn a_permit_for_a_line_that_names_no_system_is_for_any() {
    let mut office = office();
    give(&mut office, None);
    assert!(lacks(&office).is_empty());
}
