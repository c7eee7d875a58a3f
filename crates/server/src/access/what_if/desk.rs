//! Rules that somebody tries before they are set: in memory, for their author alone, bounded in number
//! and time. Looking back over many days takes a while, and a page asks meanwhile how far it is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_domain::id::PersonId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::Rulebook;
use sekisho_store::StoreError;

use super::tally::WhatIf;
use super::what_if;
use crate::app::{App, fresh};

/// Most trials that are kept.
const TRIALS_MAX: usize = 16;
/// How long one is kept.
const KEPT: Span = Span::minutes(60);

/// Names a trial; cannot be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TrialId(String);

impl TrialId {
    /// As it stands in an address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a trial stands.
#[derive(Clone, Debug)]
pub enum TrialState {
    /// Under way: rows done, of how many.
    Running(u64, u64),
    /// What came of it.
    Done(Arc<WhatIf>),
    /// The answers could not be read.
    Failed,
}

/// Rules on trial.
pub struct Trial {
    /// Whose it is.
    pub author: PersonId,
    /// The text.
    pub text: String,
    /// How many days are looked at.
    pub days: u32,
    /// The version that was in force when it began.
    pub expected: u32,
    begun_at: Timestamp,
    done: AtomicU64,
    of: AtomicU64,
    outcome: Mutex<Option<Option<Arc<WhatIf>>>>,
}

impl Trial {
    /// How it stands.
    #[must_use]
    pub fn state(&self) -> TrialState {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match &*outcome {
            None => {
                let count = |it: &AtomicU64| it.load(Ordering::Relaxed);
                TrialState::Running(count(&self.done), count(&self.of))
            }
            Some(Some(found)) => TrialState::Done(Arc::clone(found)),
            Some(None) => TrialState::Failed,
        }
    }

    fn end(&self, found: Option<WhatIf>) {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        *outcome = Some(found.map(Arc::new));
    }

    fn is_running(&self) -> bool {
        matches!(self.state(), TrialState::Running(..))
    }
}

/// Every trial.
#[derive(Default)]
pub struct Trials {
    all: Mutex<HashMap<TrialId, Arc<Trial>>>,
    /// One looks back at a time: it is work for a whole core.
    busy: Arc<Mutex<()>>,
}

impl Trials {
    /// Begins one. None where too many are under way.
    ///
    /// # Errors
    /// `no-entropy` when the operating system gives none.
    pub fn begin(
        &self,
        app: &App,
        (text, book): (String, Rulebook),
        author: PersonId,
        (days, expected): (u32, u32),
    ) -> Result<Option<TrialId>, StoreError> {
        let id = TrialId(
            fresh()?
                .0
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        );
        let trial = Arc::new(Trial {
            author,
            text,
            days,
            expected,
            begun_at: app.now(),
            done: AtomicU64::new(0),
            of: AtomicU64::new(0),
            outcome: Mutex::default(),
        });
        if !self.keep(&id, &trial, app.now()) {
            return Ok(None);
        }
        let (app, busy, work) = (app.clone(), Arc::clone(&self.busy), Arc::clone(&trial));
        let thread = std::thread::Builder::new().name("what-if".to_owned());
        let started = thread.spawn(move || {
            let _turn = busy.lock().unwrap_or_else(PoisonError::into_inner);
            let mut tell = |done, of| {
                work.done.store(done, Ordering::Relaxed);
                work.of.store(of, Ordering::Relaxed);
            };
            match what_if(&app, &book, work.days, &mut tell) {
                Ok(found) => work.end(found),
                Err(error) => {
                    tracing::error!(code = error.code(), %error, "answers could not be read");
                    work.end(None);
                }
            }
        });
        if let Err(error) = started {
            tracing::error!(code = "what-if.no-thread", %error, "rules were not tried");
            trial.end(None);
        }
        Ok(Some(id))
    }

    fn keep(&self, id: &TrialId, trial: &Arc<Trial>, now: Timestamp) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, it| it.begun_at.after(KEPT) > now);
        if all.len() >= TRIALS_MAX {
            // What is done gives way to what is new, the oldest first.
            let over = all.iter().filter(|(_, it)| !it.is_running());
            let oldest = over
                .min_by_key(|(_, it)| it.begun_at)
                .map(|(id, _)| id.clone());
            match oldest {
                Some(oldest) => all.remove(&oldest),
                None => return false,
            };
        }
        all.insert(id.clone(), Arc::clone(trial));
        true
    }

    /// A trial of a person.
    #[must_use]
    pub fn of(&self, author: PersonId, id: &str, now: Timestamp) -> Option<Arc<Trial>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(&TrialId(id.to_owned())).cloned();
        found.filter(|it| it.author == author && it.begun_at.after(KEPT) > now)
    }
}
