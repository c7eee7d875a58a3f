//! Pages show what is judged now, not what was last recorded.

use std::collections::BTreeMap;

use sekisho_domain::device::DeviceKey;
use sekisho_domain::fact::{FactValue, Observation, ScreenLock, Seen};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_protocol::agent::Report;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::admin::Desk;
use sekisho_server::assessor::{hold, take_report};

use super::house::House;

/// Rows by verdict, as the shell's `assess` counts them, and when it judged.
fn by_the_shell(house: &House) -> (BTreeMap<String, u64>, String) {
    let desk = Desk::new(house.app.clone(), Catalogue::builtin().unwrap().into());
    let request = Request::Assess {
        at: None,
        device: None,
        profile: None,
    };
    let Answer::Assessed(assessed) = desk.answer(&request, &[]) else {
        panic!("not assessed");
    };
    let mut counts = BTreeMap::new();
    for row in &assessed.rows {
        *counts.entry(row.verdict.clone()).or_default() += 1;
    }
    (counts, assessed.at.to_rfc3339_millis())
}

/// The same by the console's server.
async fn by_the_console(house: &House) -> (BTreeMap<String, u64>, String) {
    let mut browser = house.signed_in(house.first_account());
    let status = browser.get("/api/v1/status").await.json();
    let rows = status["rows"].as_object().unwrap().iter();
    let counted = rows.map(|(verdict, n)| (verdict.clone(), n.as_u64().unwrap()));
    let page = browser.get("/").await.text();
    let at = status["assessed_at"].as_str().unwrap().to_owned();
    // To the second; whoever asks the API may ask again with the very moment.
    let shown = Timestamp::parse(&at).unwrap().to_rfc3339();
    assert!(page.contains(&shown), "the page says when: {at}");
    (counted.filter(|(_, n)| *n > 0).collect(), at)
}

fn report(house: &House, device: DeviceId) {
    let now = house.app.now();
    let values = [FactValue::ScreenLock(ScreenLock::Desktop {
        enabled: false,
        idle_seconds: None,
        desktop: "gnome".to_owned(),
        locked_by_policy: false,
    })];
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
    take_report(&house.app, device, 1, &body, &report, 3_600).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_count_what_is_judged_now_and_not_what_was_recorded() {
    let house = House::founded().await;
    let key = DeviceKey::try_from("0".repeat(44)).unwrap();
    let device = house.device(house.root(), None, key).await;
    let catalogue = Catalogue::builtin().unwrap();
    tokio::task::block_in_place(|| hold(&house.app, &catalogue)).unwrap();
    let before = by_the_console(&house).await;
    assert_eq!(before.0.get("not_met"), None, "{before:?}");
    assert_eq!(before, by_the_shell(&house));
    // A report comes in half an hour, and nothing has recorded what it means yet.
    house.pass(30 * 60_000);
    tokio::task::block_in_place(|| report(&house, device));
    let after = by_the_console(&house).await;
    assert!(after.0["not_met"] > 0, "the screen that never locks");
    assert_eq!(after, by_the_shell(&house));
    // The device's own page and the requirement say the same.
    let mut browser = house.signed_in(house.first_account());
    let row = browser.get("/requirements/US-8.1.1-3-f").await.text();
    assert!(row.contains("verdict--not_met"), "{row}");
    // What only time changes is seen as well: the evidence expires.
    house.pass(30 * 86_400_000);
    let late = by_the_console(&house).await;
    assert_eq!(late.0.get("not_met"), None, "{late:?}");
}
