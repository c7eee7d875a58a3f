//! The application on the filled folder, with its site, and the people who read its pages.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use sekisho_domain::time::Timestamp;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::assessor::Assessor;
use sekisho_server::http::{Options, Site, router};
use sekisho_server::identity::session;
use sekisho_server::reconcile::Settler;
use sekisho_sim::population::Population;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;
use tower::ServiceExt as _;

use super::{MEMORY, SEED};
use crate::measure::{gib, resident};
use crate::{Outcome, Target};

const HOST: &str = "127.0.0.1:8420";

/// The running application.
pub(super) struct House {
    pub(super) app: App,
    pub(super) population: Population,
    pub(super) now: Timestamp,
    place: PathBuf,
    router: Router,
    runtime: tokio::runtime::Runtime,
    catalogue: Arc<Catalogue>,
}

/// What the server does by itself: judging, and settling what is due.
pub(super) struct Work {
    assessor: Assessor,
    settler: Settler,
}

/// Someone who is signed in.
pub(super) struct Reader {
    cookie: String,
}

fn open(place: &Path) -> App {
    let folder = DataFolder::create_or_open(place).expect("a data folder");
    let master = MasterSource::standard(&folder, None);
    App::open(folder, &master, Box::new(MachineTime::default())).expect("it opens")
}

impl House {
    /// Opens the folder for the first time: every record is folded.
    pub(super) fn open(
        place: &Path,
        population: Population,
        now: Timestamp,
        outcome: &mut Outcome,
    ) -> Self {
        let began = Instant::now();
        let app = open(place);
        let took = began.elapsed().as_secs_f64();
        outcome.figure("start by replaying the ledger", took, "s", Target::None);
        Self::of(app, place, population, now)
    }

    fn of(app: App, place: &Path, population: Population, now: Timestamp) -> Self {
        app.update_posture(|posture| *posture = population.posture(SEED, now));
        let options = Options::loopback(SocketAddr::from(([127, 0, 0, 1], 8420)));
        let catalogue = Arc::new(Catalogue::builtin().expect("the catalogue is whole"));
        let site = Site::new(app.clone(), Arc::clone(&catalogue), options).expect("a site");
        Self {
            app,
            population,
            now,
            place: place.to_owned(),
            router: router(site),
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
            catalogue,
        }
    }

    /// Stops, which writes a snapshot, and starts from it.
    pub(super) fn open_again(self, outcome: &mut Outcome) -> Self {
        let Self {
            app,
            population,
            now,
            place,
            router,
            runtime,
            catalogue: _,
        } = self;
        drop((router, runtime));
        let began = Instant::now();
        app.stop();
        let took = began.elapsed().as_secs_f64();
        outcome.figure("stop, with its snapshot", took, "s", Target::None);
        drop(app);
        let folder = DataFolder::create_or_open(&place).expect("a data folder");
        let files = std::fs::read_dir(folder.snapshots()).expect("the snapshots");
        let size = files.filter_map(|it| it.ok()?.metadata().ok());
        let size: u64 = size.map(|it| it.len()).sum();
        outcome.figure("snapshot", size as f64 / 1e6, "MB", Target::None);
        let began = Instant::now();
        let app = open(&place);
        let took = began.elapsed().as_secs_f64();
        outcome.figure("start from the snapshot", took, "s", Target::None);
        let house = Self::of(app, &place, population, now);
        outcome.figure(
            "memory after the start",
            gib(resident()),
            "GiB",
            Target::AtMost(MEMORY),
        );
        house
    }

    /// Starts what the server does by itself, as it goes on beside pages and commands.
    pub(super) fn at_work(&self) -> Work {
        let (app, catalogue) = (self.app.clone(), Arc::clone(&self.catalogue));
        Work {
            assessor: Assessor::start(app.clone(), catalogue).expect("a thread"),
            settler: Settler::start(app).expect("a thread"),
        }
    }

    /// Signs the person of a number in.
    pub(super) fn reader(&self, number: u32) -> Reader {
        let account = self.population.account(SEED, number);
        let person = self.population.person(SEED, number).to_string();
        let (accounts, now) = (self.app.accounts(), self.app.now());
        let login = format!("bench-{number}");
        let id = account.to_string();
        if accounts.get(&id).expect("accounts are read").is_none() {
            let added = accounts.add(&id, &person, &login, now.as_millis());
            added.expect("the account is new");
        }
        let token = session::begin(accounts, account, now).expect("a session");
        Reader {
            cookie: format!("sekisho-session={}", token.text()),
        }
    }

    /// Asks for a page: how long until all of it is there, in seconds, and its text.
    pub(super) fn get(&self, reader: Option<&Reader>, path: &str) -> (f64, String) {
        let mut request = Request::get(path).header(header::HOST, HOST);
        if let Some(reader) = reader {
            request = request.header(header::COOKIE, &reader.cookie);
        }
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        let request = request.extension(ConnectInfo(peer)).body(Body::empty());
        let request = request.expect("the path is one");
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let began = Instant::now();
            let response = router.oneshot(request).await.expect("it answers");
            let status = response.status();
            let bytes = to_bytes(response.into_body(), 64 << 20).await;
            let took = began.elapsed().as_secs_f64();
            let text = String::from_utf8_lossy(&bytes.expect("a whole page")).into_owned();
            assert_eq!(status, StatusCode::OK, "{path}: {text}");
            (took, text)
        })
    }

    /// Stops the application.
    pub(super) fn close(self, work: Work) {
        work.settler.stop();
        self.app.stop();
        work.assessor.join();
    }
}
