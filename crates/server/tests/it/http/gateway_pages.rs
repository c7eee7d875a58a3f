//! What the pages of access tell of gateways: until when the road may be open at one that is lost, and what
//! is known of the way of each tunnel.

use sekisho_domain::command::RegisterCommand;
use sekisho_domain::register::Register;
use sekisho_domain::time::Span;
use sekisho_messages::Lang;
use sekisho_protocol::gateway::{GatewayReport, SessionReport};
use sekisho_server::access::gateway::Standing;

use super::access_pages::words;
use super::gateways::{Road, command};

#[tokio::test]
async fn a_lost_gateway_is_told_with_the_worst_case_in_both_languages() {
    let road = Road::new().await;
    road.peers(0).await;
    let app = &road.house().app;
    let mut browser = road.house().signed_in(road.section.isso.1);
    let told = [
        (
            Lang::Ja,
            "「本庁ゲートウェイ」と通信できません。最悪の場合、",
            "まで経路が開いています。",
            "最悪の場合に開いている時刻:",
        ),
        (
            Lang::En,
            "本庁ゲートウェイ cannot be reached. At worst the road there is open until",
            "Lost",
            "At worst open until",
        ),
    ];
    let until = app.now().after(Span::seconds(60));
    // Heard, lost while its newest table may still be in force, and lost for longer than that.
    for (passes, open) in [(0, false), (50_000, true), (11_000, false)] {
        road.house().pass(passes);
        for (lang, lost, state, worst) in told {
            let tag = lang.tag();
            browser.get(&format!("/language/{tag}?back=/access")).await;
            let said = words(&browser.get("/access").await);
            assert!(said.contains("本庁ゲートウェイ"), "{said}");
            assert_eq!(said.contains(lost), open, "{lost}: {said}");
            assert_eq!(said.contains(worst), open, "{worst}: {said}");
            if open {
                assert!(said.contains(state), "{state}: {said}");
                assert!(
                    said.contains(&sekisho_messages::date(lang, until)),
                    "{said}"
                );
            }
        }
    }
    let closed = words(&browser.get("/access").await);
    assert!(
        closed.contains("Closed: the lease of its table is over."),
        "{closed}"
    );
}

/// It left the page at once, while its newest table was still in force.
#[tokio::test]
async fn a_gateway_that_was_given_up_is_told_until_its_table_has_ended() {
    let road = Road::new().await;
    road.peers(0).await;
    let mut browser = road.house().signed_in(road.section.isso.1);
    let until = road.house().app.now().after(Span::seconds(60));
    let retire = RegisterCommand::Retire {
        register: Register::Gateway,
        id: road.gateway.into(),
        remark: None,
        expected: None,
    };
    command(&road.section, retire).await;
    for (lang, state, worst) in [
        (Lang::Ja, "登録廃止", "最悪の場合に開いている時刻:"),
        (Lang::En, "Retired", "At worst open until"),
    ] {
        let tag = lang.tag();
        browser.get(&format!("/language/{tag}?back=/access")).await;
        let said = words(&browser.get("/access").await);
        let until = sekisho_messages::date(lang, until);
        for told in [state, worst, &until] {
            assert!(said.contains(told), "{told}: {said}");
        }
    }
    road.house().pass(61_000);
    let said = words(&browser.get("/access").await);
    assert!(!said.contains("本庁ゲートウェイ"), "{said}");
}

/// Reports how much has passed in the only tunnel.
fn reports(road: &Road, received: u64) {
    let app = &road.house().app;
    let now = app.now();
    let report = GatewayReport {
        version: "1".to_owned(),
        run_began_at: app.access().begun_at(),
        observed_at: now,
        sequence: None,
        closes_at: None,
        refused: None,
        failing: None,
        filter_gone_at: None,
        forwards_others: Some(false),
        listen_port: None,
        dropped_packets: 3,
        sessions: vec![SessionReport {
            session: app.live_tunnels().unwrap()[0].open.session,
            ended_at: None,
            handshake_at: Some(now.before(Span::seconds(40))),
            endpoint: None,
            received_bytes: received,
            sent_bytes: 0,
            systems: Vec::new(),
        }],
    };
    app.take_gateway_report(road.gateway, report).unwrap();
}

#[tokio::test]
async fn the_way_of_a_tunnel_is_told_by_what_its_gateway_counted() {
    let road = Road::new().await;
    road.opened().await;
    let _browser = road.tunnel().await;
    let mut browser = road.house().signed_in(road.section.isso.1);
    browser.get("/language/en?back=/access").await;
    reports(&road, 1_000);
    let said = words(&browser.get("/access").await);
    assert!(said.contains("Last handshake"), "{said}");
    assert!(!said.contains("per second"), "{said}");
    road.house().pass(10_000);
    reports(&road, 21_000);
    let said = words(&browser.get("/access").await);
    assert!(said.contains("per second: 2.0 kB in, 0 B out"), "{said}");
    browser.get("/language/ja?back=/access").await;
    let said = words(&browser.get("/access").await);
    assert!(said.contains("毎秒 受信 2.0 kB、送信 0 B"), "{said}");
}

