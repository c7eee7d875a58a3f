//! Attesting a row in the console.

use axum::http::StatusCode;
use sekisho_domain::id::AccountId;
use sekisho_domain::role::Role;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::assessor::hold;

use super::house::{House, Reply};

/// Attested alone: all other measures against physical threats.
const OTHER: &str = "/requirements/US-7.1.1-1-a-%E4%BB%96";
/// Attested beside a check of devices.
const STOLEN: &str = "/requirements/US-7.1.1-1-a-%E7%9B%97%E9%9B%A3";
/// Its checks come with later work.
const LATER: &str = "/requirements/GOV-3-1-e";

const SAID: &str = "全端末の施錠保管を10月の点検で確認した。";

async fn attest(house: &House, account: AccountId, row: &str, last_day: &str, box_: &str) -> Reply {
    let mut browser = house.signed_in(account);
    let csrf = browser.get("/account").await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("statement", SAID),
        ("last_day", last_day),
        ("confirmed", box_),
    ];
    browser.post(&format!("{row}/attestations"), &fields).await
}

fn verdict(house: &House, id: &str) -> Verdict {
    tokio::task::block_in_place(|| hold(&house.app, &Catalogue::builtin().unwrap())).unwrap();
    let world = house.app.world();
    let known = world
        .verdicts
        .iter()
        .find(|((row, _), _)| row.as_str() == id);
    known.unwrap().1.verdict.verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_post_attests_and_others_read_it() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, staff) = house.officer("staff", house.root(), Role::Staff).await;
    verdict(&house, "US-7.1.1-1-a-他");
    let form = house.signed_in(isso).get(OTHER).await.text();
    assert!(
        form.contains("name=\"statement\"") && form.contains("value=\"2027-05-1"),
        "{form}"
    );
    let made = attest(&house, isso, OTHER, "2027-01-31", "yes").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    assert_eq!(verdict(&house, "US-7.1.1-1-a-他"), Verdict::Attested);
    let page = house.signed_in(isso).get(OTHER).await.text();
    assert!(page.contains(SAID) && page.contains("官職"), "{page}");
    // Free text is not for everyone; that there is an attestation is.
    let page = house.signed_in(staff).get(OTHER).await.text();
    assert!(!page.contains(SAID) && !page.contains("name=\"statement\""));
    assert!(page.contains("2027年2月1日"), "{page}");
    // In the ledger it stands sealed.
    let size = house.app.head().size;
    let record = (0..size).rev().find_map(|n| {
        let stored = house.app.records(&[n]).unwrap();
        (stored[0].1.event.kind().0 == "attestation.made").then(|| format!("{stored:?}"))
    });
    assert!(!record.unwrap().contains("施錠"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_sent_back_with_what_was_entered() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    verdict(&house, "US-7.1.1-1-a-他");
    for (last_day, box_, field) in [
        ("2027-12-31", "yes", "last_day-error"),
        ("2026-01-01", "yes", "last_day-error"),
        ("soon", "yes", "last_day-error"),
        ("2027-01-31", "", "confirmed-error"),
    ] {
        let reply = attest(&house, isso, OTHER, last_day, box_).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{last_day}");
        assert!(
            reply.text().contains(field) && reply.text().contains(SAID),
            "{field}"
        );
    }
    assert!(house.app.world().attestations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attestation_makes_an_unfed_row_or_an_unknown_machine_part_green() {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    verdict(&house, "GOV-3-1-e");
    let page = house.signed_in(isso).get(LATER).await.text();
    assert!(page.contains("まだ確認書を登録できません"), "{page}");
    assert!(!page.contains("name=\"statement\""));
    let refused = attest(&house, isso, LATER, "2027-01-31", "yes").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text().contains("CK-ATTACK-TRACE"),
        "{}",
        refused.text()
    );
    assert!(house.app.world().attestations.is_empty());
    // Another post than the row's owner is turned away.
    let wrong = attest(&house, hiso, STOLEN, "2027-01-31", "yes").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    // The right one may speak; without a device there is nothing that the word could carry.
    let made = attest(&house, isso, STOLEN, "2027-01-31", "yes").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert_eq!(verdict(&house, "US-7.1.1-1-a-盗難"), Verdict::Unknown);
}

/// Only machines check it; the owner confirms it with a date.
const UPDATES: &str = "/requirements/GOV-3-1-c";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_over_the_period_cannot_be_confirmed() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let key = "A".repeat(44).try_into().unwrap();
    house.device(house.root(), None, key).await;
    assert_eq!(verdict(&house, "GOV-3-1-c"), Verdict::Unknown);
    let page = house.signed_in(isso).get(UPDATES).await.text();
    assert!(
        page.contains("確認の記録") && !page.contains("name=\"confirmed\""),
        "{page}"
    );
    assert!(page.contains("まだ確認済みとして記録できません"), "{page}");
    let refused = attest(&house, isso, UPDATES, "", "yes").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(
        refused.text().contains("期間を通じて"),
        "{}",
        refused.text()
    );
    let other = attest(&house, hiso, UPDATES, "", "yes").await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text());
    assert!(house.app.world().attestations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_confirms_what_is_known_and_the_period_starts_there() {
    let house = House::founded().await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    house.all_well().await;
    assert_eq!(verdict(&house, "GOV-3-1-c"), Verdict::Met);
    let page = house.signed_in(isso).get(UPDATES).await.text();
    assert!(page.contains("確認済みとして記録する"), "{page}");
    let wrong = attest(&house, hiso, UPDATES, "", "yes").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN, "{}", wrong.text());
    let unticked = attest(&house, isso, UPDATES, "", "").await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(house.app.world().attestations.is_empty());
    let made = attest(&house, isso, UPDATES, "", "yes").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    assert_eq!(verdict(&house, "GOV-3-1-c"), Verdict::Met);
    let said = house
        .app
        .world()
        .attestations
        .values()
        .next()
        .cloned()
        .unwrap();
    assert!(house.app.world().confirming_words.contains(&said.id));
    let page = house.signed_in(isso).get(UPDATES).await.text();
    assert!(
        page.contains("責任者が前回確認した時点から") && page.contains(SAID),
        "{page}"
    );
}
