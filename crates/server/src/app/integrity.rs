//! The whole ledger, verified once after every start.
//!
//! A start reads the newest snapshot, so that it would not see a byte that was changed in an older
//! record. The console does not wait for this: it is done on one thread, record by record, which
//! rests for a part of its time.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_domain::code::Reason;
use sekisho_ledger::digest::Digest;
use sekisho_ledger::tile::TileId;
use sekisho_ledger::verify::{LedgerSource, Report, StoredEntry, verify};
use sekisho_store::{StoreCode, StoreError};

use super::App;

/// After so many records the thread rests.
const REST_EVERY: u64 = 4096;
/// How long it rests.
const REST: Duration = Duration::from_millis(2);

/// The verification under way or done.
pub struct Integrity {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Integrity {
    /// Begins to verify.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(app: App) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("integrity".to_owned());
        let thread = thread.spawn(move || examine(&app, &stopping))?;
        Ok(Self { stop, thread })
    }

    /// Breaks off and waits for the end. Call it before [`App::stop`]: a reader that is still open
    /// keeps the log from being folded in.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!(
                code = "ledger.verify-panicked",
                "the verification ended abnormally"
            );
        }
    }
}

fn examine(app: &App, stop: &AtomicBool) {
    let found = check(app, stop);
    if stop.load(Ordering::Acquire) {
        return;
    }
    match found {
        Ok(report) if report.is_clean() => {
            tracing::info!(records = report.size, "the whole ledger is sound");
        }
        Ok(report) => {
            let place = report
                .findings
                .first()
                .map(|finding| finding.place.to_string());
            damaged(app, place.unwrap_or_default());
        }
        Err(error) if is_damage(&error) => {
            let place = app.open_ledger().ok();
            let place = place.and_then(|ledger| ledger.first_unreadable());
            damaged(
                app,
                place.map_or_else(|| error.subject(), |seq| format!("seq {seq}")),
            );
        }
        Err(error) => {
            tracing::error!(code = error.code(), %error, "the ledger could not be verified");
        }
    }
}

fn damaged(app: &App, place: String) {
    tracing::error!(
        code = "ledger.fails-verification",
        place,
        "nothing more is written"
    );
    app.refuse_damaged(Reason::new("ledger.fails-verification").with("detail", place));
}

/// Whether an error says that what is stored is damaged.
const fn is_damage(error: &StoreError) -> bool {
    matches!(
        error.kind(),
        StoreCode::Corrupt | StoreCode::BadValue | StoreCode::NotADatabase
    )
}

fn check(app: &App, stop: &AtomicBool) -> Result<Report, StoreError> {
    let store = app.open_ledger()?;
    let view = store.view()?;
    let source = Gently {
        source: &view,
        stop,
        read: AtomicU64::new(0),
    };
    verify(&source, &app.verifiers(), None)
}

/// A source that gives records one by one, rests in between, and ends when it is told to. What was
/// found then counts for nothing.
struct Gently<'s, S> {
    source: &'s S,
    stop: &'s AtomicBool,
    read: AtomicU64,
}

impl<S> Gently<'_, S> {
    fn goes_on(&self) -> bool {
        if self.read.fetch_add(1, Ordering::Relaxed) % REST_EVERY == REST_EVERY - 1 {
            std::thread::sleep(REST);
        }
        !self.stop.load(Ordering::Acquire)
    }
}

impl<S: LedgerSource> LedgerSource for Gently<'_, S> {
    type Error = S::Error;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        self.entries_from(0, each)
    }

    fn entries_from(
        &self,
        from: u64,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), S::Error> {
        let mut gently = |stored: StoredEntry<'_>| match self.goes_on() {
            true => each(stored),
            false => ControlFlow::Break(()),
        };
        match from {
            // All of them, with any that stand where no entry can.
            0 => self.source.entries(&mut gently),
            _ => self.source.entries_from(from, &mut gently),
        }
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
