//! Devices compared with lists of software, media and permits (8.1.1(3)(d) and (e)).

mod lines;
mod rows;
mod software;
mod storage;

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::fact::{
    Fact, FactValue, JoinedNetwork, Listening, ListeningPort, NetworkMedium, OsFamily, OsRelease,
    Package, PackageFormat, Packages, Transport, UsbDevice, UsbHistory,
};
use sekisho_domain::field::Value;
use sekisho_domain::id::{DeviceId, MediumId, SoftwareId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{EquipmentKind, Peripheral, Software};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_rules::check::{DeviceFacts, Knowledge, Lists, run};

use crate::checks::entered;
use crate::fixture::{NOW, Scene, fresh, seen};
use crate::registers::enter;

use DeviceCheck::{Lines, Peripherals, SoftwareAllowed, SoftwareDenied};

/// An entry of the register: list, name, versions, packages.
fn list(scene: &mut Scene, n: u32, list: &str, name: &str, versions: &str, packages: &[&str]) {
    let text = |text: &str| Value::Text(text.to_owned());
    let packages = packages.iter().map(|it| (*it).to_owned()).collect();
    let mut fields = vec![
        ("list", text(list)),
        ("name", text(name)),
        ("packages", Value::Many(packages)),
    ];
    if !versions.is_empty() {
        fields.push(("versions", text(versions)));
    }
    if list == "conditional" {
        fields.push(("condition", text("広報に限る")));
    }
    enter(
        scene,
        Register::Software,
        SoftwareId::new(fresh(11, n)),
        &fields,
    );
}

fn medium(scene: &mut Scene, n: u32, serial: &str) -> MediumId {
    let id = MediumId::new(fresh(12, n));
    let fields = [
        ("number", Value::Text(format!("媒-{n}"))),
        ("kind", Value::Text("usb_memory".to_owned())),
        ("serial", Value::Text(serial.to_owned())),
        ("encrypted", Value::Flag(true)),
    ];
    enter(scene, Register::Medium, id, &fields);
    id
}

/// Lists with which the values of [`passing`] pass.
pub fn some() -> Lists {
    let mut scene = Scene::new(Profile::Gov);
    list(&mut scene, 1, "deny", "AnyDesk", "", &["anydesk"]);
    let standard = ["os:debian", "bash", "lib*"];
    list(&mut scene, 2, "allow", "標準構成", "", &standard);
    lines::line(&mut scene, 1, "internal", &["office"]);
    Lists::of(&scene.world, NOW)
}

/// For each check, values with which it passes.
pub fn passing() -> Vec<(DeviceCheck, Vec<FactValue>)> {
    let installed = || packages(&["bash", "libc6"], &[]);
    vec![
        (SoftwareDenied, vec![installed(), listening(&["sshd"])]),
        (SoftwareAllowed, vec![installed()]),
        (Peripherals, vec![usb(&[], Some(30))]),
        (Lines, vec![lines::networks(&[office()])]),
    ]
}

fn office() -> JoinedNetwork {
    lines::joined(NetworkMedium::Wifi, "office", None)
}

/// Packages by name, or name and source with a slash between.
fn packages(names: &[&str], broken: &[&str]) -> FactValue {
    let package = |text: &&str| {
        let (name, source) = text.split_once('/').unwrap_or((text, ""));
        Package {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            arch: "amd64".to_owned(),
            source: (!source.is_empty()).then(|| source.to_owned()),
            source_version: None,
            changelog_cves: Vec::new(),
        }
    };
    FactValue::Packages(Packages {
        format: PackageFormat::Deb,
        packages: names.iter().map(package).collect(),
        broken: broken.iter().map(|it| (*it).to_owned()).collect(),
    })
}

fn listening(processes: &[&str]) -> FactValue {
    let port = |name: &&str| ListeningPort {
        transport: Transport::Tcp,
        address: "0.0.0.0".to_owned(),
        port: 9,
        loopback: false,
        process: Some((*name).to_owned()),
    };
    FactValue::Listening(Listening {
        ports: processes.iter().map(port).collect(),
    })
}

fn os(product: &str) -> FactValue {
    FactValue::OsRelease(OsRelease {
        family: OsFamily::Linux,
        product: product.to_owned(),
        version: "13".to_owned(),
        codename: None,
        pretty: String::new(),
        modified: None,
    })
}

fn usb(devices: &[UsbDevice], since: Option<u32>) -> FactValue {
    FactValue::UsbHistory(UsbHistory {
        devices: devices.to_vec(),
        since: since.map(|days| NOW.before(Span::days(days))),
    })
}

/// Storage that was last seen so many days ago; 0 is attached now.
fn stick(serial: Option<&str>, days: Option<u32>) -> UsbDevice {
    UsbDevice {
        vendor: "f055".to_owned(),
        product: "0001".to_owned(),
        serial: serial.map(str::to_owned),
        name: Some("Sample Stick".to_owned()),
        last_seen: days.filter(|n| *n > 0).map(|n| NOW.before(Span::days(n))),
        attached: days == Some(0),
    }
}

fn run_on(scene: &Scene, check: DeviceCheck, facts: &[Fact]) -> CheckResult {
    let lists = Lists::of(&scene.world, NOW);
    let knowledge = Knowledge::new(&[]).with_lists(&lists);
    entered(run(check, &DeviceFacts::new(facts), &knowledge, NOW).unwrap())
}

fn told(scene: &Scene, check: DeviceCheck, values: &[FactValue]) -> (Outcome, String) {
    let facts: Vec<Fact> = values.iter().cloned().map(seen).collect();
    let result = run_on(scene, check, &facts);
    (result.outcome, result.reason.code.into_owned())
}

fn is(outcome: Outcome, code: &str) -> (Outcome, String) {
    (outcome, code.to_owned())
}

/// A permit for software.
fn ps(name: &str, devices: &[DeviceId]) -> Particulars {
    Particulars::Software(Software {
        name: Line::parse(name).unwrap(),
        publisher: None,
        version: None,
        listed: None,
        devices: devices.to_vec(),
        system: None,
    })
}

/// A permit for equipment.
fn pp(model: &str, serial: Option<&str>, device: Option<DeviceId>) -> Particulars {
    Particulars::Peripheral(Peripheral {
        kind: EquipmentKind::Storage,
        model: Line::parse(model).unwrap(),
        serial: serial.map(|it| Line::parse(it).unwrap()),
        device,
        system: None,
        own: false,
    })
}
