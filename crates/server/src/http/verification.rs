//! Verification of the whole ledger beside the running service, with its progress.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_domain::time::Timestamp;
use sekisho_ledger::verify::{Report, Watched, verify};
use sekisho_store::StoreError;

use super::site::Site;

/// What the newest verification came to.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// None since the start.
    NotYet,
    /// Under way.
    Running { done: u64, of: u64 },
    /// Done.
    Done { at: Timestamp, report: Box<Report> },
    /// It could not be carried out.
    Failed { at: Timestamp, code: &'static str },
}

/// Runs one verification at a time.
#[derive(Default)]
pub(super) struct Verifier {
    newest: Mutex<Option<State>>,
    done: AtomicU64,
}

impl Verifier {
    /// What is known now.
    pub(super) fn state(&self) -> State {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        match newest.as_ref() {
            None => State::NotYet,
            Some(State::Running { of, .. }) => State::Running {
                done: self.done.load(Ordering::Relaxed).min(*of),
                of: *of,
            },
            Some(state) => state.clone(),
        }
    }

    fn begin(&self, of: u64) -> bool {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*newest, Some(State::Running { .. })) {
            return false;
        }
        self.done.store(0, Ordering::Relaxed);
        *newest = Some(State::Running { done: 0, of });
        true
    }

    fn end(&self, state: State) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }
}

/// Starts a verification unless one runs already.
pub(super) fn start(site: &Site) {
    let verifier = Arc::clone(&site.verifier);
    if !verifier.begin(site.app.head().size) {
        return;
    }
    let app = site.app.clone();
    let thread = std::thread::Builder::new().name("ledger-verify".to_owned());
    let running = Arc::clone(&verifier);
    let spawned =
        thread.spawn(move || {
            let checked = check(&app, &running);
            let at = app.now();
            running.end(match checked {
            Ok(report) => State::Done { at, report: Box::new(report) },
            Err(error) => {
                tracing::error!(code = error.code(), %error, "the ledger could not be verified");
                State::Failed { at, code: error.code() }
            }
        });
        });
    if spawned.is_err() {
        verifier.end(State::Failed {
            at: site.app.now(),
            code: "io",
        });
    }
}

fn check(app: &crate::app::App, verifier: &Verifier) -> Result<Report, StoreError> {
    let store = app.open_ledger()?;
    let view = store.view()?;
    let read = |count| {
        verifier.done.fetch_add(count, Ordering::Relaxed);
    };
    let watched = Watched {
        source: &view,
        read: &read,
    };
    verify(&watched, &app.verifiers(), None)
}
