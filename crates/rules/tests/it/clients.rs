//! Clients of conference tools: what devices report, held against feeds, waiting updates and the provider's word.

use std::sync::Arc;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::fact::{
    Fact, FactKind, FactValue, Package, PackageFormat, Packages, PendingUpdate, PendingUpdates,
};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::field::Value;
use sekisho_domain::id::{ConferenceToolId, DeviceId};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::check::{
    Client, DeviceClients, DeviceFacts, Knowledge, Lists, Tools, clients_of,
};

use crate::checks::os;
use crate::fixture::{NOW, Scene, feed, seen, unseen};
use crate::more_checks::index;
use crate::permits::said;
use crate::registers::{enter, text};
use crate::services::{SETTINGS, is, many, tool};

use Outcome::{Fail, Pass, Unknown};

/// A device reports a client of a tool that came out so.
pub fn shows(scene: &mut Scene, device: DeviceId, tool: ConferenceToolId, outcome: Outcome) {
    let reason = match outcome {
        Pass => Reason::new("advisory.clean"),
        Fail => Reason::new("advisory.open").with("n", 1_u32),
        Unknown => Reason::new("advisory.not-covered").with("n", 1_u32),
    };
    let client = Client {
        tool,
        package: "zoom".to_owned(),
        version: "6.2.1".to_owned(),
        outcome,
        reason,
        until: None,
    };
    put(scene, device, &[client]);
}

/// A device reports these clients.
fn put(scene: &mut Scene, device: DeviceId, clients: &[Client]) {
    let tools = Tools::of(&scene.world);
    let shown = DeviceClients {
        asked: tools.mark().unwrap().to_owned(),
        received_at: NOW.before(Span::hours(2)),
        fresh_until: NOW.after(Span::days(1)),
        unseen: None,
        clients: clients.to_vec(),
    };
    scene.access.clients_mut().put(device, Arc::new(shown));
}

/// Enters our own tool with its checklist in order.
fn enter_tool(scene: &mut Scene, n: u8, packages: &[&str], safe_from: Option<&str>) {
    let owner = crate::registers::post(scene, 20 + n, None);
    let mut fields = vec![
        ("name", text(&format!("会議{n}"))),
        ("scope", text("organisation")),
        ("owner", text(&owner.to_string())),
        ("measures", many(&SETTINGS)),
        ("version", text("6.2")),
        ("settings_reviewed", text("2026-11-01")),
    ];
    if !packages.is_empty() {
        fields.push(("packages", many(packages)));
    }
    if let Some(oldest) = safe_from {
        fields.push(("safe_from", Value::Text(oldest.to_owned())));
    }
    enter(scene, Register::ConferenceTool, tool(n), &fields);
}

