//! Use that no register carries is found whatever befalls the run that showed it, and whatever becomes of the entry
//! that carried it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{Fresh, ServiceId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::register::{Particulars, Register};
use sekisho_domain::sighting::Lack;
use sekisho_domain::time::Span;
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun};
use sekisho_server::app::App;
use sekisho_server::app::clock::TimeSource;
use sekisho_server::service_use::{KnownService, TakeError, marks, own_services, take};
use sekisho_store::observations::{NewServiceUse, ServiceSource};

use crate::assessor::{Passing, house};
use crate::compared::{OFFICER, person};
use crate::writer::{found, try_open};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn zoom() -> SeenService {
    SeenService {
        id: "zoom".to_owned(),
        ja: "Zoom".to_owned(),
        en: "Zoom".to_owned(),
        kind: "conference".to_owned(),
        domains: vec!["zoom.us".to_owned()],
    }
}

/// Takes in a log in which these services were used once each, just now; what was found.
fn read(app: &App, after: u64, services: Vec<SeenService>) -> Result<Vec<String>, TakeError> {
    let at = app.now();
    let used = |service| SeenUse {
        service,
        day: at.jst_date().to_string(),
        from: Some("192.0.2.7".to_owned()),
        user: None,
        unit: None,
        person: None,
        times: 1,
        bytes: 0,
        first: at,
        last: at,
    };
    let run = ServiceRun {
        after,
        marks: String::new(),
        through: Some(at),
        gap: false,
        lines: 10,
        matched: services.len() as u64,
        skipped: 0,
        uses: (0..services.len()).map(used).collect(),
        services,
    };
    take(app, &line("dns"), &run).map(|taken| taken.found)
}

/// Whether anything counts as read.
fn is_read(app: &App) -> bool {
    marks(app, &line("dns")).unwrap().is_some()
}

/// Time that passes, and by how much somebody has set the clock.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>);

impl TimeSource for Hands {
    fn wall(&self) -> i64 {
        1_795_392_000_000 + self.0.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> i64 {
        0
    }
}

/// Counts and how far the log was read were kept, the finding was refused, and no run looked for it again.
#[test]
fn a_log_that_is_read_while_the_time_waits_for_its_confirmation_is_read_again() {
    let (place, hands) = (tempfile::tempdir().unwrap(), Hands::default());
    let app = try_open(place.path(), Box::new(hands.clone())).unwrap();
    found(&app);
    // A machine that was set to rest goes on.
    hands.0.fetch_add(3_600_000, Ordering::SeqCst);
    // Nor is anything taken in of which there would be nothing to find: by such a time it may be dropped.
    for services in [vec![zoom()], Vec::new()] {
        assert_eq!(read(&app, 0, services).unwrap_err().code(), "clock");
        assert!(!is_read(&app));
    }
    let step = app.clock().step().unwrap();
    app.command_blocking(Actor::Operator, Command::ConfirmClock { step }, Vec::new())
        .unwrap();
    assert_eq!(read(&app, 0, vec![zoom()]).unwrap(), ["zoom"]);
    assert!(is_read(&app));
}

#[test]
fn what_showed_a_finding_that_the_ledger_does_not_take_does_not_count_as_read() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    app.stop();
    let refused = read(&app, 0, vec![zoom()]).unwrap_err();
    assert_eq!(refused.code(), "writer.stopped");
    assert!(!is_read(&app));
    drop(app);
    let app = house(place.path(), &time);
    assert_eq!(read(&app, 0, vec![zoom()]).unwrap(), ["zoom"]);
    // The answer was lost: the same run is none, and finds nothing anew.
    let version = app.world().sightings["zoom"].version;
    let again = read(&app, 0, vec![zoom()]).unwrap_err();
    assert_eq!(again.code(), "service-use.read-elsewhere");
    assert_eq!(app.world().sightings["zoom"].version, version);
}

/// Keeps use of Zoom with a run as a server did that lost its finding.
fn kept_without_finding(app: &App, batch: u64) {
    let at = app.now().as_millis();
    let source = ServiceSource {
        source: "dns".to_owned(),
        batch,
        marks: String::new(),
        taken_at: at,
        through_at: Some(at),
        since_at: Some(at),
        lines: 10,
        matched: 1,
        skipped: 0,
    };
    let known = KnownService {
        name: Name::ja(line("Zoom")),
        kind: line("conference"),
        domains: vec![line("zoom.us")],
    };
    let described = serde_json::to_string(&known).unwrap();
    let used = |who: &str| NewServiceUse {
        day: app.now().jst_date().to_string(),
        service: "zoom".to_owned(),
        unit: String::new(),
        who: who.to_owned(),
        people: 1,
        times: 2,
        bytes: 0,
        first_at: at,
        last_at: at,
    };
    let services = [("zoom".to_owned(), described)];
    let uses = [used("client:192.0.2.7"), used("client:192.0.2.8")];
    let observations = app.observations();
    assert!(
        observations
            .add_service_use(&source, &services, &uses)
            .unwrap()
    );
}

#[test]
fn use_that_was_kept_without_a_finding_is_found_by_the_next_run_once() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    kept_without_finding(&app, 1);
    assert!(app.world().sightings.is_empty());
    assert_eq!(read(&app, 1, Vec::new()).unwrap(), ["zoom"]);
    let sighting = app.world().sightings["zoom"].sighting.clone();
    assert_eq!((sighting.times, sighting.people), (4, 2));
    assert!(sighting.unattributed);
    assert_eq!(read(&app, 2, Vec::new()).unwrap(), [""; 0]);
    // What lies further back than is looked is not found.
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    kept_without_finding(&app, 1);
    time.days(30);
    assert_eq!(read(&app, 1, Vec::new()).unwrap(), [""; 0]);
}

