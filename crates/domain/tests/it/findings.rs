//! Who settles findings of outside services, and what opens them again.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::field::Value;
use sekisho_domain::id::{OrganisationId, ServiceId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_domain::sighting::{Lack, NotOurs, Sighted, Sighting, Way};
use sekisho_domain::world::{NoDocuments, World};

use crate::authority::{
    BELOW, ELSEWHERE, HOLDER, NOW, ROOT, SECTION, fresh, name, person, unit, world,
};

/// A finding of a service that so many units used.
fn finding(world: &mut World, service: &str, units: &[u8], unattributed: bool) {
    let sighting = Sighting {
        service: Line::parse(service).unwrap(),
        name: name(),
        kind: Line::parse("storage").unwrap(),
        domains: vec![Line::parse("files.example").unwrap()],
        ways: vec![Way::Asked],
        units: units.iter().copied().map(unit).collect(),
        unattributed,
        sources: vec![Line::parse("dns").unwrap()],
        first_at: NOW,
        last_at: NOW,
        times: 1,
        people: 1,
    };
    let sighted = Sighted {
        sighting,
        opened_at: NOW,
        disowned: None,
        version: 1,
    };
    world.sightings.insert(service.to_owned(), sighted);
}

/// Says of a finding that it is not the organisation's, for a unit or for the whole; the code where that is
/// refused.
fn disown(world: &World, service: &str, of: Option<UnitId>) -> Result<(), String> {
    let command = Command::Sighting(Box::new(SightingCommand::Disown {
        service: Line::parse(service).unwrap(),
        conference: false,
        unit: of,
        why: NotOurs::Embedded,
        note: None,
        expected: Some(1),
    }));
    let answer = decide(world, &Actor::person(person(HOLDER)), &command, NOW);
    let answer = answer.map(|_| ());
    answer.map_err(|refusal| refusal.reason.code.to_string())
}

#[test]
fn who_keeps_services_of_a_unit_settles_findings_of_that_unit_alone_and_the_head_officer_all() {
    for role in Role::ALL {
        let mut world = world(role);
        world.organisation = Some(Organisation {
            id: OrganisationId::new(fresh(40)),
            name: name(),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: unit(ROOT),
            demo: false,
        });
        finding(&mut world, "own", &[SECTION, BELOW], false);
        finding(&mut world, "below", &[BELOW], false);
        finding(&mut world, "elsewhere", &[BELOW, ELSEWHERE], false);
        finding(&mut world, "nobodys", &[BELOW], true);
        let unit_of = |service: &str| world.finding_unit(service, NOW);
        assert_eq!(unit_of("own"), Some(unit(SECTION)));
        assert_eq!(unit_of("below"), Some(unit(BELOW)));
        assert_eq!(unit_of("elsewhere"), Some(unit(ROOT)));
        assert_eq!(unit_of("nobodys"), None);
        for service in ["own", "below", "elsewhere", "nobodys"] {
            let within = matches!(service, "own" | "below");
            let may = role == Role::Hiso || (role == Role::Iso && within);
            let said = disown(&world, service, unit_of(service));
            assert_eq!(said.is_ok(), may, "{role:?} {service} {said:?}");
        }
        if role == Role::Iso {
            // Nor by naming another unit than the one the use belongs to.
            for service in ["elsewhere", "nobodys"] {
                let said = disown(&world, service, Some(unit(SECTION)));
                assert_eq!(said, Err("sighting.unknown".to_owned()), "{service}");
            }
        }
    }
}

#[test]
fn a_source_that_fell_silent_is_given_up_only_by_who_keeps_the_services_of_all() {
    for role in Role::ALL {
        let mut world = world(role);
        world.organisation = Some(Organisation {
            id: OrganisationId::new(fresh(40)),
            name: name(),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: unit(ROOT),
            demo: false,
        });
        let command = Command::Sighting(Box::new(SightingCommand::RetireSource {
            source: Line::parse("dns").unwrap(),
        }));
        let said = decide(&world, &Actor::person(person(HOLDER)), &command, NOW);
        assert_eq!(said.is_ok(), role == Role::Hiso, "{role:?} {said:?}");
    }
}

#[test]
fn use_of_no_known_unit_opens_again_what_was_settled_for_a_unit() {
    let mut world = world(Role::Iso);
    finding(&mut world, "known", &[BELOW], false);
    finding(&mut world, "seen", &[BELOW], true);
    let sighting = |service: &str| &world.sightings[service].sighting;
    assert!(sighting("seen").adds_to(sighting("known")));
    assert!(!sighting("known").adds_to(sighting("seen")));
    assert!(!sighting("seen").adds_to(sighting("seen")));
}

/// Enters the service of the findings for a unit, or for the whole.
fn entered(world: &mut World, unit: Option<UnitId>) {
    let fields = [
        ("name", Value::Text("保管".to_owned())),
        ("provider", Value::Text("社".to_owned())),
        ("kind", Value::Text("contract".to_owned())),
        ("highest", Value::Text("C1I1A1".to_owned())),
        ("domains", Value::Many(vec!["files.example".to_owned()])),
    ];
    let values = fields.map(|(code, value)| (code.to_owned(), value));
    let event = Event::RegisterEntered {
        id: ServiceId::new(fresh(41)).into(),
        unit,
        particulars: Register::Service
            .read(&values.into_iter().collect())
            .unwrap(),
        remark: None,
    };
    let stored = StoredEvent {
        actor: Actor::System,
        recorded_at: NOW,
        effective_from: None,
        event,
    };
    world.apply(&stored, &NoDocuments).unwrap();
}

/// What an entry of one bureau named was settled for all of them, and for use that is nobody's.
#[test]
fn a_service_that_a_unit_keeps_carries_what_that_unit_uses_and_no_more() {
    let outside = Some(Lack::OutsideUnit);
    for (of, elsewhere, nobodys) in [
        (Some(unit(SECTION)), outside, outside),
        (Some(unit(ROOT)), None, None),
        (None, None, None),
    ] {
        let mut world = world(Role::Iso);
        world.organisation = Some(Organisation {
            id: OrganisationId::new(fresh(40)),
            name: name(),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: unit(ROOT),
            demo: false,
        });
        finding(&mut world, "own", &[SECTION, BELOW], false);
        finding(&mut world, "elsewhere", &[BELOW, ELSEWHERE], false);
        finding(&mut world, "nobodys", &[BELOW], true);
        let lack = |world: &World, service: &str| {
            let known = &world.sightings[service].sighting;
            world.lack_of(known, NOW)
        };
        assert_eq!(lack(&world, "own"), Some(Lack::Unregistered));
        entered(&mut world, of);
        let lacks = ["own", "elsewhere", "nobodys"].map(|it| lack(&world, it));
        assert_eq!(lacks, [None, elsewhere, nobodys], "{of:?}");
    }
}
