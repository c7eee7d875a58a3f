//! Telephones: enrolled by a link that works once, their state declared by whoever uses them.

use axum::http::StatusCode;
use sekisho_domain::check::{DECLARATION_FRESH, DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::id::DeviceId;
use sekisho_domain::register::Register;
use sekisho_protocol::agent::{EnrolRequest, PATH_ENROL, PATH_REPORT, enrol_signing_input};
use sekisho_server::identity::link::{self, Enrolment, Issuer};
use serde_json::{Value, json};

use super::agents::{key, post, sign, signed};
use super::house::{House, Reply};
use super::permit_section::Section;

/// Ends of support: iOS 26 has none yet.
const ENDS: &[u8] = br#"{"ios": {"releases": [{"releaseCycle": "26", "releaseDate": "2025-09-15", "eol": false, "latestReleaseDate": "2026-11-04"}]}}"#;

fn secret(section: &Section, source: StateSource) -> String {
    let house = &section.house;
    let allowed = Enrolment {
        unit: section.unit,
        class: DeviceClass::Byod,
        user: Some(section.staff.0),
        issuer: Issuer::Operator,
        source,
    };
    link::enrolment(house.app.accounts(), &allowed, house.app.now()).unwrap()
}

async fn enrol(house: &House, secret: &str, seed: u8, declares: bool) -> Reply {
    let (signing, public) = key(seed);
    let proof = sign(&signing, &enrol_signing_input(secret, public.as_str()));
    let body = EnrolRequest {
        secret: secret.to_owned(),
        public_key: public.into(),
        proof,
        declares,
    };
    post(house, PATH_ENROL, &[], serde_json::to_vec(&body).unwrap()).await
}

async fn telephone(section: &Section, seed: u8) -> DeviceId {
    let secret = secret(section, StateSource::Declared);
    let reply = enrol(&section.house, &secret, seed, true).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    reply.json()["device"].as_str().unwrap().parse().unwrap()
}

/// What the page sends.
fn report(house: &House, more: &[Value]) -> Value {
    let at = house.app.now().as_millis();
    let seen = |kind: &str, value: Value| json!({"seen": {"value": {"kind": kind, "value": value}}, "source": "agent", "observed_at": at});
    let mut all = vec![
        seen(
            "machine_identity",
            json!({"host_name": "業務用iPhone", "form": "handheld"}),
        ),
        seen(
            "os_release",
            json!({"family": "ios", "product": "ios", "version": "26.1", "pretty": "iOS 26.1", "modified": false}),
        ),
        seen(
            "pending_updates",
            json!({"updates": [], "metadata_at": at, "security_source": true}),
        ),
        seen("reboot_needed", json!({"needed": false})),
        seen(
            "disk_encryption",
            json!({"volumes": [{"mount": "data", "device": "data", "used_for": "file_system", "layer": "native"}]}),
        ),
        seen(
            "screen_lock",
            json!({"state": "desktop", "desktop": "ios", "enabled": true, "idle_seconds": 120, "locked_by_policy": false}),
        ),
    ];
    all.extend(more.iter().cloned());
    json!({"agent": "browser/test", "observed_at": at, "observations": all})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_enrols_one_telephone_once_and_no_computer() {
    let section = Section::new().await;
    let house = &section.house;
    let secret = secret(&section, StateSource::Declared);
    // A computer is refused, and the link is not used up by that.
    let reply = enrol(house, &secret, 31, false).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.text().contains("enrol.other-device"));
    let reply = enrol(house, &secret, 31, true).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let device: DeviceId = reply.json()["device"].as_str().unwrap().parse().unwrap();
    {
        let world = house.app.world();
        let known = world.device(device).unwrap();
        assert_eq!(known.source, StateSource::Declared);
        assert_eq!(known.user, Some(section.staff.0));
    }
    let reply = enrol(house, &secret, 32, true).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.text().contains("enrol.refused"));
    // Nor does a secret for a computer make a word into evidence.
    let other = self::secret(&section, StateSource::Observed);
    let reply = enrol(house, &other, 33, true).await;
    assert!(reply.text().contains("enrol.other-device"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_telephone_reports_is_a_declaration_whatever_it_calls_itself() {
    let section = Section::new().await;
    let house = &section.house;
    let device = telephone(&section, 31).await;
    let who = (device, &key(31).0);
    let reply = signed(house, who, PATH_REPORT, 1, &report(house, &[])).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let now = house.app.now();
    let facts = sekisho_server::assessor::facts_of(&house.app, device).unwrap();
    assert_eq!(facts.len(), 6);
    assert!(
        facts
            .iter()
            .all(|it| it.observation.source == "declaration")
    );
    let outcome = |check| {
        house
            .app
            .posture()
            .standing(device, check, house.app.now())
            .outcome()
    };
    for check in [
        DeviceCheck::SecurityUpdates,
        DeviceCheck::DiskEncryption,
        DeviceCheck::ScreenLock,
    ] {
        assert_eq!(outcome(check), Outcome::Pass, "{check:?}");
    }
    // Nobody can tell of a packet filter; nothing of such a report is kept.
    let filter = json!({
        "seen": {"value": {"kind": "firewall", "value": {"filter": "pf", "inbound_default_deny": true, "rules": 1, "enforced": true}}},
        "source": "agent", "observed_at": now.as_millis(),
    });
    let reply = signed(house, who, PATH_REPORT, 2, &report(house, &[filter])).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text().contains("report.not-declarable"));
    assert_eq!(outcome(DeviceCheck::Firewall), Outcome::Unknown);
    // It counts for thirty days and not a moment longer.
    house.pass(DECLARATION_FRESH.as_millis() - 1);
    assert_eq!(outcome(DeviceCheck::ScreenLock), Outcome::Pass);
    house.pass(1);
    assert_eq!(outcome(DeviceCheck::ScreenLock), Outcome::Unknown);
}

/// The rules that stand in the way of the telephone's user at the system.
fn in_the_way(section: &Section, device: DeviceId) -> Vec<String> {
    let sekisho_domain::register::EntryId::System(system) = section.entry(Register::System) else {
        panic!("the system is a system");
    };
    let question = sekisho_rules::decide::Question {
        person: Some(section.staff.0),
        device: Some(device),
        act: sekisho_rules::decide::Act::Reach { system, part: None },
        origin: sekisho_server::access::outside(),
        task: None,
        grade: None,
    };
    sekisho_server::access::forbidding(&section.house.app.preview(&question))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_say_that_it_is_a_declaration_and_what_it_is_worth() {
    let section = Section::new().await;
    let house = &section.house;
    tokio::task::block_in_place(|| house.feeds(&[ENDS]));
    let device = telephone(&section, 31).await;
    let baseline =
        |section: &Section| in_the_way(section, device).contains(&"posture.baseline".to_owned());
    assert!(baseline(&section));
    let sent = report(house, &[]);
    let reply = signed(house, (device, &key(31).0), PATH_REPORT, 1, &sent).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let rules = in_the_way(&section, device);
    assert!(!rules.contains(&"posture.baseline".to_owned()), "{rules:?}");
    // The system holds C2: a word is not enough.
    assert!(
        rules.contains(&"posture.safeguards-byod".to_owned()),
        "{rules:?}"
    );
    let mut staff = house.signed_in(section.staff.1);
    let page = staff.get(&format!("/devices/{device}")).await.text();
    for said in ["利用者の申告", "業務用iPhone", "申告は30日で期限が切れます"]
    {
        assert!(page.contains(said), "{said}");
    }
    assert!(
        !page.contains("check-firewall"),
        "nothing of what nobody looks at"
    );
    house.pass(DECLARATION_FRESH.as_millis());
    house.app.clock().confirm();
    assert!(baseline(&section));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_handed_out_as_a_picture_and_the_secret_stands_in_the_fragment() {
    let section = Section::new().await;
    let house = &section.house;
    let mut officer = house.signed_in(section.isso.1);
    let csrf = officer.get("/organisation").await.csrf();
    let (unit, user) = (section.unit.to_string(), section.staff.0.to_string());
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("device_unit", unit.as_str()),
        ("device_form", "telephone"),
        ("class", "issued"),
        ("user", ""),
    ];
    // Somebody has to declare.
    let reply = officer.post("/organisation/enrolments", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    fields[4].1 = user.as_str();
    let page = officer.post("/organisation/enrolments", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    assert!(text.contains("svg class=\"qr\""));
    let (_, rest) = text.split_once("/telephone#").unwrap();
    let secret = rest.split('<').next().unwrap();
    let reply = enrol(house, secret, 31, true).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    // The page itself is the same for everyone, and says nothing of any secret.
    let page = house.browser().get("/telephone").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("data-telephone") && !page.text().contains(secret));
}
