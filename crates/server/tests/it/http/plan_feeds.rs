//! What the plan's measures rest on, read from the store and the World: while a feed is there, and from when on it is
//! missing.

use sekisho_detect::discovery::{ListedService, ServiceKind, Words};
use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::actor::Actor;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, PersonCommand, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{DeviceId, SystemId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Place;
use sekisho_domain::plan::Feed;
use sekisho_domain::register::{EntryId, Particulars, Register};
use sekisho_domain::time::Span;
use sekisho_protocol::gateway::GatewayReport;
use sekisho_protocol::service_use::ServiceRun;
use sekisho_rules::assess::unseen_use;
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_server::app::{App, fresh};
use sekisho_server::knowledge::services::{OwnChange, change_own_services};
use sekisho_server::plan::{awaits_gateways, measure};
use sekisho_server::service_use::take;
use serde_json::json;

use super::gateways::{Road, command};
use super::permit_section::Section;
use super::plan::allowed;

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
/// What stands before the section's system, as its entry names it.
const PROXY: Option<Asker> = Some(Asker::Proxy(ProxyDoor::ForwardAuth));
pub(super) const KEV: &[u8] = include_bytes!("../../../../../fixtures/feeds/kev.json");

fn is_missing(app: &App, feed: Feed) -> bool {
    measure(app, None).unwrap().missing.contains(&feed)
}

/// What an entry says, with one field changed; without it where there is no value.
fn changed(app: &App, id: EntryId, fields: &[(&str, Option<Value>)]) -> Particulars {
    let world = app.world();
    let entry = world.registers.entry(id).unwrap();
    let mut values = entry.particulars.values();
    for (code, value) in fields {
        match value {
            Some(value) => values.insert((*code).to_owned(), value.clone()),
            None => values.remove(*code),
        };
    }
    entry.register().read(&values).unwrap()
}

pub(super) async fn change(section: &Section, id: EntryId, fields: &[(&str, Option<Value>)]) {
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: changed(&section.house.app, id, fields),
        remark: None,
        expected: None,
    };
    command(section, change).await;
}

