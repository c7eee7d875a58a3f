//! Opening a data folder: lock, keys, ledger, replay, and the writer's thread.

use std::sync::{Arc, Mutex, RwLock};

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::device::StateSource;
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::{World, WorldError};
use sekisho_ledger::checkpoint::CheckpointError;
use sekisho_ledger::record;
use sekisho_protocol::access_table::TableSigner;
use sekisho_rules::decide::RulebookError;
use sekisho_store::keyring::{Keyring, MasterSource, PeopleKeys, Purpose};
use sekisho_store::sqlite::ledger::{Access, DataLock, LedgerStore};
use sekisho_store::{Accounts, DataFolder, Observations, StoreError};
use tokio::sync::watch;

use crate::access::DecisionPoint;
use crate::identity::ca::{Authorities, CaError};

use super::clock::{TimeSource, TrustedClock};
use super::directory::Directory;
use super::index::LedgerIndex;
use super::keys::LedgerKeys;
use super::lists::Upkeep;
use super::news::NewsDesk;
use super::shelves::Shelves;
use super::stored::{self, LedgerDocuments, StoredError};
use super::writer::{Queue, Writer};
use super::{App, Head, Inner, snapshot};

/// The name under which a ledger signs unless the organisation gives another.
pub const LEDGER_NAME: &str = "sekisho.local/ledger";

/// Why a folder cannot be opened. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Folder, keys or a database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record cannot be understood.
    #[error("record {sequence}: {source}")]
    Record {
        /// Its number.
        sequence: u64,
        /// What is wrong with it.
        source: StoredError,
    },
    /// An event does not fit those before it.
    #[error("record {sequence}: {source}")]
    World {
        /// Its number.
        sequence: u64,
        /// What does not fit.
        source: WorldError,
    },
    /// The ledger is shorter than, or differs from, what this folder has already acknowledged.
    #[error("the ledger has {found} records and {known} were acknowledged here")]
    RolledBack {
        /// Records acknowledged.
        known: u64,
        /// Records found.
        found: u64,
    },
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] CheckpointError),
    /// The built-in rulebook does not hold.
    #[error(transparent)]
    Rulebook(#[from] RulebookError),
    /// The certificate authority cannot be had.
    #[error(transparent)]
    Ca(#[from] CaError),
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        use sekisho_domain::event::EventError;
        match self {
            Self::Store(error) => error.code(),
            Self::Record {
                source: StoredError::Event(EventError::UnknownKind { .. }),
                ..
            } => "ledger.unknown-kind",
            Self::Record {
                source: StoredError::Event(EventError::NewerVersion { .. }),
                ..
            } => "ledger.newer-version",
            Self::Record { .. } => "ledger.record-damaged",
            Self::World { .. } => "ledger.does-not-fit",
            Self::RolledBack { .. } => "ledger.rolled-back",
            Self::Key(_) => "ledger.key-unusable",
            Self::Rulebook(error) => error.code(),
            Self::Ca(error) => error.code(),
        }
    }
}

/// Looks for lost records before anything opens the ledger for writing: closing such a connection
/// folds in what SQLite can still read of a damaged log and throws the rest away, which is evidence.
fn refuse_what_was_lost(folder: &DataFolder, keys: &LedgerKeys) -> Result<(), OpenError> {
    let path = folder.ledger();
    // Without one, or with one that was made and never filled, it is looked at after the making.
    if std::fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
        return Ok(());
    }
    let ledger = LedgerStore::open(&path, Access::Read)?;
    super::known_head::check(folder, &ledger, &keys.history)
}

