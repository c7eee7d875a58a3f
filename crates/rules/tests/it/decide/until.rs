//! When an answer has to be asked again besides what its permits and evidence say: where rules of an organisation's own
//! may begin to forbid, and when the person leaves.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::permit::{Conditions, PermitKind, Place};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Decision, Rulebook};

use super::own_rules::{NIGHT, in_order};
use super::scene::{Office, device, highest, particulars, reach};
use crate::fixture::NOW;
use crate::permits::person;

/// What is answered at an instant with the device in order: until when; none where it is refused. Later ones come after
/// earlier ones: what is known of the device is not replaced by what is older.
fn until(office: &mut Office, book: &Rulebook, now: Timestamp) -> Option<Timestamp> {
    office.now = now;
    office.pass_all(device());
    match office.decide(book, &reach(Place::OutsideOrganisation)) {
        Decision::Allow(allowed) => Some(allowed.until.unwrap()),
        Decision::Deny(_) => None,
    }
}

fn rule(when: &str) -> String {
    format!(
        "@id(\"r\") @ja(\"規則。\") @en(\"At this hour of a weekday.\")
        forbid (principal, action, resource) when {{ {when} }};"
    )
}

/// It told an end at night, the one of the evidence: whoever obeyed it left the road open.
#[test]
fn an_answer_ends_where_a_rule_of_ones_own_begins_to_forbid() {
    let book = Rulebook::with_own(NIGHT).unwrap();
    let mut office = in_order();
    // From 9:00 in Japan.
    let minutes = |count| NOW.after(Span::minutes(count));
    for (now, expected) in [
        (0, Some(2 * 60)),
        (1, Some(2 * 60)),
        (59, Some(2 * 60)),
        (60, Some(3 * 60)),
        // 20:59, 21:00 and 21:59.
        (12 * 60 - 1, Some(13 * 60)),
        (12 * 60, Some(13 * 60)),
        (13 * 60 - 1, Some(13 * 60)),
        (13 * 60, None),
        (22 * 60 - 1, None),
        (22 * 60, Some(24 * 60)),
    ] {
        let found = until(&mut office, &book, minutes(now));
        assert_eq!(found, expected.map(minutes), "{now}");
    }
}

#[test]
fn at_every_hour_of_a_week_an_answer_ends_with_the_next_where_that_is_forbidden_and_else_one_later()
{
    let book = Rulebook::with_own(&rule(
        "context.more.weekday == 7
        || context.more.weekday == 3 && context.more.hour >= 12
        || context.more.hour < 7",
    ))
    .unwrap();
    let forbids = |at: Timestamp| {
        let moment = at.jst();
        let (hour, weekday) = (moment.hour(), moment.weekday().to_monday_one_offset());
        weekday == 7 || (weekday == 3 && hour >= 12) || hour < 7
    };
    let mut office = in_order();
    // Tuesday, at midnight in Japan.
    let begins = NOW.day_begun().after(Span::days(1));
    let (mut allowed, mut ended) = (0, 0);
    for hour in 0..7 * 24 {
        let this = begins.after(Span::hours(hour));
        let next = this.after(Span::hours(1));
        for into in [0, 1, 3_599_999] {
            let found = until(&mut office, &book, this.after(Span::millis(into)));
            let expected = if forbids(this) {
                None
            } else if forbids(next) {
                ended += 1;
                Some(next)
            } else {
                allowed += 1;
                // Beyond every lease, so that no table loses an entry where an hour begins.
                Some(next.after(Span::hours(1)))
            };
            assert_eq!(found, expected, "{hour} {into}");
        }
    }
    // A Saturday ends at midnight, a Wednesday at noon; the other nights begin there too.
    assert_eq!((allowed, ended), (252, 18));
}

#[test]
fn days_of_rules_begin_at_midnight_in_japan() {
    // Friday the 27th, at midnight in Japan.
    let friday = NOW.day_begun().after(Span::days(4));
    let saturday = friday.after(Span::days(1));
    for when in [
        "context.more.weekday == 6",
        "context.more.weekday > 5",
        "!context.more.working_day",
        "context[\"more\"][\"weekday\"] == 6",
    ] {
        let book = Rulebook::with_own(&rule(when)).unwrap();
        let mut office = in_order();
        let at = |hours| friday.after(Span::hours(hours));
        for (hours, expected) in [(21, at(23)), (22, saturday), (23, saturday)] {
            let now = at(hours).after(Span::minutes(30));
            assert_eq!(until(&mut office, &book, now), Some(expected), "{when}");
        }
        assert_eq!(until(&mut office, &book, saturday), None, "{when}");
    }
}

