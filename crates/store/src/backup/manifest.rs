//! The manifest of one folder of a backup.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::MANIFEST;
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::keyring::MasterKind;
use crate::keyring::master::hex;

/// The form of the manifest.
const FORMAT: &str = "sekisho-backup/1";

/// What one folder of a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form.
    pub format: String,
    /// Random; the same in the data and the keys of one backup.
    pub backup_id: String,
    /// When it was taken, milliseconds since the epoch.
    pub created_at: i64,
    /// Entries of the ledger in the backup.
    pub ledger_size: u64,
    /// What kind of master key opens the keys.
    pub master: MasterKind,
    /// The files.
    pub files: Vec<FileEntry>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl FileEntry {
    /// The entry of a file of this size and digest.
    pub(super) fn new(name: &str, (size, digest): (u64, [u8; 32])) -> Self {
        Self {
            name: name.to_owned(),
            size,
            sha256: hex(&digest),
        }
    }
}

impl Manifest {
    pub(super) fn new(
        backup_id: &str,
        created_at: i64,
        ledger_size: u64,
        master: MasterKind,
        files: Vec<FileEntry>,
    ) -> Self {
        let backup_id = backup_id.to_owned();
        Self {
            format: FORMAT.to_owned(),
            backup_id,
            created_at,
            ledger_size,
            master,
            files,
        }
    }

    /// Writes the manifest into `folder`, durably: with it the folder becomes a backup.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MANIFEST);
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|_| StoreError::at(StoreCode::BadValue, &path))?;
        files::write_new(&path, &bytes)
    }

    /// Reads the manifest of a folder of a backup.
    ///
    /// # Errors
    /// `manifest-missing`, `newer-version`, `manifest-mismatch` when it is damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        let bytes =
            files::read_bounded(&path, 1 << 20, StoreCode::ManifestMismatch).map_err(|error| {
                match error.kind() {
                    StoreCode::NotFound => StoreError::at(StoreCode::ManifestMissing, &path),
                    _ => error,
                }
            })?;
        let damaged = |_| StoreError::at(StoreCode::ManifestMismatch, &path);
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
        if value.get("format").is_some_and(|format| format != FORMAT) {
            return Err(StoreError::at(StoreCode::NewerVersion, &path));
        }
        serde_json::from_value(value).map_err(damaged)
    }

    /// Requires exactly the files named by one of these lists: no other name ever reaches the file
    /// system.
    pub(super) fn require_files(&self, folder: &Path, lists: &[&[&str]]) -> Result<()> {
        let listed: Vec<&str> = self.files.iter().map(|f| f.name.as_str()).collect();
        if !lists.contains(&listed.as_slice()) {
            return Err(StoreError::at(
                StoreCode::ManifestMismatch,
                folder.join(MANIFEST),
            ));
        }
        Ok(())
    }
}
