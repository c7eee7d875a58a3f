//! Platforms of devices: product and major version as the inventory has them, and as registers say of devices
//! that no inventory tells of.

use std::collections::HashSet;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::code::Param;
use sekisho_domain::device::DeviceState;
use sekisho_domain::fact::{FactKind, FactValue, Seen};
use sekisho_domain::fold;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::{ByodDevice, EntryId, IssuedDevice};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::trigger::Usage;
use sekisho_store::StoreError;

use crate::app::App;
use crate::assessor::first_fact;

/// The first number of a version: `12` of `12.7`, `11` of `11-25h2-e`; none where it has no number.
pub(super) fn major(version: &str) -> Option<&str> {
    let start = version.find(|c: char| c.is_ascii_digit())?;
    let rest = &version[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit());
    Some(&rest[..end.unwrap_or(rest.len())])
}

/// A platform as it is compared: spelled as a register's `Windows 11` is, whoever tells of it.
fn platform(product: &str, version: &str) -> String {
    fold::search(&format!("{product} {}", major(version).unwrap_or_default()))
}

/// What the newest result says that a device runs; the reason of every result that looked at it names it.
fn judged(posture: &Posture, device: DeviceId, now: Timestamp) -> Option<String> {
    let standing = posture.standing(device, DeviceCheck::OsSupported, now);
    let Standing::Fresh(_, reason, _) = standing else {
        return None;
    };
    let text = |name: &str| match reason.params.get(name) {
        Some(Param::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    Some(platform(text("product")?, text("version")?))
}

/// What a device last said that it runs.
fn said(app: &App, device: DeviceId) -> Result<Option<String>, StoreError> {
    let fact = first_fact(app, device, FactKind::OsRelease)?;
    Ok(match fact.map(|it| it.observation.seen) {
        Some(Seen::Value(FactValue::OsRelease(os))) => Some(platform(&os.product, &os.version)),
        _ => None,
    })
}

/// What registers say of devices, by entry.
fn registered(world: &World) -> Vec<(EntryId, String)> {
    let issued = world.registers.nouns::<IssuedDevice>();
    let issued = issued.map(|(entry, device)| (entry, device.os.as_ref()));
    let byod = world.registers.nouns::<ByodDevice>();
    let byod = byod.map(|(entry, device)| (entry, device.os.as_ref()));
    issued
        .chain(byod)
        .filter(|(entry, _)| entry.is_active())
        .filter_map(|(entry, os)| Some((entry.id, fold::search(os?.as_str()))))
        .collect()
}

pub(super) fn read(app: &App, usage: &mut Usage) -> Result<(), StoreError> {
    let now = usage.at;
    let (active, registered) = {
        let world = app.world();
        let devices = world.devices.iter();
        let active = devices.filter(|it| it.state == DeviceState::Active);
        let active: Vec<DeviceId> = active.map(|it| it.id).collect();
        (active, registered(&world))
    };
    let judged: Vec<Option<String>> = {
        let posture = app.posture();
        let judged = active.iter().map(|it| judged(&posture, *it, now));
        judged.collect()
    };
    let mut told = HashSet::new();
    for (device, judged) in active.into_iter().zip(judged) {
        let platform = match judged {
            Some(platform) => Some(platform),
            None => said(app, device)?,
        };
        if let Some(platform) = platform {
            told.insert(device);
            usage.functions.insert(format!("platform:{platform}"));
        }
    }
    for (entry, os) in registered {
        let is_told = matches!(entry, EntryId::Device(device) if told.contains(&device));
        if !is_told {
            usage.functions.insert(format!("platform:{os}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{major, platform};

    #[test]
    fn a_platform_is_product_and_major_version_however_it_is_spelled() {
        for (product, version, expected) in [
            ("debian", "12", "debian12"),
            ("rhel", "9.4", "rhel9"),
            ("windows", "11-25h2-e", "windows11"),
            ("arch", "", "arch"),
        ] {
            assert_eq!(platform(product, version), expected);
        }
        assert_eq!(
            platform("windows", "11-24h2"),
            sekisho_domain::fold::search("Windows　１１")
        );
        assert_eq!(major("5.17.1 (1234)"), Some("5"));
        assert_eq!(major("version"), None);
    }
}
