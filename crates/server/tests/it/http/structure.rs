//! The pages of people, units and posts: changing them, and what the history says.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::id::{AccountId, PersonId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::role::Role;
use sekisho_server::app::directory::PersonProfile;
use sekisho_server::tables::TableOf;

use super::house::{Browser, House, Reply, name_of};
use super::rosters::looked;

async fn staffed() -> (House, UnitId, AccountId, PersonId) {
    let house = House::founded().await;
    let section = house.unit("総務課").await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let (person, _) = house.officer("staff", section, Role::Staff).await;
    (house, section, hiso, person)
}

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_renamed_from_a_day_on_and_ends_with_a_successor() {
    let (house, section, hiso, _) = staffed().await;
    let heir = house.unit("庶務課").await;
    let mut browser = house.signed_in(hiso);
    let path = format!("/organisation/units/{section}");
    let rename = [
        ("f-name_ja", "総務第一課"),
        ("f-from", "2027-04-01"),
        ("expected", "0"),
    ];
    let done = send(&mut browser, &format!("{path}/rename"), &rename).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = browser.get(&path).await.text();
    for shown in ["総務課", "総務第一課", "2027年4月1日（令和9年）"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let stale = send(&mut browser, &format!("{path}/rename"), &rename).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    let past = [
        ("f-name_ja", "課"),
        ("f-from", "H31.4.30"),
        ("expected", "1"),
    ];
    let past = send(&mut browser, &format!("{path}/rename"), &past).await;
    assert!(past.text().contains("f-from-error"), "{}", past.text());
    let alone = [("f-last_day", "2027-03-31"), ("expected", "1")];
    let alone = send(&mut browser, &format!("{path}/abolish"), &alone).await;
    assert!(alone.text().contains("f-heirs-error"), "{}", alone.text());
    let heir = heir.to_string();
    let with = [
        ("f-last_day", "2027-03-31"),
        ("f-heirs", heir.as_str()),
        ("expected", "1"),
    ];
    let done = send(&mut browser, &format!("{path}/abolish"), &with).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = browser.get(&path).await.text();
    assert!(page.contains("庶務課"), "{page}");
    let all = browser.get("/organisation/units").await.text();
    assert!(all.contains("総務課") && all.contains("庶務課"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_changes_name_and_unit_leaves_and_returns() {
    let (house, _, hiso, person) = staffed().await;
    let other = house.unit("会計課").await.to_string();
    let mut browser = house.signed_in(hiso);
    let path = format!("/organisation/people/{person}");
    let change = [
        ("f-name_ja", "鈴木 一郎"),
        ("f-name_kana", "スズキ イチロウ"),
        ("f-mail", "suzuki@example.org"),
        ("f-unit", other.as_str()),
        ("expected", "0"),
    ];
    let done = send(&mut browser, &format!("{path}/details/change"), &change).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = browser.get(&path).await.text();
    for shown in ["鈴木 一郎", "会計課", "スズキ イチロウ"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let found = browser
        .get("/organisation/people?q=%EF%BD%BD%EF%BD%BD%EF%BE%9E%EF%BD%B7")
        .await;
    assert!(found.text().contains("鈴木 一郎"), "{}", found.text());
    let left = send(
        &mut browser,
        &format!("{path}/details/leave"),
        &[("expected", "1")],
    )
    .await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text());
    let back = [("f-unit", other.as_str())];
    let back = send(&mut browser, &format!("{path}/details/return"), &back).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
}

/// What was taken before readings had to be in kana once stopped every other change, and the file in
/// which such a person came.
#[tokio::test(flavor = "multi_thread")]
async fn a_reading_of_old_stays_and_stands_in_no_ones_way() {
    let (house, section, hiso, _) = staffed().await;
    let mut name = name_of("山本 花子");
    name.kana = Some(Line::parse("Yamamoto Hanako").unwrap());
    let mail = Some("old@example.org".to_owned());
    let person = house
        .registered(&PersonProfile { name, mail }, section)
        .await;
    let mut browser = house.signed_in(hiso);
    let path = format!("/organisation/people/{person}/details/change");
    let unit = section.to_string();
    for (kana, status) in [
        ("Yamamoto Fumiko", StatusCode::UNPROCESSABLE_ENTITY),
        ("Yamamoto Hanako", StatusCode::SEE_OTHER),
    ] {
        let change = [
            ("f-name_ja", "山本 花子"),
            ("f-name_kana", kana),
            ("f-mail", "new@example.org"),
            ("f-unit", unit.as_str()),
            ("expected", "0"),
        ];
        let done = send(&mut browser, &path, &change).await;
        assert_eq!(done.status, status, "{kana}: {}", done.text());
    }
    let file = format!(
        "氏名,フリガナ,メールアドレス,所属\r\n山本 花子,Yamamoto Hanako,new@example.org,{section}\r\n"
    );
    let (head, _) = house.officer("head", house.root(), Role::Hiso).await;
    let again = looked(
        &house,
        &Actor::person(head),
        TableOf::People,
        file.as_bytes(),
    );
    assert_eq!(again.faults, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_changes_its_title_and_roles() {
    let (house, section, hiso, person) = staffed().await;
    let post = {
        let world = house.app.world();
        world.appointments[&world.appointments_of[&person][0]].post
    };
    let mut browser = house.signed_in(hiso);
    let path = format!("/organisation/posts/{post}");
    let unit = section.to_string();
    let change = [
        ("f-title_ja", "総務課主任"),
        ("f-unit", unit.as_str()),
        ("f-roles", "staff"),
        ("expected", "0"),
    ];
    let done = send(&mut browser, &format!("{path}/change"), &change).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = browser.get(&path).await.text();
    assert!(page.contains("総務課主任"), "{page}");
    let none = [
        ("f-title_ja", "x"),
        ("f-unit", unit.as_str()),
        ("expected", "1"),
    ];
    let none = send(&mut browser, &format!("{path}/change"), &none).await;
    assert!(none.text().contains("f-roles-error"), "{}", none.text());
}
