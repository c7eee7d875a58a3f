//! Random walks of commands: whatever is asked, what is stored folds to the same World, and a
//! snapshot of it is the World.

use proptest::prelude::*;
use sekisho_domain::actor::Actor;
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, NewPerson, decide};
use sekisho_domain::device::{DeviceClass, DeviceKey, DeviceState};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{AppointmentId, DeviceId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::Interval;
use sekisho_domain::world::{NoDocuments, World};

use super::commands::{at, founding, fresh, name, officer, root, sealed};

/// A command over a small stock of ids, so that clashes and references happen often.
fn command() -> impl Strategy<Value = Command> {
    let id = 0_u64..6;
    prop_oneof![
        (id.clone(), id.clone(), 0_i64..50, 1_i64..50).prop_map(|(unit, parent, from, long)| {
            Command::FoundUnit {
                id: UnitId::new(fresh(100 + unit)),
                parent: if parent == 0 {
                    root()
                } else {
                    UnitId::new(fresh(100 + parent))
                },
                name: name("課"),
                valid: Interval {
                    from: at(from),
                    until: Some(at(from + long)),
                },
            }
        }),
        (id.clone(), 0..Role::ALL.len()).prop_map(|(post, role)| {
            Command::CreatePost(Box::new(Post {
                id: PostId::new(fresh(200 + post)),
                unit: root(),
                title: name("官職"),
                roles: vec![Role::ALL[role]],
            }))
        }),
        id.clone().prop_map(|person| {
            let id = PersonId::new(fresh(300 + person));
            Command::RegisterPerson {
                person: NewPerson {
                    id,
                    profile: sealed(id),
                },
                unit: root(),
            }
        }),
        (id.clone(), id.clone(), id.clone(), 0_i64..50, 1_i64..50).prop_map(
            |(appointment, person, post, from, long)| Command::Appoint {
                id: AppointmentId::new(fresh(400 + appointment)),
                person: PersonId::new(fresh(300 + person)),
                post: PostId::new(fresh(200 + post)),
                valid: Interval {
                    from: at(from),
                    until: Some(at(from + long))
                },
            }
        ),
        (id.clone(), 0_i64..60).prop_map(|(appointment, until)| Command::EndAppointment {
            appointment: AppointmentId::new(fresh(400 + appointment)),
            until: at(until),
        }),
        (id.clone(), id.clone()).prop_map(|(device, key)| Command::EnrolDevice {
            device: DeviceId::new(fresh(500 + device)),
            key: DeviceKey::try_from(format!("{key:044}")).unwrap(),
            class: DeviceClass::Issued,
            unit: root(),
            user: None,
        }),
        (id, 0..3_usize).prop_map(|(device, state)| Command::ChangeDevice {
            device: DeviceId::new(fresh(500 + device)),
            state: [
                DeviceState::Active,
                DeviceState::Suspended,
                DeviceState::Retired
            ][state],
            reason: Reason::new("walk"),
        }),
    ]
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
    for unit in world.units.values() {
        assert!(
            unit.parent
                .is_none_or(|parent| world.units.contains_key(&parent))
        );
        assert!(world.unit_is_within(unit.id, root()));
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
            Actor::person(PersonId::new(fresh(301))),
        ];
        let opening = std::iter::once((founding(), Actor::Setup));
        let walk = commands.into_iter().map(|(command, actor)| (command, actors[actor].clone()));
        for (second, (command, actor)) in opening.chain(walk).enumerate() {
            let now = at(i64::try_from(second).unwrap());
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
