//! Files that only their owner reads: written so that a crash leaves the old or the new, never a
//! part, and refused when others can read them.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::TunnelError;

/// Largest private file, in bytes; each holds a few hundred.
const FILE_MAX: u64 = 65_536;

fn failed(path: &Path, source: std::io::Error) -> TunnelError {
    TunnelError::File {
        path: path.to_path_buf(),
        source,
    }
}

/// Makes a folder (0700) where there is none.
///
/// # Errors
/// [`TunnelError::File`].
pub fn make_folder(path: &Path) -> Result<(), TunnelError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| failed(path, source))
}

/// Reads a private file; none when there is none.
///
/// # Errors
/// [`TunnelError::FileExposed`] when others than its owner may read it,
/// [`TunnelError::FileDamaged`] when it is far too large, [`TunnelError::File`].
pub fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, TunnelError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, error)),
    };
    let metadata = file.metadata().map_err(|source| failed(path, source))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(TunnelError::FileExposed {
            path: path.to_path_buf(),
        });
    }
    // Room for the whole from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| failed(path, source))?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(TunnelError::FileDamaged {
            path: path.to_path_buf(),
        });
    }
    Ok(Some(bytes))
}

/// Replaces a private file (0600): when this returns, the new content survives a loss of power.
///
/// # Errors
/// [`TunnelError::File`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), TunnelError> {
    replace(path, bytes).map_err(|source| failed(path, source))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_added_extension("new");
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/secret");
        assert!(read(&path).unwrap().is_none());
        assert_eq!(write(&path, b"x").unwrap_err().code(), "tunnel.file");
        make_folder(path.parent().unwrap()).unwrap();
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(read(&path).unwrap().unwrap().as_slice(), b"second");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
        assert_eq!(read(&path).unwrap_err().code(), "tunnel.file_exposed");
    }
}
