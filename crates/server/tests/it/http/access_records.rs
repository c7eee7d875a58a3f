//! What is kept of answers and what of it stands in the ledger: each refusal, and privileged access, by
//! whatever door; and a road follows the clock's trust.

use axum::http::StatusCode;
use sekisho_domain::access::{AccessRecord, Asker};
use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::id::SystemId;
use sekisho_domain::register::{EntryId, Register};
use sekisho_rules::access::LOOKED_BACK;
use sekisho_rules::decide::{Act, Question};
use sekisho_server::access::{outside, read_access};
use sekisho_store::observations::{DecisionsOf, NewDecision, Retention};

use super::gateways::Road;

/// In milliseconds: more than is taken for drift.
const TEN_MINUTES: i64 = 600_000;

/// Stores what was answered, on a thread where that may wait.
async fn keep(road: &Road) {
    let app = road.house().app.clone();
    let kept = tokio::task::spawn_blocking(move || app.keep_decisions());
    kept.await.unwrap().unwrap();
}

/// The answers that were kept, the oldest first.
fn kept(road: &Road) -> Vec<NewDecision> {
    let observations = road.house().app.observations();
    let rows = observations.decisions(DecisionsOf::Anyone, false, 0, 100);
    let rows = rows.unwrap().into_iter().rev();
    rows.map(|row| row.decision).collect()
}

/// What stands in the ledger of it.
fn recorded(road: &Road) -> Vec<AccessRecord> {
    let app = &road.house().app;
    let all: Vec<u64> = (0..app.head().size).collect();
    let records = app.records(&all).unwrap().into_iter();
    records
        .filter_map(|(_, stored)| match stored.event {
            Event::AccessRecorded { access } => Some(access),
            _ => None,
        })
        .collect()
}

fn system(road: &Road) -> SystemId {
    match road.section.entry(Register::System) {
        EntryId::System(system) => system,
        other => panic!("{other} is no system"),
    }
}

/// How many systems the tunnel reaches, as its gateway is told.
async fn reached(road: &Road) -> usize {
    let peers = road.peers(0).await;
    assert_eq!(peers.len(), 1);
    peers[0].reach.len()
}

#[tokio::test]
async fn a_refused_tunnel_stands_in_the_ledger_and_what_stays_is_kept_once() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    // Each table is asked for anew, and everybody is asked about for it.
    for _ in 0..3 {
        assert_eq!(reached(&road).await, 1);
    }
    keep(&road).await;
    let answers = kept(&road);
    let gateway = Asker::Gateway(road.gateway).to_string();
    let told = |it: &NewDecision| (it.allowed, it.times, it.asker.clone());
    let all: Vec<_> = answers.iter().map(told).collect();
    assert_eq!(all, [(true, 1, Some(gateway.clone()))]);
    // An ordinary person who was let through is nobody's record.
    assert!(recorded(&road).is_empty());

    road.check(DeviceCheck::ScreenLock, Outcome::Fail);
    for _ in 0..3 {
        assert_eq!(reached(&road).await, 0);
    }
    road.check(DeviceCheck::ScreenLock, Outcome::Pass);
    assert_eq!(reached(&road).await, 1);
    keep(&road).await;
    let mut all: Vec<_> = kept(&road).iter().map(told).collect();
    all.sort();
    // Opened, closed, and open again: the second yes is another answer at another time.
    let of = |allowed, times| (allowed, times, Some(gateway.clone()));
    assert_eq!(all, [of(false, 1), of(true, 1), of(true, 1)]);
    let records = recorded(&road);
    let [record] = &records[..] else {
        panic!("{records:?}")
    };
    let system = road.section.entry(Register::System);
    assert_eq!(
        (record.person, record.device, record.resource),
        (road.section.staff.0, Some(road.section.issued), system)
    );
    assert_eq!((record.allowed, record.times), (false, 1));
    assert!(!record.rules.is_empty());

    // The page tells of it among refusals.
    let mut browser = road.house().signed_in(road.section.hiso.1);
    let page = browser.get("/access").await;
    assert_eq!(page.status, StatusCode::OK);
    let rule = {
        let book = road.house().app.access().rulebook();
        let rules = book.rules();
        let rule = rules.into_iter().find(|it| it.id == record.rules[0]);
        rule.unwrap().ja.clone()
    };
    assert!(page.text().contains(&rule), "{rule}: {}", page.text());
    // What rules could see is kept with it, so that a what-if puts rules to it as well.
    let app = &road.house().app;
    let answers = app.observations().answers_below(i64::MAX, 0, 10).unwrap();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|it| it.facts.is_some()));
}

/// The person is an administrator of the system from now on.
async fn administers(road: &Road) {
    let section = &road.section;
    let id = section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    let post = Value::Text(section.post(section.staff));
    values.insert("administrator".to_owned(), post);
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    let change = Command::Register(Box::new(change));
    let isso = Actor::person(section.isso.0);
    road.house().app.command(isso, change).await.unwrap();
}

#[tokio::test]
async fn an_administrator_who_comes_by_tunnel_leaves_a_privileged_record() {
    let road = Road::new().await;
    road.opened().await;
    administers(&road).await;
    road.hello().await;
    let _browser = road.tunnel().await;
    assert_eq!(reached(&road).await, 1);
    keep(&road).await;
    let records = recorded(&road);
    let told: Vec<_> = records.iter().map(|it| (it.person, it.allowed)).collect();
    assert_eq!(told, [(road.section.staff.0, true)]);
    // That the road stays open in another hour is nobody's act.
    road.house().pass(3_600_000);
    road.house().app.clock().confirm();
    for _ in 0..2 {
        assert_eq!(reached(&road).await, 1);
    }
    keep(&road).await;
    let times: Vec<u32> = kept(&road).iter().map(|it| it.times).collect();
    assert_eq!(times, [1, 0]);
    assert_eq!(recorded(&road).len(), 1);
}

