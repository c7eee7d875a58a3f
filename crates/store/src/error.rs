//! Everything that can go wrong in the data folder, with a stable code for each.
//!
//! The codes are the interface: messages in Japanese and English are looked up by code, and
//! scripts compare them. What the operating system or SQLite said is kept as the source and shown
//! only to operators.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A refusal or a fault of the store.
///
/// [`StoreError::code`] is stable; the `Display` text is for logs only.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A refusal or fault of a file or folder, told by its place.
    #[error("{code}: {path}")]
    Place {
        /// What is wrong.
        code: StoreCode,
        /// Where.
        path: PathBuf,
        /// What the operating system said, where it said something.
        #[source]
        source: Option<std::io::Error>,
    },
    /// A fault of a database file.
    #[error("{code} in {file}: {source}")]
    Database {
        /// What is wrong.
        code: StoreCode,
        /// Which database: `ledger`, `observations`, `accounts` or `people`.
        file: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A refusal that is about a thing inside the store, not about a place.
    #[error("{code}: {subject}")]
    Refused {
        /// What is wrong.
        code: StoreCode,
        /// What it is about: an id, a field or a number, never a secret.
        subject: String,
    },
}

/// Shorthand of this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Declares the codes once, so that name and text cannot drift apart.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The stable codes of [`StoreError`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum StoreCode { $($(#[$doc])* $name),+ }

        impl StoreCode {
            /// Every code, for the test that each has a message.
            pub const ALL: &[StoreCode] = &[$(StoreCode::$name),+];

            /// The code as it is printed and compared.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(StoreCode::$name => $text),+ }
            }
        }
    };
}

codes! {
    /// The path exists and is not a folder.
    NotAFolder = "not-a-folder",
    /// The folder or file does not exist.
    NotFound = "not-found",
    /// The operating system refuses access to this user.
    Permission = "permission",
    /// The folder belongs to another user.
    NotOurs = "not-ours",
    /// Group or others could write, or read secrets.
    TooOpen = "too-open",
    /// The file system or the file is read-only.
    ReadOnly = "read-only",
    /// No space is left.
    DiskFull = "disk-full",
    /// Too little space is left to begin.
    NoRoom = "no-room",
    /// The place takes no folders.
    CannotMake = "cannot-make",
    /// The folder holds files that are not Sekisho's.
    ForeignFiles = "foreign-files",
    /// Another process holds the folder.
    Locked = "locked",
    /// The database stayed busy longer than the waiting time.
    Busy = "busy",
    /// The database file is damaged.
    Corrupt = "corrupt",
    /// The file is not a database at all.
    NotADatabase = "not-a-database",
    /// The database was written by a newer version of the program.
    NewerVersion = "newer-version",
    /// Input or output failed in another way.
    Io = "io",
    /// The database refused in another way: a fault of the program.
    Sql = "sql",
    /// A stored value cannot be read back: the row is damaged.
    BadValue = "bad-value",
    /// A value given by the caller is outside its limits.
    BadInput = "bad-input",
    /// The thing already exists.
    Exists = "exists",
    /// No such row.
    Unknown = "unknown",
    /// The master key is missing.
    MasterKeyMissing = "master-key-missing",
    /// The master key has the wrong form.
    MasterKeyMalformed = "master-key-malformed",
    /// The master key (or passphrase) does not open the keys of this folder.
    MasterKeyWrong = "master-key-wrong",
    /// A sealed value does not open: changed, or sealed for another purpose.
    Unsealable = "unsealable",
    /// The person was forgotten: the key is gone for good.
    Forgotten = "forgotten",
    /// The operating system gave no random bytes.
    NoEntropy = "no-entropy",
    /// The folder is a restored one whose list of forgotten persons is not yet applied.
    RestorePending = "restore-pending",
    /// A restore needs an empty folder.
    TargetNotEmpty = "target-not-empty",
    /// The backup has no readable manifest.
    ManifestMissing = "manifest-missing",
    /// A file of the backup differs from its manifest.
    ManifestMismatch = "manifest-mismatch",
    /// The keys given belong to another backup.
    KeysMismatch = "keys-mismatch",
    /// A restore needs the list of forgotten persons, or the word that there is none.
    ForgottenListRequired = "forgotten-list-required",
    /// The list of forgotten persons cannot be read.
    ForgottenListMalformed = "forgotten-list-malformed",
}

