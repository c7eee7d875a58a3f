//! The pages of access: who reaches what and why, what a permit would change, and cutting tunnels off.

use axum::body::Body;
use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::event::Event;
use sekisho_domain::field::Value;
use sekisho_domain::permit::PermitKind as K;
use sekisho_domain::register::{EntryId, Register};
use sekisho_protocol::tunnel::PATH_TUNNEL;
use sekisho_rules::decide::{Act, Question};
use sekisho_server::access::outside;
use serde_json::json;

use super::agents::{key, signed};
use super::gateways::Road;
use super::house::Reply;
use super::permit_section::Who;

async fn page(road: &Road, who: Who, path: &str) -> Reply {
    let mut browser = road.house().signed_in(who.1);
    browser.get(path).await
}

/// The text of a page without its tags, the blanks as one.
pub fn words(reply: &Reply) -> String {
    let mut out = String::new();
    let mut inside = false;
    for character in reply.text().chars() {
        match character {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(character),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Stores what was answered, on a thread where that may wait.
async fn keep(road: &Road) {
    let app = road.house().app.clone();
    let kept = tokio::task::spawn_blocking(move || app.keep_decisions());
    kept.await.unwrap().unwrap();
}

fn session(road: &Road) -> String {
    let live = road.house().app.live_tunnels().unwrap();
    live[0].open.session.to_string()
}

async fn cut(road: &Road, who: Who, path: &str, reason: &str, confirmed: &str) -> Reply {
    let mut browser = road.house().signed_in(who.1);
    let csrf = browser.get("/account").await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("remark", reason),
        ("confirmed", confirmed),
    ];
    browser.post(path, &fields).await
}

#[tokio::test]
async fn what_is_reached_and_why_is_told_in_both_directions() {
    let road = Road::new().await;
    road.opened().await;
    let (staff, isso) = (road.section.staff, road.section.isso);
    let system = road.section.entry(Register::System);
    // From the person's side, for the officer and for the person.
    for (who, path) in [
        (isso, format!("/access/people/{}", staff.0)),
        (staff, "/access/mine".to_owned()),
    ] {
        let reply = page(&road, who, &path).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let said = words(&reply);
        assert!(said.contains("文書管理システム 利用できる"), "{said}");
        assert!(said.contains("リモートアクセス"), "{said}");
    }
    // From the system's side, and narrowed.
    let path = format!("/access/systems/{system}");
    let all = words(&page(&road, isso, &path).await);
    assert!(
        all.contains("利用できる") && all.contains("リモートアクセス"),
        "{all}"
    );
    let refused = page(&road, isso, &format!("{path}?state=refused")).await;
    assert!(words(&refused).contains("許可を受けた職員はいません"));
    // A device that is no longer in order: the same pages name the check and who settles it.
    road.check(
        sekisho_domain::check::DeviceCheck::ScreenLock,
        sekisho_domain::check::Outcome::Fail,
    );
    let said = words(&page(&road, staff, "/access/mine").await);
    assert!(said.contains("文書管理システム 利用できない"), "{said}");
    assert!(said.contains("利用者本人"), "{said}");
    let refused = words(&page(&road, isso, &format!("{path}?state=refused")).await);
    assert!(refused.contains("利用できない"), "{refused}");
    // Nobody asked for access: nothing of this is an attempt.
    keep(&road).await;
    let kept = road.house().app.access().log().counts();
    assert_eq!((kept.allowed, kept.refused), (0, 0));
}

#[tokio::test]
async fn the_handling_restrictions_of_a_system_stand_beside_the_answer_in_both_languages() {
    let road = Road::new().await;
    road.opened().await;
    let staff = road.section.staff;
    let said = words(&page(&road, staff, "/access/mine").await);
    assert!(!said.contains("印刷禁止"), "{said}");
    let id = road.section.entry(Register::System);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    values.insert(
        "restrictions".to_owned(),
        Value::Many(vec!["印刷禁止".to_owned()]),
    );
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::System.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    let command = Command::Register(Box::new(change));
    let officer = Actor::person(road.section.isso.0);
    road.house().app.command(officer, command).await.unwrap();
    // It refuses nothing, and is told.
    let mut browser = road.house().signed_in(staff.1);
    for (language, reached, restricted) in [
        ("ja", "文書管理システム 利用できる", "印刷禁止"),
        ("en", "文書管理システム Allowed", "No printing"),
    ] {
        browser
            .get(&format!("/language/{language}?back=/access/mine"))
            .await;
        let said = words(&browser.get("/access/mine").await);
        assert!(said.contains(reached), "{said}");
        assert!(said.contains(restricted), "{said}");
    }
}

#[tokio::test]
async fn what_begins_later_is_told_with_its_day_until_then() {
    let road = Road::new().await;
    for kind in [K::Telework, K::TakeOut, K::OffSite, K::Line] {
        road.give(kind).await;
    }
    let access = road.give(K::RemoteAccess).await;
    let begins = road.section.permit(&access).grant().unwrap().term.from;
    let pass = || {
        for check in sekisho_domain::check::DeviceCheck::ALL {
            road.check(check, sekisho_domain::check::Outcome::Pass);
        }
    };
    pass();
    let staff = road.section.staff;
    let waits = "手続なしで有効になります";
    let said = words(&page(&road, staff, "/access/mine").await);
    assert!(said.contains(waits), "{said}");
    let app = &road.house().app;
    let left = begins.as_millis() - app.now().as_millis();
    road.house().pass(left + 1);
    app.clock().confirm();
    pass();
    let said = words(&page(&road, staff, "/access/mine").await);
    assert!(!said.contains(waits), "{said}");
    assert!(said.contains("文書管理システム 利用できる"), "{said}");
}

#[tokio::test]
async fn staff_see_what_is_theirs_and_officers_what_they_may() {
    let road = Road::new().await;
    let section = &road.section;
    let reply = page(&road, section.staff, "/access").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.header("location"), "/access/mine");
    let others = format!("/access/people/{}", section.isso.0);
    for path in [
        others.as_str(),
        "/access/people",
        "/access/systems",
        &format!("/access/systems/{}", section.entry(Register::System)),
        &format!("/access/cut/person/{}", section.isso.0),
        "/access/cut/session/tns_00000000000000000000000000",
    ] {
        let reply = page(&road, section.staff, path).await;
        let shut = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        assert!(shut.contains(&reply.status), "{path}: {}", reply.status);
    }
    for path in [
        "/access",
        "/access/people",
        "/access/systems",
        "/access/mine",
    ] {
        for who in [section.isso, section.diso, section.hiso] {
            let reply = page(&road, who, path).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
        }
    }
    // The section chief cuts his own people off, and no system.
    let own = format!("/access/cut/person/{}", section.staff.0);
    let reply = page(&road, section.diso, &own).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let system = format!("/access/cut/system/{}", section.entry(Register::System));
    let reply = page(&road, section.diso, &system).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_cut_closes_the_road_at_once_is_recorded_and_told() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    assert_eq!(road.peers(0).await.len(), 1);
    let (staff, isso) = (road.section.staff, road.section.isso);
    let shown = words(&page(&road, isso, "/access").await);
    assert!(
        shown.contains("本庁ゲートウェイ") && shown.contains("通信中"),
        "{shown}"
    );
    assert!(shown.contains("文書管理システム"), "{shown}");
    let id = session(&road);
    let path = format!("/access/cut/session/{id}");
    let asked = words(&page(&road, isso, &path).await);
    assert!(asked.contains("遮断する接続: 1件"), "{asked}");
    // Without a reason or a confirmation nothing is cut.
    for (reason, confirmed) in [("", "yes"), ("盗難の届出があったため", "")] {
        let reply = cut(&road, isso, &path, reason, confirmed).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(road.house().app.live_tunnels().unwrap().len(), 1);
    // The gateway waits for its next table, and is told at once.
    let waits = road.peers(road.after.get());
    let cuts = async {
        let reply = cut(&road, isso, &path, "盗難の届出があったため", "yes").await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    };
    let (peers, ()) = tokio::join!(waits, cuts);
    assert!(peers.is_empty());
    let known = {
        let world = road.house().app.world();
        world.cuts.of(id.parse().unwrap()).unwrap().clone()
    };
    assert_eq!(known.person, staff.0);
    // The device hears it at its next question, the person on the own page, with the reason.
    let who = (road.section.issued, &key(1).0);
    let path = format!("{PATH_TUNNEL}/{id}");
    let state = signed(road.house(), who, &path, 2, &json!({})).await;
    assert_eq!(state.json(), json!({"state": "ended", "why": "cut"}));
    let told = words(&page(&road, staff, "/access/mine").await);
    assert!(told.contains("遮断されました"), "{told}");
    assert!(told.contains("盗難の届出があったため"), "{told}");
    // It is over: there is nothing left to cut.
    let gone = format!("/access/cut/person/{}", staff.0);
    let reply = cut(&road, isso, &gone, "念のため", "yes").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words(&reply).contains("遮断する接続がありません"));
}

/// A token of the officer's post with this scope, as the page of tokens issues it.
async fn token(road: &Road, who: Who, scope: &str) -> String {
    let mut browser = road.house().signed_in(who.1);
    let page = browser.get("/tokens").await;
    let text = page.text();
    let (_, rest) = text.split_once("<option value=\"pst_").expect("a post");
    let post = format!("pst_{}", rest.split_once('"').expect("its id").0);
    let (_, rest) = text
        .split_once("name=\"last_day\" type=\"date\" value=\"")
        .expect("a day");
    let day = rest.split_once('"').expect("its end").0;
    let (csrf, scope) = (page.csrf(), format!("scope_{scope}"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("label", "遮断の連携"),
        ("post", &post),
        ("holder", "post"),
        ("last_day", day),
        (&scope, "yes"),
    ];
    let issued = browser.post("/tokens", &fields).await.text();
    let (_, rest) = issued.split_once("class=\"secret\">").expect("a secret");
    rest.split_once('<').expect("its end").0.to_owned()
}

async fn cut_by_api(road: &Road, token: &str, name: &str, body: &serde_json::Value) -> Reply {
    let browser = road.house().browser();
    let request = browser
        .request("POST", "/api/v1/access/cuts")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", name)
        .body(Body::from(body.to_string()));
    road.house().send(request.unwrap()).await
}

#[tokio::test]
async fn the_device_is_told_which_checks_close_the_road() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    let path = format!("{PATH_TUNNEL}/{}", session(&road));
    road.check(
        sekisho_domain::check::DeviceCheck::ScreenLock,
        sekisho_domain::check::Outcome::Fail,
    );
    let who = (road.section.issued, &key(1).0);
    let state = signed(road.house(), who, &path, 2, &json!({})).await;
    let told = state.json();
    let text = told.to_string();
    let name = |lang| sekisho_messages::text(lang, "device.check.screen_lock", &[]);
    let (ja, en) = (
        name(sekisho_messages::Lang::Ja),
        name(sekisho_messages::Lang::En),
    );
    assert!(text.contains(&format!("（{ja}）")), "{ja}: {text}");
    assert!(text.contains(&format!("({en})")), "{en}: {text}");
}

#[tokio::test]
async fn a_program_cuts_off_what_its_post_may_and_is_told_how_much() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    let (staff, isso, diso) = (road.section.staff, road.section.isso, road.section.diso);
    let body = json!({
        "scope": "person",
        "id": staff.0.to_string(),
        "reason": "監視装置の検知による",
    });
    // Neither another scope nor another section's chief does it.
    let other = token(&road, isso, "devices").await;
    let refused = cut_by_api(&road, &other, "a", &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let chief = token(&road, diso, "cut").await;
    let others = json!({
        "scope": "system",
        "id": road.section.entry(Register::System).to_string(),
        "reason": "監視装置の検知による",
    });
    let refused = cut_by_api(&road, &chief, "a", &others).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert_eq!(road.house().app.live_tunnels().unwrap().len(), 1);
    let secret = token(&road, isso, "cut").await;
    for (name, tunnels) in [("a", 1), ("a", 1), ("b", 0)] {
        let done = cut_by_api(&road, &secret, name, &body).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text());
        assert_eq!(done.json()["tunnels"], tunnels, "{name}");
    }
    assert!(road.house().app.live_tunnels().unwrap().is_empty());
    let asked = road.house().browser();
    let asked = asked
        .request("GET", "/api/v1/access/cuts")
        .header("authorization", format!("Bearer {secret}"))
        .body(Body::empty());
    let list = road.house().send(asked.unwrap()).await;
    let items = list.json()["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
    assert_eq!(items[0]["person"], staff.0.to_string());
    assert_eq!(items[0]["scope"], "person");
    // Why, is for the pages.
    assert!(!list.text().contains("検知"), "{}", list.text());
}

#[tokio::test]
async fn people_end_their_own_tunnels_and_nobody_elses() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    let id = session(&road);
    for (who, left) in [(road.section.diso, 1), (road.section.staff, 0)] {
        let mut browser = road.house().signed_in(who.1);
        let csrf = browser.get("/access/mine").await.csrf();
        let fields = [("csrf", csrf.as_str()), ("session", id.as_str())];
        let reply = browser.post("/access/mine/end", &fields).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
        assert_eq!(road.house().app.live_tunnels().unwrap().len(), left);
    }
}

