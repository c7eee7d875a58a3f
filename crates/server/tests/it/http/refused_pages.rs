//! The lists of the pages of access at size: nothing is left out without being told, and nobody's refusals hide
//! another's.

use axum::http::StatusCode;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::field::Value;
use sekisho_domain::id::{PersonId, SystemId};
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_messages::number;
use sekisho_server::app::fresh;
use sekisho_store::observations::NewDecision;

use super::access_pages::words;
use super::gateways::{Road, command};
use super::permit_section::Who;

/// In milliseconds.
const DAY: i64 = 86_400_000;

/// A refusal by one rule, so long ago.
fn refusal(road: &Road, ago: i64, person: &str, rule: &str) -> NewDecision {
    let section = &road.section;
    NewDecision {
        at: road.house().app.now().as_millis() - ago,
        person: person.to_owned(),
        device: Some(section.byod.to_string()),
        resource: section.entry(Register::System).to_string(),
        allowed: false,
        times: 2,
        question: "{}".to_owned(),
        rules: serde_json::to_string(&[rule]).unwrap(),
        asker: None,
    }
}

async fn page(road: &Road, who: Who, path: &str) -> String {
    let mut browser = road.house().signed_in(who.1);
    let reply = browser.get(path).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
    words(&reply)
}

#[tokio::test]
async fn a_section_chief_is_told_of_his_own_however_often_others_are_refused() {
    let road = Road::new().await;
    let (house, section) = (road.house(), &road.section);
    let elsewhere = house.unit("別の課").await;
    let noisy = house.officer("noisy", elsewhere, Role::Staff).await;
    let noisy = noisy.0.to_string();
    let mut all = vec![
        refusal(&road, 2 * DAY, &section.staff.0.to_string(), "own.quiet"),
        // A device of the section, in nobody's name.
        refusal(&road, 2 * DAY, "", "own.shared"),
    ];
    all.extend((0..2_500).map(|n| refusal(&road, n * 1_000, &noisy, "own.noisy")));
    house.app.observations().add_decisions(&all).unwrap();
    let chief = page(&road, section.diso, "/access").await;
    for told in ["own.quiet", "own.shared"] {
        assert!(chief.contains(told), "{told}: {chief}");
    }
    assert!(!chief.contains("own.noisy"), "{chief}");
    let head = page(&road, section.hiso, "/access").await;
    for told in ["own.quiet", "own.shared", "own.noisy"] {
        assert!(head.contains(told), "{told}: {head}");
    }
    // How often it was refused, and not in how many rows that was kept.
    assert!(head.contains(&number(5_004)), "{head}");
    assert!(head.contains(&number(5_000)), "{head}");
}

#[tokio::test]
async fn what_does_not_stand_on_the_first_page_of_refusals_stands_on_a_next_one() {
    let road = Road::new().await;
    let kinds = (0..231_i64).map(|n| {
        let person = PersonId::new(fresh().unwrap()).to_string();
        refusal(&road, n * 1_000, &person, &format!("own.k{n:03}"))
    });
    let kinds: Vec<NewDecision> = kinds.collect();
    let app = &road.house().app;
    app.observations().add_decisions(&kinds).unwrap();
    let hiso = road.section.hiso;
    let first = page(&road, hiso, "/access").await;
    assert!(first.contains("1〜30件目（全231件）"), "{first}");
    assert!(first.contains("own.k029") && !first.contains("own.k030"));
    let last = page(&road, hiso, "/access?kinds=8").await;
    assert!(
        last.contains("own.k230") && !last.contains("own.k209"),
        "{last}"
    );
    // Their people, for a purpose that goes with whoever turns the page.
    let mut browser = road.house().signed_in(hiso.1);
    let csrf = browser.get("/access").await.csrf();
    let purpose = ("purpose", "不審な接続の確認");
    let before = app.head().size;
    let fields = [("csrf", csrf.as_str()), purpose];
    let reply = browser.post("/access/refused", &fields).await;
    let shown = words(&reply);
    assert!(shown.contains("1〜200件目（全231件）"), "{shown}");
    assert!(shown.contains("own.k199") && !shown.contains("own.k200"));
    assert!(reply.text().contains(purpose.1), "it goes with the page");
    let fields = [("csrf", csrf.as_str()), purpose, ("page", "2")];
    let shown = words(&browser.post("/access/refused", &fields).await);
    assert!(shown.contains("201〜231件目（全231件）"), "{shown}");
    assert!(shown.contains("own.k200") && shown.contains("own.k230"));
    assert_eq!(app.head().size, before + 2, "each page is a record");
}

/// Systems that nobody reaches from outside, whose names come before the others'.
async fn many_systems(road: &Road, many: usize) {
    let known = road.section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(known).unwrap().particulars.values()
    };
    for code in ["address", "ports"] {
        values.remove(code);
    }
    values.insert("remote".to_owned(), Value::Flag(false));
    for n in 1..=many {
        let name = Value::Text(format!("A{n:03}系"));
        values.insert("name".to_owned(), name);
        let enter = RegisterCommand::Enter {
            id: SystemId::new(fresh().unwrap()).into(),
            unit: None,
            particulars: Register::System.read(&values).unwrap(),
            remark: None,
        };
        command(&road.section, enter).await;
    }
}

#[tokio::test]
async fn the_system_that_is_reached_stands_first_however_many_there_are_and_each_is_found() {
    let road = Road::new().await;
    many_systems(&road, 205).await;
    let (isso, staff) = (road.section.isso, road.section.staff);
    let first = page(&road, isso, "/access/systems").await;
    let reached = first.find("文書管理システム").expect("on the first page");
    assert!(reached < first.find("A001系").unwrap(), "{first}");
    assert!(first.contains("1〜50件目（全206件）"), "{first}");
    assert!(!first.contains("A205系"), "{first}");
    let last = page(&road, isso, "/access/systems?page=5").await;
    assert!(last.contains("A205系"), "{last}");
    let found = page(&road, isso, "/access/systems?q=A205").await;
    assert!(
        found.contains("A205系") && !found.contains("A001系"),
        "{found}"
    );
    let none = page(&road, isso, "/access/systems?q=B").await;
    assert!(
        none.contains("名称が該当する情報システムはありません"),
        "{none}"
    );
    // Whom the form asks about: what it does not offer is told, and found by its name.
    let path = format!("/access/people/{}", staff.0);
    let asked = page(&road, isso, &path).await;
    assert!(asked.contains("ほかに6件あります"), "{asked}");
    let path = format!("{path}?find=A205");
    let asked = page(&road, isso, &path).await;
    assert!(
        asked.contains("A205系") && !asked.contains("A001系"),
        "{asked}"
    );
    assert!(!asked.contains("件あります。名称"), "{asked}");
}
