//! What `sekisho discover` read of the logs of resolvers and proxies, on its way to the server.
//!
//! The shell reads logs and counts; the server knows whose a client is, what the registers carry, and how
//! far each log was read. A run is taken in once: it names the runs that it goes on from.

use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest name of a source, in characters.
pub const SOURCE_MAX: usize = 64;
/// Most uses of one run.
pub const USES_MAX: usize = 1_000_000;

/// How far the logs of a source were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMarks {
    /// How many runs have been taken in.
    pub batch: u64,
    /// How far each log was read, as the shell wrote it down; empty where none was.
    pub marks: String,
    /// Until when everything that was written to them had been read: what was rotated away since holds what was not.
    /// None where nothing was ever read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What the registers carry, by its domains: to be looked for beside the list of services.
    #[serde(default)]
    pub own: Vec<SeenService>,
    /// The list of services to look with, as it stands in the ledger and in the file beside it: a JSON document.
    #[serde(default)]
    pub list: String,
}

/// A service of the list, as far as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenService {
    /// What the list calls it.
    pub id: String,
    /// Its name in Japanese.
    pub ja: String,
    /// Its name in English.
    pub en: String,
    /// Code of what it is for.
    pub kind: String,
    /// The domains by which it is known.
    pub domains: Vec<String>,
}

/// What one client used of one service on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenUse {
    /// The place of the service among those of the run.
    pub service: usize,
    /// The day, in the zone of the log.
    pub day: String,
    /// From where: an address or the name of a device; none where clients were too many to be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Who, as the log calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The unit, as the list of clients calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The person, as the list of clients calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// How often.
    pub times: u64,
    /// Bytes, where the log counts them.
    pub bytes: u64,
    /// The first moment.
    pub first: Timestamp,
    /// The last moment.
    pub last: Timestamp,
}

/// What a run read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceRun {
    /// The runs that were taken in before: this one goes on from there.
    pub after: u64,
    /// How far each log has been read now.
    pub marks: String,
    /// Until when the logs had been written; none where that cannot be told.
    pub through: Option<Timestamp>,
    /// Whether a log is not the one that was read under its name before and that one is nowhere, or a file is gone
    /// from a folder: what was written to it last may never have been read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gap: bool,
    /// Lines that were read.
    pub lines: u64,
    /// Uses of services among them.
    pub matched: u64,
    /// Lines that were skipped.
    pub skipped: u64,
    /// The services that were used.
    pub services: Vec<SeenService>,
    /// Who used them, when and how much.
    pub uses: Vec<SeenUse>,
}

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRunTaken {
    /// Uses by service, day and client that were taken in.
    pub uses: u64,
    /// Those of them that could be put down to no unit.
    pub without_unit: u64,
    /// Units and persons that the list of clients names and that are not known here, at most
    /// [`UNKNOWN_MAX`].
    pub unknown: Vec<String>,
    /// Services for which a finding was opened, or opened again.
    pub found: Vec<String>,
}

/// Most names that an answer calls unknown.
pub const UNKNOWN_MAX: usize = 20;
