//! What time and other commands have made due, recorded: moves whose day has come, ends that have
//! been reached, what waits at a post that no longer decides, accounts of those who left.
//!
//! Nothing here gives or takes authority: the World answers by comparing times before anything is
//! recorded. A pass finds what is to be done from the World alone, so it can be cut off anywhere.

use std::collections::HashSet;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, MovesCommand, PermitCommand};
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::time::Timestamp;
use tokio::sync::watch;

use crate::app::{App, CommandError};
use crate::keeper::Keeper;

/// Permits that are settled by one command.
const SLICE: usize = 100;
/// How long the thread waits at most when nothing happens.
const IDLE: Duration = Duration::from_secs(30);
/// The least time between two passes.
const LEAST: Duration = Duration::from_millis(500);
/// How long a stop waits.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The thread that records what is due.
pub struct Settler {
    stop: watch::Sender<bool>,
    ended: mpsc::Receiver<()>,
    thread: std::thread::JoinHandle<()>,
    /// Use is held against the plan of telework by a thread of its own: measuring takes longer.
    plan: Keeper,
}

impl Settler {
    /// Starts it.
    ///
    /// # Errors
    /// The operating system gives no thread or no timer.
    pub fn start(app: App) -> std::io::Result<Self> {
        let plan = Keeper::of_plan(app.clone())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = mpsc::channel();
        let thread = std::thread::Builder::new().name("settler".to_owned());
        let thread = thread.spawn(move || {
            Work::new(app).run(&runtime, stopping);
            // Nobody listens any more when the stop gave up.
            let _ = end.send(());
        })?;
        Ok(Self {
            stop,
            ended,
            thread,
            plan,
        })
    }

    /// Ends it after the command under way. What is left is found again by the next start.
    pub fn stop(self) {
        self.stop.send_replace(true);
        self.plan.stop();
        let late = self.ended.recv_timeout(STOP_LIMIT);
        if matches!(late, Err(mpsc::RecvTimeoutError::Timeout)) {
            tracing::warn!(code = "settler.stop-late", "a command takes long");
        } else if self.thread.join().is_err() {
            tracing::error!(code = "settler.panicked", "settling ended abnormally");
        }
    }
}

struct Work {
    app: App,
    /// Leavers beside whose records nothing is left.
    cleared: HashSet<PersonId>,
    /// When it was last looked for what waits at a post that no longer decides.
    rerouted: Option<Instant>,
}

impl Work {
    fn new(app: App) -> Self {
        Self {
            app,
            cleared: HashSet::new(),
            rerouted: None,
        }
    }

    fn run(mut self, runtime: &tokio::runtime::Runtime, mut stopping: watch::Receiver<bool>) {
        let mut head = self.app.follow();
        while !*stopping.borrow() {
            head.borrow_and_update();
            let begun = Instant::now();
            if let Err(error) = self.pass(&stopping) {
                // Tried again with the next pass; what is due stays due.
                tracing::warn!(code = error.code(), %error, "settling");
            }
            let wait = self.wait();
            runtime.block_on(async {
                let least = LEAST.saturating_sub(begun.elapsed());
                let stopped = tokio::time::timeout(least, stopping.wait_for(|stop| *stop))
                    .await
                    .is_ok();
                if stopped {
                    return;
                }
                tokio::select! {
                    _ = tokio::time::timeout(wait, head.changed()) => {}
                    _ = stopping.wait_for(|stop| *stop) => {}
                }
            });
        }
    }

    /// Until something is due by itself.
    fn wait(&self) -> Duration {
        let (now, world) = (self.app.now(), self.app.world());
        let end = world.permits.by_end().next().map(|(at, _)| at);
        let next = world.moves.next().into_iter().chain(end).min();
        let until = next.map_or(IDLE, |at| {
            let millis = u64::try_from(at.since(now).as_millis()).unwrap_or(0);
            Duration::from_millis(millis)
        });
        until.min(IDLE)
    }

    /// Records everything that is due.
    fn pass(&mut self, stopping: &watch::Receiver<bool>) -> Result<(), CommandError> {
        // The route is found anew by every decision; what is recorded serves lists. So it is looked
        // for now and then, and not behind every record.
        let mut reroute = self.rerouted.is_none_or(|last| last.elapsed() >= IDLE);
        loop {
            if *stopping.borrow() {
                return Ok(());
            }
            let list = self.app.world().moves.due(self.app.now()).map(|it| it.id);
            let Some(list) = list else { break };
            reroute = true;
            self.command(Command::Moves(Box::new(MovesCommand::CarryOut { list })))?;
        }
        let now = self.app.now();
        let expired: Vec<PermitId> = self
            .app
            .world()
            .permits
            .expired(now)
            .map(|it| it.id)
            .collect();
        for permits in expired.chunks(SLICE) {
            let permits = permits.to_vec();
            self.command(Command::Permit(Box::new(PermitCommand::RecordEnds {
                permits,
            })))?;
        }
        if reroute {
            self.rerouted = Some(Instant::now());
            self.reroute(now)?;
        }
        self.clear_leavers()
    }

    fn reroute(&self, now: Timestamp) -> Result<(), CommandError> {
        let misrouted: Vec<PermitId> = {
            let world = self.app.world();
            world.misrouted(now).iter().map(|(it, _)| it.id).collect()
        };
        for permits in misrouted.chunks(SLICE) {
            let permits = permits.to_vec();
            self.command(Command::Permit(Box::new(PermitCommand::Reroute {
                permits,
            })))?;
        }
        Ok(())
    }

    fn command(&self, command: Command) -> Result<(), CommandError> {
        self.app
            .command_blocking(Actor::System, command, Vec::new())
            .map(|_| ())
    }

    /// Ends the sessions of those who left, and drops their passwords and links.
    fn clear_leavers(&mut self) -> Result<(), CommandError> {
        let left: Vec<PersonId> = {
            let world = self.app.world();
            self.cleared
                .retain(|person| world.left.contains_key(person));
            let new = world.left.keys().filter(|it| !self.cleared.contains(it));
            // Someone who has an account again is back.
            new.filter(|it| !world.has_open_account(**it))
                .copied()
                .collect()
        };
        for person in left {
            let id = person.to_string();
            let store = |error| CommandError::Store(std::sync::Arc::new(error));
            if self.app.accounts().by_person(&id).map_err(store)?.is_some() {
                self.app.accounts().forget(&id).map_err(store)?;
            }
            self.cleared.insert(person);
        }
        Ok(())
    }
}
