//! Reports of unease (不安) from their telling to their answer (notices, 1; GOV-1-a).
//!
//! What a report is about stands in its register ([`register::Concern`](crate::register::Concern)); here is
//! what happens to it: it is told, words are added, it is looked at, answered, becomes an incident.
//!
//! It may be told by [`Actor::Nobody`](crate::actor::Actor::Nobody). Then its words are sealed under a
//! pseudonym that stands for this one report and no person, and whoever holds the receipt code reads the
//! answer. Only a hash of the code is stored.

use serde::{Deserialize, Serialize};

use crate::event::Sealed;
use crate::id::{ConcernId, IncidentId, PersonId, TaskId, UnitId};
use crate::register::concern::{ConcernKind, ConcernState};
use crate::role::Role;
use crate::time::Timestamp;

/// Within how many working days a report is to be answered. The notices name none.
pub const DUE_DAYS: u32 = 5;
/// The same where somebody may be attacking.
pub const DUE_DAYS_ATTACK: u32 = 1;

impl ConcernKind {
    /// Within how many working days a report of this kind is to be answered.
    #[must_use]
    pub const fn due_days(self) -> u32 {
        match self {
            Self::Attack => DUE_DAYS_ATTACK,
            _ => DUE_DAYS,
        }
    }

    /// As which role somebody answers it: whoever answers for what it is about.
    #[must_use]
    pub const fn answered_by(self) -> Role {
        match self {
            Self::Device | Self::Line => Role::Isso,
            Self::Functions | Self::Rule => Role::PromotionBody,
            Self::Attack => Role::Csirt,
            Self::Volume
            | Self::Users
            | Self::Eligibility
            | Self::Tasks
            | Self::Place
            | Self::Other => Role::Diso,
        }
    }
}

/// The hash of a receipt code: SHA-256, 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptHash(String);

/// The text is not the hash of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a receipt hash")]
pub struct ReceiptHashError;

impl TryFrom<String> for ReceiptHash {
    type Error = ReceiptHashError;

    fn try_from(text: String) -> Result<Self, ReceiptHashError> {
        let sound = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(sound) {
            Ok(Self(text))
        } else {
            Err(ReceiptHashError)
        }
    }
}

impl From<ReceiptHash> for String {
    fn from(hash: ReceiptHash) -> Self {
        hash.0
    }
}

/// Unease was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernTold {
    /// Its id.
    pub concern: ConcernId,
    /// The unit that it is about; none where the reporter named neither unit nor task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// What it is about.
    pub kind: ConcernKind,
    /// The task at which it arose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// Whether the section chief is not shown who told it.
    pub hidden: bool,
    /// The first instant at which the answer is late.
    pub due: Timestamp,
    /// In words, under the reporter's key, or that of the report's pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Sealed>,
    /// The pseudonym under whose key the words of a report without a name are sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<PersonId>,
    /// By whose code a report without a name is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptHash>,
}

/// The reporter said more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernSaid {
    /// Of which report.
    pub concern: ConcernId,
    /// In words, under the same key as before.
    pub words: Sealed,
}

/// Somebody looked at a report, or answered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernAnswered {
    /// Which.
    pub concern: ConcernId,
    /// Where it stands from now on.
    pub state: ConcernState,
    /// What the reporter is told, under the key of whoever says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Sealed>,
}

/// A report became an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernTurned {
    /// Which.
    pub concern: ConcernId,
    /// The incident.
    pub incident: IncidentId,
}

/// The words of a report without a name were destroyed, with the key of its pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernErased {
    /// Which.
    pub concern: ConcernId,
    /// Its pseudonym.
    pub pseudonym: PersonId,
}

/// What has happened to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The first instant at which the answer is late.
    pub due: Timestamp,
    /// Its pseudonym, where nobody told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<PersonId>,
    /// By whose code it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptHash>,
    /// When it was answered last; none where it was not, or the reporter said more since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// What it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// Whether its words were destroyed.
    #[serde(default)]
    pub erased: bool,
    /// The numbers of its records of this kind, the oldest first.
    #[serde(default)]
    pub records: Vec<u64>,
}

/// Most records of one report: beyond, nothing is added to it.
pub const RECORDS_MAX: usize = 100;
