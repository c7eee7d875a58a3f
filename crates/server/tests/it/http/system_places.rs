//! Systems at one address and port: the road there, what the pages and the device say of it, the question of the
//! form, and addresses that no system can have.

use axum::http::StatusCode;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::field::Value;
use sekisho_domain::id::SystemId;
use sekisho_domain::register::places::{PARTED, Places};
use sekisho_domain::register::{EntryId, Particulars, Register, System};
use sekisho_protocol::access_table::{Protocol, Reach, SHARED_PLACE};
use sekisho_server::access::gateway::{
    GatewayPlaces, LeftOut, Openness, Reached, Share, openness, told,
};
use sekisho_server::app::fresh;
use sekisho_server::identity::tunnel_session::TunnelPlaces;
use serde_json::json;

use super::access_pages::words;
use super::gateways::{Road, command};
use super::house::Reply;
use super::permit_section::{Section, send, went};

/// The name of the system that the section has.
const FIRST: &str = "文書管理システム";
const SECOND: &str = "人事給与システム";

/// What is entered of another system.
fn fields(section: &Section, ports: &str) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        ("name", text(SECOND)),
        ("officer", text(&section.post(section.isso))),
        ("highest", text("C2I2A1")),
        ("host", text("own_premises")),
        ("address", text("192.0.2.10")),
        ("ports", Value::Many(vec![ports.to_owned()])),
    ]
}

/// Another system is entered at the address of the first, or changed.
async fn stands_at(road: &Road, id: SystemId, ports: &str, known: bool) {
    let values = fields(&road.section, ports).into_iter();
    let values = values
        .map(|(code, value)| (code.to_owned(), value))
        .collect();
    let particulars = Register::System.read(&values).unwrap();
    let (id, unit, remark) = (id.into(), None, None);
    let act = if known {
        RegisterCommand::Change {
            id,
            unit,
            particulars,
            remark,
            expected: None,
        }
    } else {
        RegisterCommand::Enter {
            id,
            unit,
            particulars,
            remark,
        }
    };
    command(&road.section, act).await;
}

/// What the device is told of the systems that permits name: whether each is reached, and why not.
fn device_is_told(road: &Road) -> Vec<(bool, Vec<String>)> {
    device_is_told_of(road, None)
}

/// The same, where a table leaves out some of it.
fn device_is_told_of(road: &Road, left_out: Option<&LeftOut>) -> Vec<(bool, Vec<String>)> {
    let app = &road.house().app;
    let book = app.access().rulebook();
    let (person, device) = (road.section.staff.0, road.section.issued);
    let told = app.with_ground(|ground| told(&book, ground, (person, device), left_out));
    let why = |it: sekisho_protocol::tunnel::TunnelSystem| {
        let said = it.why.into_iter().flat_map(|why| [why.ja, why.en]);
        (it.reached, said.collect::<Vec<String>>())
    };
    told.into_iter().map(why).collect()
}

#[tokio::test]
async fn a_place_of_two_systems_is_closed_to_whoever_may_reach_one_and_is_told_everywhere() {
    let road = Road::new().await;
    road.opened().await;
    let _browser = road.tunnel().await;
    assert_eq!(road.peers(0).await[0].reach.len(), 1);
    assert_eq!(device_is_told(&road), [(true, Vec::new())]);
    let other = SystemId::new(fresh().unwrap());
    stands_at(&road, other, "443/tcp", false).await;
    // The tunnel stands, and the road to both is closed: packets do not tell for which of them they are.
    let peers = road.peers(0).await;
    assert_eq!((peers.len(), peers[0].reach.len()), (1, 0));
    let [(reached, why)] = &device_is_told(&road)[..] else {
        panic!("one system is named by a permit");
    };
    assert!(!reached);
    assert!(why[0].contains("別の情報システム"), "{why:?}");
    assert!(why[1].contains("another system"), "{why:?}");
    // Which one, the device is not told.
    assert!(why.iter().all(|it| !it.contains(SECOND)), "{why:?}");
    let first = road.section.entry(Register::System);
    let mut browser = road.house().signed_in(road.section.isso.1);
    for (lang, heading, how) in [
        (
            "ja",
            "ほかの情報システムも登録されています",
            "全ての情報システムを利用できる職員だけ",
        ),
        (
            "en",
            "Other systems stand at the same address",
            "only those who may reach all the systems",
        ),
    ] {
        browser.get(&format!("/language/{lang}?back=/access")).await;
        for path in ["/access/systems", "/registers/system"] {
            let said = words(&browser.get(&format!("{path}/{first}")).await);
            for part in [heading, how, SECOND, "192.0.2.10/32 443/tcp"] {
                let plain = |text: &str| text.split_whitespace().collect::<String>();
                assert!(plain(&said).contains(&plain(part)), "{path} {part}: {said}");
            }
        }
        let said = words(&browser.get("/access").await);
        assert!(said.contains(how) && said.contains(FIRST) && said.contains(SECOND));
    }
    // A port of its own, and both are told apart again.
    stands_at(&road, other, "8443/tcp", true).await;
    let peers = road.peers(0).await;
    let [reach] = &peers[0].reach[..] else {
        panic!("{peers:?}");
    };
    assert_eq!(
        (EntryId::from(reach.system), reach.port),
        (first, Some(443))
    );
    let said = words(&browser.get("/access").await);
    assert!(!said.contains(SECOND), "{said}");
}

