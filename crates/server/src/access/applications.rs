//! What applications of the organisation's own answered: kept in the observations as our own answers
//! are, and no longer.
//!
//! It does not go into the ledger. Subjects and resources are words of the application and may well
//! name people; the ledger is for ever and holds no names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::time::Timestamp;
use sekisho_rules::application::{Asked, Named, Note, Ruling};
use sekisho_store::StoreError;
use sekisho_store::observations::ApplicationDecision;

use super::log::{HELD_MAX, Tally};
use crate::app::App;

/// Longest name or id of an application's that is kept; the end of longer ones is left off.
const TEXT_MAX: usize = 512;

/// What answers are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    application: String,
    subject: String,
    action: String,
    resource: String,
    allowed: bool,
    rules: Vec<String>,
}

/// Answers that wait to be stored, equal ones as one with a count.
#[derive(Default)]
pub struct ApplicationLog {
    held: Mutex<HashMap<Key, Tally>>,
    lost: Mutex<u64>,
}

impl ApplicationLog {
    fn put(&self, key: Key, tally: Tally) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD_MAX && !held.contains_key(&key) {
            *self.lost.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            return;
        }
        held.entry(key)
            .and_modify(|known| *known = known.joined(tally))
            .or_insert(tally);
    }

    fn take(&self) -> HashMap<Key, Tally> {
        std::mem::take(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers that could not be kept.
    pub(super) fn lost(&self) -> u64 {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Keeps what an application answered.
    pub fn keep_ruling(&self, application: &str, asked: &Asked<'_>, ruling: &Ruling) {
        let key = Key {
            application: application.to_owned(),
            subject: called(&asked.subject),
            action: bounded(asked.action.name),
            resource: called(&asked.resource),
            allowed: ruling.is_allowed(),
            rules: rules_of(ruling),
        };
        let tally = Tally::once(self.now());
        self.access().log().applications.put(key, tally);
    }

    pub(super) fn keep_application_decisions(&self) -> Result<(), StoreError> {
        let log = &self.access().log().applications;
        let answers = log.take();
        if answers.is_empty() {
            return Ok(());
        }
        let rows = answers.iter().map(|(key, tally)| key.row(*tally));
        let rows: Vec<ApplicationDecision> = rows.collect();
        let kept = self.observations().add_application_decisions(&rows);
        if kept.is_err() {
            // They are tried again, with what has come meanwhile.
            for (key, tally) in answers {
                log.put(key, tally);
            }
        }
        kept
    }

    /// What applications answered from a moment on, the newest first.
    ///
    /// # Errors
    /// The store's codes.
    pub fn application_decisions(
        &self,
        from: Timestamp,
        most: usize,
    ) -> Result<Vec<ApplicationDecision>, StoreError> {
        let from = from.as_millis();
        self.observations().application_decisions(from, most)
    }
}

impl Key {
    fn row(&self, tally: Tally) -> ApplicationDecision {
        ApplicationDecision {
            at: tally.last_at.as_millis(),
            application: self.application.clone(),
            subject: self.subject.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            allowed: self.allowed,
            times: tally.times,
            // Texts always have a JSON form.
            rules: serde_json::to_string(&self.rules).unwrap_or_default(),
        }
    }
}

fn bounded(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn called(named: &Named<'_>) -> String {
    bounded(&format!("{}:{}", named.kind, named.id))
}

/// The policies that settled it, or what stood in the way.
fn rules_of(ruling: &Ruling) -> Vec<String> {
    let ids = |notes: &[Note]| notes.iter().map(|note| note.id.clone()).collect();
    match ruling {
        Ruling::Allow(notes) | Ruling::Deny(notes) => ids(notes),
        Ruling::Unknown(_) => vec!["application.unknown".to_owned()],
        Ruling::Misfit(_) => vec!["application.misfit".to_owned()],
        Ruling::Failed(_) => vec![super::FAILED.to_owned()],
    }
}
