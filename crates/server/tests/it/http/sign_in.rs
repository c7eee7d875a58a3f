//! Signing in and out: passwords, codes, limits, sessions, forged requests.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{StatusCode, header};
use sekisho_protocol::admin::{Answer, Request};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::admin::Desk;
use sekisho_server::identity::sign_in::{Books, set_totp};
use sekisho_server::identity::totp::TotpSecret;
use sekisho_server::identity::{link, session};

use super::house::{APPLICATION, House, PASSWORD};

#[tokio::test]
async fn in_and_out() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let away = browser.get("/devices?state=failing").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    assert_eq!(
        away.header("location"),
        "/sign-in?next=/devices%3Fstate%3Dfailing"
    );
    let csrf = browser.get(away.header("location")).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", "OFFICER"),
        ("password", PASSWORD),
        ("next", "/devices?state=failing"),
    ];
    let back = browser.post("/sign-in", &fields).await;
    assert_eq!(
        (back.status, back.header("location")),
        (StatusCode::SEE_OTHER, "/devices?state=failing")
    );
    let cookie = back
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|c| c.to_str().unwrap());
    let cookie = cookie
        .into_iter()
        .find(|c| c.starts_with("sekisho-session="))
        .unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let home = browser.get("/").await;
    assert_eq!(home.status, StatusCode::OK);
    let stolen = browser.jar.clone();
    let out = browser.post("/sign-out", &[("csrf", &home.csrf())]).await;
    assert_eq!(out.status, StatusCode::OK);
    assert!(!browser.jar.contains_key("sekisho-session"));
    // The session is over for whoever kept its cookie.
    browser.jar = stolen;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nothing_leads_away_from_this_server() {
    let house = House::founded().await;
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://127.0.0.1:8421/",
        "https://127.0.0.1:8421",
        "https://127.0.0.1:8422/",
        "https://127.0.0.1:8421.evil.example/",
        "https://127.0.0.1:8421@evil.example/",
        "https://127.0.0.1:8421/\\evil.example",
    ] {
        let mut browser = house.browser();
        let csrf = browser.get("/sign-in").await.csrf();
        let fields = [
            ("csrf", csrf.as_str()),
            ("login", "officer"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let reply = browser.post("/sign-in", &fields).await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (StatusCode::SEE_OTHER, "/"),
            "{next}"
        );
    }
}

#[tokio::test]
async fn an_application_that_is_named_is_led_back_to() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    let next = format!("https://{APPLICATION}/page?a=1&b=2");
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", "officer"),
        ("password", PASSWORD),
        ("next", next.as_str()),
    ];
    // No form may lead to another origin; a page does.
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.header("refresh"), format!("0; url={next}"));
    let link = format!("href=\"{}\"", next.replace('&', "&amp;"));
    assert!(reply.text().contains(&link), "{}", reply.text());
    assert!(browser.jar.contains_key("sekisho-session"));
    let page = format!("/sign-in?next=https%3A//{APPLICATION}/page");
    let reply = browser.get(&page).await;
    let location = format!("https://{APPLICATION}/page");
    assert_eq!(
        (reply.status, reply.header("location")),
        (StatusCode::SEE_OTHER, location.as_str())
    );
}

#[tokio::test]
async fn failures_make_the_account_wait_and_tell_nothing() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let unknown = browser.sign_in("nobody", "wrong password 1").await;
    for _ in 0..5 {
        let wrong = browser.sign_in("officer", "wrong password 1").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let (wrong, unknown) = (wrong.text(), unknown.text());
        let shown = |text: &str| text.split("alert-heading").nth(1).unwrap()[..200].to_owned();
        assert_eq!(shown(&wrong), shown(&unknown));
    }
    // The right password does not pass while the account waits, and is answered alike.
    let right = browser.sign_in("officer", PASSWORD).await;
    assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.pass(31_000);
    let right = browser.sign_in("officer", PASSWORD).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    let account = house.app.accounts().by_login("officer").unwrap().unwrap();
    assert_eq!((account.failed, account.locked_until), (0, None));
}