#[tokio::test]
async fn what_a_table_cuts_or_leaves_out_is_nowhere_told_as_reached() {
    let road = Road::new().await;
    road.opened().await;
    let _browser = road.tunnel().await;
    let entry = road.peers(0).await[0].reach[0].clone();
    let app = &road.house().app;
    let session = app.live_tunnels().unwrap()[0].open.session;
    assert_eq!(app.left_out_now(session), None);
    let (person, device) = (road.section.staff.0, road.section.issued);
    let reached = |left_out: Option<&LeftOut>| app.reached_now(person, device, left_out).len();
    assert_eq!(reached(None), 1);
    for (code, wholly, said) in [
        ("tunnel.too-much-reach", false, "宛先の上限を超えた"),
        ("tunnel.table-full", true, "上限に達した"),
    ] {
        let cut = if wholly {
            Vec::new()
        } else {
            vec![Share::of(&entry)]
        };
        let left_out = LeftOut {
            session,
            code,
            wholly,
            cut,
        };
        assert_eq!(reached(Some(&left_out)), 0, "{code}");
        let told = device_is_told_of(&road, Some(&left_out));
        let [(false, why)] = &told[..] else {
            panic!("{code}: {told:?}");
        };
        assert!(why[0].contains(said), "{code}: {why:?}");
    }
}

/// The ids and places of a wide system and of hosts within it, at these ports of the wide one.
fn wide_over(
    section: &Section,
    (wide, ports): (&str, &[&str]),
    hosts: &[String],
) -> (Vec<SystemId>, Places) {
    let system = |address: &str, ports: &[&str]| {
        let ports = ports.iter().map(|it| (*it).to_owned()).collect();
        let mut values = fields(section, "443/tcp");
        values.retain(|(code, _)| !["address", "ports"].contains(code));
        values.push(("address", Value::Text(address.to_owned())));
        values.push(("ports", Value::Many(ports)));
        let values = values.into_iter();
        let values = values
            .map(|(code, value)| (code.to_owned(), value))
            .collect();
        match Register::System.read(&values).unwrap() {
            Particulars::System(system) => system,
            other => panic!("{other:?}"),
        }
    };
    let mut all = vec![system(wide, ports)];
    all.extend(hosts.iter().map(|it| system(it, &["443/tcp"])));
    let ids: Vec<SystemId> = all
        .iter()
        .map(|_| SystemId::new(fresh().unwrap()))
        .collect();
    let places = Places::among(ids.iter().copied().zip(&all), &[]);
    (ids, places)
}

/// What of places is reached by whoever may reach all systems.
fn all_reached(places: &Places, systems: &[SystemId]) -> Vec<Reached> {
    let roads = places.roads(&systems.iter().copied().collect());
    let reached = roads.into_iter().map(|road| Reached {
        systems: road.systems,
        address: road.network,
        port: road.port,
        until: None,
    });
    reached.collect()
}

