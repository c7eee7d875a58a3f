//! Sources of logs: how far each counts as read, and how one that fell silent is given up.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand, SightingCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{Fresh, ServiceId};
use sekisho_domain::name::Line;
use sekisho_domain::register::Register;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun};
use sekisho_rules::access::Logs;
use sekisho_server::app::App;
use sekisho_server::retention;
use sekisho_server::service_use::{marks, take};

use crate::assessor::{Passing, house};
use crate::compared::{OFFICER, person};

/// Takes a run in of so many lines, of which so many were skipped.
fn read(app: &App, source: &str, after: u64, counts: (u64, u64)) {
    let run = run(app, after, counts);
    take(app, &Line::parse(source).unwrap(), &run).unwrap();
}

fn run(app: &App, after: u64, (lines, skipped): (u64, u64)) -> ServiceRun {
    ServiceRun {
        after,
        marks: String::new(),
        through: Some(app.now()),
        gap: false,
        lines,
        matched: 0,
        skipped,
        services: Vec::new(),
        uses: Vec::new(),
    }
}

fn logs(app: &App) -> Logs {
    let world = app.world();
    let evidence = app.access_evidence(&world);
    evidence.services().logs(app.now())
}

/// How many sources are read; none where one of them is not.
fn sources(app: &App) -> Option<u32> {
    match logs(app) {
        Logs::Read { sources, .. } => Some(sources),
        _ => None,
    }
}

#[test]
fn a_source_counts_once_it_is_understood_and_until_it_is_given_up() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    assert_eq!(logs(&app), Logs::None);
    read(&app, "dns", 0, (10, 0));
    assert_eq!(sources(&app), Some(1));
    // Read as another form than it is of: it shows no use, and proves nothing.
    read(&app, "proxy", 0, (10, 6));
    let unread = Logs::Unread {
        source: "proxy".to_owned(),
    };
    assert_eq!(logs(&app), unread);
    read(&app, "proxy", 1, (10, 5));
    assert_eq!(sources(&app), Some(2));
    // Silent for longer than is looked back, it does not drop out.
    time.days(40);
    read(&app, "dns", 1, (10, 0));
    let stale = Logs::Stale {
        source: "proxy".to_owned(),
        days: 40,
    };
    assert_eq!(logs(&app), stale);
    let given_up = SightingCommand::RetireSource {
        source: Line::parse("proxy").unwrap(),
    };
    let officer = Actor::person(person(OFFICER));
    let given_up = Command::Sighting(Box::new(given_up));
    app.command_blocking(officer, given_up, Vec::new()).unwrap();
    assert_eq!(sources(&app), Some(1));
    time.days(1);
    read(&app, "proxy", 2, (10, 0));
    assert_eq!(sources(&app), Some(2));
}

/// A source of which nothing was read kept every row unknown until an officer gave it up.
#[test]
fn a_source_is_recorded_once_something_was_read_of_it() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    read(&app, "dns", 0, (0, 0));
    let recorded = || marks(&app, &Line::parse("dns").unwrap()).unwrap();
    assert_eq!((logs(&app), recorded()), (Logs::None, None));
    read(&app, "dns", 0, (1, 0));
    assert_eq!((sources(&app), recorded().unwrap().lines), (Some(1), 1));
    // From then on a log to which nothing came has been read as far as it goes.
    time.days(3);
    read(&app, "dns", 1, (0, 0));
    time.days(3);
    assert_eq!((sources(&app), recorded().unwrap().batch), (Some(1), 2));
}

/// Runs that came every hour vouched for what rotation had taken between them.
#[test]
fn a_gap_that_the_reading_tells_of_lets_a_source_count_anew_and_keeps_it_fresh() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let dns = Line::parse("dns").unwrap();
    let since = || marks(&app, &dns).unwrap().unwrap().since_at;
    let first = app.now().as_millis();
    read(&app, "dns", 0, (10, 0));
    time.days(1);
    read(&app, "dns", 1, (10, 0));
    assert_eq!(since(), Some(first));
    time.days(1);
    let with_gap = |after, through| ServiceRun {
        gap: true,
        through,
        ..run(&app, after, (10, 0))
    };
    take(&app, &dns, &with_gap(2, Some(app.now()))).unwrap();
    assert_eq!(since(), Some(app.now().as_millis()));
    assert_eq!(sources(&app), Some(1));
    // Where another log could not be read as well, nobody knows from when on until all are.
    time.days(1);
    take(&app, &dns, &with_gap(3, None)).unwrap();
    assert_eq!(since(), None);
    time.days(1);
    read(&app, "dns", 4, (10, 0));
    assert_eq!(since(), Some(app.now().as_millis()));
}

