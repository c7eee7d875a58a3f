//! People who come by a file: found, with their history, after a start, and until they are forgotten.

use std::fs::remove_dir_all;

use axum::http::StatusCode;
use sekisho_domain::arrival::ARRIVALS_MAX;
use sekisho_domain::id::PersonId;
use sekisho_domain::role::Role;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::shelves::{Cursor, Query};
use sekisho_server::tables::TableOf;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

use super::people::{copy, send};
use super::rosters::{loaded, peopled, person};

/// More than one document holds.
const COME: usize = ARRIVALS_MAX + 200;

fn file() -> String {
    let rows = (0..COME).map(|n| {
        let post = if n == 7 { "係員" } else { "" };
        format!("来訪 {n}郎,らいほう,raiho{n}@example.org,会計課,{post}\r\n")
    });
    format!(
        "氏名,フリガナ,メールアドレス,所属,官職\r\n{}",
        rows.collect::<String>()
    )
}

/// How many people a search finds.
fn found(app: &App, word: &str) -> usize {
    let words = [word.to_owned()];
    let query = Query {
        words: &words,
        ..Query::default()
    };
    let shelves = app.shelves();
    let page = shelves.people().find(&query, &|_| true, &Cursor::Start, 10);
    page.total
}

fn is_known(app: &App, person: PersonId) -> bool {
    let directory = app.directory();
    directory.get(person).is_some() && app.world().people.contains_key(&person)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_came_by_a_file_are_found_and_forgotten_like_any_other() {
    let (house, actor) = peopled().await;
    let before = house.app.world().events;
    let come = loaded(&house, &actor, TableOf::People, file().as_bytes());
    assert_eq!(come, [COME, 0, 0]);
    assert_eq!(house.app.world().events, before + 2, "a record a document");
    let again = super::rosters::looked(&house, &actor, TableOf::People, file().as_bytes());
    assert_eq!((again.plan.len(), again.unchanged), (0, COME));
    assert_eq!(found(&house.app, "らいほう"), COME);
    let (seventh, last) = (
        person(&house, "来訪 7郎"),
        person(&house, &format!("来訪 {}郎", COME - 1)),
    );
    assert_eq!(house.app.world().appointments_of[&seventh].len(), 1);
    // The history of each says how she or he came, and where.
    let (_, officer) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(officer);
    for one in [seventh, last] {
        let page = browser.get(&format!("/organisation/people/{one}")).await;
        let page = page.text();
        assert!(page.contains("職員等の一括登録"), "{page}");
    }
    // So does that of the post to which one of them was appointed by it.
    let post = {
        let world = house.app.world();
        let held = world.appointments_of[&seventh][0];
        world.appointments[&held].post
    };
    let page = browser
        .get(&format!("/organisation/people/{seventh}"))
        .await;
    assert!(page.text().contains("会計課 係員"));
    let page = browser.get(&format!("/organisation/posts/{post}")).await;
    let page = page.text();
    let (_, history) = page.split_once("class=\"history\"").unwrap();
    assert!(history.contains("来訪 7郎"), "{history}");
    assert!(history.contains("職員等の一括登録"), "{history}");
    let ledger = browser.get("/ledger").await.text();
    assert!(ledger.contains("職員等の一括登録"), "{ledger}");
    let forget = format!("/organisation/people/{last}/forget");
    let called = format!("来訪 {}郎", COME - 1);
    let fields = [("confirmed", "yes"), ("name", called.as_str())];
    let done = send(&mut browser, &forget, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert!(!is_known(&house.app, last) && is_known(&house.app, seventh));
    assert_eq!(found(&house.app, "らいほう"), COME - 1);
    house.app.stop();
    // A start from the snapshot and one from the records alone know the same.
    for with_snapshot in [true, false] {
        let place = tempfile::tempdir().unwrap();
        copy(house.app.folder().root(), place.path());
        let folder = DataFolder::create_or_open(place.path()).unwrap();
        if !with_snapshot {
            remove_dir_all(folder.snapshots()).unwrap();
        }
        let master = MasterSource::standard(&folder, None);
        let opened = App::open(folder, &master, Box::new(MachineTime::default())).unwrap();
        assert!(is_known(&opened, seventh), "{with_snapshot}");
        assert!(opened.directory().get(last).is_none(), "{with_snapshot}");
        assert_eq!(found(&opened, "らいほう"), COME - 1, "{with_snapshot}");
        assert_eq!(*opened.index(), *house.app.index(), "{with_snapshot}");
        assert_eq!(*opened.world(), *house.app.world(), "{with_snapshot}");
        opened.stop();
    }
}
