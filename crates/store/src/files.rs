//! Small file operations that survive a power cut: written, synced, renamed, folder synced.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Result, StoreCode, StoreError};

/// Mode of every secret file.
pub(crate) const FILE_MODE: u32 = 0o600;
/// Mode of every folder.
pub(crate) const FOLDER_MODE: u32 = 0o700;

/// Makes the folder and its parents; only the last gets the closed mode of a fresh folder.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|e| not_made(parent, e))?;
    }
    fs::DirBuilder::new()
        .mode(FOLDER_MODE)
        .create(path)
        .map_err(|e| not_made(path, e))?;
    sync_parent(path)
}

/// A folder that cannot be made. Where the system says that something is not there although all
/// that leads to it is, the place takes no folders (such as `/proc`).
fn not_made(path: &Path, error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::at(StoreCode::CannotMake, path),
        _ => StoreError::io(path, error),
    }
}

/// Refuses a disk on which less than `least` bytes are free for us.
pub(crate) fn require_room(folder: &Path, least: u64) -> Result<()> {
    let disk = rustix::fs::statvfs(folder).map_err(|e| StoreError::io(folder, e.into()))?;
    match disk.f_bavail.saturating_mul(disk.f_frsize) < least {
        true => Err(StoreError::at(StoreCode::NoRoom, folder)),
        false => Ok(()),
    }
}

/// Makes the names in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| StoreError::io(folder, e))
}

/// Makes the name of `path` durable.
pub(crate) fn sync_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Writes a new file; refuses an existing one.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|e| StoreError::io(path, e))?;
    sync_parent(path)
}

/// Replaces a file whole: after a power cut it has either the old or the new bytes.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let fresh = path.with_file_name(name);
    match fs::remove_file(&fresh) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(StoreError::io(&fresh, e)),
    }
    write_new(&fresh, bytes)?;
    fs::rename(&fresh, path).map_err(|e| StoreError::io(path, e))?;
    sync_parent(path)
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64, too_long: StoreCode) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|f| f.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|e| StoreError::io(path, e))?;
    if bytes.len() as u64 > limit {
        return Err(StoreError::at(too_long, path));
    }
    Ok(bytes)
}

/// Copies `from` to the new file `to`, synced, and returns size and SHA-256 of what was copied.
pub(crate) fn copy_hashed(from: &Path, to: &Path) -> Result<(u64, [u8; 32])> {
    let mut source = File::open(from).map_err(|e| StoreError::io(from, e))?;
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(to)
        .map_err(|e| StoreError::io(to, e))?;
    let digest = pump(&mut source, from, |chunk| {
        target.write_all(chunk).map_err(|e| StoreError::io(to, e))
    })?;
    target.sync_all().map_err(|e| StoreError::io(to, e))?;
    Ok(digest)
}

/// Size and SHA-256 of a file.
pub(crate) fn hash_file(path: &Path) -> Result<(u64, [u8; 32])> {
    let mut source = File::open(path).map_err(|e| StoreError::io(path, e))?;
    pump(&mut source, path, |_| Ok(()))
}

/// Reads `source` to its end in chunks, hashing and handing each on.
fn pump(
    source: &mut File,
    path: &Path,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<(u64, [u8; 32])> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = source
            .read(&mut buffer)
            .map_err(|e| StoreError::io(path, e))?;
        if n == 0 {
            return Ok((size, hash.finalize().into()));
        }
        hash.update(&buffer[..n]);
        size += n as u64;
        each(&buffer[..n])?;
    }
}

/// Refuses a folder that holds anything. `lost+found` is there when it is the root of a file system.
pub(crate) fn require_empty(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|e| StoreError::io(folder, e))?;
    for entry in entries {
        let name = entry.map_err(|e| StoreError::io(folder, e))?.file_name();
        if name != "lost+found" {
            return Err(StoreError::at(StoreCode::TargetNotEmpty, folder));
        }
    }
    Ok(())
}

/// Refuses a secret file that anyone but its owner may read.
pub(crate) fn require_private(path: &Path) -> Result<()> {
    let meta = fs::metadata(path).map_err(|e| StoreError::io(path, e))?;
    if meta.mode() & 0o077 != 0 {
        return Err(StoreError::at(StoreCode::TooOpen, path));
    }
    Ok(())
}
