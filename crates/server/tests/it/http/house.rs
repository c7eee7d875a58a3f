//! A running application with a router, and browsers that visit it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, NewPerson};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::fact::{
    FactValue, Observation, OsFamily, OsRelease, PendingUpdates, RebootNeeded, Seen,
};
use sekisho_domain::id::{AccountId, AppointmentId, DeviceId, PersonId, PostId, UnitId};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::Interval;
use sekisho_protocol::agent::Report;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::clock::TimeSource;
use sekisho_server::app::directory::{PROFILE_PURPOSE, PersonProfile};
use sekisho_server::app::{App, fresh};
use sekisho_server::assessor::take_report;
use sekisho_server::http::{Options, Site, router};
use sekisho_server::identity::{link, session};
use sekisho_server::knowledge::{ImportHints, KnowledgeBase, import};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;
use tower::ServiceExt;

use super::people::copy;

/// The host under which the house is visited.
pub const HOST: &str = "127.0.0.1:8420";
/// Where an application behind a proxy is, to which the house leads back.
pub const APPLICATION: &str = "127.0.0.1:8421";
/// A password that the policy accepts.
pub const PASSWORD: &str = "correct horse battery";

/// The time that passes, and by how much somebody has set the clock.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>, Arc<AtomicI64>);

impl TimeSource for Hands {
    fn wall(&self) -> i64 {
        self.0.load(Ordering::SeqCst) + self.1.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct House {
    pub app: App,
    pub router: Router,
    hands: Hands,
    // Removed when the house is.
    _folder: tempfile::TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.app.stop();
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The token of the page's forms.
    pub fn csrf(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

const ENDS: &[u8] = include_bytes!("../../../../../fixtures/feeds/endoflife.json");
const RELEASES: &[u8] = include_bytes!("../../../../../fixtures/feeds/distro-info-debian.csv");

impl House {
    pub fn new() -> Self {
        let hands = Hands::default();
        hands.0.store(1_795_000_000_000, Ordering::SeqCst);
        Self::open(tempfile::tempdir().unwrap(), hands)
    }

    /// The same house after a stop and a start: with what was stored, and at the same time.
    pub fn again(&self) -> Self {
        self.app.stop();
        let folder = tempfile::tempdir().unwrap();
        copy(self.app.folder().root(), &folder.path().join("data"));
        Self::open(folder, self.hands.clone())
    }

    fn open(folder: tempfile::TempDir, hands: Hands) -> Self {
        let data = DataFolder::create_or_open(&folder.path().join("data")).unwrap();
        let master = MasterSource::standard(&data, None);
        let app = App::open(data, &master, Box::new(hands.clone())).unwrap();
        let mut options = Options::loopback(SocketAddr::from(([127, 0, 0, 1], 8420)));
        options.applications.push(APPLICATION.to_owned());
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let site = Site::new(app.clone(), catalogue, options).unwrap();
        Self {
            app,
            router: router(site),
            hands,
            _folder: folder,
        }
    }

    /// A house whose organisation has been founded by its first officer, `officer`.
    pub async fn founded() -> Self {
        let house = Self::new();
        let (mut browser, reply) = house.found("officer").await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
        browser.jar.clear();
        house
    }

    pub async fn found(&self, login: &str) -> (Browser<'_>, Reply) {
        let token = link::set_up(self.app.accounts(), self.app.now())
            .unwrap()
            .text();
        let mut browser = self.browser();
        let page = browser.get(&format!("/link/{token}")).await;
        let csrf = page.csrf();
        let fields = set_up_fields(&csrf, &token, login);
        let reply = browser.post("/set-up", &fields).await;
        (browser, reply)
    }

    /// Lets time pass.
    pub fn pass(&self, millis: i64) {
        self.hands.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Sets the clock forward, or back.
    pub fn set_clock(&self, millis: i64) {
        self.hands.1.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            house: self,
            jar: BTreeMap::new(),
            address: [127, 0, 0, 1],
            host: HOST,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub fn first_officer(&self) -> PersonId {
        self.app.world().bootstrap.unwrap()
    }

    pub fn root(&self) -> UnitId {
        self.app.world().organisation.as_ref().unwrap().root
    }

    async fn command(&self, command: Command) {
        let actor = Actor::person(self.first_officer());
        self.app.command(actor, command).await.unwrap();
    }

    pub async fn unit(&self, name: &str) -> UnitId {
        let id = UnitId::new(fresh().unwrap());
        let (name, valid) = (name_of(name), Interval::starting(self.app.now()));
        self.command(Command::FoundUnit {
            id,
            parent: self.root(),
            name,
            valid,
        })
        .await;
        id
    }

    /// A person without post or account.
    pub async fn person(&self, name: &str, unit: UnitId) -> PersonId {
        let profile = PersonProfile {
            name: name_of(name),
            mail: Some(format!("{name}@example.org")),
        };
        self.registered(&profile, unit).await
    }

    /// A person of whom this is known, whatever forms would take of it.
    pub async fn registered(&self, profile: &PersonProfile, unit: UnitId) -> PersonId {
        let person = PersonId::new(fresh().unwrap());
        let profile = serde_json::to_vec(profile).unwrap();
        let profile = self.app.seal(person, PROFILE_PURPOSE, &profile).unwrap();
        let registered = NewPerson {
            id: person,
            profile,
        };
        self.command(Command::RegisterPerson {
            person: registered,
            unit,
        })
        .await;
        person
    }

    /// A person with an account who holds a post with this role in a unit.
    pub async fn officer(&self, name: &str, unit: UnitId, role: Role) -> (PersonId, AccountId) {
        let person = self.person(name, unit).await;
        let post = PostId::new(fresh().unwrap());
        let new = Post::created(post, unit, name_of("官職"), vec![role]);
        self.command(Command::CreatePost(Box::new(new))).await;
        let valid = Interval::starting(self.app.now());
        let id = AppointmentId::new(fresh().unwrap());
        self.command(Command::Appoint {
            id,
            person,
            post,
            valid,
        })
        .await;
        let account = AccountId::new(fresh().unwrap());
        self.command(Command::IssueAccount { account, person })
            .await;
        let now = self.app.now().as_millis();
        let accounts = self.app.accounts();
        accounts
            .add(&account.to_string(), &person.to_string(), name, now)
            .unwrap();
        (person, account)
    }

    pub async fn device(&self, unit: UnitId, user: Option<PersonId>, key: DeviceKey) -> DeviceId {
        let device = DeviceId::new(fresh().unwrap());
        let class = DeviceClass::Issued;
        let command = Command::EnrolDevice {
            device,
            key,
            class,
            unit,
            user,
            source: sekisho_domain::device::StateSource::Observed,
        };
        self.app.command(Actor::Operator, command).await.unwrap();
        device
    }

    /// One device that runs a supported system, up to date and restarted, and the feeds that say so.
    pub async fn all_well(&self) {
        let key = "A".repeat(44).try_into().unwrap();
        let device = self.device(self.root(), None, key).await;
        let now = self.app.now();
        let values = [
            FactValue::OsRelease(OsRelease {
                family: OsFamily::Linux,
                product: "debian".to_owned(),
                version: "12".to_owned(),
                codename: Some("bookworm".to_owned()),
                pretty: "Debian GNU/Linux 12".to_owned(),
                modified: None,
            }),
            FactValue::PendingUpdates(PendingUpdates {
                updates: Vec::new(),
                metadata_at: Some(now),
                security_source: true,
            }),
            FactValue::RebootNeeded(RebootNeeded {
                needed: false,
                because: Vec::new(),
            }),
        ];
        let report = Report {
            agent: "test".to_owned(),
            observed_at: now,
            observations: values
                .map(|value| Observation {
                    seen: Seen::Value(value),
                    source: "test".to_owned(),
                    partial: None,
                    observed_at: now,
                })
                .into(),
        };
        tokio::task::block_in_place(|| {
            self.feeds(&[ENDS, RELEASES]);
            let body = serde_json::to_vec(&report).unwrap();
            take_report(&self.app, device, 1, &body, &report, 3_600).unwrap();
        });
    }

    /// Brings feeds in, as of now. Blocks.
    pub fn feeds(&self, feeds: &[&[u8]]) {
        let now = self.app.now();
        let hints = ImportHints {
            as_of: Some(now),
            ..ImportHints::default()
        };
        for feed in feeds.iter().copied() {
            import(&self.app, Actor::Operator, feed, &hints).unwrap();
        }
        let recorded = self.app.world().feeds.clone();
        let known = KnowledgeBase::load(self.app.observations(), &recorded, now).unwrap();
        self.app.set_knowledge(known);
    }

    /// A browser in which an account is signed in.
    pub fn signed_in(&self, account: AccountId) -> Browser<'_> {
        let token = session::begin(self.app.accounts(), account, self.app.now()).unwrap();
        let mut browser = self.browser();
        browser
            .jar
            .insert("sekisho-session".to_owned(), token.text());
        browser
    }

    /// The account of the first officer.
    pub fn first_account(&self) -> AccountId {
        *self.app.world().accounts.keys().next().unwrap()
    }
}

pub fn name_of(text: &str) -> Name {
    Name::ja(Line::parse(text).unwrap())
}

pub fn set_up_fields<'a>(csrf: &'a str, token: &'a str, login: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("csrf", csrf),
        ("token", token),
        ("organisation_ja", "関所庁"),
        ("organisation_en", "Checkpoint Agency"),
        ("profile", "gov"),
        ("officer_name", "佐藤 花子"),
        ("officer_kana", "さとう はなこ"),
        ("mail", ""),
        ("login", login),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ]
}

/// One browser with its cookies.
pub struct Browser<'h> {
    house: &'h House,
    pub jar: BTreeMap<String, String>,
    pub address: [u8; 4],
    pub host: &'static str,
}

impl Browser<'_> {
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.host);
        if !self.jar.is_empty() {
            let line: Vec<String> = self.jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        request.extension(ConnectInfo(SocketAddr::from((self.address, 50_000))))
    }

    pub async fn send(&mut self, request: Request<Body>) -> Reply {
        let reply = self.house.send(request).await;
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, rest) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, format!("http://{}", self.host))
            .body(Body::from(form(fields)))
            .unwrap();
        self.send(request).await
    }

    /// Signs in by password, from the sign-in page on.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Reply {
        let csrf = self.get("/sign-in").await.csrf();
        let fields = [
            ("csrf", csrf.as_str()),
            ("login", login),
            ("password", password),
            ("next", "/"),
        ];
        self.post("/sign-in", &fields).await
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = sekisho_server::console::layout::percent_encode;
    let pairs: Vec<String> = fields
        .iter()
        .map(|(n, v)| format!("{n}={}", encode(v)))
        .collect();
    pairs.join("&")
}

impl Browser<'_> {
    /// The router of the house.
    pub fn router(&self) -> Router {
        self.house.router.clone()
    }
}
