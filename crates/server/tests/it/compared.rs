//! Devices compared with what registers say: from the entry and the report to the row, and back.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, NewPerson, RegisterCommand};
use sekisho_domain::fact::{
    FactValue, Listening, Observation, Package, PackageFormat, Packages, Seen, UsbDevice,
    UsbHistory,
};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{
    AppointmentId, ConferenceToolId, Fresh, MediumId, PersonId, PostId, SoftwareId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::post::Post;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span};
use sekisho_domain::verdict::Verdict;
use sekisho_protocol::agent::Report;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::assessor::{Assessor, Rejudged, assess_now, judge_by_lists, take_report};

use crate::assessor::{Passing, device, enrol, house};
use crate::writer::root;

pub const OFFICER: u8 = 1;
const KEEPER: u8 = 2;

pub fn person(n: u8) -> PersonId {
    PersonId::new(Fresh([n; 16]))
}

/// A house in which someone keeps the lists of software and the media.
pub fn with_keeper(path: &Path, time: &Passing) -> App {
    let app = house(path, time);
    let (keeper, post) = (person(KEEPER), PostId::new(Fresh([30; 16])));
    let title = Name::ja(Line::parse("情報システム管理者").unwrap());
    let created = Post::created(post, root(), title, vec![Role::Isso]);
    let known = Command::RegisterPerson {
        person: NewPerson {
            id: keeper,
            profile: app.seal(keeper, "person.profile", b"{}").unwrap(),
        },
        unit: root(),
    };
    let appoint = Command::Appoint {
        id: AppointmentId::new(Fresh([31; 16])),
        person: keeper,
        post,
        valid: Interval::starting(app.now()),
    };
    for command in [known, Command::CreatePost(Box::new(created)), appoint] {
        let officer = Actor::person(person(OFFICER));
        app.command_blocking(officer, command, Vec::new()).unwrap();
    }
    app
}

fn register(app: &App, command: RegisterCommand) {
    let actor = Actor::person(person(KEEPER));
    let command = Command::Register(Box::new(command));
    app.command_blocking(actor, command, Vec::new()).unwrap();
}

pub fn enter(app: &App, register_of: Register, id: impl Into<EntryId>, fields: &[(&str, Value)]) {
    let fields = fields.iter().cloned();
    let values: Values = fields.map(|(code, it)| (code.to_owned(), it)).collect();
    let command = RegisterCommand::Enter {
        id: id.into(),
        unit: (register_of == Register::Medium).then(root),
        particulars: register_of.read(&values).unwrap(),
        remark: None,
    };
    register(app, command);
}

fn forbid(app: &App, n: u8, name: &str, package: &str) {
    let fields = [
        ("name", Value::Text(name.to_owned())),
        ("list", Value::Text("deny".to_owned())),
        ("packages", Value::Many(vec![package.to_owned()])),
    ];
    let id = SoftwareId::new(Fresh([n; 16]));
    enter(app, Register::Software, id, &fields);
}

