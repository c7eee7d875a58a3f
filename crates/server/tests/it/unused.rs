//! Findings that came back because their entry was retired: who used the service lately is what the logs say.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand, SightingCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{ConferenceToolId, Fresh};
use sekisho_domain::name::Line;
use sekisho_domain::register::Register;
use sekisho_domain::sighting::NotOurs;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::service_use::{SeenService, SeenUse, ServiceRun};
use sekisho_server::app::App;
use sekisho_server::knowledge::services::{OwnChange, change_own_services};
use sekisho_server::service_use::lists::ServiceLists;
use sekisho_server::service_use::{settle_unused, take};

use crate::assessor::{Passing, house};
use crate::compared::{OFFICER, person};

fn officer() -> Actor {
    Actor::person(person(OFFICER))
}

fn tool() -> ConferenceToolId {
    ConferenceToolId::new(Fresh([60; 16]))
}

/// Takes in a log that was written until now, with use of Zoom at these moments; what was found.
fn read(app: &App, after: u64, uses: &[Timestamp]) -> Vec<String> {
    read_of(app, ("dns", after), uses, 0)
}

/// The same of a source, with so many of ten lines that were not understood.
fn read_of(
    app: &App,
    (source, after): (&str, u64),
    uses: &[Timestamp],
    skipped: u64,
) -> Vec<String> {
    let zoom = SeenService {
        id: "zoom".to_owned(),
        ja: "Zoom".to_owned(),
        en: "Zoom".to_owned(),
        kind: "conference".to_owned(),
        domains: vec!["zoom.us".to_owned()],
    };
    let used = |at: &Timestamp| SeenUse {
        service: 0,
        day: at.jst_date().to_string(),
        from: Some("192.0.2.7".to_owned()),
        user: None,
        unit: None,
        person: None,
        times: 1,
        bytes: 0,
        first: *at,
        last: *at,
    };
    let count = uses.len() as u64;
    let run = ServiceRun {
        after,
        marks: String::new(),
        through: Some(app.now()),
        gap: false,
        lines: 10,
        matched: count,
        skipped,
        services: vec![zoom],
        uses: uses.iter().map(used).collect(),
    };
    take(app, &Line::parse(source).unwrap(), &run)
        .unwrap()
        .found
}

/// Reads the log every other day, without use; how often it had been read then.
fn read_on(app: &App, time: &Passing, after: u64, days: u64) -> u64 {
    let runs = after..after + days / 2;
    for after in runs.clone() {
        time.days(2);
        read(app, after, &[]);
    }
    runs.end
}

fn registered(app: &App, command: RegisterCommand) {
    let command = Command::Register(Box::new(command));
    app.command_blocking(officer(), command, Vec::new())
        .unwrap();
}

fn enter(app: &App) {
    let fields = [
        ("name", Value::Text("Zoom".to_owned())),
        ("scope", Value::Text("others".to_owned())),
        ("domains", Value::Many(vec!["zoom.us".to_owned()])),
    ];
    let values = fields.map(|(code, it)| (code.to_owned(), it));
    let particulars = Register::ConferenceTool.read(&values.into_iter().collect());
    registered(
        app,
        RegisterCommand::Enter {
            id: tool().into(),
            unit: None,
            particulars: particulars.unwrap(),
            remark: None,
        },
    );
}

fn retire(app: &App) {
    registered(
        app,
        RegisterCommand::Retire {
            register: Register::ConferenceTool,
            id: tool().into(),
            remark: None,
            expected: None,
        },
    );
}

fn give_up(app: &App, source: &str) {
    let source = Line::parse(source).unwrap();
    let given_up = Command::Sighting(Box::new(SightingCommand::RetireSource { source }));
    app.command_blocking(officer(), given_up, Vec::new())
        .unwrap();
}

/// Reads the resolver's log every other day for forty days, and does what else is to be done on these days.
fn each_other_day(app: &App, time: &Passing, mut on_day: impl FnMut(u64)) {
    for run in 0..=20 {
        if run > 0 {
            time.days(2);
        }
        read(app, 1 + run, &[]);
        on_day(2 * run);
    }
}

/// Since when the finding waits; none where it does not.
fn waits(app: &App) -> Option<Timestamp> {
    let now = app.now();
    let world = app.world();
    let mut open = world.open_sightings(now);
    open.next().map(|(it, _)| it.opened_at)
}

fn why(app: &App) -> Option<NotOurs> {
    let world = app.world();
    let word = world.sightings["zoom"].disowned.as_ref();
    word.map(|it| it.why)
}

