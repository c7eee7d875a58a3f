//! Sources of logs: how far each counts as read, and how one that fell silent is given up.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::name::Line;
use sekisho_protocol::service_use::ServiceRun;
use sekisho_rules::access::Logs;
use sekisho_server::app::App;
use sekisho_server::service_use::take;

use crate::assessor::{Passing, house};
use crate::compared::{OFFICER, person};

/// Takes a run in of so many lines, of which so many were skipped.
fn read(app: &App, source: &str, after: u64, (lines, skipped): (u64, u64)) {
    let run = ServiceRun {
        after,
        marks: String::new(),
        through: Some(app.now()),
        lines,
        matched: 0,
        skipped,
        services: Vec::new(),
        uses: Vec::new(),
    };
    take(app, &Line::parse(source).unwrap(), &run).unwrap();
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
