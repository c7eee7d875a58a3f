//! The application: one ledger, one writer, the World in memory, and what stands beside them.
//!
//! Write path: commands queue to the one writer; a batch is validated against the writer's own
//! World, appended in one durable transaction, applied to the World that readers see, and only
//! then answered. Nothing acknowledged is lost; nothing unacknowledged is visible.

pub mod alarms;
mod appointed;
pub mod certificate;
pub mod clock;
mod coming;
pub mod directory;
mod forget;
mod index;
pub mod integrity;
pub mod keys;
pub mod known_head;
mod lists;
mod look_up;
mod news;
pub mod open;
mod publish;
pub mod reading;
pub mod shelves;
pub mod snapshot;
pub mod stored;
mod times;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use std::time::Duration;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{self, Action, Basis, Denied, Subject};
use sekisho_domain::command::{Command, Refusal};
use sekisho_domain::event::Sealed;
use sekisho_domain::id::{DeviceId, Fresh, PersonId};
use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::keyring::{Keyring, PeopleKeys, Plain};
use sekisho_store::sqlite::ledger::{Access, DataLock, LedgerStore};
use sekisho_store::{Accounts, DataFolder, Observations, StoreError};
use tokio::sync::{oneshot, watch};

use crate::access::Move;
use crate::identity::ca::Authorities;
use crate::knowledge::KnowledgeBase;
use crate::service_use::watched::WatchBoard;
use clock::TrustedClock;
use coming::Coming;
use directory::Directory;
pub use index::LedgerIndex;
use keys::LedgerKeys;
pub use look_up::{PERMIT_PURPOSE, READING_PURPOSE, REMARK_PURPOSE, STATEMENT_PURPOSE};
pub use news::News;
use news::NewsDesk;
use times::WriterTimes;
use writer::{Job, Queue};

/// The newest state of the ledger, as readers follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many records there are.
    pub size: u64,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Sequence numbers of its records: from the first, so many.
    pub first: u64,
    /// How many records it made; a command may find nothing to do.
    pub records: u64,
    /// When they were recorded.
    pub recorded_at: Timestamp,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It was refused, with a stable code.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be stored; nothing of it happened.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The writer has stopped.
    #[error("the writer has stopped")]
    Stopped,
}

impl CommandError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.reason.code,
            Self::Store(error) => error.code(),
            Self::Stopped => "writer.stopped",
        }
    }
}

/// A running application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    folder: DataFolder,
    // Held for as long as the application lives: only one process writes to a folder.
    _lock: DataLock,
    world: RwLock<World>,
    posture: RwLock<Posture>,
    directory: RwLock<Directory>,
    index: RwLock<LedgerIndex>,
    shelves: RwLock<shelves::Shelves>,
    ledger: Mutex<LedgerStore>,
    observations: Observations,
    accounts: Accounts,
    keyring: Keyring,
    authorities: RwLock<Authorities>,
    people: PeopleKeys,
    keys: RwLock<Arc<LedgerKeys>>,
    clock: TrustedClock,
    queue: Queue,
    head: watch::Sender<Head>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    knowledge: RwLock<Arc<KnowledgeBase>>,
    importing: Mutex<()>,
    lists: lists::Upkeep,
    news: NewsDesk,
    times: WriterTimes,
    alarms: alarms::Alarms,
    access: crate::access::DecisionPoint,
    certificate: certificate::CertificateBoard,
    watched: WatchBoard,
    /// Held by whoever changes the keys, so that no change is lost.
    changing_keys: Mutex<()>,
}

impl App {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &DataFolder {
        &self.0.folder
    }

    /// The World, for reading. Hold it briefly: the writer waits for it.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.0.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the World, for work that takes longer than a copy: nobody waits for it.
    #[must_use]
    pub fn world_apart(&self) -> World {
        self.world().clone()
    }

    /// A copy of the directory, likewise.
    #[must_use]
    pub fn directory_apart(&self) -> Directory {
        self.directory().clone()
    }

    /// The posture, for reading. Hold it briefly.
    pub fn posture(&self) -> RwLockReadGuard<'_, Posture> {
        self.0
            .posture
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the posture, after its rows have been stored.
    pub fn update_posture(&self, change: impl FnOnce(&mut Posture)) {
        self.change_posture(Move::Anybody, change);
    }

