//! The reconciler of checkpoints: the newest one at every target.
//!
//! A thread of its own. It never holds the writer up: what cannot be delivered waits in the outbox
//! and is tried again, ever more slowly, and the console shows it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_domain::code::{Param, Reason};
use sekisho_store::observations::{OutboxItem, Parcel};
use tokio::sync::watch;

use super::deliveries::{Deliveries, Delivery};
use super::failure::Failure;
use super::schedule::{Due, Pace, Standing};
use super::target::{Target, usable_folder};
use super::{file, mail, witness};
use crate::app::alarms::AlarmSource;
use crate::app::{App, Head};
use crate::mail::MailSettings;

/// Settings of the reconciler.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How mail leaves; without it, mail targets wait and say so.
    pub mail: Option<MailSettings>,
    /// The least time between two deliveries to one target.
    pub interval: Duration,
    /// Before the first retry; each further one waits twice as long.
    pub retry_first: Duration,
    /// The longest time between retries.
    pub retry_most: Duration,
    /// How long the other side of a connection may take.
    pub patience: Duration,
    /// How long to gather after the ledger grew.
    pub gather: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mail: None,
            interval: Duration::from_secs(600),
            retry_first: Duration::from_secs(30),
            retry_most: Duration::from_secs(3600),
            patience: Duration::from_secs(15),
            gather: Duration::from_secs(1),
        }
    }
}

/// How long the other side may take while the program stops.
const PATIENCE_AT_STOP: Duration = Duration::from_secs(3);
/// How long a stop waits for the last deliveries. A share that hangs must not hang the program.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// How often to look when nothing is due: the list of forgotten persons can grow without a record.
const IDLE: Duration = Duration::from_secs(60);
/// Most parcels looked at; there is one for each target.
const PARCELS_MAX: usize = 1000;
/// The member of a parcel's payload that names the target.
pub(super) const PAYLOAD: &str = "checkpoint";
/// The `local` target as outbox and list of deliveries name it.
pub(super) const LOCAL: &str = "local";

/// Failures that say that this ledger may have been rolled back or rewritten.
const ALARMING: [&str; 3] = [
    "checkpoint.target-ahead",
    "checkpoint.target-differs",
    "checkpoint.ledger-behind",
];

/// Whether the targets wait for the word of an operator, because this folder was restored: the
/// machine that it was copied from may still deliver to them.
pub(super) fn is_held(app: &App) -> bool {
    app.folder().targets_held().exists()
}

/// The running reconciler.
pub struct Reconciler {
    stop: watch::Sender<bool>,
    ended: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

impl Reconciler {
    /// Starts taking checkpoints out.
    ///
    /// # Errors
    /// The operating system gives no thread or no timer.
    pub fn start(app: App, settings: Settings) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = mpsc::channel();
        let thread = std::thread::Builder::new().name("checkpoints".to_owned());
        let thread = thread.spawn(move || {
            let work = Work::new(app, settings);
            work.run(&runtime, stopping);
            // Nobody listens any more when the stop gave up.
            let _ = end.send(());
        })?;
        Ok(Self {
            stop,
            ended,
            thread,
        })
    }

    /// Delivers what is left, once, and ends. Call it after [`App::stop`], so that the last record
    /// is in the last checkpoint. Waits 20 seconds at most.
    pub fn stop(self) {
        self.stop.send_replace(true);
        match self.ended.recv_timeout(STOP_LIMIT) {
            Err(mpsc::RecvTimeoutError::Timeout) => {
                tracing::warn!(code = "checkpoint.stop-late", "a target does not answer");
            }
            // It has said so, or has panicked; either way the thread is at its end.
            _ => {
                if self.thread.join().is_err() {
                    tracing::error!(code = "checkpoint.panicked", "deliveries ended abnormally");
                }
            }
        }
    }
}

/// The targets in force, by their text; a text that cannot be read stands with its reason.
pub(super) fn wanted(app: &App) -> BTreeMap<String, Result<Target, Failure>> {
    let texts = app.world().checkpoint_targets.clone();
    if texts.is_empty() {
        return BTreeMap::from([(LOCAL.to_owned(), Ok(Target::Local))]);
    }
    let read = |text: String| {
        let target = Target::parse(&text);
        (text, target)
    };
    texts.into_iter().map(read).collect()
}

