//! Connections that a switch is asked to end (RFC 5176): what it answers, what it tells meanwhile, and what is kept of it.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::check::Outcome as Found;
use sekisho_domain::time::Span;
use sekisho_server::access::inside::{Gone, Period, Place, SwitchSecrets};
use sekisho_server::app::App;
use sekisho_server::keeper::Keeper;

use super::internal_lines::{Floor, SECRET};

/// What a switch does with a request to disconnect: it ends the connection and says so.
pub(super) fn acknowledge(switch: &UdpSocket) {
    let asked = request(switch);
    answer(switch, &asked, 41);
}

/// The next request to disconnect: its head, and from where it came.
fn request(switch: &UdpSocket) -> ([u8; 20], SocketAddr) {
    let mut bytes = [0; 4096];
    let (length, from) = switch.recv_from(&mut bytes).unwrap();
    assert_eq!(bytes[0], 40);
    assert!(length > 20);
    (bytes[..20].try_into().unwrap(), from)
}

/// Answers that the connection is ended (41), or that it is not (42).
fn answer(switch: &UdpSocket, (head, from): &([u8; 20], SocketAddr), code: u8) {
    let mut answer = vec![code, head[1], 0, 20];
    let mut md5 = Md5::new();
    md5.update(&answer);
    md5.update(&head[4..20]);
    md5.update(SECRET.as_bytes());
    answer.extend(md5.finalize());
    switch.send_to(&answer, from).unwrap();
}

/// A switch that waits for requests; this server knows its secret.
pub(super) fn switch_at(floor: &Floor, address: Ipv4Addr) -> UdpSocket {
    let switch = UdpSocket::bind((address, 3799)).unwrap();
    switch
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let secrets = SwitchSecrets::parse(&format!("{address}/32 {SECRET}")).unwrap();
    let app = &floor.section.house.app;
    app.access().inside().put_secrets(secrets);
    switch
}