/// What an enforcement point asks for the person.
fn question(road: &Road) -> Question {
    Question {
        person: Some(road.section.staff.0),
        device: Some(road.section.issued),
        act: Act::Reach {
            system: system(road),
            part: None,
        },
        origin: outside(),
        task: None,
        grade: None,
    }
}

#[tokio::test]
async fn the_same_refusal_is_recorded_once_in_ten_minutes_with_how_often() {
    let road = Road::new().await;
    let app = &road.house().app;
    let ask = || assert!(!app.decide(&question(&road)).is_allowed());
    let times = || -> Vec<u32> { recorded(&road).iter().map(|it| it.times).collect() };
    for _ in 0..3 {
        ask();
    }
    keep(&road).await;
    assert_eq!(times(), [3]);
    road.house().pass(60_000);
    ask();
    ask();
    keep(&road).await;
    assert_eq!(times(), [3]);
    road.house().pass(10 * 60_000);
    keep(&road).await;
    assert_eq!(times(), [3, 2]);
    // Nothing has come since.
    road.house().pass(10 * 60_000);
    keep(&road).await;
    assert_eq!(times(), [3, 2]);
    let records = recorded(&road);
    assert!(records.iter().all(|it| !it.allowed && !it.rules.is_empty()));
    assert!(records[1].first_at <= records[1].last_at);
    assert!(records[0].last_at < records[1].first_at);
}

#[tokio::test]
async fn an_allowed_question_is_a_record_of_administrators_and_of_nobody_else() {
    let road = Road::new().await;
    road.opened().await;
    let app = &road.house().app;
    assert!(app.decide(&question(&road)).is_allowed());
    keep(&road).await;
    assert_eq!(kept(&road).len(), 1);
    assert!(recorded(&road).is_empty());
    administers(&road).await;
    assert!(app.decide(&question(&road)).is_allowed());
    keep(&road).await;
    let records = recorded(&road);
    let told: Vec<_> = records
        .iter()
        .map(|it| (it.allowed, it.times, it.resource))
        .collect();
    assert_eq!(told, [(true, 1, system(&road).into())]);
    // Each answer stays 92 days in the table; what is of record stays in the ledger.
    assert_eq!(kept(&road).len(), 2);
    let days = |days: i64| app.now().as_millis() + days * 86_400_000;
    let observations = app.observations();
    let removed = observations.retain(days(91), Retention::default()).unwrap();
    assert_eq!((removed.decisions, kept(&road).len()), (0, 2));
    observations.retain(days(93), Retention::default()).unwrap();
    assert!(kept(&road).is_empty());
    assert_eq!(recorded(&road).len(), 1);
}

#[tokio::test]
async fn what_a_tunnel_could_reach_is_no_use_and_guards_nothing() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    assert_eq!(reached(&road).await, 1);
    keep(&road).await;
    let system = system(&road);
    let app = &road.house().app;
    let (world, now) = (app.world(), app.now());
    let from = now.before(LOOKED_BACK);
    let evidence = read_access(app.observations(), &world, now).unwrap();
    assert!(evidence.whole_from().is_some_and(|at| at >= from));
    assert_eq!(evidence.askers(system, now).count(), 0);
    assert_eq!(evidence.uses_of(road.section.issued).count(), 0);
}

#[tokio::test]
async fn a_step_of_the_clock_closes_an_open_road_and_wakes_whoever_waits() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    assert_eq!(reached(&road).await, 1);
    let app = &road.house().app;
    let count = || *app.access().follow().borrow();
    app.follow_clock();
    let before = count();
    app.follow_clock();
    assert_eq!(count(), before, "nothing has moved");
    // Ten minutes forward: nothing may pass.
    road.house().set_clock(TEN_MINUTES);
    let before = count();
    app.follow_clock();
    assert!(count() > before, "whoever waits is woken");
    assert_eq!(reached(&road).await, 0);
    keep_refusal_by_clock(&road).await;
    // An operator confirms the time, and the road is open again.
    let before = count();
    let confirm = Command::ConfirmClock { step: TEN_MINUTES };
    app.command(Actor::Operator, confirm).await.unwrap();
    assert!(count() > before, "whoever waits is woken");
    assert_eq!(reached(&road).await, 1);
}

/// The refusal names the clock.
async fn keep_refusal_by_clock(road: &Road) {
    let app = road.house().app.clone();
    // The ledger takes nothing while time is not sure; what was answered is kept all the same.
    let kept_all = tokio::task::spawn_blocking(move || app.keep_decisions().is_ok());
    assert!(!kept_all.await.unwrap());
    let answers = kept(road);
    let refused = answers.iter().find(|it| !it.allowed).unwrap();
    let rules: Vec<String> = serde_json::from_str(&refused.rules).unwrap();
    let book = road.house().app.access().rulebook();
    let all = book.rules();
    let lacks = all.into_iter().filter(|it| rules.contains(&it.id));
    let lacks: Vec<String> = lacks
        .filter_map(|it| it.lack.map(|lack| lack.to_string()))
        .collect();
    assert!(lacks.contains(&"clock".to_owned()), "{rules:?}");
}
