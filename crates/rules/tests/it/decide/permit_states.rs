//! The truth table of requirements.md 1.7 with what can become of a permit: only one that is active and
//! covers what is asked opens anything.

use std::collections::BTreeSet;

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::event::{Answer, Ended, Suspended};
use sekisho_domain::permit::{
    Capacity, Conditions, Deadlines, Decision as Taken, EndKind, HoldCause, PermitKind, Place,
    Setting, Term,
};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{Lack, Question, Rulebook};

use super::scene::{Office, highest, particulars, reach, route};
use super::truth_table::{CLASSES, PLACES, lacking, needed};
use crate::fixture::NOW;
use crate::permits::{person, sealed};

/// What can have become of a permit, or how it can fall short of what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Applied,
    SentBack,
    Refused,
    NotTakenUp,
    Suspended,
    Ended,
    TermOver,
    NotBegun,
    OutOfHours,
    GradeTooLow,
    CeilingTooLow,
    Active,
}

const STATES: [State; 12] = [
    State::Applied,
    State::SentBack,
    State::Refused,
    State::NotTakenUp,
    State::Suspended,
    State::Ended,
    State::TermOver,
    State::NotBegun,
    State::OutOfHours,
    State::GradeTooLow,
    State::CeilingTooLow,
    State::Active,
];

fn lowest() -> Grade {
    "C1I1A1".parse().unwrap()
}

impl State {
    /// Whether a permit of a kind can be in it where this grade is handled: below the lowest there is
    /// nothing, and some kinds say no grade of their own.
    fn is_possible(self, kind: PermitKind, grade: Grade) -> bool {
        let graded = [
            PermitKind::Telework,
            PermitKind::OffSite,
            PermitKind::Byod,
            PermitKind::RemoteAccess,
        ];
        match self {
            Self::GradeTooLow => grade != lowest() && graded.contains(&kind),
            Self::CeilingTooLow => grade != lowest(),
            _ => true,
        }
    }

    fn grade(self) -> Grade {
        match self {
            Self::GradeTooLow => lowest(),
            _ => highest(),
        }
    }

    fn term(self, office: &Office) -> Term {
        let day = Span::days(1);
        match self {
            Self::TermOver => Term {
                from: NOW.before(Span::days(9)),
                until: NOW.before(day),
            },
            Self::NotBegun => Term {
                from: NOW.after(day),
                until: NOW.after(Span::days(9)),
            },
            _ => office.term(),
        }
    }

    fn conditions(self) -> Option<Conditions> {
        match self {
            // It is nine o'clock in Japan.
            Self::OutOfHours => Some(Conditions {
                from_hour: Some(10),
                until_hour: Some(12),
                ..Conditions::none()
            }),
            Self::CeilingTooLow => Some(Conditions {
                grade_ceiling: Some(lowest()),
                ..Conditions::none()
            }),
            _ => None,
        }
    }
}

fn answer(permit: PermitId) -> Box<Answer> {
    Box::new(Answer {
        permit,
        decision: Taken {
            by: person(),
            capacity: Capacity::Holder,
            route: route(),
        },
        reason: sealed(),
    })
}

/// A permit of a kind that speaks of what is asked, in a state.
fn put(office: &mut Office, kind: PermitKind, asked: &Question, state: State) {
    let wanted = state.term(office);
    let permit = office.apply(
        particulars(kind, asked.device, asked.origin.place),
        Some(state.grade()),
        wanted,
    );
    match state {
        State::Applied => return,
        State::SentBack => {
            let step = answer(permit);
            office.scene.apply(Event::PermitSentBack { step });
            return;
        }
        State::Refused => {
            let step = answer(permit);
            office.scene.apply(Event::PermitRefused { step });
            return;
        }
        _ => office.approve_on(permit, state.conditions()),
    }
    if state == State::NotTakenUp {
        return;
    }
    office.take_up(permit);
    if state == State::Suspended {
        let step = Suspended {
            permit,
            cause: HoldCause::Officer,
            remark: None,
        };
        office.scene.apply(Event::PermitSuspended { step });
    } else if state == State::Ended {
        let step = Box::new(Ended {
            permit,
            how: EndKind::Returned,
            at: NOW.before(Span::minutes(1)),
            deadlines: Deadlines::default(),
            decision: None,
            remark: None,
        });
        office.scene.apply(Event::PermitEnded { step });
    }
}

/// How many cells let through and how many refuse, where one needed permit is in a state and all
/// others hold.
fn looked_at(book: &Rulebook, place: Place, class: DeviceClass, grade: Grade) -> (usize, usize) {
    let needed = needed(Setting {
        grade,
        place,
        device: Some(class),
    });
    let (mut allowed, mut refused) = (0, 0);
    for kind in &needed {
        for state in STATES.into_iter().filter(|it| it.is_possible(*kind, grade)) {
            let question = reach(place);
            let mut office = Office::without_permits(class, grade);
            for other in needed.iter().filter(|it| *it != kind) {
                office.give(*other, &question);
            }
            put(&mut office, *kind, &question, state);
            let lacks = lacking(&office.decide(book, &question));
            let cell = format!("{grade} {place:?} {class:?} {kind:?} {state:?}");
            if state == State::Active {
                assert_eq!(lacks, BTreeSet::new(), "{cell}");
                allowed += 1;
            } else {
                assert_eq!(lacks, BTreeSet::from([Lack::Permit(*kind)]), "{cell}");
                refused += 1;
            }
        }
    }
    (allowed, refused)
}

#[test]
fn of_all_that_can_become_of_a_needed_permit_only_an_active_one_that_covers_it_opens_anything() {
    let book = Rulebook::built_in().unwrap();
    let (mut allowed, mut refused) = (0, 0);
    for place in PLACES {
        for class in CLASSES {
            for grade in Grade::all() {
                let (more, less) = looked_at(&book, place, class, grade);
                allowed += more;
                refused += less;
            }
        }
    }
    // Needed permits, all gradings together: an issued device outside the area 12 × 3 + 10, outside the
    // organisation 12 more; one's own inside 11, outside twice 12 × 2 + 11.
    assert_eq!(allowed, 46 + 58 + 11 + 35 + 35);
    // Nine states of each; a ceiling below it where a grade is not the lowest; a grade of its own besides
    // where its kind says one.
    assert_eq!(refused, 185 * 9 + 174 + 141);
}
