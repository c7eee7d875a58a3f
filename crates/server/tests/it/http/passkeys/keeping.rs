//! Registering and removing, links that a passkey answers, the language of an account.

use axum::http::StatusCode;
use sekisho_server::identity::link::{self, Purpose};
use sekisho_server::identity::session::FRESH;

use super::super::house::{House, PASSWORD, set_up_fields};
use super::authenticator::Authenticator;
use super::{arriving, at_home, bring, register, sign_in, with_passkey};

#[tokio::test]
async fn means_of_signing_in_change_soon_after_a_sign_in_only() {
    let mut key = Authenticator::new(10);
    let house = with_passkey(&mut key).await;
    let mut browser = at_home(&house, house.first_account());
    let csrf = browser.get("/account").await.csrf();
    house.pass(FRESH);
    let page = browser.get("/account").await.text();
    assert!(page.contains("/sign-in?again=1") && !page.contains("/account/passkeys/remove"));
    let id = key.id();
    for (path, field) in [
        ("/account/passkeys/challenge", ("name", "x")),
        ("/account/passkeys", ("credential", "{}")),
        ("/account/passkeys/remove", ("key", id.as_str())),
    ] {
        let reply = browser.post(path, &[("csrf", &csrf), field]).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{path}");
        assert!(reply.text().contains("passkey.not-fresh") || reply.text().contains("サインイン"));
    }
    // Signing in again, while signed in, makes it fresh.
    let page = browser.get("/sign-in?again=1&next=/account").await;
    let csrf = page.csrf();
    let asked = browser
        .post("/sign-in/passkey/challenge", &[("csrf", &csrf)])
        .await
        .json();
    let reply = bring(&mut browser, &csrf, &key.get(&asked)).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let csrf = browser.get("/account").await.csrf();
    let removed = [("csrf", csrf.as_str()), ("key", id.as_str())];
    let reply = browser.post("/account/passkeys/remove", &removed).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let gone = browser.post("/account/passkeys/remove", &removed).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    // With the last passkey the second factor is gone, and the password stands alone again.
    let reply = arriving(&house).sign_in("officer", PASSWORD).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_registration_is_of_its_session_and_has_a_name() {
    let house = House::founded().await;
    let mut key = Authenticator::new(11);
    let mut browser = at_home(&house, house.first_account());
    let reply = register(&mut browser, &mut key, "  ").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("1文字以上60文字以内"));
    let csrf = browser.get("/account").await.csrf();
    let asked = browser
        .post("/account/passkeys/challenge", &[("csrf", &csrf)])
        .await
        .json();
    let made = key.create(&asked);
    // Another session of the same person did not ask for it.
    let mut other = at_home(&house, house.first_account());
    let other_csrf = other.get("/account").await.csrf();
    for (browser, csrf, passes) in [
        (&mut other, &other_csrf, false),
        (&mut browser, &csrf, true),
    ] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", "鍵"),
            ("credential", &made),
        ];
        let reply = browser.post("/account/passkeys", &fields).await;
        assert_eq!(
            reply.status == StatusCode::SEE_OTHER,
            passes,
            "{}",
            reply.text()
        );
    }
    // A key is registered once, and told to be known beforehand.
    let asked = browser
        .post("/account/passkeys/challenge", &[("csrf", &csrf)])
        .await
        .json();
    assert_eq!(asked["publicKey"]["excludeCredentials"][0]["id"], key.id());
    assert_eq!(
        asked["publicKey"]["authenticatorSelection"]["residentKey"],
        "required"
    );
    let made = key.create(&asked);
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "鍵"),
        ("credential", &made),
    ];
    let reply = browser.post("/account/passkeys", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_address_without_a_domain_says_where_passkeys_work() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let page = browser.get("/account").await;
    assert!(page.text().contains("http://localhost:8420/account"));
    assert!(!page.text().contains("data-passkey="));
    let csrf = page.csrf();
    let reply = browser
        .post("/account/passkeys/challenge", &[("csrf", &csrf)])
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(reply.json()["code"], "passkey.elsewhere");
    let page = house.browser().get("/sign-in").await.text();
    assert!(page.contains("http://localhost:8420/sign-in"));
}