impl std::fmt::Display for StoreCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl StoreError {
    /// A refusal about a place, without a word of the operating system.
    #[must_use]
    pub fn at(code: StoreCode, path: impl Into<PathBuf>) -> Self {
        Self::Place {
            code,
            path: path.into(),
            source: None,
        }
    }

    /// A refusal about a thing named by `subject` (an id or a number, never a secret).
    #[must_use]
    pub fn refused(code: StoreCode, subject: impl Into<String>) -> Self {
        Self::Refused {
            code,
            subject: subject.into(),
        }
    }

    /// An error of the operating system at `path`, sorted into its code.
    #[must_use]
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Place {
            code: io_code(&source),
            path: path.to_path_buf(),
            source: Some(source),
        }
    }

    /// An error of SQLite in the database named `file`, sorted into its code.
    #[must_use]
    pub fn sql(file: &'static str, source: rusqlite::Error) -> Self {
        Self::Database {
            code: sql_code(&source),
            file,
            source,
        }
    }

    /// The stable code: what messages are looked up by and scripts compare.
    #[must_use]
    pub const fn kind(&self) -> StoreCode {
        match self {
            Self::Place { code, .. } | Self::Database { code, .. } | Self::Refused { code, .. } => {
                *code
            }
        }
    }

    /// [`StoreError::kind`] as text, such as `disk-full`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind().as_str()
    }

    /// Where or what: a path, the name of a database, or an id.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Place { path, .. } => path.display().to_string(),
            Self::Database { file, .. } => (*file).to_owned(),
            Self::Refused { subject, .. } => subject.clone(),
        }
    }
}

/// Sorts an error of the operating system.
fn io_code(error: &std::io::Error) -> StoreCode {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => StoreCode::NotFound,
        ErrorKind::PermissionDenied => StoreCode::Permission,
        ErrorKind::ReadOnlyFilesystem => StoreCode::ReadOnly,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreCode::DiskFull
        }
        ErrorKind::NotADirectory => StoreCode::NotAFolder,
        ErrorKind::AlreadyExists => StoreCode::Exists,
        _ => StoreCode::Io,
    }
}

/// Sorts an error of SQLite. A value of the wrong type in a row is damage, not a fault of ours.
fn sql_code(error: &rusqlite::Error) -> StoreCode {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => StoreCode::DiskFull,
            ErrorCode::ReadOnly => StoreCode::ReadOnly,
            ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
                StoreCode::Permission
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreCode::Busy,
            ErrorCode::DatabaseCorrupt => StoreCode::Corrupt,
            ErrorCode::NotADatabase => StoreCode::NotADatabase,
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure => StoreCode::Io,
            ErrorCode::ConstraintViolation => StoreCode::Exists,
            _ => StoreCode::Sql,
        },
        rusqlite::Error::QueryReturnedNoRows => StoreCode::Unknown,
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => StoreCode::BadValue,
        _ => StoreCode::Sql,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_kebab_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in StoreCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} twice");
            assert!(
                text.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{text}"
            );
        }
    }

    #[test]
    fn sqlite_results_are_sorted_by_their_primary_code() {
        use rusqlite::ffi;
        let table = [
            (ffi::SQLITE_FULL, StoreCode::DiskFull),
            (ffi::SQLITE_READONLY, StoreCode::ReadOnly),
            (ffi::SQLITE_READONLY_DIRECTORY, StoreCode::ReadOnly),
            (ffi::SQLITE_BUSY, StoreCode::Busy),
            (ffi::SQLITE_BUSY_SNAPSHOT, StoreCode::Busy),
            (ffi::SQLITE_CORRUPT, StoreCode::Corrupt),
            (ffi::SQLITE_NOTADB, StoreCode::NotADatabase),
            (ffi::SQLITE_IOERR_FSYNC, StoreCode::Io),
            (ffi::SQLITE_CONSTRAINT_PRIMARYKEY, StoreCode::Exists),
        ];
        for (result, code) in table {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(result), None);
            assert_eq!(StoreError::sql("observations", error).kind(), code);
        }
    }
}
