//! What the World keeps of an exception beside its permit.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{DecidedAgain, Judgement, Regularised, Reviewed, Stopped};
use crate::event::BlobRef;
use crate::id::PermitId;
use crate::rule::ClauseRef;
use crate::time::{Span, Timestamp};

/// For how long a word stands that a measure is done which no sensor sees. Our own choice.
pub const WORD_STANDS: Span = Span::days(90);

/// That an exception was looked at again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// What was found.
    pub judgement: Judgement,
    /// What was measured.
    pub effect: BlobRef,
}

/// How an exception was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It became ordinary operation.
    Regularised {
        /// When.
        at: Timestamp,
        /// By which clause.
        clause: ClauseRef,
        /// What was measured then.
        effect: BlobRef,
    },
    /// It was stopped.
    Stopped {
        /// When.
        at: Timestamp,
        /// What was measured then.
        effect: BlobRef,
    },
}

/// What has happened to an exception besides the steps that all permits have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRecord {
    /// How often its end was put off, by itself or by being applied for anew.
    #[serde(default)]
    pub renewed: u32,
    /// The exception that it goes on with: of the same person, from the same rule and for the same things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<PermitId>,
    /// When the first of those that it goes on with began; none where it goes on with none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When it was looked at again, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<Review>,
    /// When it was decided that it goes on, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided_again: Vec<Timestamp>,
    /// When it is to be looked at again, as it was said last; as applied for where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Date>,
    /// When it was last said of measures that no sensor sees that they are done, by their places.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<u32, Timestamp>,
    /// How it was settled; none while it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl ExceptionRecord {
    /// Whether its effect stands confirmed: by the newest review, whatever was found before.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        let newest = self.reviews.last();
        newest.is_some_and(|review| review.judgement == Judgement::Effective)
    }

    /// When a word on a measure was given that stands at an instant.
    #[must_use]
    pub fn word(&self, measure: u32, at: Timestamp) -> Option<Timestamp> {
        let said = self.words.get(&measure).copied();
        said.filter(|said| *said <= at && at < said.after(WORD_STANDS))
    }

    pub(crate) fn reviewed(&mut self, step: &Reviewed, at: Timestamp) {
        self.reviews.push(Review {
            at,
            judgement: step.judgement,
            effect: step.effect.clone(),
        });
        self.next = step.next.or(self.next);
        self.words
            .extend(step.words.iter().map(|place| (*place, at)));
    }

    pub(crate) fn regularised(&mut self, step: &Regularised, at: Timestamp) {
        self.outcome = Some(Outcome::Regularised {
            at,
            clause: step.into,
            effect: step.effect.clone(),
        });
    }

    pub(crate) fn stopped(&mut self, step: &Stopped, at: Timestamp) {
        self.outcome = Some(Outcome::Stopped {
            at,
            effect: step.effect.clone(),
        });
    }

    pub(crate) fn decided_again(&mut self, step: &DecidedAgain, at: Timestamp) {
        self.decided_again.push(at);
        self.next = Some(step.next);
    }
}
