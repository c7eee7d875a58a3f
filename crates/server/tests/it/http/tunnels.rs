//! Sessions of tunnels: device and person together, and everything that ends them.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use p256::ecdsa::SigningKey;
use sekisho_domain::actor::Actor;
use sekisho_domain::code::Reason;
use sekisho_domain::command::Command;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{AccountId, DeviceId, PersonId, TunnelSessionId};
use sekisho_domain::role::Role;
use sekisho_protocol::tunnel::{PATH_TUNNEL, TunnelPlace};
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::http::{Options, Site, router};
use sekisho_server::identity::tunnel_session::{self, OpenTunnel, TunnelPlaces, Unplaced};
use serde_json::{Value, json};

use super::agents::{key, signed};
use super::house::{House, Reply};

struct OnePlace;

impl TunnelPlaces for OnePlace {
    fn place(&self, session: &OpenTunnel) -> Result<TunnelPlace, Unplaced> {
        assert_eq!(session.wireguard_key.as_str(), wireguard(1));
        Ok(TunnelPlace {
            address: [10, 99, 0, 7].into(),
            endpoint: "gateway.example:51820".to_owned(),
            public_key: wireguard(99),
            networks: vec!["10.1.0.0/16".to_owned()],
        })
    }
}

fn wireguard(seed: u8) -> String {
    Base64::encode_string(&[seed; 32])
}

/// A house with a gateway, a person, and the person's device.
struct Scene {
    house: House,
    person: PersonId,
    account: AccountId,
    device: DeviceId,
    signing: SigningKey,
    sequence: std::cell::Cell<u64>,
    officer: tokio::sync::OnceCell<PersonId>,
}

impl Scene {
    async fn new() -> Self {
        let mut house = House::founded().await;
        let options = Options::loopback(([127, 0, 0, 1], 8420).into());
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let site = Site::new(house.app.clone(), catalogue, options).unwrap();
        site.set_tunnel_places(Arc::new(OnePlace));
        house.router = router(site);
        let unit = house.unit("課").await;
        let (person, account) = house.officer("yamada", unit, Role::Staff).await;
        let (signing, public) = key(1);
        let device = house.device(unit, Some(person), public).await;
        Self {
            house,
            person,
            account,
            device,
            signing,
            sequence: 0.into(),
            officer: tokio::sync::OnceCell::new(),
        }
    }

    async fn ask(&self, path: &str, body: &Value) -> Reply {
        let next = self.sequence.get() + 1;
        self.sequence.set(next);
        let who = (self.device, &self.signing);
        signed(&self.house, who, path, next, body).await
    }

    /// Asks for a tunnel: the session and the code.
    async fn wish(&self) -> (TunnelSessionId, String) {
        let reply = self
            .ask(PATH_TUNNEL, &json!({"wireguard_key": wireguard(1)}))
            .await;
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
        let json = reply.json();
        let code = json["user_code"].as_str().unwrap().to_owned();
        let url = json["url"].as_str().unwrap();
        let expected = format!("http://127.0.0.1:8420/access/connect?code={code}");
        assert_eq!(url, expected);
        (json["session"].as_str().unwrap().parse().unwrap(), code)
    }

    async fn state(&self, session: TunnelSessionId) -> Value {
        let reply = self
            .ask(&format!("{PATH_TUNNEL}/{session}"), &json!({}))
            .await;
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
        reply.json()
    }

    /// The person says yes, and stays signed in.
    async fn open(&self) -> (TunnelSessionId, super::house::Browser<'_>) {
        let (session, code) = self.wish().await;
        let mut browser = self.house.signed_in(self.account);
        let page = browser.get(&format!("/access/connect?code={code}")).await;
        let csrf = page.csrf();
        let fields = [("csrf", csrf.as_str()), ("code", &code), ("answer", "yes")];
        let reply = browser.post("/access/connect", &fields).await;
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
        assert_eq!(self.state(session).await["state"], "open");
        (session, browser)
    }

    async fn ended(&self, session: TunnelSessionId, why: &str) {
        assert_eq!(
            self.state(session).await,
            json!({"state": "ended", "why": why})
        );
        let open = tunnel_session::open_sessions(&self.house.app).unwrap();
        assert!(open.is_empty(), "{open:?}");
    }

    async fn suspend(&self, state: DeviceState) {
        let reason = Reason::new("device.by-officer").with("why", "lost");
        let device = self.device;
        let command = Command::ChangeDevice {
            device,
            state,
            reason,
        };
        // What the bootstrap officer may not do an officer for systems may.
        let officer = self.officer.get_or_init(|| async {
            let root = self.house.root();
            self.house.officer("isso", root, Role::Isso).await.0
        });
        let actor = Actor::person(*officer.await);
        self.house.app.command(actor, command).await.unwrap();
    }
}

