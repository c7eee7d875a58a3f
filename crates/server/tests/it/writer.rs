//! The writer against a real folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use roaring::RoaringBitmap;
use sekisho_domain::actor::Actor;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, FirstOfficer, NewPerson};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{BlobRef, CheckChange, DeviceSet};
use sekisho_domain::id::{
    AccountId, AppointmentId, DeviceId, Fresh, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::world::apply::encode_set;
use sekisho_ledger::digest::Digest;
use sekisho_server::app::App;
use sekisho_server::app::clock::{MachineTime, TimeSource};
use sekisho_server::app::open::OpenError;
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

pub fn try_open(path: &Path, time: Box<dyn TimeSource>) -> Result<App, OpenError> {
    let folder = DataFolder::create_or_open(path)?;
    let master = MasterSource::standard(&folder, None);
    App::open(folder, &master, time)
}

fn open(path: &Path) -> App {
    try_open(path, Box::new(MachineTime::default())).unwrap()
}

fn fresh(n: u8) -> Fresh {
    Fresh([n; 16])
}

pub fn root() -> UnitId {
    UnitId::new(fresh(2))
}

pub fn found(app: &App) {
    let name = |text: &str| Name::ja(Line::parse(text).unwrap());
    let person = PersonId::new(fresh(1));
    let profile = app.seal(person, "person.profile", b"{}").unwrap();
    let command = Command::FoundOrganisation {
        organisation: Box::new(Organisation {
            id: OrganisationId::new(fresh(3)),
            name: name("見本省"),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: root(),
            demo: false,
        }),
        officer: Box::new(FirstOfficer {
            person: NewPerson {
                id: person,
                profile,
            },
            account: AccountId::new(fresh(4)),
            post: Post::created(
                PostId::new(fresh(5)),
                root(),
                name("統括"),
                vec![Role::Hiso],
            ),
            appointment: AppointmentId::new(fresh(6)),
        }),
        catalogue: "1".to_owned(),
        catalogue_digest: "d".to_owned(),
    };
    app.command_blocking(Actor::Setup, command, Vec::new())
        .unwrap();
}

fn enrol(app: &App, n: u8) {
    let command = Command::EnrolDevice {
        device: DeviceId::new(fresh(n)),
        key: DeviceKey::try_from(format!("{n:044}")).unwrap(),
        class: DeviceClass::Issued,
        unit: root(),
        user: None,
        source: sekisho_domain::device::StateSource::Observed,
    };
    app.command_blocking(Actor::Operator, command, Vec::new())
        .unwrap();
}

/// An early version passed over it in silence, and whoever handed it over believed it kept.
#[test]
fn a_document_that_no_record_refers_to_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    found(&app);
    let before = app.head();
    let command = Command::SetCheckpointTargets {
        targets: vec!["mail:audit@example.org".to_owned()],
    };
    let stray = vec![b"stray".to_vec()];
    let refused = app.command_blocking(Actor::Operator, command.clone(), stray.clone());
    assert_eq!(refused.unwrap_err().code(), "document.unreferenced");
    // Nothing of it is recorded, kept or visible, and the writer goes on.
    assert_eq!(app.head(), before);
    assert!(app.world().checkpoint_targets.is_empty());
    let digest = Digest::of(&stray[0]);
    assert_eq!(app.open_ledger().unwrap().blob(&digest).unwrap(), None);
    let done = app.command_blocking(Actor::Operator, command, Vec::new());
    assert_eq!(done.unwrap().records, 1);
    app.stop();
}

