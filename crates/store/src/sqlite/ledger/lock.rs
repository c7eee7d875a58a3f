//! One process at a time on a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Result, StoreCode, StoreError};
use crate::files;

/// The name of the lock file in the data folder.
pub const LOCK_FILE: &str = "lock";

/// The operating system's lock on a data folder; it ends with the process, however that ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of the folder `data`, or refuses at once. The file holds the number of the
    /// process that has the lock, see [`DataLock::holder`].
    ///
    /// # Errors
    /// `locked` where another process has it; `read-only`, `permission`, `disk-full`, `io`.
    pub fn acquire(data: &Path) -> Result<Self> {
        let path = data.join(LOCK_FILE);
        let fault = |e| StoreError::io(&path, e);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(files::FILE_MODE)
            .open(&path)
            .map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read_holder(&mut file);
                let said = holder.map_or_else(String::new, |pid| format!("process {pid}"));
                return Err(StoreError::Place {
                    code: StoreCode::Locked,
                    path,
                    source: Some(std::io::Error::other(said)),
                });
            }
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(fault)?;
        Ok(Self { _file: file })
    }

    /// The process that took the lock of the folder `data` last.
    #[must_use]
    pub fn holder(data: &Path) -> Option<u32> {
        read_holder(&mut File::open(data.join(LOCK_FILE)).ok()?)
    }
}

/// The process number in a lock file.
fn read_holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
