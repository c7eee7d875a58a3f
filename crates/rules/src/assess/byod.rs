//! Devices that are not issued: the officer who answers for their safeguards.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::id::UnitId;
use sekisho_domain::role::Role;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::part::Part;

/// The check that an officer is appointed.
pub(super) const OFFICER: &str = "CK-TMO";

/// Whether a device-management officer (端末管理責任者) is in office for every unit whose people
/// use devices of their own.
pub(super) fn officer(ground: &Ground<'_>) -> Part {
    let world = ground.world;
    let units: BTreeSet<UnitId> = world
        .devices
        .iter()
        .filter(|device| device.class == DeviceClass::Byod && device.state == DeviceState::Active)
        .map(|device| device.unit)
        .collect();
    if units.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("row.no-subjects"));
    }
    let offices: Vec<UnitId> = world
        .appointments
        .values()
        .filter(|appointment| world.holds(appointment, ground.now))
        .filter_map(|appointment| world.posts.get(&appointment.post))
        .filter(|post| post.roles.contains(&Role::Tmo))
        .map(|post| post.unit)
        .collect();
    let covered = |unit: &UnitId| {
        offices
            .iter()
            .any(|office| world.unit_is_within(*unit, *office, ground.now))
    };
    let with = units.iter().filter(|unit| covered(unit)).count();
    let without = units.len() - with;
    let counts = Counts {
        pass: u32::try_from(with).unwrap_or(u32::MAX),
        fail: u32::try_from(without).unwrap_or(u32::MAX),
        ..Counts::default()
    };
    let reason = if without > 0 {
        Reason::new("tmo.missing")
            .with("n", without)
            .with("units", units.len())
    } else {
        Reason::new("tmo.appointed").with("n", units.len())
    };
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part.evidence.push(Evidence {
        source: "register:appointments".to_owned(),
        at: world.recorded_at,
        digest: None,
    });
    part
}