/// The proxy before the section's system asks about somebody.
fn asks(section: &Section) {
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("no system");
    };
    let question = Question {
        person: Some(section.staff.0),
        device: Some(section.issued),
        act: Act::Reach { system, part: None },
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task: None,
        grade: None,
    };
    let app = &section.house.app;
    assert!(!app.decide_for(PROXY, &question).is_allowed());
    tokio::task::block_in_place(|| app.keep_decisions()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_measured_only_while_the_proxy_before_every_system_asks() {
    let section = Section::new().await;
    let (house, app) = (&section.house, &section.house.app);
    assert!(is_missing(app, Feed::Use));
    asks(&section);
    assert!(!is_missing(app, Feed::Use));
    house.pass(6 * DAY);
    assert!(!is_missing(app, Feed::Use));
    // Taken out of the way a week ago: who works past it is seen by nobody.
    house.pass(2 * DAY);
    assert!(is_missing(app, Feed::Use));
    asks(&section);
    assert!(!is_missing(app, Feed::Use));
    // A second system, before which nothing stands.
    let first = section.entry(Register::System);
    let name = Value::Text("別の文書管理システム".to_owned());
    let fields = [("name", Some(name)), ("asking_proxies", None)];
    let second = SystemId::new(fresh().unwrap());
    let entered = RegisterCommand::Enter {
        id: second.into(),
        unit: None,
        particulars: changed(app, first, &fields),
        remark: None,
    };
    command(&section, entered).await;
    assert!(is_missing(app, Feed::Use));
    let world = app.world();
    let evidence = app.access_evidence(&world);
    let unseen = unseen_use(&world, &app.posture(), &evidence, app.now());
    let systems: Vec<_> = unseen.iter().map(|it| it.system).collect();
    assert_eq!(systems, [Some(second)]);
}

/// The gateway tells that all is well.
fn reports(road: &Road) {
    let app = &road.house().app;
    let now = app.now();
    let said = json!({
        "version": "1",
        "run_began_at": now,
        "observed_at": now,
        "forwards_others": false,
        "dropped_packets": 0,
        "sessions": [],
    });
    let report: GatewayReport = serde_json::from_value(said).unwrap();
    app.take_gateway_report(road.gateway, report).unwrap();
}

#[tokio::test]
async fn a_gateway_that_falls_silent_measures_neither_who_nor_for_how_long() {
    let road = Road::new().await;
    let app = &road.house().app;
    // Nothing but the gateway leads to the system.
    let line = road.section.entry(Register::Line).to_string();
    let fields = [
        ("lines", Some(Value::Many(vec![line]))),
        ("asking_proxies", None),
    ];
    let system = road.section.entry(Register::System);
    change(&road.section, system, &fields).await;
    for feed in [Feed::Use, Feed::Gateways] {
        assert!(is_missing(app, feed), "{feed:?}");
    }
    road.peers(0).await;
    reports(&road);
    for feed in [Feed::Use, Feed::Gateways] {
        assert!(!is_missing(app, feed), "{feed:?}");
    }
    road.house().pass(2 * HOUR);
    assert!(is_missing(app, Feed::Use));
    assert!(!is_missing(app, Feed::Gateways));
    road.house().pass(47 * HOUR);
    assert!(is_missing(app, Feed::Gateways));
}

#[tokio::test]
async fn use_is_held_against_the_plan_once_gateways_had_time_to_be_heard_after_a_start() {
    let road = Road::new().await;
    let app = &road.house().app;
    assert!(awaits_gateways(app));
    // It has its table; what passes nobody has told yet.
    road.peers(0).await;
    assert!(awaits_gateways(app));
    reports(&road);
    assert!(!awaits_gateways(app));
    // After another start nothing of that is known, and one that stays silent is not waited for without end.
    let again = road.house().again();
    assert!(awaits_gateways(&again.app));
    again.pass(2 * 60_000);
    assert!(awaits_gateways(&again.app));
    again.pass(60_000);
    assert!(!awaits_gateways(&again.app));
}

/// A fresh result of a check, for a day.
pub(super) fn found(
    app: &App,
    device: DeviceId,
    check: DeviceCheck,
    (outcome, code): (Outcome, &'static str),
) {
    let now = app.now();
    let result = CheckResult {
        outcome,
        reason: Reason::new(code),
        observed_at: now,
        received_at: now,
        fresh_until: now.after(Span::days(1)),
    };
    app.update_posture(|posture| posture.set(device, check, &result, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_nobody_looks_at_is_not_free_of_what_is_being_exploited() {
    let road = Road::new().await;
    let app = &road.house().app;
    // The list is of three days after the office began.
    road.house().pass(3 * DAY);
    tokio::task::block_in_place(|| road.house().feeds(&[KEV]));
    let device = road.section.issued;
    let advisories = DeviceCheck::Advisories;
    let well = (Outcome::Pass, "advisory.clean");
    found(app, device, advisories, well);
    // The device is in order, and nobody said that the gateway runs on it.
    assert!(is_missing(app, Feed::Exploited));
    let runs_on = Some(Value::Text(device.to_string()));
    change(&road.section, road.gateway.into(), &[("device", runs_on)]).await;
    assert!(!is_missing(app, Feed::Exploited));
    let exploited = || measure(app, None).unwrap().exploited;
    assert!(exploited().is_empty());
    found(
        app,
        device,
        advisories,
        (Outcome::Fail, "advisory.exploited"),
    );
    assert!(!is_missing(app, Feed::Exploited));
    assert!(exploited().contains(&road.gateway.to_string()));
    // What was found the day before yesterday says nothing of today.
    road.house().pass(2 * DAY);
    assert!(is_missing(app, Feed::Exploited));
    found(
        app,
        device,
        advisories,
        (Outcome::Unknown, "advisory.not-covered"),
    );
    assert!(is_missing(app, Feed::Exploited));
    found(app, device, advisories, well);
    assert!(!is_missing(app, Feed::Exploited));
}

/// Transfers out take away nothing of what was done before.
#[tokio::test]
async fn what_somebody_did_who_has_left_since_stays_measured() {
    let section = Section::new().await;
    let app = &section.house.app;
    let (person, _) = section.staff;
    let now = app.now().as_millis();
    let answers = [1, 2].map(|ago| allowed(person, None, now - ago * DAY));
    app.observations().add_decisions(&answers).unwrap();
    let days = || -> Vec<u32> {
        let people = measure(app, None).unwrap().people;
        let days = people.iter().map(|it| it.days.count_ones());
        days.filter(|it| *it > 0).collect()
    };
    assert_eq!(days(), [2]);
    let expected = None;
    let leave = Command::Person(Box::new(PersonCommand::Leave { person, expected }));
    let by = Actor::person(section.hiso.0);
    app.command(by, leave).await.unwrap();
    section.house.pass(DAY);
    assert_eq!(days(), [2]);
    let usage = measure(app, None).unwrap();
    assert_eq!(usage.people.len() - usage.members().count(), 1);
    // Nobody is looked for whose days are too long ago.
    section.house.pass(60 * DAY);
    assert!(measure(app, None).unwrap().left.is_empty());
    assert!(days().is_empty());
}

#[tokio::test]
async fn checks_are_measured_only_where_nearly_every_device_shows_them() {
    let section = Section::new().await;
    let app = &section.house.app;
    assert!(is_missing(app, Feed::Checks));
    let well = (Outcome::Pass, "check.never");
    found(app, section.issued, DeviceCheck::Firewall, well);
    assert!(is_missing(app, Feed::Checks));
    found(app, section.byod, DeviceCheck::ScreenLock, well);
    assert!(!is_missing(app, Feed::Checks));
    section.house.pass(2 * DAY);
    assert!(is_missing(app, Feed::Checks));
}

/// Devices of a unit are counted in it, whoever else is counted with them in the whole.
#[tokio::test]
async fn what_devices_of_a_unit_fail_is_counted_in_it() {
    let section = Section::new().await;
    let app = &section.house.app;
    let check = DeviceCheck::Firewall;
    found(app, section.issued, check, (Outcome::Fail, "check.never"));
    found(app, section.byod, check, (Outcome::Pass, "check.never"));
    let usage = measure(app, None).unwrap();
    let world = app.world();
    let unit = world.unit_of_entry(section.issued.into(), app.now());
    let place = usage.units.iter().position(|it| Some(it.id) == unit);
    let of_unit = usage.unit_checks[place.unwrap()][check.column()];
    assert_eq!(of_unit.failing, 1);
    let counts = usage.unit_checks.iter().map(|it| it[check.column()]);
    let all: u32 = counts.map(|it| it.known).sum();
    assert_eq!(all, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_that_are_not_looked_through_for_a_service_find_nothing_of_functions() {
    let section = Section::new().await;
    let app = &section.house.app;
    section.house.pass(30 * DAY);
    assert!(is_missing(app, Feed::Discovery));
    let run = ServiceRun {
        after: 0,
        marks: String::new(),
        through: Some(app.now()),
        gap: false,
        lines: 10,
        matched: 0,
        skipped: 0,
        services: Vec::new(),
        uses: Vec::new(),
    };
    let source = Line::parse("dns-honsho").unwrap();
    tokio::task::block_in_place(|| take(app, &source, &run)).unwrap();
    assert!(!is_missing(app, Feed::Discovery));
    let officer = || Actor::person(section.hiso.0);
    let own = |what: OwnChange| {
        tokio::task::block_in_place(|| change_own_services(app, officer(), &what)).unwrap();
    };
    own(OwnChange::Put(ListedService {
        id: "zoom".to_owned(),
        name: Words {
            ja: "zoom".to_owned(),
            en: "zoom".to_owned(),
        },
        kind: ServiceKind::Conference,
        domains: Vec::new(),
        programs: Vec::new(),
    }));
    assert!(is_missing(app, Feed::Discovery));
    own(OwnChange::Remove("zoom".to_owned()));
    assert!(!is_missing(app, Feed::Discovery));
}
