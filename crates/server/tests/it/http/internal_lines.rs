//! Devices at internal lines: who is let on, set apart and refused, and when a connection is to end.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use sekisho_domain::admission::AdmissionOutcome as Outcome;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome as Found};
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::device::DeviceState;
use sekisho_domain::field::Value;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_server::access::inside::{Answered, Place, Presented, SwitchSecrets};
use sekisho_server::identity::ca::key_identifier;
use sekisho_server::keeper::Keeper;

use super::agents::key;
use super::ended_lines::{acknowledge, around, outcomes};
use super::permit_section::{Section, went};

pub(super) const SECRET: &str = "a secret of the switch";
/// An address of loopback that nothing else listens on.
pub(super) const SWITCH: Ipv4Addr = Ipv4Addr::new(127, 0, 80, 21);

pub(super) struct Floor {
    pub(super) section: Section,
}

impl Floor {
    pub(super) async fn new() -> Self {
        Self::at(&format!("{SWITCH}/32")).await
    }

    /// With a line at whose switches stand these.
    pub(super) async fn at(switches: &str) -> Self {
        let section = Section::new().await;
        let id = section.entry(Register::Line);
        let mut values = {
            let world = section.house.app.world();
            world.registers.entry(id).unwrap().particulars.values()
        };
        let switches = Value::Many(vec![switches.to_owned()]);
        values.insert("switches".to_owned(), switches);
        values.insert("vlan".to_owned(), Value::Number(120));
        values.insert("quarantine_vlan".to_owned(), Value::Number(900));
        let change = RegisterCommand::Change {
            id,
            unit: None,
            particulars: Register::Line.read(&values).unwrap(),
            remark: None,
            expected: None,
        };
        let actor = sekisho_domain::actor::Actor::person(section.isso.0);
        let command = Command::Register(Box::new(change));
        section.house.app.command(actor, command).await.unwrap();
        Self { section }
    }

    pub(super) fn ask(&self, seed: u8, switch: Ipv4Addr) -> Answered {
        self.ask_at(seed, switch, ("7", "5F0A"))
    }

    /// At a port of a switch, which calls the connection so.
    pub(super) fn ask_at(
        &self,
        seed: u8,
        switch: Ipv4Addr,
        (port, session): (&str, &str),
    ) -> Answered {
        let presented = Presented {
            key_identifier: Some(key_identifier(&key(seed).1)),
            place: Place {
                switch,
                port: Some(port.to_owned()),
                station: Some(format!("02-00-00-00-00-0{seed}")),
                session: Some(session.to_owned()),
            },
        };
        self.section.house.app.ask_to_join(&presented).unwrap()
    }

    pub(super) fn pass_all(&self, outcome: Found) {
        let app = &self.section.house.app;
        let now = app.now();
        for check in DeviceCheck::ALL {
            let result = CheckResult {
                outcome,
                reason: Reason::new("check.never"),
                observed_at: now,
                received_at: now,
                fresh_until: now.after(Span::days(60)),
            };
            app.update_posture(|posture| posture.set(self.section.issued, check, &result, 1));
        }
    }

    pub(super) async fn permit(&self) -> String {
        self.given(PermitKind::Reconnection).await
    }

    /// A permit of a kind in force, at its beginning.
    pub(super) async fn given(&self, kind: PermitKind) -> String {
        let section = &self.section;
        let path = section.applied(kind).await;
        let decider = section.decider(kind);
        went(&section.decided(&path, decider, "approve", "").await);
        went(&section.done(&path, section.staff, "activate", &[]).await);
        let begins = section.permit(&path).grant().unwrap().term.from;
        let app = &section.house.app;
        let wait = begins.as_millis() - app.now().as_millis() + 1;
        section.house.pass(wait);
        app.clock().confirm();
        path
    }
}

