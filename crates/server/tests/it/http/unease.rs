//! Unease under one's name, incidents, and checklists on the console.

use axum::http::StatusCode;
use sekisho_domain::id::AccountId;
use sekisho_domain::role::Role;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::assessor::assess_now;

use super::house::{Browser, House, Reply};

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

async fn done(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let reply = send(browser, path, fields).await;
    assert_eq!(
        reply.status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        reply.text()
    );
    reply.header("location").to_owned()
}

struct People {
    staff: AccountId,
    diso: AccountId,
    body: AccountId,
    csirt: AccountId,
}

async fn people(house: &House) -> People {
    let section = house.unit("総務課").await;
    let root = house.root();
    People {
        staff: house.officer("shokuin", section, Role::Staff).await.1,
        diso: house.officer("kacho", section, Role::Diso).await.1,
        body: house.officer("suishin", root, Role::PromotionBody).await.1,
        csirt: house.officer("csirt", root, Role::Csirt).await.1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unease_is_told_by_one_press_and_answered_in_words() {
    let house = House::founded().await;
    let people = people(&house).await;
    let mut staff = house.signed_in(people.staff);
    // From every page it is one press to the form, and one more to have told.
    assert!(
        staff
            .get("/permits")
            .await
            .text()
            .contains("href=\"/concerns/new\"")
    );
    let form = staff.get("/concerns/new").await.text();
    assert!(form.contains("name=\"kind\" value=\"attack\"") && form.contains("href=\"/unease\""));
    let path = done(
        &mut staff,
        "/concerns",
        &[("kind", "place"), ("hidden", "yes")],
    )
    .await;
    let mut chief = house.signed_in(people.diso);
    let list = chief.get("/concerns").await.text();
    assert!(list.contains(&path), "{list}");
    let page = chief.get(&path).await.text();
    assert!(!page.contains("shokuin"), "{page}");
    // Those who do not answer it neither see nor answer it.
    let other = house.officer("hoka", house.root(), Role::Tmo).await.1;
    let mut other = house.signed_in(other);
    assert_eq!(other.get(&path).await.status, StatusCode::FORBIDDEN);
    let words = [("expected", "1"), ("words", "間仕切りを置きました。")];
    let refused = send(&mut other, &format!("{path}/answer"), &words).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    done(&mut chief, &format!("{path}/examine"), &[("expected", "1")]).await;
    let stale = send(&mut chief, &format!("{path}/answer"), &words).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = [("expected", "2"), words[1]];
    done(&mut chief, &format!("{path}/answer"), &words).await;
    let read = staff.get(&path).await.text();
    assert!(
        read.contains("間仕切りを置きました。") && read.contains("回答済み"),
        "{read}"
    );
    done(
        &mut staff,
        &format!("{path}/say"),
        &[("words", "まだ見えます。")],
    )
    .await;
    assert!(chief.get("/concerns").await.text().contains("確認中"));
    // It becomes an incident by one press.
    let words = [("expected", "4"), ("words", "のぞき見された可能性がある。")];
    let incident = done(&mut chief, &format!("{path}/incident"), &words).await;
    assert!(incident.starts_with("/incidents/inc_"), "{incident}");
    let page = chief.get(&incident).await.text();
    assert!(page.contains("のぞき見された可能性がある。"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_reported_by_anyone_and_dealt_with_by_steps() {
    let house = House::founded().await;
    let people = people(&house).await;
    let mut staff = house.signed_in(people.staff);
    let fields = [
        ("f-kind", "loss"),
        ("f-found", "2026-11-18"),
        ("f-severity", "high"),
        ("words", "電車に端末を置き忘れた。"),
    ];
    let silent = send(&mut staff, "/incidents", &fields[..3]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = done(&mut staff, "/incidents", &fields).await;
    let own = staff.get(&path).await.text();
    assert!(
        own.contains("電車に端末を置き忘れた。") && own.contains("紛失"),
        "{own}"
    );
    assert!(
        !own.contains("name=\"to\""),
        "whoever reports it takes no step"
    );
    let step = [
        ("expected", "1"),
        ("to", "contained"),
        ("words", "遠隔で消去した。"),
    ];
    let refused = send(&mut staff, &path, &step).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut csirt = house.signed_in(people.csirt);
    assert!(csirt.get("/incidents").await.text().contains(&path));
    done(&mut csirt, &path, &step).await;
    let step = [("expected", "2"), ("to", "closed"), ("words", "")];
    let silent = send(&mut csirt, &path, &step).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let step = [
        ("expected", "2"),
        ("to", "closed"),
        ("words", "端末を回収した。"),
    ];
    done(&mut csirt, &path, &step).await;
    let read = staff.get(&path).await.text();
    assert!(
        read.contains("端末を回収した。") && read.contains("対応済み"),
        "{read}"
    );
}

fn verdict(house: &House, row: &str) -> (Verdict, String) {
    let assessment = tokio::task::block_in_place(|| {
        assess_now(&house.app, &Catalogue::builtin().unwrap(), None)
    });
    let found = assessment.rows.iter().find(|it| it.id.as_str() == row);
    let verdict = &found.expect("a row").verdict;
    (verdict.verdict, verdict.reason.code.to_string())
}

/// An item in each chapter.
async fn load(body: &mut Browser<'_>) {
    for (place, chapter) in ["restarting", "joining", "emergency", "onward"]
        .iter()
        .enumerate()
    {
        let number = format!("{}-1", place + 1);
        let fields = [
            ("f-list", "JNSA 2020"),
            ("f-edition", "2020-05-19"),
            ("f-chapter", chapter),
            ("f-number", number.as_str()),
            ("f-text", "手元の写しの項目"),
        ];
        done(body, "/registers/checklist_item", &fields).await;
    }
}

/// The pages of the items.
async fn paths(body: &mut Browser<'_>) -> Vec<String> {
    let page = body.get("/checklists").await.text();
    page.split("href=\"/checklists/cki_")
        .skip(1)
        .map(|rest| format!("/checklists/cki_{}", rest.split('"').next().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_is_loaded_answered_and_saved_and_its_row_follows() {
    let house = House::founded().await;
    let people = people(&house).await;
    let mut body = house.signed_in(people.body);
    let empty = body.get("/checklists").await.text();
    assert!(
        empty.contains("停止していたシステムの再開") && empty.contains("まだ取り込まれていません")
    );
    assert_eq!(
        verdict(&house, "PUB-3"),
        (Verdict::Unknown, "checklist.none".to_owned())
    );
    load(&mut body).await;
    let not = (Verdict::NotMet, "checklist.not-answered".to_owned());
    assert_eq!(verdict(&house, "PUB-3"), not);
    let paths = paths(&mut body).await;
    assert_eq!(paths.len(), 4);
    let unshown = [("expected", "1"), ("answer", "yes")];
    let unshown = send(&mut body, &paths[0], &unshown).await;
    assert_eq!(unshown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nowhere = [("expected", "1"), ("answer", "yes"), ("evidence", "そこ")];
    let nowhere = send(&mut body, &paths[0], &nowhere).await;
    assert!(
        nowhere.text().contains("証跡の書き方"),
        "{}",
        nowhere.text()
    );
    let mut staff = house.signed_in(people.staff);
    let answer = [
        ("expected", "1"),
        ("answer", "yes"),
        ("evidence", "GOV-3-1-a\n#1"),
    ];
    let refused = send(&mut staff, &paths[0], &answer).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for path in &paths {
        done(&mut body, path, &answer).await;
    }
    assert_eq!(
        verdict(&house, "PUB-3"),
        (Verdict::Unknown, "attestation.missing".to_owned())
    );
    let item = staff.get(&paths[0]).await.text();
    assert!(item.contains("href=\"/requirements/GOV-3-1-a\""), "{item}");
    let saved = staff
        .get("/checklists/answers?format=csv-utf8")
        .await
        .text();
    assert!(
        saved.contains("実施している") && saved.contains("GOV-3-1-a"),
        "{saved}"
    );
    // A year later nobody knows any more.
    house.pass(366 * 24 * 60 * 60 * 1000);
    assert_eq!(
        verdict(&house, "PUB-3"),
        (Verdict::Unknown, "checklist.answers-old".to_owned())
    );
}
