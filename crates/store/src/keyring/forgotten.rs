//! The list of forgotten persons: `keys/forgotten`, a text file that only grows.
//!
//! One line a person: id, a tab, the time in milliseconds since the epoch. It names opaque ids
//! only. A copy is kept outside the machine: restoring an older backup brings the keys back, and
//! only this list can take them away again.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Result, StoreCode, StoreError};
use crate::files;

/// Name of the file below `keys/`.
pub(crate) const FILE: &str = "forgotten";

/// Longest list that is read: some two million persons.
const LIMIT: u64 = 128 << 20;

/// Longest id of a person.
const ID_LIMIT: usize = 128;

/// A list of forgotten persons, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgottenList {
    persons: BTreeMap<String, i64>,
}

impl ForgottenList {
    /// Reads a list that was exported or copied.
    ///
    /// # Errors
    /// `not-found`, `forgotten-list-malformed`. A last line without its end is malformed here: a
    /// copy that was cut must not pass for the whole.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = files::read_bounded(path, LIMIT, StoreCode::ForgottenListMalformed)?;
        Self::parse(&bytes).ok_or_else(|| StoreError::at(StoreCode::ForgottenListMalformed, path))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if !text.is_empty() && !text.ends_with('\n') {
            return None;
        }
        let mut persons = BTreeMap::new();
        for line in text.lines() {
            let (person, at) = line.split_once('\t')?;
            let at = at.parse().ok()?;
            if !valid_id(person) {
                return None;
            }
            persons.entry(person.to_owned()).or_insert(at);
        }
        Some(Self { persons })
    }

    /// The persons and when each was forgotten.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.persons
            .iter()
            .map(|(person, at)| (person.as_str(), *at))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// Whether nobody was forgotten.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }
}

/// An id of a person that fits a line: printable ASCII without blanks, 1 to 128 bytes.
pub(crate) fn valid_id(person: &str) -> bool {
    !person.is_empty() && person.len() <= ID_LIMIT && person.bytes().all(|b| b.is_ascii_graphic())
}

/// The live list of a data folder.
#[derive(Debug)]
pub struct Forgotten {
    path: PathBuf,
    list: ForgottenList,
}

impl Forgotten {
    /// Opens the list in `keys`, making an empty one. A last line without its end was being
    /// written when the machine stopped: nobody was told it was done, so it is cut off.
    ///
    /// # Errors
    /// `forgotten-list-malformed` and the codes of the file system.
    pub(crate) fn open(keys: &Path) -> Result<Self> {
        let path = keys.join(FILE);
        if !path.exists() {
            files::write_new(&path, b"")?;
        }
        let bytes = files::read_bounded(&path, LIMIT, StoreCode::ForgottenListMalformed)?;
        let whole = bytes
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        if whole < bytes.len() {
            OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|f| f.set_len(whole as u64).and_then(|()| f.sync_all()))
                .map_err(|e| StoreError::io(&path, e))?;
        }
        let list = ForgottenList::parse(&bytes[..whole])
            .ok_or_else(|| StoreError::at(StoreCode::ForgottenListMalformed, &path))?;
        Ok(Self { path, list })
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &ForgottenList {
        &self.list
    }

    /// Whether `person` is on the list.
    #[must_use]
    pub fn contains(&self, person: &str) -> bool {
        self.list.persons.contains_key(person)
    }

    /// Adds persons durably; those already listed keep their time.
    pub(crate) fn add<'a>(&mut self, persons: impl Iterator<Item = (&'a str, i64)>) -> Result<()> {
        let mut fresh = BTreeMap::new();
        for (person, at) in persons {
            if !valid_id(person) {
                return Err(StoreError::refused(StoreCode::BadInput, "person id"));
            }
            if !self.contains(person) {
                fresh.entry(person.to_owned()).or_insert(at);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let lines: String = fresh
            .iter()
            .map(|(person, at)| format!("{person}\t{at}\n"))
            .collect();
        let append = || {
            let mut file = OpenOptions::new()
                .append(true)
                .mode(files::FILE_MODE)
                .open(&self.path)?;
            let before = file.metadata()?.len();
            let written = file
                .write_all(lines.as_bytes())
                .and_then(|()| file.sync_all());
            if written.is_err() {
                // A half line would make the next one unreadable.
                file.set_len(before)?;
            }
            written
        };
        append().map_err(|e| StoreError::io(&self.path, e))?;
        self.list.persons.append(&mut fresh);
        Ok(())
    }

    /// Writes a copy of the list to `path`, to be kept outside the machine; an older copy is
    /// replaced whole.
    ///
    /// # Errors
    /// The codes of the file system.
    pub fn export(&self, path: &Path) -> Result<()> {
        let bytes = fs::read(&self.path).map_err(|e| StoreError::io(&self.path, e))?;
        files::replace(path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_survives_reopening_and_a_torn_last_line() {
        let dir = tempfile::tempdir().unwrap();
        let mut live = Forgotten::open(dir.path()).unwrap();
        live.add([("p-1", 10), ("p-2", 20)].into_iter()).unwrap();
        live.add([("p-1", 99)].into_iter()).unwrap();
        let path = dir.path().join(FILE);
        fs::write(
            &path,
            [fs::read(&path).unwrap(), b"p-3\t3".to_vec()].concat(),
        )
        .unwrap();

        assert_eq!(
            ForgottenList::read(&path).unwrap_err().code(),
            "forgotten-list-malformed"
        );
        let mut live = Forgotten::open(dir.path()).unwrap();
        assert_eq!(
            live.list().iter().collect::<Vec<_>>(),
            [("p-1", 10), ("p-2", 20)]
        );
        live.add([("p-3", 30)].into_iter()).unwrap();
        assert_eq!(ForgottenList::read(&path).unwrap().len(), 3);
    }

    #[test]
    fn ids_that_would_break_a_line_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut live = Forgotten::open(dir.path()).unwrap();
        for bad in ["", "a b", "a\tb", "a\nb", "山田", &"x".repeat(129)] {
            let error = live.add([(bad, 1)].into_iter()).unwrap_err();
            assert_eq!(error.code(), "bad-input", "{bad}");
        }
        assert!(live.list().is_empty());
        for bad in ["p-1 5\n", "p-1\tx\n", "p-1\n", "p-1\t5"] {
            assert!(ForgottenList::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
