//! Exceptions excuse while they are in force, for whom and with what they are, and not a moment longer.

use proptest::prelude::*;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{DeviceId, PersonId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{Particulars, PermitKind, Place, Term};
use sekisho_domain::time::Span;
use sekisho_rules::decide::{Decision, Rulebook};

use super::scene::{Office, device, highest, reach, unit};
use crate::fixture::{NOW, fresh};
use crate::permits::person;

/// What is done outside without the permit of (h), which the exception departs from.
fn office() -> Office {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
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
        Line::parse("US-8.1.1-3-h-ア").unwrap(),
        highest(),
        Place::OutsideOrganisation,
        NOW.jst_date(),
    )
}

fn given(office: &mut Office, exception: Exception, term: Term) {
    let id = office.apply(Particulars::Exception(exception), Some(highest()), term);
    office.approve(id);
    office.take_up(id);
}

fn is_allowed(office: &Office, book: &Rulebook) -> bool {
    let answer = office.decide(book, &reach(Place::OutsideOrganisation));
    matches!(answer, Decision::Allow(_))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story or table")]
fn an_exception_excuses_nobody_and_nothing_that_it_does_not_name() {
    let book = Rulebook::built_in().unwrap();
    let term = office().term();
    assert!(!is_allowed(&office(), &book));
    let others = vec![PersonId::new(fresh(6, 950))];
    let another = DeviceId::new(fresh(1, 950));
    for (named, allowed) in [
        (exception(), true),
        (
            Exception {
                device: Some(device()),
                ..exception()
            },
            true,
        ),
        (
            Exception {
                devices: vec![another, device()],
                ..exception()
            },
            true,
        ),
        (
            Exception {
                device: Some(another),
                ..exception()
            },
            false,
        ),
        (
            Exception {
                devices: vec![another],
                ..exception()
            },
            false,
        ),
        (
            Exception {
                unit: Some(unit()),
                ..exception()
            },
            true,
        ),
        (
            Exception {
                unit: Some(UnitId::new(fresh(2, 950))),
                ..exception()
            },
            false,
        ),
        // Whoever applied is covered among those named.
        (
            Exception {
                people: others.clone(),
                ..exception()
            },
            true,
        ),
        (
            Exception {
                people: vec![person()],
                ..exception()
            },
            true,
        ),
    ] {
        let mut office = office();
        given(&mut office, named.clone(), term);
        assert_eq!(is_allowed(&office, &book), allowed, "{named:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Never active past its end, not for one second.
    #[test]
    fn an_exception_lets_nobody_through_at_or_after_its_end(
        runs in 1_000_u32..3_600_000,
        beyond in 0_u32..3_600_000,
    ) {
        let book = Rulebook::built_in().unwrap();
        let mut office = office();
        let until = NOW.after(Span::millis(runs));
        let term = Term { from: NOW, until };
        given(&mut office, exception(), term);
        office.now = until.before(Span::millis(1));
        prop_assert!(is_allowed(&office, &book));
        for at in [until, until.after(Span::millis(beyond))] {
            office.now = at;
            prop_assert!(!is_allowed(&office, &book));
        }
    }
}
