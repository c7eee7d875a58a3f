//! Gateways over HTTP: trust by the key in the register, tables that follow permits, posture and
//! tunnels at once, and requests that are not taken.

use std::cell::Cell;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64ct::{Base64, Encoding};
use p256::ecdsa::SigningKey;
use sekisho_domain::actor::Actor;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::GatewayId;
use sekisho_domain::permit::PermitKind as K;
use sekisho_domain::register::{Register, System};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_ledger::digest::Digest;
use sekisho_protocol::access_table::{AccessTable, Expectation, TablePeer, TableVerifier};
use sekisho_protocol::agent::{HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME};
use sekisho_protocol::gateway::{
    EnrolRequest, HEADER_GATEWAY, PATH_ENROL, enrol_signing_input, request_signing_input,
    table_path,
};
use sekisho_protocol::tunnel::PATH_TUNNEL;
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_server::access::gateway::Standing;
use sekisho_server::app::fresh;
use serde_json::{Value as Json, json};

use super::agents::{key, sign, signed};
use super::house::{Browser, House, Reply};
use super::permit_section::{Section, went};

/// A section with a system that packets can be held against, and a gateway whose key is registered.
pub struct Road {
    pub section: Section,
    pub gateway: GatewayId,
    signing: SigningKey,
    number: Cell<u64>,
    pub after: Cell<u64>,
}

impl Road {
    pub async fn new() -> Self {
        let section = Section::new().await;
        let id = section.entry(Register::System);
        let values = {
            let world = section.house.app.world();
            world.registers.entry(id).unwrap().particulars.values()
        };
        let mut values = values;
        values.insert("address".to_owned(), Value::Text("192.0.2.10".to_owned()));
        values.insert("ports".to_owned(), Value::Many(vec!["443/tcp".to_owned()]));
        let particulars = Register::System.read(&values).unwrap();
        command(
            &section,
            RegisterCommand::Change {
                id,
                unit: None,
                particulars,
                remark: None,
                expected: None,
            },
        )
        .await;
        let (signing, public) = key(7);
        let gateway = GatewayId::new(fresh().unwrap());
        let officer = section.post(section.isso);
        let line = section.entry(Register::Line).to_string();
        let fields = [
            ("name", "本庁ゲートウェイ"),
            ("line", line.as_str()),
            ("officer", officer.as_str()),
            ("key", public.as_str()),
            ("endpoint", "gate.example.jp:51820"),
            ("network", "10.90.0.0/24"),
        ];
        let fields = fields
            .map(|(code, text)| (code.to_owned(), Value::Text(text.to_owned())))
            .into();
        let entered = RegisterCommand::Enter {
            id: gateway.into(),
            unit: None,
            particulars: Register::Gateway.read(&fields).unwrap(),
            remark: None,
        };
        command(&section, entered).await;
        Self {
            section,
            gateway,
            signing,
            number: Cell::new(0),
            after: Cell::new(0),
        }
    }

    pub fn house(&self) -> &House {
        &self.section.house
    }

    /// The time and the next number.
    fn moment(&self) -> (Timestamp, u64) {
        self.number.set(self.number.get() + 1);
        (self.house().app.now(), self.number.get())
    }

    pub async fn hello(&self) -> (TableVerifier, Expectation) {
        let said = hello(&self.signing, key(7).1.as_str(), 9, self.moment());
        let reply = greet(self.house(), &said).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let granted: Json = reply.json();
        assert_eq!(granted["gateway"], self.gateway.to_string());
        let expected = Expectation {
            gateway: self.gateway,
            network: granted["network"].as_str().unwrap().parse().unwrap(),
            address: granted["address"].as_str().unwrap().parse().unwrap(),
            after: self.after.get(),
        };
        let verifier = TableVerifier::parse(granted["table_key"].as_str().unwrap()).unwrap();
        (verifier, expected)
    }

    /// A request for a table, as the gateway signs it.
    fn asking(&self, after: u64, time: Timestamp) -> Request<Body> {
        let (path, (_, number)) = (table_path(after), self.moment());
        let digest = Digest::of(b"").to_string();
        let input = request_signing_input("GET", &path, self.gateway, time, number, &digest);
        Request::builder()
            .method("GET")
            .uri(path)
            .header(header::HOST, "127.0.0.1:8420")
            .header(HEADER_GATEWAY, self.gateway.to_string())
            .header(HEADER_TIME, time.as_millis().to_string())
            .header(HEADER_SEQUENCE, number.to_string())
            .header(HEADER_SIGNATURE, sign(&self.signing, &input))
            .body(Body::empty())
            .unwrap()
    }

