//! A permit for remote access that names a part of a system: whoever applies, decides and uses it is told that it
//! opens no tunnel.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::permit::PermitKind as K;
use sekisho_domain::register::{EntryId, Register};
use sekisho_rules::decide::{Act, Question};
use sekisho_server::access::gateway::{through_a_tunnel, told};

use super::access_pages::words;
use super::gateways::Road;
use super::permit_section::{borrowed, send, went};

const PART: &str = "公開資料";
/// What a refusal says, and what can be done.
const SAID: [(&str, &str, &str); 2] = [
    (
        "ja",
        "この情報システムの一部に限られており",
        "部分を指定せずに",
    ),
    (
        "en",
        "for one part of this system only",
        "without naming a part",
    ),
];

/// The road to a system with a part, and all permits but that for remote access.
async fn road() -> Road {
    let road = Road::new().await;
    let id = road.section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    let parts = Value::Many(vec![format!("C1I1A1 {PART}")]);
    values.insert("parts".to_owned(), parts);
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    let officer = Actor::person(road.section.isso.0);
    let command = Command::Register(Box::new(change));
    road.house().app.command(officer, command).await.unwrap();
    for kind in [K::Telework, K::TakeOut, K::OffSite, K::Line] {
        road.give(kind).await;
    }
    road
}

/// Applies for the part; the path of the permit.
async fn applied(road: &Road) -> String {
    let section = &road.section;
    let mut browser = section.house.signed_in(section.staff.1);
    let path = format!("/permits/new/{}", K::RemoteAccess.code());
    for (lang, said) in [
        ("ja", "部分を指定した許可ではトンネルは開かず"),
        ("en", "A permit for a part opens no tunnel"),
    ] {
        browser.get(&format!("/language/{lang}")).await;
        let form = words(&browser.get(&path).await);
        assert!(form.contains(said), "{form}");
    }
    let mut form = section.form(K::RemoteAccess);
    form.push(("f-part", PART.to_owned()));
    let done = send(&mut browser, &path, &borrowed(&form)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    done.header("location").to_owned()
}

#[tokio::test]
async fn a_permit_for_a_part_says_everywhere_that_it_opens_no_tunnel() {
    let road = road().await;
    let path = applied(&road).await;
    let section = &road.section;
    let decider = section.decider(K::RemoteAccess);
    // Before it is decided.
    let mut browser = road.house().signed_in(decider.1);
    for (lang, said, todo) in SAID {
        browser.get(&format!("/language/{lang}")).await;
        let page = words(&browser.get(&path).await);
        assert!(page.contains(said) && page.contains(todo), "{page}");
    }
    went(&section.decided(&path, decider, "approve", "").await);
    went(&section.done(&path, section.staff, "activate", &[]).await);
    let app = &road.house().app;
    let begins = section.permit(&path).grant().unwrap().term.from;
    road.house()
        .pass(begins.as_millis() - app.now().as_millis() + 1);
    app.clock().confirm();
    for check in DeviceCheck::ALL {
        road.check(check, Outcome::Pass);
    }
    // To the person, on the console and on the device.
    let mut browser = road.house().signed_in(section.staff.1);
    for (lang, said, todo) in SAID {
        browser.get(&format!("/language/{lang}")).await;
        let page = words(&browser.get("/access/mine").await);
        assert!(page.contains(said) && page.contains(todo), "{page}");
    }
    let (person, device) = (section.staff.0, section.issued);
    let book = app.access().rulebook();
    let systems = app.with_ground(|ground| told(&book, ground, (person, device), None));
    let [system] = systems.as_slice() else {
        panic!("{systems:?}");
    };
    assert!(!system.reached);
    let [why] = system.why.as_slice() else {
        panic!("{systems:?}");
    };
    assert!(why.ja.contains(SAID[0].1) && why.en.contains(SAID[1].1));
    // The part itself is open to whoever asks for it by its name.
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("no system");
    };
    let question = Question {
        act: Act::Reach {
            system,
            part: Some(PART.to_owned()),
        },
        ..through_a_tunnel(person, device, system)
    };
    assert!(app.preview(&question).is_allowed());
    assert!(
        !app.preview(&through_a_tunnel(person, device, system))
            .is_allowed()
    );
}
