//! A thread that stores what the decision point answered, again and again until it is stopped.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::app::App;

/// How often answers are stored.
const EVERY: Duration = Duration::from_millis(250);

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
        Self::start("decision-log", move |_| {
            if let Err(error) = app.keep_decisions() {
                // What waits for the ledger goes on waiting, and is counted on the page of metrics.
                tracing::warn!(code = "decisions.not-kept", %error, "answers could not be stored");
            }
        })
    }

    pub(super) fn start(
        name: &'static str,
        mut act: impl FnMut(Turn) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                act(Turn::Usual);
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
