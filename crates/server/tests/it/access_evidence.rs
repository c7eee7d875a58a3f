//! What the decision point answered and gateways counted, from the observations to the rows.

use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::field::Value;
use sekisho_domain::id::{ApiTokenId, Fresh, GatewayId, LineId, PostId, SystemId};
use sekisho_domain::permit::Place;
use sekisho_domain::register::Register;
use sekisho_domain::verdict::Verdict::{NotMet, Unknown};
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_server::app::App;
use sekisho_server::assessor::{assess_then, hold};
use sekisho_store::observations::{NewDecision, TunnelReport};

use crate::assessor::{Passing, device, enrol, house};
use crate::compared::{OFFICER, enter, person, row, with_keeper};

const HANDLED: &str = "US-8.1.1-3-h-ア";
const PATH: &str = "US-7.3.1-4-a-経路";

/// What stands before the system, as its entry names it.
const PROXY: Option<Asker> = Some(Asker::Proxy(ProxyDoor::ForwardAuth));

fn system() -> SystemId {
    SystemId::new(Fresh([40; 16]))
}

fn gateway() -> GatewayId {
    GatewayId::new(Fresh([42; 16]))
}

/// A house with an internal line and a system of C3 on it that is reached from outside.
fn with_system(path: &std::path::Path, time: &Passing) -> App {
    let app = with_keeper(path, time);
    let text = |text: &str| Value::Text(text.to_owned());
    let line = LineId::new(Fresh([41; 16]));
    let post = PostId::new(Fresh([30; 16])).to_string();
    let fields = [
        ("name", text("本省LAN")),
        ("kind", text("internal")),
        ("encrypted", Value::Flag(true)),
        ("officer", text(&post)),
    ];
    enter(&app, Register::Line, line, &fields);
    let fields = [
        ("name", text("審査システム")),
        ("officer", text(&post)),
        ("highest", text("C3I1A1")),
        ("host", text("own_premises")),
        ("remote", Value::Flag(true)),
        ("lines", Value::Many(vec![line.to_string()])),
        ("asking_proxies", text("forward_auth")),
    ];
    enter(&app, Register::System, system(), &fields);
    enrol(&app, 10);
    app
}

fn question() -> Question {
    Question {
        person: Some(person(OFFICER)),
        device: Some(device(10)),
        act: Act::Reach {
            system: system(),
            part: None,
        },
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task: None,
        grade: None,
    }
}

/// An answer as an enforcement point once got it, under rules that nobody has any more.
fn allowed(app: &App) {
    let decision = NewDecision {
        at: app.now().as_millis(),
        person: person(OFFICER).to_string(),
        device: Some(device(10).to_string()),
        resource: system().to_string(),
        allowed: true,
        times: 1,
        question: serde_json::to_string(&question()).unwrap(),
        rules: "[]".to_owned(),
        asker: PROXY.map(|it| it.to_string()),
    };
    app.observations().add_decisions(&[decision]).unwrap();
}

#[test]
fn a_question_guards_a_system_and_a_use_without_a_permit_stays_after_a_restart() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_system(place.path(), &time);
    let catalogue = Catalogue::builtin().unwrap();
    let is = |verdict, code: &str| (verdict, code.to_owned());
    assert_eq!(
        row(&app, &catalogue, HANDLED),
        is(Unknown, "access.unguarded")
    );
    // Refused: nobody has a permit. But the proxy before it asks.
    assert!(!app.decide_for(PROXY, &question()).is_allowed());
    app.keep_decisions().unwrap();
    assert_eq!(
        row(&app, &catalogue, HANDLED),
        is(Unknown, "attestation.missing")
    );
    hold(&app, &catalogue).unwrap();
    let before = app.now();
    allowed(&app);
    time.days(1);
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    let without = is(NotMet, "reach.without-permit");
    assert_eq!(row(&app, &catalogue, HANDLED), without);
    hold(&app, &catalogue).unwrap();
    // The past is what was recorded then, whatever came to light since.
    let then = |at| {
        let past = assess_then(&app, &catalogue, at).unwrap().unwrap();
        let known = past.rows.iter().find(|row| row.id.as_str() == HANDLED);
        known.unwrap().verdict.verdict
    };
    assert_eq!(then(before), Unknown);
    assert_eq!(then(app.now()), NotMet);
    // It has left the period.
    time.days(28);
    assert_eq!(
        row(&app, &catalogue, HANDLED),
        is(Unknown, "access.unguarded")
    );
    app.stop();
}

#[test]
fn whoever_asks_and_is_not_named_guards_nothing_before_and_after_a_restart() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_system(place.path(), &time);
    let catalogue = Catalogue::builtin().unwrap();
    let unguarded = (Unknown, "access.unguarded".to_owned());
    let token = Asker::Token(ApiTokenId::new(Fresh([50; 16])));
    let others = [None, Some(token), Some(Asker::Proxy(ProxyDoor::ExtAuthz))];
    for asker in others {
        assert!(!app.decide_for(asker, &question()).is_allowed());
        app.keep_decisions().unwrap();
        assert_eq!(row(&app, &catalogue, HANDLED), unguarded, "{asker:?}");
    }
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    assert_eq!(row(&app, &catalogue, HANDLED), unguarded);
    // The same question, told apart by who asked it.
    assert!(!app.decide_for(PROXY, &question()).is_allowed());
    app.keep_decisions().unwrap();
    assert_eq!(
        row(&app, &catalogue, HANDLED),
        (Unknown, "attestation.missing".to_owned())
    );
    let kept = app.observations().asked_about(0).unwrap();
    assert_eq!(kept.len(), 4);
    app.stop();
}

#[test]
fn traffic_without_a_permit_fails_the_path() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = with_system(place.path(), &time);
    let catalogue = Catalogue::builtin().unwrap();
    assert_eq!(row(&app, &catalogue, PATH).0, Unknown);
    let report = TunnelReport {
        gateway: gateway().to_string(),
        session: "tun_1".to_owned(),
        person: person(OFFICER).to_string(),
        device: device(10).to_string(),
        line: None,
        endpoint: None,
        run: app.now().as_millis(),
        at: app.now().as_millis(),
        handshake_at: None,
        ended_at: None,
        tunnel: (10, 10),
        systems: vec![(system().to_string(), 20, 2)],
    };
    app.observations().add_tunnel_reports(&[report]).unwrap();
    app.stop();
    drop(app);
    let app = house(place.path(), &time);
    assert_eq!(
        row(&app, &catalogue, PATH),
        (NotMet, "reach.stray".to_owned())
    );
    assert_eq!(row(&app, &catalogue, HANDLED).0, NotMet);
    app.stop();
}
