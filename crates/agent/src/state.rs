//! The agent's state folder: written so that a crash leaves the old or the new, never a part.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sekisho_tunnel::{TunnelError, private_file};
use zeroize::Zeroizing;

use crate::error::AgentError;

/// A state folder, held by one agent at a time.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Held for as long as the folder is in use; the lock ends with the process.
    _lock: File,
}

impl StateDir {
    /// Opens the folder, making it (0700) when it is not there, and locks it.
    ///
    /// # Errors
    /// [`AgentError::StateInUse`] when another agent holds it, [`AgentError::StateFile`].
    pub fn open(path: &Path) -> Result<Self, AgentError> {
        let failed = |path: PathBuf| move |source| AgentError::StateFile { path, source };
        private_file::make_folder(path).map_err(said)?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed(lock_path.clone()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_path_buf(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(AgentError::StateInUse {
                path: path.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(lock_path)(source)),
        }
    }

    /// The path of one file.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn failed(&self, name: &str, source: std::io::Error) -> AgentError {
        AgentError::StateFile {
            path: self.file(name),
            source,
        }
    }

    /// That a file is damaged.
    pub(crate) fn damaged(&self, name: &str) -> AgentError {
        AgentError::StateDamaged {
            path: self.file(name),
        }
    }

    /// Reads a file; none when there is none. One that others than its owner may read is refused.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, AgentError> {
        private_file::read(&self.file(name)).map_err(said)
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), AgentError> {
        match std::fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(name, error)),
            _ => Ok(()),
        }
    }

    /// Replaces a file (0600): when this returns, the new content survives a loss of power.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), AgentError> {
        private_file::write(&self.file(name), bytes).map_err(said)
    }
}

/// What befell a private file, in the words of the state folder.
fn said(error: TunnelError) -> AgentError {
    match error {
        TunnelError::File { path, source } => AgentError::StateFile { path, source },
        TunnelError::FileExposed { path } => AgentError::KeyExposed { path },
        TunnelError::FileDamaged { path } => AgentError::StateDamaged { path },
        other => other.into(),
    }
}
