//! Stored events: for ever. Each `(kind, version)` keeps its decoder; a change of meaning is a new
//! version with an upcaster, never a rewrite (decision 3).

#[macro_use]
mod kinds;
mod list;

use crate::actor::Actor;
use crate::check::{DeviceCheck, Outcome};
use crate::code::Reason;
use crate::id::PersonId;
use crate::profile::Profile;
use crate::requirement::RequirementId;
use crate::time::Timestamp;
use crate::verdict::{RowVerdict, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use list::Event;

/// Ciphertext under one person's key, base64url. Opening it needs the key, which a person can
/// have destroyed (decision 6).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose key.
    pub person: PersonId,
    /// The id of that key.
    pub key: String,
    /// 24 bytes, base64url without padding.
    pub nonce: String,
    /// Ciphertext and tag, base64url without padding.
    pub ciphertext: String,
}

/// A content-addressed document kept beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256 in hex.
    pub blob: String,
    /// Size in bytes.
    pub size: u64,
}

/// A set of devices by ordinal: listed when small, a blob of sorted big-endian 32-bit numbers
/// when large, so that one advisory does not write a hundred thousand events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceSet {
    /// The ordinals themselves, sorted.
    Listed(Vec<u32>),
    /// A blob that holds them, and how many there are.
    Stored {
        /// The blob.
        document: BlobRef,
        /// How many devices.
        count: u32,
    },
}

/// Largest set that is written into the event itself.
pub const LISTED_MAX: usize = 64;

/// A check came out differently for a set of devices, for one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckChange {
    /// Which check.
    pub check: DeviceCheck,
    /// What it comes out as now.
    pub to: Outcome,
    /// Why, without what differs from device to device.
    pub cause: Reason,
    /// Which devices.
    pub devices: DeviceSet,
}

/// A row's verdict changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictChange {
    /// Which row.
    pub row: RequirementId,
    /// Of which subjects.
    pub scope: Scope,
    /// The verdict from now on.
    #[serde(flatten)]
    pub verdict: RowVerdict,
}

/// That the catalogue was assessed: at least hourly (decision 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The profile judged.
    pub profile: Profile,
    /// SHA-256 in hex over all results.
    pub results: String,
    /// How many rows came out how, by verdict code.
    pub rows: std::collections::BTreeMap<String, u32>,
    /// The version of the catalogue.
    pub catalogue: String,
    /// Version of the program.
    pub program: String,
    /// Digest of each feed in use.
    pub feeds: std::collections::BTreeMap<String, String>,
}

/// Why a stored event cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// No such kind: the ledger was written by a newer program.
    #[error("unknown event kind {kind}")]
    UnknownKind {
        /// The kind.
        kind: String,
    },
    /// The kind is known and this version of it is not.
    #[error("unknown version {version} of event kind {kind}")]
    NewerVersion {
        /// The kind.
        kind: String,
        /// The version.
        version: u32,
    },
    /// The payload is not of the form that kind and version promise.
    #[error("payload of {kind}: {detail}")]
    Payload {
        /// The kind.
        kind: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// An event with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Who acted.
    pub actor: Actor,
    /// When the writer recorded it, by its trusted clock.
    pub recorded_at: Timestamp,
    /// From when it holds, where that is not when it was recorded.
    pub effective_from: Option<Timestamp>,
    /// What happened.
    pub event: Event,
}

impl Event {
    /// The payload as stored.
    #[must_use]
    pub fn payload(&self) -> Value {
        // Serialising plain data with string keys cannot fail.
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}
