//! A permit changes what a device is compared with, for as long as it holds.

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::fact::{
    FactValue, Observation, OsFamily, OsRelease, Package, PackageFormat, Packages, Seen,
};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::{ConferenceToolId, SoftwareId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::Register;
use sekisho_protocol::agent::Report;
use sekisho_server::app::fresh;
use sekisho_server::assessor::{Rejudged, judge_by_lists, take_report};

use super::permit_section::{Section, went};

async fn list_standard_installation(section: &Section) {
    let packages = ["os:debian", "bash"].map(str::to_owned).to_vec();
    let fields = [
        ("name", Value::Text("標準構成".to_owned())),
        ("list", Value::Text("allow".to_owned())),
        ("packages", Value::Many(packages)),
    ];
    let values: Values = fields
        .into_iter()
        .map(|(code, value)| (code.to_owned(), value))
        .collect();
    let command = RegisterCommand::Enter {
        id: SoftwareId::new(fresh().unwrap()).into(),
        unit: None,
        particulars: Register::Software.read(&values).unwrap(),
        remark: None,
    };
    let command = Command::Register(Box::new(command));
    let actor = Actor::person(section.isso.0);
    section.house.app.command(actor, command).await.unwrap();
}

/// The issued device reports two packages, of which the list names one.
fn report(section: &Section, sequence: u64) {
    let app = &section.house.app;
    let now = app.now();
    let package = |name: &str| Package {
        name: name.to_owned(),
        version: "1.0-1".to_owned(),
        arch: "amd64".to_owned(),
        source: None,
        source_version: None,
        changelog_cves: Vec::new(),
    };
    let values = [
        FactValue::Packages(Packages {
            format: PackageFormat::Deb,
            packages: vec![package("bash"), package("図表作成")],
            broken: Vec::new(),
        }),
        FactValue::OsRelease(OsRelease {
            family: OsFamily::Linux,
            product: "debian".to_owned(),
            version: "13".to_owned(),
            codename: None,
            pretty: String::new(),
            modified: None,
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
    tokio::task::block_in_place(|| {
        take_report(app, section.issued, sequence, &body, &report, 3_600).unwrap();
    });
}

fn outcome(section: &Section) -> Outcome {
    let app = &section.house.app;
    let posture = app.posture();
    let check = DeviceCheck::SoftwareAllowed;
    posture.standing(section.issued, check, app.now()).outcome()
}

#[tokio::test(flavor = "multi_thread")]
async fn software_outside_the_list_is_in_order_while_its_permit_holds() {
    let section = Section::new().await;
    list_standard_installation(&section).await;
    report(&section, 1);
    assert_eq!(outcome(&section), Outcome::Fail);
    let app = &section.house.app;
    let judged = || tokio::task::block_in_place(|| judge_by_lists(app).unwrap());
    let one = Rejudged {
        devices: 1,
        results: 1,
    };
    assert_eq!(judged(), Rejudged::default());
    let path = section.applied(PermitKind::Software).await;
    assert_eq!(judged(), Rejudged::default(), "only asked for");
    let decider = section.decider(PermitKind::Software);
    went(&section.decided(&path, decider, "approve", "").await);
    assert_eq!(judged(), Rejudged::default(), "not taken up");
    went(&section.done(&path, section.staff, "activate", &[]).await);
    assert_eq!(judged(), one);
    assert_eq!(outcome(&section), Outcome::Fail, "its term has not begun");
    let begins = section.permit(&path).grant().unwrap().term.from;
    section.house.pass(begins.since(app.now()).as_millis());
    report(&section, 2);
    assert_eq!(outcome(&section), Outcome::Pass);
    assert_eq!(judged(), Rejudged::default());
    went(&section.done(&path, section.staff, "return", &[]).await);
    assert_eq!(judged(), one);
    assert_eq!(outcome(&section), Outcome::Fail);
}

/// A tool whose client is one of the packages that the device reports, in a version that is too old.
async fn tool(section: &Section) -> ConferenceToolId {
    let id = ConferenceToolId::new(fresh().unwrap());
    let fields = [
        ("name", Value::Text("図表会議".to_owned())),
        ("scope", Value::Text("others".to_owned())),
        ("packages", Value::Many(vec!["図表*".to_owned()])),
        ("safe_from", Value::Text("2.0".to_owned())),
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
    let actor = Actor::person(section.hiso.0);
    section.house.app.command(actor, command).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_tool_and_the_api_show_which_versions_devices_report() {
    let section = Section::new().await;
    let id = tool(&section).await;
    report(&section, 1);
    let path = format!("/registers/conference_tool/{id}");
    let device = format!("/devices/{}", section.issued);
    let mut hiso = section.house.signed_in(section.hiso.1);
    for (lang, told) in [
        (
            "ja",
            [
                "図表作成 1.0-1",
                "（2.0）より古い版です。",
                "端末1台については",
            ],
        ),
        (
            "en",
            [
                "図表作成 1.0-1",
                "It is older than 2.0",
                "Besides, of 1 device it",
            ],
        ),
    ] {
        hiso.get(&format!("/language/{lang}?back={path}")).await;
        let page = hiso.get(&path).await.text();
        for told in told.into_iter().chain([device.as_str()]) {
            assert!(page.contains(told), "{lang} {told}: {page}");
        }
    }
    // Who may not read the device learns the version, and not where it runs.
    let mut other = section.house.signed_in(section.exceptions.1);
    let page = other.get(&path).await.text();
    assert!(page.contains("図表作成 1.0-1"), "{page}");
    assert!(!page.contains(&device), "{page}");
    let clients = format!("/api/v1/conference-tools/{id}/clients");
    let told = hiso.get(&clients).await.json();
    assert_eq!(told["versions"][0]["failing"], 1, "{told}");
    assert_eq!(told["unseen_devices"], 1, "{told}");
    let found = &told["devices"][0];
    assert_eq!(found["device"], section.issued.to_string(), "{told}");
    assert_eq!(found["reason"], "services.client-old", "{told}");
    let told = other.get(&clients).await.json();
    assert_eq!(told["versions"][0]["devices"], 1, "{told}");
    assert_eq!(told["devices"], serde_json::json!([]), "{told}");
    let unknown = ConferenceToolId::new(fresh().unwrap());
    let unknown = format!("/api/v1/conference-tools/{unknown}/clients");
    assert_eq!(hiso.get(&unknown).await.status, 404);
}