impl App {
    /// Opens a folder for writing and starts the writer.
    ///
    /// # Errors
    /// [`OpenError`]; a second process on the same folder gets `locked`.
    pub fn open(
        folder: DataFolder,
        master: &MasterSource,
        time: Box<dyn TimeSource>,
    ) -> Result<Self, OpenError> {
        let lock = DataLock::acquire(folder.root())?;
        let wall = time.wall();
        let mut keyring = Keyring::open(&folder, master, wall)?;
        // A folder of an earlier release has no such key yet.
        let authorities = Authorities::of(&mut keyring, Timestamp::from_millis(wall))?;
        let access = decision_point(&mut keyring, wall)?;
        let people = keyring.people(&folder)?;
        let keys = LedgerKeys::of(&keyring)?;
        refuse_what_was_lost(&folder, &keys)?;
        let mut writer = LedgerStore::open(&folder.ledger(), Access::Write)?;
        let ledger = LedgerStore::open(&folder.ledger(), Access::Read)?;
        super::known_head::check(&folder, &ledger, &keys.history)?;
        keys.finish_rotation(&keyring, &mut writer)?;
        let (world, directory, index) = load(&folder, &ledger, &people)?;
        let observations = Observations::open(&folder.observations())?;
        access.inside().load(&observations)?;
        let accounts = Accounts::open(&folder.accounts())?;
        let posture = load_posture(&observations, &world)?;
        let newest = (world.events > 0).then_some(world.recorded_at);
        let head = first_head(&ledger, &world)?;
        let (queue, jobs) = Queue::new();
        let inner = Arc::new(Inner {
            clock: TrustedClock::new(time, newest),
            folder,
            _lock: lock,
            world: RwLock::new(world.clone()),
            posture: RwLock::new(posture),
            shelves: RwLock::new(Shelves::of(&world, &directory)),
            directory: RwLock::new(directory),
            index: RwLock::new(index),
            ledger: Mutex::new(ledger),
            observations,
            accounts,
            keyring,
            authorities: RwLock::new(authorities),
            people,
            keys: RwLock::new(Arc::new(keys)),
            queue,
            head,
            writer: Mutex::new(None),
            knowledge: RwLock::default(),
            importing: Mutex::default(),
            lists: Upkeep::default(),
            news: NewsDesk::default(),
            times: super::times::WriterTimes::default(),
            alarms: super::alarms::Alarms::default(),
            access,
            certificate: super::certificate::CertificateBoard::default(),
            watched: crate::service_use::watched::WatchBoard::default(),
            changing_keys: Mutex::default(),
        });
        let state = Writer {
            inner: Arc::clone(&inner),
            ledger: writer,
            world,
            snapshots: snapshot::Beside::default(),
        };
        start(&inner, move || state.run(&jobs))?;
        Self(inner).taken_up()
    }

    /// What an earlier process left undone is done.
    fn taken_up(self) -> Result<Self, OpenError> {
        self.finish_forgetting()?;
        self.take_up_access_rules()?;
        Ok(self)
    }
}

/// Where the ledger stands at the start.
fn first_head(ledger: &LedgerStore, world: &World) -> Result<watch::Sender<Head>, OpenError> {
    let checkpoint = ledger.checkpoint()?.unwrap_or_default();
    let size = world.events;
    Ok(watch::channel(Head { size, checkpoint }).0)
}

/// The decision point, with the key that signs access tables.
fn decision_point(keyring: &mut Keyring, wall: i64) -> Result<DecisionPoint, OpenError> {
    let seed = keyring.ensure(Purpose::AccessTable, wall)?;
    let begun_at = Timestamp::from_millis(wall);
    Ok(DecisionPoint::new(
        TableSigner::new(seed.secret()),
        begun_at,
    )?)
}

/// Starts the writer's thread.
fn start(inner: &Arc<Inner>, run: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    let thread = std::thread::Builder::new().name("ledger-writer".to_owned());
    let handle = thread
        .spawn(run)
        .map_err(|error| StoreError::io(inner.folder.root(), error))?;
    if let Ok(mut slot) = inner.writer.lock() {
        *slot = Some(handle);
    }
    Ok(())
}

