//! Rows that rest on what enforcement points saw: each passes, fails, is unknown and grows stale.

mod askers;
mod handled;
mod joining;
mod roads;
mod unknown;

use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{DeviceId, GatewayId, LineId, PostId, SystemId};
use sekisho_domain::permit::particulars::{Byod, Connection, OffSite, RemoteAccess};
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::{Door, GatewaySeen, Use};
use sekisho_rules::decide::{Act, Origin, Question};

use crate::fixture::{NOW, Scene, fresh, row};
use crate::permits::person;
use crate::registers::enter;

pub const HANDLED: &str = "US-8.1.1-3-h-ア";
pub const HANDLED_BYOD: &str = "US-8.1.1-3-h-イ";
pub const PATH: &str = "US-7.3.1-4-a-経路";
pub const DESTINATION: &str = "US-7.3.1-4-a-先";
pub const JOINED: &str = "US-8.1.1-3-c";
pub const SAFE: &str = "US-8.1.1-3-i";
pub const AGAIN: &str = "US-8.1.1-3-j";
pub const LINES: &str = "GOV-3-3-a";
pub const SYSTEMS: &str = "GOV-3-3-b";

pub const ALL: [&str; 9] = [
    HANDLED,
    HANDLED_BYOD,
    PATH,
    DESTINATION,
    JOINED,
    SAFE,
    AGAIN,
    LINES,
    SYSTEMS,
];

pub fn hours(n: u32) -> Timestamp {
    NOW.before(Span::hours(n))
}

fn text(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

pub fn system_id() -> SystemId {
    SystemId::new(fresh(20, 1))
}

pub fn line_id() -> LineId {
    LineId::new(fresh(21, 1))
}

pub fn gateway_id() -> GatewayId {
    GatewayId::new(fresh(22, 1))
}

fn officer() -> Value {
    text(PostId::new(fresh(4, 900)))
}

/// A system on the internal line, entered long before anything else happened.
pub fn system(scene: &mut Scene, grade: &str, remote: bool) {
    let event = sekisho_domain::event::Event::RegisterEntered {
        id: system_id().into(),
        unit: None,
        particulars: a_system(grade, remote),
        remark: None,
    };
    scene.apply_at(event, NOW.before(Span::days(80)));
}

/// What the register says of the system.
pub fn a_system(grade: &str, remote: bool) -> sekisho_domain::register::Particulars {
    let fields = [
        ("name", text("文書管理システム")),
        ("officer", officer()),
        ("highest", text(grade)),
        ("host", text("own_premises")),
        ("remote", Value::Flag(remote)),
        ("lines", Value::Many(vec![line_id().to_string()])),
        ("address", text("192.0.2.10")),
        ("ports", Value::Many(vec!["443/tcp".to_owned()])),
        ("asking_proxies", text("forward_auth")),
    ];
    let fields = fields.into_iter();
    let values: Values = fields.map(|(code, it)| (code.to_owned(), it)).collect();
    Register::System.read(&values).unwrap()
}

/// The proxy before the system, as its entry names it.
pub const PROXY: Option<Asker> = Some(Asker::Proxy(ProxyDoor::ForwardAuth));

/// The proxy before the system asked.
pub fn asked(scene: &mut Scene, at: Timestamp) {
    scene.access.asked(system_id(), PROXY, at);
}

pub fn line(scene: &mut Scene, n: u32, kind: &str, encrypted: bool) -> LineId {
    let id = LineId::new(fresh(21, n));
    let fields = [
        ("name", text(format!("回線{n}"))),
        ("kind", text(kind)),
        ("encrypted", Value::Flag(encrypted)),
        ("officer", officer()),
    ];
    enter(scene, Register::Line, id, &fields);
    id
}

/// A gateway to the internal line on a device.
pub fn gateway(scene: &mut Scene, device: Option<DeviceId>) {
    let mut fields = vec![
        ("name", text("第一ゲートウェイ")),
        ("line", text(line_id())),
        ("officer", officer()),
        ("endpoint", text("gate.example.jp:51820")),
        ("network", text("10.99.0.0/24")),
    ];
    if let Some(device) = device {
        fields.push(("device", text(device)));
    }
    enter(scene, Register::Gateway, gateway_id(), &fields);
}

pub fn heard(scene: &mut Scene, at: Timestamp, failing: bool) {
    let seen = GatewaySeen {
        heard_at: Some(at),
        reported_at: Some(at),
        failing,
        listed: true,
        forwards_others: Some(false),
    };
    scene.access.see_gateway(gateway_id(), seen);
}

fn reach(device: DeviceId, place: Place) -> Question {
    Question {
        person: Some(person()),
        device: Some(device),
        act: Act::Reach {
            system: system_id(),
            part: None,
        },
        origin: Origin { place, line: None },
        task: None,
        grade: None,
    }
}

/// The decision point was asked by the proxy and allowed a use from outside.
pub fn allowed(scene: &mut Scene, device: DeviceId, at: Timestamp) {
    asked(scene, at);
    used(
        scene,
        device,
        Place::OutsideOrganisation,
        Door::Asked,
        (at, at),
    );
}

/// A gateway counted traffic.
pub fn traffic(scene: &mut Scene, device: DeviceId, at: Timestamp) {
    let within = (at.before(Span::minutes(15)), at);
    let door = Door::Gateway(gateway_id());
    used(scene, device, Place::OutsideOrganisation, door, within);
}

pub fn used(
    scene: &mut Scene,
    device: DeviceId,
    place: Place,
    door: Door,
    within: (Timestamp, Timestamp),
) {
    let used = Use {
        question: reach(device, place),
        within,
        door,
    };
    scene.access.take(&scene.world, &used);
}

pub fn off_site(device: DeviceId, grade: &str) -> Particulars {
    Particulars::OffSite(OffSite {
        device,
        place: Place::OutsideOrganisation,
        task: None,
        grade: grade.parse().unwrap(),
        restrictions: Vec::new(),
        kept_on_device: false,
    })
}

pub fn byod(device: DeviceId, grade: &str) -> Particulars {
    Particulars::Byod(Byod {
        device,
        tasks: Vec::new(),
        grade: grade.parse().unwrap(),
        restrictions: Vec::new(),
        lines: vec![line_id()],
        systems: vec![system_id()],
    })
}

pub fn remote_access(device: DeviceId) -> Particulars {
    Particulars::RemoteAccess(RemoteAccess {
        system: system_id(),
        part: None,
        task: None,
        device,
        grade: Some("C2I1A1".parse().unwrap()),
        from_hour: None,
        until_hour: None,
    })
}

pub fn connection(device: DeviceId) -> Particulars {
    Particulars::Connection(Connection {
        system: system_id(),
        line: line_id(),
        device: Some(device),
    })
}

/// An organisation with an internal line, a system on it that is reached from outside, and an issued
/// device.
pub fn office(grade: &str) -> (Scene, DeviceId) {
    let mut scene = Scene::new(Profile::Gov);
    let device = scene.enrol(DeviceClass::Issued);
    line(&mut scene, 1, "internal", true);
    system(&mut scene, grade, true);
    (scene, device)
}

pub fn verdict(scene: &Scene, id: &str) -> (Verdict, String) {
    verdict_at(scene, id, NOW)
}

pub fn verdict_at(scene: &Scene, id: &str, now: Timestamp) -> (Verdict, String) {
    let assessment = scene.assess_at(now);
    let known = &row(&assessment, id).verdict;
    (known.verdict, known.reason.code.to_string())
}

pub fn is(verdict: Verdict, code: &str) -> (Verdict, String) {
    (verdict, code.to_owned())
}
