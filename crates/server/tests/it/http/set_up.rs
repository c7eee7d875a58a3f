//! Founding the organisation: once, by the link, with a sound form.

use axum::http::StatusCode;
use sekisho_server::identity::link;

use super::house::{House, set_up_fields};

#[tokio::test]
async fn the_link_founds_the_organisation_once() {
    let house = House::new();
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let mut browser = house.browser();
    // Looking at the link does not use it up.
    for _ in 0..3 {
        assert_eq!(
            browser.get(&format!("/link/{token}")).await.status,
            StatusCode::OK
        );
    }
    let csrf = browser.get(&format!("/link/{token}")).await.csrf();
    let fields = set_up_fields(&csrf, &token, "officer");
    let reply = browser.post("/set-up", &fields).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (StatusCode::SEE_OTHER, "/set-up/second-factor")
    );
    assert!(browser.jar.contains_key("sekisho-session"));
    assert_eq!(
        browser.get("/set-up/second-factor").await.status,
        StatusCode::OK
    );
    let overview = browser.get("/").await;
    assert_eq!(overview.status, StatusCode::OK);
    assert!(overview.text().contains("関所庁"), "{}", overview.text());
    // Neither the same link nor a new one founds a second organisation.
    let mut other = house.browser();
    assert_eq!(
        other.get(&format!("/link/{token}")).await.status,
        StatusCode::GONE
    );
    let (_, again) = house.found("second").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(house.app.accounts().count().unwrap(), 1);
    // The name is nowhere in the ledger in the clear.
    let mut records = Vec::new();
    let store = house.app.open_ledger().unwrap();
    store
        .range(0, 1000, &mut |row| {
            records.extend_from_slice(row.record);
            Ok(())
        })
        .unwrap();
    let records = String::from_utf8(records).unwrap();
    assert!(
        records.contains("関所庁")
            && !records.contains("佐藤")
            && !records.contains("officer\":\"")
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_at_the_field_and_the_link_stays() {
    let house = House::new();
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let mut browser = house.browser();
    let csrf = browser.get(&format!("/link/{token}")).await.csrf();
    for (field, value) in [
        ("organisation_ja", ""),
        ("profile", "none"),
        ("officer_name", "a\u{202e}b"),
        ("login", "not a login"),
        ("password", "short"),
        ("password_again", "another password"),
    ] {
        let mut fields = set_up_fields(&csrf, &token, "officer");
        for entry in &mut fields {
            if entry.0 == field {
                entry.1 = value;
            }
        }
        let reply = browser.post("/set-up", &fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let text = reply.text();
        let shown = field.trim_end_matches("_again");
        assert!(
            text.contains(&format!("id=\"{shown}-error\"")),
            "{field}: {text}"
        );
        assert!(
            !text.contains("correct horse"),
            "a password must not come back"
        );
    }
    assert!(house.app.world().organisation.is_none());
    let reply = browser
        .post("/set-up", &set_up_fields(&csrf, &token, "officer"))
        .await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_a_link_nothing_is_founded() {
    let house = House::new();
    let mut browser = house.browser();
    let waiting = browser.get("/").await;
    assert_eq!(waiting.header("location"), "/set-up");
    assert_eq!(browser.get("/set-up").await.status, StatusCode::OK);
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let csrf = browser.get(&format!("/link/{token}")).await.csrf();
    for wrong in ["", "x", &"A".repeat(43)] {
        let reply = browser
            .post("/set-up", &set_up_fields(&csrf, wrong, "officer"))
            .await;
        assert_eq!(reply.status, StatusCode::GONE, "{wrong}");
    }
    house.pass(25 * 3_600_000);
    let reply = browser
        .post("/set-up", &set_up_fields(&csrf, &token, "officer"))
        .await;
    assert_eq!(reply.status, StatusCode::GONE);
    assert!(house.app.world().organisation.is_none());
}

#[tokio::test]
async fn of_two_who_press_at_once_one_founds() {
    let house = House::new();
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let (mut one, mut two) = (house.browser(), house.browser());
    let first = one.get(&format!("/link/{token}")).await.csrf();
    let second = two.get(&format!("/link/{token}")).await.csrf();
    let (a, b) = (
        set_up_fields(&first, &token, "one"),
        set_up_fields(&second, &token, "two"),
    );
    let (a, b) = tokio::join!(one.post("/set-up", &a), two.post("/set-up", &b));
    let founded = [&a, &b]
        .into_iter()
        .filter(|r| r.status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(founded, 1, "{} {}", a.status, b.status);
    assert_eq!(house.app.accounts().count().unwrap(), 1);
}

#[tokio::test]
async fn an_account_whose_founding_was_cut_off_does_not_bar_the_next() {
    let house = House::new();
    // What a crash between the two places leaves: an account that the ledger does not know.
    let accounts = house.app.accounts();
    let account = sekisho_domain::id::AccountId::new(sekisho_domain::id::Fresh([1; 16]));
    let person = sekisho_domain::id::PersonId::new(sekisho_domain::id::Fresh([2; 16]));
    accounts
        .add(&account.to_string(), &person.to_string(), "officer", 0)
        .unwrap();
    let (_, reply) = house.found("officer").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert_eq!(accounts.count().unwrap(), 1);
}

/// Without an address of his own the first officer could not be one of the two of break-glass.
#[tokio::test]
async fn the_first_officer_may_give_a_mail_address() {
    let house = House::new();
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let mut browser = house.browser();
    let csrf = browser.get(&format!("/link/{token}")).await.csrf();
    let mut fields = set_up_fields(&csrf, &token, "officer");
    let mut with = |mail: &'static str| {
        fields
            .iter_mut()
            .find(|(name, _)| *name == "mail")
            .unwrap()
            .1 = mail;
        fields.clone()
    };
    for wrong in [
        "hanako",
        "a@b@example.org",
        "hanako@example.org, x@example.org",
    ] {
        let refused = browser.post("/set-up", &with(wrong)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text().contains("mail-error"), "{wrong}");
    }
    let founded = browser.post("/set-up", &with("hanako@example.org")).await;
    assert_eq!(founded.status, StatusCode::SEE_OTHER, "{}", founded.text());
    let known = house.app.directory().get(house.first_officer()).cloned();
    let mail = known.and_then(|known| known.mail);
    assert_eq!(mail.as_deref(), Some("hanako@example.org"));
    // Sealed in the ledger, like the name.
    let mut records = Vec::new();
    let store = house.app.open_ledger().unwrap();
    store
        .range(0, 1000, &mut |row| {
            records.extend_from_slice(row.record);
            Ok(())
        })
        .unwrap();
    assert!(!String::from_utf8(records).unwrap().contains("hanako"));
}