    /// The same, where it is known of which devices.
    pub fn update_posture_of(&self, devices: Vec<DeviceId>, change: impl FnOnce(&mut Posture)) {
        self.change_posture(Move::Devices(devices), change);
    }

    fn change_posture(&self, moved: Move, change: impl FnOnce(&mut Posture)) {
        let posture = self.0.posture.write();
        change(&mut posture.unwrap_or_else(PoisonError::into_inner));
        self.0.access.moves().add([moved]);
    }

    /// Names of people, decrypted in memory only.
    pub fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.0
            .directory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What list pages look through, for reading. Hold it briefly, and take nothing else meanwhile.
    pub fn shelves(&self) -> RwLockReadGuard<'_, shelves::Shelves> {
        self.0
            .shelves
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The ledger, for short reads. Long ones open their own with [`App::open_ledger`].
    pub fn ledger(&self) -> MutexGuard<'_, LedgerStore> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reader of the ledger of its own, for verification, export and the like.
    ///
    /// # Errors
    /// The store's codes.
    pub fn open_ledger(&self) -> Result<LedgerStore, StoreError> {
        LedgerStore::open(&self.0.folder.ledger(), Access::Read)
    }

    /// The observations.
    #[must_use]
    pub fn observations(&self) -> &Observations {
        &self.0.observations
    }

    /// The logs that are read at an interval, with how that goes.
    #[must_use]
    pub fn watched(&self) -> &WatchBoard {
        &self.0.watched
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// The system keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    /// The certificate authority of this server, and those before it, as they are now.
    #[must_use]
    pub fn authorities(&self) -> Authorities {
        let authorities = self.0.authorities.read();
        let authorities = authorities.unwrap_or_else(PoisonError::into_inner);
        authorities.clone()
    }

    /// The keys of people.
    #[must_use]
    pub fn people(&self) -> &PeopleKeys {
        &self.0.people
    }

    /// The decision point.
    #[must_use]
    pub fn access(&self) -> &crate::access::DecisionPoint {
        &self.0.access
    }

    /// The trusted clock.
    #[must_use]
    pub fn clock(&self) -> &TrustedClock {
        &self.0.clock
    }

    /// The writer's trusted time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Whether the head has reached what the World shows. Who takes the head out for something that
    /// the World asks waits for that, or takes out an earlier one.
    pub(crate) fn head_is_level(&self) -> bool {
        let shown = self.world().events;
        self.0.head.borrow().size >= shown
    }

    /// The newest state of the ledger.
    #[must_use]
    pub fn head(&self) -> Head {
        self.0.head.borrow().clone()
    }

    /// Follows the state of the ledger.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Head> {
        self.0.head.subscribe()
    }

    /// Wakes whoever follows the state of the ledger, though it has not grown.
    pub(crate) fn wake_followers(&self) {
        self.0.head.send_modify(|_| ());
    }

    /// Asks the gate.
    ///
    /// # Errors
    /// [`Denied`] when it stays shut.
    pub fn authorise(
        &self,
        actor: &Actor,
        action: Action,
        about: Subject,
    ) -> Result<Basis, Denied> {
        authorise::authorise(&self.world(), actor, action, about, self.now())
    }

    /// Carries a command out and waits until it is durable.
    ///
    /// # Errors
    /// [`CommandError`]; then nothing of it happened.
    pub async fn command(&self, actor: Actor, command: Command) -> Result<Committed, CommandError> {
        self.command_with(actor, command, Vec::new()).await
    }

    /// Carries a command out whose events refer to documents.
    ///
    /// # Errors
    /// [`CommandError`]; then nothing of it happened.
    pub async fn command_with(
        &self,
        actor: Actor,
        command: Command,
        documents: Vec<Vec<u8>>,
    ) -> Result<Committed, CommandError> {
        let answer = self.submit(actor, command, documents)?;
        answer.await.map_err(|_| CommandError::Stopped)?
    }

