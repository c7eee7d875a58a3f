//! Break-glass with a mail relay: codes, tries, powers, notices and the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use sekisho_domain::role::Role;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::admin::Desk;
use sekisho_server::app::App;
use sekisho_server::app::open::replay;
use sekisho_server::break_glass::{NoticeSettings, Notices};
use sekisho_server::mail::MailSettings;

use super::http::house::House;
use super::reconcile_house::until;
use super::reconcile_smtp::{Mail, Relay};

const MINUTE: i64 = 60_000;

fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn settings(relay: &Relay) -> MailSettings {
    MailSettings::plain(&relay.address.to_string(), "sekisho@example.org")
}

fn desk(app: &App, mail: Option<MailSettings>) -> Desk {
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    Desk::new(app.clone(), catalogue).mailing(mail)
}

/// A CISO, so that the bootstrap power is over, and two officers: `isso` and `admin`.
async fn house() -> House {
    let house = House::founded().await;
    let root = house.root();
    house.officer("isso", root, Role::Isso).await;
    house
        .officer("admin", root, Role::SystemAdministrator)
        .await;
    house.officer("auditor", root, Role::Auditor).await;
    house.officer("ciso", root, Role::Ciso).await;
    house
}

/// What the shell asks, from a thread that may wait.
fn ask(desk: &Desk, request: &Request) -> Result<Answer, String> {
    match tokio::task::block_in_place(|| desk.answer(request, &[])) {
        Answer::Failed(failure) => Err(failure.reason.code.to_string()),
        answer => Ok(answer),
    }
}

fn asking(first: &str, second: &str) -> Request {
    Request::BreakGlassAsk {
        first: first.to_owned(),
        second: second.to_owned(),
        reason: "CISO・統括とも連絡が取れない".to_owned(),
    }
}

fn confirming(one: &str, other: &str) -> Request {
    Request::BreakGlassConfirm {
        codes: [one.to_owned(), other.to_owned()],
    }
}

