//! The verdicts as they are now, for pages and programs.
//!
//! The ledger holds what changed and, hourly, the numbers; pages show what is so, by the same
//! judgement as the shell's `assess`. It is kept until something changed that it rests on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::assess::{Assessment, assess};
use sekisho_rules::catalogue::Catalogue;

use crate::app::App;

/// Evidence expires by time alone: an assessment is kept no longer than this.
const KEPT: Span = Span::seconds(60);
/// Judging that takes no longer than this is done for every page that finds a change. Where it takes
/// longer (from some ten thousand devices on), pages show the last one with its time: for as long as
/// [`REST`] times what it took, and while the next is made beside them.
const CHEAP: Duration = Duration::from_millis(25);
const REST: u32 = 100;
/// One that is older is never shown, so that what expires does not look valid for longer: whoever
/// comes back to a server at rest waits for the next.
const LATEST: Span = Span::seconds(120);

/// The newest assessment.
#[derive(Default)]
pub(super) struct Current(Arc<Slot>);

#[derive(Default)]
struct Slot {
    newest: Mutex<Option<Kept>>,
    /// Whether the next one is being made.
    at_work: AtomicBool,
}

/// Events of the World, results of the posture and evidence of access.
type Basis = (u64, u64, u64);

struct Kept {
    /// What it rests on.
    basis: Basis,
    ended: Instant,
    took: Duration,
    assessment: Arc<Assessment>,
}

impl Kept {
    fn is_younger(&self, span: Span, now: Timestamp) -> bool {
        now >= self.assessment.at && now.since(self.assessment.at) < span
    }

    fn stands(&self, basis: Basis, now: Timestamp) -> bool {
        let resting = self.took > CHEAP && self.ended.elapsed() < self.took * REST;
        self.is_younger(KEPT, now) && (self.basis == basis || resting)
    }

    /// Whether it is shown while the next one is made.
    fn bridges(&self, now: Timestamp) -> bool {
        self.took > CHEAP && self.is_younger(LATEST, now)
    }
}

impl Current {
    /// The verdicts now, under the profile in force; none before the organisation is founded.
    ///
    /// Whoever calls holds neither the World nor the posture.
    pub(super) fn get(
        &self,
        app: &App,
        catalogue: &Arc<Catalogue>,
        now: Timestamp,
    ) -> Option<Arc<Assessment>> {
        let basis = {
            let world = app.world();
            let access = app.access_evidence(&world).sequence();
            (world.events, app.posture().sequence(), access)
        };
        let mut newest = self.0.newest();
        if let Some(kept) = newest.as_ref() {
            if kept.stands(basis, now) {
                return Some(Arc::clone(&kept.assessment));
            }
            if kept.bridges(now) {
                let shown = Arc::clone(&kept.assessment);
                drop(newest);
                self.make_beside(app.clone(), Arc::clone(catalogue));
                return Some(shown);
            }
        }
        *newest = judged(app, catalogue, now);
        newest.as_ref().map(|kept| Arc::clone(&kept.assessment))
    }

    /// Makes the next one on a thread of its own, unless one is at it.
    fn make_beside(&self, app: App, catalogue: Arc<Catalogue>) {
        if self.0.at_work.swap(true, Ordering::AcqRel) {
            return;
        }
        let slot = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("judging".to_owned());
        let made = thread.spawn(move || {
            let made = judged(&app, &catalogue, app.now());
            *slot.newest() = made;
            slot.at_work.store(false, Ordering::Release);
        });
        if let Err(error) = made {
            // The last one is too old before long; then a page makes it.
            tracing::warn!(code = "http.no-thread", %error, "no thread to judge on");
            self.0.at_work.store(false, Ordering::Release);
        }
    }
}

impl Slot {
    fn newest(&self) -> MutexGuard<'_, Option<Kept>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judged(app: &App, catalogue: &Catalogue, now: Timestamp) -> Option<Kept> {
    let world = app.world();
    let posture = app.posture();
    let profile = world.organisation.as_ref()?.profile;
    let began = Instant::now();
    let access = app.access_evidence(&world);
    let assessment = assess(&world, &posture, &access, catalogue, profile, now);
    let assessment = Arc::new(assessment);
    Some(Kept {
        basis: (world.events, posture.sequence(), access.sequence()),
        ended: Instant::now(),
        took: began.elapsed(),
        assessment,
    })
}
