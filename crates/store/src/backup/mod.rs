//! Backup and restore of a data folder.
//!
//! A backup is two folders that are kept apart: *data* (ledger, observations, accounts) and
//! *keys* (wrapped keys and the list of forgotten persons). Neither holds the master key, which
//! the operator keeps in a third place. Each folder has a manifest, written last, so that a backup
//! that was cut off is never taken for a whole one.
//!
//! A backup remembers persons who were forgotten after it was taken. Restoring therefore needs
//! today's list of forgotten persons, kept outside the machine, and applies it before the folder
//! may be served.

mod manifest;
mod restore;
mod take;

pub use manifest::{FileEntry, Manifest};
pub use restore::{ForgottenSource, Restore, Restored, restore};
pub use take::{Backup, backup};

/// What the data folder of a backup holds.
const DATA_FILES: [&str; 3] = ["observations.sqlite", "accounts.sqlite", LEDGER];

/// The ledger among them.
const LEDGER: &str = "ledger.sqlite";

/// What the keys folder of a backup holds.
const KEY_FILES: [&str; 3] = ["people.sqlite", "system.json", "forgotten"];

/// The same where certificates are ordered by ACME.
const KEY_FILES_WITH_ACME: [&str; 4] = [
    crate::keyring::acme::FILE,
    KEY_FILES[0],
    KEY_FILES[1],
    KEY_FILES[2],
];

/// Name of the manifest.
const MANIFEST: &str = "manifest.json";