#[tokio::test]
async fn a_link_is_answered_by_a_passkey_and_the_last_one_stays() {
    let house = House::founded().await;
    let (person, account) = house
        .officer("suzuki", house.root(), sekisho_domain::role::Role::Isso)
        .await;
    let (accounts, now) = (house.app.accounts(), house.app.now());
    let token = link::for_account(accounts, Purpose::ChoosePassword, account, person, now);
    let path = format!("/link/{}", token.unwrap().text());
    let mut browser = arriving(&house);
    let page = browser.get(&path).await;
    assert!(
        page.text().contains("data-passkey=\"create\"")
            && page.text().contains("name=\"password\"")
    );
    let csrf = page.csrf();
    let asked = browser
        .post(&format!("{path}/challenge"), &[("csrf", &csrf)])
        .await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    let mut key = Authenticator::new(12);
    let made = key.create(&asked.json());
    let fields = [("csrf", csrf.as_str()), ("credential", &made)];
    let reply = browser.post(&path, &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert_eq!(browser.get(&path).await.status, StatusCode::GONE);
    let own = browser.get("/account").await;
    assert_eq!(own.status, StatusCode::OK);
    let fields = [("csrf", own.csrf()), ("key", key.id())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let reply = browser.post("/account/passkeys/remove", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("最後のサインイン方法"));
    let reply = sign_in(&mut arriving(&house), &mut key).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    // A password is added without a current one, and asks for the passkey besides.
    let csrf = own.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("password", "another long password"),
        ("password_again", "another long password"),
    ];
    let reply = browser.post("/account/password", &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let mut later = arriving(&house);
    let step = later.sign_in("suzuki", "another long password").await;
    assert_eq!(step.status, StatusCode::OK);
    assert_eq!(later.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_first_officer_begins_with_a_passkey() {
    let house = House::new();
    let token = link::set_up(house.app.accounts(), house.app.now())
        .unwrap()
        .text();
    let mut browser = arriving(&house);
    let path = format!("/link/{token}");
    let csrf = browser.get(&path).await.csrf();
    let asked = browser
        .post(
            &format!("{path}/challenge"),
            &[
                ("csrf", &csrf),
                ("login", "officer"),
                ("officer_name", "佐藤 花子"),
            ],
        )
        .await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    let mut key = Authenticator::new(13);
    let made = key.create(&asked.json());
    let mut fields: Vec<(&str, &str)> = set_up_fields(&csrf, &token, "officer");
    fields.retain(|(name, _)| !name.starts_with("password"));
    // Without either of the two nothing is founded.
    let neither = browser.post("/set-up", &fields).await;
    assert_eq!(neither.status, StatusCode::UNPROCESSABLE_ENTITY);
    fields.push(("credential", &made));
    let reply = browser.post("/set-up", &fields).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (StatusCode::SEE_OTHER, "/"),
        "{}",
        reply.text()
    );
    let reply = sign_in(&mut arriving(&house), &mut key).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let known = house.app.accounts().by_login("officer").unwrap().unwrap();
    assert_eq!(known.password, None);
}

#[tokio::test]
async fn a_language_is_kept_and_follows_its_person() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let csrf = browser.get("/account").await.csrf();
    let reply = browser
        .post("/account/language", &[("csrf", &csrf), ("language", "en")])
        .await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let person = house.first_officer().to_string();
    let kept = || house.app.accounts().language_of(&person).unwrap();
    assert_eq!(kept().as_deref(), Some("en"));
    let mut elsewhere = house.browser();
    elsewhere.sign_in("officer", PASSWORD).await;
    assert!(
        elsewhere
            .get("/account")
            .await
            .text()
            .contains("lang=\"en\"")
    );
    elsewhere.get("/language/ja?back=/account").await;
    assert_eq!(kept().as_deref(), Some("ja"));
    let reply = browser
        .post("/account/language", &[("csrf", &csrf), ("language", "xx")])
        .await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}
