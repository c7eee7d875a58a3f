//! Restoring a backup into an empty folder.

use std::fs;
use std::path::Path;

use super::manifest::{FileEntry, Manifest};
use super::{DATA_FILES, KEY_FILES, KEY_FILES_WITH_ACME};
use crate::accounts::Accounts;
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::folder::DataFolder;
use crate::keyring::{Forgotten, ForgottenList, MasterKind, people};
use crate::observations::Observations;

/// Who has been forgotten since the backup was taken.
#[derive(Debug, Clone, Copy)]
pub enum ForgottenSource<'a> {
    /// The list kept outside the machine.
    List(&'a Path),
    /// The operator states that nobody was forgotten since.
    NobodySince,
}

/// What to restore, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Restore<'a> {
    /// The data folder of the backup.
    pub data: &'a Path,
    /// The keys folder of the same backup.
    pub keys: &'a Path,
    /// Who was forgotten since; without an answer nothing is restored.
    pub forgotten: Option<ForgottenSource<'a>>,
    /// A new or empty folder.
    pub target: &'a Path,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was taken, milliseconds since the epoch.
    pub created_at: i64,
    /// Entries of the ledger.
    pub ledger_size: u64,
    /// What kind of master key the folder needs; a file must be put back as `keys/master.key`.
    pub master: MasterKind,
    /// How many persons are forgotten in the restored folder.
    pub forgotten: usize,
}

/// Restores a backup.
///
/// Until it is whole the folder carries `restore.pending` and nothing opens it; after an error
/// remove the folder and restore again.
///
/// # Errors
/// `forgotten-list-required`, `forgotten-list-malformed`, `target-not-empty`, `manifest-missing`,
/// `manifest-mismatch`, `keys-mismatch`, and the codes of files and databases.
pub fn restore(job: &Restore<'_>) -> Result<Restored> {
    let since = match job.forgotten {
        Some(ForgottenSource::List(path)) => ForgottenList::read(path)?,
        Some(ForgottenSource::NobodySince) => ForgottenList::default(),
        None => return Err(StoreError::at(StoreCode::ForgottenListRequired, job.target)),
    };
    let data = Manifest::read(job.data)?;
    let keys = Manifest::read(job.keys)?;
    data.require_files(job.data, &[&DATA_FILES])?;
    keys.require_files(job.keys, &[&KEY_FILES, &KEY_FILES_WITH_ACME])?;
    if data.backup_id != keys.backup_id {
        return Err(StoreError::at(StoreCode::KeysMismatch, job.keys));
    }
    verify(job.data, &data)?;
    verify(job.keys, &keys)?;
    if job.target.exists() {
        files::require_empty(job.target)?;
    }

    let folder = DataFolder::for_restore(job.target)?;
    files::write_new(&folder.restore_pending(), data.backup_id.as_bytes())?;
    folder.make_subfolders()?;
    copy(job.data, &data, folder.root())?;
    copy(job.keys, &keys, &folder.keys())?;
    let forgotten = forget(&folder, &since)?;
    files::write_new(&folder.targets_held(), data.backup_id.as_bytes())?;
    let mark = folder.restore_pending();
    fs::remove_file(&mark).map_err(|e| StoreError::io(&mark, e))?;
    files::sync_folder(folder.root())?;
    Ok(Restored {
        created_at: data.created_at,
        ledger_size: data.ledger_size,
        master: data.master,
        forgotten,
    })
}

/// Compares every file with the manifest before anything is written.
fn verify(folder: &Path, manifest: &Manifest) -> Result<()> {
    for entry in &manifest.files {
        same(entry, folder, files::hash_file(&folder.join(&entry.name)))?;
    }
    Ok(())
}

/// Copies the files, comparing what is copied once more: it is these bytes that will be served.
fn copy(from: &Path, manifest: &Manifest, to: &Path) -> Result<()> {
    for entry in &manifest.files {
        let copied = files::copy_hashed(&from.join(&entry.name), &to.join(&entry.name));
        same(entry, from, copied)?;
    }
    files::sync_folder(to)
}

fn same(entry: &FileEntry, folder: &Path, found: Result<(u64, [u8; 32])>) -> Result<()> {
    let mismatch = || StoreError::at(StoreCode::ManifestMismatch, folder.join(&entry.name));
    match found {
        Ok(found) if FileEntry::new(&entry.name, found) == *entry => Ok(()),
        Ok(_) => Err(mismatch()),
        Err(error) if error.kind() == StoreCode::NotFound => Err(mismatch()),
        Err(error) => Err(error),
    }
}

/// Applies the backup's own list and today's: keys, accounts and sign-ins go.
fn forget(folder: &DataFolder, since: &ForgottenList) -> Result<usize> {
    let mut forgotten = Forgotten::open(&folder.keys())?;
    forgotten.add(since.iter())?;
    let list = forgotten.list();
    let mut keys = people::open_database(&folder.keys().join(people::FILE))?;
    people::destroy(&mut keys, list)?;
    let gone = Accounts::open(&folder.accounts())?.apply_forgotten(list)?;
    let observations = Observations::open(&folder.observations())?;
    for account in gone {
        observations.forget_sign_ins(&account)?;
    }
    Ok(list.len())
}
