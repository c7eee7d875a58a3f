//! An exception counts for those whom it covers, whoever applied for it: the people whom it names, those of its
//! unit, whoever uses its devices, or everybody. And what was allowed says whether it rested on one.

use proptest::prelude::*;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::id::{DeviceId, PermitId, PersonId, SystemId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Applied, Ended, Request, Suspended};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Deadlines, EndKind, HoldCause, Particulars, PermitKind, Place, Term};
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::unit::Unit;
use sekisho_rules::decide::{Decision, Ground, Rulebook, Seen, Supposed, decide, decide_seen};

use super::scene::{Office, device, highest, reach, route, system, unit};
use crate::fixture::{NOW, fresh, name};
use crate::permits::{person, sealed};

const ROW: &str = "US-8.1.1-3-h-ア";

/// Who applied for it, as a section's chief does.
fn chief() -> PersonId {
    PersonId::new(fresh(6, 950))
}

fn section() -> UnitId {
    UnitId::new(fresh(2, 951))
}

fn other_section() -> UnitId {
    UnitId::new(fresh(2, 952))
}

/// A member of the section with what is needed outside, but for the permit of (h).
fn office() -> Office {
    let mut office = Office::empty();
    for id in [section(), other_section()] {
        let valid = Interval::starting(NOW.before(Span::days(90)));
        office.scene.apply(Event::UnitFounded {
            unit: Unit::founded(id, Some(unit()), name("課"), valid),
        });
    }
    office.scene.apply(Event::PersonRegistered {
        person: person(),
        unit: section(),
        profile: sealed(),
    });
    office.account();
    office.enrol(device(), DeviceClass::Issued, Some(person()));
    office.pass_all(device());
    office.system(highest(), true);
    office.line("internal");
    office.task("allowed", highest());
    let question = reach(Place::OutsideOrganisation);
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::RemoteAccess,
        PermitKind::Line,
    ] {
        office.give(kind, &question);
    }
    office
}

fn exception() -> Exception {
    Exception::bare(
        Line::parse(ROW).unwrap(),
        highest(),
        Place::OutsideOrganisation,
        NOW.jst_date(),
    )
}

fn applied(office: &mut Office, by: PersonId, exception: Exception, wanted: Term) -> PermitId {
    let permit = PermitId::new(fresh(8, office.fresh()));
    let applied = Box::new(Applied {
        permit,
        applicant: by,
        request: Request {
            particulars: Particulars::Exception(exception),
            grade: Some(highest()),
            wanted,
            unit: unit(),
            route: route(),
            purpose: sealed(),
        },
    });
    office.scene.apply(Event::PermitApplied { applied });
    permit
}

fn given(office: &mut Office, by: PersonId, exception: Exception, term: Term) -> PermitId {
    let permit = applied(office, by, exception, term);
    office.approve(permit);
    office.take_up(permit);
    permit
}

/// How often the permit stands among those that carry the access; none where it is refused.
fn carried(book: &Rulebook, ground: Ground<'_>, permit: PermitId) -> Option<usize> {
    match decide(book, ground, &reach(Place::OutsideOrganisation)) {
        Decision::Allow(allowed) => {
            Some(allowed.permits.iter().filter(|it| **it == permit).count())
        }
        Decision::Deny(_) => None,
    }
}

/// Whom and what one names: nothing, what is asked about, something else, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Nothing,
    This,
    Another,
    Both,
}

const NAMED: [Named; 4] = [Named::Nothing, Named::This, Named::Another, Named::Both];

impl Named {
    fn of<T: Copy>(self, this: T, another: T) -> Vec<T> {
        match self {
            Self::Nothing => Vec::new(),
            Self::This => vec![this],
            Self::Another => vec![another],
            Self::Both => vec![another, this],
        }
    }
}

/// The units above and below the section, and whether somebody of it belongs to them.
fn units() -> [(Option<UnitId>, bool); 4] {
    [
        (None, true),
        (Some(unit()), true),
        (Some(section()), true),
        (Some(other_section()), false),
    ]
}

