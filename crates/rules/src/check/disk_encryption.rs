//! Whether every writable volume and swap is encrypted.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{EncryptionLayer, FactKind, Volume, VolumeUse};

use super::facts::sight;
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::DiskEncryption];

/// What may stay in the clear: firmware has to read it before any key is there.
pub const PLAIN_ALLOWED: VolumeUse = VolumeUse::Boot;

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let disks = sight!(given, DiskEncryption)?;
    let kept: Vec<&Volume> = disks
        .value
        .volumes
        .iter()
        .filter(|volume| volume.used_for != PLAIN_ALLOWED)
        .collect();
    let with = |layer: EncryptionLayer| {
        let mut mounts: Vec<&str> = kept
            .iter()
            .filter(|volume| volume.layer == layer)
            .map(|volume| volume.mount.as_str())
            .collect();
        mounts.sort_unstable();
        mounts
    };
    let named = |code: &'static str, mounts: &[&str]| {
        Reason::new(code)
            .with("n", mounts.len())
            .with("first", mounts.first().copied().unwrap_or_default())
    };
    let plain = with(EncryptionLayer::None);
    if !plain.is_empty() {
        return Ok(Found::fail(named("disk.plain", &plain)));
    }
    let untraceable = with(EncryptionLayer::Unknown);
    if !untraceable.is_empty() {
        return Ok(Found::unknown(named("disk.untraceable", &untraceable)));
    }
    if kept.is_empty() {
        // A machine stores something somewhere: an empty list is a list that missed it.
        return Ok(Found::unknown(Reason::new("disk.nothing-stored")));
    }
    let reason = Reason::new("disk.encrypted").with("n", kept.len());
    Ok(Found::pass(reason).unless_hidden(disks.partial))
}
