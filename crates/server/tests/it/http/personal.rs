//! Personal observations are shown to the device's user, and to others for a stated purpose.

use axum::http::StatusCode;
use sekisho_domain::id::{AccountId, DeviceId};
use sekisho_domain::role::Role;
use sekisho_store::observations::FactRow;

use super::agents::key;
use super::house::House;

const FROM: &str = "203.0.113.77";
const WIFI: &str = "CafeBlue-5G";

fn row(house: &House, kind: &str, value: serde_json::Value) -> FactRow {
    let at = house.app.now().as_millis();
    FactRow {
        kind: kind.to_owned(),
        json: serde_json::json!({
            "seen": { "value": { "kind": kind, "value": value } },
            "source": "wtmp",
            "observed_at": at,
        }),
        source: "wtmp".to_owned(),
        observed_at: at,
        received_at: at,
    }
}

/// A device with its user, on which somebody signed in from outside and joined a network.
async fn observed(house: &House) -> (DeviceId, AccountId) {
    let (user, account) = house.officer("user", house.root(), Role::Staff).await;
    let device = house.device(house.root(), Some(user), key(1).1).await;
    let at = house.app.now().as_millis();
    let facts = [
        row(
            house,
            "recent_logins",
            serde_json::json!({ "logins": [{ "user": "u", "line": "pts/0", "from": FROM, "at": at }] }),
        ),
        row(
            house,
            "networks",
            serde_json::json!({ "networks": [{ "medium": "wifi", "name": WIFI, "joined": true }] }),
        ),
    ];
    let id = device.to_string();
    house
        .app
        .observations()
        .replace_facts(&id, "agent", &facts)
        .unwrap();
    (device, account)
}

fn shows(page: &str) -> (bool, bool) {
    (page.contains(FROM), page.contains(WIFI))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_user_sees_them_without_a_purpose() {
    let house = House::founded().await;
    let (device, user) = observed(&house).await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, csirt) = house.officer("csirt", house.root(), Role::Csirt).await;
    let path = format!("/devices/{device}");
    let own = house.signed_in(user).get(&path).await.text();
    assert_eq!(shows(&own), (true, true), "{own}");
    for account in [isso, csirt] {
        let page = house.signed_in(account).get(&path).await.text();
        assert_eq!(shows(&page), (false, false));
        let asks = page.contains("name=\"purpose\"");
        assert_eq!(asks, account == csirt);
    }
    // Who may see the device and not its personal side is refused, and nothing is recorded.
    let mut browser = house.signed_in(isso);
    let csrf = browser.get("/account").await.csrf();
    let before = house.app.head().size;
    let fields = [("csrf", csrf.as_str()), ("purpose", "好奇心")];
    let refused = browser.post(&format!("{path}/personal"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(house.app.head().size, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_is_recorded_before_it_is_shown_and_its_subject_learns_of_it() {
    let house = House::founded().await;
    let (device, user) = observed(&house).await;
    let (_, csirt) = house.officer("csirt", house.root(), Role::Csirt).await;
    let path = format!("/devices/{device}");
    let mut browser = house.signed_in(csirt);
    let csrf = browser.get(&path).await.csrf();
    let to = format!("{path}/personal");
    let before = house.app.head().size;
    let empty = browser
        .post(&to, &[("csrf", csrf.as_str()), ("purpose", " ")])
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shows(&empty.text()), (false, false));
    assert_eq!(house.app.head().size, before);
    let purpose = "事案12の調査";
    let fields = [("csrf", csrf.as_str()), ("purpose", purpose)];
    let shown = browser.post(&to, &fields).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    assert_eq!(shows(&shown.text()), (true, true));
    let record = house.app.records(&[before]).unwrap();
    assert_eq!(record[0].1.event.kind().0, "personal.read");
    assert!(
        !format!("{record:?}").contains(purpose),
        "the purpose lies open"
    );
    // It was for that one time.
    let again = browser.get(&path).await.text();
    assert_eq!(shows(&again), (false, false));
    assert!(again.contains(purpose));
    // The user learns of it, by post, and not of the purpose.
    let told = house.signed_in(user).get("/account").await.text();
    assert!(
        told.contains("あなたの端末の情報の閲覧") && told.contains("官職"),
        "{told}"
    );
    assert!(!told.contains(purpose));
}
