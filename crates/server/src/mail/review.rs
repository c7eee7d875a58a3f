//! Letters that ask for exceptions to be looked at again.

use sekisho_domain::id::PersonId;
use sekisho_domain::permit::Permit;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

use super::derive::Wanted;
use super::letter::Letter;

/// That an exception is to be looked at again: to whoever decides on it, when the day comes near, and once a week
/// while it is past.
pub(super) fn to_review(
    world: &World,
    permit: &Permit,
    soon: Timestamp,
    now: Timestamp,
) -> Vec<Wanted> {
    let Some(late) = world
        .exception_review_late(permit)
        .filter(|late| *late <= soon)
    else {
        return Vec::new();
    };
    let Ok(route) = world.route_of(permit, now) else {
        return Vec::new();
    };
    // Before the day once; then once in each week that it is past.
    let week = if now < late {
        "near".to_owned()
    } else {
        let weeks = now.since(late).as_millis() / Span::days(7).as_millis();
        weeks.to_string()
    };
    let deciders = world.deciders(route.post, permit.kind(), permit.grade, now);
    let mut told: Vec<PersonId> = deciders
        .map(|(who, _)| who)
        .filter(|who| !world.is_own_permit(permit, *who))
        .collect();
    told.sort_unstable();
    told.dedup();
    let wanted = |person: PersonId| {
        let letter = Letter::ReviewException {
            permit: permit.id,
            late,
        };
        let key = format!("review/{}/{}/{person}/{week}", permit.id, late.as_millis());
        (key, person, letter)
    };
    told.into_iter().map(wanted).collect()
}

#[cfg(test)]
mod tests {
    use sekisho_domain::actor::Actor;
    use sekisho_domain::appointment::{Appointment, AppointmentKind};
    use sekisho_domain::event::{Event, Sealed, StoredEvent};
    use sekisho_domain::exception::CompensatingMeasure;
    use sekisho_domain::id::{AppointmentId, Fresh, PermitId, PostId, UnitId};
    use sekisho_domain::name::{Line, Name};
    use sekisho_domain::permit::event::{Applied, Approved, Request};
    use sekisho_domain::permit::particulars::Exception;
    use sekisho_domain::permit::{
        Capacity, Clause, Deadlines, Decision, NumberSeries, Particulars, PermitKind, PermitNumber,
        Place, Route, Term,
    };
    use sekisho_domain::post::Post;
    use sekisho_domain::role::Role;
    use sekisho_domain::time::Interval;
    use sekisho_domain::unit::Unit;
    use sekisho_domain::world::NoDocuments;

    use super::super::vouched;
    use super::*;

    const fn fresh(n: u8) -> Fresh {
        Fresh([n; 16])
    }

    /// The morning of a day from Monday, 5 January 2026 on.
    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(1_767_571_200_000 + n * 86_400_000)
    }

    fn happens(world: &mut World, event: Event) {
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: day(0),
            effective_from: None,
            event,
        };
        world.apply(&stored, &NoDocuments).unwrap();
    }

    fn route() -> Route {
        Route {
            post: PostId::new(fresh(2)),
            role: Role::ExceptionAuthority,
            clause: Clause::Default,
        }
    }

    /// Someone who decides on exceptions.
    fn office() -> World {
        let unit = UnitId::new(fresh(1));
        let name = || Name::ja(Line::parse("総務課").unwrap());
        let mut world = World::default();
        let from = Interval::starting(day(-9));
        let founded = Unit::founded(unit, None, name(), from);
        happens(&mut world, Event::UnitFounded { unit: founded });
        let roles = vec![Role::ExceptionAuthority];
        let post = Post::created(route().post, unit, name(), roles);
        happens(&mut world, Event::PostCreated { post });
        let appointment = Appointment {
            id: AppointmentId::new(fresh(3)),
            person: PersonId::new(fresh(4)),
            post: route().post,
            valid: from,
            kind: AppointmentKind::Regular,
        };
        happens(&mut world, Event::AppointmentMade { appointment });
        world
    }

    /// An exception that is to be looked at again on the twentieth day.
    fn given(world: &mut World) -> PermitId {
        let (permit, applicant) = (PermitId::new(fresh(5)), PersonId::new(fresh(6)));
        let wanted = Term {
            from: day(0),
            until: day(300),
        };
        let bare = Exception::bare(
            Line::parse("US-8.1.1-3-e").unwrap(),
            "C1I1A1".parse().unwrap(),
            Place::ControlledArea,
            day(20).jst_date(),
        );
        let instead = CompensatingMeasure::parse("毎夕、課長が確認する").unwrap();
        let particulars = Particulars::Exception(Exception {
            measures: vec![instead],
            ..bare
        });
        let request = Request {
            particulars,
            grade: None,
            wanted,
            unit: UnitId::new(fresh(1)),
            route: route(),
            purpose: Sealed {
                person: applicant,
                key: String::new(),
                nonce: String::new(),
                ciphertext: String::new(),
            },
        };
        let applied = Box::new(Applied {
            permit,
            applicant,
            request,
        });
        happens(world, Event::PermitApplied { applied });
        let step = Box::new(Approved {
            permit,
            number: PermitNumber {
                series: NumberSeries::at(PermitKind::Exception, day(0), false),
                serial: 1,
            },
            decision: Decision {
                by: PersonId::new(fresh(4)),
                capacity: Capacity::Holder,
                route: route(),
            },
            term: wanted,
            deadlines: Deadlines::default(),
            conditions: None,
            remark: None,
            for_everybody: false,
        });
        happens(world, Event::PermitApproved { step });
        permit
    }

    #[test]
    fn whoever_decides_is_told_when_the_day_is_near_and_once_a_week_while_it_is_past() {
        let mut world = office();
        let permit = given(&mut world);
        let keys = |now: Timestamp| -> Vec<String> {
            let soon = now.after(Span::days(2));
            let permit = world.permits.get(permit).unwrap();
            let wanted = to_review(&world, permit, soon, now).into_iter();
            let decides = PersonId::new(fresh(4));
            wanted
                .inspect(|(_, reader, _)| assert_eq!(*reader, decides))
                .map(|(key, ..)| key)
                .collect()
        };
        assert_eq!(keys(day(10)), Vec::<String>::new());
        let near = keys(day(20));
        assert_eq!((near.len(), &keys(day(19))), (1, &near));
        let late = keys(day(21));
        assert_ne!(late, near);
        assert_eq!(keys(day(27)), late);
        assert_ne!(keys(day(28)), late);
    }

    #[test]
    fn a_word_on_what_is_done_instead_is_asked_for_before_it_lapses_and_when_it_has() {
        let mut world = office();
        let permit = given(&mut world);
        let asked = |world: &World, n: i64| -> Vec<(PersonId, &'static str)> {
            let wanted = vouched::from_time(world, day(n)).into_iter();
            wanted
                .map(|(_, who, letter)| (who, letter.kind()))
                .collect()
        };
        // A word that was never given does not lapse.
        assert!(asked(&world, 90).is_empty());
        let record = world.exceptions.entry(permit).or_default();
        record.words.insert(0, day(0));
        let decides = PersonId::new(fresh(4));
        // In one letter of the next day, with whatever else lapses.
        assert!(asked(&world, 83).is_empty());
        assert_eq!(asked(&world, 84), [(decides, "words-lapsing")]);
        let key = |n: i64| vouched::from_time(&world, day(n)).remove(0).0;
        assert_eq!(key(90), key(84));
        assert_ne!(key(91), key(90));
    }
}