#[tokio::test]
async fn a_system_is_told_as_closed_only_where_all_its_roads_are_cut_and_else_as_open_in_part() {
    let road = Road::new().await;
    let app = &road.house().app;
    let host = ["192.0.2.9".to_owned()];
    let (ids, places) = wide_over(&road.section, ("192.0.2.8/30", &["443/tcp"]), &host);
    let reached = all_reached(&places, &ids);
    let [wide, host] = ids[..] else {
        panic!("{ids:?}");
    };
    let entry = |system: SystemId, address: &str| Reach {
        system,
        address: address.parse().unwrap(),
        port: Some(443),
        protocol: Protocol::Tcp,
        ends_at: None,
    };
    let shared = Share::of(&entry(SHARED_PLACE, "192.0.2.9/32"));
    let own = Share::of(&entry(wide, "192.0.2.8/32"));
    let _browser = {
        road.opened().await;
        road.tunnel().await
    };
    let session = app.live_tunnels().unwrap()[0].open.session;
    let told = |cut: &[Share], system: SystemId| {
        let left_out = LeftOut {
            session,
            code: "tunnel.too-much-reach",
            wholly: false,
            cut: cut.to_vec(),
        };
        openness(&places, &reached, Some(&left_out), system)
    };
    let why = "error.tunnel.too-much-reach.what".to_owned();
    // One shared place is cut: the networks of the wide one are open, and nothing of the other.
    assert_eq!(told(&[shared], wide), Openness::InPart(why.clone()));
    assert_eq!(told(&[shared], host), Openness::Closed(why.clone()));
    assert_eq!(told(&[own], wide), Openness::InPart(why.clone()));
    assert_eq!(told(&[own, shared], wide), Openness::Closed(why));
    assert_eq!(told(&[], wide), Openness::Wholly);
}

#[tokio::test]
async fn a_system_that_others_part_at_one_port_is_open_in_part() {
    let road = Road::new().await;
    let hosts: Vec<String> = (0..32).map(|it| format!("10.{}.0.5", 8 * it)).collect();
    let why = format!("error.{PARTED}.what");
    for (ports, told) in [
        (&["443/tcp", "22/tcp"][..], Openness::InPart(why.clone())),
        (&["443/tcp"][..], Openness::Closed(why.clone())),
        (&["22/tcp"][..], Openness::Wholly),
    ] {
        let (ids, places) = wide_over(&road.section, ("10.0.0.0/8", ports), &hosts);
        // Of whoever may reach the wide one alone.
        let reached = all_reached(&places, &ids[..1]);
        assert_eq!(openness(&places, &reached, None, ids[0]), told, "{ports:?}");
    }
}

#[tokio::test]
async fn a_device_is_granted_the_networks_of_what_its_user_can_come_to_reach_alone() {
    let road = Road::new().await;
    road.opened().await;
    let _browser = road.tunnel().await;
    road.peers(0).await;
    // Another one that may be reached from outside, for which nobody has a permit.
    let mut values = fields(&road.section, "443/tcp");
    values.retain(|(code, _)| *code != "address");
    values.push(("address", Value::Text("198.51.100.0/24".to_owned())));
    values.push(("remote", Value::Flag(true)));
    let values = values.into_iter();
    let values = values
        .map(|(code, value)| (code.to_owned(), value))
        .collect();
    let enter = RegisterCommand::Enter {
        id: SystemId::new(fresh().unwrap()).into(),
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
    };
    command(&road.section, enter).await;
    let app = &road.house().app;
    let open = app.live_tunnels().unwrap().remove(0).open;
    let place = GatewayPlaces(app.clone()).place(&open).unwrap();
    // The gateway's own address inside, and the system that the permit names.
    assert_eq!(place.networks, ["10.90.0.1/32", "192.0.2.10/32"]);
}

#[tokio::test]
async fn traffic_at_a_shared_place_is_shown_for_no_single_system() {
    let road = Road::new().await;
    road.opened().await;
    let _browser = road.tunnel().await;
    road.peers(0).await;
    let app = &road.house().app;
    let now = app.now();
    let session = app.live_tunnels().unwrap()[0].open.session;
    let report = json!({
        "version": "1",
        "run_began_at": now,
        "observed_at": now,
        "dropped_packets": 0,
        "sessions": [{
            "session": session,
            "received_bytes": 5_000,
            "sent_bytes": 0,
            "systems": [{"system": SHARED_PLACE, "bytes": 7_000, "packets": 5}],
        }],
    });
    let report = serde_json::from_value(report).unwrap();
    app.take_gateway_report(road.gateway, report).unwrap();
    let mut browser = road.house().signed_in(road.section.isso.1);
    for (lang, told) in [
        ("ja", "複数の情報システムが共有するアドレスとポート"),
        ("en", "At places that several systems share"),
    ] {
        browser.get(&format!("/language/{lang}?back=/access")).await;
        let said = words(&browser.get("/access").await);
        let (_, after) = said.split_once(told).expect("it is told");
        assert!(after.trim_start().starts_with("7.0 kB"), "{said}");
        // The system that is reached is shown without traffic.
        assert_eq!(said.matches("7.0 kB").count(), 1, "{said}");
    }
}

