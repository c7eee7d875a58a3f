//! The agent's state folder: written so that a crash leaves the old or the new, never a part.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::AgentError;

/// Largest file of the folder; each holds a few hundred bytes.
const FILE_MAX: u64 = 65_536;

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
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed(path.to_path_buf()))?;
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

    /// Reads a file; none when there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, AgentError> {
        let file = match File::open(self.file(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(name, error)),
        };
        let mut bytes = Vec::new();
        file.take(FILE_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.failed(name, error))?;
        if bytes.len() as u64 > FILE_MAX {
            return Err(self.damaged(name));
        }
        Ok(Some(bytes))
    }

    /// Refuses a secret that others than its owner may read.
    pub(crate) fn check_private(&self, name: &str) -> Result<(), AgentError> {
        let metadata = std::fs::metadata(self.file(name));
        let mode = metadata
            .map_err(|error| self.failed(name, error))?
            .permissions()
            .mode();
        if mode & 0o077 == 0 {
            Ok(())
        } else {
            Err(AgentError::KeyExposed {
                path: self.file(name),
            })
        }
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
        self.write_io(name, bytes)
            .map_err(|error| self.failed(name, error))
    }

    fn write_io(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let temporary = self.file(&format!("{name}.new"));
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
        std::fs::rename(&temporary, self.file(name))?;
        File::open(&self.path)?.sync_all()
    }
}