#[tokio::test]
async fn a_cut_of_a_system_ends_those_who_reach_it_and_no_others() {
    let road = Road::new().await;
    road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    let system = road.section.entry(Register::System);
    let path = format!("/access/cut/system/{system}");
    // While the device is not in order nothing is reached, and nothing is there to be cut.
    road.check(
        sekisho_domain::check::DeviceCheck::ScreenLock,
        sekisho_domain::check::Outcome::Fail,
    );
    let reply = cut(&road, road.section.isso, &path, "改修のため", "yes").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    road.check(
        sekisho_domain::check::DeviceCheck::ScreenLock,
        sekisho_domain::check::Outcome::Pass,
    );
    let reply = cut(&road, road.section.isso, &path, "改修のため", "yes").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert!(road.house().app.live_tunnels().unwrap().is_empty());
}

#[tokio::test]
async fn a_decision_shows_beforehand_what_it_would_change() {
    let road = Road::new().await;
    for kind in [K::Telework, K::TakeOut, K::OffSite, K::Line] {
        road.give(kind).await;
    }
    let section = &road.section;
    let access = section.applied(K::RemoteAccess).await;
    let events = road.house().app.world().events;
    let shown = words(&page(&road, section.decider(K::RemoteAccess), &access).await);
    assert!(shown.contains("許可した場合の変化"), "{shown}");
    // The device is not in order, and the other terms have not begun.
    assert!(shown.contains("まだ利用できない"), "{shown}");
    assert!(shown.contains("足りないもの"), "{shown}");
    let begins = section.permit(&access).wanted.from;
    let app = &road.house().app;
    road.house()
        .pass(begins.as_millis() - app.now().as_millis() + 1);
    app.clock().confirm();
    for check in sekisho_domain::check::DeviceCheck::ALL {
        road.check(check, sekisho_domain::check::Outcome::Pass);
    }
    let shown = words(&page(&road, section.decider(K::RemoteAccess), &access).await);
    assert!(shown.contains("利用できるようになる"), "{shown}");
    // Looking records nothing, and gives nothing.
    assert_eq!(app.world().events, events);
    let mine = words(&page(&road, section.staff, "/access/mine").await);
    assert!(!mine.contains("文書管理システム 利用できる "), "{mine}");
}