    /// The tunnels of the next table: waited for where the newest is known already.
    pub async fn peers(&self, after: u64) -> Vec<TablePeer> {
        let (verifier, mut expected) = self.hello().await;
        let reply = self
            .house()
            .send(self.asking(after, self.house().app.now()))
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        expected.after = self.after.get();
        let now = self.house().app.now();
        let table = AccessTable::accept(&reply.bytes, &verifier, &expected, now).unwrap();
        self.after.set(table.content().sequence);
        table.content().peers.clone()
    }

    pub async fn give(&self, kind: K) -> String {
        let section = &self.section;
        let path = section.applied(kind).await;
        went(
            &section
                .decided(&path, section.decider(kind), "approve", "")
                .await,
        );
        went(&section.done(&path, section.staff, "activate", &[]).await);
        path
    }

    /// Every permit in force that it takes, and a device in order.
    pub async fn opened(&self) -> String {
        for kind in [K::Telework, K::TakeOut, K::OffSite, K::Line] {
            self.give(kind).await;
        }
        let access = self.give(K::RemoteAccess).await;
        // What was applied for begins some days later.
        let begins = self.section.permit(&access).grant().unwrap().term.from;
        let app = &self.house().app;
        self.house()
            .pass(begins.as_millis() - app.now().as_millis() + 1);
        app.clock().confirm();
        for check in DeviceCheck::ALL {
            self.check(check, Outcome::Pass);
        }
        access
    }

    pub fn check(&self, check: DeviceCheck, outcome: Outcome) {
        let now = self.house().app.now();
        let result = CheckResult {
            outcome,
            reason: Reason::new("check.never"),
            observed_at: now,
            received_at: now,
            fresh_until: now.after(Span::days(1)),
        };
        let device = self.section.issued;
        self.house()
            .app
            .update_posture(|posture| posture.set(device, check, &result, 1));
    }

    /// What the decision point says of the access, for the message of a test that fails.
    fn previewed(&self) -> Vec<String> {
        let sekisho_domain::register::EntryId::System(system) =
            self.section.entry(Register::System)
        else {
            return Vec::new();
        };
        let question = sekisho_rules::decide::Question {
            person: Some(self.section.staff.0),
            device: Some(self.section.issued),
            act: sekisho_rules::decide::Act::Reach { system, part: None },
            origin: sekisho_server::access::outside(),
            task: None,
            grade: None,
        };
        sekisho_server::access::forbidding(&self.house().app.preview(&question))
    }

    /// The staff member's device asks for a tunnel and the staff member says yes.
    pub async fn tunnel(&self) -> Browser<'_> {
        // A gateway that is at work asks for its table, and only then leads anybody anywhere.
        self.peers(0).await;
        let who = (self.section.issued, &key(1).0);
        let wish = json!({"wireguard_key": Base64::encode_string(&[1; 32])});
        let reply = signed(self.house(), who, PATH_TUNNEL, 1, &wish).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let code = reply.json()["user_code"].as_str().unwrap().to_owned();
        let mut browser = self.house().signed_in(self.section.staff.1);
        let page = browser.get(&format!("/access/connect?code={code}")).await;
        let csrf = page.csrf();
        let fields = [("csrf", csrf.as_str()), ("code", &code), ("answer", "yes")];
        let reply = browser.post("/access/connect", &fields).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        browser
    }
}

pub async fn command(section: &Section, command: RegisterCommand) {
    let actor = Actor::person(section.isso.0);
    let command = Command::Register(Box::new(command));
    section.house.app.command(actor, command).await.unwrap();
}

/// A hello with a key of tunnels that is made of one byte.
pub fn hello(
    signing: &SigningKey,
    public_key: &str,
    tunnels: u8,
    (time, number): (Timestamp, u64),
) -> EnrolRequest {
    let wireguard_key = WireGuardKey::new([tunnels; 32]).unwrap();
    let input = enrol_signing_input(public_key, wireguard_key, time, number);
    EnrolRequest {
        proof: sign(signing, &input),
        public_key: public_key.to_owned(),
        wireguard_key,
        time: Some(time),
        number: Some(number),
    }
}

