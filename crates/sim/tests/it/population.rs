//! Populations for benchmarks.

use std::collections::{HashMap, HashSet};

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{PermitId, PersonId, UnitId};
use sekisho_domain::permit::{Permit, PermitKind, Place, SoughtNumber, Status};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::unit::{Follower, Share};
use sekisho_domain::world::{NoDocuments, PermitQuery, Within, World};
use sekisho_rules::decide::{
    Act, Decision, Denied, Ground, Lack, Missing, Origin, Question, Rulebook, decide,
};
use sekisho_sim::population::Population;
use sekisho_sim::random::SplitMix64;

const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);
const SOME: Population = Population {
    people: 500,
    devices: 700,
    permits: 900,
    ready: 0,
};

#[test]
fn the_world_holds_what_was_asked_for() {
    let world = SOME.world(1, NOW).unwrap();
    assert_eq!(world.people.len(), 500);
    assert_eq!(world.devices.len(), 700);
    assert_eq!(world.permits.len(), 900);
    assert_eq!(world, SOME.world(1, NOW).unwrap());
    assert_ne!(world, SOME.world(2, NOW).unwrap());
    let people_in_known_units = world
        .people
        .values()
        .all(|unit| world.units.contains_key(unit));
    assert!(people_in_known_units);
}

#[test]
fn permits_are_of_every_kind_and_state_and_wait_where_they_are_decided() {
    let world = SOME.world(1, NOW).unwrap();
    for kind in PermitKind::ALL {
        assert!(world.permits.of_kind(*kind).next().is_some(), "{kind:?}");
    }
    for status in Status::ALL {
        let mut all = world.permits.iter();
        assert!(all.any(|it| it.status(NOW) == *status), "{status:?}");
    }
    assert!(world.permits.overdue(NOW).next().is_some());
    assert_eq!(world.misrouted(NOW), Vec::new());
    let of_the_register = |it: &&Permit| it.grade == world.grade_of(&it.particulars);
    assert_eq!(world.permits.iter().filter(of_the_register).count(), 900);
}

#[test]
fn a_snapshot_of_it_is_the_replay_of_its_events() {
    let world = SOME.world(3, NOW).unwrap();
    let snapshot = serde_json::to_vec(&world).unwrap();
    assert_eq!(serde_json::from_slice::<World>(&snapshot).unwrap(), world);
}

/// A population in which people have moved and a section was split up.
fn moved() -> World {
    let mut world = SOME.world(5, NOW).unwrap();
    let mut put = |recorded_at, event| {
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at,
            effective_from: None,
            event,
        };
        world.apply(&stored, &NoDocuments).unwrap();
    };
    let unit_of = |number| UnitId::new(SplitMix64::fork(5, "section", number).fresh());
    for number in (0..500).step_by(9) {
        put(
            NOW,
            Event::PersonChanged {
                person: SOME.person(5, number),
                unit: Some(unit_of(u64::from(number) % 7)),
                profile: None,
            },
        );
    }
    let second = |number| Share {
        what: Follower::Person(SOME.person(5, number)),
        to: unit_of(2),
    };
    put(
        NOW,
        Event::UnitAbolished {
            unit: unit_of(1),
            until: NOW.after(Span::days(2)),
            heirs: vec![unit_of(0), unit_of(2)],
            shares: (40..80).step_by(3).map(second).collect(),
        },
    );
    put(
        NOW,
        Event::PersonLeft {
            person: SOME.person(5, 95),
            from: NOW,
        },
    );
    world
}

#[test]
fn a_world_of_moves_is_the_one_read_back() {
    let world = moved();
    let snapshot = serde_json::to_vec(&world).unwrap();
    assert_eq!(serde_json::from_slice::<World>(&snapshot).unwrap(), world);
    let people = world.people_in.iter().flat_map(|(unit, people)| {
        let unit = *unit;
        people.iter().map(move |person| (*person, unit))
    });
    let people: HashMap<PersonId, UnitId> = people.collect();
    assert_eq!(people, world.people);
}

/// What looking at one permit after the other finds.
fn one_by_one(
    world: &World,
    query: PermitQuery<'_>,
    before: Option<PermitId>,
    at: Timestamp,
) -> Vec<PermitId> {
    let belongs = |within: Within<'_>, permit: &Permit| {
        within.person == Some(permit.applicant)
            || within.units.contains(&world.unit_of_permit(permit, at))
    };
    let newest_first = world.permits.iter().rev();
    let rest = newest_first
        .skip_while(|it| before.is_some_and(|id| it.id != id))
        .skip(usize::from(before.is_some()));
    let fitting = rest.filter(|it| {
        query.kind.is_none_or(|kind| it.kind() == kind)
            && query.status.is_none_or(|status| it.status(at) == status)
            && query
                .number
                .is_none_or(|sought| it.grant().is_some_and(|it| sought.fits(&it.number)))
            && query
                .applicants
                .is_none_or(|people| people.contains(&it.applicant))
            && query.within.is_none_or(|within| belongs(within, it))
            && query.seen.is_none_or(|within| belongs(within, it))
    });
    fitting.map(|it| it.id).collect()
}