    /// Queues a command; the answer comes once it is durable or refused.
    fn submit(
        &self,
        actor: Actor,
        command: Command,
        documents: Vec<Vec<u8>>,
    ) -> Result<oneshot::Receiver<Result<Committed, CommandError>>, CommandError> {
        let documents = Coming::of(&command, documents, &self.0.people)?;
        let (reply, answer) = oneshot::channel();
        let job = Job {
            actor,
            command,
            documents,
            queued: std::time::Instant::now(),
            reply,
        };
        self.0.queue.send(job).map_err(|_| CommandError::Stopped)?;
        Ok(answer)
    }

    /// Carries a command out from a thread that is not part of the asynchronous runtime.
    ///
    /// # Errors
    /// [`CommandError`]; then nothing of it happened.
    pub fn command_blocking(
        &self,
        actor: Actor,
        command: Command,
        documents: Vec<Vec<u8>>,
    ) -> Result<Committed, CommandError> {
        let answer = self.submit(actor, command, documents)?;
        answer.blocking_recv().map_err(|_| CommandError::Stopped)?
    }

    /// Seals a text under a person's key, for a command to carry.
    ///
    /// # Errors
    /// The store's codes; `forgotten` for a forgotten person.
    pub fn seal(&self, person: PersonId, purpose: &str, text: &[u8]) -> Result<Sealed, StoreError> {
        let id = person.to_string();
        let plain = Plain {
            person: &id,
            purpose,
            text,
        };
        let sealed = self.0.people.seal(plain, self.now().as_millis())?;
        Ok(Sealed {
            person,
            key: sealed.key,
            nonce: sealed.nonce,
            ciphertext: sealed.ciphertext,
        })
    }

    /// Seals a text of each of several people, in one transaction.
    ///
    /// # Errors
    /// As [`App::seal`]; then no key was made.
    pub fn seal_many(
        &self,
        purpose: &str,
        texts: &[(PersonId, Vec<u8>)],
    ) -> Result<Vec<Sealed>, StoreError> {
        let ids: Vec<String> = texts.iter().map(|(person, _)| person.to_string()).collect();
        let plains: Vec<Plain<'_>> = ids
            .iter()
            .zip(texts)
            .map(|(person, (_, text))| Plain {
                person,
                purpose,
                text,
            })
            .collect();
        let sealed = self.0.people.seal_many(&plains, self.now().as_millis())?;
        let with_person = texts.iter().zip(sealed);
        Ok(with_person
            .map(|((person, _), sealed)| Sealed {
                person: *person,
                key: sealed.key,
                nonce: sealed.nonce,
                ciphertext: sealed.ciphertext,
            })
            .collect())
    }

    /// Held by whoever brings a feed in.
    pub(crate) fn importing_feeds(&self) -> MutexGuard<'_, ()> {
        let importing = self.0.importing.lock();
        importing.unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the assessor that feeds have changed.
    pub fn knowledge_changed(&self) {
        self.0.news.tell(|news| news.knowledge = true);
    }

    /// Tells the assessor that a report has come.
    pub fn report_taken(&self) {
        self.0.news.tell(|news| news.reports = true);
    }

    /// Whether the application stops, for work that takes long.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.news.stopping()
    }

    /// Tells the assessor that something besides reports and feeds bears on a verdict.
    pub fn judge_anew(&self) {
        self.0.news.tell(|news| news.reports = true);
    }

    /// Waits for news for the assessor, gathering for a moment once there is any.
    #[must_use]
    pub fn wait_for_news(&self, idle: Duration, gather: Duration) -> News {
        self.0.news.wait(idle, gather)
    }

    /// How long the writer takes.
    pub(crate) fn writer_times(&self) -> &WriterTimes {
        &self.0.times
    }

    /// Whether the writer's thread runs.
    #[must_use]
    pub fn writer_is_alive(&self) -> bool {
        let slot = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().is_some_and(|handle| !handle.is_finished())
    }

    /// Stops the assessor and the writer after what is queued, and writes a snapshot. Later commands are refused.
    pub fn stop(&self) {
        self.0.news.tell(|news| news.stopping = true);
        self.0.queue.close();
        let handle = self
            .0
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(handle) = handle
            && handle.join().is_err()
        {
            tracing::error!(code = "writer.panicked", "the writer ended abnormally");
        }
    }
}

/// Fresh randomness for an identifier.
///
/// # Errors
/// `no-entropy` when the operating system gives none.
pub fn fresh() -> Result<Fresh, StoreError> {
    sekisho_store::entropy::bytes().map(Fresh)
}
