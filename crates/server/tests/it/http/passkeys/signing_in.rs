//! Signing in: alone, as second factor, and every way in which it must fail.

use axum::http::StatusCode;
use sekisho_server::identity::sign_in::{Books, set_totp};
use sekisho_server::identity::totp::TotpSecret;

use super::super::house::{House, PASSWORD};
use super::authenticator::Authenticator;
use super::{arriving, at_home, bring, challenge, register, sign_in, with_passkey};

fn books(house: &House) -> Books<'_> {
    Books {
        accounts: house.app.accounts(),
        keyring: house.app.keyring(),
        observations: house.app.observations(),
    }
}

#[tokio::test]
async fn a_passkey_signs_in_by_itself() {
    let mut key = Authenticator::new(1);
    let house = with_passkey(&mut key).await;
    let mut browser = arriving(&house);
    let page = browser.get("/sign-in").await.text();
    assert!(page.contains("data-passkey=\"get\"") && page.contains("/assets/passkey."));
    let (csrf, asked) = challenge(&mut browser).await;
    let options = &asked["publicKey"];
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(
        options["allowCredentials"],
        serde_json::json!([]),
        "a challenge tells of no account"
    );
    assert!(asked.get("mediation").is_none(), "{asked}");
    let answer = key.get(&asked);
    let reply = bring(&mut browser, &csrf, &answer).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (StatusCode::SEE_OTHER, "/devices"),
        "{}",
        reply.text()
    );
    let own = browser.get("/account").await.text();
    assert!(own.contains("執務用ノートPC") && !own.contains("未使用"));
}

