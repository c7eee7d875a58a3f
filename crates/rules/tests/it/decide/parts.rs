//! Permits for remote access that name a part of a system: they open that part and nothing else, and a refusal of
//! the whole says so.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::id::PermitId;
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Ended, Suspended};
use sekisho_domain::permit::{Deadlines, EndKind, HoldCause, Particulars, PermitKind, Place};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{Act, Decision, Denied, Fix, Lack, Missing, Question, Rulebook};

use super::scene::{Office, device, highest, particulars, reach, system};
use crate::fixture::NOW;

const PART: &str = "月次処理";
const PLACE: Place = Place::OutsideOrganisation;

fn asked(part: Option<&str>) -> Question {
    Question {
        act: Act::Reach {
            system: system(),
            part: part.map(str::to_owned),
        },
        ..reach(PLACE)
    }
}

/// Everything but the permit for remote access is there.
fn office() -> Office {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::OffSite,
        PermitKind::Line,
    ] {
        office.give(kind, &asked(None));
    }
    office
}

/// A permit for the part, applied for.
fn for_the_part(office: &mut Office) -> PermitId {
    let mut wanted = particulars(PermitKind::RemoteAccess, Some(device()), PLACE);
    if let Particulars::RemoteAccess(it) = &mut wanted {
        it.part = Some(Line::parse(PART).unwrap());
    }
    office.apply(wanted, Some(highest()), office.term())
}

fn missing(office: &Office, part: Option<&str>) -> Vec<Missing> {
    match office.decide(&Rulebook::built_in().unwrap(), &asked(part)) {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => missing,
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

/// The one thing that is missing: the permit for remote access.
fn one(office: &Office, part: Option<&str>) -> Missing {
    let mut all = missing(office, part);
    let found = all.pop().expect("it is refused");
    assert!(all.is_empty(), "{all:?}");
    assert_eq!(
        found.rule.lack,
        Some(Lack::Permit(PermitKind::RemoteAccess))
    );
    found
}

#[test]
fn a_permit_for_a_part_opens_it_alone_and_a_refusal_of_the_rest_says_so() {
    let mut office = office();
    let permit = for_the_part(&mut office);
    office.approve(permit);
    office.take_up(permit);
    assert!(missing(&office, Some(PART)).is_empty());
    for part in [None, Some("年次処理")] {
        let told = one(&office, part);
        assert!(told.is_of_part());
        assert_eq!(told.permit, Some(permit));
        assert_eq!(told.fixes, [Fix::ApplyWhole(PermitKind::RemoteAccess)]);
    }
    // What it says helps.
    office.give(PermitKind::RemoteAccess, &asked(None));
    for part in [None, Some(PART), Some("年次処理")] {
        assert!(missing(&office, part).is_empty(), "{part:?}");
    }
}

#[test]
fn it_is_said_as_long_as_that_permit_is_there_or_may_come_to_be() {
    let mut office = office();
    assert!(!one(&office, None).is_of_part());
    let permit = for_the_part(&mut office);
    assert!(one(&office, None).is_of_part(), "applied for");
    // Of the part itself it says how that permit stands.
    let told = one(&office, Some(PART));
    assert_eq!(told.fixes, [Fix::AwaitDecision(permit)]);
    office.approve(permit);
    office.take_up(permit);
    let step = Suspended {
        permit,
        cause: HoldCause::Officer,
        remark: None,
    };
    office.scene.apply(Event::PermitSuspended { step });
    assert!(one(&office, None).is_of_part(), "suspended");
    // Once its term is over, by time or by what is recorded, there is none.
    let now = office.now;
    office.now = office.term().until;
    office.pass_all(device());
    let all = missing(&office, None);
    assert!(all.iter().all(|it| !it.is_of_part()), "{all:?}");
    office.now = now;
    office.pass_all(device());
    let step = Box::new(Ended {
        permit,
        how: EndKind::Returned,
        at: NOW.before(Span::minutes(1)),
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    });
    office.scene.apply(Event::PermitEnded { step });
    let told = one(&office, None);
    assert_eq!(told.fixes, [Fix::Apply(PermitKind::RemoteAccess)]);
}

#[test]
fn a_permit_for_the_whole_that_waits_is_nearer_than_one_for_a_part() {
    let mut office = office();
    let part = for_the_part(&mut office);
    office.approve(part);
    office.take_up(part);
    let wanted = particulars(PermitKind::RemoteAccess, Some(device()), PLACE);
    let whole = office.apply(wanted, Some(highest()), office.term());
    let told = one(&office, None);
    assert_eq!(told.permit, Some(whole));
    assert_eq!(told.fixes, [Fix::AwaitDecision(whole)]);
}
