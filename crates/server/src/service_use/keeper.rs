//! The thread that forgets who used what, once nobody may know it any more.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use sekisho_domain::time::Span;
use sekisho_store::StoreError;

use super::day_of;
use crate::app::App;

/// For how many days it is kept who used a service, unless the configuration says otherwise: as long as
/// rows look back. Our own choice.
pub const PEOPLE_DAYS: u32 = 28;
/// For how many days sums by unit are kept.
pub const UNIT_DAYS: u32 = 400;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);

/// The thread.
pub struct ServiceUseKeeper {
    // Dropped to stop it.
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl ServiceUseKeeper {
    /// Starts it; who it was is known for so many days.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(app: App, people_days: u32) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("service-use".to_owned());
        let thread = thread.spawn(move || {
            loop {
                if let Err(error) = forget(&app, people_days) {
                    tracing::error!(code = error.code(), %error, "use of services could not be forgotten");
                }
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends it.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!(
                code = "service-use.panicked",
                "forgetting use of services ended abnormally"
            );
        }
    }
}

/// Makes sums by unit of what is too old to know who it was, and removes sums that are too old.
///
/// # Errors
/// The codes of the store.
pub fn forget(app: &App, people_days: u32) -> Result<(), StoreError> {
    let now = app.now();
    let before = |days| day_of(now.before(Span::days(days)));
    let (people, sums) = app
        .observations()
        .forget_service_users(&before(people_days), &before(UNIT_DAYS))?;
    if people + sums > 0 {
        tracing::info!(people, sums, "use of services was forgotten");
    }
    Ok(())
}
