//! A device that is not the person's: what is told of it, and who can do anything about it.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::PersonId;
use sekisho_domain::permit::Place;
use sekisho_domain::role::Role;
use sekisho_rules::decide::{Decision, Denied, Fix, Grantor, Lack, Missing, Rulebook};

use super::scene::{Office, device, highest, reach};
use crate::fixture::fresh;

/// What is missing with somebody else's device of a class.
fn not_theirs(class: DeviceClass) -> Missing {
    let mut office = Office::empty();
    office.member();
    office.account();
    office.enrol(device(), class, Some(PersonId::new(fresh(23, 77))));
    office.pass_all(device());
    office.system(highest(), true);
    let book = Rulebook::built_in().unwrap();
    let decision = office.decide(&book, &reach(Place::ControlledArea));
    let Decision::Deny(Denied::Missing(missing)) = decision else {
        panic!("{decision:?}");
    };
    let of_device = |it: &&Missing| it.rule.lack == Some(Lack::DeviceNotTheirs);
    missing.iter().find(of_device).expect("it is told").clone()
}

/// It was told that the device is retired, and that the officer for telework could grant something.
#[test]
fn of_somebody_elses_own_device_it_is_told_to_use_another_and_nobody_grants_it() {
    let missing = not_theirs(DeviceClass::Byod);
    assert_eq!(missing.fixes, [Fix::UseOwnDevice]);
    assert_eq!(missing.grantor, Some(Grantor::Oneself));
}

#[test]
fn an_issued_device_of_somebody_else_can_be_assigned() {
    let missing = not_theirs(DeviceClass::Issued);
    assert_eq!(missing.fixes, [Fix::AssignDevice(device())]);
    assert_eq!(missing.grantor, Some(Grantor::Role(Role::Isso)));
}