/// A shell that is older than the field.
#[test]
fn a_run_that_does_not_speak_of_gaps_has_none() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let sent = serde_json::to_string(&run(&app, 0, (1, 0))).unwrap();
    assert!(!sent.contains("gap"), "{sent}");
    let read: ServiceRun = serde_json::from_str(&sent).unwrap();
    assert!(!read.gap);
}

/// Takes in that a translation service was used at these times, each of them twice by somebody else.
fn used(app: &App, after: u64, at: &[Timestamp]) {
    let service = SeenService {
        id: "translate".to_owned(),
        ja: "翻訳".to_owned(),
        en: "Translate".to_owned(),
        kind: "translation".to_owned(),
        domains: vec!["translate.example".to_owned()],
    };
    let one = |(n, at): (usize, &Timestamp)| SeenUse {
        service: 0,
        day: at.jst_date().to_string(),
        from: Some(format!("192.0.2.{n}")),
        user: None,
        unit: None,
        person: None,
        times: 2,
        bytes: 0,
        first: *at,
        last: *at,
    };
    let run = ServiceRun {
        after,
        marks: String::new(),
        through: Some(app.now()),
        gap: false,
        lines: 100,
        matched: 2 * at.len() as u64,
        skipped: 1,
        services: vec![service],
        uses: at.iter().enumerate().map(one).collect(),
    };
    take(app, &Line::parse("dns").unwrap(), &run).unwrap();
}

fn service() -> ServiceId {
    ServiceId::new(Fresh([61; 16]))
}

/// Enters the translation service as one under terms.
fn under_terms(app: &App) {
    let fields = [
        ("name", Value::Text("翻訳".to_owned())),
        ("provider", Value::Text("提供者".to_owned())),
        ("kind", Value::Text("terms".to_owned())),
        ("highest", Value::Text("C1I1A1".to_owned())),
        ("domains", Value::Many(vec!["translate.example".to_owned()])),
    ];
    let values = fields.map(|(code, it)| (code.to_owned(), it));
    let particulars = Register::Service.read(&values.into_iter().collect());
    let enter = RegisterCommand::Enter {
        id: service().into(),
        unit: None,
        particulars: particulars.unwrap(),
        remark: None,
    };
    let officer = Actor::person(person(OFFICER));
    let enter = Command::Register(Box::new(enter));
    app.command_blocking(officer, enter, Vec::new()).unwrap();
}

/// Such a row told for years who it was, and when the service was last used lay in the future.
#[test]
fn a_use_more_than_a_day_ahead_is_counted_as_skipped_and_makes_nothing_fresh() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let now = app.now();
    let (hour, far) = (Span::hours(1), now.after(Span::days(1_127)));
    let day = now.after(Span::days(1));
    used(&app, 0, &[now, far, day, day.after(hour)]);
    let of_all = ("0000-01-01", "9999-12-31");
    let users = || app.observations().service_users(None, of_all, 9).unwrap();
    let mut last: Vec<i64> = users().iter().map(|it| it.last_at).collect();
    last.sort_unstable();
    assert_eq!(last, [now.as_millis(), day.as_millis()]);
    let known = marks(&app, &Line::parse("dns").unwrap()).unwrap().unwrap();
    assert_eq!((known.matched, known.skipped), (4, 5));
    assert!(known.through_at.is_none() && sources(&app).is_none());
    let sighted = app.world().sightings["translate"].sighting.last_at;
    assert_eq!(sighted, day);
    used(&app, 1, &[now.before(hour)]);
    assert_eq!(sources(&app), Some(1));
    // Told of persons for as long as may be and no longer, whatever was taken in.
    retention::forget(&app, 28).unwrap();
    assert_eq!(users().len(), 2);
    time.days(40);
    retention::forget(&app, 28).unwrap();
    assert_eq!(users(), []);
}

/// What was kept in memory knew for 28 days who had used a service without a permit, however soon the store forgot it:
/// a start turned the row over.
#[test]
fn who_used_a_service_is_forgotten_by_what_rows_rest_on_when_the_store_forgets_it() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    under_terms(&app);
    let nobodys = |app: &App| {
        let world = app.world();
        let (_, _, nobodys) = app.access_evidence(&world).services().applied(app.now());
        nobodys.len()
    };
    assert_eq!(nobodys(&app), 0);
    used(&app, 0, &[app.now()]);
    time.days(7);
    retention::forget(&app, 7).unwrap();
    assert_eq!(nobodys(&app), 1);
    time.days(1);
    retention::forget(&app, 7).unwrap();
    assert_eq!(nobodys(&app), 0);
    // That it was used is known for as long as before.
    let used_at = |app: &App| {
        let world = app.world();
        let evidence = app.access_evidence(&world);
        evidence.services().used_at(service().into(), app.now())
    };
    assert!(used_at(&app).is_some());
    app.stop();
    drop(app);
    let again = house(place.path(), &time);
    assert_eq!((nobodys(&again), used_at(&again).is_some()), (0, true));
}
