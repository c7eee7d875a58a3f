//! A folder that cannot be written, read as it lies: nothing is locked and nothing recorded.

use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::access::AccessEvidence;
use sekisho_store::keyring::{Keyring, MasterSource};
use sekisho_store::sqlite::ledger::{Access, LedgerStore};
use sekisho_store::{DataFolder, Observations};

use super::clock::{TimeSource, TrustedClock};
use super::keys;
use super::open::{OpenError, load_posture, replay};
use super::{known_head, snapshot};
use crate::access::read_access;
use crate::service_use::blind::Looked;

/// What a folder says at the moment of reading.
pub struct Reading {
    /// The World that the ledger gives.
    pub world: World,
    /// The results of checks.
    pub posture: Posture,
    /// What rows on access rest on.
    pub access: AccessEvidence,
    /// The time by which freshness is judged; never behind the newest record.
    pub now: Timestamp,
    /// The ledger.
    pub ledger: LedgerStore,
}

impl Reading {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`OpenError`]; `read-only` where a write-ahead log was left behind that only a writer can
    /// fold in.
    pub fn of(
        folder: &DataFolder,
        master: &MasterSource,
        time: Box<dyn TimeSource>,
    ) -> Result<Self, OpenError> {
        let ledger = LedgerStore::open(&folder.ledger(), Access::Read)?;
        let keyring = Keyring::open(folder, master, time.wall())?;
        known_head::check(folder, &ledger, &keys::history(&keyring)?)?;
        let mut world = snapshot::read(folder, &ledger).unwrap_or_default();
        replay(&ledger, &mut world, &mut |_| {}, None)?;
        let observations = Observations::open_to_read(&folder.observations())?;
        let posture = load_posture(&observations, &world)?;
        let newest = (world.events > 0).then_some(world.recorded_at);
        let now = TrustedClock::new(time, newest).now();
        let mut access = read_access(&observations, &world, now)?;
        let blind = Looked::default().now(&observations, folder.root(), &world);
        access.services_mut().look(blind);
        Ok(Self {
            world,
            posture,
            access,
            now,
            ledger,
        })
    }
}
