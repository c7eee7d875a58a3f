//! The reconciler of notices: both officers, CISO and HISO hear that break-glass was opened, and
//! when it was over. It also has the end recorded once time has brought it.
//!
//! What is to be mailed goes into the outbox first and stays there until the relay took it; the
//! file `notices.json` says up to which opening that was done. When the machine stops between the
//! two, a notice leaves twice, under the same Message-ID, and never not at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_domain::actor::Actor;
use sekisho_domain::break_glass::BreakGlass;
use sekisho_domain::command::Command;
use sekisho_domain::id::PersonId;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::observations::{OutboxItem, Parcel};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::letters::{self, Letter};
use crate::app::App;
use crate::mail::MailSettings;
use crate::reconcile::{Failure, file};

/// The member of a parcel's payload that names a notice.
const PAYLOAD: &str = "break_glass";
/// Name of the file in the data folder.
const NAME: &str = "notices.json";
/// Longest file that is read, in bytes.
const LIMIT: u64 = 1 << 16;
/// Most parcels looked at in one pass.
const PARCELS_MAX: usize = 1000;
/// How often to look when nothing is due.
const IDLE: Duration = Duration::from_secs(60);

/// Settings of the notices.
#[derive(Clone, Debug)]
pub struct NoticeSettings {
    /// How mail leaves; without it notices wait in the outbox.
    pub mail: Option<MailSettings>,
    /// Before the first retry; each further one waits twice as long.
    pub retry_first: Duration,
    /// The longest time between retries.
    pub retry_most: Duration,
    /// How long the mail relay may take.
    pub patience: Duration,
}

impl NoticeSettings {
    /// The usual times.
    #[must_use]
    pub const fn new(mail: Option<MailSettings>) -> Self {
        Self {
            mail,
            retry_first: Duration::from_secs(30),
            retry_most: Duration::from_secs(3600),
            patience: Duration::from_secs(15),
        }
    }
}

/// The running reconciler.
pub struct Notices {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Notices {
    /// Starts to give notice.
    ///
    /// # Errors
    /// The operating system gives no thread or no timer.
    pub fn start(app: App, settings: NoticeSettings) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (stop, stopping) = watch::channel(false);
        let thread = std::thread::Builder::new().name("notices".to_owned());
        let work = Work {
            done: app.folder().root().join(NAME),
            app,
            settings,
        };
        let thread = thread.spawn(move || work.run(&runtime, stopping))?;
        Ok(Self { stop, thread })
    }

    /// Ends it; what waits is mailed after the next start. Call it before [`App::stop`].
    pub fn stop(self) {
        self.stop.send_replace(true);
        if self.thread.join().is_err() {
            tracing::error!(code = "notices.panicked", "notices ended abnormally");
        }
    }
}

/// What a notice says, to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notice {
    first: PersonId,
    second: PersonId,
    opened_at: Timestamp,
    /// Until when it was to last.
    until: Timestamp,
    /// When it was over; none in the notice of its opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<Timestamp>,
    to: PersonId,
}

/// Up to which opening notices have been put into the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    opened: Option<Timestamp>,
    closed: Option<Timestamp>,
}

struct Work {
    app: App,
    settings: NoticeSettings,
    done: PathBuf,
}