#[test]
fn an_exception_covers_whom_it_says_whoever_applied_for_it() {
    let book = Rulebook::built_in().unwrap();
    let another = (PersonId::new(fresh(6, 960)), DeviceId::new(fresh(1, 960)));
    let (mut covered, mut not) = (0, 0);
    for by in [person(), chief()] {
        for people in NAMED {
            for devices in NAMED {
                for (of_unit, within) in units() {
                    let named = Exception {
                        people: people.of(person(), another.0),
                        devices: devices.of(device(), another.1),
                        unit: of_unit,
                        ..exception()
                    };
                    let theirs = by == person() || people != Named::Another;
                    let expected = theirs && devices != Named::Another && within;
                    let mut office = office();
                    let term = office.term();
                    let permit = given(&mut office, by, named.clone(), term);
                    // Once, by whatever it is found.
                    let found = carried(&book, office.ground(), permit);
                    assert_eq!(found, expected.then_some(1), "{by} {named:?}");
                    covered += usize::from(expected);
                    not += usize::from(!expected);
                }
            }
        }
    }
    assert!(covered > 20 && not > 20, "{covered} {not}");
}

#[test]
fn an_exception_for_everybody_covers_the_system_and_the_place_that_it_names_alone() {
    let book = Rulebook::built_in().unwrap();
    let another = SystemId::new(fresh(20, 960));
    let (outside, inside) = (Place::OutsideOrganisation, Place::ControlledArea);
    for of_unit in [None, Some(unit()), Some(section())] {
        for (named, place, expected) in [
            (None, outside, true),
            (Some(system()), outside, true),
            (Some(another), outside, false),
            (None, inside, false),
            (Some(system()), inside, false),
        ] {
            let excepted = Exception {
                system: named,
                place,
                unit: of_unit,
                ..exception()
            };
            let mut office = office();
            let term = office.term();
            let permit = given(&mut office, chief(), excepted, term);
            let found = carried(&book, office.ground(), permit);
            let expected = expected.then_some(1);
            assert_eq!(found, expected, "{of_unit:?} {named:?} {place:?}");
        }
    }
}

/// Those by which others are found: the person, the unit, everybody, the device.
fn for_others() -> [Exception; 4] {
    [
        Exception {
            people: vec![person()],
            ..exception()
        },
        Exception {
            unit: Some(section()),
            ..exception()
        },
        exception(),
        Exception {
            device: Some(device()),
            ..exception()
        },
    ]
}