/// A log of a week comes in many runs, and each looked through all that was kept of every service.
#[test]
fn what_was_kept_without_a_finding_is_looked_for_after_a_start_and_then_once_an_hour() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    assert_eq!(read(&app, 0, Vec::new()).unwrap(), [""; 0]);
    kept_without_finding(&app, 2);
    time.minutes(59);
    assert_eq!(read(&app, 2, Vec::new()).unwrap(), [""; 0]);
    time.minutes(1);
    assert_eq!(read(&app, 3, Vec::new()).unwrap(), ["zoom"]);
}

#[test]
fn what_an_entry_stops_carrying_is_found_by_the_next_run_without_waiting() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enter(&app, &["translate.example"]);
    let own = looked_for(&app, "translate.example");
    assert_eq!(read(&app, 0, own.clone()).unwrap(), [""; 0]);
    time.minutes(1);
    let change = RegisterCommand::Change {
        id: service().into(),
        unit: None,
        particulars: particulars(&["other.example"]),
        remark: None,
        expected: None,
    };
    registered(&app, change);
    assert_eq!(read(&app, 1, Vec::new()).unwrap(), [own[0].id.as_str()]);
}

fn service() -> ServiceId {
    ServiceId::new(Fresh([61; 16]))
}

fn particulars(domains: &[&str]) -> Particulars {
    let domains = domains.iter().map(|it| (*it).to_owned());
    let fields = [
        ("name", Value::Text("翻訳".to_owned())),
        ("provider", Value::Text("提供者".to_owned())),
        ("kind", Value::Text("terms".to_owned())),
        ("highest", Value::Text("C1I1A1".to_owned())),
        ("domains", Value::Many(domains.collect())),
    ];
    let values = fields.map(|(code, it)| (code.to_owned(), it));
    let values = values.into_iter().collect();
    Register::Service.read(&values).unwrap()
}

fn registered(app: &App, command: RegisterCommand) {
    let officer = Actor::person(person(OFFICER));
    let command = Command::Register(Box::new(command));
    app.command_blocking(officer, command, Vec::new()).unwrap();
}

fn enter(app: &App, domains: &[&str]) {
    let enter = RegisterCommand::Enter {
        id: service().into(),
        unit: None,
        particulars: particulars(domains),
        remark: None,
    };
    registered(app, enter);
}

/// What logs are looked through for beside the list, by this domain.
fn looked_for(app: &App, domain: &str) -> Vec<SeenService> {
    let all = own_services(app).into_iter();
    all.filter(|it| it.domains == [domain]).collect()
}

/// Its terms were judged unacceptable, the entry was retired, and nobody looked for it any more.
#[test]
fn what_an_entry_carried_alone_is_found_when_it_is_used_after_the_entry_was_retired() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enter(&app, &["translate.example"]);
    let own = looked_for(&app, "translate.example");
    assert_eq!(own.len(), 1);
    assert_eq!(read(&app, 0, own.clone()).unwrap(), [""; 0]);
    let retire = RegisterCommand::Retire {
        register: Register::Service,
        id: service().into(),
        remark: None,
        expected: None,
    };
    time.days(40);
    registered(&app, retire);
    // That nobody used it lately is no finding.
    assert_eq!(read(&app, 1, Vec::new()).unwrap(), [""; 0]);
    assert_eq!(looked_for(&app, "translate.example"), own);
    time.days(1);
    assert_eq!(read(&app, 2, own.clone()).unwrap(), [own[0].id.as_str()]);
    let now = app.now();
    let world = app.world();
    let open: Vec<_> = world.open_sightings(now).collect();
    assert_eq!(open.len(), 1);
    let (sighted, lack) = &open[0];
    assert_eq!(sighted.sighting.name.ja, line("翻訳"));
    assert_eq!(*lack, Lack::Unregistered);
    assert!(now.since(sighted.opened_at) < Span::hours(1));
}

#[test]
fn use_shortly_before_its_entry_was_retired_is_found_too() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enter(&app, &["translate.example"]);
    let own = looked_for(&app, "translate.example");
    assert_eq!(read(&app, 0, own.clone()).unwrap(), [""; 0]);
    time.days(3);
    let retire = RegisterCommand::Retire {
        register: Register::Service,
        id: service().into(),
        remark: None,
        expected: None,
    };
    registered(&app, retire);
    assert_eq!(read(&app, 1, Vec::new()).unwrap(), [own[0].id.as_str()]);
}

#[test]
fn a_domain_that_an_entry_dropped_is_looked_for_apart_from_those_that_it_names() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    enter(&app, &["old.example"]);
    let change = RegisterCommand::Change {
        id: service().into(),
        unit: None,
        particulars: particulars(&["new.example"]),
        remark: None,
        expected: None,
    };
    registered(&app, change);
    let [new, old] = ["new.example", "old.example"].map(|it| looked_for(&app, it));
    assert_eq!((new.len(), old.len()), (1, 1));
    assert_eq!(old[0].id, format!("{}-former", new[0].id));
    assert_eq!(old[0].ja, "翻訳");
    assert_eq!(read(&app, 0, new.clone()).unwrap(), [""; 0]);
    assert_eq!(read(&app, 1, old.clone()).unwrap(), [old[0].id.as_str()]);
    // Named again, it is carried.
    let change = RegisterCommand::Change {
        id: service().into(),
        unit: None,
        particulars: particulars(&["new.example", "old.example"]),
        remark: None,
        expected: None,
    };
    registered(&app, change);
    assert!(looked_for(&app, "old.example").is_empty());
    assert_eq!(app.world().open_sightings(app.now()).count(), 0);
}
