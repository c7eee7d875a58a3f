//! Why a checkpoint did not get out, or a target is refused.

use std::path::Path;

use sekisho_store::StoreError;

/// A stable code and what it is about. The sentences are in the message catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code: `checkpoint.…`, or a code of the store.
    pub code: String,
    /// A path, an address, or what the other side said; never a secret.
    pub detail: String,
}

impl Failure {
    /// A failure by code.
    pub(crate) fn new(code: &str, detail: impl std::fmt::Display) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.to_string(),
        }
    }

    /// What the operating system said of a path, sorted into the store's codes.
    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        StoreError::io(path, error).into()
    }

    /// As the outbox keeps it: the code, a space, the detail.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.code, self.detail)
    }

    /// Reads [`Failure::line`].
    pub(crate) fn from_line(line: &str) -> Self {
        let (code, detail) = line.split_once(' ').unwrap_or((line, ""));
        Self::new(code, detail)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.code(), error.subject())
    }
}
