//! Admissions of devices at internal lines, as far as they are a matter of record (8.1.1(3)(c)(i)(j)).
//!
//! A hundred thousand devices join every day; that is kept as observations. The ledger holds what went
//! otherwise, and what rests on a permission to join again.

use core::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, LineId, PermitId, PersonId};
use crate::name::Line;
use crate::time::Timestamp;

crate::choice! {
    /// What became of a device at an internal line.
    pub enum AdmissionOutcome {
        /// It was let onto the line.
        Admitted = "admitted",
        /// It reaches nothing but what it is inspected and put in order by.
        Quarantined = "quarantined",
        /// It was let nowhere.
        Refused = "refused",
        /// It was there, and its connection was ended because something changed.
        Disconnected = "disconnected",
        /// It was there, and its connection was to be ended, and the switch did not do it.
        Stuck = "stuck",
        /// It left by itself.
        Left = "left",
    }
}

impl AdmissionOutcome {
    /// Whether the ledger holds it whatever it rests on.
    #[must_use]
    pub const fn is_of_record(self) -> bool {
        !matches!(self, Self::Admitted | Self::Left)
    }
}

/// Equal outcomes of one device at one place, as one record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AdmissionRecord {
    /// Which device, where its certificate names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// In whose name it was asked: the user's, by the register or by a permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which line, where the switch belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// What became of it.
    pub outcome: AdmissionOutcome,
    /// The switch or access point.
    pub switch: Ipv4Addr,
    /// Its port, as it names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Line>,
    /// The permission to join again that it rests on (PR).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<PermitId>,
    /// What was missing, by stable codes: `permit.pr`, `posture.inspection`, `device.retired`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// How often between the two times.
    pub times: u32,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

impl AdmissionRecord {
    /// Whether it goes into the ledger.
    #[must_use]
    pub const fn is_of_record(&self) -> bool {
        self.outcome.is_of_record() || self.permit.is_some()
    }
}

/// Most records of one command.
pub const ADMISSION_RECORDS_MAX: usize = 256;
