//! What has ended over the years, and what is for something else: it changes no answer, is not looked at, and is found by
//! whoever looks for it.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::id::{DeviceId, PermitId, SystemId};
use sekisho_domain::permit::event::{Answer, Ended};
use sekisho_domain::permit::{
    Capacity, Deadlines, Decision as Taken, EndKind, Particulars, PermitKind, Place, Term,
};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{Decision, Outing, Question, Rulebook};

use super::scene::{Office, device, exception, highest, join, particulars, reach, route, system};
use crate::fixture::{NOW, fresh};
use crate::permits::{person, sealed};

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

/// How many of each there were.
const TIMES: usize = 10;

/// What became of an application or a permit, for good.
#[derive(Clone, Copy)]
enum Past {
    Withdrawn,
    Refused,
    Returned,
    Revoked,
}

const PAST: [Past; 4] = [
    Past::Withdrawn,
    Past::Refused,
    Past::Returned,
    Past::Revoked,
];

fn questions() -> [Question; 2] {
    let back = Outing::Back {
        last_inside: None,
        since: NOW,
    };
    [reach(Place::OutsideOrganisation), join(back)]
}

fn ended(permit: PermitId, how: EndKind) -> Event {
    let step = Box::new(Ended {
        permit,
        how,
        at: NOW.before(Span::minutes(1)),
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    });
    Event::PermitEnded { step }
}

fn refused(permit: PermitId) -> Event {
    let decision = Taken {
        by: person(),
        capacity: Capacity::Holder,
        route: route(),
    };
    let step = Box::new(Answer {
        permit,
        decision,
        reason: sealed(),
    });
    Event::PermitRefused { step }
}

fn put(office: &mut Office, particulars: Particulars, past: Past) {
    let permit = office.apply(particulars, Some(highest()), office.term());
    let end = match past {
        Past::Withdrawn => {
            office.scene.apply(Event::PermitWithdrawn { permit });
            return;
        }
        Past::Refused => refused(permit),
        Past::Returned => ended(permit, EndKind::Returned),
        Past::Revoked => ended(permit, EndKind::Revoked),
    };
    if !matches!(past, Past::Refused) {
        office.approve(permit);
        office.take_up(permit);
    }
    office.scene.apply(end);
}

/// Years of permits for everything that is asked, all of them over; how many.
fn years(office: &mut Office) -> usize {
    let place = Place::OutsideOrganisation;
    let mut count = 0;
    for past in PAST {
        for _ in 0..TIMES {
            for kind in KINDS {
                put(office, particulars(kind, Some(device()), place), past);
            }
            put(office, exception("US-8.1.1-3-b", place), past);
            count += KINDS.len() + 1;
        }
    }
    count
}

/// How many permits a decision about the person with the device looks at.
fn looked_at(office: &Office) -> usize {
    let permits = &office.scene.world.permits;
    let open = permits.placed_open(Place::OutsideOrganisation, None, &[]);
    permits.placed_of_person(person(), |_| true).count()
        + permits.placed_of_device(device(), |_| true).count()
        + permits.placed_naming(person()).count()
        + open.count()
}

fn answers(office: &Office) -> Vec<Decision> {
    let book = Rulebook::built_in().unwrap();
    let questions = questions();
    let all = questions.iter();
    all.map(|question| office.decide(&book, question)).collect()
}

#[test]
fn permits_that_ended_change_no_answer_and_are_not_looked_at_by_decisions() {
    for class in [DeviceClass::Issued, DeviceClass::Byod] {
        for holds in [false, true] {
            let mut office = Office::without_permits(class, highest());
            if holds {
                for question in questions() {
                    for kind in KINDS {
                        office.give(kind, &question);
                    }
                }
            }
            let (before, looked) = (answers(&office), looked_at(&office));
            assert!(
                before.iter().all(|it| it.is_allowed() == holds),
                "{class:?}"
            );
            let past = years(&mut office);
            assert_eq!(answers(&office), before, "{class:?} {holds}");
            assert_eq!(looked_at(&office), looked, "{class:?} {holds}");
            // They are there for whoever looks for what was.
            let all = office.scene.world.permits.of_person(person()).count();
            assert_eq!(all, past + if holds { 2 * KINDS.len() } else { 0 });
        }
    }
}

/// How many of the person's permits may be for what is asked, by their marks alone.
fn may_concern(office: &Office) -> usize {
    let (device, system) = (Some(device()), Some(system()));
    let permits = &office.scene.world.permits;
    let found = permits.placed_of_person(person(), |mark| mark.may_concern(device, system));
    found.count()
}

#[test]
fn permits_in_force_for_other_devices_and_systems_change_no_answer_and_are_not_looked_at() {
    let place = Place::OutsideOrganisation;
    for holds in [false, true] {
        let mut office = Office::without_permits(DeviceClass::Issued, highest());
        if holds {
            for question in questions() {
                for kind in KINDS {
                    office.give(kind, &question);
                }
            }
        }
        let (before, looked) = (answers(&office), may_concern(&office));
        assert_eq!(looked, if holds { 2 * KINDS.len() } else { 0 });
        let mut others = Vec::new();
        for n in 0..u32::try_from(TIMES).unwrap() {
            let other = DeviceId::new(fresh(1, 970 + n));
            for kind in [
                PermitKind::TakeOut,
                PermitKind::OffSite,
                PermitKind::Byod,
                PermitKind::RemoteAccess,
                PermitKind::Reconnection,
                PermitKind::Connection,
            ] {
                others.push(particulars(kind, Some(other), place));
            }
            let mut another = particulars(PermitKind::RemoteAccess, Some(device()), place);
            if let Particulars::RemoteAccess(it) = &mut another {
                it.system = SystemId::new(fresh(20, 970 + n));
            }
            others.push(another);
        }
        for it in others {
            let permit = office.apply(it, Some(highest()), office.term());
            office.approve(permit);
            office.take_up(permit);
        }
        assert_eq!(answers(&office), before, "{holds}");
        assert_eq!(may_concern(&office), looked, "{holds}");
    }
}

#[test]
fn a_permit_whose_term_is_over_is_there_again_where_the_clock_is_set_back() {
    let book = Rulebook::built_in().unwrap();
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    let question = reach(Place::OutsideOrganisation);
    for kind in KINDS {
        office.give(kind, &question);
    }
    assert!(office.decide(&book, &question).is_allowed());
    let begun = office.now;
    let Term { until, .. } = office.term();
    office.now = until;
    // Nothing else is in the way at that time.
    office.pass_all(device());
    assert!(!office.decide(&book, &question).is_allowed());
    office.now = begun;
    office.pass_all(device());
    assert!(office.decide(&book, &question).is_allowed());
}
