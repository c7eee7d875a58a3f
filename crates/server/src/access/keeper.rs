//! The thread that stores what the decision point answered.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::app::App;

/// How often answers are stored.
const EVERY: Duration = Duration::from_millis(250);

/// The thread.
pub struct DecisionKeeper {
    // Dropped to stop it.
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl DecisionKeeper {
    /// Starts it.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(app: App) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("decision-log".to_owned());
        let thread = thread.spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                keep(&app);
            }
            keep(&app);
        })?;
        Ok(Self { stop, thread })
    }

    /// Stores what is left and ends. Call it before [`App::stop`], which ends the writer.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!(
                code = "decisions.panicked",
                "keeping decisions ended abnormally"
            );
        }
    }
}

fn keep(app: &App) {
    if let Err(error) = app.keep_decisions() {
        // What waits for the ledger goes on waiting, and is counted on the page of metrics.
        tracing::warn!(code = "decisions.not-kept", %error, "answers could not be stored");
    }
}
