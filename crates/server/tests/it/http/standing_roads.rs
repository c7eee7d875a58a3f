//! Roads and connections that stand: what is kept of them hour by hour, so that rules can be put to it; and what the
//! last turn writes.

use std::time::{Duration, Instant};

use sekisho_domain::access::Asker;
use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::event::Event;
use sekisho_domain::register::{EntryId, Register};
use sekisho_rules::decide::{Act, EXAMPLE, Question, read_own_rules};
use sekisho_server::access::outside;
use sekisho_server::access::what_if::what_if;
use sekisho_server::app::App;
use sekisho_server::keeper::Keeper;
use sekisho_store::observations::{DecisionsOf, NewDecision};

use super::gateways::Road;
use super::internal_lines::{Floor, SWITCH};

/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// Stores what was answered, on a thread where that may wait.
async fn keep(app: &App) {
    let app = app.clone();
    let kept = tokio::task::spawn_blocking(move || app.keep_decisions());
    kept.await.unwrap().unwrap();
}

/// The answers that were kept, the oldest first.
fn kept(app: &App) -> Vec<NewDecision> {
    let rows = app
        .observations()
        .decisions(DecisionsOf::Anyone, false, 0, 100);
    let rows = rows.unwrap().into_iter().rev();
    rows.map(|row| row.decision).collect()
}

/// An hour goes by while the gateway is at work and the tunnel stays open.
async fn an_hour_passes(road: &Road) {
    road.house().pass(HOUR);
    road.house().app.clock().confirm();
    for _ in 0..2 {
        let peers = road.peers(0).await;
        assert_eq!((peers.len(), peers[0].reach.len()), (1, 1));
    }
}

#[tokio::test]
async fn a_what_if_finds_a_tunnel_that_stands_into_the_hours_of_a_rule() {
    let road = Road::new().await;
    // At midnight, as the permit begins.
    road.opened().await;
    let app = road.house().app.clone();
    road.house().pass(18 * HOUR);
    app.clock().confirm();
    road.hello().await;
    let _browser = road.tunnel().await;
    assert_eq!(road.peers(0).await[0].reach.len(), 1);
    let opened = app.now().jst();
    assert_eq!(opened.hour(), 18);
    for _ in 0..5 {
        an_hour_passes(&road).await;
    }
    assert_eq!(app.now().jst().hour(), 23);
    keep(&app).await;
    // One when it was opened, and one in each hour in which it stands, which nobody has asked for.
    let times: Vec<u32> = kept(&app).iter().map(|it| it.times).collect();
    assert_eq!(times, [1, 0, 0, 0, 0, 0]);
    assert_eq!(app.access().log().counts().allowed, 1);
    let book = read_own_rules(EXAMPLE).unwrap().book;
    let found = what_if(&app, &book, 1, &mut |_, _| ()).unwrap().unwrap();
    let report = found.report();
    assert_eq!((report.answers, report.replayed), (6, 6));
    // At 22:00 and at 23:00.
    assert_eq!((report.refused.answers, report.refused.people), (2, 1));
    assert_eq!(report.refused.rules[0].id, "own.no-nights");
}

/// The table told the end of the evidence alone: a gateway whose server was gone would have left the road open at night.
#[tokio::test]
async fn a_table_ends_the_road_where_a_rule_begins_to_forbid_it_and_else_beyond_every_lease() {
    let road = Road::new().await;
    // At midnight, as the permit begins.
    road.opened().await;
    let app = road.house().app.clone();
    road.house().pass(18 * HOUR);
    app.clock().confirm();
    app.put_rules_in_force(Some(EXAMPLE.as_bytes()));
    road.hello().await;
    let _browser = road.tunnel().await;
    for (hour, ends) in [(18, 20), (19, 21), (20, 22), (21, 22)] {
        assert_eq!(app.now().jst().hour(), hour);
        let peers = road.peers(0).await;
        let told = peers[0].reach[0].ends_at.unwrap().jst();
        assert_eq!((told.hour(), told.minute()), (ends, 0), "{hour}");
        road.house().pass(HOUR);
        app.clock().confirm();
    }
    // One wakes the gateway, which was silent.
    road.peers(0).await;
    assert_eq!(road.peers(0).await[0].reach.len(), 0);
}

