//! The one writer: validates a batch, appends it durably, makes it visible, answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, Refusal, decide};
use sekisho_domain::event::StoredEvent;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_ledger::digest::{Digest, Salt};
use sekisho_ledger::record::scan;
use sekisho_store::sqlite::ledger::{LedgerStore, NewEntry};
use sekisho_store::{StoreCode, StoreError, entropy};
use tokio::sync::oneshot;

use super::coming::Coming;
use super::snapshot::Beside;
use super::stored::{LedgerDocuments, record};
use super::{CommandError, Committed, Inner};

/// Longest queue before callers wait.
const QUEUE: usize = 1024;
/// Most commands in one durable transaction.
const BATCH: usize = 128;

/// One command on its way to the writer.
pub(super) struct Job {
    pub(super) actor: Actor,
    pub(super) command: Command,
    pub(super) documents: Vec<Coming>,
    pub(super) queued: Instant,
    pub(super) reply: oneshot::Sender<Result<Committed, CommandError>>,
}

/// The way to the writer.
pub(super) struct Queue {
    sender: SyncSender<Option<Job>>,
    closed: AtomicBool,
}

/// The writer no longer takes commands.
pub(super) struct Closed;

impl Queue {
    pub(super) fn new() -> (Self, Receiver<Option<Job>>) {
        let (sender, receiver) = sync_channel(QUEUE);
        (
            Self {
                sender,
                closed: AtomicBool::new(false),
            },
            receiver,
        )
    }

    pub(super) fn send(&self, job: Job) -> Result<(), Closed> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Closed);
        }
        self.sender.send(Some(job)).map_err(|_| Closed)
    }

    /// Lets the writer finish what is queued and stop.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            // The writer may be gone already; then there is nothing to stop.
            let _ = self.sender.send(None);
        }
    }
}

/// A decided command that waits for its batch to be durable.
struct Pending {
    reply: oneshot::Sender<Result<Committed, CommandError>>,
    first: u64,
    records: u64,
}

/// A batch under validation.
#[derive(Default)]
pub(super) struct Batch {
    pending: Vec<Pending>,
    entries: Vec<NewEntry>,
    pub(super) events: Vec<StoredEvent>,
    pub(super) documents: Vec<Coming>,
}

pub(super) struct Writer {
    pub(super) inner: Arc<Inner>,
    pub(super) ledger: LedgerStore,
    /// The writer's own World, ahead of the visible one by the batch under way.
    pub(super) world: World,
    pub(super) snapshots: Beside,
}

impl Writer {
    pub(super) fn run(mut self, jobs: &Receiver<Option<Job>>) {
        let mut open = true;
        while open {
            let Ok(first) = jobs.recv() else { break };
            let mut batch = Batch::default();
            let mut next = first;
            loop {
                match next {
                    Some(job) => self.validate(job, &mut batch),
                    None => open = false,
                }
                if batch.pending.len() >= BATCH || !open {
                    break;
                }
                match jobs.try_recv() {
                    Ok(job) => next = job,
                    Err(_) => break,
                }
            }
            self.commit(batch);
        }
        // What was queued behind the stop is answered, not left hanging.
        while let Ok(Some(job)) = jobs.try_recv() {
            let _ = job.reply.send(Err(CommandError::Stopped));
        }
        self.snapshots
            .finish(&self.inner, &self.world, &self.ledger);
        // A stopped folder is whole in its main file, so that copying that file copies the ledger.
        if let Err(error) = self.ledger.settle() {
            tracing::warn!(code = error.code(), %error, "the log could not be folded in");
        }
    }

    fn validate(&mut self, job: Job, batch: &mut Batch) {
        let Job {
            actor,
            command,
            documents,
            queued,
            reply,
        } = job;
        self.inner.times.queued.took(queued.elapsed());
        if self.inner.alarms.damaged() {
            let _ = reply.send(Err(Refusal::new("ledger.fails-verification").into()));
            return;
        }
        let now = self.inner.clock.now();
        let confirming = matches!(command, Command::ConfirmClock { .. });
        if self.inner.clock.step().is_some() && !confirming {
            let _ = reply.send(Err(Refusal::new("clock").into()));
            return;
        }
        let begun = Instant::now();
        let decided = self.decide(&actor, &command, documents, now, batch);
        self.inner.times.decide.took(begun.elapsed());
        match decided {
            Ok((first, records)) => batch.pending.push(Pending {
                reply,
                first,
                records,
            }),
            Err(error) => {
                let _ = reply.send(Err(error));
            }
        }
    }