#[tokio::test]
async fn the_end_of_a_permit_names_the_tunnels_that_lose_their_way() {
    let road = Road::new().await;
    let access = road.opened().await;
    road.hello().await;
    let _browser = road.tunnel().await;
    let shown = words(&page(&road, road.section.isso, &access).await);
    assert!(shown.contains("許可を終えた場合の変化"), "{shown}");
    assert!(shown.contains("利用できなくなる"), "{shown}");
    assert!(shown.contains("接続中の1件が"), "{shown}");
}

#[tokio::test]
async fn refusals_are_told_by_reason_and_their_people_for_a_purpose_alone() {
    let road = Road::new().await;
    let section = &road.section;
    let EntryId::System(system) = section.entry(Register::System) else {
        panic!("no system");
    };
    let question = Question {
        person: Some(section.staff.0),
        device: Some(section.issued),
        act: Act::Reach { system, part: None },
        origin: outside(),
        task: None,
        grade: None,
    };
    let app = &road.house().app;
    assert!(!app.decide(&question).is_allowed());
    keep(&road).await;
    let mut browser = road.house().signed_in(section.hiso.1);
    let shown = browser.get("/access").await;
    let said = words(&shown);
    assert!(said.contains("文書管理システム"), "{said}");
    let staff = section.staff.0.to_string();
    assert!(!shown.text().contains(&staff), "{said}");
    let csrf = shown.csrf();
    let fields = [("csrf", csrf.as_str()), ("purpose", "")];
    let reply = browser.post("/access/refused", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("csrf", csrf.as_str()), ("purpose", "不審な接続の確認")];
    let reply = browser.post("/access/refused", &fields).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert!(reply.text().contains(&staff));
    let newest = app.head().size - 1;
    let (_, stored) = app.records(&[newest]).unwrap().pop().unwrap();
    assert!(
        matches!(stored.event, Event::PersonalRead { subject, .. } if subject == "access:refusals")
    );
    // Whoever may not read personal observations is not asked for a purpose.
    let mut browser = road.house().signed_in(section.isso.1);
    let csrf = browser.get("/access").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("purpose", "興味")];
    let reply = browser.post("/access/refused", &fields).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
}
