//! Random walks of commands: whatever is asked, what is stored folds to the same World, and a
//! snapshot of it is the World.

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::break_glass::LASTS;
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, NewPerson, decide};
use sekisho_domain::device::{DeviceClass, DeviceKey, DeviceState};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{AccountId, AppointmentId, DeviceId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::{NoDocuments, World};

use super::commands::{at, founding, fresh, name, officer, root, sealed};

fn unit(n: u64) -> UnitId {
    UnitId::new(fresh(100 + n))
}

fn post(n: u64) -> PostId {
    PostId::new(fresh(200 + n))
}

fn person(n: u64) -> PersonId {
    PersonId::new(fresh(300 + n))
}

fn appointment(n: u64) -> AppointmentId {
    AppointmentId::new(fresh(400 + n))
}

fn device(n: u64) -> DeviceId {
    DeviceId::new(fresh(500 + n))
}

/// A walk takes a minute a step, so that a break-glass can run out in it.
fn minute(n: i64) -> Timestamp {
    at(n * 60)
}

fn interval() -> impl Strategy<Value = Interval> {
    (0_i64..50, 1_i64..50).prop_map(|(from, long)| Interval {
        from: minute(from),
        until: Some(minute(from + long)),
    })
}

/// Commands on units, posts and people over a small stock of ids, so that clashes and references
/// happen often.
fn structure() -> impl Strategy<Value = Command> {
    let id = 0_u64..6;
    prop_oneof![
        (id.clone(), id.clone(), interval()).prop_map(|(n, above, valid)| Command::FoundUnit {
            id: unit(n),
            parent: if above == 0 { root() } else { unit(above) },
            name: name(&format!("第{n}課")),
            valid,
        }),
        (id.clone(), 0..Role::ALL.len()).prop_map(|(n, role)| {
            let roles = vec![Role::ALL[role]];
            Command::CreatePost(Box::new(Post::created(
                post(n),
                root(),
                name("官職"),
                roles,
            )))
        }),
        id.clone().prop_map(|n| {
            let id = person(n);
            Command::RegisterPerson {
                person: NewPerson {
                    id,
                    profile: sealed(id),
                },
                unit: root(),
            }
        }),
        (id.clone(), id.clone(), id.clone(), interval()).prop_map(|(n, who, what, valid)| {
            Command::Appoint {
                id: appointment(n),
                person: person(who),
                post: post(what),
                valid,
            }
        }),
        (id, 0_i64..60).prop_map(|(n, until)| Command::EndAppointment {
            appointment: appointment(n),
            until: minute(until),
        }),
    ]
}

fn machines() -> impl Strategy<Value = Command> {
    let id = 0_u64..6;
    prop_oneof![
        (id.clone(), id.clone()).prop_map(|(n, key)| Command::EnrolDevice {
            device: device(n),
            key: DeviceKey::try_from(format!("{key:044}")).unwrap(),
            class: DeviceClass::Issued,
            unit: root(),
            user: None,
            source: sekisho_domain::device::StateSource::Observed,
        }),
        (id, 0..3_usize).prop_map(|(n, state)| Command::ChangeDevice {
            device: device(n),
            state: [
                DeviceState::Active,
                DeviceState::Suspended,
                DeviceState::Retired
            ][state],
            reason: Reason::new("walk"),
        }),
    ]
}

/// A person outside the stock of ids.
const DEPUTY: u64 = 10;

/// A second officer who may open break-glass together with the first.
fn deputy() -> impl Iterator<Item = Command> {
    let register = Command::RegisterPerson {
        person: NewPerson {
            id: person(DEPUTY),
            profile: sealed(person(DEPUTY)),
        },
        unit: root(),
    };
    let account = Command::IssueAccount {
        account: AccountId::new(fresh(600 + DEPUTY)),
        person: person(DEPUTY),
    };
    let post_of_deputy = Command::CreatePost(Box::new(Post::created(
        post(DEPUTY),
        root(),
        name("官職"),
        vec![Role::Isso],
    )));
    let appoint = Command::Appoint {
        id: appointment(DEPUTY),
        person: person(DEPUTY),
        post: post(DEPUTY),
        valid: Interval::starting(at(0)),
    };
    [register, account, post_of_deputy, appoint].into_iter()
}

/// Accounts, and break-glass opened and closed by whoever asks.
fn emergencies() -> impl Strategy<Value = Command> {
    let id = 0_u64..6;
    prop_oneof![
        (id.clone(), id.clone()).prop_map(|(n, who)| Command::IssueAccount {
            account: AccountId::new(fresh(600 + n)),
            person: if who == 0 { officer() } else { person(who) },
        }),
        (id.clone(), id.clone()).prop_map(|(second, author)| Command::OpenBreakGlass {
            second: person(if second < 3 { DEPUTY } else { second }),
            reason: sealed(if author < 4 {
                officer()
            } else {
                person(author)
            }),
        }),
        Just(Command::CloseBreakGlass),
        id.prop_map(|n| Command::CloseAccount {
            account: AccountId::new(fresh(600 + n)),
        }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![6 => structure(), 2 => machines(), 3 => emergencies()]
}

/// What must hold of a World whatever was asked.
fn sound(world: &World) {
    for (ordinal, device) in world.devices.iter().enumerate() {
        assert_eq!(device.ordinal as usize, ordinal);
        assert_eq!(world.device_ordinals[&device.id], device.ordinal);
    }
    assert_eq!(world.device_keys.len(), world.devices.len());
    for appointment in world.appointments.values() {
        assert!(world.posts.contains_key(&appointment.post));
        assert!(world.people.contains_key(&appointment.person));
    }
    if let Some(two) = &world.break_glass {
        assert_ne!(two.first, two.second);
        assert!(world.people.contains_key(&two.first) && world.people.contains_key(&two.second));
        assert_eq!(two.until, two.opened_at.after(LASTS));
        assert!(two.closed_at.is_none_or(|end| two.opened_at <= end));
    }
    for unit in world.units.values() {
        assert!(
            unit.parent
                .is_none_or(|parent| world.units.contains_key(&parent))
        );
        assert!(world.unit_is_within(unit.id, root(), unit.valid.from));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_walk_replays_to_the_same_world(commands in prop::collection::vec((command(), 0_usize..4), 1..120)) {
        let mut world = World::default();
        let mut stored: Vec<StoredEvent> = Vec::new();
        let actors = [
            Actor::person(officer()),
            Actor::Operator,
            Actor::System,
            Actor::person(person(1)),
        ];
        let opening = std::iter::once((founding(), Actor::Setup));
        let opening = opening.chain(deputy().map(|command| (command, Actor::person(officer()))));
        let walk = commands.into_iter().map(|(command, actor)| (command, actors[actor].clone()));
        for (second, (command, actor)) in opening.chain(walk).enumerate() {
            let now = minute(i64::try_from(second).unwrap());
            let Ok(decided) = decide(&world, &actor, &command, now) else { continue };
            for event in decided.events {
                let event = StoredEvent { actor: decided.actor.clone(), recorded_at: now, effective_from: None, event };
                world.apply(&event, &NoDocuments).unwrap();
                stored.push(event);
            }
            sound(&world);
        }
        let mut again = World::default();
        for event in &stored {
            // Through the stored form, as a start reads it.
            let (kind, version) = event.event.kind();
            let read = Event::decode(kind, version, event.event.payload()).unwrap();
            prop_assert_eq!(&read, &event.event);
            again.apply(&StoredEvent { event: read, ..event.clone() }, &NoDocuments).unwrap();
        }
        prop_assert_eq!(&again, &world);
        let snapshot = serde_json::to_string(&world).unwrap();
        prop_assert_eq!(&serde_json::from_str::<World>(&snapshot).unwrap(), &world);
    }
}
