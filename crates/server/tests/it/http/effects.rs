//! What a decision on a permit would bring about, where systems share an address and port: roads, and not answers
//! alone.

use sekisho_domain::command::RegisterCommand;
use sekisho_domain::field::Value;
use sekisho_domain::id::SystemId;
use sekisho_domain::permit::PermitKind as K;
use sekisho_domain::register::{EntryId, Register};
use sekisho_server::access::{Effect, Target};
use sekisho_server::app::fresh;

use super::access_pages::words;
use super::gateways::{Road, command};
use super::permit_section::{Section, borrowed, send, went};

const FIRST: &str = "文書管理システム";
const SECOND: &str = "人事給与システム";

/// Another system as the first is, at its address and port.
async fn stands_beside(road: &Road) -> SystemId {
    let first = road.section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(first).unwrap().particulars.values()
    };
    values.insert("name".to_owned(), Value::Text(SECOND.to_owned()));
    let id = SystemId::new(fresh().unwrap());
    let entered = RegisterCommand::Enter {
        id: id.into(),
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
    };
    command(&road.section, entered).await;
    id
}

/// The path of a permit for remote access to a system that the staff member has applied for.
async fn applied_for(road: &Road, system: SystemId) -> String {
    let section = &road.section;
    let mut form = section.form(K::RemoteAccess);
    for (name, value) in &mut form {
        if *name == "f-system" {
            *value = system.to_string();
        }
    }
    let mut browser = section.house.signed_in(section.staff.1);
    let path = format!("/permits/new/{}", K::RemoteAccess.code());
    let done = send(&mut browser, &path, &borrowed(&form)).await;
    went(&done);
    done.header("location").to_owned()
}

/// Each system with whether it is open and would be, and how many tunnels lose it.
fn roads(effect: &Effect) -> Vec<(EntryId, bool, bool, usize)> {
    let roads = effect.roads.iter().map(|it| {
        let Target::System(system) = it.target else {
            panic!("no line is spoken of");
        };
        let (now, then) = (it.is_open(), it.would_be_open());
        (system.into(), now, then, it.tunnels.len())
    });
    roads.collect()
}

#[tokio::test]
async fn what_a_decision_opens_and_closes_is_told_of_all_that_stand_at_one_place() {
    let road = Road::new().await;
    let (section, app) = (&road.section, &road.house().app);
    let first = section.entry(Register::System);
    let other = stands_beside(&road).await;
    let asked = applied_for(&road, other).await;
    let of_first = road.opened().await;
    let other = EntryId::from(other);
    // Allowed and closed: its end closes nothing that is open.
    let end = app.effect_of_end(&section.permit(&of_first)).unwrap();
    assert_eq!(roads(&end), [(first, false, false, 0)]);
    // What is asked for opens both.
    let approval = app.effect_of_approval(&section.permit(&asked)).unwrap();
    assert_eq!(
        roads(&approval),
        [(other, false, true, 0), (first, false, true, 0)]
    );
    let decider = section.decider(K::RemoteAccess);
    went(&section.decided(&asked, decider, "approve", "").await);
    went(&section.done(&asked, section.staff, "activate", &[]).await);
    let _browser = road.tunnel().await;
    // The end of one closes the other, of which the tunnel loses both.
    let end = app.effect_of_end(&section.permit(&asked)).unwrap();
    assert_eq!(
        roads(&end),
        [(other, true, false, 1), (first, true, false, 1)]
    );
    let mut browser = section.house.signed_in(decider.1);
    for (lang, told) in [("ja", "別の情報システム"), ("en", "another system")] {
        browser.get(&format!("/language/{lang}?back=/access")).await;
        let said = words(&browser.get(&asked).await);
        for part in [FIRST, SECOND, told] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[tokio::test]
async fn whoever_decides_on_an_exception_reads_for_whom_and_how_many_it_will_count() {
    let section = Section::new().await;
    let members = {
        let (world, now) = (section.house.app.world(), section.house.app.now());
        let people = world.people.keys();
        people.filter(|it| world.is_member(**it, now)).count()
    };
    assert!(members > 1);
    // It names neither people nor devices.
    let asked = section.applied(K::Exception).await;
    let mut browser = section.house.signed_in(section.exceptions.1);
    let told = [
        (
            "ja",
            format!("ほかの条件に当たる全ての職員（現在{members}人）"),
        ),
        ("en", format!("its other conditions: {members} people now")),
    ];
    for (lang, told) in &told {
        browser.get(&format!("/language/{lang}?back=/access")).await;
        let said = words(&browser.get(&asked).await);
        assert!(said.contains(told.as_str()), "{told}: {said}");
    }
    went(
        &section
            .decided(&asked, section.exceptions, "approve", "")
            .await,
    );
    went(&section.done(&asked, section.staff, "activate", &[]).await);
    assert!(section.permit(&asked).is_for_everybody());
    let page = asked.replace("/permits/", "/exceptions/");
    for path in [page.clone(), format!("{page}/decide-again")] {
        let said = words(&browser.get(&path).await);
        assert!(said.contains(&told[1].1), "{path}: {said}");
    }
}