    fn decide(
        &mut self,
        actor: &Actor,
        command: &Command,
        documents: Vec<Coming>,
        now: Timestamp,
        batch: &mut Batch,
    ) -> Result<(u64, u64), CommandError> {
        let decided = decide(&self.world, actor, command, now)?;
        let first = self.world.events;
        let mut prepared = Vec::with_capacity(decided.events.len());
        for event in decided.events {
            let stored = StoredEvent {
                actor: decided.actor.clone(),
                recorded_at: now,
                effective_from: None,
                event,
            };
            let record = record(&stored).map_err(|error| {
                tracing::error!(code = "record.refused", %error, "an event has no canonical form");
                CommandError::Refused(Refusal::new("record.refused"))
            })?;
            let salt = entropy::bytes().map(Salt).map_err(store_error)?;
            prepared.push((
                stored,
                NewEntry {
                    salt,
                    record,
                    blobs: Vec::new(),
                },
            ));
        }
        attach(&documents, &mut prepared)?;
        batch.documents.extend(documents);
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        for (stored, _) in &prepared {
            // The deciders only make events that fit; anything else is a fault that must stop
            // the writer before it stores it.
            if let Err(error) = self.world.apply(stored, &found) {
                tracing::error!(code = "world.refused", %error, "a decided event does not fit");
                self.world = self.visible();
                for earlier in &batch.events {
                    let _ = self.world.apply(earlier, &found);
                }
                return Err(CommandError::Refused(Refusal::new("record.refused")));
            }
        }
        let records = prepared.len() as u64;
        for (stored, entry) in prepared {
            batch.events.push(stored);
            batch.entries.push(entry);
        }
        Ok((first, records))
    }

    fn commit(&mut self, mut batch: Batch) {
        if batch.pending.is_empty() {
            return;
        }
        let recorded_at = batch
            .events
            .last()
            .map_or(self.inner.clock.now(), |e| e.recorded_at);
        if !batch.entries.is_empty() {
            // Held until the batch is visible: a rotation neither signs in between nor is undone.
            let inner = Arc::clone(&self.inner);
            let keys = inner.signing();
            let begun = Instant::now();
            let appended = self
                .ledger
                .append(&batch.entries, &|size, root| keys.signer.sign(size, root));
            self.inner.times.commit.took(begun.elapsed());
            self.inner.times.batch.observe(batch.pending.len() as u64);
            match appended {
                Ok(appended) => self.publish(&mut batch, appended.size, appended.checkpoint),
                Err(error) => return self.fail(batch, error),
            }
        }
        for Pending {
            reply,
            first,
            records,
        } in batch.pending
        {
            let _ = reply.send(Ok(Committed {
                first,
                records,
                recorded_at,
            }));
        }
    }

    /// Nothing of the batch happened: the writer's World goes back to the visible one.
    fn fail(&mut self, batch: Batch, error: StoreError) {
        let code = error.code();
        tracing::error!(code = code, %error, "a batch could not be stored");
        self.world = self.visible();
        let error = Arc::new(error);
        for pending in batch.pending {
            let _ = pending
                .reply
                .send(Err(CommandError::Store(Arc::clone(&error))));
        }
        if error.kind() == StoreCode::DiskFull {
            // Give the disk a moment instead of refusing in a tight loop.
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn visible(&self) -> World {
        self.inner
            .world
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Puts each document with the first record that refers to it: a record and what it refers to are
/// stored together or not at all.
fn attach(
    documents: &[Coming],
    prepared: &mut [(StoredEvent, NewEntry)],
) -> Result<(), CommandError> {
    let mut waiting: HashMap<Digest, &Vec<u8>> = documents
        .iter()
        .map(|document| (document.digest, &document.bytes))
        .collect();
    for (_, entry) in prepared {
        let blobs = &mut entry.blobs;
        let scanned = scan(&entry.record, &mut |reference| {
            blobs.extend(waiting.remove(&reference.blob).cloned());
        });
        scanned.map_err(|_| CommandError::Refused(Refusal::new("record.refused")))?;
    }
    // Whoever hands a document over means it to be kept; dropping it in silence would lose it.
    if !waiting.is_empty() {
        return Err(CommandError::Refused(Refusal::new("document.unreferenced")));
    }
    Ok(())
}

fn store_error(error: StoreError) -> CommandError {
    CommandError::Store(Arc::new(error))
}
