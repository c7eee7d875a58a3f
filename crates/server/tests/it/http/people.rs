//! Ending appointments, closing and re-issuing accounts, forgetting people.

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_domain::role::Role;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::assessor::hold;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;
use sekisho_store::observations::SignIn;

use super::house::{Browser, House, PASSWORD, Reply};

/// A house with a head officer who may do all of this, and a person of the staff.
async fn staffed() -> (House, AccountId, (PersonId, AccountId)) {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let staff = house.officer("staff", house.root(), Role::Staff).await;
    (house, hiso, staff)
}

pub async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

/// Ends every appointment of a person at once.
async fn end_all(house: &House, hiso: AccountId, person: PersonId) {
    let held = house.app.world().appointments_of[&person].clone();
    for appointment in held {
        let path = format!("/organisation/appointments/{appointment}");
        let mut browser = house.signed_in(hiso);
        let done = send(
            &mut browser,
            &path,
            &[("last_day", ""), ("confirmed", "yes")],
        )
        .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    }
    house.pass(5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_ends_when_it_is_confirmed() {
    let (house, hiso, (person, account)) = staffed().await;
    let appointment = house.app.world().appointments_of[&person][0];
    let path = format!("/organisation/appointments/{appointment}");
    let mut browser = house.signed_in(hiso);
    let unsure = send(&mut browser, &path, &[("last_day", "")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let past = [("last_day", "2026-01-01"), ("confirmed", "yes")];
    let past = send(&mut browser, &path, &past).await;
    assert!(past.text().contains("last_day-error"), "{}", past.text());
    assert_eq!(
        house.signed_in(account).get("/").await.status,
        StatusCode::OK
    );
    end_all(&house, hiso, person).await;
    let refused = house.signed_in(account).get("/").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = browser.get(&format!("/organisation/people/{person}")).await;
    assert!(page.text().contains("終了済み"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_ends_its_sessions_at_once() {
    let (house, hiso, (person, account)) = staffed().await;
    let mut theirs = house.signed_in(account);
    assert_eq!(theirs.get("/account").await.status, StatusCode::OK);
    let path = format!("/organisation/people/{person}/close");
    let mut browser = house.signed_in(hiso);
    let unsure = send(&mut browser, &path, &[]).await;
    assert!(unsure.text().contains("close-error"));
    assert_eq!(theirs.get("/account").await.status, StatusCode::OK);
    let closed = send(&mut browser, &path, &[("close", "yes")]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    let out = theirs.get("/account").await;
    assert!(out.header("location").starts_with("/sign-in"));
    let known = house.app.accounts().by_person(&person.to_string()).unwrap();
    assert!(known.is_none(), "password and login are kept");
    assert!(house.app.world().accounts[&account].closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_password_is_answered_by_an_account_issued_anew() {
    let (house, hiso, (person, account)) = staffed().await;
    let path = format!("/organisation/people/{person}/account");
    let mut browser = house.signed_in(hiso);
    let unsure = send(&mut browser, &path, &[]).await;
    assert!(unsure.text().contains("reissue-error"));
    let handed = send(&mut browser, &path, &[("reissue", "yes")])
        .await
        .text();
    let (_, link) = handed.split_once("/link/").expect("a link");
    let link = format!("/link/{}", &link[..43]);
    // Both steps stand in the ledger, under the head officer's name.
    assert!(house.app.world().accounts[&account].closed);
    let open: Vec<_> = {
        let world = house.app.world();
        let open = world
            .accounts
            .values()
            .filter(|a| a.person == person && !a.closed);
        open.map(|a| a.id).collect()
    };
    assert_eq!(open.len(), 1);
    let mut theirs = house.browser();
    let csrf = theirs.get(&link).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    assert_eq!(
        theirs.post(&link, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let signed_in = house.browser().sign_in("staff", PASSWORD).await;
    assert_eq!(signed_in.header("location"), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_forgotten_only_when_named_and_leaves_nothing() {
    let (house, hiso, (person, account)) = staffed().await;
    let path = format!("/organisation/people/{person}/forget");
    let mut browser = house.signed_in(hiso);
    let told = browser.get(&path).await.text();
    assert!(told.contains("先に任命を終えてください"), "{told}");
    end_all(&house, hiso, person).await;
    let sign_in = SignIn {
        at: house.app.now().as_millis(),
        account: Some(account.to_string()),
        outcome: "ok".to_owned(),
        address: vec![127, 0, 0, 1],
    };
    house.app.observations().add_sign_in(&sign_in).unwrap();
    let told = browser.get(&path).await.text();
    assert!(
        told.contains("復号に使う鍵を破棄します") && told.contains("バックアップ"),
        "{told}"
    );
    let wrong = send(
        &mut browser,
        &path,
        &[("name", "someone"), ("confirmed", "yes")],
    )
    .await;
    assert!(wrong.text().contains("name-error"));
    let unsure = send(&mut browser, &path, &[("name", "staff")]).await;
    assert!(unsure.text().contains("confirmed-error"));
    assert!(house.app.directory().get(person).is_some());
    let done = send(
        &mut browser,
        &path,
        &[("name", " sta ff"), ("confirmed", "yes")],
    )
    .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert!(house.app.directory().get(person).is_none());
    assert!(house.app.people().is_forgotten(&person.to_string()));
    let signs = house
        .app
        .observations()
        .sign_ins(&account.to_string(), 9)
        .unwrap();
    assert!(signs.is_empty(), "sign-ins are kept");
    assert!(house.app.accounts().by_login("staff").unwrap().is_none());
    let page = browser
        .get(&format!("/organisation/people/{person}"))
        .await
        .text();
    assert!(
        page.contains("個人情報を消去済みです") && !page.contains("staff"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_finds_people_by_name() {
    let (house, hiso, (person, _)) = staffed().await;
    let mut browser = house.signed_in(hiso);
    let all = browser.get("/organisation/people").await.text();
    assert!(all.contains("佐藤 花子") && all.contains(&person.to_string()));
    let found = browser
        .get("/organisation/people?q=%E4%BD%90%E8%97%A4%E8%8A%B1")
        .await
        .text();
    assert!(
        found.contains("佐藤 花子") && !found.contains(&person.to_string()),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_officer_sees_what_remains_to_be_appointed() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let page = browser.get("/organisation").await.text();
    // The first officer holds the one of the two; the other waits for its post.
    let missing = page.matches("先に官職を設けてください").count();
    assert_eq!(missing, 1, "{page}");
    assert!(page.contains("任命済み") && page.contains("?role=ciso#"));
    let chosen = browser.get("/organisation?role=ciso").await.text();
    let option = "<option value=\"ciso\" selected";
    assert!(chosen.contains(option), "{chosen}");
    let root = house.root().to_string();
    let post = [
        ("post_unit", root.as_str()),
        ("title_ja", "次長"),
        ("role", "ciso"),
    ];
    let made = send(&mut browser, "/organisation/posts", &post).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = browser.get("/organisation").await.text();
    let vacant = "まだ誰も任命されていません";
    assert!(
        page.contains(vacant) && page.contains("?post=pst_"),
        "{page}"
    );
    house.officer("ciso", house.root(), Role::Ciso).await;
    let page = browser.get("/organisation").await.text();
    assert!(!page.contains(vacant));
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    // Folders of keys must not be open to others.
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy(&entry.path(), &target),
            kind if kind.is_file() => drop(fs::copy(entry.path(), target).unwrap()),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_that_was_cut_off_is_finished_at_the_next_start() {
    let (house, hiso, (person, _)) = staffed().await;
    end_all(&house, hiso, person).await;
    let app = &house.app;
    tokio::task::block_in_place(|| hold(app, &Catalogue::builtin().unwrap())).unwrap();
    // The record alone, as when the machine stops right after it.
    let actor = Actor::person(app.world().accounts[&hiso].person);
    app.command(actor, Command::ForgetPerson { person })
        .await
        .unwrap();
    app.stop();
    assert!(!app.people().is_forgotten(&person.to_string()));
    let place = tempfile::tempdir().unwrap();
    copy(app.folder().root(), place.path());
    let folder = DataFolder::create_or_open(place.path()).unwrap();
    let master = MasterSource::standard(&folder, None);
    let again = App::open(folder, &master, Box::new(MachineTime::default())).unwrap();
    assert!(again.people().is_forgotten(&person.to_string()));
    assert!(again.directory().get(person).is_none());
    let account = again.accounts().by_person(&person.to_string()).unwrap();
    assert!(account.is_none());
    // What pages look up is the same from a snapshot as from the events themselves.
    assert!(again.folder().snapshots().join("world.json").exists());
    assert_eq!(*again.index(), *app.index());
    let row = "GOV-3-1-c".parse().unwrap();
    assert_eq!(again.index().verdicts(&row, 9).len(), 1);
    again.stop();
}
