//! Verification of the whole ledger beside the running service, with its progress.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_domain::time::Timestamp;
use sekisho_ledger::TileId;
use sekisho_ledger::digest::Digest;
use sekisho_ledger::verify::{LedgerSource, Report, StoredEntry, verify};
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

/// A source that counts what passes.
struct Counted<'a, S> {
    source: &'a S,
    done: &'a AtomicU64,
}

impl<S: LedgerSource> LedgerSource for Counted<'_, S> {
    type Error = S::Error;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        self.source.entries(&mut |entry| {
            self.done.fetch_add(1, Ordering::Relaxed);
            each(entry)
        })
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.tile(id)
    }

    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<(), S::Error> {
        self.source.tile_ids(each)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.blob(digest)
    }

    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), S::Error> {
        self.source.blob_ids(each)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, S::Error> {
        self.source.checkpoint()
    }

    fn is_disclosure_copy(&self) -> bool {
        self.source.is_disclosure_copy()
    }
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
    verify(
        &Counted {
            source: &view,
            done: &verifier.done,
        },
        app.verifier(),
        None,
    )
}
