//! Files that the configuration names: read within bounds, and secret ones only where nobody but their
//! owner may read them.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::fault::Fault;

/// Anybody but the owner.
const OTHERS: u32 = 0o077;

/// The bytes of a file of at most `most` bytes.
///
/// # Errors
/// `code` where it cannot be read or is larger.
pub fn bounded(path: &Path, most: u64, code: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error, code))?;
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error, code))?;
    if bytes.len() as u64 > most {
        return Err(Fault::new(code).about(path.display()));
    }
    Ok(bytes)
}

/// Whether nobody but its owner may read a file.
///
/// # Errors
/// `code` where it cannot be looked at.
pub fn is_private(path: &Path, code: &str) -> Result<bool, Fault> {
    let known = std::fs::metadata(path).map_err(|error| unreadable(path, &error, code))?;
    Ok(known.permissions().mode() & OTHERS == 0)
}

/// A credential of the service manager (`LoadCredentialEncrypted=NAME`), where it gives one.
pub fn credential(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
    Some(PathBuf::from(folder).join(name)).filter(|path| path.exists())
}

fn unreadable(path: &Path, error: &std::io::Error, code: &str) -> Fault {
    tracing::debug!(%error, code, "a file that the configuration names cannot be read");
    Fault::new(code).about(path.display())
}