#[test]
fn permits_found_by_index_are_those_found_one_by_one() {
    let world = moved();
    let units = |number: u64| UnitId::new(SplitMix64::fork(5, "section", number).fresh());
    let before = world.permits.iter().nth(600).map(|it| it.id);
    let third = SoughtNumber::parse("第3号");
    let some: HashSet<PersonId> = (0..90).map(|n| SOME.person(5, n)).collect();
    let (mut found, mut sought) = (0, 0);
    for days in [0, 1, 3, 40, 400] {
        let at = NOW.after(Span::days(days));
        let sets: Vec<HashSet<UnitId>> = [0, 1, 2, 5]
            .map(|number| world.units_within(units(number), at))
            .into();
        let person = Some(SOME.person(5, 61));
        let within = |set| {
            Some(Within {
                units: set,
                person: None,
            })
        };
        let own = |set| Some(Within { units: set, person });
        let statuses = Status::ALL.iter().copied().map(Some).chain([None]);
        for status in statuses {
            for kind in [None, Some(PermitKind::TakeOut), Some(PermitKind::Exception)] {
                for (asked, seen) in [
                    (None, None),
                    (within(&sets[0]), None),
                    (within(&sets[1]), None),
                    (within(&sets[2]), own(&sets[0])),
                    (None, own(&sets[3])),
                ] {
                    for (number, applicants) in [(None, None), (third, None), (None, Some(&some))] {
                        let query = PermitQuery {
                            kind,
                            status,
                            number,
                            applicants,
                            within: asked,
                            seen,
                        };
                        for before in [None, before] {
                            let list = world.permits_found(query, before, at);
                            let list: Vec<PermitId> = list.map(|it| it.id).collect();
                            let expected = one_by_one(&world, query, before, at);
                            assert_eq!(list, expected, "{days} {query:?}");
                            found += list.len();
                            sought += usize::from(number.is_some() && !list.is_empty());
                        }
                    }
                }
            }
        }
    }
    assert!(found > 10_000 && sought > 10, "{found} {sought}");
}

#[test]
fn the_posture_has_every_outcome() {
    let world = SOME.world(1, NOW).unwrap();
    let posture = SOME.posture(1, NOW);
    assert!(
        posture.len() < 700 && posture.len() > 600,
        "{}",
        posture.len()
    );
    let count = |outcome| {
        let of = |id| {
            posture
                .standing(id, DeviceCheck::SecurityUpdates, NOW)
                .outcome()
        };
        world
            .devices
            .iter()
            .filter(|device| of(device.id) == outcome)
            .count()
    };
    assert!(count(Outcome::Pass) > 500);
    assert!(count(Outcome::Fail) > 10 && count(Outcome::Unknown) > 10);
}

#[test]
fn the_gravest_result_is_that_of_all_results_at_any_time() {
    let world = SOME.world(1, NOW).unwrap();
    let posture = SOME.posture(1, NOW);
    let mut seen = HashSet::new();
    for hours in [0, 5, 20, 30, 100, 1_000] {
        let at = NOW.after(Span::hours(hours));
        for device in &world.devices {
            let of = |check: DeviceCheck| {
                let outcome = posture.standing(device.id, check, at).outcome();
                (check.unknown_weighs() || outcome == Outcome::Fail).then_some(outcome)
            };
            let all: Vec<Outcome> = DeviceCheck::ALL.into_iter().filter_map(of).collect();
            let expected = [Outcome::Fail, Outcome::Unknown]
                .into_iter()
                .find(|it| all.contains(it))
                .unwrap_or(Outcome::Pass);
            assert_eq!(posture.gravest(device.id, at), expected, "{hours}");
            seen.insert((hours, expected as u8));
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn people_who_are_ready_are_let_through_where_their_device_is_in_order() {
    let population = Population {
        permits: 0,
        ready: 100,
        ..SOME
    };
    let world = population.world(7, NOW).unwrap();
    assert_eq!(world.permits.len(), 500);
    let posture = population.posture(7, NOW);
    let ground = Ground {
        supposed: None,
        world: &world,
        posture: &posture,
        now: NOW,
        clock_sure: true,
    };
    let book = Rulebook::built_in().unwrap();
    let asked = |nth| {
        let number = population.ready_person(nth);
        let system = population.system_of(7, number / 40);
        Question {
            person: Some(population.person(7, number)),
            device: Some(population.device(7, number)),
            act: Act::Reach { system, part: None },
            origin: Origin {
                place: Place::OutsideOrganisation,
                line: None,
            },
            task: None,
            grade: None,
        }
    };
    let decisions: Vec<Decision> = (0..100)
        .map(|nth| decide(&book, ground, &asked(nth)))
        .collect();
    let let_through = decisions.iter().filter(|it| it.is_allowed()).count();
    assert!(let_through > 80 && let_through < 100, "{let_through}");
    for decision in decisions {
        if let Decision::Deny(Denied::Missing(missing)) = decision {
            let posture = |it: &Missing| matches!(it.rule.lack, Some(Lack::Posture(_)));
            assert!(missing.iter().all(posture), "{missing:?}");
        }
    }
}
