//! What a collector reads through: a root folder and a runner of commands.
//!
//! The same collectors run on this machine (root `/`, real commands) and on recorded trees (a
//! folder, recorded answers). In a recorded tree neither an absolute symbolic link nor `..` leads
//! out of the tree.

mod path;
mod recorded;
mod runner;

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sekisho_domain::fact::UnseenReason;
use sekisho_domain::time::Timestamp;

pub use recorded::{RecordedError, open_recorded};
pub use runner::{Output, RunError, Runner, SystemRunner};

/// Largest file that is read whole, in bytes, unless a collector says otherwise.
pub const FILE_MAX: u64 = 16 * 1024 * 1024;

/// Largest number of names read from one folder.
pub const NAMES_MAX: usize = 65_536;

/// Why a file or folder could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("missing")]
    Missing,
    /// It is there and may not be read.
    #[error("denied")]
    Denied,
    /// It is larger than the limit, no regular file, or the device below it failed.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl ReadError {
    /// The reason as a fact states it.
    #[must_use]
    pub fn reason(&self, what: impl Into<String>) -> UnseenReason {
        let what = what.into();
        match self {
            Self::Missing => UnseenReason::SourceMissing { what },
            Self::Denied => UnseenReason::NeedsPrivilege { what },
            Self::Unreadable(detail) => UnseenReason::Unreadable {
                what,
                detail: detail.clone(),
            },
        }
    }

    fn from_io(error: &std::io::Error) -> Self {
        match error.kind() {
            // A path that leads through a file names nothing either.
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing,
            ErrorKind::PermissionDenied => Self::Denied,
            kind => Self::Unreadable(kind.to_string()),
        }
    }
}

/// What only a recorded tree has: a repository keeps neither owners nor times.
#[derive(Debug, Default)]
struct Overrides {
    denied: Vec<PathBuf>,
    modified: Vec<(PathBuf, Timestamp)>,
}

/// A machine to look at.
pub struct Host {
    root: PathBuf,
    runner: Box<dyn Runner>,
    privileged: bool,
    overrides: Overrides,
}

impl Host {
    /// The machine this program runs on.
    #[must_use]
    pub fn this_machine() -> Self {
        Self {
            root: PathBuf::from("/"),
            runner: Box::new(SystemRunner),
            privileged: rustix::process::geteuid().is_root(),
            overrides: Overrides::default(),
        }
    }

    /// Whether the observer has the administrator's privilege there.
    #[must_use]
    pub const fn privileged(&self) -> bool {
        self.privileged
    }

    fn is_tree(&self) -> bool {
        self.root != Path::new("/")
    }

    /// Where a path of the host lies on this machine.
    fn locate(&self, path: &Path) -> Result<PathBuf, ReadError> {
        if !self.is_tree() {
            return Ok(path.to_path_buf());
        }
        let inner = path::resolve_within(&self.root, path)?;
        if self.overrides.denied.iter().any(|d| inner.starts_with(d)) {
            return Err(ReadError::Denied);
        }
        Ok(path::below(&self.root, &inner))
    }

    /// The path with every symbolic link followed, as the host sees it. A last part that does not
    /// exist is no error: links to device nodes stay readable in a recorded tree.
    ///
    /// # Errors
    /// [`ReadError`] when a link loops or may not be read.
    pub fn resolve(&self, path: impl AsRef<Path>) -> Result<PathBuf, ReadError> {
        path::resolve_within(&self.root, path.as_ref())
    }

    /// Whether something is there: following links, whatever it is.
    ///
    /// # Errors
    /// [`ReadError::Denied`] when that may not be known.
    pub fn exists(&self, path: impl AsRef<Path>) -> Result<bool, ReadError> {
        let path = self.locate(path.as_ref())?;
        match std::fs::metadata(path) {
            Ok(_) => Ok(true),
            Err(error) => match ReadError::from_io(&error) {
                ReadError::Missing => Ok(false),
                other => Err(other),
            },
        }
    }

    /// Whether something is certainly there.
    #[must_use]
    pub fn has(&self, path: impl AsRef<Path>) -> bool {
        self.exists(path) == Ok(true)
    }

