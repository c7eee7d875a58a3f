//! From reports to verdicts: takes reports in, puts devices to the checks, judges the catalogue
//! and records what changed.

mod clients;
mod declaration;
mod hold;
mod intake;
mod judge;
mod look;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_rules::catalogue::Catalogue;
use sekisho_store::StoreError;

use crate::app::App;
use crate::knowledge::KnowledgeBase;
use crate::service_use::settle_unused;

pub use hold::{assess_now, assess_over, assess_recorded, assess_then, hold};
pub use intake::{IntakeError, may_take, take_report};
pub use judge::{Rejudged, facts_of, facts_of_kinds, first_fact, judge_all, judge_by_lists};
pub use look::look;

/// How often the catalogue is judged when nothing arrives: evidence expires by time alone.
const IDLE: Duration = Duration::from_secs(60);
/// How long after news the judging waits for more, so that a thousand reports make one pass.
const GATHER: Duration = Duration::from_millis(250);

/// The thread that judges. Ends when the application's assessor is told to stop.
pub struct Assessor(Option<JoinHandle<()>>);

impl Assessor {
    /// Starts judging.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(app: App, catalogue: Arc<Catalogue>) -> std::io::Result<Self> {
        sekisho_messages::on_missing_argument(|key, name| {
            tracing::error!(
                code = "message.argument-missing",
                key,
                name,
                "a text lacks an argument"
            );
        });
        let thread = std::thread::Builder::new().name("assessor".to_owned());
        thread
            .spawn(move || run(&app, &catalogue))
            .map(|handle| Self(Some(handle)))
    }

    /// Waits until the thread has ended; [`App::stop`] ends it.
    pub fn join(mut self) {
        if let Some(handle) = self.0.take()
            && handle.join().is_err()
        {
            tracing::error!(code = "assessor.panicked", "the assessor ended abnormally");
        }
    }
}

/// Judging that takes longer than this rests for so many times what it took, so that a large
/// organisation whose devices report all the time is not judged all the time: while the catalogue is
/// judged, nothing is written.
const CHEAP: Duration = Duration::from_millis(100);
const REST: u32 = 100;

/// How long news is gathered after judging that took so long.
fn gather(took: Duration) -> Duration {
    let rest = if took > CHEAP { took * REST } else { GATHER };
    rest.clamp(GATHER, IDLE)
}

fn run(app: &App, catalogue: &Catalogue) {
    reload(app);
    loop {
        let began = Instant::now();
        if let Err(error) = settle_unused(app) {
            tracing::error!(code = error.code(), %error, "findings without use were not settled");
        }
        if let Err(error) = hold(app, catalogue) {
            tracing::error!(code = error.code(), %error, "the assessment could not be recorded");
        }
        let news = app.wait_for_news(IDLE, gather(began.elapsed()));
        if news.stopping {
            return;
        }
        if news.knowledge {
            reload(app);
        } else if news.lists {
            tell(judge_by_lists(app));
        }
    }
}

/// Reads the feeds again and puts the devices to the checks anew that they concern.
fn reload(app: &App) {
    tell(renew(app, || {
        let recorded = app.world().feeds.clone();
        KnowledgeBase::load(app.observations(), &recorded, app.now())
    }));
}

fn tell(judged: Result<Rejudged, StoreError>) {
    match judged {
        Ok(done) if done.devices > 0 => {
            tracing::info!(done.devices, done.results, "devices were judged anew");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(code = error.code(), %error, "devices could not be judged anew");
        }
    }
}

/// Puts newly read knowledge in place and judges with it, until what was read is what the World
/// has recorded: reading takes long, and feeds may come in meanwhile. `load` reads.
///
/// # Errors
/// The store's codes; devices judged before the error keep their new results.
pub fn renew(
    app: &App,
    mut load: impl FnMut() -> Result<KnowledgeBase, StoreError>,
) -> Result<Rejudged, StoreError> {
    let mut all = Rejudged::default();
    loop {
        let recorded = app.world().feeds.clone();
        let base = load()?;
        let as_recorded = base.is_made_of(recorded.values());
        app.set_knowledge(base);
        let done = judge_all(app)?;
        all.devices += done.devices;
        all.results += done.results;
        let unchanged = app.world().feeds == recorded;
        if app.is_stopping() || unchanged {
            // A feed between being stored and being recorded; or that never was, as the program
            // ended in between. Results name what they rest on either way.
            if !as_recorded && !app.is_stopping() {
                tracing::warn!(
                    code = "knowledge.not-as-recorded",
                    "the feeds that were read are not those that the ledger has recorded"
                );
            }
            return Ok(all);
        }
    }
}
