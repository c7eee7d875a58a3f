//! What the decision point answered, as far as it is a matter of record: refusals, and access by
//! those who administer what they reach.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, PersonId};
use crate::permit::Place;
use crate::register::EntryId;
use crate::time::Timestamp;

/// Equal answers to equal questions, as one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// Who asked.
    pub person: PersonId,
    /// With which device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The system or line.
    pub resource: EntryId,
    /// From where.
    pub place: Place,
    /// Whether it was allowed; that is recorded of privileged access only.
    pub allowed: bool,
    /// The rules that forbade it, or could not be evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// How often it was asked between the two times.
    pub times: u32,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

/// Most records of one command.
pub const ACCESS_RECORDS_MAX: usize = 256;