    /// Whether a name is there, be it a link that leads nowhere.
    #[must_use]
    pub fn has_link(&self, path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return false;
        };
        self.locate(parent)
            .is_ok_and(|parent| parent.join(name).symlink_metadata().is_ok())
    }

    /// Where a symbolic link points, as it is written.
    ///
    /// # Errors
    /// [`ReadError`]; unreadable when it is no link.
    pub fn read_link(&self, path: impl AsRef<Path>) -> Result<PathBuf, ReadError> {
        let path = path.as_ref();
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ReadError::Missing);
        };
        let link = self.locate(parent)?.join(name);
        std::fs::read_link(link).map_err(|error| ReadError::from_io(&error))
    }

    /// Opens a regular file.
    ///
    /// # Errors
    /// [`ReadError`] as for [`Host::read`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<File, ReadError> {
        let path = self.locate(path.as_ref())?;
        // Opening a named pipe would otherwise wait for a writer that never comes.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .map_err(|error| ReadError::from_io(&error))?;
        let metadata = file
            .metadata()
            .map_err(|error| ReadError::from_io(&error))?;
        if metadata.is_file() {
            Ok(file)
        } else {
            Err(ReadError::Unreadable("not a regular file".to_owned()))
        }
    }

    /// Reads a whole file of at most `max` bytes.
    ///
    /// # Errors
    /// [`ReadError`]: missing, denied and unreadable (too large, no regular file, failing device)
    /// are told apart.
    pub fn read_bounded(&self, path: impl AsRef<Path>, max: u64) -> Result<Vec<u8>, ReadError> {
        let file = self.open(path)?;
        let mut bytes = Vec::new();
        file.take(max + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| ReadError::from_io(&error))?;
        if bytes.len() as u64 > max {
            return Err(ReadError::Unreadable(format!("larger than {max} bytes")));
        }
        Ok(bytes)
    }

    /// Reads a whole file of at most [`FILE_MAX`] bytes.
    ///
    /// # Errors
    /// As [`Host::read_bounded`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, ReadError> {
        self.read_bounded(path, FILE_MAX)
    }

    /// Reads a whole text file; bytes that are not UTF-8 are written as `\xNN`.
    ///
    /// # Errors
    /// As [`Host::read_bounded`].
    pub fn read_text(&self, path: impl AsRef<Path>) -> Result<String, ReadError> {
        self.read(path).map(|bytes| text_of(&bytes))
    }

    /// The first line of a small file without surrounding space; none when it cannot be read or
    /// is empty. For marks under `/sys` and `/proc` whose absence says nothing.
    #[must_use]
    pub fn line(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = self.read_bounded(path, 65_536).ok()?;
        let text = text_of(&bytes);
        let line = text.lines().next()?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// [`ReadError`]; unreadable when there are more than [`NAMES_MAX`].
    pub fn list(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, ReadError> {
        let path = self.locate(path.as_ref())?;
        let entries = std::fs::read_dir(path).map_err(|error| ReadError::from_io(&error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| ReadError::from_io(&error))?;
            if names.len() == NAMES_MAX {
                return Err(ReadError::Unreadable(format!(
                    "more than {NAMES_MAX} names"
                )));
            }
            names.push(entry.file_name());
        }
        names.sort();
        Ok(names)
    }

    /// The names in a folder that are UTF-8, sorted; empty when there is no such folder.
    ///
    /// # Errors
    /// [`ReadError`] other than [`ReadError::Missing`].
    pub fn names(&self, path: impl AsRef<Path>) -> Result<Vec<String>, ReadError> {
        match self.list(path) {
            Ok(names) => Ok(names
                .into_iter()
                .filter_map(|n| n.into_string().ok())
                .collect()),
            Err(ReadError::Missing) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// When a file or folder was last changed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn modified(&self, path: impl AsRef<Path>) -> Result<Timestamp, ReadError> {
        let inner = self.resolve(path.as_ref())?;
        let located = self.locate(path.as_ref())?;
        let stored = self.overrides.modified.iter().find(|(p, _)| *p == inner);
        if let Some((_, at)) = stored {
            return Ok(*at);
        }
        let modified = std::fs::metadata(located)
            .and_then(|metadata| metadata.modified())
            .map_err(|error| ReadError::from_io(&error))?;
        if self.is_tree() {
            // A checkout's own times say nothing about the machine that was recorded.
            return Err(ReadError::Missing);
        }
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Ok(Timestamp::from_millis(millis))
    }

    /// Runs a command that only reads.
    ///
    /// # Errors
    /// [`RunError`]. A command that ran and failed is no error: its code is in the output.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<Output, RunError> {
        self.runner.run(program, args)
    }
}

/// Text of bytes: what is not UTF-8 is written as `\xNN`.
#[must_use]
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Text of a path: what is not UTF-8 is written as `\xNN`.
#[must_use]
pub fn text_of_path(path: &Path) -> String {
    text_of(path.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests;
