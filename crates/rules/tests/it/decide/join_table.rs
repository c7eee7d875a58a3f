//! The truth table of joining an internal line, exhaustively: every grading, class of device, outing, set
//! of permits held, inspection and safeguards (requirements.md 1.7; 8.1.1(3)(i), (j), 7.1.1(4)(c)(イ)).

use std::collections::BTreeSet;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DeviceId, PersonId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Access, Needed, Particulars, PermitKind, Place, Setting};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{CheckSet, Lack, Outing, Question, Rulebook};

use super::scene::{Office, device, highest, join, reach, unit};
use super::truth_table::{CLASSES, lacking};
use crate::fixture::{NOW, fresh};

const KINDS: [PermitKind; 3] = [
    PermitKind::Reconnection,
    PermitKind::Connection,
    PermitKind::Byod,
];

const BACK: Outing = Outing::Back {
    last_inside: None,
    since: NOW,
};

/// What a device's checks say.
#[derive(Clone, Copy, Debug)]
struct State {
    inspected: bool,
    safe: bool,
}

const STATES: [State; 4] = [
    State {
        inspected: true,
        safe: true,
    },
    State {
        inspected: true,
        safe: false,
    },
    State {
        inspected: false,
        safe: true,
    },
    State {
        inspected: false,
        safe: false,
    },
];

fn asked(grade: Grade, outing: Outing) -> Question {
    Question {
        grade: Some(grade),
        ..join(outing)
    }
}

fn office(class: DeviceClass, state: State) -> Office {
    let mut office = Office::without_permits(class, highest());
    spoil(&mut office, state);
    office
}

/// A device without a user, and nobody who could be one.
fn nobodys(class: DeviceClass, state: State) -> Office {
    let mut office = Office::empty();
    office.enrol(device(), class, None);
    office.pass_all(device());
    office.line("internal");
    spoil(&mut office, state);
    office
}

fn in_nobodys_name(question: Question) -> Question {
    Question {
        person: None,
        ..question
    }
}

fn spoil(office: &mut Office, state: State) {
    if !state.inspected {
        office.result(device(), DeviceCheck::Peripherals, Outcome::Fail);
    }
    if !state.safe {
        office.result(device(), DeviceCheck::ScreenLock, Outcome::Unknown);
    }
}

/// What has to be there, by the domain's own table of permits and by the clauses for the rest.
fn needed(class: DeviceClass, grade: Grade, outing: Outing, state: State) -> BTreeSet<Lack> {
    let setting = Setting {
        grade,
        place: Place::ControlledArea,
        device: Some(class),
    };
    let Needed::Permits(kinds) = Access::Joining.needed(setting, true) else {
        panic!("{setting:?}");
    };
    let was_outside = outing != Outing::None;
    let kinds = kinds.into_iter();
    let mut all: BTreeSet<Lack> = kinds
        .filter(|kind| *kind != PermitKind::Reconnection || was_outside)
        .map(Lack::Permit)
        .collect();
    if was_outside && !state.inspected {
        all.insert(Lack::Posture(CheckSet::Inspection));
    }
    if class == DeviceClass::Byod && grade.is_confidential() && !state.safe {
        all.insert(Lack::Posture(CheckSet::Safeguards));
    }
    all
}

#[test]
fn exactly_what_the_clauses_ask_for_is_missing_whatever_is_held_and_however_the_device_is() {
    let book = Rulebook::built_in().unwrap();
    let (mut looked, mut allowed) = (0, 0);
    for class in CLASSES {
        for outing in [Outing::None, BACK] {
            for grade in Grade::all() {
                for state in STATES {
                    for mask in 0_u32..1 << KINDS.len() {
                        let question = asked(grade, outing);
                        let mut office = office(class, state);
                        let mut expected = needed(class, grade, outing, state);
                        for (place, kind) in KINDS.into_iter().enumerate() {
                            if mask & (1 << place) != 0 {
                                office.give(kind, &question);
                                expected.remove(&Lack::Permit(kind));
                            }
                        }
                        let lacks = lacking(&office.decide(&book, &question));
                        assert_eq!(
                            lacks, expected,
                            "{grade} {class:?} {outing:?} {state:?} {mask:b}"
                        );
                        looked += 1;
                        allowed += usize::from(lacks.is_empty());
                    }
                }
            }
        }
    }
    assert_eq!(looked, 2 * 2 * 12 * 4 * 8);
    // Issued: always, where it was not outside; inspected and permitted, where it was. One's own: not
    // outside 16 for C1I1A1, 8 each for the rest of C1, 4 each above; outside a quarter of that.
    assert_eq!(allowed, 384 + 96 + (16 + 3 * 8 + 8 * 4) + (4 + 3 * 2 + 8));
}

