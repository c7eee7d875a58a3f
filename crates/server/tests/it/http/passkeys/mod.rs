//! Passkeys: registered, signed in with, copied, replayed, removed.

mod authenticator;
mod keeping;
mod signing_in;

use axum::http::StatusCode;
use sekisho_domain::id::AccountId;

use super::house::{Browser, House, Reply};
use authenticator::{Authenticator, HOST};

fn arriving(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    browser.host = HOST;
    browser
}

fn at_home(house: &House, account: AccountId) -> Browser<'_> {
    let mut browser = house.signed_in(account);
    browser.host = HOST;
    browser
}

/// Registers the authenticator with the account that is signed in.
async fn register(browser: &mut Browser<'_>, key: &mut Authenticator, name: &str) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let path = "/account/passkeys/challenge";
    let challenge = browser.post(path, &[("csrf", &csrf)]).await;
    assert_eq!(challenge.status, StatusCode::OK, "{}", challenge.text());
    let made = key.create(&challenge.json());
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", name),
        ("credential", &made),
    ];
    browser.post("/account/passkeys", &fields).await
}

async fn challenge(browser: &mut Browser<'_>) -> (String, serde_json::Value) {
    let csrf = browser.get("/sign-in").await.csrf();
    let path = "/sign-in/passkey/challenge";
    let reply = browser.post(path, &[("csrf", &csrf)]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    (csrf, reply.json())
}

async fn bring(browser: &mut Browser<'_>, csrf: &str, answer: &str) -> Reply {
    let fields = [
        ("csrf", csrf),
        ("way", "passkey"),
        ("next", "/devices"),
        ("credential", answer),
    ];
    browser.post("/sign-in", &fields).await
}

async fn sign_in(browser: &mut Browser<'_>, key: &mut Authenticator) -> Reply {
    let (csrf, challenge) = challenge(browser).await;
    let answer = key.get(&challenge);
    bring(browser, &csrf, &answer).await
}

/// A house whose first officer has this passkey.
async fn with_passkey(key: &mut Authenticator) -> House {
    let house = House::founded().await;
    let mut browser = at_home(&house, house.first_account());
    let reply = register(&mut browser, key, "執務用ノートPC").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    house
}
