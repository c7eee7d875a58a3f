//! When devices last failed a check, for findings over a period.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::World;
use crate::check::{DeviceCheck, Outcome};
use crate::time::Timestamp;

/// The end of the last failing stretch, by check and ordinal of the device. Devices that never
/// failed, and those that fail still for the first time, are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFailures(BTreeMap<DeviceCheck, BTreeMap<u32, Timestamp>>);

impl PastFailures {
    /// A failing stretch of some devices ended.
    pub(super) fn ended(&mut self, check: DeviceCheck, devices: &RoaringBitmap, at: Timestamp) {
        if !devices.is_empty() {
            let ends = self.0.entry(check).or_default();
            ends.extend(devices.iter().map(|ordinal| (ordinal, at)));
        }
    }

    /// When the last failing stretch of a device ended.
    #[must_use]
    pub fn last(&self, check: DeviceCheck, ordinal: u32) -> Option<Timestamp> {
        self.0.get(&check)?.get(&ordinal).copied()
    }
}

impl World {
    /// The devices, by ordinal, that the ledger has as failing a check at any time from an instant
    /// on, those that fail still included.
    #[must_use]
    pub fn failed_since(&self, check: DeviceCheck, from: Timestamp) -> RoaringBitmap {
        let still = self.checks.get(&check).and_then(|o| o.get(&Outcome::Fail));
        let mut failed = still.cloned().unwrap_or_default();
        if let Some(ends) = self.past_failures.0.get(&check) {
            failed.extend(
                ends.iter()
                    .filter(|(_, until)| **until >= from)
                    .map(|(ordinal, _)| *ordinal),
            );
        }
        failed
    }
}