fn body(mail: &Mail) -> String {
    assert_eq!(mail.header("Content-Transfer-Encoding"), "base64");
    let (_, body) = mail.text.split_once("\r\n\r\n").unwrap();
    let packed: String = body.split_whitespace().collect();
    let bytes = <base64ct::Base64 as base64ct::Encoding>::decode_vec(&packed).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The code in the newest mail to a login.
fn code(relay: &Relay, login: &str) -> String {
    let mails = relay.mails();
    let mut to = mails.iter().rev();
    let mail = to.find(|mail| mail.to.contains(&format!("<{login}@example.org>")));
    let text = body(mail.expect("a mail"));
    let (_, rest) = text.split_once("Your code: ").expect("a code");
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_codes_open_it_and_links_let_both_in() {
    let house = house().await;
    let relay = Relay::start(nowhere(), false);
    let desk = desk(&house.app, Some(settings(&relay)));
    desk.listening("http://127.0.0.1:8420".to_owned());
    ask(&desk, &asking("isso", "admin")).unwrap();
    assert_eq!(relay.mails().len(), 2);
    assert!(house.app.world().break_glass.is_none(), "asked is not open");
    let (one, other) = (code(&relay, "isso"), code(&relay, "admin"));
    // The codes the wrong way round are wrong, and as people type them they are right.
    let swapped = ask(&desk, &confirming(&other, &one));
    assert_eq!(swapped.unwrap_err(), "break-glass.wrong-code");
    let right = confirming(&one.to_lowercase(), &other.replace('-', " "));
    let Ok(Answer::BreakGlassOpened { until, links }) = ask(&desk, &right) else {
        panic!("not opened");
    };
    assert_eq!(until.since(house.app.now()).as_millis(), 60 * MINUTE);
    // Used up.
    assert_eq!(ask(&desk, &right).unwrap_err(), "break-glass.not-asked");
    let again = ask(&desk, &asking("ciso", "admin"));
    assert_eq!(again.unwrap_err(), "break-glass.open-already");

    for (link, name) in links.iter().zip(["第一課", "第二課"]) {
        let path = link.strip_prefix("http://127.0.0.1:8420").unwrap();
        let mut browser = house.browser();
        let csrf = browser.get(path).await.csrf();
        let signed_in = browser.post(path, &[("csrf", &csrf)]).await;
        assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
        let page = browser.get("/organisation").await;
        assert!(page.text().contains("非常時権限が開かれています"));
        let (csrf, root) = (page.csrf(), house.root().to_string());
        let fields = [
            ("csrf", csrf.as_str()),
            ("parent", &root),
            ("unit_ja", name),
        ];
        let founded = browser.post("/organisation/units", &fields).await;
        assert_eq!(founded.status, StatusCode::SEE_OTHER, "{}", founded.text());
    }
    over_after_an_hour(&house).await;
    replays(&house.app);
}

/// An hour later pages say nothing, and the same form is refused.
async fn over_after_an_hour(house: &House) {
    house.pass(60 * MINUTE);
    let known = house.app.accounts().by_login("admin").unwrap().unwrap();
    let mut browser = house.signed_in(known.account.parse().unwrap());
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("非常時権限が開かれています"));
    let (csrf, root) = (page.csrf(), house.root().to_string());
    let fields = [
        ("csrf", csrf.as_str()),
        ("parent", &root),
        ("unit_ja", "第三課"),
    ];
    let refused = browser.post("/organisation/units", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let units = house.app.world().units.len();
    assert_eq!(units, 3, "the root and two: nothing after the end");
}

/// What is stored folds to the same World.
fn replays(app: &App) {
    let mut replayed = sekisho_domain::world::World::default();
    replay(
        &app.open_ledger().unwrap(),
        &mut replayed,
        &mut |_| {},
        None,
    )
    .unwrap();
    assert_eq!(replayed.break_glass, app.world().break_glass);
    assert!(replayed.break_glass.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_tries_or_a_quarter_of_an_hour_end_the_codes() {
    let house = house().await;
    let relay = Relay::start(nowhere(), false);
    let desk = desk(&house.app, Some(settings(&relay)));
    ask(&desk, &asking("isso", "admin")).unwrap();
    let (one, other) = (code(&relay, "isso"), code(&relay, "admin"));
    for _ in 0..4 {
        let wrong = ask(&desk, &confirming(&one, "00000-00000"));
        assert_eq!(wrong.unwrap_err(), "break-glass.wrong-code");
    }
    let last = ask(&desk, &confirming("00000-00000", &other));
    assert_eq!(last.unwrap_err(), "break-glass.tries-over");
    let right = ask(&desk, &confirming(&one, &other));
    assert_eq!(right.unwrap_err(), "break-glass.not-asked");

    ask(&desk, &asking("isso", "admin")).unwrap();
    let late = confirming(&code(&relay, "isso"), &code(&relay, "admin"));
    house.pass(15 * MINUTE);
    assert_eq!(ask(&desk, &late).unwrap_err(), "break-glass.codes-over");
    // Codes of an earlier asking are over once there is a newer one.
    ask(&desk, &asking("isso", "admin")).unwrap();
    let earlier = confirming(&code(&relay, "isso"), &code(&relay, "admin"));
    ask(&desk, &asking("admin", "isso")).unwrap();
    assert_eq!(ask(&desk, &earlier).unwrap_err(), "break-glass.wrong-code");
    assert!(house.app.world().break_glass.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_or_with_the_wrong_people_no_code_is_made() {
    let house = house().await;
    let unset = desk(&house.app, None);
    let refused = ask(&unset, &asking("isso", "admin"));
    assert_eq!(refused.unwrap_err(), "break-glass.no-mail");
    let relay = Relay::start(nowhere(), false);
    let able = desk(&house.app, Some(settings(&relay)));
    for (first, second, code) in [
        ("isso", "isso", "break-glass.same-person"),
        ("isso", "nobody", "person.unknown"),
        ("isso", "auditor", "break-glass.no-post"),
        // The first officer was set up without a mail address.
        ("isso", "officer", "break-glass.no-address"),
    ] {
        let refused = ask(&able, &asking(first, second));
        assert_eq!(refused.unwrap_err(), code, "{first} {second}");
    }
    let mut silent = asking("isso", "admin");
    if let Request::BreakGlassAsk { reason, .. } = &mut silent {
        "  ".clone_into(reason);
    }
    assert_eq!(ask(&able, &silent).unwrap_err(), "break-glass.no-reason");
    assert!(relay.mails().is_empty());
    // A relay that refuses, and one that is not there.
    let refusing = Relay::start(nowhere(), true);
    let gone = MailSettings {
        relay: "127.0.0.1:1".to_owned(),
        ..settings(&relay)
    };
    for mail in [settings(&refusing), gone] {
        let desk = desk(&house.app, Some(mail));
        let refused = ask(&desk, &asking("isso", "admin"));
        assert_eq!(refused.unwrap_err(), "break-glass.mail-failed");
        let nothing = ask(&desk, &confirming("", ""));
        assert_eq!(nothing.unwrap_err(), "break-glass.not-asked");
    }
}

fn notices(house: &House, relay: &Relay) -> Notices {
    let settings = NoticeSettings {
        retry_first: Duration::from_millis(20),
        retry_most: Duration::from_millis(50),
        patience: Duration::from_secs(5),
        ..NoticeSettings::new(Some(settings(relay)))
    };
    Notices::start(house.app.clone(), settings).unwrap()
}

fn told(relay: &Relay, word: &str) -> Vec<String> {
    let mails = relay.mails();
    let about = mails.iter().filter(|mail| body(mail).contains(word));
    let mut to: Vec<String> = about.map(|mail| mail.to.clone()).collect();
    to.sort();
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn those_concerned_are_told_of_the_opening_and_of_the_end_once() {
    let house = house().await;
    let relay = Relay::start(nowhere(), false);
    let desk = desk(&house.app, Some(settings(&relay)));
    ask(&desk, &asking("isso", "admin")).unwrap();
    let right = confirming(&code(&relay, "isso"), &code(&relay, "admin"));
    ask(&desk, &right).unwrap();
    let expected: Vec<String> = ["admin", "ciso", "isso"]
        .map(|name| format!("RCPT TO:<{name}@example.org>"))
        .into();
    let running = notices(&house, &relay);
    until("notices of the opening", || {
        told(&relay, "opened break-glass").len() == 3
    });
    running.stop();
    assert_eq!(told(&relay, "opened break-glass"), expected);
    // The end comes while nothing runs; the next start records it and tells of it.
    house.pass(61 * MINUTE);
    let running = notices(&house, &relay);
    until("notices of the end", || told(&relay, "ended at").len() == 3);
    running.stop();
    assert_eq!(told(&relay, "ended at"), expected);
    let known = house.app.world().break_glass.clone().unwrap();
    assert_eq!(known.closed_at, Some(house.app.now()));
    // A further start has nothing to say.
    let before = relay.mails().len();
    let running = notices(&house, &relay);
    running.stop();
    assert_eq!(relay.mails().len(), before);
    assert_eq!(house.app.observations().waiting().unwrap().0, 0);
}

/// The banner's button ends it, for the CISO and for one of the two; nobody else has it.
#[tokio::test(flavor = "multi_thread")]
async fn it_is_ended_from_the_console() {
    let house = house().await;
    let (_, staff) = house.officer("staff", house.root(), Role::Staff).await;
    let relay = Relay::start(nowhere(), false);
    let desk = desk(&house.app, Some(settings(&relay)));
    let account = |login: &str| {
        let known = house.app.accounts().by_login(login).unwrap().unwrap();
        known.account.parse().unwrap()
    };
    for who in [account("ciso"), account("admin")] {
        ask(&desk, &asking("isso", "admin")).unwrap();
        let codes = (code(&relay, "isso"), code(&relay, "admin"));
        ask(&desk, &confirming(&codes.0, &codes.1)).unwrap();
        for other in [staff, account("auditor")] {
            let mut browser = house.signed_in(other);
            let page = browser.get("/").await;
            assert!(page.text().contains("非常時権限が開かれています"));
            assert!(!page.text().contains("/break-glass/close"));
            let csrf = page.csrf();
            let refused = browser.post("/break-glass/close", &[("csrf", &csrf)]).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
        }
        let mut browser = house.signed_in(who);
        let page = browser.get("/").await;
        assert!(page.text().contains("/break-glass/close"));
        let csrf = page.csrf();
        let ended = browser.post("/break-glass/close", &[("csrf", &csrf)]).await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text());
        assert!(
            house
                .app
                .world()
                .break_glass_open(house.app.now())
                .is_none()
        );
        // Pressed once more, there is nothing to end.
        let csrf = browser.get("/").await.csrf();
        let over = browser.post("/break-glass/close", &[("csrf", &csrf)]).await;
        assert!(!house.app.world().has_bootstrap_power(house.first_officer()));
        assert!(over.status.is_client_error());
    }
}