#[tokio::test]
async fn an_address_that_fails_too_often_waits() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let mut limited = None;
    for attempt in 0..30 {
        let reply = browser
            .sign_in(&format!("nobody{attempt}"), "wrong password 1")
            .await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some((attempt, reply.header("retry-after").parse::<i64>().unwrap()));
            break;
        }
    }
    let (attempt, wait) = limited.expect("a limit");
    assert!(attempt >= 10 && wait >= 1, "{attempt} {wait}");
    // Another address is not shut out by it.
    let mut other = house.browser();
    other.address = [127, 0, 0, 2];
    assert_eq!(
        other.sign_in("officer", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    house.pass(wait * 1000);
    assert_eq!(
        browser.sign_in("officer", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_code_passes_once() {
    let house = House::founded().await;
    let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
    let books = Books {
        accounts: house.app.accounts(),
        keyring: house.app.keyring(),
        observations: house.app.observations(),
    };
    set_totp(books, house.first_account(), Some(&secret)).unwrap();
    let code = |house: &House| {
        secret
            .code_at(u64::try_from(house.app.now().as_millis() / 1000).unwrap())
            .unwrap()
    };
    let mut browser = house.browser();
    let asked = browser.sign_in("officer", PASSWORD).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        !browser.jar.contains_key("sekisho-session"),
        "the password alone is not enough"
    );
    let csrf = asked.csrf();
    // A code from another browser than the password's is worth nothing.
    let mut other = house.browser();
    let elsewhere = other.get("/sign-in").await.csrf();
    let now = code(&house);
    let refused = other
        .post("/sign-in", &[("csrf", &elsewhere), ("code", &now)])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = browser
        .post("/sign-in", &[("csrf", &csrf), ("code", "000000")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = browser
        .post(
            "/sign-in",
            &[("csrf", &csrf), ("code", &now), ("next", "/account")],
        )
        .await;
    assert_eq!(
        (right.status, right.header("location")),
        (StatusCode::SEE_OTHER, "/account")
    );
    // The same code again, with the right password, in another browser.
    let asked = other.sign_in("officer", PASSWORD).await;
    let replayed = other
        .post("/sign-in", &[("csrf", &asked.csrf()), ("code", &now)])
        .await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.pass(30_000);
    let next = code(&house);
    let right = other
        .post("/sign-in", &[("csrf", &replayed.csrf()), ("code", &next)])
        .await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_second_factor_is_turned_on_by_a_code_of_the_app() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let page = browser.get("/set-up/second-factor").await;
    let text = page.text();
    let shown = text
        .split("class=\"secret\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let typed: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base32(&typed);
    let secret = TotpSecret::from_bytes(&bytes).unwrap();
    let seconds = u64::try_from(house.app.now().as_millis() / 1000).unwrap();
    let wrong = browser
        .post(
            "/set-up/second-factor",
            &[("csrf", &page.csrf()), ("code", "12345")],
        )
        .await;
    assert!(wrong.text().contains("code-error"));
    let code = secret.code_at(seconds).unwrap();
    let done = browser
        .post(
            "/set-up/second-factor",
            &[("csrf", &page.csrf()), ("code", &code)],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let account = house.app.accounts().by_login("officer").unwrap().unwrap();
    let sealed = account.totp.expect("a second factor");
    assert!(
        !sealed.windows(20).any(|window| window == bytes),
        "the secret is stored sealed"
    );
    let mut other = house.browser();
    let asked = other.sign_in("officer", PASSWORD).await;
    let replayed = other
        .post("/sign-in", &[("csrf", &asked.csrf()), ("code", &code)])
        .await;
    assert_eq!(
        replayed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the code that confirmed it is used"
    );
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for c in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|b| *b == c)
            .unwrap();
        bits = (bits << 5) | u32::try_from(value).unwrap();
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    out
}

#[tokio::test]
async fn no_form_without_its_token_and_origin() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let csrf = browser.get("/account").await.csrf();
    let mut stranger = house.browser();
    let strange = stranger.get("/sign-in").await.csrf();
    for token in ["", "x", &strange, &csrf[1..]] {
        let reply = browser
            .post("/organisation/units", &[("csrf", token)])
            .await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{token}");
        assert!(reply.text().contains("http.csrf"), "{token}");
    }
    for (name, value, passes) in [
        ("origin", "http://evil.example", false),
        ("origin", "https://127.0.0.1:8420", false),
        ("origin", "null", false),
        // A page of an application at another port of this very host.
        ("origin", "http://127.0.0.1:8421", false),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "same-origin", true),
        ("origin", "http://127.0.0.1:8420", true),
    ] {
        let request = browser
            .request("POST", "/ledger/verify")
            .header(name, value)
            .body(Body::from(format!("csrf={csrf}")))
            .unwrap();
        let reply = browser.send(request).await;
        assert_eq!(
            reply.status == StatusCode::SEE_OTHER,
            passes,
            "{name}: {value}"
        );
    }
    // As browsers send a form of a page under `Referrer-Policy: no-referrer`.
    let request = browser
        .request("POST", "/ledger/verify")
        .header("origin", "null")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(format!("csrf={csrf}")))
        .unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_planted_before_the_sign_in_is_worth_nothing_after_it() {
    let house = House::founded().await;
    let planted = "A".repeat(43);
    let mut browser = house.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    browser
        .jar
        .insert("sekisho-session".to_owned(), planted.clone());
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", "officer"),
        ("password", PASSWORD),
    ];
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.jar["sekisho-session"], planted);
    let mut attacker = house.browser();
    attacker.jar.insert("sekisho-session".to_owned(), planted);
    assert_eq!(attacker.get("/").await.status, StatusCode::SEE_OTHER);
    // Signing in again replaces the session of this browser.
    let before = browser.jar["sekisho-session"].clone();
    let page = browser.get("/account").await;
    let fields = [
        ("csrf", page.csrf()),
        ("login", "officer".into()),
        ("password", PASSWORD.into()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(
        browser.post("/sign-in", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_ne!(browser.jar["sekisho-session"], before);
    attacker.jar.insert("sekisho-session".to_owned(), before);
    assert_eq!(attacker.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_end_without_use_and_in_any_case() {
    let house = House::founded().await;
    let mut idle = house.signed_in(house.first_account());
    house.pass(session::IDLE - 1000);
    assert_eq!(idle.get("/").await.status, StatusCode::OK);
    house.pass(session::IDLE + 1000);
    assert_eq!(idle.get("/").await.status, StatusCode::SEE_OTHER);
    let mut busy = house.signed_in(house.first_account());
    let mut passed = 0;
    while passed + session::IDLE / 2 < session::ABSOLUTE {
        house.pass(session::IDLE / 2);
        passed += session::IDLE / 2;
        assert_eq!(busy.get("/").await.status, StatusCode::OK);
    }
    house.pass(session::IDLE / 2);
    assert_eq!(busy.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let house = House::founded().await;
    let account = house.first_account();
    let (mut here, mut there) = (house.signed_in(account), house.signed_in(account));
    let csrf = here.get("/account").await.csrf();
    let new = "another long password";
    let wrong = [
        ("csrf", csrf.as_str()),
        ("current", "not it at all"),
        ("password", new),
        ("password_again", new),
    ];
    let reply = here.post("/account/password", &wrong).await;
    assert!(reply.text().contains("current-error"));
    let right = [
        ("csrf", csrf.as_str()),
        ("current", PASSWORD),
        ("password", new),
        ("password_again", new),
    ];
    assert_eq!(
        here.post("/account/password", &right).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    let mut browser = house.browser();
    assert_eq!(
        browser.sign_in("officer", PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        browser.sign_in("officer", new).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_sign_in_link_works_once_by_its_button() {
    let house = House::founded().await;
    let (account, person) = (house.first_account(), house.first_officer());
    let accounts = house.app.accounts();
    let make = || {
        let purpose = link::Purpose::SignIn;
        link::for_account(accounts, purpose, account, person, house.app.now())
            .unwrap()
            .text()
    };
    let path = format!("/link/{}", make());
    let mut browser = house.browser();
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        browser.get("/").await.status,
        StatusCode::SEE_OTHER,
        "looking does not sign in"
    );
    let reply = browser.post(&path, &[("csrf", &page.csrf())]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let mut second = house.browser();
    assert_eq!(second.get(&path).await.status, StatusCode::GONE);
    let path = format!("/link/{}", make());
    house.pass(link::Purpose::SignIn.lifetime() + 1);
    assert_eq!(second.get(&path).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_skipped_the_second_factor() {
    let house = House::founded().await;
    let (account, person) = (house.first_account(), house.first_officer());
    let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
    let accounts = house.app.accounts();
    let books = Books {
        accounts,
        keyring: house.app.keyring(),
        observations: house.app.observations(),
    };
    set_totp(books, account, Some(&secret)).unwrap();
    let purpose = link::Purpose::SignIn;
    let token = link::for_account(accounts, purpose, account, person, house.app.now());
    let path = format!("/link/{}", token.unwrap().text());
    let mut browser = house.browser();
    let csrf = browser.get(&path).await.csrf();
    let asked = browser.post(&path, &[("csrf", &csrf)]).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(!browser.jar.contains_key("sekisho-session"));
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
    let seconds = u64::try_from(house.app.now().as_millis() / 1000).unwrap();
    let code = secret.code_at(seconds).unwrap();
    let fields = [("csrf", asked.csrf()), ("code", code)];
    let fields = fields
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_shell_could_sign_in_as_the_first_officer_for_ever() {
    let house = House::new();
    let desk = Desk::new(house.app.clone(), Arc::new(Catalogue::builtin().unwrap()));
    let asked = || desk.answer(&Request::Link, &[]);
    assert!(matches!(asked(), Answer::Secret(_)), "before the set-up");
    let (mut browser, reply) = house.found("officer").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let Answer::Failed(failure) = asked() else {
        panic!("the shell was given a link to sign in");
    };
    assert!(failure.refused);
    assert_eq!(failure.reason.code, "link.over");
    let metrics = browser.get("/metrics").await.text();
    assert!(
        metrics.contains("sekisho_shell_links_total 1\n"),
        "{metrics}"
    );
}