fn load(
    folder: &DataFolder,
    ledger: &LedgerStore,
    keys: &PeopleKeys,
) -> Result<(World, Directory, LedgerIndex), OpenError> {
    let mut world = snapshot::read(folder, ledger).unwrap_or_default();
    let folded = world.events;
    let mut directory = Directory::default();
    let mut index = LedgerIndex::default();
    let documents = LedgerDocuments {
        ledger,
        coming: &[],
    };
    // Names are never in a snapshot, nor is what only pages look up: both are read again.
    if folded > 0 {
        read(ledger, 0, folded, &mut |sequence, bytes| {
            let head = record::scan(bytes, &mut |_| {}).map_err(|error| OpenError::Record {
                sequence,
                source: error.into(),
            })?;
            if head.kind == "people.imported" {
                let event = event(sequence, bytes)?.event;
                directory.follow(&event, keys, &documents);
                index.follow(sequence, &event, &documents);
                return Ok(true);
            }
            if matches!(head.kind, "person.registered" | "person.changed") {
                directory.follow(&event(sequence, bytes)?.event, keys, &documents);
            }
            // What cannot be looked up is not lost: the record itself stands, and is verified.
            if let Err(error) = index.peek(sequence, head.kind, bytes) {
                tracing::warn!(code = "ledger.record-damaged", sequence, %error, "not indexed");
            }
            Ok(true)
        })?;
    }
    let mut sequence = folded;
    let mut each = |event: &Event| {
        directory.follow(event, keys, &documents);
        index.follow(sequence, event, &documents);
        sequence += 1;
    };
    replay(ledger, &mut world, &mut each, None)?;
    Ok((world, directory, index))
}

fn event(sequence: u64, bytes: &[u8]) -> Result<StoredEvent, OpenError> {
    stored::event(bytes).map_err(|source| OpenError::Record { sequence, source })
}

/// Takes a record by number; says whether to go on.
type Each<'a> = dyn FnMut(u64, &[u8]) -> Result<bool, OpenError> + 'a;

/// Reads records until `each` says no or fails.
fn read(ledger: &LedgerStore, from: u64, limit: u64, each: &mut Each<'_>) -> Result<(), OpenError> {
    let mut failed = None;
    let mut done = false;
    ledger.range(from, limit, &mut |row| {
        if !done {
            match each(row.seq, row.record) {
                Ok(go_on) => done = !go_on,
                Err(error) => {
                    failed = Some(error);
                    done = true;
                }
            }
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), Err)
}

/// Folds the ledger's records from where `world` stands, up to those recorded at `until`.
///
/// # Errors
/// [`OpenError`] naming the record.
pub fn replay(
    ledger: &LedgerStore,
    world: &mut World,
    each: &mut dyn FnMut(&Event),
    until: Option<Timestamp>,
) -> Result<(), OpenError> {
    let documents = LedgerDocuments {
        ledger,
        coming: &[],
    };
    read(
        ledger,
        world.events,
        u64::from(u32::MAX),
        &mut |sequence, bytes| {
            let stored = event(sequence, bytes)?;
            if until.is_some_and(|until| stored.recorded_at > until) {
                return Ok(false);
            }
            world
                .apply(&stored, &documents)
                .map_err(|source| OpenError::World { sequence, source })?;
            each(&stored.event);
            Ok(true)
        },
    )
}

pub(super) fn load_posture(
    observations: &Observations,
    world: &World,
) -> Result<Posture, StoreError> {
    let mut posture = Posture::default();
    let declared = world.devices.iter();
    for device in declared.filter(|it| it.source == StateSource::Declared) {
        posture.told_by(device.id, device.source);
    }
    observations.for_each_result(|sequence, row| {
        let (Ok(device), Some(check), Some(outcome), Ok(reason)) = (
            row.device.parse(),
            DeviceCheck::from_code(row.check),
            Outcome::from_code(row.result),
            serde_json::from_str(row.reason),
        ) else {
            // A check that this program no longer knows says nothing.
            return;
        };
        let result = CheckResult {
            outcome,
            reason,
            observed_at: Timestamp::from_millis(row.observed_at),
            received_at: Timestamp::from_millis(row.received_at),
            fresh_until: Timestamp::from_millis(row.fresh_until),
        };
        posture.put(
            device,
            check,
            &result,
            // Where it cannot be read, nothing is known of the time before.
            serde_json::from_str(row.continuity).unwrap_or_default(),
            u64::try_from(sequence).unwrap_or_default(),
        );
    })?;
    Ok(posture)
}
