//! Taking a backup while the server runs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::manifest::{FileEntry, Manifest};
use super::{DATA_FILES, KEY_FILES, KEY_FILES_WITH_ACME, LEDGER};
use crate::db;
use crate::entropy;
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::folder::DataFolder;
use crate::keyring::master::hex;
use crate::keyring::{acme, people, system};
use crate::sqlite::ledger::{Access, LedgerStore};

/// What to back up, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Backup<'a> {
    /// The data folder; it may be in use.
    pub folder: &'a DataFolder,
    /// A new or empty folder for ledger, observations and accounts.
    pub data: &'a Path,
    /// Another new or empty folder for the wrapped keys, not inside the first.
    pub keys: &'a Path,
    /// When, milliseconds since the epoch.
    pub now: i64,
}

/// Takes a backup and returns the manifest of its data.
///
/// The ledger is copied after the tables beside it and the keys after the ledger: whatever an
/// entry refers to is then in the backup too.
///
/// # Errors
/// `target-not-empty`, `bad-input` when one target lies in the other or in the data folder,
/// `disk-full`, `corrupt` when a database is damaged, and the other codes of files and databases.
/// What was written until then is removed.
pub fn backup(job: &Backup<'_>) -> Result<Manifest> {
    let data = Target::prepare(job.data)?;
    let keys = Target::prepare(job.keys)?;
    let (d, k, f) = (data.resolved()?, keys.resolved()?, job.folder.root());
    let overlaps = |a: &Path, b: &Path| a.starts_with(b) || b.starts_with(a);
    if overlaps(&d, &k) || d.starts_with(f) || k.starts_with(f) {
        return Err(StoreError::at(StoreCode::BadInput, job.keys));
    }
    let id = hex(&entropy::bytes::<16>()?);
    let stored = system::read_stored(&job.folder.keys().join(system::FILE))?;
    let sources = [
        job.folder.observations(),
        job.folder.accounts(),
        job.folder.ledger(),
    ];
    let mut entries = Vec::new();
    for (name, source) in DATA_FILES.into_iter().zip(sources) {
        entries.push(data.database(&source, name)?);
    }
    let size = LedgerStore::open(&data.path.join(LEDGER), Access::Read)?.size()?;
    let manifest = |files| Manifest::new(&id, job.now, size, stored.master, files);
    let data_manifest = manifest(entries);

    let from = job.folder.keys();
    // Last the list: it then names everyone whose key the copy of the database lacks.
    let mut entries = Vec::new();
    // Before the keys, so that what seals it is among them.
    if from.join(acme::FILE).exists() {
        entries.push(keys.file(&from, acme::FILE)?);
    }
    entries.push(keys.database(&from.join(people::FILE), KEY_FILES[0])?);
    entries.push(keys.file(&from, KEY_FILES[1])?);
    entries.push(keys.file(&from, KEY_FILES[2])?);
    let keys_manifest = manifest(entries);

    data_manifest.write(&data.path)?;
    keys_manifest.write(&keys.path)?;
    data.keep();
    keys.keep();
    Ok(data_manifest)
}

/// A folder being filled; emptied again when dropped before [`Target::keep`].
struct Target {
    path: PathBuf,
    kept: std::cell::Cell<bool>,
}

impl Target {
    fn prepare(path: &Path) -> Result<Self> {
        files::make_folder(path)?;
        files::require_empty(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            kept: std::cell::Cell::new(false),
        })
    }

    fn resolved(&self) -> Result<PathBuf> {
        fs::canonicalize(&self.path).map_err(|e| StoreError::io(&self.path, e))
    }

    /// Copies a database as one consistent state, without the remains of deleted rows.
    fn database(&self, source: &Path, name: &'static str) -> Result<FileEntry> {
        let target = self.path.join(name);
        let text = target
            .to_str()
            .ok_or_else(|| StoreError::at(StoreCode::BadInput, &target))?;
        if !source.exists() {
            return Err(StoreError::at(StoreCode::NotFound, source));
        }
        files::write_new(&target, b"")?;
        let conn = db::open_reader(source, name)?;
        db::require_whole_pages(&conn, source, name)?;
        conn.execute("VACUUM INTO ?1", [text])
            .map_err(|e| StoreError::sql(name, e))?;
        // SQLite does not sync what VACUUM INTO wrote.
        File::open(&target)
            .and_then(|f| f.sync_all())
            .map_err(|e| StoreError::io(&target, e))?;
        Ok(FileEntry::new(name, files::hash_file(&target)?))
    }

    fn file(&self, from: &Path, name: &str) -> Result<FileEntry> {
        Ok(FileEntry::new(
            name,
            files::copy_hashed(&from.join(name), &self.path.join(name))?,
        ))
    }

    fn keep(&self) {
        self.kept.set(true);
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.kept.get() {
            return;
        }
        for name in DATA_FILES
            .into_iter()
            .chain(KEY_FILES_WITH_ACME)
            .chain([super::MANIFEST])
        {
            // Best effort: without its manifest the folder is no backup anyway.
            let _ = fs::remove_file(self.path.join(name));
        }
    }
}
