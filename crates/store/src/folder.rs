//! The data folder: what lies where, and who may look.
//!
//! The folder is made with mode 0700. One that others could write, that belongs to somebody else
//! or that holds somebody else's files is refused: whoever can write here can replace the ledger.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Result, StoreCode, StoreError};
use crate::files;

/// The least space that a start needs, in bytes: the databases of an empty folder with their logs.
const ROOM: u64 = 4 << 20;

/// Names that may lie in a data folder, by their beginning (databases bring `-wal` and `-shm`).
/// `lost+found` is there when the folder is the root of a file system.
const OURS: &[&str] = &[
    "ledger.sqlite",
    "observations.sqlite",
    "accounts.sqlite",
    "snapshots",
    "keys",
    "admin.sock",
    "checkpoints",
    "agent",
    "lock",
    "restore.pending",
    "sekisho.",
    "demo",
    ".gitignore",
    ".probe",
    "lost+found",
];

/// A data folder that was checked and is ours.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// Opens the folder at `path`, making it where it is missing, and proves that it can be
    /// written.
    ///
    /// # Errors
    /// `not-a-folder`, `not-ours`, `too-open`, `foreign-files`, `permission`, `read-only`,
    /// `disk-full`, `no-room`, `cannot-make`, `restore-pending`.
    pub fn create_or_open(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => files::make_folder(path)?,
            Err(e) => return Err(StoreError::io(path, e)),
        }
        let folder = Self::open_existing(path)?;
        folder.make_subfolders()?;
        folder.require_writable()?;
        files::require_room(folder.root(), ROOM)?;
        Ok(folder)
    }

    /// Opens an existing folder without writing anything.
    ///
    /// # Errors
    /// `not-found`, `not-a-folder`, `not-ours`, `too-open`, `foreign-files`, `permission`,
    /// `restore-pending`.
    pub fn open_existing(path: &Path) -> Result<Self> {
        let root = checked(path)?;
        let folder = Self { root };
        folder.refuse_foreign_files()?;
        if folder.restore_pending().exists() {
            return Err(StoreError::at(
                StoreCode::RestorePending,
                folder.restore_pending(),
            ));
        }
        Ok(folder)
    }

    /// The folder a restore is filling: it carries `restore.pending` on purpose.
    pub(crate) fn for_restore(path: &Path) -> Result<Self> {
        files::make_folder(path)?;
        Ok(Self {
            root: checked(path)?,
        })
    }

    /// Makes what belongs inside, with closed modes.
    pub(crate) fn make_subfolders(&self) -> Result<()> {
        for sub in [self.snapshots(), self.keys(), self.checkpoints()] {
            files::make_folder(&sub)?;
        }
        files::require_private(&self.keys())
    }

    /// Refuses a folder that was somebody else's before we came: without a ledger or keys of
    /// ours, every name must be one of ours. Later additions of the operator are left alone.
    fn refuse_foreign_files(&self) -> Result<()> {
        if self.ledger().exists() || self.keys().exists() {
            return Ok(());
        }
        let entries = fs::read_dir(&self.root).map_err(|e| StoreError::io(&self.root, e))?;
        for entry in entries {
            let name = entry
                .map_err(|e| StoreError::io(&self.root, e))?
                .file_name();
            let ours = name
                .to_str()
                .is_some_and(|n| OURS.iter().any(|o| n.starts_with(o)));
            if !ours {
                return Err(StoreError::at(
                    StoreCode::ForeignFiles,
                    self.root.join(name),
                ));
            }
        }
        Ok(())
    }

    /// Writes and removes a small file, so that a read-only or full disk is told at the start.
    fn require_writable(&self) -> Result<()> {
        let probe = self.root.join(".probe");
        files::replace(&probe, &[0; 4096])?;
        fs::remove_file(&probe).map_err(|e| StoreError::io(&probe, e))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ledger's database.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger.sqlite")
    }

    /// The database of observations.
    #[must_use]
    pub fn observations(&self) -> PathBuf {
        self.root.join("observations.sqlite")
    }

    /// The database of accounts.
    #[must_use]
    pub fn accounts(&self) -> PathBuf {
        self.root.join("accounts.sqlite")
    }

    /// Snapshots of the World: a disposable cache.
    #[must_use]
    pub fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The keys (0700).
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The socket of the shell (0600, made by the server).
    #[must_use]
    pub fn admin_socket(&self) -> PathBuf {
        self.root.join("admin.sock")
    }

    /// Copies of the signed checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    /// The mark that checkpoints wait here for the word of an operator before they go anywhere:
    /// the folder was restored.
    #[must_use]
    pub fn targets_held(&self) -> PathBuf {
        self.checkpoints().join("held")
    }

    /// The mark of a restore that is not finished.
    #[must_use]
    pub fn restore_pending(&self) -> PathBuf {
        self.root.join("restore.pending")
    }
}

/// The folder at `path`, if it is one, is ours, and only we can write in it.
fn checked(path: &Path) -> Result<PathBuf> {
    let root = fs::canonicalize(path).map_err(|e| StoreError::io(path, e))?;
    let meta = fs::metadata(&root).map_err(|e| StoreError::io(path, e))?;
    if !meta.is_dir() {
        return Err(StoreError::at(StoreCode::NotAFolder, path));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(StoreError::at(StoreCode::NotOurs, path));
    }
    if meta.permissions().mode() & 0o022 != 0 {
        return Err(StoreError::at(StoreCode::TooOpen, path));
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_fresh_folder_is_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::create_or_open(&dir.path().join("a/data")).unwrap();
        for path in [
            folder.root().to_path_buf(),
            folder.keys(),
            folder.snapshots(),
        ] {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
        }
        DataFolder::create_or_open(folder.root()).unwrap();
        assert!(!folder.root().join(".probe").exists());
    }

    #[test]
    fn folders_that_are_not_safe_are_refused_by_code() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, b"x").unwrap();
        assert_eq!(
            DataFolder::create_or_open(&file).unwrap_err().code(),
            "not-a-folder"
        );
        let below_file = file.join("data");
        assert_eq!(
            DataFolder::create_or_open(&below_file).unwrap_err().code(),
            "not-a-folder"
        );
        let missing = dir.path().join("none");
        assert_eq!(
            DataFolder::open_existing(&missing).unwrap_err().code(),
            "not-found"
        );

        for open in [0o770, 0o707, 0o1777] {
            let path = dir.path().join(format!("open{open}"));
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            assert_eq!(
                DataFolder::create_or_open(&path).unwrap_err().code(),
                "too-open"
            );
        }

        let foreign = dir.path().join("foreign");
        files::make_folder(&foreign).unwrap();
        fs::write(foreign.join("thesis.odt"), b"x").unwrap();
        let error = DataFolder::create_or_open(&foreign).unwrap_err();
        assert_eq!(error.code(), "foreign-files");
        assert!(error.subject().ends_with("thesis.odt"));
        assert!(!foreign.join("keys").exists(), "nothing was made in it");
    }

    #[test]
    fn keys_that_others_can_read_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::create_or_open(&dir.path().join("data")).unwrap();
        fs::set_permissions(folder.keys(), fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(
            DataFolder::create_or_open(folder.root())
                .unwrap_err()
                .code(),
            "too-open"
        );
    }

    #[test]
    fn an_unfinished_restore_is_not_served() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::create_or_open(&dir.path().join("data")).unwrap();
        fs::write(folder.restore_pending(), b"{}").unwrap();
        let error = DataFolder::create_or_open(folder.root()).unwrap_err();
        assert_eq!(error.code(), "restore-pending");
    }
}