/// In how many of the twelve gradings something is missing where no permit is held.
fn count(class: DeviceClass, outing: Outing, state: State, lack: Lack) -> usize {
    let book = Rulebook::built_in().unwrap();
    let grades = Grade::all().into_iter();
    let missing = grades.filter(|grade| {
        let decision = office(class, state).decide(&book, &asked(*grade, outing));
        lacking(&decision).contains(&lack)
    });
    missing.count()
}

#[test]
fn each_clause_binds_joining_in_as_many_gradings_as_the_table_says() {
    use DeviceClass::{Byod, Issued};
    let bad = STATES[3];
    let (inspection, safeguards) = (
        Lack::Posture(CheckSet::Inspection),
        Lack::Posture(CheckSet::Safeguards),
    );
    let reconnection = Lack::Permit(PermitKind::Reconnection);
    for class in CLASSES {
        // 8.1.1(3)(i), (j): no grade condition.
        assert_eq!(count(class, BACK, bad, inspection), 12);
        assert_eq!(count(class, BACK, bad, reconnection), 12);
        assert_eq!(count(class, Outing::None, bad, inspection), 0);
        assert_eq!(count(class, Outing::None, bad, reconnection), 0);
    }
    for outing in [Outing::None, BACK] {
        // 8.1.1(3)(h)(イ): all but C1I1A1.
        let permit = Lack::Permit(PermitKind::Byod);
        assert_eq!(count(Byod, outing, bad, permit), 11);
        assert_eq!(count(Issued, outing, bad, permit), 0);
        // 7.1.1(4)(c)(イ): C2 and C3, wherever it is; (ア) binds off-site alone.
        assert_eq!(count(Byod, outing, bad, safeguards), 8);
        assert_eq!(count(Issued, outing, bad, safeguards), 0);
    }
}

#[test]
fn whoever_says_no_grade_joins_as_for_the_highest() {
    let book = Rulebook::built_in().unwrap();
    for class in CLASSES {
        let office = office(class, STATES[3]);
        let unsaid = lacking(&office.decide(&book, &join(BACK)));
        let highest = lacking(&office.decide(&book, &asked(highest(), BACK)));
        assert_eq!(unsaid, highest, "{class:?}");
    }
}

#[test]
fn evidence_from_before_the_return_proves_no_inspection_and_goes_on_proving_safeguards() {
    let book = Rulebook::built_in().unwrap();
    let mut office = office(DeviceClass::Byod, STATES[0]);
    office.now = NOW.after(Span::minutes(5));
    let question = join(Outing::Back {
        last_inside: None,
        since: office.now,
    });
    for kind in KINDS {
        office.give(kind, &question);
    }
    let lacks = lacking(&office.decide(&book, &question));
    assert_eq!(lacks, BTreeSet::from([Lack::Posture(CheckSet::Inspection)]));
}

#[test]
fn a_shared_device_in_nobodys_name_lacks_what_the_clauses_ask_for_and_no_person() {
    let book = Rulebook::built_in().unwrap();
    let mut looked = 0;
    for outing in [Outing::None, BACK] {
        for grade in Grade::all() {
            for state in STATES {
                let office = nobodys(DeviceClass::Issued, state);
                let question = in_nobodys_name(asked(grade, outing));
                let lacks = lacking(&office.decide(&book, &question));
                let expected = needed(DeviceClass::Issued, grade, outing, state);
                assert_eq!(lacks, expected, "{grade} {outing:?} {state:?}");
                assert_eq!(lacks.is_empty(), outing == Outing::None);
                looked += 1;
            }
        }
    }
    assert_eq!(looked, 2 * 12 * 4);
}

