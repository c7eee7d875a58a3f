//! How many devices stand how, by the recorded results.

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceState, StateSource};
use sekisho_domain::world::World;

/// Devices that are not retired, by the gravest recorded result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Tally {
    pub(in crate::http) failing: u32,
    pub(in crate::http) unknown: u32,
    pub(in crate::http) sound: u32,
}

impl Tally {
    pub(in crate::http) const fn all(&self) -> u32 {
        self.failing + self.unknown + self.sound
    }
}

/// Counts by sets, not by devices: this is asked for by every page.
pub(in crate::http) fn devices(world: &World) -> Tally {
    // The places run without gaps, and few are retired: taking those away is quicker than gathering
    // all the others.
    let mut in_use = RoaringBitmap::new();
    in_use.insert_range(0..u32::try_from(world.devices.len()).unwrap_or(u32::MAX));
    let all = world.devices.iter();
    let (mut declared, none) = (RoaringBitmap::new(), RoaringBitmap::new());
    for device in all {
        if device.state == DeviceState::Retired {
            in_use.remove(device.ordinal);
        }
        if device.source == StateSource::Declared {
            declared.insert(device.ordinal);
        }
    }
    let mut failing = RoaringBitmap::new();
    let mut sound = in_use.clone();
    for check in DeviceCheck::ALL {
        let of = |outcome| world.checks.get(&check).and_then(|sets| sets.get(&outcome));
        if let Some(set) = of(Outcome::Fail) {
            failing |= set;
        }
        // Of a telephone only that is asked which its user can tell.
        let spared = if check.is_declarable() {
            &none
        } else {
            &declared
        };
        match of(Outcome::Pass) {
            Some(set) => sound &= set | spared,
            None => sound &= spared,
        }
    }
    failing &= &in_use;
    let count = |set: &RoaringBitmap| u32::try_from(set.len()).unwrap_or(u32::MAX);
    let (failing, sound) = (count(&failing), count(&sound));
    Tally {
        failing,
        sound,
        unknown: count(&in_use).saturating_sub(failing + sound),
    }
}