#[tokio::test]
async fn an_answer_passes_once_and_in_its_browser_only() {
    let mut key = Authenticator::new(2);
    let house = with_passkey(&mut key).await;
    let mut browser = arriving(&house);
    let (csrf, asked) = challenge(&mut browser).await;
    let answer = key.get(&asked);
    // A thief's browser has asked for a challenge of its own.
    let mut thief = arriving(&house);
    let (stolen_csrf, _) = challenge(&mut thief).await;
    let reply = bring(&mut thief, &stolen_csrf, &answer).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(thief.get("/devices").await.status, StatusCode::SEE_OTHER);
    // The refused answer has used that challenge up.
    let again = bring(&mut thief, &stolen_csrf, &answer).await;
    assert!(again.text().contains("時間切れか、使用済み"));

    let reply = bring(&mut browser, &csrf, &answer).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let mut later = arriving(&house);
    let (csrf, _) = challenge(&mut later).await;
    let replayed = bring(&mut later, &csrf, &answer).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);

    let mut slow = arriving(&house);
    let (csrf, asked) = challenge(&mut slow).await;
    house.pass(5 * 60 * 1000);
    let late = bring(&mut slow, &csrf, &key.get(&asked)).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        sign_in(&mut slow, &mut key).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn what_no_browser_of_ours_says_is_refused() {
    let mut key = Authenticator::new(3);
    let house = with_passkey(&mut key).await;
    let mut wrong = Vec::new();
    let origin = "http://sekisho.evil.example:8420".to_owned();
    wrong.push((
        "origin",
        Authenticator {
            origin,
            ..key.clone()
        },
    ));
    let origin = "http://localhost:9999".to_owned();
    wrong.push((
        "port",
        Authenticator {
            origin,
            ..key.clone()
        },
    ));
    let verifies = false;
    wrong.push((
        "unverified",
        Authenticator {
            verifies,
            ..key.clone()
        },
    ));
    let mut stranger = Authenticator::new(4);
    // It answers as the officer, by a key that nobody registered.
    let mut asking = at_home(&house, house.first_account());
    let csrf = asking.get("/account").await.csrf();
    let asked = asking
        .post("/account/passkeys/challenge", &[("csrf", &csrf)])
        .await;
    stranger.create(&asked.json());
    wrong.push(("stranger", stranger));
    for (what, mut key) in wrong {
        let mut browser = arriving(&house);
        let reply = sign_in(&mut browser, &mut key).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert_eq!(
            browser.get("/").await.status,
            StatusCode::SEE_OTHER,
            "{what}"
        );
    }
    let mut browser = arriving(&house);
    for junk in [
        "",
        "{}",
        "null",
        "[]",
        &"[".repeat(8000),
        &"x".repeat(20_000),
    ] {
        let (csrf, _) = challenge(&mut browser).await;
        let reply = bring(&mut browser, &csrf, junk).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // None of it has spoilt the key.
    let reply = sign_in(&mut browser, &mut key).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
}

#[tokio::test]
async fn a_copied_key_is_refused_with_its_original() {
    let mut key = Authenticator::new(5);
    let house = with_passkey(&mut key).await;
    let mut copy = key.clone();
    for _ in 0..3 {
        let reply = sign_in(&mut arriving(&house), &mut key).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
    }
    let reply = sign_in(&mut arriving(&house), &mut copy).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("複製された疑い"));
    // The copy may count on; nobody can tell which of the two is the owner's.
    copy.counter = 100;
    for key in [&mut copy, &mut key] {
        let reply = sign_in(&mut arriving(&house), key).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Nor is the password alone enough from now on.
    let mut browser = arriving(&house);
    let reply = browser.sign_in("officer", PASSWORD).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
    let own = at_home(&house, house.first_account()).get("/account").await;
    assert!(own.text().contains("複製された疑い"));
}

#[tokio::test]
async fn a_key_that_does_not_count_signs_in_again_and_again() {
    let mut key = Authenticator::new(6);
    key.counts = false;
    let house = with_passkey(&mut key).await;
    for _ in 0..3 {
        let reply = sign_in(&mut arriving(&house), &mut key).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_passkey_is_the_second_factor_of_a_password() {
    let mut key = Authenticator::new(7);
    let house = with_passkey(&mut key).await;
    let mut browser = arriving(&house);
    let page = browser.sign_in("officer", PASSWORD).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("data-passkey=\"get\"") && !page.text().contains("name=\"code\""));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
    let csrf = page.csrf();
    let asked = browser
        .post("/sign-in/passkey/challenge", &[("csrf", &csrf)])
        .await
        .json();
    assert_eq!(asked["publicKey"]["allowCredentials"][0]["id"], key.id());
    let reply = bring(&mut browser, &csrf, &key.get(&asked)).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());

    // The key of somebody else is no second factor of the officer.
    let (_, other) = house
        .officer("suzuki", house.root(), sekisho_domain::role::Role::Isso)
        .await;
    let mut foreign = Authenticator::new(8);
    let reply = register(&mut at_home(&house, other), &mut foreign, "鈴木の鍵").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let mut browser = arriving(&house);
    let csrf = browser.sign_in("officer", PASSWORD).await.csrf();
    let asked = browser
        .post("/sign-in/passkey/challenge", &[("csrf", &csrf)])
        .await
        .json();
    let reply = bring(&mut browser, &csrf, &foreign.get(&asked)).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn with_an_app_either_second_factor_will_do() {
    let mut key = Authenticator::new(9);
    let house = with_passkey(&mut key).await;
    let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
    set_totp(books(&house), house.first_account(), Some(&secret)).unwrap();
    // Without passkeys at this address and without scripts the code is still asked for.
    let mut browser = house.browser();
    let page = browser.sign_in("officer", PASSWORD).await;
    assert!(
        page.text().contains("name=\"code\"") && page.text().contains("http://localhost:8420/")
    );
    let seconds = u64::try_from(house.app.now().as_millis() / 1000).unwrap();
    let code = secret.code_at(seconds).unwrap();
    let fields = [("csrf", page.csrf()), ("code", code)];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn challenges_of_one_address_are_bounded() {
    let house = House::founded().await;
    let mut browser = arriving(&house);
    let csrf = browser.get("/sign-in").await.csrf();
    let path = "/sign-in/passkey/challenge";
    let mut limited = None;
    for attempt in 0..60 {
        let reply = browser.post(path, &[("csrf", &csrf)]).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(attempt);
            break;
        }
    }
    assert!(limited.is_some_and(|n| n >= 10), "{limited:?}");
    let unknown = browser
        .post("/sign-in/telepathy/challenge", &[("csrf", &csrf)])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