pub(super) fn lacks(answered: &Answered) -> Vec<&str> {
    answered.missing.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn unknown_devices_and_switches_are_refused_and_known_ones_wait_in_quarantine() {
    let floor = Floor::new().await;
    let elsewhere = floor.ask(1, Ipv4Addr::new(127, 0, 80, 22));
    assert_eq!(elsewhere.outcome, Outcome::Refused);
    assert_eq!(lacks(&elsewhere), ["switch.unknown"]);
    let stranger = floor.ask(9, SWITCH);
    assert_eq!(stranger.outcome, Outcome::Refused);
    assert_eq!(lacks(&stranger), ["device.unknown"]);
    // Nobody knows where it was: it is inspected and permitted first.
    let waits = floor.ask(1, SWITCH);
    assert_eq!(
        (waits.outcome, waits.vlan),
        (Outcome::Quarantined, Some(900))
    );
    let missing = lacks(&waits);
    assert!(missing.contains(&"permit.pr"), "{missing:?}");
    assert!(missing.contains(&"posture.inspection"), "{missing:?}");
    // All of it is on the record, in the ledger as well.
    let app = &floor.section.house.app;
    let keeper = app.clone();
    let kept = tokio::task::spawn_blocking(move || keeper.keep_admissions());
    kept.await.unwrap().unwrap();
    let kept = app.admissions(None, false, around(app), 10).unwrap();
    assert_eq!(
        outcomes(&floor),
        [Outcome::Quarantined, Outcome::Refused, Outcome::Refused]
    );
    assert!(kept[0].came_back && kept[0].missing.contains(&"permit.pr".to_owned()));
    let back = app.admissions(Some(floor.section.issued), true, around(app), 10);
    assert_eq!(back.unwrap().len(), 1);
}

#[tokio::test]
async fn inspected_and_permitted_it_is_let_on_and_off_again_when_either_ends() {
    let floor = Floor::new().await;
    let app = floor.section.house.app.clone();
    assert_eq!(floor.ask(1, SWITCH).outcome, Outcome::Quarantined);
    let path = floor.permit().await;
    assert_eq!(lacks(&floor.ask(1, SWITCH)), ["posture.inspection"]);
    floor.pass_all(Found::Pass);
    let joined = floor.ask(1, SWITCH);
    assert_eq!(lacks(&joined), Vec::<&str>::new());
    assert_eq!(
        (joined.outcome, joined.vlan),
        (Outcome::Admitted, Some(120))
    );
    assert_eq!(joined.permit, Some(floor.section.permit(&path).id));

    let switch = UdpSocket::bind((SWITCH, 3799)).unwrap();
    switch
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let secrets = SwitchSecrets::parse(&format!("{SWITCH}/32 {SECRET}")).unwrap();
    app.access().inside().put_secrets(secrets);
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    floor.pass_all(Found::Fail);
    let ended = tokio::task::spawn_blocking(move || acknowledge(&switch));
    ended.await.unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while !app.access().inside().connections().is_empty() {
        assert!(Instant::now() < until, "the connection still stands");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    keeper.stop();
    // What let it in is used up: the same permit does not let it in uninspected.
    let again = floor.ask(1, SWITCH);
    assert_eq!(again.outcome, Outcome::Quarantined);
    assert_eq!(lacks(&again), ["posture.inspection"]);
    let retire = Command::ChangeDevice {
        device: floor.section.issued,
        state: DeviceState::Retired,
        reason: Reason::new("device.by-officer").with("why", "lost"),
    };
    let officer = sekisho_domain::actor::Actor::person(floor.section.isso.0);
    app.command(officer, retire).await.unwrap();
    let gone = floor.ask(1, SWITCH);
    assert_eq!(gone.outcome, Outcome::Refused);
    assert_eq!(lacks(&gone), ["device.retired"]);
}

#[tokio::test]
async fn switches_that_do_not_answer_hold_up_no_cut_at_another() {
    const DEAD: u8 = 30;
    // Each is asked three times, 0.7 s apart: one after the other they would take longer than this.
    const LONGEST: Duration = Duration::from_secs(50);
    let floor = Floor::at("127.0.81.0/24").await;
    let app = floor.section.house.app.clone();
    let live = Ipv4Addr::new(127, 0, 81, 200);
    let all: Vec<Ipv4Addr> = (1..=DEAD).map(|n| Ipv4Addr::new(127, 0, 81, n)).collect();
    // They are there and say nothing.
    let dead = all
        .iter()
        .map(|switch| UdpSocket::bind((*switch, 3799)).unwrap());
    let _dead: Vec<UdpSocket> = dead.collect();
    let switch = UdpSocket::bind((live, 3799)).unwrap();
    switch.set_read_timeout(Some(LONGEST)).unwrap();
    for switch in all.iter().copied().chain([live]) {
        assert_eq!(floor.ask(1, switch).outcome, Outcome::Quarantined);
    }
    let secrets = SwitchSecrets::parse(&format!("127.0.81.0/24 {SECRET}")).unwrap();
    app.access().inside().put_secrets(secrets);
    floor.permit().await;
    // It may join now, and has to ask again everywhere for that.
    floor.pass_all(Found::Pass);
    let began = Instant::now();
    let keeper = Keeper::of_lines(app.clone()).unwrap();
    let ended = tokio::task::spawn_blocking(move || acknowledge(&switch));
    ended.await.unwrap();
    loop {
        let kept = outcomes(&floor);
        let is = |outcome| kept.iter().filter(|it| **it == outcome).count();
        if is(Outcome::Stuck) >= usize::from(DEAD) && is(Outcome::Disconnected) == 1 {
            break;
        }
        assert!(began.elapsed() < LONGEST, "{kept:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    keeper.stop();
    let standing = app.access().inside().connections();
    assert!(standing.iter().all(|it| it.place.switch != live));
    assert_eq!(standing.len(), usize::from(DEAD));
}

/// What the page of the device says about internal lines, in a language, to the officer of the line.
pub(super) async fn section(floor: &Floor, lang: &str) -> String {
    let section = &floor.section;
    let mut browser = section.house.signed_in(section.isso.1);
    browser.get(&format!("/language/{lang}")).await;
    let page = browser.get(&format!("/devices/{}", section.issued)).await;
    let text = page.text().clone();
    let inside = text.split("id=\"inside\"").nth(1).expect("a section");
    inside.split("</section>").next().unwrap().to_owned()
}

/// The row of a check in the list.
fn row<'a>(section: &'a str, name: &str) -> &'a str {
    let rows = section.split("<tr").filter(|row| row.contains("</th>"));
    let mut rows = rows.filter(|row| row.contains(name));
    rows.next()
        .unwrap_or_else(|| panic!("no {name}: {section}"))
}

#[tokio::test]
async fn a_devices_page_says_why_it_waits_and_shows_the_whole_inspection() {
    let floor = Floor::new().await;
    let before = section(&floor, "ja").await;
    assert!(before.contains("接続を求めたことがない"), "{before}");
    floor.pass_all(Found::Pass);
    floor.section.house.pass(60_000);
    floor.section.house.app.clock().confirm();
    floor.ask(1, SWITCH);
    for (lang, words) in [
        (
            "ja",
            [
                "検疫中",
                "点検（安全管理措置）が済んでいない",
                "課室情報セキュリティ責任者の許可がない",
            ],
        ),
        (
            "en",
            [
                "In quarantine",
                "has not passed",
                "no permission of the section",
            ],
        ),
    ] {
        let said = section(&floor, lang).await;
        for words in words {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(said.contains("127.0.80.21"), "{said}");
    }
    let ja = section(&floor, "ja").await;
    // What passed before it came back counts for nothing, and says so check by check.
    for check in [
        "セキュリティ更新の適用",
        "既知の脆弱性への対応",
        "利用禁止ソフトウェア",
        "外部記憶装置の接続",
    ] {
        let row = row(&ja, check);
        assert!(row.contains("badge--unknown"), "{row}");
        assert!(
            row.contains("持ち帰った後の点検の結果がまだありません"),
            "{row}"
        );
    }
    // What is no check yet carries no result, not even an unknown one.
    let later = row(&ja, "攻撃を受けた痕跡の調査");
    assert!(later.contains("まだ点検項目に含まれていません"), "{later}");
    assert!(!later.contains("badge"), "{later}");
    let en = section(&floor, "en").await;
    let later = row(&en, "Scan for traces of an attack");
    assert!(later.contains("Not yet part of the list"), "{later}");
    floor.pass_all(Found::Pass);
    let ja = section(&floor, "ja").await;
    assert!(
        row(&ja, "セキュリティ更新の適用").contains("badge--met"),
        "{ja}"
    );
    assert!(!ja.contains("済んでいない"), "{ja}");
    assert!(ja.contains("許可がない"), "{ja}");
}

#[tokio::test]
async fn a_device_that_no_line_asks_about_has_no_such_section() {
    let section = Section::new().await;
    let mut browser = section.house.signed_in(section.isso.1);
    let page = browser.get(&format!("/devices/{}", section.issued)).await;
    assert!(!page.text().contains("id=\"inside\""));
}

#[tokio::test]
async fn a_connection_is_stored_before_the_port_opens() {
    let floor = Floor::new().await;
    floor.ask(1, SWITCH);
    let stored = floor.section.house.app.observations().line_sessions();
    let stored = stored.unwrap();
    assert_eq!(stored.len(), 1);
    assert!(stored[0].1.contains("quarantined"), "{stored:?}");
}