/// Waits until something was kept of what became of devices.
pub(super) async fn kept(floor: &Floor, enough: impl Fn(&[Outcome]) -> bool) {
    let until = Instant::now() + Duration::from_secs(50);
    loop {
        let outcomes = outcomes(floor);
        if enough(&outcomes) {
            return;
        }
        assert!(Instant::now() < until, "{outcomes:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A day to each side of now.
pub(super) fn around(app: &App) -> Period {
    let now = app.now();
    Period {
        from: now.before(Span::days(1)),
        until: now.after(Span::days(1)),
    }
}

/// What became of devices, the newest first, as their page and the record have it.
pub(super) fn outcomes(floor: &Floor) -> Vec<Outcome> {
    let app = &floor.section.house.app;
    let kept = app.admissions(None, false, around(app), 200).unwrap();
    kept.iter().map(|it| it.outcome).collect()
}

/// A switch that is asked to end a connection, and tells of its end before it answers (accounting).
struct ToldFirst {
    floor: Floor,
    keeper: Keeper,
    switch: UdpSocket,
    asked: ([u8; 20], SocketAddr),
    place: Place,
}

impl ToldFirst {
    async fn at(address: Ipv4Addr) -> Self {
        let floor = Floor::at(&format!("{address}/32")).await;
        let app = floor.section.house.app.clone();
        floor.permit().await;
        // It is set apart uninspected, and has to ask again once it may join.
        assert_eq!(floor.ask(1, address).outcome, Outcome::Quarantined);
        floor.pass_all(Found::Pass);
        let switch = switch_at(&floor, address);
        let keeper = Keeper::of_lines(app.clone()).unwrap();
        let told = tokio::task::spawn_blocking(move || (request(&switch), switch));
        let (asked, switch) = told.await.unwrap();
        let place = app.access().inside().connections().remove(0).place;
        // What is told in between is told later than it was asked.
        floor.section.house.pass(500);
        app.note_gone(&Gone {
            place: place.clone(),
            lasted: None,
        });
        assert!(app.access().inside().connections().is_empty());
        Self {
            floor,
            keeper,
            switch,
            asked,
            place,
        }
    }

    /// What became of it since it was set apart, the newest first, once the switch has answered or kept silent.
    async fn answers(self, code: Option<u8>) -> Vec<Outcome> {
        if let Some(code) = code {
            answer(&self.switch, &self.asked, code);
        }
        // It waits until the switch's answer has come or was waited for, and stores what came of it.
        let keeper = self.keeper;
        let stopped = tokio::task::spawn_blocking(move || keeper.stop());
        stopped.await.unwrap();
        let mut outcomes = outcomes(&self.floor);
        assert_eq!(outcomes.pop(), Some(Outcome::Quarantined));
        outcomes
    }
}

#[tokio::test]
async fn a_connection_of_whose_end_the_switch_tells_before_it_answers_was_ended_and_did_not_leave()
{
    let told = ToldFirst::at(Ipv4Addr::new(127, 0, 80, 25)).await;
    assert_eq!(told.answers(Some(41)).await, [Outcome::Disconnected]);
}

#[tokio::test]
async fn a_connection_that_ended_when_the_switch_was_asked_was_ended_though_its_answer_is_lost() {
    let told = ToldFirst::at(Ipv4Addr::new(127, 0, 80, 27)).await;
    assert_eq!(told.answers(None).await, [Outcome::Disconnected]);
}

#[tokio::test]
async fn a_connection_that_a_switch_does_not_end_since_it_is_over_left_and_is_not_stuck() {
    let told = ToldFirst::at(Ipv4Addr::new(127, 0, 80, 26)).await;
    assert_eq!(told.answers(Some(42)).await, [Outcome::Left]);
}

#[tokio::test]
async fn a_connection_that_goes_on_after_its_end_was_told_is_stuck_where_the_switch_does_not_end_it()
 {
    let told = ToldFirst::at(Ipv4Addr::new(127, 0, 80, 28)).await;
    let app = told.floor.section.house.app.clone();
    let anew = Place {
        session: Some("5F0B".to_owned()),
        ..told.place.clone()
    };
    app.note_session(&anew).unwrap();
    assert_eq!(told.answers(Some(42)).await, [Outcome::Stuck]);
    assert_eq!(app.access().inside().connections().len(), 1);
}

#[tokio::test]
async fn a_connection_that_a_switch_declines_to_end_keeps_no_other_one_there() {
    let address = Ipv4Addr::new(127, 0, 80, 22);
    let floor = Floor::at(&format!("{address}/32")).await;
    let app = floor.section.house.app.clone();
    for port in ["7", "8"] {
        let asked = floor.ask_at(1, address, (port, "5F0A"));
        assert_eq!(asked.outcome, Outcome::Quarantined);
    }
    floor.permit().await;
    // It may join now, and has to ask again at both for that.
    floor.pass_all(Found::Pass);
    let switch = switch_at(&floor, address);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let told = tokio::task::spawn_blocking(move || {
        let first = request(&switch);
        answer(&switch, &first, 42);
        acknowledge(&switch);
        switch
    });
    let _switch = told.await.unwrap();
    let is = |all: &[Outcome], outcome| all.iter().filter(|it| **it == outcome).count();
    kept(&floor, |all| {
        is(all, Outcome::Stuck) == 1 && is(all, Outcome::Disconnected) == 1
    })
    .await;
    keeper.stop();
    assert_eq!(app.access().inside().connections().len(), 1);
}

#[tokio::test]
async fn a_connection_that_a_switch_is_silent_about_keeps_no_later_one_there() {
    let address = Ipv4Addr::new(127, 0, 80, 24);
    let floor = Floor::at(&format!("{address}/32")).await;
    let app = floor.section.house.app.clone();
    for port in ["7", "8"] {
        let asked = floor.ask_at(1, address, (port, "5F0A"));
        assert_eq!(asked.outcome, Outcome::Quarantined);
    }
    floor.permit().await;
    floor.pass_all(Found::Pass);
    let switch = switch_at(&floor, address);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let told = tokio::task::spawn_blocking(move || {
        // It says nothing about the first one, however often it is asked.
        let first = request(&switch);
        loop {
            let asked = request(&switch);
            if asked.0 != first.0 {
                answer(&switch, &asked, 41);
                return switch;
            }
        }
    });
    let _switch = told.await.unwrap();
    let is = |all: &[Outcome], outcome| all.iter().filter(|it| **it == outcome).count();
    kept(&floor, |all| {
        is(all, Outcome::Stuck) == 1 && is(all, Outcome::Disconnected) == 1
    })
    .await;
    keeper.stop();
    assert_eq!(app.access().inside().connections().len(), 1);
}

#[tokio::test]
async fn what_lets_a_device_in_anew_is_not_taken_back_with_the_connection_before() {
    let address = Ipv4Addr::new(127, 0, 80, 23);
    let floor = Floor::at(&format!("{address}/32")).await;
    let app = floor.section.house.app.clone();
    floor.ask(1, address);
    floor.permit().await;
    floor.pass_all(Found::Pass);
    assert_eq!(floor.ask(1, address).outcome, Outcome::Admitted);
    let rests = || {
        let all = app.observations().whereabouts().unwrap();
        let device = floor.section.issued.to_string();
        let (_, stored) = all.into_iter().find(|(it, _)| *it == device).unwrap();
        let read: serde_json::Value = serde_json::from_str(&stored).unwrap();
        !read["rests_on"].is_null()
    };
    assert!(rests());
    let switch = switch_at(&floor, address);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    floor.pass_all(Found::Fail);
    let told = tokio::task::spawn_blocking(move || (request(&switch), switch));
    let (asked, switch) = told.await.unwrap();
    // Before the switch has answered it is in order, and let in anew.
    floor.section.house.pass(1_000);
    floor.pass_all(Found::Pass);
    let anew = floor.ask_at(1, address, ("7", "5F0B"));
    assert_eq!(anew.outcome, Outcome::Admitted, "{anew:?}");
    answer(&switch, &asked, 41);
    kept(&floor, |all| {
        let ended = [Outcome::Disconnected, Outcome::Stuck];
        all.iter().any(|it| ended.contains(it))
    })
    .await;
    keeper.stop();
    assert!(rests());
    let standing = app.access().inside().connections();
    let sessions: Vec<_> = standing
        .iter()
        .map(|it| it.place.session.as_deref())
        .collect();
    assert_eq!(sessions, [Some("5F0B")]);
}