#[tokio::test]
async fn a_gateway_that_refuses_its_tables_and_forwards_past_them_is_named_in_both_languages() {
    let road = Road::new().await;
    road.peers(0).await;
    let app = &road.house().app;
    let now = app.now();
    let mut report = GatewayReport {
        version: "1".to_owned(),
        run_began_at: now,
        observed_at: now,
        sequence: Some(1),
        closes_at: Some(now.after(Span::seconds(30))),
        refused: None,
        failing: None,
        filter_gone_at: None,
        forwards_others: Some(false),
        listen_port: None,
        dropped_packets: 0,
        sessions: Vec::new(),
    };
    let mut browser = road.house().signed_in(road.section.isso.1);
    let told = [
        (
            Lang::Ja,
            "接続許可表を更新できません",
            "トンネルを通らないパケットも転送できる設定です",
        ),
        (
            Lang::En,
            "gets no new table, or refuses it",
            "may forward packets past the tunnels",
        ),
    ];
    for bad in [false, true] {
        report.refused = bad.then(|| "table.signature".to_owned());
        report.forwards_others = Some(bad);
        app.take_gateway_report(road.gateway, report.clone())
            .unwrap();
        for (lang, refuses, forwards) in told {
            let tag = lang.tag();
            browser.get(&format!("/language/{tag}?back=/access")).await;
            let said = words(&browser.get("/access").await);
            assert_eq!(said.contains(refuses), bad, "{refuses}: {said}");
            assert_eq!(said.contains(forwards), bad, "{forwards}: {said}");
        }
    }
}

#[tokio::test]
async fn a_filter_that_was_taken_away_and_a_port_of_before_are_told_in_both_languages() {
    let road = Road::new().await;
    road.peers(0).await;
    let app = &road.house().app;
    let now = app.now();
    let mut report = GatewayReport {
        version: "1".to_owned(),
        run_began_at: now,
        observed_at: now,
        sequence: Some(1),
        closes_at: Some(now.after(Span::seconds(30))),
        refused: None,
        failing: None,
        filter_gone_at: None,
        forwards_others: Some(false),
        listen_port: None,
        dropped_packets: 0,
        sessions: Vec::new(),
    };
    let mut browser = road.house().signed_in(road.section.isso.1);
    let told = [
        (
            Lang::Ja,
            "パケットフィルターの表が、ほかのプログラム又は操作により削除され",
            "UDPポート 51821 で待ち受けていますが、端末には台帳の 51820",
        ),
        (
            Lang::En,
            "Its packet filter was taken away or changed by something else",
            "It listens on UDP port 51821, and devices are told 51820",
        ),
    ];
    // A port of the gateway's own choice is not told, and the one of the register is in order.
    for (port, gone, other) in [
        (None, false, false),
        (Some(51_820), false, false),
        (Some(51_821), true, true),
    ] {
        report.listen_port = port;
        report.filter_gone_at = gone.then_some(now);
        app.take_gateway_report(road.gateway, report.clone())
            .unwrap();
        for (lang, filter, listens) in told {
            let tag = lang.tag();
            browser.get(&format!("/language/{tag}?back=/access")).await;
            let said = words(&browser.get("/access").await);
            assert_eq!(said.contains(filter), gone, "{filter}: {said}");
            assert_eq!(said.contains(listens), other, "{listens}: {said}");
        }
    }
}

/// It was green for as long as it asked, whatever became of its packet filter.
#[tokio::test]
async fn a_gateway_that_asks_for_tables_and_reports_nothing_is_told_as_such() {
    let road = Road::new().await;
    let app = &road.house().app;
    let standing = || app.gateway_standings()[0].standing;
    for _ in 0..4 {
        road.peers(0).await;
        assert_eq!(standing(), Standing::Heard);
        road.house().pass(35_000);
    }
    road.peers(0).await;
    assert_eq!(standing(), Standing::Unreported);
    // Where there is no other, tunnels stay: most likely it is at work.
    assert_eq!(app.gateway_for_tunnels().unwrap().0, road.gateway);
    let seen = app.access().gateways().heard(road.gateway);
    assert_eq!((seen.listed, seen.reported_at), (true, None));
    let mut browser = road.house().signed_in(road.section.isso.1);
    for (lang, told) in [(Lang::Ja, "状況不明"), (Lang::En, "Says nothing")] {
        let tag = lang.tag();
        browser.get(&format!("/language/{tag}?back=/access")).await;
        let said = words(&browser.get("/access").await);
        assert!(said.contains(told), "{said}");
    }
}