fn installed(format: PackageFormat, list: &[(&str, &str)], broken: &[&str]) -> FactValue {
    let package = |(name, version): &(&str, &str)| Package {
        name: (*name).to_owned(),
        version: (*version).to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    FactValue::Packages(Packages {
        format,
        packages: list.iter().map(package).collect(),
        broken: broken.iter().map(|it| (*it).to_owned()).collect(),
    })
}

fn waiting(name: &str) -> FactValue {
    FactValue::PendingUpdates(PendingUpdates {
        updates: vec![PendingUpdate {
            name: name.to_owned(),
            installed: "1".to_owned(),
            candidate: "2".to_owned(),
            security: false,
        }],
        metadata_at: None,
        security_source: false,
    })
}

/// What is seen on a device, with feeds of this age.
fn looked(scene: &Scene, facts: &[Fact], age: Span) -> Option<DeviceClients> {
    let (lists, index) = (Lists::of(&scene.world, NOW), index());
    let ended = "debian_support_ended@trixie";
    let feeds = [
        feed(FeedKind::Debian, "debian_tracker", age),
        feed(FeedKind::Kev, "kev", age),
        feed(FeedKind::Debian, ended, Span::days(1)),
    ];
    let knowledge = Knowledge::new(&feeds)
        .with_advisories(&index)
        .with_lists(&lists);
    clients_of(&DeviceFacts::new(facts), &knowledge, NOW)
}

/// A client with what the provider calls safe, an update that waits, and the age of the feeds in days; and
/// what comes of it.
struct Case {
    safe_from: Option<&'static str>,
    package: (&'static str, &'static str),
    update: &'static str,
    age: u32,
    told: (Outcome, &'static str),
}

const fn case(
    package: (&'static str, &'static str),
    safe_from: Option<&'static str>,
    update: &'static str,
    age: u32,
    told: (Outcome, &'static str),
) -> Case {
    Case {
        safe_from,
        package,
        update,
        age,
        told,
    }
}

const SOUND: (&str, &str) = ("libfixed", "2.0");
const OPEN: (&str, &str) = ("libfixed", "1.9");
const ZOOM: (&str, &str) = ("zoom", "6.2.1");

const CASES: [Case; 11] = [
    // One of the release: feeds tell, and old ones prove no pass.
    case(SOUND, None, "", 1, (Pass, "advisory.clean")),
    case(OPEN, None, "", 1, (Fail, "advisory.open")),
    case(SOUND, None, "", 400, (Unknown, "feed.stale")),
    case(SOUND, Some("1.0"), "", 400, (Unknown, "feed.stale")),
    case(OPEN, Some("1.0"), "", 1, (Fail, "advisory.open")),
    // One from elsewhere: the silence of a feed of the whole release is no word on it.
    case(ZOOM, None, "", 1, (Unknown, "advisory.not-covered")),
    case(ZOOM, Some("6.2"), "", 1, (Pass, "services.client-safe")),
    case(ZOOM, Some("6.10"), "", 1, (Fail, "services.client-old")),
    case(
        ZOOM,
        Some("6.2 以降"),
        "",
        1,
        (Unknown, "services.client-unordered"),
    ),
    // An update counts where it is for this very package.
    case(
        ZOOM,
        Some("6.2"),
        "zoom",
        1,
        (Fail, "services.client-update-waits"),
    ),
    case(ZOOM, Some("6.2"), "bash", 1, (Pass, "services.client-safe")),
];

#[test]
fn a_client_is_held_against_its_own_updates_feeds_and_its_providers_word() {
    for it in CASES {
        let (package, about) = (it.package, (it.package, it.safe_from, it.update));
        let mut scene = Scene::new(Profile::Gov);
        enter_tool(&mut scene, 1, &["zoom", "lib*"], it.safe_from);
        let all = [package, ("bash", "5.2"), ("openssl", "0.9")];
        let all = installed(PackageFormat::Deb, &all, &[]);
        let facts = [all, os("13"), waiting(it.update)].map(seen);
        let found = looked(&scene, &facts, Span::days(it.age)).unwrap();
        assert_eq!(found.unseen, None);
        let [client] = &*found.clients else {
            panic!("{about:?}: {found:?}");
        };
        assert_eq!((&*client.package, &*client.version), package);
        let told = (client.outcome, &*client.reason.code);
        assert_eq!(told, it.told, "{about:?}");
        // What is said has a text with every parameter it carries.
        let known = sekisho_rules::reason::entry(&client.reason).unwrap();
        let carried = client.reason.params.len();
        assert_eq!(known.params.len(), carried, "{about:?}");
    }
}

#[test]
fn what_is_not_seen_whole_shows_no_client_to_be_sound() {
    let mut scene = Scene::new(Profile::Gov);
    let msi = PackageFormat::Msi;
    let zoom = [("Zoom Workplace", "6.2.1")];
    let facts = [installed(msi, &zoom, &[])].map(seen);
    assert_eq!(looked(&scene, &facts, Span::days(1)), None);
    enter_tool(&mut scene, 1, &["zoom*"], Some("6.2"));
    // Without the system nothing tells what the package is one of.
    let blind = looked(&scene, &facts, Span::days(1)).unwrap();
    assert_eq!(blind.clients[0].outcome, Unknown);
    let facts = [installed(msi, &zoom, &[]), windows()].map(seen);
    let found = looked(&scene, &facts, Span::days(1)).unwrap();
    assert_eq!(found.clients[0].outcome, Pass);
    let facts = [installed(msi, &zoom, &["Zoom Workplace"]), windows()].map(seen);
    let broken = looked(&scene, &facts, Span::days(1)).unwrap();
    assert_eq!(broken.clients[0].outcome, Unknown);
    let hidden = looked(&scene, &[unseen(FactKind::Packages)], Span::days(1)).unwrap();
    assert!(hidden.unseen.is_some() && hidden.clients.is_empty());
    let none = looked(&scene, &[seen(installed(msi, &[], &[]))], Span::days(1)).unwrap();
    assert_eq!(
        none.unseen.map(|it| it.code),
        Some("advisory.no-packages".into())
    );
    assert_eq!(looked(&scene, &[seen(os("13"))], Span::days(1)), None);
}

fn windows() -> FactValue {
    let FactValue::OsRelease(mut release) = os("11") else {
        unreachable!("it is a release");
    };
    "windows".clone_into(&mut release.product);
    FactValue::OsRelease(release)
}

const SECURED: [(Profile, &str); 2] = [(Profile::Gov, "GOV-4-g"), (Profile::Ci, "CI-4-c")];

#[test]
fn the_row_rests_on_the_clients_of_every_device_and_on_nothing_else_of_them() {
    for (profile, row) in SECURED {
        let mut scene = Scene::new(profile);
        enter_tool(&mut scene, 1, &[], None);
        let device = scene.enrol(DeviceClass::Issued);
        // Everything else of the device is in order, and nobody knows what the client is called.
        scene.all_results(device, Pass);
        let unstated = is(Verdict::Unknown, "services.packages-unstated");
        assert_eq!(said(&scene, row), unstated, "{row}");
        enter_tool(&mut scene, 2, &["zoom"], None);
        scene.apply(Event::RegisterRetired {
            id: tool(1).into(),
            remark: None,
        });
        let unknown = is(Verdict::Unknown, "services.clients-unknown");
        assert_eq!(said(&scene, row), unknown, "{row}: nothing was looked for");
        put(&mut scene, device, &[]);
        let none = is(Verdict::Unknown, "services.client-unseen");
        assert_eq!(said(&scene, row), none, "{row}");
        // An old kernel is no vulnerable client.
        scene.all_results(device, Fail);
        shows(&mut scene, device, tool(2), Pass);
        let confirmed = is(Verdict::Unknown, "attestation.missing");
        assert_eq!(said(&scene, row), confirmed, "{row}");
        let other = scene.enrol(DeviceClass::Byod);
        assert_eq!(said(&scene, row), unknown, "{row}: another is in the dark");
        shows(&mut scene, other, tool(2), Unknown);
        assert_eq!(said(&scene, row), unknown, "{row}");
        shows(&mut scene, other, tool(2), Fail);
        assert_eq!(said(&scene, row), confirmed, "{row}");
        // A word is due every day, and so is a report.
        let later = scene.assess_at(NOW.after(Span::days(1)));
        let later = &crate::fixture::row(&later, row).verdict;
        assert_eq!(&*later.reason.code, "services.clients-unknown", "{row}");
        // The register asks for another name: what was seen before answers it no more.
        enter_tool(&mut scene, 3, &["meet"], None);
        assert_eq!(said(&scene, row), unknown, "{row}");
    }
}

#[test]
fn versions_are_counted_by_device_and_a_pass_ends_with_its_feeds() {
    let mut scene = Scene::new(Profile::Gov);
    enter_tool(&mut scene, 1, &["zoom"], None);
    let devices: Vec<DeviceId> = (0..4).map(|_| scene.enrol(DeviceClass::Issued)).collect();
    let client = |version: &str, outcome, until| Client {
        tool: tool(1),
        package: "zoom".to_owned(),
        version: version.to_owned(),
        outcome,
        reason: Reason::new("advisory.clean"),
        until,
    };
    let over = Some(NOW);
    put(&mut scene, devices[0], &[client("6.2", Pass, None)]);
    put(&mut scene, devices[1], &[client("6.2", Pass, over)]);
    put(&mut scene, devices[2], &[client("5.0", Fail, over)]);
    let fleet = scene.access.clients().fleet(&scene.world, NOW);
    assert_eq!(fleet.dark, 1);
    let counts = (fleet.counts.pass, fleet.counts.fail, fleet.counts.unknown);
    assert_eq!(counts, (1, 1, 2));
    let versions = fleet.versions(tool(1)).into_iter();
    let versions: Vec<_> = versions
        .map(|((_, version), it)| (version, it.pass, it.fail, it.unknown))
        .collect();
    assert_eq!(versions, [("5.0", 0, 1, 0), ("6.2", 1, 0, 1)]);
    let failing = fleet.of_tool(tool(1)).iter().find(|it| it.outcome == Fail);
    assert_eq!(failing.map(|it| it.device), Some(devices[2]));
    assert!(fleet.of_tool(tool(2)).is_empty());
}
