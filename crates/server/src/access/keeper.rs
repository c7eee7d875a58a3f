//! A thread that stores what the decision point answered, again and again until it is stopped.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::app::App;

/// How often it is looked whether there is something to be stored.
pub(super) const EVERY: Duration = Duration::from_millis(250);
/// So many times as long as storing took it rests, so that those who ask have the machine. Answers come as one
/// the more often, the longer they gather.
const REST: u32 = 12;
/// Answers that are stored in one go: a few thousandths of a second.
const AT_ONCE: usize = 128;
/// How far storing stands back behind answering, as niceness (0 to 19): it still gets a tenth of a core on a
/// machine that is busy with everything else.
const NICENESS: i32 = 10;

/// The thread.
pub struct Keeper {
    name: &'static str,
    // Dropped to stop it.
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

/// Which turn of the thread it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// One of many.
    Usual,
    /// The one before it ends.
    Last,
}

impl Keeper {
    /// Keeps what was answered to questions.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn of_decisions(app: App) -> std::io::Result<Self> {
        let mut begins = true;
        Self::start("decision-log", move |turn| {
            if std::mem::take(&mut begins) {
                stand_back();
            }
            let begun = Instant::now();
            let kept = match turn {
                Turn::Usual => app.keep_some_decisions(AT_ONCE),
                Turn::Last => app.keep_decisions().map(|()| false),
            };
            match kept {
                Ok(true) if app.access().log().fills_up() => Duration::ZERO,
                Ok(true) => begun.elapsed().saturating_mul(REST).min(EVERY),
                Ok(false) => EVERY,
                Err(error) => {
                    // What waits for the ledger goes on waiting, and is counted on the page of metrics.
                    tracing::warn!(code = "decisions.not-kept", %error, "answers could not be stored");
                    EVERY
                }
            }
        })
    }

    /// Starts a thread that acts again and again; each time it says how long to wait before the next.
    pub(super) fn start(
        name: &'static str,
        mut act: impl FnMut(Turn) -> Duration + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || {
            let mut rest = EVERY;
            while stopped.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                rest = act(Turn::Usual);
            }
            act(Turn::Last);
        })?;
        Ok(Self { name, stop, thread })
    }

    /// Stores what is left and ends. Call it before [`App::stop`], which ends the writer.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            let thread = self.name;
            tracing::error!(
                code = "keeper.panicked",
                thread,
                "what keeps answers ended abnormally"
            );
        }
    }
}

/// Lets the calling thread stand back behind others, where the operating system knows how: by Linux's niceness,
/// which a thread has for itself.
fn stand_back() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "storing has the same priority as answering");
    }
}
