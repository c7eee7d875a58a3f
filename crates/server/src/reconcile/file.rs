//! Delivery into a folder: `checkpoint-SIZE`, `latest`, `key` and `forgotten`, each written whole.
//!
//! Before anything is replaced, what already lies there is compared with this ledger. A folder
//! that knows more than the ledger, or something else, is evidence: it is reported, not touched.
//! Older checkpoints are thinned out after a delivery, see [`prune`].

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sekisho_ledger::checkpoint::CHECKPOINT_MAX;
use sekisho_ledger::keys::CheckpointKeys as _;
use sekisho_ledger::tree;
use sekisho_store::keyring::ForgottenList;

use super::failure::Failure;
use super::prune;
use crate::app::{App, Head};

/// A checkpoint and a verifier key are meant to be read by others.
const MODE: u32 = 0o644;

/// Writes the checkpoint into `folder`, which exists.
///
/// # Errors
/// `checkpoint.target-foreign`, `-ahead`, `-differs`, `checkpoint.forgotten-ahead`, and the
/// store's codes of paths.
pub(super) fn deliver(app: &App, folder: &Path, head: &Head) -> Result<(), Failure> {
    compare(app, folder, head)?;
    let forgotten = folder.join("forgotten");
    compare_forgotten(app, &forgotten)?;
    let text = head.checkpoint.as_bytes();
    keep(&folder.join("key"), app.verifiers().to_string().as_bytes())?;
    app.people().export_forgotten(&forgotten)?;
    keep(&folder.join(prune::name(head.size)), text)?;
    // Last: whoever sees the new `latest` finds the rest in place.
    keep(&folder.join("latest"), text)?;
    // The checkpoint is out; a folder that lets nothing be removed only grows.
    match prune::prune(folder) {
        Ok(0) => {}
        Ok(removed) => tracing::debug!(removed, "older checkpoints were removed"),
        Err(failure) => tracing::warn!(
            code = failure.code,
            detail = failure.detail,
            "older checkpoints could not be removed"
        ),
    }
    Ok(())
}

/// Holds the newest checkpoint in the folder against this ledger.
fn compare(app: &App, folder: &Path, head: &Head) -> Result<(), Failure> {
    let path = folder.join("latest");
    let limit = u64::try_from(CHECKPOINT_MAX).unwrap_or(u64::MAX);
    let Some(there) = read_bounded(&path, limit)? else {
        return Ok(());
    };
    let failure = |code: &str| Failure::new(code, path.display());
    let kept = app
        .verifiers()
        .opened(&there)
        .map_err(|_| failure("checkpoint.target-foreign"))?
        .checkpoint;
    if kept.size > head.size {
        return Err(failure("checkpoint.target-ahead"));
    }
    let store = app.open_ledger()?;
    let view = store.view()?;
    if tree::root(&view, kept.size)? != kept.root {
        return Err(failure("checkpoint.target-differs"));
    }
    Ok(())
}

/// A list outside that names a person whom this folder has not forgotten means that an older
/// backup was restored: the outer list is the truth and is not replaced.
fn compare_forgotten(app: &App, path: &Path) -> Result<(), Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::io(path, error)),
        Ok(_) => {}
    }
    let there = ForgottenList::read(path)?;
    let all = there
        .iter()
        .all(|(person, _)| app.people().is_forgotten(person));
    if all {
        return Ok(());
    }
    Err(Failure::new("checkpoint.forgotten-ahead", path.display()))
}

/// Puts `bytes` at `path` unless they are there already.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read_bounded(path, limit).is_ok_and(|there| there.as_deref() == Some(bytes)) {
        return Ok(());
    }
    replace(path, bytes)
}

/// Replaces a file whole: after a power cut it has either the old or the new bytes.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let fresh = path.with_file_name(name);
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(Failure::io(&fresh, error));
        }
        _ => {}
    }
    let write = || {
        // A new name and not an existing file: others may be able to put a link there.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        path.parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(|error| {
        // Half a file helps nobody and may hold the last free block.
        let _ = fs::remove_file(&fresh);
        Failure::io(path, error)
    })
}

/// The bytes of a file, or nothing where there is none; longer files than `limit` are cut one
/// byte behind it, so that they equal nothing of that length.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io(path, error)),
    };
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::io(path, error))?;
    Ok(Some(bytes))
}
