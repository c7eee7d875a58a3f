//! Devices compared with lists of software, media and permits (8.1.1(3)(d) and (e)).

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Param;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::Event;
use sekisho_domain::fact::{
    Fact, FactKind, FactValue, Listening, ListeningPort, OsFamily, OsRelease, Package,
    PackageFormat, Packages, Seen, Transport, UnseenReason, UsbDevice, UsbHistory,
};
use sekisho_domain::field::Value;
use sekisho_domain::id::{DeviceId, MediumId, SoftwareId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::particulars::{EquipmentKind, Peripheral, Software};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::check::{DeviceFacts, Knowledge, Lists, run};

use crate::checks::entered;
use crate::fixture::{NOW, Scene, device, fact, fresh, row, seen, unseen};
use crate::permits::{give, over, person, said, until};
use crate::registers::enter;

use DeviceCheck::{Peripherals, SoftwareAllowed, SoftwareDenied};
use Outcome::{Fail, Pass, Unknown};

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
    Lists::of(&scene.world, NOW)
}

/// For each check, values with which it passes.
pub fn passing() -> Vec<(DeviceCheck, Vec<FactValue>)> {
    let installed = || packages(&["bash", "libc6"], &[]);
    vec![
        (SoftwareDenied, vec![installed(), listening(&["sshd"])]),
        (SoftwareAllowed, vec![installed()]),
        (Peripherals, vec![usb(&[], Some(30))]),
    ]
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

#[test]
fn forbidden_software_is_found_by_package_source_process_width_and_case() {
    let mut scene = Scene::new(Profile::Gov);
    list(
        &mut scene,
        1,
        "deny",
        "Ｔｏｒ Browser",
        "",
        &["TOR", "torbrowser-*"],
    );
    list(
        &mut scene,
        2,
        "deny",
        "Transmission",
        "",
        &["transmission-daemon"],
    );
    list(
        &mut scene,
        3,
        "deny",
        "Old Viewer",
        "3以前",
        &["old-viewer"],
    );
    let none = &["sshd"][..];
    for (installed, broken, running, outcome, code) in [
        (
            &["bash"][..],
            &[][..],
            none,
            Pass,
            "software.none-forbidden",
        ),
        (&["bash", "tor"], &[], none, Fail, "software.forbidden"),
        (&["bash", "Ｔｏｒ"], &[], none, Fail, "software.forbidden"),
        (&["tor-geoipdb/tor"], &[], none, Fail, "software.forbidden"),
        (
            &["torbrowser-launcher"],
            &[],
            none,
            Fail,
            "software.forbidden",
        ),
        // By the name of the entry itself.
        (&["torbrowser"], &[], none, Fail, "software.forbidden"),
        (&["tortoise"], &[], none, Pass, "software.none-forbidden"),
        (&["bash"], &["tor"], none, Fail, "software.forbidden"),
        (
            &["bash"],
            &[],
            &["transmission-da"],
            Fail,
            "software.forbidden",
        ),
        (
            &["old-viewer"],
            &[],
            none,
            Unknown,
            "software.forbidden-versions",
        ),
        (
            &["old-viewer", "tor"],
            &[],
            none,
            Fail,
            "software.forbidden",
        ),
        (&[], &[], none, Unknown, "software.no-packages"),
    ] {
        let values = [packages(installed, broken), listening(running)];
        let found = told(&scene, SoftwareDenied, &values);
        assert_eq!(
            found,
            is(outcome, code),
            "{installed:?} {broken:?} {running:?}"
        );
    }
    let facts = [
        seen(packages(&["tor", "transmission/transmission"], &[])),
        seen(listening(&[])),
    ];
    let result = run_on(&scene, SoftwareDenied, &facts);
    assert_eq!(result.reason.params["n"], Param::Int(2));
    assert_eq!(
        result.reason.params["software"],
        Param::from("Transmission")
    );
}

#[test]
fn nothing_to_compare_with_and_what_was_not_seen_never_pass() {
    let mut scene = Scene::new(Profile::Gov);
    let clean = [packages(&["bash"], &[]), listening(&["sshd"])];
    let none = is(Unknown, "software.no-deny-list");
    assert_eq!(told(&scene, SoftwareDenied, &clean), none);
    // An allowed entry is no forbidden one.
    list(&mut scene, 1, "allow", "Bash", "", &["bash"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean), none);
    // An entry that devices report under some other name, which nobody entered.
    list(&mut scene, 2, "deny", "ファイル交換ソフト", "", &[]);
    let unnamed = is(Unknown, "software.deny-unnamed");
    assert_eq!(told(&scene, SoftwareDenied, &clean), unnamed);
    list(&mut scene, 3, "deny", "Tor", "", &["tor"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean), unnamed);

    let mut scene = Scene::new(Profile::Gov);
    list(&mut scene, 3, "deny", "Tor", "", &["tor"]);
    assert_eq!(told(&scene, SoftwareDenied, &clean).0, Pass);
    let hidden = || {
        Some(UnseenReason::NeedsPrivilege {
            what: "x".to_owned(),
        })
    };
    let [installed, running] = clean;
    let part = |value| fact(Seen::Value(value), hidden());
    for (facts, why) in [
        (vec![seen(installed.clone())], "unseen.not-reported"),
        (
            vec![seen(installed.clone()), unseen(FactKind::Listening)],
            "unseen.needs-privilege",
        ),
        (
            vec![seen(installed.clone()), part(running.clone())],
            "unseen.needs-privilege",
        ),
        (
            vec![part(installed), seen(running.clone())],
            "unseen.needs-privilege",
        ),
        (vec![seen(running)], "unseen.not-reported"),
    ] {
        let result = run_on(&scene, SoftwareDenied, &facts);
        assert_eq!((result.outcome, &*result.reason.code), (Unknown, why));
    }
    // What is seen to fail fails whatever else is hidden.
    let facts = [part(packages(&["tor"], &[])), unseen(FactKind::Listening)];
    assert_eq!(run_on(&scene, SoftwareDenied, &facts).outcome, Fail);
}

#[test]
fn software_outside_the_list_fails_only_where_the_list_says_what_the_system_is() {
    let mut scene = Scene::new(Profile::Gov);
    let allowed = |scene: &Scene, names: &[&str], product: &str| {
        told(scene, SoftwareAllowed, &[packages(names, &[]), os(product)])
    };
    let none = is(Unknown, "software.no-allow-list");
    list(&mut scene, 1, "allow", "文書作成", "", &[]);
    list(&mut scene, 2, "deny", "Tor", "", &["tor"]);
    assert_eq!(allowed(&scene, &["bash"], "debian"), none);
    list(&mut scene, 3, "allow", "Firefox", "", &["firefox-*"]);
    list(&mut scene, 4, "conditional", "GIMP", "", &["gimp"]);
    list(&mut scene, 5, "allow", "Viewer", "5以降", &["viewer"]);
    let unlisted = is(Unknown, "software.system-unlisted");
    for (names, expected) in [
        (&["firefox-esr"][..], is(Pass, "software.all-listed")),
        (
            &["firefox-l10n-ja/firefox-esr"],
            is(Pass, "software.all-listed"),
        ),
        (&["firefox-esr", "bash"], unlisted.clone()),
        (
            &["firefox-esr", "viewer"],
            is(Unknown, "software.allowed-versions"),
        ),
        // That a condition is not kept is known without knowing the system.
        (
            &["bash", "gimp"],
            is(Fail, "software.condition-unpermitted"),
        ),
        (&[], is(Unknown, "software.no-packages")),
    ] {
        assert_eq!(allowed(&scene, names, "debian"), expected, "{names:?}");
    }
    list(
        &mut scene,
        6,
        "allow",
        "標準構成",
        "",
        &["ＯＳ:Debian", "bash", "lib*"],
    );
    let outside = is(Fail, "software.outside-list");
    assert_eq!(allowed(&scene, &["bash", "libc6"], "debian").0, Pass);
    assert_eq!(allowed(&scene, &["bash", "nmap"], "debian"), outside);
    assert_eq!(allowed(&scene, &["bash", "nmap"], "almalinux"), unlisted);
    let broken = [packages(&["bash"], &["nmap"]), os("debian")];
    assert_eq!(told(&scene, SoftwareAllowed, &broken), outside);
    // Without the product it is unknown whose list to go by.
    let no_os = [packages(&["nmap"], &[])];
    assert_eq!(
        told(&scene, SoftwareAllowed, &no_os),
        is(Unknown, "unseen.not-reported")
    );
}

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

#[test]
fn a_permit_covers_software_on_its_devices_while_it_holds() {
    let ground = || {
        let mut scene = Scene::new(Profile::Gov);
        list(
            &mut scene,
            1,
            "allow",
            "標準構成",
            "",
            &["os:debian", "bash"],
        );
        list(
            &mut scene,
            2,
            "conditional",
            "GIMP",
            "",
            &["gimp", "gimp-data"],
        );
        scene
    };
    let values = [packages(&["bash", "gimp-data"], &[]), os("debian")];
    let unpermitted = is(Fail, "software.condition-unpermitted");
    assert_eq!(told(&ground(), SoftwareAllowed, &values), unpermitted);
    for (permit, term, outcome) in [
        // By the name of the entry, which knows the packages.
        (ps("ＧＩＭＰ", &[device(0)]), until(1), Pass),
        (ps("GIMP", &[device(0)]), over(1), Fail),
        (ps("GIMP", &[device(1)]), until(1), Fail),
        (ps("VLC", &[device(0)]), until(1), Fail),
        // Nobody uses the device by the register, so a permit of a person does not reach it.
        (ps("GIMP", &[]), until(1), Fail),
    ] {
        let mut scene = ground();
        give(&mut scene, 1, permit.clone(), 5, term);
        let facts: Vec<Fact> = values.iter().cloned().map(seen).collect();
        let result = run_on(&scene, SoftwareAllowed, &facts);
        assert_eq!(result.outcome, outcome, "{permit:?}");
        // Once the permit ends the pass ends with it, without any report.
        if outcome == Pass {
            assert_eq!(result.fresh_until, term.until);
        }
    }
    let mut scene = ground();
    give(&mut scene, 1, ps("nmap", &[device(0)]), 5, until(9));
    let values = [packages(&["bash", "nmap"], &[]), os("debian")];
    assert_eq!(told(&scene, SoftwareAllowed, &values).0, Pass);
}

#[test]
fn a_permit_without_devices_covers_those_that_its_holder_uses() {
    let mut scene = Scene::new(Profile::Gov);
    scene.apply(Event::DeviceEnrolled {
        device: device(0),
        ordinal: 0,
        key: DeviceKey::try_from("0".repeat(44)).unwrap(),
        class: DeviceClass::Issued,
        unit: UnitId::new(fresh(2, 0)),
        user: Some(person()),
    });
    let storage = [usb(&[stick(Some("S-1"), Some(1))], Some(30))];
    assert_eq!(told(&scene, Peripherals, &storage).0, Fail);
    give(&mut scene, 1, pp("Stick", Some("ｓ-1"), None), 5, until(9));
    assert_eq!(
        told(&scene, Peripherals, &storage),
        is(Pass, "usb.permitted")
    );
}

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

#[test]
fn storage_counts_while_it_is_attached_and_for_the_period_after() {
    let scene = Scene::new(Profile::Gov);
    let s = |days| stick(Some("S-1"), days);
    for (devices, since, outcome, code) in [
        (&[][..], Some(30), Pass, "usb.none-seen"),
        (&[], None, Unknown, "usb.no-history"),
        (&[s(Some(0))], Some(30), Fail, "usb.unpermitted-attached"),
        (&[s(Some(1))], Some(30), Fail, "usb.unpermitted"),
        (&[s(Some(28))], None, Fail, "usb.unpermitted"),
        (&[s(Some(29))], Some(90), Pass, "usb.none-seen"),
        (&[s(None)], Some(90), Unknown, "usb.undated"),
        (&[s(None), s(Some(2))], Some(90), Fail, "usb.unpermitted"),
    ] {
        let found = told(&scene, Peripherals, &[usb(devices, since)]);
        assert_eq!(found, is(outcome, code), "{devices:?}");
    }
    let both = [s(Some(3)), stick(None, Some(2)), s(Some(40))];
    let result = run_on(&scene, Peripherals, &[seen(usb(&both, Some(90)))]);
    let params = &result.reason.params;
    assert_eq!(params["n"], Param::Int(2));
    assert_eq!(params["first"], Param::from("Sample Stick f055:0001"));
    assert_eq!(params["at"], Param::from(NOW.before(Span::days(2))));
    let hidden = Some(UnseenReason::NeedsPrivilege {
        what: "journal".to_owned(),
    });
    let part = fact(Seen::Value(usb(&[], Some(30))), hidden);
    assert_eq!(run_on(&scene, Peripherals, &[part]).outcome, Unknown);
}

#[test]
fn media_of_the_register_and_permits_cover_storage_by_serial_and_time() {
    let on = |days| usb(&[stick(Some("S-1"), Some(days))], Some(30));
    let mut scene = Scene::new(Profile::Gov);
    let id = medium(&mut scene, 1, "ｓ-１");
    assert_eq!(
        told(&scene, Peripherals, &[on(0)]),
        is(Pass, "usb.permitted")
    );
    // Retired three days ago: what was attached before then was in order.
    let retired = Event::RegisterRetired {
        id: id.into(),
        remark: None,
    };
    scene.apply_at(retired, NOW.before(Span::days(3)));
    assert_eq!(told(&scene, Peripherals, &[on(5)]).0, Pass);
    assert_eq!(told(&scene, Peripherals, &[on(2)]).0, Fail);
    assert_eq!(told(&scene, Peripherals, &[on(0)]).0, Fail);

    let here = Some(device(0));
    let nameless = |days| usb(&[stick(None, Some(days))], Some(30));
    for (permit, term, value, outcome) in [
        (pp("x", Some("S-1"), here), until(1), on(0), Pass),
        (pp("x", Some("S-1"), here), until(1), on(20), Pass),
        (pp("x", Some("S-2"), here), until(1), on(0), Fail),
        (pp("x", Some("S-1"), Some(device(1))), until(1), on(0), Fail),
        // Over for nine days: what was attached while it held was in order.
        (pp("x", Some("S-1"), here), over(9), on(10), Pass),
        (pp("x", Some("S-1"), here), over(9), on(8), Fail),
        (pp("x", Some("S-1"), here), over(9), on(0), Fail),
        // A permit that states no serial number means the model on the device that it names.
        (pp("sample stick", None, here), until(1), nameless(1), Pass),
        (pp("F055:0001", None, here), until(1), on(1), Pass),
        (pp("Other Stick", None, here), until(1), on(1), Fail),
        (pp("x", Some("S-1"), here), until(1), nameless(1), Fail),
    ] {
        let mut scene = Scene::new(Profile::Gov);
        give(&mut scene, 1, permit.clone(), 5, term);
        let found = told(&scene, Peripherals, std::slice::from_ref(&value));
        assert_eq!(found.0, outcome, "{permit:?} {value:?}");
    }
}

/// Puts the facts of a device to the three checks and keeps the results, as the server does.
fn judge(scene: &mut Scene, id: DeviceId, values: &[FactValue], at: Timestamp) {
    let mut facts: Vec<Fact> = values.iter().cloned().map(seen).collect();
    for fact in &mut facts {
        fact.subject = id;
    }
    let lists = Lists::of(&scene.world, at);
    let knowledge = Knowledge::new(&[]).with_lists(&lists);
    for check in [SoftwareDenied, SoftwareAllowed, Peripherals] {
        let result = run(check, &DeviceFacts::new(&facts), &knowledge, at).unwrap();
        scene.posture.set(id, check, &result, 1);
    }
}

#[test]
fn the_rows_follow_the_lists_and_the_need_is_attested() {
    let mut scene = Scene::new(Profile::Gov);
    let (d1, d2, e) = ("US-8.1.1-3-d1", "US-8.1.1-3-d2", "US-8.1.1-3-e");
    let id = scene.enrol(DeviceClass::Issued);
    let isso = scene.appoint(sekisho_domain::role::Role::Isso);
    let values = [
        packages(&["bash", "anydesk"], &[]),
        listening(&[]),
        os("debian"),
        usb(&[stick(Some("S-1"), Some(1))], Some(30)),
    ];
    let met = |verdict, code: &str| (verdict, code.to_owned());
    assert_eq!(said(&scene, d1), met(Verdict::Unknown, "check.never"));
    judge(&mut scene, id, &values, NOW);
    assert_eq!(
        said(&scene, d1),
        met(Verdict::Unknown, "software.no-deny-list")
    );
    assert_eq!(
        said(&scene, d2),
        met(Verdict::Unknown, "software.no-allow-list")
    );
    assert_eq!(said(&scene, e), met(Verdict::NotMet, "usb.unpermitted"));
    list(&mut scene, 1, "deny", "AnyDesk", "", &["anydesk"]);
    list(
        &mut scene,
        2,
        "allow",
        "標準構成",
        "",
        &["os:debian", "bash"],
    );
    medium(&mut scene, 1, "S-1");
    judge(&mut scene, id, &values, NOW);
    assert_eq!(said(&scene, d1), met(Verdict::NotMet, "software.forbidden"));
    assert_eq!(
        said(&scene, d2),
        met(Verdict::NotMet, "software.outside-list")
    );
    assert_eq!(said(&scene, e), met(Verdict::Met, "row.all-pass"));
    // The software is removed.
    let values = [
        packages(&["bash"], &[]),
        listening(&[]),
        os("debian"),
        usb(&[], Some(30)),
    ];
    judge(&mut scene, id, &values, NOW);
    assert_eq!(said(&scene, d1), met(Verdict::Met, "row.all-pass"));
    // That the need was looked at is for its officer to attest, and never lifts the machine part.
    assert_eq!(
        said(&scene, d2),
        met(Verdict::Unknown, "attestation.missing")
    );
    scene.attest(d2, isso, crate::fixture::around_now());
    assert_eq!(said(&scene, d2).0, Verdict::Attested);
    let values = [
        packages(&["bash", "nmap"], &[]),
        listening(&[]),
        os("debian"),
        usb(&[], None),
    ];
    judge(&mut scene, id, &values, NOW);
    assert_eq!(
        said(&scene, d2),
        met(Verdict::NotMet, "software.outside-list")
    );
    assert_eq!(said(&scene, e), met(Verdict::Unknown, "usb.no-history"));
    let assessment = scene.assess();
    let next = &row(&assessment, d2).next_step;
    assert_eq!(next.code, "list-or-remove-software");
}

#[test]
fn a_list_has_everything_judged_anew_and_a_permit_one_device() {
    let mut scene = Scene::new(Profile::Gov);
    let marks = |scene: &Scene| {
        let lists = Lists::of(&scene.world, NOW);
        DeviceCheck::ALL.map(|it| (lists.mark(it).map(str::to_owned), lists.marked(it)))
    };
    let changed = |before: &Scene, after: &Scene| {
        let (before, after) = (marks(before), marks(after));
        let other = DeviceCheck::ALL
            .into_iter()
            .zip(before.into_iter().zip(after));
        let other = other.filter(|(_, (a, b))| a != b);
        other.map(|(check, _)| check).collect::<Vec<_>>()
    };
    assert_eq!(Lists::of(&scene.world, NOW), Lists::default());
    let step = |scene: &mut Scene, act: &dyn Fn(&mut Scene)| {
        let mut before = Scene::new(Profile::Gov);
        std::mem::swap(&mut before.world, &mut scene.world);
        scene.world = before.world.clone();
        act(scene);
        changed(&before, scene)
    };
    let deny = |scene: &mut Scene| list(scene, 1, "deny", "Tor", "", &["tor"]);
    assert_eq!(step(&mut scene, &deny), [SoftwareDenied]);
    let allow = |scene: &mut Scene| list(scene, 2, "allow", "Bash", "", &["bash"]);
    assert_eq!(step(&mut scene, &allow), [SoftwareAllowed]);
    let known = |scene: &mut Scene| {
        medium(scene, 1, "S-1");
    };
    assert_eq!(step(&mut scene, &known), [Peripherals]);
    let mark = Lists::of(&scene.world, NOW);
    let soft = |scene: &mut Scene| give(scene, 1, ps("nmap", &[device(7)]), 5, until(5));
    assert_eq!(step(&mut scene, &soft), [SoftwareAllowed]);
    let lists = Lists::of(&scene.world, NOW);
    // What concerns every device is as it was.
    assert_eq!(lists.mark(SoftwareAllowed), mark.mark(SoftwareAllowed));
    assert_eq!(lists.marked(SoftwareAllowed), [device(7)]);
    assert!(lists.mark_of(SoftwareAllowed, device(7)).is_some());
    assert_eq!(lists.mark_of(SoftwareAllowed, device(8)), None);
    assert_eq!(lists.mark_of(Peripherals, device(7)), None);
}