/// The form with which a system is entered.
async fn entered(road: &Road, address: &str, ports: &str, more: &[(&str, &str)]) -> Reply {
    let section = &road.section;
    let officer = section.post(section.isso);
    let mut form = vec![
        ("f-name", SECOND),
        ("f-officer", officer.as_str()),
        ("f-highest-c", "2"),
        ("f-highest-i", "2"),
        ("f-highest-a", "1"),
        ("f-host", "own_premises"),
        ("f-address", address),
        ("f-ports", ports),
    ];
    form.extend_from_slice(more);
    let mut browser = section.house.signed_in(section.isso.1);
    browser.get("/language/ja?back=/access").await;
    send(&mut browser, "/registers/system", &form).await
}

fn systems(road: &Road) -> usize {
    let world = road.house().app.world();
    world.registers.nouns::<System>().count()
}

#[tokio::test]
async fn whoever_enters_a_system_where_another_stands_is_asked_and_told_which() {
    let road = Road::new().await;
    let asked = entered(&road, "192.0.2.0/24", "443/tcp\n22/tcp", &[]).await;
    assert_eq!(asked.status, StatusCode::OK);
    let said = words(&asked);
    assert!(
        said.contains(FIRST) && said.contains("承知して登録する"),
        "{said}"
    );
    assert_eq!(systems(&road), 1);
    // What was asked about another place is no answer to this.
    let told = asked_about(&asked);
    let stale = [("shared", "something else")];
    let again = entered(&road, "192.0.2.0/24", "443/tcp\n22/tcp", &stale).await;
    assert_eq!((again.status, systems(&road)), (StatusCode::OK, 1));
    let known = [("shared", told.as_str())];
    went(&entered(&road, "192.0.2.0/24", "443/tcp\n22/tcp", &known).await);
    assert_eq!(systems(&road), 2);
}

/// The places that a form asks about, as it tells them back.
fn asked_about(asked: &Reply) -> String {
    let text = asked.text();
    let (_, after) = text
        .split_once("name=\"shared\" value=\"")
        .expect("it asks");
    after.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_system_with_a_thousand_shared_places_is_entered_once_they_are_confirmed() {
    let road = Road::new().await;
    let ports: Vec<String> = (10_000..10_950).map(|it| format!("{it}/tcp")).collect();
    let id = road.section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    values.insert("ports".to_owned(), Value::Many(ports.clone()));
    let changed = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    command(&road.section, changed).await;
    let ports = ports.join("\n");
    let asked = entered(&road, "192.0.2.0/24", &ports, &[]).await;
    assert_eq!((asked.status, systems(&road)), (StatusCode::OK, 1));
    let told = asked_about(&asked);
    let known = [("shared", told.as_str())];
    went(&entered(&road, "192.0.2.0/24", &ports, &known).await);
    assert_eq!(systems(&road), 2);
}

#[tokio::test]
async fn a_system_at_a_place_of_its_own_is_entered_without_a_question() {
    let road = Road::new().await;
    went(&entered(&road, "192.0.2.10", "8443/tcp", &[]).await);
    assert_eq!(systems(&road), 2);
}

#[tokio::test]
async fn an_address_that_no_system_can_have_is_refused_at_its_field() {
    let road = Road::new().await;
    for (address, told) in [
        ("127.0.0.1", "ループバック"),
        ("0.0.0.0/0", "アドレスの範囲が広すぎます。"),
        ("10.90.0.7", "ゲートウェイ「本庁ゲートウェイ」のトンネル内"),
    ] {
        let refused = entered(&road, address, "443/tcp", &[]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let said = words(&refused);
        assert!(said.contains(told), "{told}: {said}");
        assert!(refused.text().contains("f-address-error"), "{address}");
        assert_eq!(systems(&road), 1);
    }
}