#[test]
fn a_shared_device_that_came_back_joins_by_the_permit_of_its_holder_in_his_name_alone() {
    let book = Rulebook::built_in().unwrap();
    let mut office = nobodys(DeviceClass::Issued, STATES[0]);
    let reconnection = Lack::Permit(PermitKind::Reconnection);
    office.member();
    office.account();
    assert_eq!(
        lacking(&office.decide(&book, &join(BACK))),
        BTreeSet::from([reconnection])
    );
    office.give(PermitKind::Reconnection, &join(BACK));
    assert!(lacking(&office.decide(&book, &join(BACK))).is_empty());
    assert_eq!(
        lacking(&office.decide(&book, &in_nobodys_name(join(BACK)))),
        BTreeSet::from([reconnection])
    );
}

/// Exceptions to the permit of (j), and whether each counts for what joins in nobody's name.
fn exceptions_to_reconnection() -> [(Exception, bool); 7] {
    let row = Line::parse("US-8.1.1-3-j").unwrap();
    let bare = Exception::bare(row, highest(), Place::ControlledArea, NOW.jst_date());
    let another = DeviceId::new(fresh(1, 970));
    let of_device = Exception {
        device: Some(device()),
        ..bare.clone()
    };
    let of_several = Exception {
        devices: vec![another, device()],
        ..bare.clone()
    };
    let of_unit = |unit| Exception {
        unit: Some(unit),
        ..of_device.clone()
    };
    let of_people = Exception {
        people: vec![PersonId::new(fresh(6, 970))],
        ..of_device.clone()
    };
    let of_another = Exception {
        device: Some(another),
        ..bare.clone()
    };
    [
        (of_unit(unit()), true),
        (of_unit(UnitId::new(fresh(2, 970))), false),
        (of_device, true),
        (of_several, true),
        (of_people, false),
        (of_another, false),
        (bare, false),
    ]
}

#[test]
fn an_exception_for_the_device_and_no_people_counts_in_nobodys_name_and_no_other_does() {
    let book = Rulebook::built_in().unwrap();
    for (named, excused) in exceptions_to_reconnection() {
        let mut office = nobodys(DeviceClass::Issued, STATES[0]);
        let question = in_nobodys_name(join(BACK));
        let missing = BTreeSet::from([Lack::Permit(PermitKind::Reconnection)]);
        assert_eq!(lacking(&office.decide(&book, &question)), missing);
        let particulars = Particulars::Exception(named.clone());
        let term = office.term();
        let permit = office.apply(particulars, Some(highest()), term);
        office.approve(permit);
        office.take_up(permit);
        let lacks = lacking(&office.decide(&book, &question));
        let expected = if excused { BTreeSet::new() } else { missing };
        assert_eq!(lacks, expected, "{named:?}");
    }
}

#[test]
fn nothing_is_reached_and_no_device_of_somebodys_own_joins_in_nobodys_name() {
    let book = Rulebook::built_in().unwrap();
    let nobody = [Lack::Person, Lack::DeviceNotTheirs];
    let mut shared = nobodys(DeviceClass::Issued, STATES[0]);
    shared.system(highest(), true);
    let inside = in_nobodys_name(reach(Place::ControlledArea));
    assert_eq!(
        lacking(&shared.decide(&book, &inside)),
        BTreeSet::from(nobody)
    );
    let own = nobodys(DeviceClass::Byod, STATES[0]);
    // One with a user is not shared: in nobody's name it does not join either.
    let used = Office::without_permits(DeviceClass::Issued, highest());
    for office in [own, used] {
        let lacks = lacking(&office.decide(&book, &in_nobodys_name(join(Outing::None))));
        assert!(lacks.is_superset(&BTreeSet::from(nobody)), "{lacks:?}");
    }
}