impl Work {
    fn run(self, runtime: &tokio::runtime::Runtime, mut stopping: watch::Receiver<bool>) {
        let mut growth = self.app.follow();
        loop {
            growth.mark_unchanged();
            // A reconciler that was dropped is stopped too.
            if *stopping.borrow_and_update() || stopping.has_changed().is_err() {
                return;
            }
            let next = self.pass().unwrap_or_else(|failure| {
                tracing::error!(
                    code = failure.code,
                    detail = failure.detail,
                    "notices cannot be given"
                );
                None
            });
            let now = self.app.now().as_millis();
            let wait = next.map_or(i64::MAX, |next| next.saturating_sub(now).max(1));
            let wait = Duration::from_millis(wait.unsigned_abs()).min(IDLE);
            runtime.block_on(async {
                tokio::select! {
                    _ = growth.changed() => {}
                    _ = stopping.changed() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            });
        }
    }

    /// One comparison of what is with what should be; says when to look again.
    fn pass(&self) -> Result<Option<i64>, Failure> {
        let known = self.app.world().break_glass.clone();
        let now = self.app.now();
        let mut next = Vec::new();
        if let Some(known) = known {
            if known.closed_at.is_none() && known.until <= now {
                // What is recorded makes the ledger grow, and that wakes us again.
                self.record_end();
            } else if known.closed_at.is_none() {
                next.push(known.until.as_millis());
            }
            self.enqueue(&known)?;
        }
        let items = self.app.observations().due(i64::MAX, PARCELS_MAX)?;
        for item in items {
            let Some(payload) = item.parcel.payload.get(PAYLOAD) else {
                continue;
            };
            let notice: Option<Notice> = serde_json::from_value(payload.clone()).ok();
            if item.parcel.due_at > now.as_millis() {
                next.push(item.parcel.due_at);
            } else if let Some(again) = self.deliver(&item, notice)? {
                next.push(again);
            }
        }
        Ok(next.into_iter().min())
    }

    fn record_end(&self) {
        let ended = self
            .app
            .command_blocking(Actor::System, Command::CloseBreakGlass, Vec::new());
        if let Err(error) = ended {
            // The powers are over all the same: their end is found by comparing times.
            tracing::warn!(
                code = error.code(),
                "the end of break-glass is not recorded"
            );
        }
    }

    /// Puts the notices of an opening, and those of its end, into the outbox once.
    fn enqueue(&self, known: &BreakGlass) -> Result<(), Failure> {
        let mut done = self.read_done()?;
        let before = done;
        if done.opened.is_none_or(|at| at < known.opened_at) {
            self.put(known, None)?;
            done.opened = Some(known.opened_at);
        }
        let end = known.closed_at.map(|end| end.min(known.until));
        if let Some(end) = end.filter(|_| done.closed.is_none_or(|at| at < known.opened_at)) {
            self.put(known, Some(end))?;
            done.closed = Some(known.opened_at);
        }
        if done == before {
            return Ok(());
        }
        let bytes = serde_json::to_vec_pretty(&done)
            .map_err(|_| Failure::new("bad-value", self.done.display()))?;
        file::replace(&self.done, &bytes)
    }

    fn put(&self, known: &BreakGlass, end: Option<Timestamp>) -> Result<(), Failure> {
        let to = concerned(&self.app.world(), known);
        for to in to {
            let notice = Notice {
                first: known.first,
                second: known.second,
                opened_at: known.opened_at,
                until: known.until,
                end,
                to,
            };
            self.app.observations().send(&Parcel {
                kind: "mail".to_owned(),
                payload: serde_json::json!({ PAYLOAD: notice }),
                due_at: self.app.now().as_millis(),
            })?;
        }
        Ok(())
    }

    /// Mails one notice; says when to try again when it did not get out.
    fn deliver(&self, item: &OutboxItem, notice: Option<Notice>) -> Result<Option<i64>, Failure> {
        let outbox = self.app.observations();
        let address = notice.as_ref().and_then(|notice| {
            let directory = self.app.directory();
            directory
                .get(notice.to)
                .and_then(|known| known.mail.clone())
        });
        let (Some(notice), Some(address)) = (notice, address) else {
            tracing::warn!("somebody concerned with break-glass has no mail address");
            outbox.delivered(item.id)?;
            return Ok(None);
        };
        let people = [notice.first, notice.second];
        let letter = match notice.end {
            None => Letter::opened(&self.app, people, notice.opened_at, notice.until),
            Some(end) => Letter::closed(&self.app, people, notice.opened_at, end),
        };
        let settings = self.settings.mail.as_ref();
        let sent = settings
            .ok_or_else(|| Failure::new("break-glass.no-mail", notice.to))
            .and_then(|mail| {
                letters::post(&self.app, mail, &address, &letter, self.settings.patience)
            });
        let Err(failure) = sent else {
            outbox.delivered(item.id)?;
            return Ok(None);
        };
        tracing::warn!(code = failure.code, detail = failure.detail, to = %notice.to,
            "a notice of break-glass was not mailed");
        let again = self
            .app
            .now()
            .as_millis()
            .saturating_add(self.pause(item.attempts));
        outbox.not_delivered(item.id, &failure.line(), again)?;
        Ok(Some(again))
    }

    fn pause(&self, failures: i64) -> i64 {
        let doubled = self
            .settings
            .retry_first
            .saturating_mul(1 << failures.clamp(0, 16));
        let pause = doubled.min(self.settings.retry_most);
        i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
    }

    /// A file that is not of its form counts as nothing done: a notice too many harms nobody.
    fn read_done(&self) -> Result<Done, Failure> {
        let path: &Path = &self.done;
        let read = file::read_bounded(path, LIMIT)?;
        Ok(read
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    }
}

/// Both officers, and whoever held CISO or HISO when it was opened.
fn concerned(world: &World, known: &BreakGlass) -> BTreeSet<PersonId> {
    let mut people = BTreeSet::from([known.first, known.second]);
    for appointment in world.appointments.values() {
        let post = world.posts.get(&appointment.post);
        let heads = post.is_some_and(|post| {
            post.roles.contains(&Role::Ciso) || post.roles.contains(&Role::Hiso)
        });
        if heads && appointment.in_force(known.opened_at) {
            people.insert(appointment.person);
        }
    }
    people
}
