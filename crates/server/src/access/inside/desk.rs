//! What is held in memory of devices at internal lines.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use sekisho_domain::admission::AdmissionRecord;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_rules::decide::Whereabouts;
use sekisho_store::observations::NewAdmission;
use sekisho_store::{Observations, StoreError};

use super::connection::{Connection, Place};
use super::past::Past;
use super::secrets::SwitchSecrets;

/// Most admissions that wait to be stored.
pub(super) const WAITING_MAX: usize = 65_536;

/// How often something went into the ledger, and what has come since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) recorded_at: Timestamp,
    pub(super) times: u32,
    pub(super) first_at: Timestamp,
    pub(super) last_at: Timestamp,
}

/// A connection that a switch is being asked to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// Since when it stands: one that took its place is another one.
    pub(super) since: Timestamp,
    /// Whether the switch told meanwhile that it is over.
    pub(super) told_over: bool,
}

#[derive(Default)]
pub(super) struct Held {
    pub(super) whereabouts: HashMap<DeviceId, Whereabouts>,
    /// Devices of which it is not stored yet up to when they were shown inside.
    pub(super) shown: HashSet<DeviceId>,
    /// When that was stored last.
    pub(super) shown_stored_at: Timestamp,
    pub(super) connections: HashMap<String, Connection>,
    /// Those of them that switches are being asked to end, by the same keys.
    pub(super) ending: HashMap<String, Ending>,
    /// What is remembered of those that ended.
    pub(super) past: Past,
    /// Keys of connections that are to be stored or removed.
    pub(super) moved: HashSet<String>,
    pub(super) rows: Vec<NewAdmission>,
    /// By the record without its count and times.
    pub(super) of_record: HashMap<AdmissionRecord, Tally>,
    pub(super) lost: u64,
    /// Which device has the key that certificates call so.
    pub(super) identifiers: HashMap<[u8; 20], DeviceId>,
    /// How many events the World had when they were looked up.
    pub(super) identified_at: Option<u64>,
}

/// The desk.
#[derive(Default)]
pub struct InsideDesk {
    held: Mutex<Held>,
    secrets: RwLock<SwitchSecrets>,
}

impl InsideDesk {
    /// Takes up what was stored. What cannot be read is as if it had never been: the device counts as
    /// having been outside, and a connection is asked about anew.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn load(&self, observations: &Observations) -> Result<(), StoreError> {
        let mut held = self.held();
        for (device, stored) in observations.whereabouts()? {
            if let (Ok(device), Ok(it)) = (device.parse(), serde_json::from_str(&stored)) {
                held.whereabouts.insert(device, it);
            }
        }
        for (key, stored) in observations.line_sessions()? {
            if let Ok(it) = serde_json::from_str(&stored) {
                held.connections.insert(key, it);
            }
        }
        Ok(())
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the secrets in place by which switches know this server.
    pub fn put_secrets(&self, secrets: SwitchSecrets) {
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    pub(super) fn secrets(&self) -> SwitchSecrets {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        secrets.clone()
    }

    /// The connections that stand now.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.held().connections.values().cloned().collect()
    }

    /// Those of them that something let on that has ended.
    pub(super) fn over(&self, now: Timestamp) -> Vec<Connection> {
        let held = self.held();
        let all = held.connections.values();
        all.filter(|it| it.is_over(now)).cloned().collect()
    }

    /// Notes when what a connection rests on ends, where it stands exactly as it was seen.
    pub(super) fn note_end(&self, known: &Connection, ends_at: Option<Timestamp>) {
        if known.ends_at == ends_at {
            return;
        }
        let mut held = self.held();
        let key = known.place.key();
        let standing = held.connections.get_mut(&key);
        if let Some(standing) = standing.filter(|it| **it == *known) {
            standing.ends_at = ends_at;
            held.moved.insert(key);
        }
    }

    /// Whether a device stood at a place by something that is over.
    pub(super) fn has_run_out(&self, device: DeviceId, place: &Place, now: Timestamp) -> bool {
        let held = self.held();
        let known = held.connections.get(&place.key());
        known.is_some_and(|it| it.device == device && it.has_run_out(now))
    }

    /// Whether a connection stands exactly as it was seen.
    pub(super) fn holds(&self, known: &Connection) -> bool {
        let held = self.held();
        held.connections.get(&known.place.key()) == Some(known)
    }

    /// Notes that a switch is about to be asked to end a connection, where that stands exactly as it was seen; says whether
    /// it does. What comes of it is told by [`App::note_ended`](crate::app::App::note_ended), also where the switch tells of
    /// the end before it answers.
    pub(super) fn begin_ending(&self, known: &Connection) -> bool {
        let mut held = self.held();
        let key = known.place.key();
        let stands = held.connections.get(&key) == Some(known);
        if stands {
            let ending = Ending {
                since: known.since,
                told_over: false,
            };
            held.ending.insert(key, ending);
        }
        stands
    }

    /// Whether a device stands in the very connection that a switch names: so the switch did not see its cable pulled
    /// since. Of one that it does not name when it asks nobody knows that.
    pub(super) fn stands(&self, device: DeviceId, place: &Place) -> bool {
        let held = self.held();
        let known = held.connections.get(&place.key());
        place.session.is_some()
            && known.is_some_and(|it| it.device == device && it.place.session == place.session)
    }

    /// When a device was last let onto a line, or known to be at one.
    pub(super) fn inside_at(&self, device: DeviceId) -> Option<Timestamp> {
        self.held().whereabouts.get(&device)?.inside_at
    }

    /// How many admissions could not be kept.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.held().lost
    }
}