#[test]
fn a_rule_that_cannot_be_evaluated_at_the_next_hour_ends_the_answer_there() {
    // The sum is too large for a number from 22:00 on.
    let text = rule("context.more.hour + 9223372036854775786 < 0");
    let book = Rulebook::with_own(&text).unwrap();
    let mut office = in_order();
    let ten = NOW.after(Span::hours(13));
    let found = until(&mut office, &book, ten.before(Span::minutes(50)));
    assert_eq!(found, Some(ten));
    assert_eq!(until(&mut office, &book, ten), None);
}

/// Nothing of it may begin to forbid by itself, however its words speak of hours.
#[test]
fn rules_that_do_not_go_by_the_time_end_no_answer() {
    let mut office = in_order();
    let without = until(&mut office, &Rulebook::built_in().unwrap(), NOW);
    assert_eq!(without, Some(NOW.after(Span::days(1))));
    for when in [
        "context.device.suspended",
        "context.more.failing.contains(\"screen_lock\")",
    ] {
        let book = Rulebook::with_own(&rule(when)).unwrap();
        assert_eq!(until(&mut office, &book, NOW), without, "{when}");
    }
    // One that does is enough.
    let two = rule("context.device.suspended") + NIGHT;
    let book = Rulebook::with_own(&two).unwrap();
    let found = until(&mut office, &book, NOW);
    assert_eq!(found, Some(NOW.after(Span::hours(2))));
}

#[test]
fn what_ends_sooner_by_itself_ends_an_answer_that_own_rules_let_through() {
    let book = Rulebook::with_own(NIGHT).unwrap();
    let mut office = in_order();
    // It was in order for the last time at 9:00, and is so for a day.
    for (hours, expected) in [(22, 24), (23, 24)] {
        office.now = NOW.after(Span::hours(hours));
        let decision = office.decide(&book, &reach(Place::OutsideOrganisation));
        let Decision::Allow(allowed) = decision else {
            panic!("denied")
        };
        assert_eq!(allowed.until, Some(NOW.after(Span::hours(expected))));
    }
}

#[test]
fn an_answer_ends_when_the_person_leaves() {
    let book = Rulebook::built_in().unwrap();
    let mut office = in_order();
    let from = NOW.after(Span::hours(5));
    office.scene.apply(Event::PersonLeft {
        person: person(),
        from,
    });
    assert_eq!(until(&mut office, &book, NOW), Some(from));
    let last = from.before(Span::millis(1));
    assert_eq!(until(&mut office, &book, last), Some(from));
    assert_eq!(until(&mut office, &book, from), None);
}

/// Connections were cut at every midnight, though the permit held on.
#[test]
fn a_permit_of_working_days_ends_before_a_day_off_and_not_at_every_midnight() {
    let book = Rulebook::built_in().unwrap();
    let asked = reach(Place::OutsideOrganisation);
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    for kind in [
        PermitKind::Telework,
        PermitKind::OffSite,
        PermitKind::RemoteAccess,
        PermitKind::Line,
    ] {
        office.give(kind, &asked);
    }
    let wanted = particulars(PermitKind::TakeOut, asked.device, asked.origin.place);
    let permit = office.apply(wanted, Some(highest()), office.term());
    let conditions = Conditions {
        working_days_only: true,
        ..Conditions::none()
    };
    office.approve_on(permit, Some(conditions));
    office.take_up(permit);
    // Tuesday the 24th, at ten in Japan.
    let tuesday = NOW.day_begun().after(Span::days(1));
    office.now = tuesday.after(Span::hours(10));
    office.pass_all(device());
    let Decision::Allow(allowed) = office.decide(&book, &asked) else {
        panic!("it is denied");
    };
    assert_eq!(allowed.until, Some(tuesday.after(Span::days(1))));
    assert_eq!(allowed.permits_until, Some(tuesday.after(Span::days(4))));
}