/// A device reports what is installed; nothing listens, and a stick was attached yesterday.
fn report(app: &App, n: u8, sequence: u64, installed: &[&str]) {
    let now = app.now();
    let package = |name: &&str| Package {
        name: (*name).to_owned(),
        version: "1.0-1".to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    let values = [
        FactValue::Packages(Packages {
            format: PackageFormat::Deb,
            packages: installed.iter().map(package).collect(),
            broken: Vec::new(),
        }),
        FactValue::Listening(Listening { ports: Vec::new() }),
        FactValue::UsbHistory(UsbHistory {
            devices: vec![UsbDevice {
                vendor: "f055".to_owned(),
                product: "0001".to_owned(),
                serial: Some("S-1".to_owned()),
                name: None,
                last_seen: Some(now.before(Span::days(1))),
                attached: false,
            }],
            since: Some(now.before(Span::days(30))),
        }),
    ];
    let observation = |value| Observation {
        seen: Seen::Value(value),
        source: "test".to_owned(),
        partial: None,
        observed_at: now,
    };
    let report = Report {
        agent: "test".to_owned(),
        observed_at: now,
        observations: values.into_iter().map(observation).collect(),
    };
    let body = serde_json::to_vec(&report).unwrap();
    take_report(app, device(n), sequence, &body, &report, 3_600).unwrap();
}

pub fn row(app: &App, catalogue: &Catalogue, id: &str) -> (Verdict, String) {
    let assessment = assess_now(app, catalogue, None);
    let mut rows = assessment.rows.into_iter();
    let verdict = rows.find(|row| row.id.as_str() == id).unwrap().verdict;
    (verdict.verdict, verdict.reason.code.into_owned())
}

const DENIED: &str = "US-8.1.1-3-d1";
const ATTACHED: &str = "US-8.1.1-3-e";

#[test]
fn a_row_turns_when_the_register_does_and_back_when_the_device_does() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_keeper(place.path(), &time);
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    let assessor = Assessor::start(app.clone(), Arc::clone(&catalogue)).unwrap();
    // Nothing but the register changes: the assessor has to notice by itself.
    let becomes = |id: &str, verdict, code: &str| {
        let began = Instant::now();
        let expected = (verdict, code.to_owned());
        while row(&app, &catalogue, id) != expected {
            let so_far = row(&app, &catalogue, id);
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{id}: {so_far:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    enrol(&app, 10);
    report(&app, 10, 1, &["bash", "anydesk"]);
    becomes(DENIED, Verdict::Unknown, "software.no-deny-list");
    becomes(ATTACHED, Verdict::NotMet, "usb.unpermitted");
    forbid(&app, 20, "AnyDesk", "anydesk");
    becomes(DENIED, Verdict::NotMet, "software.forbidden");
    // The stick turns out to be the organisation's.
    let fields = [
        ("number", Value::Text("媒-1".to_owned())),
        ("kind", Value::Text("usb_memory".to_owned())),
        ("serial", Value::Text("S-1".to_owned())),
        ("encrypted", Value::Flag(true)),
    ];
    let medium = MediumId::new(Fresh([21; 16]));
    enter(&app, Register::Medium, medium, &fields);
    becomes(ATTACHED, Verdict::Met, "row.all-pass");
    // The software is removed.
    report(&app, 10, 2, &["bash"]);
    becomes(DENIED, Verdict::Met, "row.all-pass");
    let retired = RegisterCommand::Retire {
        register: Register::Software,
        id: SoftwareId::new(Fresh([20; 16])).into(),
        remark: None,
        expected: None,
    };
    register(&app, retired);
    becomes(DENIED, Verdict::Unknown, "software.no-deny-list");
    app.stop();
    assessor.join();
}

#[test]
fn an_entry_has_one_check_judged_anew_and_only_once_also_after_a_restart() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_keeper(place.path(), &time);
    let devices = 60_u8;
    for n in 10..10 + devices {
        enrol(&app, n);
        report(&app, n, 1, &["bash"]);
    }
    let nothing = Rejudged::default();
    assert_eq!(
        judge_by_lists(&app).unwrap(),
        nothing,
        "judged when they came"
    );
    forbid(&app, 200, "AnyDesk", "anydesk");
    let each_once = Rejudged {
        devices: usize::from(devices),
        results: usize::from(devices),
    };
    assert_eq!(judge_by_lists(&app).unwrap(), each_once);
    assert_eq!(judge_by_lists(&app).unwrap(), nothing);
    // A report that comes after an entry is judged by it at once.
    forbid(&app, 201, "Bash", "bash");
    report(&app, 10, 2, &["bash"]);
    let catalogue = Catalogue::builtin().unwrap();
    let failing = |app: &App| {
        let assessment = assess_now(app, &catalogue, None);
        let mut rows = assessment.rows.into_iter();
        let row = rows.find(|row| row.id.as_str() == DENIED).unwrap();
        row.verdict.counts.fail
    };
    assert_eq!(failing(&app), 1);
    // The program ends before the others were judged by it.
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    let others = Rejudged {
        devices: usize::from(devices) - 1,
        results: usize::from(devices) - 1,
    };
    assert_eq!(judge_by_lists(&app).unwrap(), others);
    assert_eq!(failing(&app), u32::from(devices));
    app.stop();
}

/// Enters a tool whose client devices report by this name.
fn tool_called(app: &App, n: u8, package: &str) -> ConferenceToolId {
    let id = ConferenceToolId::new(Fresh([n; 16]));
    let fields = [
        ("name", Value::Text(format!("会議{n}"))),
        ("scope", Value::Text("others".to_owned())),
        ("packages", Value::Many(vec![package.to_owned()])),
    ];
    let values: Values = fields
        .into_iter()
        .map(|(code, value)| (code.to_owned(), value))
        .collect();
    let command = RegisterCommand::Enter {
        id: id.into(),
        unit: None,
        particulars: Register::ConferenceTool.read(&values).unwrap(),
        remark: None,
    };
    let command = Command::Register(Box::new(command));
    // The first officer is HISO, who keeps this register.
    let officer = Actor::person(person(OFFICER));
    app.command_blocking(officer, command, Vec::new()).unwrap();
    id
}

/// The versions of a tool's client, with how many devices run each, and how many devices are in the dark.
fn versions(app: &App, tool: ConferenceToolId) -> (Vec<(String, u32)>, u32) {
    let world = app.world();
    let evidence = app.access_evidence(&world);
    let fleet = evidence.clients().fleet(&world, app.now());
    let versions = fleet.versions(tool).into_iter();
    let versions = versions.map(|((_, version), counts)| (version.to_owned(), counts.total()));
    (versions.collect(), fleet.dark)
}

#[test]
fn clients_are_looked_for_once_a_tool_names_them_and_are_known_after_a_restart() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_keeper(place.path(), &time);
    for n in [10, 11] {
        enrol(&app, n);
        report(&app, n, 1, &["bash", "zoom"]);
    }
    let zoom = tool_called(&app, 40, "zoom");
    let (one, none) = (|n| vec![("1.0-1".to_owned(), n)], Vec::new());
    assert_eq!(
        versions(&app, zoom),
        (none.clone(), 2),
        "not looked for yet"
    );
    // No check rests on it, so that no result is made anew.
    assert_eq!(judge_by_lists(&app).unwrap(), Rejudged::default());
    assert_eq!(versions(&app, zoom), (one(2), 0));
    report(&app, 10, 2, &["bash"]);
    assert_eq!(versions(&app, zoom), (one(1), 0));
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    assert_eq!(versions(&app, zoom), (one(1), 0));
    // Another name is noted, and the program ends before it was looked for.
    let bash = tool_called(&app, 41, "bash");
    assert_eq!(versions(&app, bash), (none, 2));
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    judge_by_lists(&app).unwrap();
    assert_eq!(versions(&app, bash), (one(2), 0));
    assert_eq!(versions(&app, zoom), (one(1), 0));
    app.stop();
}