#[tokio::test]
async fn a_connection_that_stands_is_kept_once_in_another_hour() {
    let floor = Floor::new().await;
    let app = floor.section.house.app.clone();
    // It came back, and is inspected after that.
    assert_eq!(floor.ask(1, SWITCH).outcome, AdmissionOutcome::Quarantined);
    floor.permit().await;
    floor.pass_all(sekisho_domain::check::Outcome::Pass);
    assert_eq!(floor.ask(1, SWITCH).outcome, AdmissionOutcome::Admitted);
    keep(&app).await;
    floor.section.house.pass(HOUR);
    app.clock().confirm();
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let standing = || {
        let all = kept(&app).into_iter();
        let of_lines = all.filter(|it| {
            let asker = it.asker.as_ref().and_then(|it| it.parse().ok());
            matches!(asker, Some(Asker::Line(_))) && it.allowed && it.times == 0
        });
        of_lines.count()
    };
    let until = Instant::now() + Duration::from_secs(50);
    while standing() == 0 {
        assert!(Instant::now() < until, "{:?}", kept(&app));
        app.access().touch();
        tokio::time::sleep(Duration::from_millis(50)).await;
        keep(&app).await;
    }
    // Looked at again in the same hour it says nothing new.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        app.access().touch();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::task::spawn_blocking(move || keeper.stop())
        .await
        .unwrap();
    keep(&app).await;
    assert_eq!(standing(), 1);
    assert_eq!(app.access().inside().connections().len(), 1);
}

/// How often access was refused, of each record of the ledger.
fn refusals(app: &App) -> Vec<u32> {
    let all: Vec<u64> = (0..app.head().size).collect();
    let records = app.records(&all).unwrap().into_iter();
    records
        .filter_map(|(_, stored)| match stored.event {
            Event::AccessRecorded { access } => Some(access.times),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn refusals_that_wait_for_the_ledger_are_written_before_the_end() {
    let road = Road::new().await;
    let app = road.house().app.clone();
    let EntryId::System(system) = road.section.entry(Register::System) else {
        panic!("no system");
    };
    let question = Question {
        person: Some(road.section.staff.0),
        device: Some(road.section.issued),
        act: Act::Reach { system, part: None },
        origin: outside(),
        task: None,
        grade: None,
    };
    assert!(!app.decide(&question).is_allowed());
    keep(&app).await;
    road.house().pass(60_000);
    for _ in 0..2 {
        assert!(!app.decide(&question).is_allowed());
    }
    keep(&app).await;
    // The same goes there once in ten minutes.
    assert_eq!(refusals(&app), [1]);
    let keeper = Keeper::of_decisions(app.clone()).unwrap();
    tokio::task::spawn_blocking(move || keeper.stop())
        .await
        .unwrap();
    assert_eq!(refusals(&app), [1, 2]);
}

#[tokio::test]
async fn what_became_of_devices_at_lines_is_written_before_the_end() {
    let floor = Floor::new().await;
    let app = floor.section.house.app.clone();
    let times = || -> Vec<u32> {
        let all: Vec<u64> = (0..app.head().size).collect();
        let records = app.records(&all).unwrap().into_iter();
        let of_lines = records.filter_map(|(_, stored)| match stored.event {
            Event::AdmissionRecorded { admission } => Some(admission.times),
            _ => None,
        });
        of_lines.collect()
    };
    let ask = || assert_eq!(floor.ask(9, SWITCH).outcome, AdmissionOutcome::Refused);
    let keep = || {
        let app = app.clone();
        tokio::task::spawn_blocking(move || app.keep_admissions())
    };
    ask();
    keep().await.unwrap().unwrap();
    floor.section.house.pass(60_000);
    for _ in 0..2 {
        ask();
    }
    keep().await.unwrap().unwrap();
    assert_eq!(times(), [1]);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    tokio::task::spawn_blocking(move || keeper.stop())
        .await
        .unwrap();
    assert_eq!(times(), [1, 2]);
}
