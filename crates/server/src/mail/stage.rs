//! A small office for the tests of letters.

use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{AppointmentId, Fresh, PersonId, PostId, UnitId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::world::{NoDocuments, World};

pub(super) const fn fresh(n: u8) -> Fresh {
    Fresh([n; 16])
}

pub(super) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// Nine in the morning of a day from Monday, 5 January 2026 on, in Japan.
pub(super) fn day(n: i64) -> Timestamp {
    Timestamp::from_millis(1_767_571_200_000 + n * 86_400_000)
}

pub(super) fn unit() -> UnitId {
    UnitId::new(fresh(1))
}

pub(super) fn happens(world: &mut World, actor: Actor, at: Timestamp, event: Event) {
    let stored = StoredEvent {
        actor,
        recorded_at: at,
        effective_from: None,
        event,
    };
    world.apply(&stored, &NoDocuments).unwrap();
}

/// A unit without anybody.
pub(super) fn office() -> World {
    let mut world = World::default();
    let name = Name::ja(line("総務課"));
    let founded = Unit::founded(unit(), None, name, Interval::starting(day(-9)));
    let event = Event::UnitFounded { unit: founded };
    happens(&mut world, Actor::System, day(-9), event);
    world
}

/// The appointment of the holder with a number.
pub(super) const fn appointment_of(n: u8) -> AppointmentId {
    AppointmentId::new(fresh(n + 100))
}

/// A post with its holder, by a number below 100.
pub(super) fn holder(world: &mut World, n: u8, role: Role) -> PersonId {
    let (person, post) = (PersonId::new(fresh(n)), PostId::new(fresh(n + 50)));
    let created = Post::created(post, unit(), Name::ja(line("官職")), vec![role]);
    let event = Event::PostCreated { post: created };
    happens(world, Actor::System, day(-9), event);
    let appointment = Appointment {
        id: appointment_of(n),
        person,
        post,
        valid: Interval::starting(day(-9)),
        kind: AppointmentKind::Regular,
    };
    let event = Event::AppointmentMade { appointment };
    happens(world, Actor::System, day(-9), event);
    person
}