/// An early version put all documents with the last record, and the ledger refused the batch.
#[test]
fn a_document_is_stored_with_the_record_that_refers_to_it() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    found(&app);
    (100..200).for_each(|n| enrol(&app, n));
    let change = |check, devices: &RoaringBitmap| {
        let bytes = encode_set(devices);
        let document = BlobRef {
            blob: Digest::of(&bytes).to_string(),
            size: bytes.len() as u64,
        };
        let count = u32::try_from(devices.len()).unwrap();
        let devices = DeviceSet::Stored { document, count };
        (
            CheckChange {
                check,
                to: Outcome::Fail,
                cause: Reason::new("walk"),
                devices,
            },
            bytes,
        )
    };
    let (first, one) = change(DeviceCheck::Firewall, &(0..90).collect());
    let (second, other) = change(DeviceCheck::TimeSync, &(10..100).collect());
    let checks = vec![
        first.clone(),
        second,
        CheckChange {
            check: DeviceCheck::ScreenLock,
            ..first
        },
    ];
    let command = Command::RecordAssessment {
        checks,
        verdicts: Vec::new(),
        held: None,
    };
    app.command_blocking(Actor::System, command, vec![one, other])
        .unwrap();
    let failing = |check| app.world().checks[&check][&Outcome::Fail].len();
    assert_eq!(failing(DeviceCheck::Firewall), 90);
    assert_eq!(failing(DeviceCheck::TimeSync), 90);
    assert_eq!(failing(DeviceCheck::ScreenLock), 90);
    let before = app.world().clone();
    app.stop();
    drop(app);
    std::fs::remove_dir_all(place.path().join("snapshots")).unwrap();
    let again = open(place.path());
    assert_eq!(*again.world(), before);
    again.stop();
}

#[test]
fn a_start_from_a_snapshot_is_a_start_from_the_ledger() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    found(&app);
    enrol(&app, 50);
    app.stop();
    drop(app);
    assert!(place.path().join("snapshots/world.json").is_file());
    let cached = open(place.path());
    let world = cached.world().clone();
    cached.stop();
    drop(cached);
    std::fs::write(place.path().join("snapshots/world.json"), b"{}").unwrap();
    let replayed = open(place.path());
    assert_eq!(*replayed.world(), world);
    replayed.stop();
}

/// SQLite drops a damaged tail of its log, and takes an emptied file for a new database.
#[test]
fn a_ledger_that_lost_acknowledged_records_stops_the_start() {
    let place = tempfile::tempdir().unwrap();
    let app = open(place.path());
    found(&app);
    app.stop();
    drop(app);
    let older = std::fs::read(place.path().join("ledger.sqlite")).unwrap();
    let app = open(place.path());
    enrol(&app, 50);
    app.stop();
    drop(app);
    let log = place.path().join("ledger.sqlite-wal");
    for lost in [older.as_slice(), b""] {
        std::fs::write(place.path().join("ledger.sqlite"), lost).unwrap();
        let _ = std::fs::remove_file(&log);
        let error = try_open(place.path(), Box::new(MachineTime::default()))
            .err()
            .unwrap();
        assert_eq!(error.code(), "ledger.rolled-back", "{error}");
    }
}

/// A wall clock that the test moves.
#[derive(Clone)]
struct Hands {
    wall: Arc<AtomicI64>,
    real: Arc<MachineTime>,
}

impl TimeSource for Hands {
    fn wall(&self) -> i64 {
        self.wall.load(Ordering::SeqCst) + self.real.monotonic()
    }

    fn monotonic(&self) -> i64 {
        self.real.monotonic()
    }
}

#[test]
fn after_a_step_of_the_clock_only_its_confirmation_is_written() {
    let place = tempfile::tempdir().unwrap();
    let hands = Hands {
        wall: Arc::new(AtomicI64::new(1_800_000_000_000)),
        real: Arc::new(MachineTime::default()),
    };
    let app = try_open(place.path(), Box::new(hands.clone())).unwrap();
    found(&app);
    hands.wall.fetch_sub(3_600_000, Ordering::SeqCst);
    let targets = Command::SetCheckpointTargets {
        targets: vec!["file:/x".to_owned()],
    };
    let refused = app.command_blocking(Actor::Operator, targets.clone(), Vec::new());
    assert_eq!(refused.unwrap_err().code(), "clock");
    let before = app.now();
    let step = app.clock().step().unwrap();
    app.command_blocking(Actor::Operator, Command::ConfirmClock { step }, Vec::new())
        .unwrap();
    app.command_blocking(Actor::Operator, targets, Vec::new())
        .unwrap();
    assert!(app.now() >= before, "time went back");
    app.stop();
}