/// Our parcels in the outbox, by target.
///
/// # Errors
/// The store's codes.
pub(super) fn parcels(app: &App) -> Result<BTreeMap<String, OutboxItem>, Failure> {
    let items = app.observations().due(i64::MAX, PARCELS_MAX)?;
    let named = |item: OutboxItem| {
        let target = item.parcel.payload.get(PAYLOAD)?.as_str()?.to_owned();
        Some((target, item))
    };
    Ok(items.into_iter().filter_map(named).collect())
}

struct Work {
    app: App,
    settings: Settings,
    pace: Pace,
    deliveries: Deliveries,
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Work {
    fn new(app: App, settings: Settings) -> Self {
        let pace = Pace {
            interval: millis(settings.interval),
            retry_first: millis(settings.retry_first),
            retry_most: millis(settings.retry_most),
        };
        let deliveries = Deliveries::read(&app.folder().checkpoints());
        Self {
            app,
            settings,
            pace,
            deliveries,
        }
    }

    fn run(mut self, runtime: &tokio::runtime::Runtime, mut stopping: watch::Receiver<bool>) {
        let mut growth = self.app.follow();
        loop {
            growth.mark_unchanged();
            // A reconciler that was dropped is stopped too.
            let stop = *stopping.borrow_and_update() || stopping.has_changed().is_err();
            let next = self.pass(stop).unwrap_or_else(|failure| {
                tracing::error!(
                    code = failure.code,
                    detail = failure.detail,
                    "checkpoints cannot be taken out"
                );
                self.app.now().as_millis().saturating_add(millis(IDLE))
            });
            if stop {
                return;
            }
            let wait = next.saturating_sub(self.app.now().as_millis()).max(0);
            let wait = Duration::from_millis(wait.unsigned_abs()).min(IDLE);
            let gather = self.settings.gather;
            runtime.block_on(async {
                let grown = async {
                    // The sender lives in the application, which this thread holds.
                    let _ = growth.changed().await;
                    tokio::time::sleep(gather).await;
                };
                tokio::select! {
                    _ = stopping.changed() => {}
                    () = grown => {}
                    () = tokio::time::sleep(wait.max(gather)) => {}
                }
            });
        }
    }

    /// Compares and delivers; says when to look again.
    fn pass(&mut self, stopping: bool) -> Result<i64, Failure> {
        let wanted = wanted(&self.app);
        // A target named in a record whose checkpoint is a moment away would get the one before, and
        // then wait a whole interval.
        if !stopping && !self.app.head_is_level() {
            return Ok(self.app.now().as_millis());
        }
        let mut parcels = parcels(&self.app)?;
        let gone: Vec<_> = parcels
            .keys()
            .filter(|key| !wanted.contains_key(*key))
            .cloned()
            .collect();
        for target in gone {
            if let Some(item) = parcels.remove(&target) {
                self.app.observations().delivered(item.id)?;
            }
        }
        self.deliveries
            .keep_only(&|target| wanted.contains_key(target))?;
        let mut next = i64::MAX;
        let held = is_held(&self.app);
        for (text, target) in &wanted {
            if held && !matches!(target, Ok(Target::Local)) {
                continue;
            }
            let head = self.app.head();
            let now = self.app.now().as_millis();
            let parcel = parcels.get(text);
            let standing = Standing {
                now,
                size: head.size,
                forgotten: self.forgotten(target),
                last: self.deliveries.last(text),
                waiting: parcel.map(|item| item.parcel.due_at),
                stopping,
            };
            match (self.pace.due(&standing), parcel) {
                (Due::Nothing, Some(item)) => self.app.observations().delivered(item.id)?,
                (Due::Nothing, None) => {}
                (Due::At(at), _) => next = next.min(at),
                (Due::Now, _) => {
                    let again = self.attempt(text, target, parcel, &head, stopping)?;
                    next = next.min(again.unwrap_or(i64::MAX));
                }
            }
        }
        self.alarm();
        Ok(next)
    }

    /// Targets that know a longer or another ledger are shown to everyone, until they agree or
    /// are no longer wanted.
    fn alarm(&self) {
        let Ok(targets) = super::status(&self.app) else {
            return;
        };
        let known = targets.into_iter().filter_map(|target| target.last_error);
        let alarming = known.filter(|failure| ALARMING.contains(&failure.code.as_str()));
        let reasons = alarming.map(|failure| Reason {
            code: failure.code.into(),
            params: BTreeMap::from([("detail".into(), Param::Text(failure.detail))]),
        });
        self.app.raise(AlarmSource::Targets, reasons.collect());
    }

    /// Forgotten persons, where the target keeps their list.
    fn forgotten(&self, target: &Result<Target, Failure>) -> Option<u64> {
        let keeps = matches!(target, Ok(Target::Local | Target::File(_)));
        keeps.then(|| self.forgotten_now())
    }

    fn forgotten_now(&self) -> u64 {
        u64::try_from(self.app.people().forgotten().len()).unwrap_or(u64::MAX)
    }

    /// One delivery. Says when to try again if it failed.
    fn attempt(
        &mut self,
        text: &str,
        target: &Result<Target, Failure>,
        parcel: Option<&OutboxItem>,
        head: &Head,
        stopping: bool,
    ) -> Result<Option<i64>, Failure> {
        let now = self.app.now().as_millis();
        // The parcel is there before the attempt: one that never ends is seen as waiting.
        let (id, failures) = match parcel {
            Some(item) => (item.id, item.attempts),
            None => (self.send(text, target, now)?, 0),
        };
        let forgotten = self.forgotten_now();
        match self.deliver(text, target, head, stopping) {
            Ok(()) => {
                let at = self.app.now().as_millis();
                let size = head.size;
                tracing::info!(target_name = text, size, "checkpoint delivered");
                self.note(
                    text,
                    Delivery {
                        size,
                        at,
                        forgotten,
                    },
                );
                self.app.observations().delivered(id)?;
                Ok(None)
            }
            Err(failure) => {
                let again = self.pace.retry_at(now, failures);
                tracing::warn!(
                    code = failure.code,
                    detail = failure.detail,
                    target_name = text,
                    "checkpoint not delivered"
                );
                self.app
                    .observations()
                    .not_delivered(id, &failure.line(), again)?;
                Ok(Some(again))
            }
        }
    }

    fn send(&self, text: &str, target: &Result<Target, Failure>, now: i64) -> Result<i64, Failure> {
        let kind = target.as_ref().map_or("file", Target::kind);
        let parcel = Parcel {
            kind: kind.to_owned(),
            payload: serde_json::json!({ PAYLOAD: text }),
            due_at: now,
        };
        Ok(self.app.observations().send(&parcel)?)
    }

    /// A delivery that cannot be noted is kept in memory: it is made again only after a restart.
    fn note(&mut self, text: &str, delivery: Delivery) {
        if let Err(failure) = self.deliveries.note(text, delivery) {
            tracing::warn!(
                code = failure.code,
                detail = failure.detail,
                "a delivery could not be noted"
            );
        }
    }

    fn deliver(
        &self,
        text: &str,
        target: &Result<Target, Failure>,
        head: &Head,
        stopping: bool,
    ) -> Result<(), Failure> {
        let target = target.as_ref().map_err(Clone::clone)?;
        let known = self.deliveries.last(text).map_or(0, |last| last.size);
        if head.size < known {
            return Err(Failure::new("checkpoint.ledger-behind", text));
        }
        let patience = match stopping {
            true => PATIENCE_AT_STOP.min(self.settings.patience),
            false => self.settings.patience,
        };
        let data: &Path = self.app.folder().root();
        match target {
            Target::Local => file::deliver(&self.app, &self.app.folder().checkpoints(), head),
            Target::File(path) => file::deliver(&self.app, &usable_folder(path, data)?, head),
            Target::Mail(to) => {
                mail::deliver(&self.app, self.settings.mail.as_ref(), to, head, patience)
            }
            Target::Witness(target) => witness::deliver(&self.app, target, head, known, patience),
        }
    }
}