#[test]
fn an_exception_of_somebody_else_counts_while_it_is_in_force_alone() {
    let book = Rulebook::built_in().unwrap();
    for named in for_others() {
        let mut office = office();
        let term = office.term();
        let permit = applied(&mut office, chief(), named.clone(), term);
        let is = |office: &Office| carried(&book, office.ground(), permit);
        assert_eq!(is(&office), None, "{named:?}");
        // Before it is decided it is looked at as it would be.
        let supposed = office.scene.world.permits.get(permit).unwrap();
        let supposed = supposed.supposed_in_force(NOW);
        let stands = Ground {
            supposed: Some(Supposed::Stands(&supposed)),
            ..office.ground()
        };
        assert_eq!(carried(&book, stands, permit), Some(1), "{named:?}");
        office.approve(permit);
        assert_eq!(is(&office), None, "{named:?}");
        office.take_up(permit);
        assert_eq!(is(&office), Some(1), "{named:?}");
        let gone = Ground {
            supposed: Some(Supposed::Gone(permit)),
            ..office.ground()
        };
        assert_eq!(carried(&book, gone, permit), None, "{named:?}");
        office.scene.apply(Event::PermitSuspended {
            step: Suspended {
                permit,
                cause: HoldCause::Officer,
                remark: None,
            },
        });
        assert_eq!(is(&office), None, "{named:?}");

        let mut office = self::office();
        let permit = given(&mut office, chief(), named.clone(), term);
        assert_eq!(carried(&book, office.ground(), permit), Some(1));
        let step = Box::new(Ended {
            permit,
            how: EndKind::Revoked,
            at: NOW,
            deadlines: Deadlines::default(),
            decision: None,
            remark: None,
        });
        office.scene.apply(Event::PermitEnded { step });
        assert_eq!(carried(&book, office.ground(), permit), None, "{named:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Never active past its end, not for one second, for nobody whom it covers; nor before it begins.
    #[test]
    fn an_exception_of_somebody_else_lets_nobody_through_outside_its_term(
        which in 0_usize..4,
        begins in 1_000_u32..3_600_000,
        runs in 1_000_u32..3_600_000,
        beyond in 0_u32..3_600_000,
    ) {
        let book = Rulebook::built_in().unwrap();
        let mut office = office();
        let from = NOW.after(Span::millis(begins));
        let until = from.after(Span::millis(runs));
        let permit = given(&mut office, chief(), for_others()[which].clone(), Term { from, until });
        for (at, expected) in [
            (NOW, None),
            (from.before(Span::millis(1)), None),
            (from, Some(1)),
            (until.before(Span::millis(1)), Some(1)),
            (until, None),
            (until.after(Span::millis(beyond)), None),
        ] {
            office.now = at;
            prop_assert_eq!(carried(&book, office.ground(), permit), expected);
        }
    }
}

/// What was kept of an allowed answer, through the form in which it is stored.
fn kept(book: &Rulebook, office: &Office) -> (Seen, serde_json::Value) {
    let question = reach(Place::OutsideOrganisation);
    let (decision, seen, _) = decide_seen(book, office.ground(), &question);
    assert!(decision.is_allowed(), "{decision:?}");
    let stored = serde_json::to_value(&seen).unwrap();
    (serde_json::from_value(stored.clone()).unwrap(), stored)
}

#[test]
fn an_answer_rested_on_an_exception_where_it_would_have_been_refused_without() {
    let book = Rulebook::built_in().unwrap();
    let question = reach(Place::OutsideOrganisation);
    // Stores that were filled before answers were marked look for what was excused under this name.
    let at = "x";
    let mut office = office();
    let term = office.term();
    given(&mut office, chief(), exception(), term);
    let (seen, stored) = kept(&book, &office);
    assert!(stored.get(at).is_some(), "{stored}");
    assert_eq!(book.rested_on(ROW, &question, &seen), Some(true));
    let excused = book.rested(&question, &seen).unwrap();
    assert_eq!(stored.get(at), Some(&serde_json::json!(excused)));
    // What rules no longer known were excused may have rested on any row.
    let others = [ROW, "GOV-3-3-b"].map(|row| book.may_rest_on(row, excused));
    assert_eq!(others, [true, false]);
    assert!(book.may_rest_on("GOV-3-3-b", &["permit.of-before".to_owned()]));
    // Other rows were not departed from, and on some of them nothing rests that is asked here.
    assert!(book.rests_on_row(ROW) && book.rests_on_row("GOV-3-3-b"));
    assert_eq!(book.rested_on("GOV-3-3-b", &question, &seen), Some(false));
    assert!(!book.rests_on_row("US-8.1.1-3-e"));
    assert_eq!(book.rested_on("US-8.1.1-3-e", &question, &seen), None);
    let of_before: Seen = serde_json::from_str(r#"{"v":1,"b":0,"g":"C1I1A1"}"#).unwrap();
    assert_eq!(book.rested_on(ROW, &question, &of_before), None);

    // With the ordinary permit beside it, the answer would have been the same without the exception.
    office.give(PermitKind::OffSite, &question);
    let (seen, stored) = kept(&book, &office);
    assert!(stored.get(at).is_some(), "{stored}");
    assert_eq!(book.rested_on(ROW, &question, &seen), Some(false));
    assert_eq!(book.rested(&question, &seen), None);
    let mut office = self::office();
    office.give(PermitKind::OffSite, &question);
    let (seen, stored) = kept(&book, &office);
    assert_eq!(stored.get(at), None);
    assert_eq!(book.rested_on(ROW, &question, &seen), Some(false));
    assert_eq!(book.rested(&question, &seen), None);
}

#[test]
fn one_for_everybody_that_was_given_before_that_was_said_excuses_its_applicant_alone() {
    let book = Rulebook::built_in().unwrap();
    for (by, expected) in [(person(), Some(1)), (chief(), None)] {
        let mut office = office();
        let term = office.term();
        let permit = given(&mut office, by, exception(), term);
        assert_eq!(carried(&book, office.ground(), permit), Some(1));
        let stored = serde_json::to_string(&office.scene.world.permits).unwrap();
        let before = stored.replace(",\"for_everybody\":true", "");
        assert_ne!(before, stored);
        office.scene.world.permits = serde_json::from_str(&before).unwrap();
        assert_eq!(carried(&book, office.ground(), permit), expected, "{by}");
    }
}