/// A house in which Zoom was found, and entered the day after.
fn found_and_entered(place: &tempfile::TempDir, time: &Passing) -> App {
    let app = house(place.path(), time);
    assert_eq!(read(&app, 0, &[app.now()]), ["zoom"]);
    // Open for a reason of its own, it waits.
    assert_eq!(settle_unused(&app).unwrap(), 0);
    assert!(waits(&app).is_some());
    time.days(1);
    enter(&app);
    assert_eq!(waits(&app), None);
    app
}

#[test]
fn a_tool_that_nobody_used_lately_is_retired_and_nothing_waits_until_it_is_used_again() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = found_and_entered(&place, &time);
    let after = read_on(&app, &time, 1, 40);
    retire(&app);
    assert_eq!(waits(&app), Some(app.now()));
    assert_eq!(settle_unused(&app).unwrap(), 1);
    assert_eq!((waits(&app), why(&app)), (None, Some(NotOurs::Unused)));
    time.days(1);
    assert_eq!(settle_unused(&app).unwrap(), 0);
    assert_eq!(read(&app, after, &[app.now()]), ["zoom"]);
    assert_eq!((waits(&app), why(&app)), (Some(app.now()), None));
    assert_eq!(settle_unused(&app).unwrap(), 0);
}

#[test]
fn a_tool_that_was_used_lately_waits_from_when_it_was_retired() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = found_and_entered(&place, &time);
    let after = read_on(&app, &time, 1, 40);
    let used = app.now().before(Span::days(20));
    assert!(read(&app, after, &[used]).is_empty());
    retire(&app);
    let retired = app.now();
    assert_eq!(settle_unused(&app).unwrap(), 0);
    // Nor is it settled once that use lies further back than is looked.
    read_on(&app, &time, after + 1, 20);
    assert_eq!(settle_unused(&app).unwrap(), 0);
    assert_eq!(waits(&app), Some(retired));
}

#[test]
fn what_was_not_read_for_longer_than_logs_are_fresh_is_not_taken_for_unused() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = found_and_entered(&place, &time);
    let after = read_on(&app, &time, 1, 20);
    // Nobody reads the log for five days.
    time.days(3);
    let after = read_on(&app, &time, after, 20);
    retire(&app);
    assert_eq!(settle_unused(&app).unwrap(), 0);
    // It stays so, however long the log is read from then on.
    read_on(&app, &time, after, 20);
    assert_eq!(settle_unused(&app).unwrap(), 0);
    assert!(waits(&app).is_some());
}

#[test]
fn what_was_not_understood_is_not_taken_for_unused() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = found_and_entered(&place, &time);
    let after = read_on(&app, &time, 1, 20);
    time.days(1);
    read_of(&app, ("dns", after), &[], 6);
    read_on(&app, &time, after + 1, 20);
    retire(&app);
    assert_eq!(settle_unused(&app).unwrap(), 0);
    assert!(waits(&app).is_some());
}

#[test]
fn a_source_that_came_or_went_within_the_days_looked_back_could_have_shown_use() {
    // On which days a proxy's log was read first and was given up, and how many findings are settled on the 40th.
    // What was used on the 12th and later counts.
    let table = [
        (12, 60, 1),
        (14, 60, 0),
        (40, 60, 0),
        (14, 16, 0),
        (0, 14, 0),
        (0, 12, 0),
        (0, 10, 1),
    ];
    for (first, given_up, settled) in table {
        let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
        let app = found_and_entered(&place, &time);
        let mut read_of_proxy = 0;
        let on_day = |day: u64| {
            if (first..given_up).contains(&day) {
                read_of(&app, ("proxy", read_of_proxy), &[], 0);
                read_of_proxy += 1;
            }
            if day == given_up {
                give_up(&app, "proxy");
            }
        };
        each_other_day(&app, &time, on_day);
        retire(&app);
        let what = (first, given_up);
        assert_eq!(settle_unused(&app).unwrap(), settled, "{what:?}");
        assert_eq!(waits(&app).is_none(), settled == 1, "{what:?}");
    }
}

#[test]
fn what_logs_are_not_looked_through_for_is_not_taken_for_unused() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = found_and_entered(&place, &time);
    read_on(&app, &time, 1, 40);
    retire(&app);
    let together = ServiceLists::of(&app).unwrap().together().unwrap();
    let zoom = together.service.into_iter().find(|it| it.id == "zoom");
    let mut hidden = zoom.unwrap();
    hidden.domains.clear();
    change_own_services(&app, officer(), &OwnChange::Put(hidden)).unwrap();
    assert_eq!(settle_unused(&app).unwrap(), 0);
    let shown = OwnChange::Remove("zoom".to_owned());
    change_own_services(&app, officer(), &shown).unwrap();
    assert_eq!(settle_unused(&app).unwrap(), 1);
    assert_eq!((waits(&app), why(&app)), (None, Some(NotOurs::Unused)));
}
