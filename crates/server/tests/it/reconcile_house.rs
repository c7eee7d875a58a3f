//! A data folder with a running application, and a reconciler with short times.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, FirstOfficer, NewPerson};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::{AccountId, AppointmentId, OrganisationId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::checkpoint::VerifierKey;
use sekisho_server::app::clock::MachineTime;
use sekisho_server::app::{App, fresh};
use sekisho_server::reconcile::{Reconciler, Settings, TargetStatus, status};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

/// Records of a freshly founded organisation.
pub const FOUNDED: u64 = 8;

const LOCKED: &str = "locked";
const SOON: Duration = Duration::from_secs(10);

pub struct House {
    pub app: App,
    running: Reconciler,
}

/// Retries at once; a second delivery only when asked for by a stop.
pub fn settings() -> Settings {
    Settings {
        interval: Duration::from_secs(3600),
        retry_first: Duration::from_millis(20),
        retry_most: Duration::from_millis(100),
        patience: Duration::from_secs(5),
        gather: Duration::from_millis(5),
        ..Settings::default()
    }
}

/// Opens a folder, founding an organisation in a fresh one.
pub fn open(data: &Path) -> App {
    // A program that another test starts has what this process holds for as long as it takes to become that
    // program, the lock of a folder just given up with it.
    let begun = Instant::now();
    let app = loop {
        let data = DataFolder::create_or_open(data).unwrap();
        let master = MasterSource::standard(&data, None);
        match App::open(data, &master, Box::new(MachineTime::default())) {
            Err(error) if error.code() == LOCKED && begun.elapsed() < SOON => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => break opened.unwrap(),
        }
    };
    if app.head().size == 0 {
        found(&app);
        assert_eq!(app.head().size, FOUNDED);
    }
    app
}

fn found(app: &App) {
    let root = UnitId::new(fresh().unwrap());
    let person = PersonId::new(fresh().unwrap());
    let name: Name = serde_json::from_str(r#"{"ja":"試験庁"}"#).unwrap();
    let post = Post::created(
        PostId::new(fresh().unwrap()),
        root,
        name.clone(),
        vec![Role::Isso],
    );
    let organisation = Organisation {
        id: OrganisationId::new(fresh().unwrap()),
        name,
        profile: Profile::Gov,
        clauses_opted_in: false,
        root,
        demo: false,
    };
    let profile = app.seal(person, "profile", b"{}").unwrap();
    let officer = FirstOfficer {
        person: NewPerson {
            id: person,
            profile,
        },
        account: AccountId::new(fresh().unwrap()),
        post,
        appointment: AppointmentId::new(fresh().unwrap()),
    };
    let command = Command::FoundOrganisation {
        organisation: Box::new(organisation),
        officer: Box::new(officer),
        catalogue: "1".to_owned(),
        catalogue_digest: "00".to_owned(),
    };
    app.command_blocking(Actor::Setup, command, Vec::new())
        .unwrap();
}

impl House {
    pub fn at(data: &Path, settings: Settings) -> Self {
        let app = open(data);
        let running = Reconciler::start(app.clone(), settings).unwrap();
        Self { app, running }
    }

    /// Adds one record.
    pub fn grow(&self, word: &str) {
        grow(&self.app, word);
    }

    pub fn targets(&self, targets: &[&str]) {
        let targets = targets.iter().map(|text| (*text).to_owned()).collect();
        let command = Command::SetCheckpointTargets { targets };
        self.app
            .command_blocking(Actor::Operator, command, Vec::new())
            .unwrap();
    }

    pub fn size(&self) -> u64 {
        self.app.head().size
    }

    /// The state of the only target.
    pub fn state(&self) -> TargetStatus {
        let mut all = status(&self.app).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Waits until the only target has the newest checkpoint, and nothing waits any more.
    pub fn delivered(&self) {
        until("delivery", || {
            let state = self.state();
            state.last_size == Some(self.size()) && !state.waiting
        });
    }

    /// Waits until a delivery has failed with this code.
    pub fn failed(&self, code: &str) {
        until(code, || {
            let state = self.state();
            let failed = state.last_error.is_some_and(|failure| failure.code == code);
            failed && state.waiting
        });
    }

    /// Stops as the program does: the writer first.
    pub fn stop(self) {
        self.app.stop();
        self.running.stop();
    }

    pub fn key(&self) -> VerifierKey {
        self.app.verifier().clone()
    }
}

pub fn grow(app: &App, word: &str) {
    let feed = FeedState {
        kind: FeedKind::Kev,
        part: "all".to_owned(),
        digest: word.to_owned(),
        as_of: Timestamp::from_millis(1_700_000_000_000),
        imported_at: app.now(),
        entries: 1,
    };
    let command = Command::ImportFeed {
        feed,
        smaller: false,
    };
    let committed = app
        .command_blocking(Actor::Operator, command, Vec::new())
        .unwrap();
    assert_eq!(committed.records, 1);
}

/// Waits for a condition.
pub fn until(what: &str, mut met: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !met() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{what} does not come"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a folder as it is.
pub fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(done.success());
}

/// The size of a checkpoint that a key accepts.
pub fn size_of(key: &VerifierKey, text: &[u8]) -> u64 {
    key.open(text).unwrap().size
}

/// A folder of a temporary one.
pub fn folder(under: &Path, name: &str) -> PathBuf {
    let path = under.join(name);
    std::fs::create_dir(&path).unwrap();
    path
}