pub async fn greet(house: &House, request: &EnrolRequest) -> Reply {
    let request = Request::builder()
        .method("POST")
        .uri(PATH_ENROL)
        .header(header::HOST, "127.0.0.1:8420")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(request).unwrap()))
        .unwrap();
    house.send(request).await
}

#[tokio::test]
async fn only_a_registered_key_that_is_held_makes_a_gateway() {
    let road = Road::new().await;
    let (other, unknown) = key(8);
    let said = hello(&other, unknown.as_str(), 9, road.moment());
    let reply = greet(road.house(), &said).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.json()["code"], "gateway.key-unknown");
    // The registered key, and a signature of another one.
    let said = hello(&other, key(7).1.as_str(), 9, road.moment());
    let reply = greet(road.house(), &said).await;
    assert_eq!(reply.json()["code"], "gateway.proof");
    road.hello().await;
}

#[tokio::test]
async fn a_hello_that_is_late_repeated_or_without_a_number_changes_nothing() {
    let road = Road::new().await;
    let public = key(7).1;
    let said = |tunnels, moment| hello(&road.signing, public.as_str(), tunnels, moment);
    let desk = road.house().app.access().gateways();
    let known = || desk.sight(road.gateway).tunnel_key;
    let of = |tunnels: u8| Some(WireGuardKey::new([tunnels; 32]).unwrap());
    let first = said(1, road.moment());
    let second = said(2, road.moment());
    for request in [&first, &second] {
        let reply = greet(road.house(), request).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }
    assert_eq!(known(), of(2));
    let (now, next) = road.moment();
    let old = said(3, (now.before(Span::minutes(6)), next));
    let ahead = said(3, (now.after(Span::minutes(6)), next));
    // Another number or time than the one that was signed.
    let altered = EnrolRequest {
        number: Some(next),
        ..first.clone()
    };
    let none = EnrolRequest {
        number: None,
        ..said(3, (now, next))
    };
    for (request, code) in [
        (&first, "gateway.signature"),
        (&second, "gateway.signature"),
        (&old, "gateway.signature"),
        (&ahead, "gateway.signature"),
        (&altered, "gateway.proof"),
        (&none, "gateway.hello-old"),
    ] {
        let reply = greet(road.house(), request).await;
        assert!(reply.status.is_client_error(), "{}", reply.text());
        assert_eq!(reply.json()["code"], code, "{request:?}");
        assert_eq!(known(), of(2), "{code}");
    }
}

#[tokio::test]
async fn a_hello_alone_is_no_sign_of_work_and_no_table_is_made_without_one() {
    let road = Road::new().await;
    let app = &road.house().app;
    let standing = || app.gateway_standings()[0].standing;
    // A server that has begun anew does not know the key of its tunnels.
    let reply = road.house().send(road.asking(0, app.now())).await;
    assert_eq!(reply.status, StatusCode::CONFLICT, "{}", reply.text());
    assert_eq!(reply.json()["code"], "gateway.hello-wanted");
    assert_eq!(standing(), Standing::Unlisted("gateway.hello-wanted"));

    let road = Road::new().await;
    let app = &road.house().app;
    let standing = || app.gateway_standings()[0].standing;
    road.hello().await;
    assert_eq!(standing(), Standing::NotHeard);
    assert!(app.gateway_for_tunnels().is_none());
    road.peers(0).await;
    assert_eq!(standing(), Standing::Heard);
    assert_eq!(app.gateway_for_tunnels().unwrap().0, road.gateway);
    // Silent for longer than it can be: nobody is led there.
    road.house().pass(60_000);
    assert_eq!(standing(), Standing::Lost);
    assert!(app.gateway_for_tunnels().is_none());
    road.hello().await;
    assert_eq!(standing(), Standing::Lost);
    road.peers(0).await;
    assert_eq!(app.gateway_for_tunnels().unwrap().0, road.gateway);
}

