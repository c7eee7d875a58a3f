//! The verdicts as they are now, for pages and programs.
//!
//! The ledger holds what changed and, hourly, the numbers; pages show what is so, by the same
//! judgement as the shell's `assess`. It is kept until something changed that it rests on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::assess::{Assessment, assess};
use sekisho_rules::catalogue::Catalogue;

use crate::app::App;

/// Evidence expires by time alone: an assessment is kept no longer than this.
const KEPT: Span = Span::seconds(60);
/// Judging that takes no longer than this is done for every page that finds a change (about
/// 100,000 devices); where it takes longer, pages show the last one with its time for as long as
/// [`REST`] times what it took.
const CHEAP: Duration = Duration::from_millis(150);
const REST: u32 = 20;

/// The newest assessment.
#[derive(Default)]
pub(super) struct Current(Mutex<Option<Kept>>);

struct Kept {
    /// Events of the World and results of the posture that it rests on.
    basis: (u64, u64),
    ended: Instant,
    took: Duration,
    assessment: Arc<Assessment>,
}

impl Kept {
    fn stands(&self, basis: (u64, u64), now: Timestamp) -> bool {
        let young = now >= self.assessment.at && now.since(self.assessment.at) < KEPT;
        let resting = self.took > CHEAP && self.ended.elapsed() < self.took * REST;
        young && (self.basis == basis || resting)
    }
}

impl Current {
    /// The verdicts now, under the profile in force; none before the organisation is founded.
    ///
    /// Whoever calls holds neither the World nor the posture.
    pub(super) fn get(
        &self,
        app: &App,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Option<Arc<Assessment>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let world = app.world();
        let posture = app.posture();
        let profile = world.organisation.as_ref()?.profile;
        let basis = (world.events, posture.sequence());
        if let Some(kept) = slot.as_ref().filter(|kept| kept.stands(basis, now)) {
            return Some(Arc::clone(&kept.assessment));
        }
        let began = Instant::now();
        let assessment = Arc::new(assess(&world, &posture, catalogue, profile, now));
        *slot = Some(Kept {
            basis,
            ended: Instant::now(),
            took: began.elapsed(),
            assessment: Arc::clone(&assessment),
        });
        Some(assessment)
    }
}
