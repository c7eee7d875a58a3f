//! Who settles findings of outside services, and what opens them again.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::field::Value;
use sekisho_domain::id::{OrganisationId, ServiceId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::{Particulars, Register};
use sekisho_domain::role::Role;
use sekisho_domain::sighting::{Lack, NotOurs, Sighted, Sighting, Way};
use sekisho_domain::time::{Span, Timestamp};
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
        lapsed: false,
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

fn organised(role: Role) -> World {
    let mut world = world(role);
    world.organisation = Some(Organisation {
        id: OrganisationId::new(fresh(40)),
        name: name(),
        profile: Profile::Gov,
        clauses_opted_in: false,
        root: unit(ROOT),
        demo: false,
    });
    world
}

/// Days after the findings were opened.
fn later(days: u32) -> Timestamp {
    NOW.after(Span::days(days))
}

fn happens(world: &mut World, event: Event, at: Timestamp) {
    let stored = StoredEvent {
        actor: Actor::System,
        recorded_at: at,
        effective_from: None,
        event,
    };
    world.apply(&stored, &NoDocuments).unwrap();
}

/// What the program says of findings, carried out.
fn told(world: &mut World, command: SightingCommand, at: Timestamp) -> usize {
    let command = Command::Sighting(Box::new(command));
    let decided = decide(world, &Actor::System, &command, at).unwrap();
    let count = decided.events.len();
    for event in decided.events {
        happens(world, event, at);
    }
    count
}

/// More of the same use of a service is seen, the last of it then.
fn seen(world: &mut World, service: &str, last_at: Timestamp) -> usize {
    let mut sighting = world.sightings[service].sighting.clone();
    sighting.last_at = last_at;
    let command = SightingCommand::See(vec![sighting]);
    told(world, command, last_at.after(Span::hours(1)))
}

fn unused(world: &mut World, service: &str, at: Timestamp) -> usize {
    let services = vec![Line::parse(service).unwrap()];
    told(world, SightingCommand::Unused(services), at)
}

fn is_open(world: &World, service: &str, now: Timestamp) -> bool {
    let mut open = world.open_sightings(now);
    open.any(|(it, _)| it.sighting.service.as_str() == service)
}

fn retired(world: &mut World, at: Timestamp) {
    let id = ServiceId::new(fresh(41)).into();
    happens(world, Event::RegisterRetired { id, remark: None }, at);
}

fn said(why: NotOurs) -> Event {
    Event::ServiceDisowned {
        service: Line::parse("own").unwrap(),
        why,
        note: None,
    }
}

/// What was found long ago was not found long ago once more: a finding that an entry had settled is as old as the
/// moment at which the entry went.
#[test]
fn a_finding_whose_entry_is_retired_is_as_old_as_that() {
    let mut world = organised(Role::Iso);
    finding(&mut world, "own", &[BELOW], false);
    entered(&mut world, None);
    assert!(!is_open(&world, "own", later(100)));
    // What does not concern it leaves it alone.
    assert_eq!(seen(&mut world, "own", later(200)), 0);
    retired(&mut world, later(400));
    assert!(is_open(&world, "own", later(400)));
    let known = &world.sightings["own"];
    assert_eq!((known.opened_at, known.version), (later(400), 2));
    // The program may say that nobody used it, and whoever uses it later opens it again.
    assert_eq!(unused(&mut world, "own", later(400)), 1);
    assert!(!is_open(&world, "own", later(401)));
    assert_eq!(unused(&mut world, "own", later(401)), 0);
    assert_eq!(seen(&mut world, "own", later(420)), 1);
    assert!(is_open(&world, "own", later(421)));
    let known = &world.sightings["own"];
    assert_eq!(known.opened_at, later(420).after(Span::hours(1)));
    assert_eq!(known.sighting.last_at, later(420));
}

#[test]
fn a_finding_that_came_back_and_was_used_since_is_not_settled_as_unused() {
    let mut world = organised(Role::Iso);
    finding(&mut world, "own", &[BELOW], false);
    // Open for a reason of its own.
    assert_eq!(unused(&mut world, "own", later(1)), 0);
    entered(&mut world, None);
    retired(&mut world, later(50));
    assert_eq!(seen(&mut world, "own", later(51)), 1);
    assert_eq!(unused(&mut world, "own", later(52)), 0);
    assert!(is_open(&world, "own", later(52)));
    assert_eq!(world.sightings["own"].opened_at, later(50));
    // Then more of the same is no record.
    assert_eq!(seen(&mut world, "own", later(60)), 0);
}

#[test]
fn an_entry_that_is_narrowed_to_another_unit_opens_the_finding_then() {
    let mut world = organised(Role::Iso);
    finding(&mut world, "own", &[ELSEWHERE], false);
    entered(&mut world, None);
    let id = ServiceId::new(fresh(41)).into();
    let entry = world.registers.entry(id).unwrap();
    let particulars = entry.particulars.as_ref().clone();
    let narrowed = Event::RegisterChanged {
        id,
        unit: Some(unit(SECTION)),
        particulars,
        remark: None,
    };
    happens(&mut world, narrowed, later(90));
    assert!(is_open(&world, "own", later(90)));
    assert_eq!(world.sightings["own"].opened_at, later(90));
}

/// The entry names these domains from now on; which it named before and does not name now.
fn renamed(world: &mut World, domains: &[&str]) -> Vec<String> {
    let id = ServiceId::new(fresh(41)).into();
    let entry = world.registers.entry(id).unwrap();
    let mut particulars = entry.particulars.as_ref().clone();
    let Particulars::Service(service) = &mut particulars else {
        panic!("not a service");
    };
    let lines = domains.iter().map(|it| Line::parse(it).unwrap());
    service.domains = lines.collect();
    let changed = Event::RegisterChanged {
        id,
        unit: None,
        particulars,
        remark: None,
    };
    happens(world, changed, later(1));
    let dropped = world.domains_dropped_by(id);
    dropped.map(|it| it.as_str().to_owned()).collect()
}

/// Logs were looked through for what an entry names now: use of what it had named before was seen by nobody.
#[test]
fn domains_that_an_entry_drops_are_known_until_it_names_them_again() {
    let mut world = organised(Role::Iso);
    entered(&mut world, None);
    let more = ["files.example", "b.example"];
    assert_eq!(renamed(&mut world, &more), [""; 0]);
    assert_eq!(
        renamed(&mut world, &["c.example"]),
        ["b.example", "files.example"]
    );
    retired(&mut world, later(2));
    assert_eq!(
        renamed(&mut world, &["b.example"]),
        ["c.example", "files.example"]
    );
    // A snapshot knows of them too.
    let stored = serde_json::to_string(&world.frozen()).unwrap();
    let again: World = serde_json::from_str(&stored).unwrap();
    assert_eq!(again.former_domains, world.former_domains);
    let all = ["files.example", "b.example", "c.example"];
    assert_eq!(renamed(&mut world, &all), [""; 0]);
    assert!(world.former_domains.is_empty());
}

#[test]
fn use_that_was_stopped_comes_back_with_any_later_use_and_what_is_not_ours_does_not() {
    for (why, comes_back) in [(NotOurs::Stopped, true), (NotOurs::Embedded, false)] {
        let mut world = organised(Role::Iso);
        finding(&mut world, "own", &[BELOW], false);
        happens(&mut world, said(why), later(10));
        // Logs that are read later show what was before the word.
        assert_eq!(seen(&mut world, "own", later(9)), 0, "{why:?}");
        assert!(!is_open(&world, "own", later(11)), "{why:?}");
        let records = seen(&mut world, "own", later(12));
        assert_eq!(records, usize::from(comes_back), "{why:?}");
        assert_eq!(is_open(&world, "own", later(13)), comes_back, "{why:?}");
    }
}

/// A word that use had ended says nothing of the use under an entry that came after it.
#[test]
fn a_word_that_use_had_ended_goes_with_the_entry_that_came_after_it() {
    for (why, open) in [(NotOurs::Stopped, true), (NotOurs::GuestNetwork, false)] {
        let mut world = organised(Role::Iso);
        finding(&mut world, "own", &[BELOW], false);
        happens(&mut world, said(why), later(10));
        entered(&mut world, None);
        retired(&mut world, later(80));
        assert_eq!(is_open(&world, "own", later(80)), open, "{why:?}");
    }
}

#[test]
fn that_logs_show_no_use_is_said_by_the_program_alone() {
    let mut world = organised(Role::Hiso);
    finding(&mut world, "own", &[BELOW], false);
    let word = |why| {
        Command::Sighting(Box::new(SightingCommand::Disown {
            service: Line::parse("own").unwrap(),
            conference: false,
            unit: None,
            why,
            note: None,
            expected: None,
        }))
    };
    let officer = Actor::person(person(HOLDER));
    let refused = decide(&world, &officer, &word(NotOurs::Unused), NOW).unwrap_err();
    assert_eq!(&*refused.reason.code, "sighting.not-said");
    assert!(decide(&world, &officer, &word(NotOurs::Stopped), NOW).is_ok());
    let unused = SightingCommand::Unused(vec![Line::parse("own").unwrap()]);
    let unused = Command::Sighting(Box::new(unused));
    assert!(decide(&world, &officer, &unused, NOW).is_err());
    assert_eq!(NotOurs::SAID.len() + 1, NotOurs::ALL.len());
}
