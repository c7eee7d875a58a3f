//! Accounts for many people at once.

use axum::http::StatusCode;
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_domain::role::Role;

use super::house::{Browser, House, Reply};

const PATH: &str = "/organisation/accounts";

async fn send(browser: &mut Browser<'_>, list: &str, how: &str) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("list", list), ("as", how)];
    browser.post(PATH, &fields).await
}

/// A house with a head officer, and people without accounts.
async fn waiting(names: &[&str]) -> (House, AccountId, Vec<PersonId>) {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    house.officer("ciso", house.root(), Role::Ciso).await;
    let mut people = Vec::new();
    for name in names {
        people.push(house.person(name, house.root()).await);
    }
    (house, hiso, people)
}

fn accounts_of(house: &House, people: &[PersonId]) -> usize {
    let world = house.app.world();
    let theirs = world.accounts.values();
    theirs.filter(|it| people.contains(&it.person)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_a_sheet_of_links() {
    let (house, hiso, people) = waiting(&["suzuki", "=tanaka"]).await;
    let mut browser = house.signed_in(hiso);
    let page = browser.get(PATH).await.text();
    for person in &people {
        assert!(page.contains(&person.to_string()), "{page}");
    }
    // Proposed is the first part of the mail address, where it is a login.
    assert!(page.contains(&format!("{},suzuki,suzuki", people[0])));
    let list = format!("{},suzuki,x\n\n{}\ttanaka\n", people[0], people[1]);
    let sheet = send(&mut browser, &list, "sheet").await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.text());
    assert_eq!(accounts_of(&house, &people), 2);
    let text = sheet.text();
    let links: Vec<&str> = text
        .split("http://127.0.0.1:8420/link/")
        .skip(1)
        .map(|rest| &rest[..43])
        .collect();
    assert_eq!(links.len(), 2);
    // Shown once: the page does not hold them any more.
    assert!(!browser.get(PATH).await.text().contains("/link/"));
    let mut newcomer = house.browser();
    let path = format!("/link/{}", links[1]);
    let csrf = newcomer.get(&path).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("password", "関所を通るための合言葉です"),
        ("password_again", "関所を通るための合言葉です"),
    ];
    let reply = newcomer.post(&path, &fields).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert!(newcomer.get("/account").await.text().contains("tanaka"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_comes_as_a_table_file() {
    let (house, hiso, people) = waiting(&["=tanaka"]).await;
    let list = format!("{},tanaka", people[0]);
    let reply = send(&mut house.signed_in(hiso), &list, "csv").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.header("content-type").starts_with("text/csv"));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(reply.header("content-disposition").contains("attachment"));
    let text = reply.text();
    assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"));
    assert!(
        text.contains("\"'=tanaka\",\"tanaka\",\"http://127.0.0.1:8420/link/"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_line_is_wrong_nothing_is_issued() {
    let (house, hiso, people) = waiting(&["suzuki", "tanaka"]).await;
    let mut browser = house.signed_in(hiso);
    let [first, second] = [people[0].to_string(), people[1].to_string()];
    let holder = house.first_officer().to_string();
    let sound = format!("{first},suzuki\n");
    for (what, more) in [
        ("a login that is taken", format!("{second},officer")),
        (
            "a login that is taken on the list",
            format!("{second},suzuki"),
        ),
        ("a login that is none", format!("{second},佐藤")),
        (
            "nobody's number",
            "per_00000000000000000000000000,x".to_owned(),
        ),
        ("no number", "<b>,x".to_owned()),
        ("somebody with an account", format!("{holder},x")),
        ("the same person again", format!("{first},other")),
    ] {
        let reply = send(&mut browser, &format!("{sound}{more}\n"), "sheet").await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(reply.text().contains("2行目"), "{what}");
        assert!(reply.text().contains("suzuki") && !reply.text().contains("<b>"));
        assert_eq!(accounts_of(&house, &people), 0, "{what}");
    }
    for empty in ["", "\n\n", &format!("{first},\n")] {
        let reply = send(&mut browser, empty, "sheet").await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let reply = send(&mut browser, &sound, "sheet").await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_limited() {
    let names: Vec<String> = (0..7).map(|n| format!("person{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (house, hiso, people) = waiting(&names).await;
    let mut browser = house.signed_in(hiso);
    let mut replies = Vec::new();
    for (n, person) in people.iter().enumerate() {
        let reply = send(&mut browser, &format!("{person},login{n}"), "sheet").await;
        replies.push(reply.status);
    }
    assert_eq!(replies[4], StatusCode::OK);
    assert_eq!(replies[5], StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(accounts_of(&house, &people), 5);
}
