//! Officers suspend, resume and retire a device on its page; what is retired reports no more.

use axum::http::StatusCode;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::DeviceId;
use sekisho_domain::role::Role;

use super::agents::{Sent, key};
use super::house::{Browser, House, Reply};

fn state(house: &House, device: DeviceId) -> DeviceState {
    house.app.world().device(device).unwrap().state
}

async fn send(
    browser: &mut Browser<'_>,
    device: DeviceId,
    what: &str,
    fields: &[(&str, &str)],
) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    browser
        .post(&format!("/devices/{device}/{what}"), &all)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_suspended_resumed_and_retired_for_good() {
    let house = House::founded().await;
    let (signing, public) = key(1);
    let device = house.device(house.root(), None, public).await;
    let (_, account) = house.officer("isso", house.root(), Role::Isso).await;
    let mut isso = house.signed_in(account);
    let path = format!("/devices/{device}");
    assert!(isso.get(&path).await.text().contains("/suspend\""));
    let nothing = send(&mut isso, device, "suspend", &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text().contains("suspend_reason-error"));
    let done = send(&mut isso, device, "suspend", &[("suspend_reason", "lost")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(state(&house, device), DeviceState::Suspended);
    let page = isso.get(&path).await.text();
    assert!(page.contains("/resume\"") && !page.contains("/suspend\""));
    // Suspended, its reports are still kept.
    let kept = Sent::new(&house, device, &signing, 1).send(&house).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    send(&mut isso, device, "resume", &[("resume_reason", "found")]).await;
    assert_eq!(state(&house, device), DeviceState::Active);

    let id = device.to_string();
    let typed = [("retire_reason", "replaced"), ("name", id.as_str())];
    let another = [typed[0], ("name", "PC-1"), ("confirmed", "yes")];
    for (wrong, field) in [(&typed[..], "confirmed-error"), (&another, "name-error")] {
        let refused = send(&mut isso, device, "retire", wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(field), "{field}");
        assert_eq!(state(&house, device), DeviceState::Active);
    }
    let right = [typed[0], typed[1], ("confirmed", "yes")];
    let done = send(&mut isso, device, "retire", &right).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(state(&house, device), DeviceState::Retired);
    let page = isso.get(&path).await.text();
    assert!(!page.contains("/retire\"") && page.contains("登録を抹消しました"));
    let again = send(&mut isso, device, "resume", &[("resume_reason", "found")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let refused = Sent::new(&house, device, &signing, 2).send(&house).await;
    let code = refused.json()["code"].as_str().map(str::to_owned);
    assert_eq!(
        (refused.status, code.as_deref()),
        (StatusCode::GONE, Some("device.retired"))
    );
    // A stranger to the key does not learn that it was retired.
    let forged = Sent::new(&house, device, &key(2).0, 3).send(&house).await;
    assert_eq!(forged.json()["code"], "report.signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_answers_for_the_device_changes_its_state() {
    let house = House::founded().await;
    let (one, other) = (house.unit("第一課").await, house.unit("第二課").await);
    let device = house.device(one, None, key(1).1).await;
    let reason = [("suspend_reason", "lost")];
    for (name, unit, role, may) in [
        ("hiso", house.root(), Role::Hiso, false),
        ("chief", one, Role::Diso, false),
        ("tmo2", other, Role::Tmo, false),
        ("csirt", house.root(), Role::Csirt, true),
        ("tmo1", one, Role::Tmo, true),
    ] {
        let (_, account) = house.officer(name, unit, role).await;
        let mut browser = house.signed_in(account);
        let page = browser.get(&format!("/devices/{device}")).await.text();
        assert_eq!(page.contains("/retire\""), may, "{name}: {page}");
        let what = match state(&house, device) {
            DeviceState::Active => ("suspend", &reason),
            _ => ("resume", &[("resume_reason", "found")]),
        };
        let before = state(&house, device);
        let reply = send(&mut browser, device, what.0, what.1).await;
        assert_eq!(reply.status == StatusCode::SEE_OTHER, may, "{name}");
        assert_eq!(reply.status == StatusCode::FORBIDDEN, !may, "{name}");
        assert_eq!(state(&house, device) != before, may, "{name}");
    }
}
