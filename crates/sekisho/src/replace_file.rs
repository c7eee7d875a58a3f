//! Replaces a file whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use sekisho_store::StoreError;

/// Puts other bytes in a file's place. What was kept last is never lost to a full disk.
///
/// # Errors
/// [`StoreError`] with the path.
pub fn with(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|error| {
        // Best effort: what is left of a failed attempt is in nobody's way.
        let _ = fs::remove_file(&fresh);
        StoreError::io(path, error)
    })
}