#[tokio::test]
async fn device_and_person_together_open_the_tunnel() {
    let scene = Scene::new().await;
    let (session, code) = scene.wish().await;
    assert_eq!(scene.state(session).await["state"], "waiting");
    let mut browser = scene.house.signed_in(scene.account);
    let page = browser.get("/access/connect").await;
    assert!(page.text().contains("name=\"code\""), "{}", page.text());
    let page = browser.get(&format!("/access/connect?code={code}")).await;
    assert!(page.text().contains(&scene.device.to_string()));
    let csrf = page.csrf();
    let forged = [("csrf", "x"), ("code", &code), ("answer", "yes")];
    assert_eq!(browser.post("/access/connect", &forged).await.status, 403);
    let fields = [("csrf", csrf.as_str()), ("code", &code), ("answer", "yes")];
    let reply = browser.post("/access/connect", &fields).await;
    assert_eq!(reply.status, 200, "{}", reply.text());

    let state = scene.state(session).await;
    assert_eq!(state["state"], "open");
    assert_eq!(state["address"], "10.99.0.7");
    assert_eq!(state["endpoint"], "gateway.example:51820");
    assert_eq!(state["public_key"], wireguard(99));
    assert_eq!(state["networks"], json!(["10.1.0.0/16"]));
    let open = tunnel_session::open_sessions(&scene.house.app).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].person, open[0].device),
        (scene.person, scene.device)
    );
    assert_eq!(
        open[0].until.since(open[0].confirmed_at).as_millis(),
        8 * 3_600_000
    );
    // A code works once.
    let again = browser.post("/access/connect", &fields).await;
    assert_eq!(again.status, 422, "{}", again.text());
    let path = format!("{PATH_TUNNEL}/{session}/end");
    assert_eq!(
        scene.ask(&path, &json!({})).await.json()["why"],
        "by-device"
    );
    scene.ended(session, "by-device").await;
}

#[tokio::test]
async fn both_languages_say_what_is_asked() {
    let scene = Scene::new().await;
    let (_, code) = scene.wish().await;
    for (tag, words) in [("ja", "庁内への接続の確認"), ("en", "Confirm a connection")] {
        let mut browser = scene.house.signed_in(scene.account);
        browser.get(&format!("/language/{tag}")).await;
        let page = browser.get(&format!("/access/connect?code={code}")).await;
        assert!(page.text().contains(words), "{}", page.text());
    }
}

#[tokio::test]
async fn whatever_is_missing_ends_it() {
    let scene = Scene::new().await;
    let (session, mut browser) = scene.open().await;
    let csrf = browser.get("/account").await.csrf();
    browser.post("/sign-out", &[("csrf", &csrf)]).await;
    scene.ended(session, "signed-out").await;

    let (session, _) = scene.open().await;
    let account = scene.account.to_string();
    scene.house.app.accounts().end_sessions(&account).unwrap();
    scene.ended(session, "signed-out").await;

    let (session, _) = scene.open().await;
    scene.suspend(DeviceState::Suspended).await;
    scene.ended(session, "device-suspended").await;
    let wish = json!({"wireguard_key": wireguard(1)});
    let refused = scene.ask(PATH_TUNNEL, &wish).await;
    assert_eq!(refused.json()["code"], "device.suspended");
    scene.suspend(DeviceState::Active).await;

    let (first, _) = scene.open().await;
    let (second, _) = scene.open().await;
    assert_eq!(scene.state(first).await["why"], "replaced");
    assert_eq!(scene.state(second).await["state"], "open");
    scene.house.pass(8 * 3_600_000);
    scene.house.app.clock().confirm();
    scene.ended(second, "over").await;

    let (session, _) = scene.open().await;
    let command = Command::CloseAccount {
        account: scene.account,
    };
    let actor = Actor::person(scene.house.first_officer());
    scene.house.app.command(actor, command).await.unwrap();
    scene.ended(session, "account-closed").await;
}

#[tokio::test]
async fn nobody_confirms_what_is_not_his() {
    let scene = Scene::new().await;
    let (session, code) = scene.wish().await;
    let unit = scene.house.unit("隣").await;
    let (_, stranger) = scene.house.officer("tanaka", unit, Role::Staff).await;
    let mut browser = scene.house.signed_in(stranger);
    let page = browser.get(&format!("/access/connect?code={code}")).await;
    assert_eq!(page.status, 422);
    assert!(!page.text().contains(&scene.device.to_string()));
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", &code), ("answer", "yes")];
    assert_eq!(browser.post("/access/connect", &fields).await.status, 422);
    assert_eq!(scene.state(session).await["state"], "waiting");
    // Guessing is slowed down.
    let mut last = 0;
    for _ in 0..12 {
        last = browser
            .get("/access/connect?code=BCDFGHJK")
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
    scene.house.pass(10 * 60 * 1000);
    scene.house.app.clock().confirm();
    scene.ended(session, "code-over").await;
}

#[tokio::test]
async fn keys_codes_and_numbers_are_not_used_twice() {
    let scene = Scene::new().await;
    let (session, code) = scene.wish().await;
    let (signing, public) = key(2);
    let other = scene.house.device(scene.house.root(), None, public).await;
    let wish = json!({"wireguard_key": wireguard(1)});
    let who = (other, &signing);
    let reply = signed(&scene.house, who, PATH_TUNNEL, 1, &wish).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["code"]),
        (409, &json!("tunnel.key-in-use"))
    );
    let reply = signed(&scene.house, who, PATH_TUNNEL, 1, &wish).await;
    assert_eq!(reply.json()["code"], "report.replayed");
    // Another device does not hear of the session.
    let path = format!("{PATH_TUNNEL}/{session}");
    let reply = signed(&scene.house, who, &path, 2, &json!({})).await;
    assert_eq!(reply.json()["code"], "tunnel.unknown");
    for wrong in ["", "x", &"A".repeat(44)] {
        let reply = scene
            .ask(PATH_TUNNEL, &json!({"wireguard_key": wrong}))
            .await;
        assert_eq!(reply.json()["code"], "tunnel.key", "{wrong}");
    }
    // A newer wish of the device takes the older one's place.
    let (_, newer) = scene.wish().await;
    assert_ne!(newer, code);
    assert_eq!(scene.state(session).await["why"], "replaced");
    let mut browser = scene.house.signed_in(scene.account);
    let page = browser.get(&format!("/access/connect?code={newer}")).await;
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("code", &newer), ("answer", "no")];
    assert_eq!(browser.post("/access/connect", &fields).await.status, 200);
}
