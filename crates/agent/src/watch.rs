//! Whether anything has changed since the last report, by sources that cost little to look at.
//!
//! Once a minute: when some files were last changed, and the facts on which access rests first
//! and that are read in a moment. The rest comes with the regular report.

use sekisho_domain::fact::FactKind;
use sekisho_domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::collect;
use crate::host::Host;

/// Files and folders whose change may change a fact.
const FILES: &[&str] = &[
    "/etc/os-release",
    "/etc/machine-id",
    "/var/lib/dpkg/status",
    "/var/lib/rpm/rpmdb.sqlite",
    "/lib/apk/db/installed",
    "/var/lib/apt/lists",
    "/etc/apt/apt.conf.d",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d",
    "/etc/crypttab",
    "/etc/dconf/db",
    "/etc/NetworkManager/system-connections",
    "/run/reboot-required",
    "/var/run/reboot-required",
];

/// Facts that are read in a moment.
const FACTS: [FactKind; 5] = [
    FactKind::Kernel,
    FactKind::Firewall,
    FactKind::Listening,
    FactKind::DiskEncryption,
    FactKind::ScreenLock,
];

/// A digest of what was seen at a glance. Nothing of it leaves the device or is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance([u8; 32]);

/// Looks.
#[must_use]
pub fn glance(host: &Host, now: Timestamp) -> Glance {
    let mut digest = Sha256::new();
    for file in FILES {
        let changed = host.modified(file).ok().map(Timestamp::as_millis);
        digest.update(format!("{file} {changed:?}\n"));
    }
    for kind in FACTS {
        let observed = collect::one(host, now, kind);
        // Without the time of looking, which always differs.
        let told = serde_json::to_vec(&(&observed.seen, &observed.partial));
        digest.update(told.unwrap_or_default());
    }
    Glance(digest.finalize().into())
}