#[tokio::test]
async fn requests_that_are_late_repeated_or_anothers_get_no_table() {
    let road = Road::new().await;
    road.hello().await;
    let now = road.house().app.now();
    let refused = |reply: Reply| {
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{}", reply.text());
        assert_eq!(reply.json()["code"], "gateway.signature");
    };
    for minutes in [-6_i64, 6] {
        let off = Span::minutes(6);
        let time = if minutes < 0 {
            now.before(off)
        } else {
            now.after(off)
        };
        refused(road.house().send(road.asking(0, time)).await);
    }
    let first = road.asking(0, now);
    let again = Request::builder()
        .method("GET")
        .uri(first.uri().clone())
        .body(Body::empty())
        .map(|mut request| {
            *request.headers_mut() = first.headers().clone();
            request
        })
        .unwrap();
    assert_eq!(road.house().send(first).await.status, StatusCode::OK);
    refused(road.house().send(again).await);
    // Another path than the one that was signed.
    let mut moved = road.asking(0, now);
    *moved.uri_mut() = table_path(5).parse().unwrap();
    refused(road.house().send(moved).await);
}

#[tokio::test]
async fn a_permit_opens_the_road_and_whatever_ends_it_closes_it_at_once() {
    let road = Road::new().await;
    let app = &road.section.house.app;
    assert!(road.peers(0).await.is_empty());
    for kind in [K::Telework, K::TakeOut, K::OffSite, K::Line] {
        road.give(kind).await;
    }
    let access = road.give(K::RemoteAccess).await;
    // What was applied for begins some days later.
    let begins = road.section.permit(&access).grant().unwrap().term.from;
    road.house()
        .pass(begins.as_millis() - app.now().as_millis() + 1);
    app.clock().confirm();
    let mut browser = road.tunnel().await;
    let peers = road.peers(0).await;
    // The tunnel stands and leads nowhere: permission is not posture.
    assert_eq!((peers.len(), peers[0].reach.len()), (1, 0));
    for check in DeviceCheck::ALL {
        road.check(check, Outcome::Pass);
    }
    let peers = road.peers(0).await;
    let address = peers[0].address;
    let system = road.section.entry(Register::System);
    let [reach] = &peers[0].reach[..] else {
        panic!("{peers:?}: {:?}", road.previewed())
    };
    assert_eq!(reach.address.to_string(), "192.0.2.10");
    assert_eq!(
        (reach.port, reach.system.to_string()),
        (Some(443), system.to_string())
    );
    assert!(reach.ends_at.is_some());
    // Posture broken while the gateway waits: it is told, and mended it is told again.
    let waits = road.peers(road.after.get());
    let breaks = async { road.check(DeviceCheck::ScreenLock, Outcome::Fail) };
    let (peers, ()) = tokio::join!(waits, breaks);
    assert_eq!((peers[0].address, peers[0].reach.len()), (address, 0));
    let waits = road.peers(road.after.get());
    let mends = async { road.check(DeviceCheck::ScreenLock, Outcome::Pass) };
    let (peers, ()) = tokio::join!(waits, mends);
    assert_eq!(peers[0].reach.len(), 1);
    // The permit ends.
    let waits = road.peers(road.after.get());
    let ends = async {
        went(
            &road
                .section
                .done(&access, road.section.staff, "return", &[])
                .await,
        )
    };
    let (peers, ()) = tokio::join!(waits, ends);
    assert!(peers[0].reach.is_empty());
    // The person signs out.
    let waits = road.peers(road.after.get());
    let leaves = async {
        let csrf = browser.get("/account").await.csrf();
        browser.post("/sign-out", &[("csrf", csrf.as_str())]).await;
    };
    let (peers, ()) = tokio::join!(waits, leaves);
    assert!(peers.is_empty());
    // A system that is taken back from use outside is reached by nobody.
    let world = app.world();
    let (entry, _) = world.registers.get::<System>(reach.system).unwrap();
    assert!(entry.is_active());
}

#[tokio::test]
async fn a_network_that_overlaps_another_gets_no_table() {
    let road = Road::new().await;
    road.hello().await;
    let id = road.section.entry(Register::Line);
    let mut values = {
        let world = road.house().app.world();
        world.registers.entry(id).unwrap().particulars.values()
    };
    let seen = Value::Many(vec!["10.90.0.0/16".to_owned()]);
    values.insert("seen_as".to_owned(), seen);
    let change = RegisterCommand::Change {
        id,
        unit: None,
        particulars: Register::Line.read(&values).unwrap(),
        remark: None,
        expected: None,
    };
    command(&road.section, change).await;
    let reply = road
        .house()
        .send(road.asking(0, road.house().app.now()))
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(reply.json()["code"], "gateway.network-overlaps");
}
