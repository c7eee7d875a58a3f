//! A connection at a switch, as it stands.

use core::net::Ipv4Addr;

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId};
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a device is connected, as the switch names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The switch or access point.
    pub switch: Ipv4Addr,
    /// Its port.
    pub port: Option<String>,
    /// The hardware address that it sees.
    pub station: Option<String>,
    /// Its name for the connection (Acct-Session-Id).
    pub session: Option<String>,
}

impl Place {
    /// By what a connection is known: there is one for each hardware address at a port.
    #[must_use]
    pub fn key(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{}|{}|{}",
            self.switch,
            part(&self.port),
            part(&self.station)
        )
    }
}

/// A device that was let onto a line, or into its quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which device.
    pub device: DeviceId,
    /// In whose name it was asked; none where a shared device is there by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which line.
    pub line: LineId,
    /// Admitted or quarantined.
    pub outcome: AdmissionOutcome,
    /// Where.
    pub place: Place,
    /// The permission that it rests on.
    pub permit: Option<PermitId>,
    /// Since when.
    pub since: Timestamp,
}

/// That a connection ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Where it was.
    pub place: Place,
}
